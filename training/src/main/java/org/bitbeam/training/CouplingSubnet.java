package org.bitbeam.training;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The network of a coupling block, which shapes its splines (specs/models.md 4.3). Layers are
 * {@code NAME.0}, {@code NAME.1}, ...
 *
 * @param name of the network, such as {@code subnet-00}
 * @param values of an input row
 * @param width of the hidden layers
 * @param hidden number of hidden layers, at least 1
 * @param outputs of a row
 * @param form of the hidden layers
 */
record CouplingSubnet(String name, int values, int width, int hidden, int outputs, Form form)
    implements TrainableNetwork {
  /** Name of the input. */
  static final String INPUT = "input";

  private static final float SLOPE = 0.01f;

  /** What stands behind hidden layers. */
  enum Form {
    /** Batch normalisation and SiLU, as published for data set 1. */
    SILU,
    /** LeakyReLU of slope 0.01, as published for data set 2. */
    LEAKY
  }

  @Override
  public String description() {
    return "Parameters of splines: " + hidden + " hidden layers of " + width;
  }

  /** Names of the layers. */
  List<String> layers() {
    return IntStream.rangeClosed(0, hidden).mapToObj(i -> name + "." + i).toList();
  }

  @Override
  public List<Input> inputs() {
    return List.of(new Input(INPUT, List.of(values)));
  }

  @Override
  public String output() {
    return "theta";
  }

  @Override
  public <T> T apply(Operations<T> operations, Map<String, T> inputs) {
    return apply(operations, Objects.requireNonNull(inputs.get(INPUT)));
  }

  <T> T apply(Operations<T> operations, T input) {
    T x = input;
    int from = values;
    for (int layer = 0; layer < hidden; layer++) {
      x = operations.linear(name + "." + layer, x, from, width);
      if (form == Form.SILU) {
        x = operations.batchNorm(name + ".norm." + layer, x, Optional.empty(), width);
        x = operations.silu(x);
      } else {
        x = operations.leakyRelu(x, SLOPE);
      }
      from = width;
    }
    return operations.linear(name + "." + hidden, x, from, outputs);
  }
}
