package org.bitbeam.study;

import java.util.List;
import java.util.Map;

/**
 * What a study found.
 *
 * @param machine processor, its number, JDK, date
 * @param peaks what this processor does at best
 * @param networks one a network
 */
public record StudyResult(Map<String, String> machine, Peaks peaks, List<Row> networks) {
  public StudyResult {
    networks = List.copyOf(networks);
  }

  /**
   * Speeds of one core, measured: the bounds of the roofline.
   *
   * @param gigaflops float operations of a product of 512 x 512 matrices, the fastest engine
   * @param gigaIntOps integer additions of a ternary layer of 512 rows, 512 inputs and outputs
   * @param gigabytes bytes a second that a sum over 64 MiB reads
   */
  public record Peaks(double gigaflops, double gigaIntOps, double gigabytes) {}

  /**
   * A network. Counts are of one event, as {@link org.bitbeam.runtime.ModelReport} defines them.
   *
   * @param name of the network
   * @param parameters numbers in it
   * @param macs multiply-accumulates of dense products
   * @param bitMacs those in ternary and binary layers
   * @param flops float operations
   * @param intOps integer additions
   * @param bytes of the weights by how they are kept: {@code fp32}, {@code int8}, {@code 2 bit},
   *     {@code 1.6 bit} (the last two: ternary and binary layers only, the others as fp32)
   * @param bytesOfEvent bytes of an event's inputs and outputs
   * @param metrics what the bundle says of its quality
   * @param times by batch, cores and engine
   * @param omitted what was not measured, and why
   */
  public record Row(
      String name,
      long parameters,
      long macs,
      long bitMacs,
      long flops,
      long intOps,
      Map<String, Long> bytes,
      long bytesOfEvent,
      Map<String, Double> metrics,
      List<Time> times,
      List<String> omitted) {
    public Row {
      times = List.copyOf(times);
      omitted = List.copyOf(omitted);
    }

    /** Time of an engine, or NaN where there is none. */
    public double milliseconds(String engine, int batch, int cores) {
      return times.stream()
          .filter(t -> t.engine().equals(engine) && t.batch() == batch && t.cores() == cores)
          .mapToDouble(Time::millisecondsPerEvent)
          .findFirst()
          .orElse(Double.NaN);
    }

    /** Operations over the bytes that have to move for them: weights once a pass, the event's. */
    double intensity(int batch) {
      long weights = bytes.getOrDefault("2 bit", 0L);
      return (flops + intOps) / ((double) weights / batch + bytesOfEvent);
    }
  }

  /**
   * A time.
   *
   * @param engine what ran the network
   * @param batch events in a pass
   * @param cores callers at once, each on a core of its own if the machine has them
   * @param millisecondsPerEvent processor time for one core, wall time for several; medians
   * @param joulesPer1000 energy of the processor package, NaN where it cannot be read
   */
  public record Time(
      String engine, int batch, int cores, double millisecondsPerEvent, double joulesPer1000) {}
}
