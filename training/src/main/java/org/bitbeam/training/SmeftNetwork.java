package org.bitbeam.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.bitbeam.physics.eft.JetCloud;

/**
 * SMEFTNet (arXiv 2401.10323; SciPost Phys. 20, 038; specs/models.md section 3): messages between
 * constituents that are at most 0.4 apart, in layers that turn each constituent's vector by what
 * they learn; sums over the constituents by their share of pT; a network of these. Outputs the
 * decay-plane angle (any real number of radians) and the pooled vector.
 *
 * <p>Which constituents are near each other is decided anew in each layer, with the turned vectors.
 * All pairs are calculated, those that are not near count with weight 0.
 *
 * @param cloud the inputs
 * @param messages hidden widths of the networks of the message layers; the last of a layer is the
 *     number of its features, too
 * @param readout hidden widths of the last network
 * @param weighting of the messages
 * @param messageForm of the networks of the message layers
 * @param readoutForm of the last network
 */
record SmeftNetwork(
    JetCloud cloud,
    List<List<Integer>> messages,
    List<Integer> readout,
    Weighting weighting,
    Form messageForm,
    Form readoutForm)
    implements TrainableNetwork {
  // Square of 0.4; rounded as the published network's.
  private static final float RADIUS_SQUARED = (float) (0.4 * 0.4);
  private static final float SLOPE = 0.01f;

  /** Size of the last axis of its output. */
  static final int OUTPUTS = 3;

  /** Weights of the messages that a constituent gets. */
  enum Weighting {
    /** All the same, as the published code has it. */
    UNIFORM,
    /** By the pT of the sender, as the publication says. */
    PT
  }

  /** What stands behind the hidden layers; SMEFTNet and SMEFTNet-Bit differ in it. */
  enum Form {
    /** Batch normalisation and ReLU: SMEFTNet. */
    FLOAT,
    /** LeakyReLU of slope 0.01, and before it in the readout batch normalisation: SMEFTNet-Bit. */
    BIT
  }

  SmeftNetwork {
    messages = messages.stream().map(List::copyOf).toList();
    readout = List.copyOf(readout);
  }

  @Override
  public String name() {
    return "smeftnet";
  }

  @Override
  public String description() {
    return "Decay-plane angle of boosted W and Z jets: SMEFTNet, messages "
        + messages
        + ", readout "
        + readout;
  }

  @Override
  public List<Input> inputs() {
    List<Input> inputs = new ArrayList<>();
    inputs.add(new Input(cloud.pt(), List.of(FREE)));
    inputs.add(new Input(cloud.angles(), List.of(FREE, 2)));
    if (!cloud.variables().isEmpty()) {
      inputs.add(new Input(cloud.scalars(), List.of(cloud.variables().size())));
    }
    return inputs;
  }

  @Override
  public String output() {
    return "output";
  }

  @Override
  public <T> T apply(Operations<T> operations, Map<String, T> inputs) {
    return new Pass<>(operations).output(inputs);
  }

  /** The network in terms of operations. Shapes: B jets, N constituents, F features. */
  private final class Pass<T> {
    private final Operations<T> ops;

    Pass(Operations<T> operations) {
      this.ops = operations;
    }

    T output(Map<String, T> inputs) {
      T pt = Objects.requireNonNull(inputs.get(cloud.pt())); // B, N
      T vectors = Objects.requireNonNull(inputs.get(cloud.angles())); // B, N, 2
      T isThere = ops.isPositive(pt);
      T pairs = ops.multiply(ops.expand(isThere, 2), ops.expand(isThere, 1));
      T features = ops.expand(length(vectors), 2); // B, N, 1
      int size = 1;
      for (int layer = 0; layer < messages.size(); layer++) {
        T means = messages(layer, pt, pairs, vectors, features, size);
        size = messages.get(layer).get(messages.get(layer).size() - 1);
        features = ops.slice(means, 0, size);
        vectors = turned(vectors, ops.slice(means, size, size + 1));
      }
      T shares = ops.expand(ops.divide(pt, ops.expand(ops.sum(pt, 1), 1)), 2); // B, N, 1
      T vector = ops.sum(ops.multiply(shares, vectors), 1);
      List<T> pooled = new ArrayList<>();
      int width = size + 2;
      if (!cloud.variables().isEmpty()) {
        T scalars = Objects.requireNonNull(inputs.get(cloud.scalars()));
        pooled.add(ops.batchNorm("scalars", scalars, Optional.empty(), cloud.variables().size()));
        width += cloud.variables().size();
      }
      pooled.add(ops.sum(ops.multiply(shares, features), 1));
      pooled.add(vector);
      T angle =
          layers(
              "readout",
              ops.concatenate(pooled),
              width,
              readout,
              1,
              true,
              readoutForm,
              Optional.empty());
      return ops.concatenate(List.of(angle, vector));
    }

    /** Means of the messages that each constituent gets: B, N, features and one rotation. */
    private T messages(int layer, T pt, T pairs, T vectors, T features, int size) {
      T receiver = ops.expand(vectors, 2); // B, N, 1, 2
      T sender = ops.expand(vectors, 1); // B, 1, N, 2
      T between = ops.subtract(receiver, sender);
      T near =
          ops.multiply(
              ops.atMost(ops.sum(ops.multiply(between, between), 3), RADIUS_SQUARED), pairs);
      T edge = ops.expand(near, 3); // B, N, N, 1
      T lengths = length(vectors);
      T product = ops.multiply(ops.expand(lengths, 2), ops.expand(lengths, 1)); // B, N, N
      T divisor = orOne(product);
      T cosine = ops.divide(ops.sum(ops.multiply(receiver, sender), 3), divisor);
      T sine =
          ops.divide(
              ops.subtract(
                  ops.multiply(component(receiver, 1), component(sender, 0)),
                  ops.multiply(component(receiver, 0), component(sender, 1))),
              divisor);
      // f_i, f_j, f_j - f_i as one sum of what each of the two adds: less memory, no rounding.
      T none = ops.scale(features, 0);
      T own = ops.concatenate(List.of(features, none, ops.scale(features, -1)));
      T other = ops.concatenate(List.of(none, features, features));
      T both = ops.add(ops.expand(own, 2), ops.expand(other, 1));
      T x = ops.concatenate(List.of(both, ops.expand(cosine, 3), ops.expand(sine, 3)));
      List<Integer> hidden = messages.get(layer);
      T message =
          layers(
              "messages." + layer,
              x,
              3 * size + 2,
              hidden.subList(0, hidden.size() - 1),
              hidden.get(hidden.size() - 1) + 1,
              messageForm == Form.FLOAT,
              messageForm,
              Optional.of(edge));
      T weight =
          weighting == Weighting.UNIFORM ? near : ops.multiply(near, ops.expand(pt, 1)); // B, N, N
      T share = ops.divide(weight, ops.expand(orOne(ops.sum(weight, 2)), 2));
      // A vector of no length sends and receives nothing, which counts in the mean.
      T used = ops.multiply(share, ops.isPositive(product));
      return ops.sum(ops.multiply(ops.expand(used, 3), message), 2);
    }

    private T component(T vectors, int axis) {
      return ops.sum(ops.slice(vectors, axis, axis + 1), 3);
    }

    /** Lengths of vectors, B, N, with a gradient of zero, not infinity, at zero. */
    private T length(T vectors) {
      T squared = ops.sum(ops.multiply(vectors, vectors), 2);
      return ops.multiply(ops.squareRoot(orOne(squared)), ops.isPositive(squared));
    }

    /** x where it is positive, 1 where it is 0. */
    private T orOne(T x) {
      return ops.add(x, ops.shift(ops.scale(ops.isPositive(x), -1), 1));
    }

    /** Vectors turned by shares of full turns, B, N, 1. */
    private T turned(T vectors, T turns) {
      T angle = ops.scale(turns, (float) (2 * Math.PI));
      T cosine = ops.cosine(angle);
      T sine = ops.sine(angle);
      T x = ops.slice(vectors, 0, 1);
      T y = ops.slice(vectors, 1, 2);
      return ops.concatenate(
          List.of(
              ops.subtract(ops.multiply(cosine, x), ops.multiply(sine, y)),
              ops.add(ops.multiply(sine, x), ops.multiply(cosine, y))));
    }

    private T layers(
        String name,
        T x,
        int inputs,
        List<Integer> hidden,
        int outputs,
        boolean isNormalised,
        Form form,
        Optional<T> rows) {
      T value = x;
      int size = inputs;
      for (int layer = 0; layer < hidden.size(); layer++) {
        int width = hidden.get(layer);
        value = ops.linear(name + "." + layer, value, size, width);
        if (isNormalised) {
          value = ops.batchNorm(name + ".norm." + layer, value, rows, width);
        }
        value = form == Form.FLOAT ? ops.relu(value) : ops.leakyRelu(value, SLOPE);
        size = width;
      }
      return ops.linear(name + "." + hidden.size(), value, size, outputs);
    }
  }
}
