package org.bitbeam.physics.eft;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
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

  private final WilsonBasis basis;
  private final double[] rate;
  private final List<double[]> points;
  private final boolean derivatives;
  private final PointSums[] sums;
  private final ExactSum weights = new ExactSum();
  private final ExactSum squaredWeights = new ExactSum();
  private final ExactSum[] polynomial;
  private long events;
  private long skipped;
  private long clamped;
  private final EventBlock waiting; // events that are not in the sums yet

  /**
   * No events yet.
   *
   * @param rate polynomial of the total rate; zeros if it does not depend on the coefficients
   * @param points where to evaluate
   */
  public LikelihoodSums(WilsonBasis basis, double[] rate, List<double[]> points) {
    this(basis, rate, points, true);
  }

  private LikelihoodSums(
      WilsonBasis basis, double[] rate, List<double[]> points, boolean derivatives) {
    if (rate.length != basis.size()) {
      throw new IllegalArgumentException(
          "the rate has " + rate.length + " coefficients, expected " + basis.size());
    }
    this.basis = basis;
    this.rate = rate.clone();
    this.points = points.stream().map(double[]::clone).toList();
    this.derivatives = derivatives;
    this.sums =
        this.points.stream()
            .map(point -> new PointSums(basis, this.rate, point, derivatives))
            .toArray(PointSums[]::new);
    this.polynomial = ExactSum.zeros(basis.size());
    this.waiting = new EventBlock(basis);
  }

  /**
   * The same without derivatives and Fisher information, for many points: several times as fast.
   *
   * @param rate polynomial of the total rate; zeros if it does not depend on the coefficients
   * @param points where to evaluate
   */
  public static LikelihoodSums ofValues(WilsonBasis basis, double[] rate, List<double[]> points) {
    return new LikelihoodSums(basis, rate, points, false);
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
    waiting.add(coefficients, weight);
    if (waiting.count() == EventBlock.SIZE) {
      addWaiting();
    }
  }

  /** Before anything is read of the sums. */
  private void addWaiting() {
    if (waiting.count() == 0) {
      return;
    }
    waiting.addWeights(weights);
    waiting.addSquaredWeights(squaredWeights);
    for (int k = 0; k < polynomial.length; k++) {
      waiting.addCoefficient(k, polynomial[k]);
    }
    for (PointSums sum : sums) {
      clamped += sum.add(waiting);
    }
    waiting.clear();
  }

  /** A value of a polynomial, as its logarithm is taken: {@value #SMALLEST_RATIO} or more. */
  public static double atLeastSmallest(double ratio) {
    return ratio > SMALLEST_RATIO ? ratio : SMALLEST_RATIO;
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
    if (!basis.equals(other.basis)
        || points.size() != other.points.size()
        || derivatives != other.derivatives) {
      throw new IllegalArgumentException("sums over other points or operators");
    }
    other.addWaiting();
    for (int p = 0; p < sums.length; p++) {
      sums[p].add(other.sums[p]);
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
    addWaiting();
    return clamped;
  }

  /** Sum of the weights. */
  public double sumOfWeights() {
    addWaiting();
    return weights.value();
  }

  /** Effective number of events: (sum of w)^2 / sum of w^2. */
  public double effectiveEvents() {
    double sum = sumOfWeights();
    return sum == 0 ? 0 : sum * sum / squaredWeights.value();
  }

  /** Weighted mean of the polynomials: over Standard Model events, the polynomial of the rate. */
  public double[] meanPolynomial() {
    double sum = sumOfWeights();
    double[] mean = new double[polynomial.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = polynomial[i].value() / sum;
    }
    return mean;
  }

  /** The log-likelihood at a point. */
  public double logLikelihood(int point) {
    return at(point).logLikelihood();
  }

  /** Its n derivatives. */
  public double[] gradient(int point) {
    double[] gradient = new double[basis.dimensions()];
    Arrays.setAll(gradient, i -> at(point).first(i));
    return gradient;
  }

  /** Its n x n second derivatives. */
  public double[][] hessian(int point) {
    return at(point).second();
  }

  /** Sum over events of w times the product of the event's derivatives; n x n. */
  public double[][] fisherInformation(int point) {
    return at(point).products();
  }

  private PointSums at(int point) {
    addWaiting();
    return sums[point];
  }

  /** Writes the sums, without basis, rate and points. */
  public void write(DataOutput out) throws IOException {
    addWaiting();
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
    List<ExactSum> all = new ArrayList<>();
    all.add(weights);
    all.add(squaredWeights);
    all.addAll(Arrays.asList(polynomial));
    for (PointSums sum : sums) {
      sum.all().forEach(all::add);
    }
    return all;
  }
}
