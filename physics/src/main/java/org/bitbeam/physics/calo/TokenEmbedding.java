package org.bitbeam.physics.calo;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.TensorInfo;

/**
 * Embeddings of a sequence that grows token by token, from a transformer with a causal mask: the
 * embedding of token i depends on the source and the tokens up to i.
 *
 * <p>A network of {@code source} (rows, 1, d) and {@code target} (rows, L, d) makes the embeddings
 * of all tokens each time; those that are not known yet are zeros, which the mask hides. A network
 * of {@code source}, {@code token} (rows, 1, d) and inputs {@code past_NAME} (rows, heads, tokens,
 * d / heads) with outputs {@code present_NAME} makes that of the next token, its first output, from
 * the keys and values kept of those before it.
 */
final class TokenEmbedding {
  private static final String SOURCE = "source";
  private static final String TARGET = "target";
  private static final String TOKEN = "token";
  private static final String PAST = "past_";
  private static final String PRESENT = "present_";

  private final Network network;
  private final boolean cached;
  private final int length;
  private final int width;

  /**
   * A network, checked.
   *
   * @param length L, number of tokens
   * @throws IllegalArgumentException when the network takes something else
   */
  TokenEmbedding(Network network, int length) {
    this.network = network;
    this.length = length;
    Map<String, TensorInfo> inputs = new HashMap<>();
    network.inputs().forEach(info -> inputs.put(info.name(), info));
    this.cached = inputs.containsKey(TOKEN);
    TensorInfo source = inputs.remove(SOURCE);
    TensorInfo tokens = inputs.remove(cached ? TOKEN : TARGET);
    this.width = source == null ? -1 : VelocityNetwork.rowSize(source);
    if (tokens == null
        || width < 0
        || VelocityNetwork.rowSize(tokens) != (cached ? 1 : length) * width
        || !inputs.values().stream().allMatch(info -> cached && isPast(network, info))) {
      throw new IllegalArgumentException(
          network
              + " takes "
              + network.inputs()
              + ", expected source (rows, 1, d) and either target (rows, "
              + length
              + ", d) or token (rows, 1, d) and past_* (rows, heads, tokens, d / heads) with"
              + " outputs present_*");
    }
  }

  private static boolean isPast(Network network, TensorInfo info) {
    List<Integer> shape = info.shape();
    return info.name().startsWith(PAST)
        && shape.size() == 4
        && shape.get(1) > 0
        && shape.get(3) > 0
        && network.outputs().stream()
            .anyMatch(output -> output.name().equals(present(info.name())));
  }

  private static String present(String past) {
    return PRESENT + past.substring(PAST.length());
  }

  @Override
  public String toString() {
    return network.toString();
  }

  /** Numbers in a token and in an embedding. */
  int width() {
    return width;
  }

  /** A sequence for each row, for one thread. */
  final class Sequences {
    private final int rows;
    private final Tensor source;
    private final float[] target;
    private final Map<String, Tensor> past = new HashMap<>();
    private int known;

    /**
     * Sequences without tokens.
     *
     * @param source a source token for each row
     */
    Sequences(float[] source, int rows) {
      this.rows = rows;
      this.source = Tensor.of(source, rows, 1, width);
      this.target = new float[cached ? 0 : rows * length * width];
      for (TensorInfo info : network.inputs()) {
        if (info.name().startsWith(PAST)) {
          int[] shape = {rows, info.shape().get(1), 0, info.shape().get(3)};
          past.put(info.name(), Tensor.of(new float[0], shape));
        }
      }
    }

    /**
     * Appends a token to each row.
     *
     * @param tokens the tokens, row by row
     * @return their embeddings, row by row
     */
    float[] append(float[] tokens) {
      return cached ? next(tokens) : whole(tokens);
    }

    /**
     * The same for tokens that are all known, at once if the network takes whole sequences.
     *
     * @param tokens those of each place, row by row
     */
    List<float[]> appendAll(List<float[]> tokens) {
      if (cached) {
        return tokens.stream().map(this::next).toList();
      }
      int first = known;
      for (float[] ofPlace : tokens) {
        place(ofPlace);
      }
      float[] all = embeddings();
      return IntStream.range(first, known).mapToObj(place -> at(all, place)).toList();
    }

    private float[] next(float[] tokens) {
      Map<String, Tensor> inputs = new HashMap<>(past);
      inputs.put(SOURCE, source);
      inputs.put(TOKEN, Tensor.of(tokens, rows, 1, width));
      Map<String, Tensor> outputs = network.run(inputs);
      past.replaceAll((name, before) -> Objects.requireNonNull(outputs.get(present(name)), name));
      return VelocityNetwork.first(network, outputs, rows * width).floats();
    }

    private float[] whole(float[] tokens) {
      place(tokens);
      return at(embeddings(), known - 1);
    }

    private void place(float[] tokens) {
      for (int row = 0; row < rows; row++) {
        System.arraycopy(tokens, row * width, target, (row * length + known) * width, width);
      }
      known++;
    }

    private float[] embeddings() {
      Map<String, Tensor> inputs =
          Map.of(SOURCE, source, TARGET, Tensor.of(target.clone(), rows, length, width));
      return VelocityNetwork.first(network, network.run(inputs), target.length).floats();
    }

    /** The embeddings of a place, row by row. */
    private float[] at(float[] all, int place) {
      float[] embeddings = new float[rows * width];
      for (int row = 0; row < rows; row++) {
        System.arraycopy(all, (row * length + place) * width, embeddings, row * width, width);
      }
      return embeddings;
    }
  }
}
