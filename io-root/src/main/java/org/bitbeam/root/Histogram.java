package org.bitbeam.root;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bitbeam.columns.DoubleColumn;

/**
 * A histogram with one to three axes ({@code TH1}, {@code TH2}, {@code TH3} of any precision) or a
 * profile ({@code TProfile} and its kinds). Bins are counted from 0, the underflow, to the number
 * of bins plus one, the overflow; of several axes x runs fastest.
 *
 * @param entries how often it was filled
 * @param axes one to three
 * @param sums sum of weights of each bin; for a profile sum of weight times value
 * @param sumw2 sum of squared weights of each bin, empty when not kept; for a profile sum of weight
 *     times squared value
 * @param profile what only a profile has; null for others
 * @param functions names of functions attached to it
 */
public record Histogram(
    String className,
    String name,
    String title,
    double entries,
    List<Axis> axes,
    DoubleColumn sums,
    DoubleColumn sumw2,
    @org.jspecify.annotations.Nullable Profile profile,
    List<String> functions)
    implements RootObject {

  public Histogram {
    axes = List.copyOf(axes);
    functions = List.copyOf(functions);
  }

  /**
   * An axis.
   *
   * @param bins without under- and overflow
   * @param min lower edge of the first bin
   * @param max upper edge of the last bin
   * @param edges of bins of different widths, one more than bins; empty for equal widths
   * @param labels of bins by their number
   */
  public record Axis(
      String title,
      int bins,
      double min,
      double max,
      DoubleColumn edges,
      Map<Integer, String> labels) {
    public Axis {
      labels = Collections.unmodifiableMap(new TreeMap<>(labels));
    }
  }

  /** How the error of a bin of a profile is meant. */
  public enum ErrorOption {
    /** Error of the mean. */
    MEAN,
    /** Standard deviation. */
    SPREAD,
    /** Error of the mean of whole numbers. */
    SPREAD_OF_INTEGERS,
    /** Error of the mean of values with known errors, which are the weights. */
    SPREAD_OF_GAUSSIANS
  }

  /**
   * What only a profile has.
   *
   * @param weights sum of weights of each bin
   * @param weights2 sum of squared weights of each bin, empty when not kept
   * @param errorOption what its errors mean
   */
  public record Profile(DoubleColumn weights, DoubleColumn weights2, ErrorOption errorOption) {}

  /** Content of a bin; for a profile the mean. */
  public double content(int bin) {
    if (profile == null) {
      return sums.get(bin);
    }
    double weight = profile.weights.get(bin);
    return weight == 0 ? 0 : sums.get(bin) / weight;
  }

  /** Error of a bin as ROOT defines it (TH1::GetBinError, TProfile::GetBinError). */
  public double error(int bin) {
    if (profile == null) {
      return Math.sqrt(sumw2.length() > 0 ? sumw2.get(bin) : Math.abs(sums.get(bin)));
    }
    double weight = profile.weights.get(bin);
    if (weight == 0) {
      return 0;
    }
    if (profile.errorOption == ErrorOption.SPREAD_OF_GAUSSIANS) {
      return 1 / Math.sqrt(weight);
    }
    double effective = weight;
    if (profile.weights2.length() > 0) {
      double squares = profile.weights2.get(bin);
      effective = squares > 0 ? weight * weight / squares : 0;
    }
    double mean = sums.get(bin) / weight;
    double variance = Math.abs((sumw2.length() > 0 ? sumw2.get(bin) : 0) / weight - mean * mean);
    double spread = Math.sqrt(variance);
    return switch (profile.errorOption) {
      case SPREAD -> spread;
      case SPREAD_OF_INTEGERS ->
          spread != 0 ? spread / Math.sqrt(effective) : 1 / Math.sqrt(12 * effective);
      default -> spread / Math.sqrt(effective);
    };
  }

  /** Number of bins with under- and overflows. */
  public int cells() {
    return sums.length();
  }
}
