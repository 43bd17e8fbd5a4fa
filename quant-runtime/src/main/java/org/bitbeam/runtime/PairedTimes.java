package org.bitbeam.runtime;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * CPU time of two pieces of work that run in turns on the calling thread, so that whatever else the
 * machine does meets both alike. Threads of their own are not counted.
 *
 * @param samples runs of each that count; runs before are warm-up
 * @param firstMilliseconds median of the first
 * @param secondMilliseconds median of the second
 * @param ratio median of second / first, sample by sample
 */
public record PairedTimes(
    int samples, double firstMilliseconds, double secondMilliseconds, double ratio) {
  private static final int MIN_SAMPLES = 7;

  /**
   * Measures.
   *
   * @param seconds CPU time of this thread to spend on samples that count, above 0; twice as much
   *     is spent on warm-up before
   * @throws IllegalArgumentException when {@code seconds} is not above 0
   */
  public static PairedTimes measure(double seconds, Runnable first, Runnable second) {
    if (!(seconds > 0)) {
      throw new IllegalArgumentException("seconds is " + seconds + ", expected more than 0");
    }
    ThreadMXBean cpu = ManagementFactory.getThreadMXBean();
    List<double[]> samples = new ArrayList<>();
    long start = cpu.getCurrentThreadCpuTime();
    long unit = (long) (seconds * 1e9);
    long spent = 0;
    while (spent < 3 * unit || samples.size() < MIN_SAMPLES) {
      long before = cpu.getCurrentThreadCpuTime();
      first.run();
      long between = cpu.getCurrentThreadCpuTime();
      second.run();
      long after = cpu.getCurrentThreadCpuTime();
      spent = before - start;
      if (spent > 2 * unit) {
        samples.add(new double[] {(between - before) / 1e6, (after - between) / 1e6});
      }
    }
    return new PairedTimes(
        samples.size(),
        median(samples.stream().mapToDouble(s -> s[0]).toArray()),
        median(samples.stream().mapToDouble(s -> s[1]).toArray()),
        median(samples.stream().mapToDouble(s -> s[1] / Math.max(s[0], 1e-6)).toArray()));
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }
}
