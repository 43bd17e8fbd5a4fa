package org.bitbeam.physics.eft;

import java.util.Arrays;
import java.util.List;
import org.bitbeam.columns.EventBatch;

/**
 * Weighted histograms of terms of the events' polynomials, such as {@code cW} or {@code cW*cW}, and
 * of {@value #WEIGHT}. Bin 0 is the underflow, bin n + 1 the overflow. Sums of weights and squared
 * weights are exact: parts may be added in any order and merged in any way, the results are the
 * same bits. For one thread.
 */
public final class EftHistograms {
  /** The events' weights, as a quantity of a histogram. */
  public static final String WEIGHT = "weight";

  private final WilsonBasis basis;
  private final List<Axis> axes;
  private final ExactSum[][] weights;
  private final ExactSum[][] squares;
  private long events;
  private long skipped;

  /**
   * What to fill.
   *
   * @param quantity a term of the polynomial, or {@value #WEIGHT}
   * @param bins from 1 on, of equal width
   * @param min lower edge of the first bin, which belongs to it
   * @param max upper edge of the last bin, which belongs to the overflow
   */
  public record Axis(String quantity, int bins, double min, double max) {
    public Axis {
      if (bins < 1 || bins > 1_000_000 || !(max > min) || !Double.isFinite(max - min)) {
        throw new IllegalArgumentException(
            "histogram of " + quantity + ": " + bins + " bins from " + min + " to " + max);
      }
    }

    private int bin(double value) {
      if (value < min) {
        return 0;
      }
      // As ROOT's TAxis::FindBin does for bins of equal width.
      return value < max ? 1 + (int) (bins * (value - min) / (max - min)) : bins + 1;
    }
  }

  /**
   * No events yet.
   *
   * @throws IllegalArgumentException when a quantity does not exist; says which there are
   */
  public EftHistograms(WilsonBasis basis, List<Axis> axes) {
    this.basis = basis;
    this.axes = List.copyOf(axes);
    this.weights = new ExactSum[axes.size()][];
    this.squares = new ExactSum[axes.size()][];
    for (int a = 0; a < axes.size(); a++) {
      String quantity = axes.get(a).quantity();
      if (!quantity.equals(WEIGHT) && !basis.terms().contains(quantity)) {
        throw new IllegalArgumentException(
            "no histogram of \"" + quantity + "\"; there are: " + basis.terms() + ", " + WEIGHT);
      }
      weights[a] = new ExactSum[axes.get(a).bins() + 2];
      squares[a] = new ExactSum[axes.get(a).bins() + 2];
      Arrays.setAll(weights[a], i -> new ExactSum());
      Arrays.setAll(squares[a], i -> new ExactSum());
    }
  }

  /** Adds an event; those with a number that is not finite are counted and left out. */
  public void add(double[] coefficients, double weight) {
    double check = weight;
    for (double c : coefficients) {
      check += c;
    }
    if (!Double.isFinite(check)) {
      skipped++;
      return;
    }
    events++;
    for (int a = 0; a < weights.length; a++) {
      Axis axis = axes.get(a);
      int term = basis.terms().indexOf(axis.quantity());
      int bin = axis.bin(term < 0 ? weight : coefficients[term]);
      weights[a][bin].add(weight);
      squares[a][bin].add(weight * weight);
    }
  }

  /** Adds the events of a batch, as {@link LikelihoodSums#add(EventBatch, String, String)} does. */
  public void add(EventBatch batch, String name, String weight) {
    PolynomialColumn.forEach(batch, basis, name, weight, this::add);
  }

  /** Adds the events of other histograms of the same axes. */
  public void add(EftHistograms other) {
    if (!basis.equals(other.basis) || !axes.equals(other.axes)) {
      throw new IllegalArgumentException("histograms of other quantities");
    }
    for (int a = 0; a < weights.length; a++) {
      for (int bin = 0; bin < weights[a].length; bin++) {
        weights[a][bin].add(other.weights[a][bin]);
        squares[a][bin].add(other.squares[a][bin]);
      }
    }
    events += other.events;
    skipped += other.skipped;
  }

  /** What is filled, in order. */
  public List<Axis> axes() {
    return axes;
  }

  /** Number of events added. */
  public long events() {
    return events;
  }

  /** Events left out since a number of theirs was not finite. */
  public long skipped() {
    return skipped;
  }

  /** Sum of the weights of each bin of an axis, with underflow and overflow. */
  public double[] sums(int axis) {
    return Arrays.stream(weights[axis]).mapToDouble(ExactSum::value).toArray();
  }

  /** Sum of the squared weights of each bin: the squared statistical error. */
  public double[] squaredErrors(int axis) {
    return Arrays.stream(squares[axis]).mapToDouble(ExactSum::value).toArray();
  }
}
