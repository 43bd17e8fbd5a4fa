package org.bitbeam.training;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.physics.calo.CounterRandom;
import org.bitbeam.physics.calo.FlowInputs;
import org.bitbeam.runtime.Tensor;

/**
 * Showers in memory, as a flow takes them. Every epoch adds noise of its own, a function of seed,
 * epoch and shower; in fixed order the noise is always the same. For one thread.
 */
final class ShowerStream implements BatchStream {
  // Noise of validations: the same in every training, so that they can be compared.
  private static final CounterRandom FIXED = new CounterRandom(0x0DE5);
  private static final long EPOCH_STEP = 0x9E3779B97F4A7C15L;

  private final FlowInputs inputs;
  private final List<float[]> shares;
  private final float[] conditions;
  private final long seed;

  /**
   * Showers.
   *
   * @param shares of each shower, without noise
   * @param conditions one a shower
   * @param seed of order and noise
   */
  ShowerStream(FlowInputs inputs, List<float[]> shares, float[] conditions, long seed) {
    this.inputs = inputs;
    this.shares = shares;
    this.conditions = conditions;
    this.seed = seed;
  }

  @Override
  public int rows() {
    return conditions.length;
  }

  @Override
  public void shuffled(int epoch, int size, int from, Consumer consumer) throws IOException {
    CounterRandom noise = new CounterRandom(seed ^ (epoch + 1) * EPOCH_STEP);
    each(FeatureStream.order(rows(), seed, epoch), size, from, noise, consumer);
  }

  @Override
  public void inOrder(int size, Consumer consumer) throws IOException {
    int[] order = new int[rows()];
    Arrays.setAll(order, row -> row);
    each(order, size, 0, FIXED, consumer);
  }

  private void each(int[] order, int size, int from, CounterRandom noise, Consumer consumer)
      throws IOException {
    for (int step = from; step < steps(size); step++) {
      int first = step * size;
      int last = Math.min(order.length, first + size);
      if (!consumer.accept(step, batch(Arrays.copyOfRange(order, first, last), noise))) {
        return;
      }
    }
  }

  private JetBatch batch(int[] rows, CounterRandom noise) {
    int length = inputs.length();
    double[] vectors = new double[rows.length * length];
    float[] condition = new float[rows.length];
    for (int i = 0; i < rows.length; i++) {
      float[] shower = shares.get(rows[i]);
      for (int k = 0; k < length; k++) {
        vectors[i * length + k] = shower[k];
      }
      inputs.addNoise(vectors, i * length, noise, rows[i]);
      condition[i] = conditions[rows[i]];
    }
    FlowInputs.logarithms(vectors);
    float[] logarithms = new float[vectors.length];
    for (int k = 0; k < logarithms.length; k++) {
      logarithms[k] = (float) vectors[k];
    }
    Map<String, Tensor> values = new LinkedHashMap<>();
    values.put(CouplingFlowNetwork.SHARES, Tensor.of(logarithms, rows.length, length));
    values.put(CouplingFlowNetwork.CONDITION, Tensor.of(condition, rows.length, 1));
    return new JetBatch(values, new float[rows.length]);
  }
}
