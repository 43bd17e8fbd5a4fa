package org.bitbeam.training;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Particle flow network (Komiske, Metodiev, Thaler, JHEP 01 (2019) 121): a network for each
 * constituent, the sum over the constituents, a network of the sum; with layer normalisation
 * between the two.
 *
 * @param variables of a constituent
 * @param width of all hidden layers
 */
record ParticleFlowNetwork(int variables, int width) implements TrainableNetwork {
  // Brings the sum over some 50 constituents to the size of a single one.
  private static final float SUM_SCALE = 0.02f;

  static final String FEATURES = "pf_features";
  static final String MASK = "pf_mask";

  @Override
  public String name() {
    return "pfn";
  }

  @Override
  public String description() {
    return "Quark/gluon tagger: particle flow network (sum over constituents), width " + width;
  }

  @Override
  public List<Input> inputs() {
    return List.of(
        new Input(FEATURES, List.of(variables, FREE)), new Input(MASK, List.of(1, FREE)));
  }

  @Override
  public String output() {
    return "logits";
  }

  @Override
  public <T> T apply(Operations<T> operations, Map<String, T> inputs) {
    T x = operations.transposeLast(Objects.requireNonNull(inputs.get(FEATURES)));
    T mask = operations.transposeLast(Objects.requireNonNull(inputs.get(MASK)));
    x = operations.relu(operations.linear("phi.0", x, variables, width));
    x = operations.relu(operations.linear("phi.1", x, width, width));
    x = operations.relu(operations.linear("phi.2", x, width, width));
    x = operations.scale(operations.sum(operations.multiply(x, mask), 1), SUM_SCALE);
    x = operations.layerNorm("norm", x, width);
    x = operations.relu(operations.linear("rho.0", x, width, width));
    x = operations.relu(operations.linear("rho.1", x, width, width));
    return operations.linear("rho.2", x, width, 2);
  }
}
