package org.bitbeam.training;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bitbeam.physics.calo.CounterRandom;

/**
 * The velocity of CaloDREAM's energy network (specs/models.md 5.2): of one number u_i at a time t
 * under the embedding of what is before it. Layers: {@code energy.time}, {@code energy.flow.0}, ...
 *
 * @param embedding width of the embedding, and of the embedding of the time
 * @param width of the hidden layers
 * @param hidden layers of {@code width x width}; the published bit variant makes these ternary
 * @param frequencies of the time in turns: sines, then cosines; half the width of its embedding
 */
record EnergyVelocity(int embedding, int width, int hidden, List<Float> frequencies)
    implements TrainableNetwork {
  static final String STATE = "x";
  static final String TIME = "t";
  static final String EMBEDDING = "embedding";

  private static final float TWO_PI = (float) (2 * Math.PI);
  private static final float SCALE = 30; // of the published frequencies

  EnergyVelocity {
    frequencies = List.copyOf(frequencies);
  }

  /** Frequencies that are normal numbers of deviation 30, as published. */
  static EnergyVelocity of(int embedding, int width, int hidden, CounterRandom random) {
    double[] normals = new double[embedding / 2];
    random.normals(0, 0, normals, 0, normals.length);
    return new EnergyVelocity(
        embedding,
        width,
        hidden,
        Arrays.stream(normals).mapToObj(n -> (float) (SCALE * n)).toList());
  }

  @Override
  public String name() {
    return "energy-velocity";
  }

  @Override
  public String description() {
    return "Velocity of layer energies: " + hidden + " layers of " + width;
  }

  @Override
  public List<Input> inputs() {
    return List.of(
        new Input(STATE, List.of(1)),
        new Input(TIME, List.of(1)),
        new Input(EMBEDDING, List.of(embedding)));
  }

  @Override
  public String output() {
    return "velocity";
  }

  @Override
  public <T> T apply(Operations<T> operations, Map<String, T> inputs) {
    return apply(
        operations,
        Objects.requireNonNull(inputs.get(STATE)),
        Objects.requireNonNull(inputs.get(TIME)),
        Objects.requireNonNull(inputs.get(EMBEDDING)));
  }

  <T> T apply(Operations<T> operations, T state, T time, T embedded) {
    float[] turns = new float[frequencies.size()];
    for (int i = 0; i < turns.length; i++) {
      turns[i] = frequencies.get(i) * TWO_PI;
    }
    T angles = operations.multiply(time, operations.constant(turns, turns.length));
    T waves = operations.concatenate(List.of(operations.sine(angles), operations.cosine(angles)));
    T ofTime = operations.linear("energy.time", waves, embedding, embedding);
    T x = operations.concatenate(List.of(state, ofTime, embedded));
    x = operations.silu(operations.linear("energy.flow.0", x, 2 * embedding + 1, width));
    for (int layer = 1; layer <= hidden; layer++) {
      String name = "energy.flow." + layer;
      x = operations.linear(name, x, width, width);
      x = operations.silu(operations.layerNorm(name + ".norm", x, width));
    }
    return operations.linear("energy.flow." + (hidden + 1), x, width, 1);
  }
}
