package org.bitbeam.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.bitbeam.physics.metrics.EftMetrics;
import org.bitbeam.report.Block.Axis;
import org.bitbeam.report.Block.Chart;
import org.bitbeam.report.Block.Series;

/**
 * Samples of one quantity, drawn as histograms in the same bins: shares of each sample, so that
 * samples of different sizes can be compared.
 */
final class Distribution {
  private static final int BINS = 50;

  /** Bins cover what lies between these quantiles of all values: a stray value hides nothing. */
  private static final double TAIL = 0.002;

  private final Map<String, double[]> samples = new LinkedHashMap<>();

  /** Adds a sample; what is no number is left out. */
  Distribution add(String name, double[] values) {
    samples.put(name, Arrays.stream(values).filter(Double::isFinite).toArray());
    return this;
  }

  /** Draws what was added; the caption ends with what lies outside of the bins. */
  Chart chart(String title, String caption, String axis, String share) {
    return chart(title, caption, axis, share, 0);
  }

  /**
   * The same for values that are whole multiples of a step: each bin holds equally many of them,
   * else some would hold one more and the chart would show a comb.
   *
   * @param step 0 where values lie anywhere
   */
  Chart chart(String title, String caption, String axis, String share, double step) {
    double[] all = samples.values().stream().flatMapToDouble(Arrays::stream).sorted().toArray();
    if (all.length == 0) {
      return new Chart(
          title, caption + " There are no values.", Axis.of(axis), Axis.of(share), List.of());
    }
    double from = all[(int) (TAIL * (all.length - 1))];
    double to = all[(int) Math.ceil((1 - TAIL) * (all.length - 1))];
    if (from == to) {
      from -= 0.5;
      to += 0.5;
    }
    int bins = BINS;
    if (step > 0) {
      long first = Math.round(from / step);
      long values = Math.round(to / step) - first + 1;
      long valuesPerBin = (values + BINS - 1) / BINS;
      bins = (int) ((values + valuesPerBin - 1) / valuesPerBin);
      from = (first - 0.5) * step;
      to = from + bins * valuesPerBin * step;
    }
    List<Series> series = new ArrayList<>();
    for (Map.Entry<String, double[]> sample : samples.entrySet()) {
      series.add(shares(sample.getKey(), sample.getValue(), from, to, bins));
    }
    double low = from;
    double high = to;
    long outside = DoubleStream.of(all).filter(value -> value < low || value > high).count();
    return new Chart(
        title,
        caption + (outside > 0 ? " Not shown: " + Numbers.count(outside, "value") + "." : ""),
        Axis.of(axis),
        Axis.of(share),
        series);
  }

  /** A histogram of shares of a sample. */
  static Series shares(String name, double[] values, double from, double to, int bins) {
    double[] counts = EftMetrics.histogram(values, from, to, bins);
    double total = Math.max(1, values.length);
    return Series.histogram(
        name, from, to, Arrays.stream(counts).map(count -> count / total).toArray());
  }

  static double mean(double[] values) {
    return Arrays.stream(values).filter(Double::isFinite).average().orElse(Double.NaN);
  }

  /** Standard deviation of n - 1; NaN for less than two values. */
  static double deviation(double[] values) {
    double[] finite = Arrays.stream(values).filter(Double::isFinite).toArray();
    double mean = mean(finite);
    double squares = Arrays.stream(finite).map(v -> (v - mean) * (v - mean)).sum();
    return finite.length < 2 ? Double.NaN : Math.sqrt(squares / (finite.length - 1));
  }
}
