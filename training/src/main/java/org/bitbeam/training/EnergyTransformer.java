package org.bitbeam.training;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The transformer of CaloDREAM's energy network (arXiv 2405.09629; specs/models.md 5.2), as
 * PyTorch's: layers of encoder and decoder with normalisations behind the sums, ReLU, a causal mask
 * on the target. Output: an embedding of each target token.
 *
 * @param tokens number of target tokens, L
 * @param width of a token
 * @param heads of the attentions
 * @param depth layers of the encoder, and of the decoder
 * @param feed width between the two linear layers of each
 */
record EnergyTransformer(int tokens, int width, int heads, int depth, int feed)
    implements TrainableNetwork {
  /** Input with the source token, (rows, 1, width). */
  static final String SOURCE = "source";

  /** Input with the target tokens, (rows, L, width). */
  static final String TARGET = "target";

  // Makes exp(x) zero, and is finite: infinities less infinities would be NaN.
  private static final float FAR = 1e9f;

  @Override
  public String name() {
    return "energy-embedding";
  }

  @Override
  public String description() {
    return "Embeddings of layer energies: transformer of width " + width + ", " + depth + " layers";
  }

  @Override
  public List<Input> inputs() {
    return List.of(new Input(SOURCE, List.of(1, width)), new Input(TARGET, List.of(tokens, width)));
  }

  @Override
  public String output() {
    return "embeddings";
  }

  @Override
  public <T> T apply(Operations<T> operations, Map<String, T> inputs) {
    return new Pass<>(operations)
        .embeddings(
            Objects.requireNonNull(inputs.get(SOURCE)), Objects.requireNonNull(inputs.get(TARGET)));
  }

  private final class Pass<T> {
    private final Operations<T> ops;

    Pass(Operations<T> operations) {
      ops = operations;
    }

    T embeddings(T source, T target) {
      T memory = source;
      for (int layer = 0; layer < depth; layer++) {
        String name = "energy.encoder." + layer;
        memory = norm(name, 1, memory, attention(name + ".self", memory, memory, Optional.empty()));
        memory = norm(name, 2, memory, fed(name, memory));
      }
      memory = ops.layerNorm("energy.encoder.norm", memory, width);
      Optional<T> mask = Optional.of(ops.constant(future(), tokens, tokens));
      T x = target;
      for (int layer = 0; layer < depth; layer++) {
        String name = "energy.decoder." + layer;
        x = norm(name, 1, x, attention(name + ".self", x, x, mask));
        x = norm(name, 2, x, attention(name + ".cross", x, memory, Optional.empty()));
        x = norm(name, 3, x, fed(name, x));
      }
      return ops.layerNorm("energy.decoder.norm", x, width);
    }

    private T norm(String name, int number, T x, T added) {
      return ops.layerNorm(name + ".norm." + number, ops.add(x, added), width);
    }

    private T attention(String name, T x, T memory, Optional<T> mask) {
      T query = ops.linear(name + ".query", x, width, width);
      T key = ops.linear(name + ".key", memory, width, width);
      T value = ops.linear(name + ".value", memory, width, width);
      T taken = new Attention(width, heads).of(ops, query, key, value, mask);
      return ops.linear(name + ".out", taken, width, width);
    }

    private T fed(String name, T x) {
      T hidden = ops.relu(ops.linear(name + ".fc1", x, width, feed));
      return ops.linear(name + ".fc2", hidden, feed, width);
    }
  }

  /** Hides the tokens behind each. */
  private float[] future() {
    float[] mask = new float[tokens * tokens];
    for (int i = 0; i < tokens; i++) {
      Arrays.fill(mask, i * tokens + i + 1, (i + 1) * tokens, -FAR);
    }
    return mask;
  }
}
