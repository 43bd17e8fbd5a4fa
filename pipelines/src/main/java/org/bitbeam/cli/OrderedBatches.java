package org.bitbeam.cli;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bitbeam.columns.EventBatch;

/**
 * Makes batches of consecutive events on several threads and hands them on in order; at most two a
 * thread are in memory.
 */
final class OrderedBatches {
  private OrderedBatches() {}

  /** Makes events. Called by several threads. */
  interface Maker {
    EventBatch make(long first, int count);
  }

  /** Takes batches, in order, on the caller's thread. */
  interface Sink {
    void take(EventBatch batch) throws IOException;
  }

  /**
   * Makes the events {@code first} to {@code first + count - 1}.
   *
   * @param perBatch events a batch
   */
  static void run(long first, long count, int perBatch, int threads, Maker maker, Sink sink)
      throws IOException {
    ExecutorService workers =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "generate");
              thread.setDaemon(true);
              return thread;
            });
    try {
      Deque<Future<EventBatch>> waiting = new ArrayDeque<>();
      long end = first + count;
      for (long from = first; from < end || !waiting.isEmpty(); ) {
        while (from < end && waiting.size() < 2 * threads) {
          long at = from;
          int size = (int) Math.min(perBatch, end - from);
          waiting.add(workers.submit(() -> maker.make(at, size)));
          from += size;
        }
        sink.take(result(waiting.remove()));
      }
    } finally {
      workers.shutdownNow();
    }
  }

  private static EventBatch result(Future<EventBatch> batch) {
    try {
      return batch.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while events were made", e);
    }
  }
}
