package org.bitbeam.training;

import java.io.IOException;
import java.util.Arrays;
import org.bitbeam.physics.calo.CounterRandom;

/**
 * Showers in memory, in batches. Every epoch adds noise of its own, a function of seed, epoch and
 * shower; in fixed order the noise is always the same. For one thread.
 *
 * @param rows number of showers
 * @param seed of order and noise
 * @param maker of batches
 */
record ShowerStream(int rows, long seed, Maker maker) implements BatchStream {
  // Noise of validations: the same in every training, so that they can be compared.
  private static final CounterRandom FIXED = new CounterRandom(0x0DE5);
  private static final long EPOCH_STEP = 0x9E3779B97F4A7C15L;

  /** Makes batches. */
  interface Maker {
    /**
     * What the network is given of some showers.
     *
     * @param noise its numbers of a shower are those of the shower's row
     */
    JetBatch batch(int[] rows, CounterRandom noise);
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
      int[] chosen = Arrays.copyOfRange(order, first, last);
      if (!consumer.accept(step, maker.batch(chosen, noise))) {
        return;
      }
    }
  }

  /** The first showers in fixed order. */
  JetBatch first(int size) throws IOException {
    JetBatch[] batch = new JetBatch[1];
    inOrder(
        size,
        (step, some) -> {
          batch[0] = some;
          return false;
        });
    return batch[0];
  }
}
