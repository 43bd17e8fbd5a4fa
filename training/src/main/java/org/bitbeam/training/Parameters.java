package org.bitbeam.training;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.bitbeam.physics.calo.CounterRandom;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.NetworkQuantiser.Plan;

/** Parameters of a network, by name, in the order of the network. For one thread. */
final class Parameters {
  private final Map<String, Parameter> byName;

  private Parameters(Map<String, Parameter> byName) {
    this.byName = byName;
  }

  /**
   * Fresh ones: matrices and biases of linear layers uniform within +-1/sqrt(inputs), as PyTorch
   * does; normalisations 1 and 0.
   */
  static Parameters initial(TrainableNetwork network, long seed) {
    return initial(network, Bayesian.NONE, new Plan(List.of(), LayerPrecision.FLOAT), seed);
  }

  /**
   * The same, with logarithms of variances for some layers, and scales that the plan has trained,
   * behind all others.
   */
  static Parameters initial(TrainableNetwork network, Bayesian bayesian, Plan plan, long seed) {
    Declaration declaration = new Declaration(new CounterRandom(seed), bayesian, plan);
    Map<String, Declaration.Value> inputs = new LinkedHashMap<>();
    network.inputs().forEach(input -> inputs.put(input.name(), Declaration.Value.SOME));
    network.apply(declaration, inputs);
    declaration.declared.putAll(declaration.variances);
    declaration.declared.putAll(declaration.scales);
    return new Parameters(declaration.declared);
  }

  /** Zeros of the same names and shapes. */
  Parameters zeros() {
    Parameters zeros = copy();
    zeros.all().forEach(p -> Arrays.fill(p.values(), 0));
    return zeros;
  }

  Parameters copy() {
    Map<String, Parameter> copies = new LinkedHashMap<>();
    byName.forEach((name, parameter) -> copies.put(name, parameter.copy()));
    return new Parameters(copies);
  }

  List<Parameter> all() {
    return List.copyOf(byName.values());
  }

  /** Those with a gradient. */
  List<Parameter> trained() {
    return byName.values().stream().filter(Parameter::isTrained).toList();
  }

  Parameter get(String name) {
    return Objects.requireNonNull(byName.get(name), name);
  }

  /** Numbers that are trained. */
  int count() {
    return trained().stream().mapToInt(p -> p.values().length).sum();
  }

  /**
   * Takes the values of others. Scales of weights that they lack stay as they are: a float network
   * has none.
   *
   * @param label where they come from, for the message
   * @throws IllegalArgumentException when names or shapes differ
   */
  void set(String label, Parameters others) {
    List<Parameter> taken =
        all().stream()
            .filter(
                p -> others.byName.containsKey(p.name()) || !p.name().endsWith(LearnedScale.SUFFIX))
            .toList();
    if (!describe(taken).equals(describe(others.all()))) {
      throw new IllegalArgumentException(
          label
              + " holds a different network: "
              + describe(others.all())
              + ", not "
              + describe(all()));
    }
    for (Parameter p : taken) {
      System.arraycopy(others.get(p.name()).values(), 0, p.values(), 0, p.values().length);
    }
  }

  /** Parameters as a file holds them. */
  static Parameters of(List<Parameter> parameters) {
    Map<String, Parameter> byName = new LinkedHashMap<>();
    parameters.forEach(p -> byName.put(p.name(), p));
    return new Parameters(byName);
  }

  private static List<String> describe(List<Parameter> parameters) {
    return parameters.stream().map(p -> p.name() + Arrays.toString(p.shape())).toList();
  }

  /** Walks through a network to see which parameters it has. */
  private static final class Declaration implements Operations<Declaration.Value> {
    private final Map<String, Parameter> declared = new LinkedHashMap<>();
    private final Map<String, Parameter> variances = new LinkedHashMap<>();
    private final Map<String, Parameter> scales = new LinkedHashMap<>();
    private final CounterRandom random;
    private final Bayesian bayesian;
    private final Plan plan;

    enum Value {
      SOME
    }

    Declaration(CounterRandom random, Bayesian bayesian, Plan plan) {
      this.plan = plan;
      this.random = random;
      this.bayesian = bayesian;
    }

    @Override
    public Value linear(String name, Value x, int inputs, int outputs) {
      product(name, x, inputs, outputs);
      uniform(name + ".bias", 1 / Math.sqrt(inputs), outputs);
      return x;
    }

