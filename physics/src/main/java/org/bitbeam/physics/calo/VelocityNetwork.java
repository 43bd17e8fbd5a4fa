package org.bitbeam.physics.calo;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bitbeam.runtime.ModelException;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.TensorInfo;

/**
 * The velocity field of conditional flow matching: a network of a state {@code x}, a time {@code t}
 * and a condition, which is its third input, whatever its name. A part of its work may be done
 * around it: {@link Around}. Safe to use from several threads.
 */
final class VelocityNetwork {
  private static final String STATE = "x";
  private static final String TIME = "t";

  /**
   * What is done around a network.
   *
   * @param order which number of a state is at each place of {@code x} and of the velocity; empty
   *     if they are the same
   * @param constants further inputs that are always the same, such as features of positions
   * @param conditioning takes time and condition in place of the network, whose inputs are its
   *     outputs, by name: such as the modulations of its layers
   */
  record Around(int[] order, Map<String, Tensor> constants, Optional<Network> conditioning) {
    static final Around NOTHING = new Around(new int[0], Map.of(), Optional.empty());

    /** Where a number of {@code x} is in the state. */
    int of(int place) {
      return order.length == 0 ? place : order[place];
    }

    private String describe() {
      return constants.keySet()
          + conditioning.map(n -> " from the bundle and " + n.outputs() + " from " + n).orElse("");
    }
  }

  private final Network network;
  private final Around around;
  private final String condition;
  private final int[] stateShape;
  private final int columns;
  private final int conditions;

  /**
   * A network, checked.
   *
   * @param columns numbers in a state
   * @param conditions numbers in a condition
   * @throws IllegalArgumentException when the network takes something else
   */
  VelocityNetwork(Network network, int columns, int conditions) {
    this(network, columns, conditions, Around.NOTHING);
  }

  /** The same with a part of the work done around it. */
  VelocityNetwork(Network network, int columns, int conditions, Around around) {
    this.network = network;
    this.columns = columns;
    this.conditions = conditions;
    this.around = around;
    Map<String, TensorInfo> inputs = byName(network.inputs());
    TensorInfo state = inputs.remove(STATE);
    boolean known = around.constants().keySet().stream().allMatch(inputs::containsKey);
    inputs.keySet().removeAll(around.constants().keySet());
    Map<String, TensorInfo> given = inputs;
    if (around.conditioning().isPresent()) {
      known &= byName(around.conditioning().get().outputs()).keySet().equals(inputs.keySet());
      given = byName(around.conditioning().get().inputs());
    }
    TensorInfo time = given.remove(TIME);
    if (!known || state == null || time == null || given.size() != 1) {
      throw new IllegalArgumentException(
          network
              + " takes "
              + network.inputs()
              + ", expected x, t and a condition"
              + (around == Around.NOTHING ? "" : ", with " + around.describe()));
    }
    TensorInfo third = given.values().iterator().next();
    this.condition = third.name();
    this.stateShape = state.shape().stream().mapToInt(Integer::intValue).toArray();
    if (rowSize(state) != columns || rowSize(time) != 1 || rowSize(third) != conditions) {
      throw new IllegalArgumentException(
          network
              + " takes "
              + network.inputs()
              + ", expected "
              + columns
              + " numbers, a time and "
              + conditions
              + " numbers for each row");
    }
  }

  private static Map<String, TensorInfo> byName(List<TensorInfo> values) {
    Map<String, TensorInfo> named = new HashMap<>();
    values.forEach(info -> named.put(info.name(), info));
    return named;
  }

  /** Numbers in a row of an input; -1 if that is open. */
  static int rowSize(TensorInfo info) {
    int size = 1;
    for (int axis : info.shape().subList(1, info.shape().size())) {
      size = axis < 0 || size < 0 ? -1 : size * axis;
    }
    return size;
  }

  /**
   * The equation for rows of given conditions, for one thread.
   *
   * @param given the condition of each row; more of them are left alone
   */
  OdeSolver.Velocity under(float[] given, int rows) {
    Tensor all = select(given, RungeKutta.all(rows));
    return (which, times, states, target) -> {
      int[] sent = sent(which);
      float[] x = new float[sent.length * columns];
      float[] t = new float[sent.length];
      for (int i = 0; i < sent.length; i++) {
        int from = i % which.length;
        t[i] = (float) times[from];
        for (int k = 0; k < columns; k++) {
          x[i * columns + k] = (float) states[from * columns + around.of(k)];
        }
      }
      int[] shape = stateShape.clone();
      shape[0] = sent.length;
      Map<String, Tensor> conditioned =
          Map.of(
              TIME,
              Tensor.of(t, sent.length, 1),
              condition,
              which.length == rows ? all : select(given, which));
      Map<String, Tensor> inputs = new HashMap<>(around.constants());
      inputs.putAll(
          around.conditioning().isPresent()
              ? around.conditioning().get().run(conditioned)
              : conditioned);
      inputs.put(STATE, Tensor.of(x, shape));
      float[] velocity = first(network, network.run(inputs), sent.length * columns).floats();
      for (int i = 0; i < which.length; i++) {
        for (int k = 0; k < columns; k++) {
          target[i * columns + around.of(k)] = velocity[i * columns + k];
        }
      }
    };
  }

  /** Engines take other code paths, with other roundings, for a single row: send it twice. */
  static int[] sent(int[] rows) {
    return rows.length == 1 ? new int[] {rows[0], rows[0]} : rows;
  }

  private Tensor select(float[] given, int[] which) {
    int[] sent = sent(which);
    float[] selected = new float[sent.length * conditions];
    for (int i = 0; i < sent.length; i++) {
      System.arraycopy(given, sent[i] * conditions, selected, i * conditions, conditions);
    }
    return Tensor.of(selected, sent.length, conditions);
  }

  /** The first of some outputs, checked. */
  static Tensor first(Network network, Map<String, Tensor> outputs, int size) {
    Tensor output = outputs.values().iterator().next();
    if (output.size() != size) {
      throw new ModelException(
          network + ": its output is " + output + ", expected " + size + " numbers");
    }
    return output;
  }
}
