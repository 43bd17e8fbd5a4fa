package org.bitbeam.physics.calo;

import java.util.HashMap;
import java.util.Map;
import org.bitbeam.runtime.ModelException;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.TensorInfo;

/**
 * The velocity field of conditional flow matching: a network of a state {@code x}, a time {@code t}
 * and a condition, which is its third input, whatever its name. Safe to use from several threads.
 */
final class VelocityNetwork {
  private static final String STATE = "x";
  private static final String TIME = "t";

  private final Network network;
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
    this.network = network;
    this.columns = columns;
    this.conditions = conditions;
    Map<String, TensorInfo> inputs = new HashMap<>();
    network.inputs().forEach(info -> inputs.put(info.name(), info));
    TensorInfo state = inputs.remove(STATE);
    TensorInfo time = inputs.remove(TIME);
    if (state == null || time == null || inputs.size() != 1) {
      throw new IllegalArgumentException(
          network + " takes " + network.inputs() + ", expected x, t and a condition");
    }
    TensorInfo third = inputs.values().iterator().next();
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
          x[i * columns + k] = (float) states[from * columns + k];
        }
      }
      int[] shape = stateShape.clone();
      shape[0] = sent.length;
      Map<String, Tensor> inputs =
          Map.of(
              STATE,
              Tensor.of(x, shape),
              TIME,
              Tensor.of(t, sent.length, 1),
              condition,
              which.length == rows ? all : select(given, which));
      float[] velocity = first(network, network.run(inputs), sent.length * columns).floats();
      for (int i = 0; i < target.length; i++) {
        target[i] = velocity[i];
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
