package org.bitbeam.training;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Fully connected layers with ReLU between them, of rows of one constituent (see {@link
 * FeatureStream}).
 *
 * @param variables of a row
 * @param width of the hidden layers
 * @param hidden number of hidden layers, at least 1
 */
record MultilayerPerceptron(int variables, int width, int hidden) implements TrainableNetwork {
  @Override
  public String name() {
    return "mlp";
  }

  @Override
  public String description() {
    return "Multilayer perceptron of " + hidden + " hidden layers, width " + width;
  }

  @Override
  public List<Input> inputs() {
    return List.of(
        new Input(ParticleFlowNetwork.FEATURES, List.of(variables, FREE)),
        new Input(ParticleFlowNetwork.MASK, List.of(1, FREE)));
  }

  @Override
  public String output() {
    return "logits";
  }

  @Override
  public <T> T apply(Operations<T> operations, Map<String, T> inputs) {
    T features = Objects.requireNonNull(inputs.get(ParticleFlowNetwork.FEATURES));
    T x = operations.sum(operations.transposeLast(features), 1); // one constituent: takes its axis
    for (int layer = 0; layer < hidden; layer++) {
      int from = layer == 0 ? variables : width;
      x = operations.relu(operations.linear("layer." + layer, x, from, width));
    }
    return operations.linear("layer." + hidden, x, width, 2);
  }
}
