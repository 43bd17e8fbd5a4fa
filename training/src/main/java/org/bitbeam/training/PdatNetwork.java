package org.bitbeam.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.bitbeam.physics.tagging.PdatFeatures;

/**
 * P-DAT (SciPost Phys. 20, 038; specs/models.md section 2.3): layers over a particle's neighbours
 * (edge convolution), then attention between particles, biased by values of their pairs, and
 * between channels, biased by values of the jet, in turns and twice with the same parameters; the
 * mean of all five stages over the particles; two layers. Outputs logits of gluon and quark.
 *
 * <p>As published but for two things. The second edge convolution takes each particle for its own
 * neighbours there, so it is layers over the particle. The linear layer behind the five stages is
 * applied to their mean, which is the same number and takes a pass in place of one a particle.
 *
 * <p>Masked: particles that are not there are no key of the attention and count in no mean, and the
 * channel attention compares channels particle by particle, in place of a reinterpretation of the
 * array that needs a fixed number of particles; its products are divided by the square root of the
 * number of particles.
 *
 * @param features the inputs
 * @param sizes of the layers
 * @param dropout in training
 */
record PdatNetwork(PdatFeatures features, PdatSizes sizes, PdatDropout dropout)
    implements TrainableNetwork {
  private static final int STAGES = 5;
  private static final int EDGE_LAYERS = 3;
  private static final int CONVOLUTIONS = 3;

  // Makes exp(x) zero, and is finite: infinities less infinities would be NaN.
  private static final float FAR = 1e9f;

  private boolean isMasked() {
    return features.options().masked();
  }

  @Override
  public String name() {
    return isMasked() ? "pdat-masked" : "pdat";
  }

  @Override
  public String description() {
    return "Quark/gluon tagger: P-DAT"
        + (isMasked() ? " without padding" : "")
        + ", "
        + features.options().constituents()
        + " constituents, "
        + features.options().neighbours()
        + " neighbours, edge "
        + sizes.edge()
        + ", width "
        + sizes.width()
        + ", "
        + sizes.heads()
        + " heads";
  }

  @Override
  public List<Input> inputs() {
    int n = isMasked() ? FREE : features.options().constituents();
    List<Input> inputs = new ArrayList<>();
    inputs.add(
        new Input(
            "points", List.of(n, features.options().neighbours(), PdatFeatures.POINT_VALUES)));
    inputs.add(new Input("pairs", List.of(n, n, PdatFeatures.PAIR_VALUES)));
    inputs.add(new Input("jet", List.of(PdatFeatures.JET_SIZE, PdatFeatures.JET_SIZE)));
    if (isMasked()) {
      inputs.add(new Input(PdatFeatures.MASK, List.of(n)));
    }
    return inputs;
  }

  @Override
  public String output() {
    return "logits";
  }

  @Override
  public <T> T apply(Operations<T> operations, Map<String, T> inputs) {
    return new Pass<>(operations, inputs).logits();
  }

  /** Weights of 11 values for {@code size} of them, linear between their centres. */
  static float[] interpolation(int size) {
    int from = PdatFeatures.JET_SIZE;
    float[] matrix = new float[size * from];
    for (int i = 0; i < size; i++) {
      double place = Math.max(0, (i + 0.5) * from / size - 0.5);
      int below = Math.min(from - 1, (int) place);
      int above = Math.min(from - 1, below + 1);
      matrix[i * from + below] += (float) (1 - (place - below));
      matrix[i * from + above] += (float) (place - below);
    }
    return matrix;
  }

  /**
   * The network in terms of operations. Shapes: B jets, N particles, K neighbours, C channels, H
   * heads.
   */
  private final class Pass<T> {
    private final Operations<T> ops;
    private final T points;
    private final T pairs;
    private final T jet;
    private final Optional<T> mask;

    Pass(Operations<T> operations, Map<String, T> inputs) {
      ops = operations;
      points = Objects.requireNonNull(inputs.get("points"));
      pairs = Objects.requireNonNull(inputs.get("pairs"));
      jet = Objects.requireNonNull(inputs.get("jet"));
      mask =
          isMasked()
              ? Optional.of(Objects.requireNonNull(inputs.get(PdatFeatures.MASK)))
              : Optional.empty();
    }

    T logits() {
      T ofPairs = pairBias();
      T ofChannels = channelBias();
      T x = edges();
      List<T> stages = new ArrayList<>(List.of(x));
      while (stages.size() < STAGES) {
        x = stages.size() % 2 == 1 ? particles(x, ofPairs) : channels(x, ofChannels);
        stages.add(x);
      }
      T fused = ops.linear("fuse", mean(stages), STAGES * sizes.width(), sizes.fuse());
      T hidden = ops.linear("head.0", fused, sizes.fuse(), sizes.head());
      hidden = ops.gelu(ops.batchNorm("head.norm", hidden, Optional.empty(), sizes.head()));
      hidden = ops.dropout(hidden, dropout.head());
      return ops.linear("head.1", hidden, sizes.head(), 2);
    }

    /** Means over the particles, B, stages C. */
    private T mean(List<T> stages) {
      T all = ops.concatenate(stages);
      return mask.map(
              m ->
                  ops.divide(
                      ops.sum(ops.multiply(all, ops.expand(m, 2)), 1),
                      ops.expand(ops.sum(m, 1), 1)))
          .orElseGet(() -> ops.scale(ops.sum(all, 1), 1f / features.options().constituents()));
    }

    /** B, N, C. */
    private T edges() {
      int neighbours = features.options().neighbours();
      // B, N, K, 1: the neighbours of a particle that is there are.
      Optional<T> counted =
          mask.map(
              m ->
                  ops.expand(
                      ops.concatenate(java.util.Collections.nCopies(neighbours, ops.expand(m, 2))),
                      3));
      T x = points;
      int size = PdatFeatures.POINT_VALUES;
      for (int layer = 0; layer < EDGE_LAYERS; layer++) {
        x = convolved("edge." + layer, x, size, sizes.edge(), counted);
        size = sizes.edge();
      }
      x = ops.scale(ops.sum(x, 2), 1f / neighbours);
      for (int layer = EDGE_LAYERS; layer < 2 * EDGE_LAYERS; layer++) {
        x = convolved("edge." + layer, x, size, sizes.width(), mask.map(m -> ops.expand(m, 2)));
        size = sizes.width();
      }
      return x;
    }

    private T convolved(String name, T x, int from, int to, Optional<T> counted) {
      T y = ops.product(name, x, from, to);
      return ops.gelu(ops.batchNorm(name + ".norm", y, counted, to));
    }

    /** Biases of the attention between particles: B, H, N, N. */
    private T pairBias() {
      Optional<T> both =
          mask.map(m -> ops.expand(ops.multiply(ops.expand(m, 2), ops.expand(m, 1)), 3));
      List<Integer> channels = new ArrayList<>(sizes.pair());
      channels.add(sizes.heads());
      T x = pairs;
      int size = PdatFeatures.PAIR_VALUES;
      for (int layer = 0; layer < channels.size(); layer++) {
        String name = "pair." + layer;
        int to = channels.get(layer);
        x = ops.gelu(ops.batchNorm(name + ".norm", ops.linear(name, x, size, to), both, to));
        x = layer == 0 ? ops.dropout(x, dropout.inner()) : x;
        size = to;
      }
      T bias = ops.transpose(x, 0, 3, 1, 2);
      return mask.map(
              m -> {
                T isKey = ops.expand(ops.expand(m, 1), 1); // B, 1, 1, N
                return ops.add(bias, ops.shift(ops.scale(isKey, FAR), -FAR));
              })
          .orElse(bias);
    }

    /** Biases of the attention between channels: B, C, C. */
    private T channelBias() {
      int width = sizes.width();
      float[] resize = interpolation(width);
      T rows = ops.project(resize, width, PdatFeatures.JET_SIZE, jet);
      T both = ops.project(resize, width, PdatFeatures.JET_SIZE, ops.transposeLast(rows));
      T x = ops.expand(ops.transposeLast(both), 1);
      for (int layer = 0; layer < CONVOLUTIONS; layer++) {
        x = ops.gelu(ops.convolution("jet." + layer, x));
      }
      return ops.reshape(x, 0, width, width);
    }

    private T particles(T x, T bias) {
      int width = sizes.width();
      T normed = ops.layerNorm("particle.norm.0", x, width);
      T query = linear("particle.query", normed);
      T key = linear("particle.key", normed);
      T value = linear("particle.value", normed);
      T merged = new Attention(width, sizes.heads()).of(ops, query, key, value, Optional.of(bias));
      T out = ops.gelu(linear("particle.fcx", ops.subtract(merged, normed)));
      out = ops.dropout(out, dropout.inner());
      return block("particle", x, ops.layerNorm("particle.norm.1", out, width));
    }

    private T channels(T x, T bias) {
      int width = sizes.width();
      T normed = ops.layerNorm("channel.norm.0", x, width);
      T query = linear("channel.query", normed);
      T key = linear("channel.key", normed);
      T value = linear("channel.value", normed);
      T scores;
      T values; // B, C, N
      if (mask.isPresent()) {
        T there = ops.expand(mask.get(), 2);
        T number = ops.expand(ops.expand(ops.sum(mask.get(), 1), 1), 2); // B, 1, 1
        T sums = ops.matrixProduct(ops.transposeLast(ops.multiply(query, there)), key);
        scores = ops.divide(sums, ops.squareRoot(number));
        values = ops.transposeLast(value);
      } else {
        // As published: the same numbers read as (C, N), which is no transposition.
        int particles = features.options().constituents();
        values = ops.reshape(value, 0, width, particles);
        T sums =
            ops.matrixProduct(
                ops.reshape(query, 0, width, particles),
                ops.transposeLast(ops.reshape(key, 0, width, particles)));
        scores = ops.scale(sums, (float) (1 / Math.sqrt(width)));
      }
      T attended = ops.matrixProduct(ops.softmax(ops.add(scores, bias)), values);
      T out = ops.subtract(ops.transposeLast(attended), normed);
      out = ops.dropout(out, dropout.inner());
      return block("channel", x, ops.layerNorm("channel.norm.1", out, width));
    }

    /** What stands behind both attentions: two residual sums and two layers. */
    private T block(String name, T x, T attended) {
      T sum = ops.add(attended, x);
      T t = ops.layerNorm(name + ".norm.2", sum, sizes.width());
      t = ops.gelu(linear(name + ".fc1", t));
      t = ops.layerNorm(name + ".norm.3", t, sizes.width());
      return ops.add(linear(name + ".fc2", t), sum);
    }

    private T linear(String name, T x) {
      return ops.linear(name, x, sizes.width(), sizes.width());
    }
  }
}
