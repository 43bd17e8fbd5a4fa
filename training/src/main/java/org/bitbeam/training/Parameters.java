package org.bitbeam.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bitbeam.physics.calo.CounterRandom;

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
    Declaration declaration = new Declaration(new CounterRandom(seed));
    Map<String, Declaration.Value> inputs = new LinkedHashMap<>();
    network.inputs().forEach(input -> inputs.put(input.name(), Declaration.Value.SOME));
    network.apply(declaration, inputs);
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

  Parameter get(String name) {
    return Objects.requireNonNull(byName.get(name), name);
  }

  int count() {
    return byName.values().stream().mapToInt(p -> p.values().length).sum();
  }

  /**
   * Takes the values of others.
   *
   * @param label where they come from, for the message
   * @throws IllegalArgumentException when names or shapes differ
   */
  void set(String label, Parameters others) {
    if (!describe().equals(others.describe())) {
      throw new IllegalArgumentException(
          label + " holds a different network: " + others.describe() + ", not " + describe());
    }
    for (Parameter p : all()) {
      System.arraycopy(others.get(p.name()).values(), 0, p.values(), 0, p.values().length);
    }
  }

  /** Parameters as a file holds them. */
  static Parameters of(List<Parameter> parameters) {
    Map<String, Parameter> byName = new LinkedHashMap<>();
    parameters.forEach(p -> byName.put(p.name(), p));
    return new Parameters(byName);
  }

  private List<String> describe() {
    List<String> names = new ArrayList<>();
    all().forEach(p -> names.add(p.name() + Arrays.toString(p.shape())));
    return names;
  }

  /** Walks through a network to see which parameters it has. */
  private static final class Declaration implements Operations<Declaration.Value> {
    private final Map<String, Parameter> declared = new LinkedHashMap<>();
    private final CounterRandom random;

    enum Value {
      SOME
    }

    Declaration(CounterRandom random) {
      this.random = random;
    }

    @Override
    public Value linear(String name, Value x, int inputs, int outputs) {
      double bound = 1 / Math.sqrt(inputs);
      uniform(name + ".weight", bound, inputs, outputs);
      uniform(name + ".bias", bound, outputs);
      return x;
    }

    private void uniform(String name, double bound, int... shape) {
      int stream = declared.size();
      float[] values = new float[Arrays.stream(shape).reduce(1, Math::multiplyExact)];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (bound * (2 * random.uniform(i, stream) - 1));
      }
      declared.putIfAbsent(name, new Parameter(name, shape, values));
    }

    @Override
    public Value layerNorm(String name, Value x, int size) {
      float[] ones = new float[size];
      Arrays.fill(ones, 1);
      int[] shape = {size};
      declared.putIfAbsent(name + ".weight", new Parameter(name + ".weight", shape, ones));
      declared.putIfAbsent(name + ".bias", new Parameter(name + ".bias", shape, new float[size]));
      return x;
    }

    @Override
    public Value relu(Value x) {
      return x;
    }

    @Override
    public Value multiply(Value a, Value b) {
      return a;
    }

    @Override
    public Value scale(Value x, float factor) {
      return x;
    }

    @Override
    public Value sum(Value x, int axis) {
      return x;
    }

    @Override
    public Value transposeLast(Value x) {
      return x;
    }
  }
}
