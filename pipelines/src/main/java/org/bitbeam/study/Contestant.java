package org.bitbeam.study;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
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
  double WARM_UP = 1; // as much time before the samples as for them, at least
  double LONGEST_WARM_UP = 6; // and so many times that at most, while passes still get faster
  int WINDOW = 8; // passes whose fastest is compared with those before
  double SETTLED = 0.95;

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
   * all alike. Before the samples they run until their times settle: compilers and choices by
   * measurement need many passes.
   *
   * @param seconds processor time to spend on the samples of all of them
   * @return median milliseconds of processor time of a pass, in their order
   */
  static List<Double> processorMilliseconds(List<Contestant> contestants, double seconds) {
    return samples(contestants, seconds).stream().map(Contestant::median).toList();
  }

  /** The same, of each the fastest pass. */
  static List<Double> fastestMilliseconds(List<Contestant> contestants, double seconds) {
    return samples(contestants, seconds).stream().map(Collections::min).toList();
  }

  private static List<List<Double>> samples(List<Contestant> contestants, double seconds) {
    double unit = seconds * 1e9;
    warmUp(contestants, unit);
    List<List<Double>> samples = new ArrayList<>();
    contestants.forEach(contestant -> samples.add(new ArrayList<>()));
    long spent = 0;
    while (spent < unit || samples.get(0).size() < needed(spent, unit)) {
      for (int i = 0; i < contestants.size(); i++) {
        long took = contestants.get(i).pass();
        spent += took;
        samples.get(i).add(took / 1e6);
      }
    }
    return samples;
  }

  private static int needed(double spent, double unit) {
    return spent > (LONG - WARM_UP) * unit ? MIN_SAMPLES_OF_LONG_PASSES : MIN_SAMPLES;
  }

  /** At least two passes of each, and until none gets faster. */
  private static void warmUp(List<Contestant> contestants, double unit) {
    long[] before = new long[contestants.size()];
    long[] fastest = new long[contestants.size()];
    Arrays.fill(before, Long.MAX_VALUE);
    Arrays.fill(fastest, Long.MAX_VALUE);
    boolean settled = false;
    long spent = 0;
    for (int round = 1; ; round++) {
      for (int i = 0; i < fastest.length; i++) {
        long took = contestants.get(i).pass();
        spent += took;
        fastest[i] = Math.min(fastest[i], took);
      }
      if (round % WINDOW == 0) {
        settled = true;
        for (int i = 0; i < fastest.length; i++) {
          settled &= fastest[i] >= SETTLED * before[i];
          before[i] = Math.min(before[i], fastest[i]);
          fastest[i] = Long.MAX_VALUE;
        }
      }
      if (round > 1 && spent > (settled ? WARM_UP : LONGEST_WARM_UP) * unit) {
        return;
      }
    }
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
