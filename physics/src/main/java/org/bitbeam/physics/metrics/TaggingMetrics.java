package org.bitbeam.physics.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Quality of a two-class tagger on jets of known class. Jets are ranked by the logit (signal minus
 * background), which does not saturate as the score does: where many jets share one score, a
 * working point inside of them says little, and its {@linkplain WorkingPoint#tieMass() tie mass}
 * tells. Jets whose logit is NaN (no constituents, no score asked for) are left out and counted.
 *
 * <p>Immutable; safe to share between threads. The same input and seed give the same numbers.
 */
public final class TaggingMetrics {
  /** Bins of the calibration curve. */
  public static final int CALIBRATION_BINS = 20;

  private static final double CUT = 0.5;

  // By descending logit.
  private final double[] logits;
  private final double[] scores;
  private final boolean[] signal;
  private final int excluded;
  private final Summary summary;

  /**
   * A point of the ROC curve.
   *
   * @param signalEfficiency share of the signal that is kept
   * @param rejection 1 / share of the background that is kept, interpolated linearly through jets
   *     of equal logits; infinite when no background is kept
   * @param tieMass share of the signal whose logit equals the threshold: as long as it is small,
   *     the point is well defined
   */
  public record WorkingPoint(double signalEfficiency, double rejection, double tieMass) {}

  /**
   * A bin of the calibration curve.
   *
   * @param lower lower edge of the bin in the score, which belongs to the bin before
   * @param upper upper edge, which belongs to the bin
   * @param jets number of jets
   * @param meanScore NaN for an empty bin
   * @param signalShare share of the jets that are signal; for a calibrated tagger the mean score;
   *     NaN for an empty bin
   */
  public record CalibrationBin(
      double lower, double upper, long jets, double meanScore, double signalShare) {}

  /**
   * The main numbers.
   *
   * @param auc area under the ROC curve: how often a signal jet has the higher logit of a pair with
   *     a background jet, equal logits counting half
   * @param accuracy share of jets on the right side of a score of 0.5 (0.5 counts as signal)
   * @param rejection50 rejection at a signal efficiency of 50 %
   * @param rejection30 rejection at a signal efficiency of 30 %
   * @param calibrationError expected calibration error: mean of |mean score - share of signal| over
   *     the 20 bins, weighted with their jets
   */
  public record Summary(
      double auc,
      double accuracy,
      double rejection50,
      double rejection30,
      double calibrationError) {}

  private TaggingMetrics(double[] logits, boolean[] isSignal) {
    if (logits.length != isSignal.length) {
      throw new IllegalArgumentException(
          logits.length + " logits, but " + isSignal.length + " true classes");
    }
    Integer[] order = new Integer[logits.length];
    int used = 0;
    for (int i = 0; i < logits.length; i++) {
      if (!Double.isNaN(logits[i])) {
        order[used++] = i;
      }
    }
    Arrays.sort(order, 0, used, (a, b) -> Double.compare(logits[b], logits[a]));
    this.excluded = logits.length - used;
    this.logits = new double[used];
    this.scores = new double[used];
    this.signal = new boolean[used];
    for (int i = 0; i < used; i++) {
      // Adding zero makes one of the two zeros, which compare as different.
      this.logits[i] = logits[order[i]] + 0.0;
      this.scores[i] = 1 / (1 + StrictMath.exp(-this.logits[i]));
      this.signal[i] = isSignal[order[i]];
    }
    long signals = signalJets();
    if (signals == 0 || signals == used) {
      throw new IllegalArgumentException(
          "of " + used + " jets with a score " + signals + " are signal; both classes are needed");
    }
    int[] ones = new int[used];
    Arrays.fill(ones, 1);
    this.summary = summarise(ones);
  }

  /**
   * Metrics of logits.
   *
   * @param logits signal minus background; NaN where a jet has none
   * @param isSignal the true class of each jet
   * @throws IllegalArgumentException when lengths differ or a class is missing
   */
  public static TaggingMetrics of(double[] logits, boolean[] isSignal) {
    return new TaggingMetrics(logits, isSignal);
  }

  /** Number of jets with a logit. */
  public int jets() {
    return logits.length;
  }

  /** Number of signal jets with a logit. */
  public long signalJets() {
    long count = 0;
    for (boolean s : signal) {
      count += s ? 1 : 0;
    }
    return count;
  }

  /** Number of jets without a logit. */
  public int excludedJets() {
    return excluded;
  }

  /** The main numbers. */
  public Summary summary() {
    return summary;
  }

  /**
   * The point of the ROC curve at a signal efficiency above 0 and up to 1.
   *
   * @throws IllegalArgumentException when the efficiency is not in this range
   */
  public WorkingPoint at(double signalEfficiency) {
    if (!(signalEfficiency > 0 && signalEfficiency <= 1)) {
      throw new IllegalArgumentException(
          "signal efficiency " + signalEfficiency + ", expected above 0 and up to 1");
    }
    int[] ones = new int[logits.length];
    Arrays.fill(ones, 1);
    return new Curve(ones).at(signalEfficiency);
  }

  /**
   * The cut on the logit that keeps at least a share of the signal, and what it keeps of both
   * classes; the errors are binomial, sqrt(e (1 - e) / jets).
   *
   * @param name of the working point
   * @param signalEfficiency above 0 and up to 1
   * @param sample what these jets are, in words
   * @throws IllegalArgumentException when the efficiency is not in this range or the name no name
   */
  public org.bitbeam.physics.tagging.WorkingPoint cut(
      String name, double signalEfficiency, String sample) {
    at(signalEfficiency);
    long signals = signalJets();
    long backgrounds = logits.length - signals;
    long signalAbove = 0;
    long backgroundAbove = 0;
    for (int i = 0; i < logits.length; i++) {
      signalAbove += signal[i] ? 1 : 0;
      backgroundAbove += signal[i] ? 0 : 1;
      boolean lastOfEqual = i + 1 == logits.length || logits[i + 1] != logits[i];
      if (lastOfEqual && signalAbove >= signalEfficiency * signals) {
        double signalShare = (double) signalAbove / signals;
        double backgroundShare = (double) backgroundAbove / backgrounds;
        return new org.bitbeam.physics.tagging.WorkingPoint(
            name,
            logits[i],
            signalShare,
            Math.sqrt(signalShare * (1 - signalShare) / signals),
            backgroundShare,
            Math.sqrt(backgroundShare * (1 - backgroundShare) / backgrounds),
            sample);
      }
    }
    throw new AssertionError("all jets pass the lowest cut");
  }

  /**
   * The ROC curve: signal and background efficiencies after each group of equal logits, from (0, 0)
   * to (1, 1).
   *
   * @return two arrays of equal length
   */
  public double[][] roc() {
    int[] ones = new int[logits.length];
    Arrays.fill(ones, 1);
    Curve curve = new Curve(ones);
    double[][] points = new double[2][curve.groups + 1];
    for (int g = 0; g <= curve.groups; g++) {
      points[0][g] = (double) curve.signalAbove[g] / curve.signalTotal();
      points[1][g] = (double) curve.backgroundAbove[g] / curve.backgroundTotal();
    }
    return points;
  }

  /** The calibration curve: bins of equal width in the score. */
  public List<CalibrationBin> calibration() {
    int[] ones = new int[logits.length];
    Arrays.fill(ones, 1);
    return calibration(ones);
  }

  /**
   * Statistical errors of the {@link #summary()}: standard deviations over samples drawn with
   * replacement, signal and background each in its own number.
   *
   * @param replicas number of samples, 2 or more; 200 give errors to about 5 %
   * @param seed of the random numbers
   */
  public Summary bootstrapErrors(int replicas, long seed) {
    if (replicas < 2) {
      throw new IllegalArgumentException(replicas + " replicas, expected 2 or more");
    }
    int[] signals = positions(true);
    int[] backgrounds = positions(false);
    Random random = new Random(seed);
    double[][] values = new double[5][replicas];
    for (int r = 0; r < replicas; r++) {
      int[] weights = new int[logits.length];
      draw(signals, weights, random);
      draw(backgrounds, weights, random);
      Summary replica = summarise(weights);
      values[0][r] = replica.auc();
      values[1][r] = replica.accuracy();
      values[2][r] = replica.rejection50();
      values[3][r] = replica.rejection30();
      values[4][r] = replica.calibrationError();
    }
    return new Summary(
        deviation(values[0]),
        deviation(values[1]),
        deviation(values[2]),
        deviation(values[3]),
        deviation(values[4]));
  }

  private Summary summarise(int[] weights) {
    Curve curve = new Curve(weights);
    long right = 0;
    long total = 0;
    for (int i = 0; i < weights.length; i++) {
      total += weights[i];
      right += (scores[i] >= CUT) == signal[i] ? weights[i] : 0;
    }
    double calibrationError = 0;
    for (CalibrationBin bin : calibration(weights)) {
      if (bin.jets() > 0) {
        calibrationError += Math.abs(bin.meanScore() - bin.signalShare()) * bin.jets() / total;
      }
    }
    return new Summary(
        curve.auc(),
        (double) right / total,
        curve.at(0.5).rejection(),
        curve.at(0.3).rejection(),
        calibrationError);
  }

  private List<CalibrationBin> calibration(int[] weights) {
    long[] jets = new long[CALIBRATION_BINS];
    long[] signals = new long[CALIBRATION_BINS];
    double[] sums = new double[CALIBRATION_BINS];
    for (int i = 0; i < weights.length; i++) {
      int bin = Math.max(0, (int) Math.ceil(scores[i] * CALIBRATION_BINS) - 1);
      jets[bin] += weights[i];
      signals[bin] += signal[i] ? weights[i] : 0;
      sums[bin] += weights[i] * scores[i];
    }
    List<CalibrationBin> bins = new ArrayList<>();
    for (int b = 0; b < CALIBRATION_BINS; b++) {
      bins.add(
          new CalibrationBin(
              (double) b / CALIBRATION_BINS,
              (double) (b + 1) / CALIBRATION_BINS,
              jets[b],
              sums[b] / jets[b],
              (double) signals[b] / jets[b]));
    }
    return List.copyOf(bins);
  }

  private int[] positions(boolean wanted) {
    int[] positions = new int[signal.length];
    int used = 0;
    for (int i = 0; i < signal.length; i++) {
      if (signal[i] == wanted) {
        positions[used++] = i;
      }
    }
    return Arrays.copyOf(positions, used);
  }

  private static void draw(int[] positions, int[] weights, Random random) {
    for (int i = 0; i < positions.length; i++) {
      weights[positions[random.nextInt(positions.length)]]++;
    }
  }

  private static double deviation(double[] values) {
    double mean = Arrays.stream(values).average().orElse(Double.NaN);
    double sum = 0;
    for (double value : values) {
      if (Double.isInfinite(value)) {
        return Double.POSITIVE_INFINITY;
      }
      sum += (value - mean) * (value - mean);
    }
    return Math.sqrt(sum / (values.length - 1));
  }

  /** Numbers of jets above each threshold; one group for each distinct logit, jets weighted. */
  private final class Curve {
    final long[] signalAbove = new long[logits.length + 1];
    final long[] backgroundAbove = new long[logits.length + 1];
    int groups;

    Curve(int[] weights) {
      long signals = 0;
      long backgrounds = 0;
      for (int i = 0; i < logits.length; i++) {
        if (signal[i]) {
          signals += weights[i];
        } else {
          backgrounds += weights[i];
        }
        if (i + 1 == logits.length || logits[i + 1] != logits[i]) {
          groups++;
          signalAbove[groups] = signals;
          backgroundAbove[groups] = backgrounds;
        }
      }
    }

    long signalTotal() {
      return signalAbove[groups];
    }

    long backgroundTotal() {
      return backgroundAbove[groups];
    }

    double auc() {
      double pairs = 0;
      for (int g = 0; g < groups; g++) {
        double above = 0.5 * (signalAbove[g] + signalAbove[g + 1]);
        pairs += above * (backgroundAbove[g + 1] - backgroundAbove[g]);
      }
      return pairs / ((double) signalTotal() * backgroundTotal());
    }

    WorkingPoint at(double signalEfficiency) {
      double wanted = signalEfficiency * signalTotal();
      int g = 1;
      while (g < groups && signalAbove[g] < wanted) {
        g++;
      }
      long tied = signalAbove[g] - signalAbove[g - 1];
      double part = (wanted - signalAbove[g - 1]) / tied;
      double background =
          backgroundAbove[g - 1] + part * (backgroundAbove[g] - backgroundAbove[g - 1]);
      return new WorkingPoint(
          signalEfficiency, backgroundTotal() / background, (double) tied / signalTotal());
    }
  }
}
