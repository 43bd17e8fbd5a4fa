package org.bitbeam.physics.eft;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.bitbeam.columns.EventBatch;

/**
 * Log-likelihood of the Wilson coefficients at chosen points, summed over events: sum over events
 * of w (ln r(c) - ln s(c)), with its first derivatives, its second derivatives, and the sum of w
 * times the product of the event's first derivatives (the Fisher information when the events follow
 * the point). Here r is the event's polynomial, w its weight, and s the polynomial of the total
 * rate in the selection, both taken as at least {@link #SMALLEST_RATIO}: density of the event = r /
 * s times that of the Standard Model.
 *
 * <p>Sums are exact: parts may be added in any order and merged in any way, the results are the
 * same bits. For one thread.
 */
public final class LikelihoodSums implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Polynomials below are taken as this much: a truncated or estimated r may be negative. */
  public static final double SMALLEST_RATIO = 1e-6;

  // 1 value, n first and n(n+1)/2 second derivatives, n(n+1)/2 products.
  private final WilsonBasis basis;
  private final double[] rate;
  private final List<double[]> points;
  private final ExactSum[][] sums;
  private final ExactSum weights = new ExactSum();
  private final ExactSum squaredWeights = new ExactSum();
  private final ExactSum[] polynomial;
  private long events;
  private long skipped;
  private long clamped;

  /**
   * No events yet.
   *
   * @param rate polynomial of the total rate; zeros if it does not depend on the coefficients
   * @param points where to evaluate
   */
  public LikelihoodSums(WilsonBasis basis, double[] rate, List<double[]> points) {
    if (rate.length != basis.size()) {
      throw new IllegalArgumentException(
          "the rate has " + rate.length + " coefficients, expected " + basis.size());
    }
    this.basis = basis;
    this.rate = rate.clone();
    this.points = points.stream().map(double[]::clone).toList();
    int n = basis.dimensions();
    this.sums = new ExactSum[points.size()][1 + n + n * (n + 1)];
    for (ExactSum[] row : sums) {
      Arrays.setAll(row, i -> new ExactSum());
    }
    this.polynomial = new ExactSum[basis.size()];
    Arrays.setAll(polynomial, i -> new ExactSum());
  }

  /**
   * Adds an event.
   *
   * @param coefficients its polynomial; events with a NaN are counted and left out
   * @param weight its weight, 1 for data
   */
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
    weights.add(weight);
    squaredWeights.add(weight * weight);
    for (int i = 0; i < coefficients.length; i++) {
      polynomial[i].add(weight * coefficients[i]);
    }
    int n = basis.dimensions();
    double[] hessian = basis.hessian(coefficients);
    double[] rateHessian = basis.hessian(rate);
    for (int p = 0; p < sums.length; p++) {
      double[] point = points.get(p);
      double r = basis.value(coefficients, point);
      double s = basis.value(rate, point);
      boolean small = isSmall(r);
      clamped += small ? 1 : 0;
      double[] slope = basis.gradient(coefficients, point);
      double[] rateSlope = basis.gradient(rate, point);
      r = atLeastSmallest(r);
      if (small) {
        Arrays.fill(slope, 0);
      }
      boolean noRate = isSmall(s);
      s = atLeastSmallest(s);
      if (noRate) {
        Arrays.fill(rateSlope, 0);
      }
      ExactSum[] row = sums[p];
      row[0].add(weight * (StrictMath.log(r) - StrictMath.log(s)));
      int second = 1 + n;
      int product = second + n * (n + 1) / 2;
      for (int i = 0; i < n; i++) {
        double gi = slope[i] / r - rateSlope[i] / s;
        row[1 + i].add(weight * gi);
        for (int j = i; j < n; j++) {
          double gj = slope[j] / r - rateSlope[j] / s;
          double curved = small ? 0 : hessian[i * n + j] / r - slope[i] * slope[j] / (r * r);
          double rateCurved =
              noRate ? 0 : rateHessian[i * n + j] / s - rateSlope[i] * rateSlope[j] / (s * s);
          row[second++].add(weight * (curved - rateCurved));
          row[product++].add(weight * gi * gj);
        }
      }
    }
  }

  private static boolean isSmall(double ratio) {
    return !(ratio > SMALLEST_RATIO);
  }

  /** A value of a polynomial, as its logarithm is taken: {@value #SMALLEST_RATIO} or more. */
  public static double atLeastSmallest(double ratio) {
    return isSmall(ratio) ? SMALLEST_RATIO : ratio;
  }

  /**
   * Adds the events of a batch.
   *
   * @param name column of the polynomials, such as {@value EftEstimator#COEFFICIENTS}; arrays that
   *     have one number more begin with the weight of the Standard Model, which the others are
   *     divided by and which multiplies the event's weight
   * @param weight column of the weights; empty for weights of 1
   * @throws IllegalArgumentException when a column is missing or of another type or size
   */
  public void add(EventBatch batch, String name, String weight) {
    PolynomialColumn.forEach(batch, basis, name, weight, this::add);
  }

  /** Adds the events of other sums over the same points. */
  public void add(LikelihoodSums other) {
    if (!basis.equals(other.basis) || points.size() != other.points.size()) {
      throw new IllegalArgumentException("sums over other points or operators");
    }
    for (int p = 0; p < sums.length; p++) {
      for (int i = 0; i < sums[p].length; i++) {
        sums[p][i].add(other.sums[p][i]);
      }
    }
    for (int i = 0; i < polynomial.length; i++) {
      polynomial[i].add(other.polynomial[i]);
    }
    weights.add(other.weights);
    squaredWeights.add(other.squaredWeights);
    events += other.events;
    skipped += other.skipped;
    clamped += other.clamped;
  }

  /** The basis of the polynomials. */
  public WilsonBasis basis() {
    return basis;
  }

  /** The points, in order. */
  public List<double[]> points() {
    return points.stream().map(double[]::clone).toList();
  }

  /** Number of events added. */
  public long events() {
    return events;
  }

  /** Events left out since a number of theirs was not finite. */
  public long skipped() {
    return skipped;
  }

  /** How often, over all points, an event's polynomial was below {@link #SMALLEST_RATIO}. */
  public long clamped() {
    return clamped;
  }

  /** Sum of the weights. */
  public double sumOfWeights() {
    return weights.value();
  }

  /** Effective number of events: (sum of w)^2 / sum of w^2. */
  public double effectiveEvents() {
    double sum = weights.value();
    return sum == 0 ? 0 : sum * sum / squaredWeights.value();
  }

  /** Weighted mean of the polynomials: over Standard Model events, the polynomial of the rate. */
  public double[] meanPolynomial() {
    double[] mean = new double[polynomial.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = polynomial[i].value() / weights.value();
    }
    return mean;
  }

  /** The log-likelihood at a point. */
  public double logLikelihood(int point) {
    return sums[point][0].value();
  }

  /** Its n derivatives. */
  public double[] gradient(int point) {
    double[] gradient = new double[basis.dimensions()];
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] = sums[point][1 + i].value();
    }
    return gradient;
  }

  /** Its n x n second derivatives. */
  public double[][] hessian(int point) {
    return symmetric(point, 1 + basis.dimensions());
  }

  /** Sum over events of w times the product of the event's derivatives; n x n. */
  public double[][] fisherInformation(int point) {
    int n = basis.dimensions();
    return symmetric(point, 1 + n + n * (n + 1) / 2);
  }

  private double[][] symmetric(int point, int from) {
    int n = basis.dimensions();
    double[][] matrix = new double[n][n];
    int at = from;
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) {
        matrix[i][j] = sums[point][at++].value();
        matrix[j][i] = matrix[i][j];
      }
    }
    return matrix;
  }

  /** Writes the sums, without basis, rate and points. */
  public void write(DataOutput out) throws IOException {
    out.writeLong(events);
    out.writeLong(skipped);
    out.writeLong(clamped);
    for (ExactSum sum : all()) {
      for (long chunk : sum.state()) {
        out.writeLong(chunk);
      }
    }
  }

  /** Adds sums that {@link #write} wrote, over the same basis, rate and points. */
  public void addWritten(DataInput in) throws IOException {
    events += in.readLong();
    skipped += in.readLong();
    clamped += in.readLong();
    for (ExactSum sum : all()) {
      long[] state = new long[ExactSum.CHUNKS + 1];
      for (int i = 0; i < state.length; i++) {
        state[i] = in.readLong();
      }
      sum.add(ExactSum.of(state));
    }
  }

  private List<ExactSum> all() {
    List<ExactSum> all = new java.util.ArrayList<>();
    all.add(weights);
    all.add(squaredWeights);
    all.addAll(Arrays.asList(polynomial));
    for (ExactSum[] row : sums) {
      all.addAll(Arrays.asList(row));
    }
    return all;
  }
}
