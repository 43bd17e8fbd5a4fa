package org.bitbeam.training;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.bitbeam.physics.calo.CounterRandom;

/**
 * Rows of features in memory, as batches of one constituent each. For one thread.
 *
 * @param features of each row
 * @param signal of each row
 * @param seed of the order
 */
record FeatureStream(List<float[]> features, boolean[] signal, long seed) implements BatchStream {
  @Override
  public int rows() {
    return signal.length;
  }

  @Override
  public void shuffled(int epoch, int size, int from, Consumer consumer) throws IOException {
    inOrder(order(rows(), seed, epoch), size, from, consumer);
  }

  /** Rows in the order of an epoch. */
  static int[] order(int rows, long seed, int epoch) {
    CounterRandom random = new CounterRandom(seed);
    double[] keys = new double[rows];
    Arrays.setAll(keys, row -> random.uniform(row, epoch));
    return IntStream.range(0, rows)
        .boxed()
        .sorted(Comparator.comparingDouble(row -> keys[row]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  @Override
  public void inOrder(int size, Consumer consumer) throws IOException {
    inOrder(IntStream.range(0, rows()).toArray(), size, 0, consumer);
  }

  private void inOrder(int[] order, int size, int from, Consumer consumer) throws IOException {
    for (int step = from; step < steps(size); step++) {
      int first = step * size;
      if (!consumer.accept(step, batch(order, first, Math.min(order.length, first + size)))) {
        return;
      }
    }
  }

  private JetBatch batch(int[] order, int from, int to) {
    List<float[]> chosen = new ArrayList<>();
    float[] truth = new float[to - from];
    for (int i = from; i < to; i++) {
      chosen.add(features.get(order[i]));
      truth[i - from] = signal[order[i]] ? 1 : 0;
    }
    return new JetBatch(FeatureInputs.batch(chosen, features.get(0).length), truth);
  }
}
