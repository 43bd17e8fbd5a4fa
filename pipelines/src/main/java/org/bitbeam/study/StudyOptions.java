package org.bitbeam.study;

import java.util.List;

/**
 * How a study measures.
 *
 * @param batches events in a pass, ascending
 * @param cores up to how many callers at once, at least 1
 * @param seconds time for the samples of a batch and a number of cores
 * @param longestPass seconds; batches whose pass would take longer are omitted
 * @param everyKernel whether to time each way of backend {@code bit} to form integer sums
 */
public record StudyOptions(
    List<Integer> batches, int cores, double seconds, double longestPass, boolean everyKernel) {
  public StudyOptions {
    batches = List.copyOf(batches);
    if (batches.isEmpty() || batches.stream().anyMatch(batch -> batch < 1)) {
      throw new IllegalArgumentException("batches are " + batches + ", expected numbers above 0");
    }
    if (cores < 1 || !(seconds > 0) || !(longestPass > 0)) {
      throw new IllegalArgumentException("cores and seconds must be above 0");
    }
  }
}
