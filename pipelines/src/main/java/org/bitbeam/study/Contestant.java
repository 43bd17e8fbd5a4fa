package org.bitbeam.study;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Something that is timed beside others.
 *
 * @param name what it is called in tables
 * @param pass one forward pass; several threads may call it
 */
record Contestant(String name, Runnable pass) {
  private static final int MIN_SAMPLES = 5;
  private static final double WARM_UP = 1; // as much time before the samples as for them

  /**
   * Times contestants in turns on the calling thread, so that whatever else the machine does meets
   * all alike.
   *
   * @param seconds processor time of this thread to spend on the samples of all of them
   * @return median milliseconds of processor time of a pass, in their order
   */
  static List<Double> processorMilliseconds(List<Contestant> contestants, double seconds) {
    ThreadMXBean cpu = ManagementFactory.getThreadMXBean();
    List<List<Double>> samples = new ArrayList<>();
    contestants.forEach(contestant -> samples.add(new ArrayList<>()));
    long unit = (long) (seconds * 1e9);
    long start = cpu.getCurrentThreadCpuTime();
    int rounds = 0;
    while (true) {
      long spent = cpu.getCurrentThreadCpuTime() - start;
      boolean warm = spent > WARM_UP * unit && rounds > 1;
      if (warm && spent > (1 + WARM_UP) * unit && samples.get(0).size() >= MIN_SAMPLES) {
        break;
      }
      for (int i = 0; i < contestants.size(); i++) {
        long before = cpu.getCurrentThreadCpuTime();
        contestants.get(i).pass().run();
        if (warm) {
          samples.get(i).add((cpu.getCurrentThreadCpuTime() - before) / 1e6);
        }
      }
      rounds++;
    }
    return samples.stream().map(Contestant::median).toList();
  }

  /**
   * Times passes of several callers at once, contestants in turns.
   *
   * @param seconds time to spend on all of them
   * @return median milliseconds of wall time a pass takes, all callers' passes counted: half as
   *     much where two callers do not disturb each other
   */
  static List<Double> wallMilliseconds(
      List<Contestant> contestants, ExecutorService callers, int count, double seconds) {
    List<List<Double>> samples = new ArrayList<>();
    contestants.forEach(contestant -> samples.add(new ArrayList<>()));
    long start = System.nanoTime();
    while (System.nanoTime() - start < seconds * 1e9 || samples.get(0).size() < MIN_SAMPLES) {
      for (int i = 0; i < contestants.size(); i++) {
        samples.get(i).add(together(contestants.get(i).pass(), callers, count));
      }
    }
    return samples.stream().map(Contestant::median).toList();
  }

  /** At least 20 ms of passes by every caller: starting together takes a part of a millisecond. */
  private static double together(Runnable pass, ExecutorService callers, int count) {
    List<Future<Integer>> running = new ArrayList<>();
    long start = System.nanoTime();
    for (int caller = 0; caller < count; caller++) {
      running.add(
          callers.submit(
              () -> {
                int passes = 0;
                do {
                  pass.run();
                  passes++;
                } while (System.nanoTime() - start < 20_000_000);
                return passes;
              }));
    }
    int passes = 0;
    for (Future<Integer> caller : running) {
      try {
        passes += caller.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }
    return (System.nanoTime() - start) / 1e6 / passes;
  }

  private static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }
}
