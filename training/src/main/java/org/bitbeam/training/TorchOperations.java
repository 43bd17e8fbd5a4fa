package org.bitbeam.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.norm.LayerNorm;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.WeightQuantiser;

/**
 * Forward pass of one step in PyTorch. Every array belongs to the step's manager and goes with it.
 *
 * <p>Straight-through weights need no operations: the array that PyTorch sees holds the quantised
 * weights, and its gradient is applied to the float ones. So a layer computes with exactly the
 * weights it will have after export.
 */
final class TorchOperations implements Operations<NDArray> {
  private static final float EPSILON = 1e-5f;

  private final NDManager manager;
  private final Parameters parameters;
  private final Plan plan;
  private final boolean training;
  private final Map<String, NDArray> leaves = new LinkedHashMap<>();

  /**
   * A step.
   *
   * @param manager of the step
   * @param training whether gradients are wanted
   */
  TorchOperations(NDManager manager, Parameters parameters, Plan plan, boolean training) {
    this.manager = manager;
    this.parameters = parameters;
    this.plan = plan;
    this.training = training;
  }

  NDManager manager() {
    return manager;
  }

  private NDArray leaf(String name, LayerPrecision precision) {
    return leaves.computeIfAbsent(
        name,
        key -> {
          Parameter parameter = parameters.get(key);
          int[] sizes = parameter.shape();
          long[] shape = java.util.Arrays.stream(sizes).asLongStream().toArray();
          float[] values =
              WeightQuantiser.quantise(parameter.values(), sizes[sizes.length - 1], precision);
          NDArray array = manager.create(values, new Shape(shape));
          array.setRequiresGradient(training);
          return array;
        });
  }

  /** Gradient of a parameter after the backward pass; zeros if the loss does not depend on it. */
  float[] gradient(String name) {
    NDArray leaf = Objects.requireNonNull(leaves.get(name), name);
    try (NDArray gradient = leaf.getGradient()) {
      return gradient.toFloatArray();
    }
  }

  @Override
  public NDArray linear(String name, NDArray x, int inputs, int outputs) {
    LayerPrecision precision = plan.of(name);
    NDArray input =
        switch (precision) {
          case FLOAT -> x;
          case INT8 -> FakeQuantisation.tensor(x);
          case TERNARY, BINARY -> FakeQuantisation.rows(x);
        };
    return input
        .matMul(leaf(name + ".weight", precision))
        .add(leaf(name + ".bias", LayerPrecision.FLOAT));
  }

  @Override
  public NDArray relu(NDArray x) {
    return Activation.relu(x);
  }

  @Override
  public NDArray multiply(NDArray a, NDArray b) {
    return a.mul(b);
  }

  @Override
  public NDArray scale(NDArray x, float factor) {
    return x.mul(Scalars.of(manager, factor));
  }

  @Override
  public NDArray sum(NDArray x, int axis) {
    return x.sum(new int[] {axis});
  }

  @Override
  public NDArray transposeLast(NDArray x) {
    return x.transpose(0, 2, 1);
  }

  @Override
  public NDArray layerNorm(String name, NDArray x, int size) {
    return LayerNorm.layerNorm(
            x,
            new Shape(size),
            leaf(name + ".weight", LayerPrecision.FLOAT),
            leaf(name + ".bias", LayerPrecision.FLOAT),
            EPSILON)
        .singletonOrThrow();
  }
}
