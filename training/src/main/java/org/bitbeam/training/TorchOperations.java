package org.bitbeam.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.LayerNorm;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.bitbeam.physics.calo.CounterRandom;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.Tensor;
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
  private static final float PLAIN_EPSILON = 1e-6f;
  private static final float LEAST_VARIANCE = 1e-8f;

  private final NDManager manager;
  private final Parameters parameters;
  private final Plan plan;
  private final boolean training;
  private final DataType type;
  private final Map<String, NDArray> leaves = new LinkedHashMap<>();
  private final Map<String, NDArray> statistics = new LinkedHashMap<>();
  private final Map<String, float[]> noises = new LinkedHashMap<>();
  private final Map<String, Scaled> scales = new LinkedHashMap<>();
  private Bayesian bayesian = Bayesian.NONE;
  private CounterRandom random = new CounterRandom(0);
  private long step;
  private int draws;
  private double softness;
  private float boundary;
  private float wider;
  private NDArray atBoundaries;
  private NDArray nearBoundaries;

  /** Weights that are multiples of a scale that is learnt, by its name. */
  private record Scaled(String weight, float[] values, float scale) {}

  /**
   * A step.
   *
   * @param manager of the step
   * @param training whether gradients are wanted
   */
  TorchOperations(NDManager manager, Parameters parameters, Plan plan, boolean training) {
    this(manager, parameters, plan, training, DataType.FLOAT32);
  }

  /**
   * A step in another precision.
   *
   * @param type of parameters, and to be that of the inputs
   */
  TorchOperations(
      NDManager manager, Parameters parameters, Plan plan, boolean training, DataType type) {
    this.manager = manager;
    this.parameters = parameters;
    this.plan = plan;
    this.training = training;
    this.type = type;
    this.atBoundaries = manager.zeros(new Shape(0));
    this.nearBoundaries = atBoundaries;
  }

  /**
   * Draws the weights of some layers in training, where elsewhere they are their means, and what
   * dropout drops.
   *
   * @param step what is drawn is a function of the random numbers, the step and the place
   */
  TorchOperations drawing(Bayesian layers, CounterRandom numbers, long step) {
    this.bayesian = layers;
    this.random = numbers;
    this.step = step;
    return this;
  }

  /**
   * Leaves ternary weights on their way in training.
   *
   * @param left as {@link Annealing#softness} gives it; 0: they are ternary
   */
  TorchOperations softened(double left) {
    this.softness = left;
    return this;
  }

  /**
   * Counts, from now on, the codes of quantised inputs that lie at a rounding boundary.
   *
   * @param distance from it, in codes
   * @param widerDistance of those that {@link #nearBoundaries} counts
   */
  TorchOperations counting(int events, float distance, float widerDistance) {
    atBoundaries = manager.zeros(new Shape(events));
    nearBoundaries = manager.zeros(new Shape(events));
    boundary = distance;
    wider = widerDistance;
    return this;
  }

  /** What was counted, by event. */
  float[] atBoundaries() {
    return atBoundaries.toFloatArray();
  }

  /** The same of the wider distance. */
  float[] nearBoundaries() {
    return nearBoundaries.toFloatArray();
  }

  NDManager manager() {
    return manager;
  }

  /** Tensors as arrays of a manager, without gradient. */
  static Map<String, NDArray> arrays(NDManager manager, Map<String, Tensor> tensors) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          long[] shape = Arrays.stream(tensor.shape()).asLongStream().toArray();
          arrays.put(name, manager.create(tensor.floats(), new Shape(shape)));
        });
    return arrays;
  }

  /** A copy of an array. */
  static Tensor tensor(NDArray array) {
    int[] shape = Arrays.stream(array.getShape().getShape()).mapToInt(Math::toIntExact).toArray();
    return Tensor.of(array.toFloatArray(), shape);
  }

  private NDArray leaf(String name, LayerPrecision precision) {
    return leaves.computeIfAbsent(
        name,
        key -> {
          Parameter parameter = parameters.get(key);
          return leaf(parameter, parameter.values(), precision);
        });
  }

  private NDArray leaf(Parameter parameter, float[] values, LayerPrecision precision) {
    int[] sizes = parameter.shape();
    long[] shape = Arrays.stream(sizes).asLongStream().toArray();
    float[] quantised =
        precision == LayerPrecision.TERNARY_LEARNED
            ? scaled(parameter.name(), values)
            : WeightQuantiser.quantise(values, sizes[sizes.length - 1], precision);
    boolean isTernary = precision.quantisesRows() && precision != LayerPrecision.BINARY;
    boolean isSoft = training && softness > 0 && isTernary;
    float[] used = isSoft ? Annealing.soften(values, quantised, softness) : quantised;
    NDArray array = manager.create(used, new Shape(shape)).toType(type, false);
    array.setRequiresGradient(training && parameter.isTrained());
    return array;
  }

  /** Weights as multiples of the scale that is learnt with them. */
  private float[] scaled(String weight, float[] values) {
    String name = weight.substring(0, weight.length() - ".weight".length()) + LearnedScale.SUFFIX;
    float scale = LearnedScale.of(values, parameters.get(name).values()[0]);
    scales.put(name, new Scaled(weight, values, scale));
    return WeightQuantiser.ternary(values, scale);
  }

  private float[] normals(long count) {
    double[] normals = new double[Math.toIntExact(count)];
    random.normals(step, draws++, normals, 0, normals.length);
    float[] values = new float[normals.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) normals[i];
    }
    return values;
  }

  /** Weights of a quantised layer are drawn before they are quantised. */
  private NDArray drawn(String layer, LayerPrecision precision) {
    return leaves.computeIfAbsent(
        layer + ".weight",
        key -> {
          Parameter means = parameters.get(key);
          float[] values = means.values().clone();
          float[] logVariances = parameters.get(layer + Bayesian.LOG_VARIANCE).values();
          float[] noise = normals(values.length);
          for (int i = 0; i < values.length; i++) {
            values[i] += (float) (Math.exp(logVariances[i] / 2) * noise[i]);
          }
          noises.put(layer + Bayesian.LOG_VARIANCE, noise);
          return leaf(means, values, precision);
        });
  }

  /** Outputs of a float layer are drawn in place of its weights (local reparameterisation). */
  private NDArray drawnOutputs(String layer, NDArray x) {
    NDArray mean = x.matMul(leaf(layer + ".weight", LayerPrecision.FLOAT));
    NDArray variances = leaf(layer + Bayesian.LOG_VARIANCE, LayerPrecision.FLOAT).exp();
    NDArray variance = x.mul(x).matMul(variances).add(Scalars.of(manager, LEAST_VARIANCE));
    NDArray noise = manager.create(normals(mean.size()), mean.getShape()).toType(type, false);
    return mean.add(variance.sqrt().mul(noise));
  }

  /** Gradient of a parameter after the backward pass; zeros if the loss does not depend on it. */
  float[] gradient(String name) {
    float[] noise = noises.get(name);
    if (noise != null) { // of a weight m + s n: half of its gradient times s n
      String layer = name.substring(0, name.length() - Bayesian.LOG_VARIANCE.length());
      float[] gradient = gradient(layer + ".weight");
      float[] logVariances = parameters.get(name).values();
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] *= (float) (Math.exp(logVariances[i] / 2) * noise[i] / 2);
      }
      return gradient;
    }
    Scaled scaled = scales.get(name);
    if (scaled != null) {
      return new float[] {
        LearnedScale.gradient(scaled.values(), scaled.scale(), gradient(scaled.weight()))
      };
    }
    NDArray leaf = Objects.requireNonNull(leaves.get(name), name);
    try (NDArray gradient = leaf.getGradient()) {
      return gradient.toType(DataType.FLOAT32, false).toFloatArray();
    }
  }

  /** Means and variances of the batch, by the names of the running ones. */
  Map<String, float[]> statistics() {
    Map<String, float[]> values = new LinkedHashMap<>();
    statistics.forEach((name, array) -> values.put(name, array.toFloatArray()));
    return values;
  }

  @Override
  public NDArray linear(String name, NDArray x, int inputs, int outputs) {
    return product(name, x, inputs, outputs).add(leaf(name + ".bias", LayerPrecision.FLOAT));
  }

  @Override
  public NDArray product(String name, NDArray given, int inputs, int outputs) {
    LayerPrecision precision = plan.of(name);
    NDArray x = plan.normalises(name, inputs) ? normalise(given, inputs) : given;
    long events = atBoundaries.size();
    if (precision.quantisesRows() && events > 0 && x.getShape().get(0) % events == 0) {
      atBoundaries = atBoundaries.add(FakeQuantisation.atBoundaries(x, (int) events, boundary));
      nearBoundaries = nearBoundaries.add(FakeQuantisation.atBoundaries(x, (int) events, wider));
    }
    boolean isDrawn = training && bayesian.has(name);
    if (isDrawn && precision == LayerPrecision.FLOAT) {
      return drawnOutputs(name, x);
    }
    NDArray input =
        switch (precision) {
          case FLOAT -> x;
          case INT8 -> FakeQuantisation.tensor(x);
          case TERNARY, TERNARY_MEDIAN, TERNARY_LEARNED, BINARY -> FakeQuantisation.rows(x);
        };
    return input.matMul(isDrawn ? drawn(name, precision) : leaf(name + ".weight", precision));
  }

  @Override
  public NDArray convolution(String name, NDArray x) {
    Shape one = new Shape(1, 1);
    return Conv2d.conv2d(
            x,
            leaf(name + ".kernel", LayerPrecision.FLOAT),
            leaf(name + ".bias", LayerPrecision.FLOAT),
            one,
            one,
            one,
            1)
        .singletonOrThrow();
  }

  @Override
  public NDArray dropout(NDArray x, double share) {
    if (!training || share == 0) {
      return x;
    }
    float[] factors = new float[Math.toIntExact(x.size())];
    double[] two = new double[2];
    int stream = draws++;
    for (int i = 0; i < factors.length; i++) {
      if (i % 2 == 0) {
        random.uniforms(step, stream, i / 2, two);
      }
      factors[i] = two[i % 2] > share ? (float) (1 / (1 - share)) : 0;
    }
    return x.mul(manager.create(factors, x.getShape()).toType(type, false));
  }

  @Override
  public NDArray gelu(NDArray x) {
    return Activation.gelu(x);
  }

  @Override
  public NDArray hyperbolicTangent(NDArray x) {
    return x.tanh();
  }

  @Override
  public NDArray constant(float[] values, int... shape) {
    long[] sizes = Arrays.stream(shape).asLongStream().toArray();
    return manager.create(values, new Shape(sizes)).toType(type, false);
  }

  @Override
  public NDArray softmax(NDArray x) {
    return x.softmax(-1);
  }

  @Override
  public NDArray matrixProduct(NDArray a, NDArray b) {
    return a.matMul(b);
  }

  @Override
  public NDArray project(float[] matrix, int rows, int columns, NDArray x) {
    return manager.create(matrix, new Shape(rows, columns)).matMul(x);
  }

  @Override
  public NDArray reshape(NDArray x, int... axes) {
    long[] shape = new long[axes.length];
    for (int i = 0; i < axes.length; i++) {
      shape[i] = axes[i] == 0 ? x.getShape().get(i) : axes[i];
    }
    return x.reshape(shape);
  }

  @Override
  public NDArray transpose(NDArray x, int... axes) {
    return x.transpose(axes);
  }

  @Override
  public NDArray relu(NDArray x) {
    return Activation.relu(x);
  }

  @Override
  public NDArray leakyRelu(NDArray x, float slope) {
    return Activation.leakyRelu(x, slope);
  }

  @Override
  public NDArray add(NDArray a, NDArray b) {
    return a.add(b);
  }

  @Override
  public NDArray subtract(NDArray a, NDArray b) {
    return a.sub(b);
  }

  @Override
  public NDArray multiply(NDArray a, NDArray b) {
    return a.mul(b);
  }

  @Override
  public NDArray divide(NDArray a, NDArray b) {
    return a.div(b);
  }

  @Override
  public NDArray scale(NDArray x, float factor) {
    return x.mul(Scalars.of(manager, factor));
  }

  @Override
  public NDArray shift(NDArray x, float constant) {
    return x.add(Scalars.of(manager, constant));
  }

  @Override
  public NDArray squareRoot(NDArray x) {
    return x.sqrt();
  }

  @Override
  public NDArray cosine(NDArray x) {
    return x.cos();
  }

  @Override
  public NDArray sine(NDArray x) {
    return x.sin();
  }

  @Override
  public NDArray exponential(NDArray x) {
    return x.exp();
  }

  @Override
  public NDArray silu(NDArray x) {
    return x.mul(Activation.sigmoid(x));
  }

  @Override
  public NDArray vector(String name, int size) {
    return leaf(name, LayerPrecision.FLOAT);
  }

  @Override
  public NDArray permuted(NDArray x, int[] from) {
    long rows = x.getShape().get(0);
    long[] places = Arrays.stream(from).asLongStream().toArray();
    return x.gather(manager.create(places).expandDims(0).broadcast(rows, from.length), 1);
  }

  @Override
  public NDArray spline(NDArray x, NDArray theta, SplineForm form) {
    return TorchSpline.of(x, theta, form);
  }

  @Override
  public NDArray atMost(NDArray x, float limit) {
    return x.lte(Scalars.of(manager, limit)).toType(DataType.FLOAT32, false);
  }

  @Override
  public NDArray isPositive(NDArray x) {
    return x.gt(Scalars.of(manager, 0)).toType(DataType.FLOAT32, false);
  }

  @Override
  public NDArray sum(NDArray x, int axis) {
    return x.sum(new int[] {axis});
  }

  @Override
  public NDArray expand(NDArray x, int axis) {
    return x.expandDims(axis);
  }

  @Override
  public NDArray concatenate(List<NDArray> parts) {
    return NDArrays.concat(new NDList(parts), -1);
  }

  @Override
  public NDArray slice(NDArray x, int from, int to) {
    return x.get(new NDIndex().addEllipseDim().addSliceDim(from, to));
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

  @Override
  public NDArray normalise(NDArray x, int size) {
    Shape last = new Shape(size);
    return LayerNorm.layerNorm(
            x, last, manager.ones(last, type), manager.zeros(last, type), PLAIN_EPSILON)
        .singletonOrThrow();
  }

  @Override
  public NDArray batchNorm(String name, NDArray x, Optional<NDArray> counted, int size) {
    NDArray weight = leaf(name + ".weight", LayerPrecision.FLOAT);
    NDArray bias = leaf(name + ".bias", LayerPrecision.FLOAT);
    NDArray epsilon = Scalars.of(manager, EPSILON);
    if (!training) {
      NDArray mean = leaf(name + ".mean", LayerPrecision.FLOAT);
      NDArray variance = leaf(name + ".variance", LayerPrecision.FLOAT);
      return x.sub(mean).mul(weight.div(variance.add(epsilon).sqrt())).add(bias);
    }
    long rows = x.size() / size;
    if (counted.isEmpty() && rows > 1) {
      // PyTorch's own, in a few passes. DJL's momentum is the share that stays: the batch's remain.
      NDArray mean = manager.zeros(new Shape(size), type);
      NDArray variance = manager.ones(new Shape(size), type);
      NDArray normed =
          BatchNorm.batchNorm(
                  x.reshape(rows, size), mean, variance, weight, bias, 1, 0, EPSILON, true)
              .singletonOrThrow();
      statistics.put(name + ".mean", mean);
      statistics.put(name + ".variance", variance);
      return normed.reshape(x.getShape());
    }
    // Sums over rows as products with them: these need no memory.
    NDArray ones =
        counted
            .map(c -> c.reshape(1, rows))
            .orElseGet(() -> manager.ones(new Shape(1, rows), type));
    NDArray count = ones.sum();
    NDArray mean = ones.matMul(x.reshape(rows, size)).div(count).reshape(size);
    NDArray off = x.sub(mean);
    NDArray variance = ones.matMul(off.mul(off).reshape(rows, size)).div(count).reshape(size);
    statistics.put(name + ".mean", mean.stopGradient());
    NDArray one = Scalars.of(manager, 1);
    // Unbiased, of at least two rows.
    NDArray unbiased = count.div(count.sub(one).maximum(one));
    statistics.put(name + ".variance", variance.stopGradient().mul(unbiased));
    return off.mul(weight.div(variance.add(epsilon).sqrt())).add(bias);
  }
}
