package org.bitbeam.training;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Conditional flow matching of CaloDREAM (specs/models.md 5.2 and 5.3): between noise x0 and data
 * x1 lies x = (1 - t) x0 + t x1, which moves with the velocity x1 - x0. Output: for each row the
 * mean squared error of the velocity of the layer energies, and that of the voxels. The layer
 * energies have a time each, the voxels one; embeddings are those of the true energies before. With
 * a teacher the expected velocity is a mixture of x1 - x0 and the teacher's, or what {@link
 * VelocityTeacher} has for a whole step.
 *
 * @param transformer of the energy network
 * @param energies velocity of the energy network
 * @param shape velocity of the shape network
 */
record VelocityErrors(EnergyTransformer transformer, EnergyVelocity energies, ShapeVelocity shape)
    implements TrainableNetwork {
  /** Input with the standardised logits of u_0, ..., then of the voxels' shares, (rows, L + V). */
  static final String DATA = "data";

  /** Input with normal numbers, (rows, L + V). */
  static final String NOISE = "noise";

  /** Input with times from 0 to 1, (rows, L + 1). */
  static final String TIMES = "times";

  /** Input with the condition of the voxels: incident energy, u_0, ..., (rows, L + 1). */
  static final String CONDITION = "condition";

  /** Input with the expected velocities, (rows, L + V); without it they are data less noise. */
  static final String EXPECTED = "expected";

  @Override
  public String name() {
    return "calodream";
  }

  @Override
  public String description() {
    return "CaloDREAM; " + transformer.description() + "; " + shape.description();
  }

  @Override
  public List<Input> inputs() {
    int layers = transformer.tokens();
    int length = layers + shape.voxels();
    return List.of(
        new Input(DATA, List.of(length)),
        new Input(NOISE, List.of(length)),
        new Input(TIMES, List.of(layers + 1)),
        new Input(CONDITION, List.of(layers + 1)),
        transformer.inputs().get(0),
        transformer.inputs().get(1));
  }

  @Override
  public String output() {
    return "errors";
  }

  /**
   * States between noise and data, and what the networks make of them.
   *
   * @param energyState (rows L, 1), as the next three but for their last axis
   * @param embedding (rows L, width)
   * @param shapeState (rows, V)
   * @param shapeTime (rows, 1)
   */
  record Velocities<T>(
      T embeddings,
      T energyState,
      T energyTime,
      T embedding,
      T energyVelocity,
      T shapeState,
      T shapeTime,
      T shapeVelocity) {}

  /**
   * States between noise and data, and the embeddings for those of the layer energies; as {@link
   * Velocities} has them.
   */
  record States<T>(
      T embeddings, T energyState, T energyTime, T embedding, T shapeState, T shapeTime) {}

  /** The states of a batch, with a forward pass of the transformer. */
  <T> States<T> states(Operations<T> operations, Map<String, T> inputs) {
    int layers = transformer.tokens();
    int length = layers + shape.voxels();
    T times = Objects.requireNonNull(inputs.get(TIMES));
    T noise = Objects.requireNonNull(inputs.get(NOISE));
    T way = operations.subtract(Objects.requireNonNull(inputs.get(DATA)), noise);
    T ofLayers = operations.slice(times, 0, layers);
    T energyState =
        operations.add(
            operations.slice(noise, 0, layers),
            operations.multiply(ofLayers, operations.slice(way, 0, layers)));
    T shapeTime = operations.slice(times, layers, layers + 1);
    T shapeState =
        operations.add(
            operations.slice(noise, layers, length),
            operations.multiply(shapeTime, operations.slice(way, layers, length)));
    T embeddings = transformer.apply(operations, inputs);
    return new States<>(
        embeddings,
        operations.reshape(energyState, -1, 1),
        operations.reshape(ofLayers, -1, 1),
        operations.reshape(embeddings, -1, transformer.width()),
        shapeState,
        shapeTime);
  }

  /** Forward passes of the three networks. */
  <T> Velocities<T> velocities(Operations<T> operations, Map<String, T> inputs) {
    States<T> s = states(operations, inputs);
    return new Velocities<>(
        s.embeddings(),
        s.energyState(),
        s.energyTime(),
        s.embedding(),
        energies.apply(operations, s.energyState(), s.energyTime(), s.embedding()),
        s.shapeState(),
        s.shapeTime(),
        shape.apply(
            operations,
            s.shapeState(),
            s.shapeTime(),
            Objects.requireNonNull(inputs.get(CONDITION))));
  }

  @Override
  public <T> T apply(Operations<T> operations, Map<String, T> inputs) {
    int layers = transformer.tokens();
    int length = layers + shape.voxels();
    Velocities<T> velocities = velocities(operations, inputs);
    T taught = inputs.get(EXPECTED);
    T way =
        taught != null
            ? taught
            : operations.subtract(
                Objects.requireNonNull(inputs.get(DATA)),
                Objects.requireNonNull(inputs.get(NOISE)));
    T ofEnergies = operations.reshape(velocities.energyVelocity(), -1, layers);
    return operations.concatenate(
        List.of(
            error(operations, ofEnergies, operations.slice(way, 0, layers), layers),
            error(
                operations,
                velocities.shapeVelocity(),
                operations.slice(way, layers, length),
                length - layers)));
  }

  private static <T> T error(Operations<T> operations, T found, T expected, int size) {
    T off = operations.subtract(found, expected);
    T squares = operations.sum(operations.multiply(off, off), 1);
    return operations.expand(operations.scale(squares, 1f / size), 1);
  }
}
