package org.bitbeam.study;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** Something that is timed beside others. */
interface Contestant {
  int MIN_SAMPLES = 5;
  int MIN_SAMPLES_OF_LONG_PASSES = 3; // where all samples take LONG times what they should
  double LONG = 8;
  double WARM_UP = 1; // as much time before the samples as for them

  /** What it is called in tables. */
  String name();

  /**
   * One forward pass.
   *
   * @return nanoseconds of processor time that it took
   */
  long pass();

  /**
   * Passes until a time is over, at least one.
   *
   * @param caller 0, 1, ...: each of those that call at once has a number of its own
   * @return how many
   */
  int passes(int caller, long nanoseconds);

  /** In this process. */
  static Contestant of(String name, Runnable pass) {
    ThreadMXBean cpu = ManagementFactory.getThreadMXBean();
    return new Contestant() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public long pass() {
        long before = cpu.getCurrentThreadCpuTime();
        pass.run();
        return cpu.getCurrentThreadCpuTime() - before;
      }

      @Override
      public int passes(int caller, long nanoseconds) {
        long start = System.nanoTime();
        int passes = 0;
        do {
          pass.run();
          passes++;
        } while (System.nanoTime() - start < nanoseconds);
        return passes;
      }
    };
  }

  /**
   * Times contestants in turns on the calling thread, so that whatever else the machine does meets
   * all alike.
   *
   * @param seconds processor time to spend on the samples of all of them
   * @return median milliseconds of processor time of a pass, in their order
   */
  static List<Double> processorMilliseconds(List<Contestant> contestants, double seconds) {
    List<List<Double>> samples = new ArrayList<>();
    contestants.forEach(contestant -> samples.add(new ArrayList<>()));
    double unit = seconds * 1e9;
    long spent = 0;
    for (int rounds = 0; ; rounds++) {
      boolean warm = spent > WARM_UP * unit && rounds > 1;
      int needed = spent > LONG * unit ? MIN_SAMPLES_OF_LONG_PASSES : MIN_SAMPLES;
      if (warm && spent > (1 + WARM_UP) * unit && samples.get(0).size() >= needed) {
        break;
      }
      for (int i = 0; i < contestants.size(); i++) {
        long took = contestants.get(i).pass();
        spent += took;
        if (warm) {
          samples.get(i).add(took / 1e6);
        }
      }
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
    while (true) {
      double spent = (System.nanoTime() - start) / 1e9;
      int needed = spent > LONG * seconds ? MIN_SAMPLES_OF_LONG_PASSES : MIN_SAMPLES;
      if (spent >= seconds && samples.get(0).size() >= needed) {
        break;
      }
      for (int i = 0; i < contestants.size(); i++) {
        samples.get(i).add(together(contestants.get(i), callers, count));
      }
    }
    return samples.stream().map(Contestant::median).toList();
  }

  /** At least 20 ms of passes by every caller: starting together takes a part of a millisecond. */
  private static double together(Contestant contestant, ExecutorService callers, int count) {
    List<Future<Integer>> running = new ArrayList<>();
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      int caller = i;
      running.add(callers.submit(() -> contestant.passes(caller, 20_000_000)));
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