    @Override
    public Value product(String name, Value x, int inputs, int outputs) {
      uniform(name + ".weight", 1 / Math.sqrt(inputs), inputs, outputs);
      if (bayesian.has(name)) {
        String variance = name + Bayesian.LOG_VARIANCE;
        float[] values = Bayesian.initial(random, variances.size(), inputs * outputs);
        variances.putIfAbsent(
            variance, new Parameter(variance, new int[] {inputs, outputs}, values, true));
      }
      if (LearnedScale.has(plan, name)) {
        String scale = name + LearnedScale.SUFFIX;
        scales.putIfAbsent(scale, new Parameter(scale, new int[] {1}, new float[1], true));
      }
      return x;
    }

    @Override
    public Value convolution(String name, Value x) {
      uniform(name + ".kernel", 1.0 / 3, 1, 1, 3, 3);
      uniform(name + ".bias", 1.0 / 3, 1);
      return x;
    }

    private void uniform(String name, double bound, int... shape) {
      int stream = declared.size();
      float[] values = new float[Arrays.stream(shape).reduce(1, Math::multiplyExact)];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (bound * (2 * random.uniform(i, stream) - 1));
      }
      declared.putIfAbsent(name, new Parameter(name, shape, values, true));
    }

    @Override
    public Value layerNorm(String name, Value x, int size) {
      constant(name + ".weight", 1, size, true);
      constant(name + ".bias", 0, size, true);
      return x;
    }

    @Override
    public Value batchNorm(String name, Value x, Optional<Value> counted, int size) {
      layerNorm(name, x, size);
      constant(name + ".mean", 0, size, false);
      constant(name + ".variance", 1, size, false);
      return x;
    }

    private void constant(String name, float value, int size, boolean isTrained) {
      float[] values = new float[size];
      Arrays.fill(values, value);
      declared.putIfAbsent(name, new Parameter(name, new int[] {size}, values, isTrained));
    }

    @Override
    public Value relu(Value x) {
      return x;
    }

    @Override
    public Value leakyRelu(Value x, float slope) {
      return x;
    }

    @Override
    public Value add(Value a, Value b) {
      return a;
    }

    @Override
    public Value subtract(Value a, Value b) {
      return a;
    }

    @Override
    public Value multiply(Value a, Value b) {
      return a;
    }

    @Override
    public Value divide(Value a, Value b) {
      return a;
    }

    @Override
    public Value scale(Value x, float factor) {
      return x;
    }

    @Override
    public Value shift(Value x, float constant) {
      return x;
    }

    @Override
    public Value squareRoot(Value x) {
      return x;
    }

    @Override
    public Value cosine(Value x) {
      return x;
    }

    @Override
    public Value sine(Value x) {
      return x;
    }

    @Override
    public Value exponential(Value x) {
      return x;
    }

    @Override
    public Value silu(Value x) {
      return x;
    }

    @Override
    public Value vector(String name, int size) {
      constant(name, 0, size, true);
      return Value.SOME;
    }

    @Override
    public Value permuted(Value x, int[] from) {
      return x;
    }

    @Override
    public Value spline(Value x, Value theta, SplineForm form) {
      return x;
    }

    @Override
    public Value atMost(Value x, float limit) {
      return x;
    }

    @Override
    public Value isPositive(Value x) {
      return x;
    }

    @Override
    public Value sum(Value x, int axis) {
      return x;
    }

    @Override
    public Value expand(Value x, int axis) {
      return x;
    }

    @Override
    public Value gelu(Value x) {
      return x;
    }

    @Override
    public Value hyperbolicTangent(Value x) {
      return x;
    }

    @Override
    public Value constant(float[] values, int... shape) {
      return Value.SOME;
    }

    @Override
    public Value normalise(Value x, int size) {
      return x;
    }

    @Override
    public Value softmax(Value x) {
      return x;
    }

    @Override
    public Value matrixProduct(Value a, Value b) {
      return a;
    }

    @Override
    public Value project(float[] matrix, int rows, int columns, Value x) {
      return x;
    }

    @Override
    public Value reshape(Value x, int... axes) {
      return x;
    }

    @Override
    public Value transpose(Value x, int... axes) {
      return x;
    }

    @Override
    public Value concatenate(List<Value> parts) {
      return Value.SOME;
    }

    @Override
    public Value slice(Value x, int from, int to) {
      return x;
    }

    @Override
    public Value transposeLast(Value x) {
      return x;
    }
  }
}
