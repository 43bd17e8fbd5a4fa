package org.bitbeam.physics.eft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.internal.NaturalLogarithm;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Polynomials, exact sums, and a fit whose pulls have mean 0 and width 1. */
class EftFitTest {
  private static final WilsonBasis BASIS = new WilsonBasis(List.of("cW", "cHq"), 2, "Warsaw", 1);
  // Events (x, y) uniform in [-1, 1]^2 in the Standard Model, amplitude 1 + cW x + cHq y.
  private static final double[] RATE = {0, 0, 1 / 3., 0, 1 / 3.};
  private static final double[] TRUTH = {0.2, -0.1};

  private static double[] event(double x, double y) {
    return new double[] {2 * x, 2 * y, x * x, 2 * x * y, y * y};
  }

  private static List<double[]> generate(SplittableRandom random, int events, double[] truth) {
    double most = Math.pow(1 + Math.abs(truth[0]) + Math.abs(truth[1]), 2);
    List<double[]> generated = new ArrayList<>();
    while (generated.size() < events) {
      double x = random.nextDouble(-1, 1);
      double y = random.nextDouble(-1, 1);
      double amplitude = 1 + truth[0] * x + truth[1] * y;
      if (random.nextDouble() * most < amplitude * amplitude) {
        generated.add(event(x, y));
      }
    }
    return generated;
  }

  private static LikelihoodSums sums(List<double[]> events, List<double[]> points) {
    LikelihoodSums sums = new LikelihoodSums(BASIS, RATE, points);
    events.forEach(event -> sums.add(event, 1));
    return sums;
  }

  @Test
  void pullsHaveMeanZeroAndWidthOne() {
    int experiments = 250;
    double[] sum = new double[2];
    double[] squares = new double[2];
    for (int e = 0; e < experiments; e++) {
      List<double[]> events = generate(new SplittableRandom(1000 + e), 1000, TRUTH);
      EftEstimate fit = EftFit.maximise(new double[2], points -> sums(events, points));
      assertTrue(fit.converged(), "experiment " + e);
      for (int i = 0; i < 2; i++) {
        double pull = (fit.values()[i] - TRUTH[i]) / fit.error(i);
        sum[i] += pull;
        squares[i] += pull * pull;
      }
    }
    for (int i = 0; i < 2; i++) {
      double mean = sum[i] / experiments;
      double width = Math.sqrt(squares[i] / experiments - mean * mean);
      // Four standard deviations of mean and width for this many experiments.
      assertEquals(0, mean, 4 / Math.sqrt(experiments), BASIS.operators().get(i));
      assertEquals(1, width, 4 / Math.sqrt(2 * experiments), BASIS.operators().get(i));
    }
  }

  @Test
  void informationEqualsCurvatureAtTheTruth() {
    List<double[]> events = generate(new SplittableRandom(5), 200_000, TRUTH);
    LikelihoodSums sums = sums(events, List.of(TRUTH));
    double[][] information = sums.fisherInformation(0);
    double[][] hessian = sums.hessian(0);
    for (int i = 0; i < 2; i++) {
      assertEquals(1, -hessian[i][i] / information[i][i], 0.03);
      // The slope at the truth is zero within its own variance.
      assertEquals(0, sums.gradient(0)[i], 4 * Math.sqrt(information[i][i]));
    }
    assertEquals(200_000, sums.effectiveEvents());
    assertEquals(0, sums.clamped());
  }

  /** Sums over Standard Model events of one operator that are weighted to a coefficient. */
  private static Function<List<double[]>, LikelihoodSums> weighted(
      List<double[]> events, double truth) {
    WilsonBasis one = new WilsonBasis(List.of("c"), 2, "toy", 1);
    double[] rate = new double[2];
    for (double[] event : events) {
      rate[0] += event[0] / events.size();
      rate[1] += event[1] / events.size();
    }
    return points -> {
      LikelihoodSums sums = new LikelihoodSums(one, rate, points);
      events.forEach(event -> sums.add(event, 1 + truth * event[0] + truth * truth * event[1]));
      return sums;
    };
  }

  @Test
  void aSecondMaximumIsFoundFromEitherSide() {
    // A tenth of the events feels the operator, mostly its square.
    SplittableRandom random = new SplittableRandom(11);
    List<double[]> events = new ArrayList<>();
    for (int e = 0; e < 5_000; e++) {
      double a = e % 10 == 0 ? 0.3 + 0.1 * random.nextGaussian() : 0;
      events.add(new double[] {a, e % 10 == 0 ? 10 + a * a : 0});
    }
    Function<List<double[]>, LikelihoodSums> pass = weighted(events, 1);
    EftEstimate wrong = EftFit.maximise(new double[] {-1}, pass);
    assertTrue(wrong.converged() && wrong.values()[0] < 0, () -> "at " + wrong.values()[0]);
    // All maxima of a fine grid.
    List<double[]> grid = new ArrayList<>();
    for (int i = -2000; i <= 2000; i++) {
      grid.add(new double[] {i * 0.005});
    }
    LikelihoodSums sums = pass.apply(grid);
    List<Double> peaks = new ArrayList<>();
    for (int p = 1; p + 1 < grid.size(); p++) {
      double there = sums.logLikelihood(p);
      if (there > sums.logLikelihood(p - 1) && there > sums.logLikelihood(p + 1)) {
        peaks.add(grid.get(p)[0]);
      }
    }
    for (double start : new double[] {-1, 0, 1}) {
      List<EftEstimate> maxima = EftFit.maxima(new double[] {start}, pass);
      assertEquals(
          peaks,
          maxima.stream()
              .map(maximum -> Math.rint(maximum.values()[0] / 0.005) * 0.005)
              .sorted()
              .toList());
      assertTrue(maxima.get(0).values()[0] > 0, () -> "first at " + maxima.get(0).values()[0]);
    }
    assertEquals(2, peaks.size());
  }

  @Test
  void aSearchThatRunsOffIsNoMaximum() {
    // Interference of either sign: far out all coefficients of one sign are alike.
    SplittableRandom random = new SplittableRandom(11);
    List<double[]> events = new ArrayList<>();
    for (int e = 0; e < 5_000; e++) {
      double a = (random.nextDouble() < 0.55 ? 1 : -1) + 0.3 * random.nextGaussian();
      events.add(new double[] {2 * a, a * a + 0.25});
    }
    Function<List<double[]>, LikelihoodSums> pass = weighted(events, 1.5);
    EftEstimate off = EftFit.maximise(new double[] {-1}, pass);
    assertTrue(off.values()[0] < -1000, () -> "at " + off.values()[0]);
    List<EftEstimate> maxima = EftFit.maxima(new double[] {-1}, pass);
    assertEquals(1.5, maxima.get(0).values()[0], 4 * maxima.get(0).error(0));
    maxima.forEach(maximum -> assertTrue(Math.abs(maximum.values()[0]) < 100));
  }

  /** No point of a fine grid around the fit has a larger likelihood. */
  @Test
  void theFitIsTheMaximumOfTheGrid() {
    List<double[]> events = generate(new SplittableRandom(6), 3000, TRUTH);
    EftEstimate fit = EftFit.maximise(new double[2], points -> sums(events, points));
    List<double[]> grid = new ArrayList<>();
    for (int i = -20; i <= 20; i++) {
      for (int j = -20; j <= 20; j++) {
        grid.add(new double[] {fit.values()[0] + i * 0.01, fit.values()[1] + j * 0.01});
      }
    }
    grid.add(new double[2]);
    LikelihoodSums sums = sums(events, grid);
    double standardModel = sums.logLikelihood(grid.size() - 1);
    int centre = 20 * 41 + 20;
    for (int p = 0; p < grid.size() - 1; p++) {
      double ratio = sums.logLikelihood(p) - standardModel;
      assertTrue(p == centre || ratio < fit.logLikelihood(), "point " + p);
    }
    assertEquals(fit.logLikelihood(), sums.logLikelihood(centre) - standardModel, 1e-9);
    // Half a unit below the maximum where the error says, up to the third derivative.
    double[] shifted = fit.values().clone();
    double correlation =
        fit.covariance()[0][1] / Math.sqrt(fit.covariance()[0][0] * fit.covariance()[1][1]);
    shifted[0] += fit.error(0);
    shifted[1] += correlation * fit.error(1);
    assertEquals(
        -0.5,
        sums(events, List.of(shifted, fit.values())).logLikelihood(0)
            - sums(events, List.of(fit.values())).logLikelihood(0),
        0.05);
  }

  @Test
  void meanOfStandardModelEventsIsTheRate() {
    List<double[]> events = generate(new SplittableRandom(7), 100_000, new double[2]);
    assertArrayEquals(RATE, sums(events, List.of()).meanPolynomial(), 0.01);
  }

  @Property(tries = 100)
  void orderAndGroupingOfEventsDoNotMatter(@ForAll long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    List<double[]> events = new ArrayList<>(generate(random, 200, TRUTH));
    events.add(new double[] {1e12, -1e12, 1e200, 3e-300, -1e-5});
    List<double[]> points = List.of(TRUTH, new double[] {1, 1}, new double[] {-2, 0.5});
    LikelihoodSums expected = sums(events, points);
    Collections.shuffle(events, new Random(seed));
    LikelihoodSums merged = new LikelihoodSums(BASIS, RATE, points);
    int at = 0;
    while (at < events.size()) {
      int next = Math.min(events.size(), at + 1 + random.nextInt(60));
      LikelihoodSums part = sums(events.subList(at, next), points);
      if (random.nextBoolean()) {
        merged.add(part);
      } else {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        part.write(new DataOutputStream(bytes));
        merged.addWritten(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
      }
      at = next;
    }
    for (int p = 0; p < points.size(); p++) {
      assertEquals(expected.logLikelihood(p), merged.logLikelihood(p));
      assertArrayEquals(expected.gradient(p), merged.gradient(p));
      assertArrayEquals(expected.hessian(p), merged.hessian(p));
      assertArrayEquals(expected.fisherInformation(p), merged.fisherInformation(p));
    }
    assertArrayEquals(expected.meanPolynomial(), merged.meanPolynomial());
    assertEquals(expected.events(), merged.events());
  }

  @Property(tries = 2000)
  void exactSumsRoundOnce(@ForAll @Size(max = 40) List<Double> given) {
    List<Double> values = given.stream().map(v -> v / 64).toList();
    ExactSum sum = new ExactSum();
    BigDecimal exact = BigDecimal.ZERO;
    for (double value : values) {
      sum.add(value);
      exact = exact.add(new BigDecimal(value));
    }
    assertEquals(exact.doubleValue() + 0.0, sum.value());
    assertEquals(sum.value(), ExactSum.of(sum.state()).value());
  }

  /** Blocks of any sizes of numbers, the same state as one by one. */
  @Property(tries = 500)
  void exactSumsOfBlocksAreThoseOfTheirNumbers(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ExactSum alone = new ExactSum();
    ExactSum blocks = new ExactSum();
    int spread = 1 + random.nextInt(300);
    for (int b = 0; b < 4; b++) {
      double[] values = new double[ExactSum.BLOCK];
      double size = Math.scalb(1, random.nextInt(-spread, spread));
      for (int i = 0; i < values.length; i++) {
        values[i] = size * random.nextDouble(-1, 1);
        values[i] = random.nextInt(50) == 0 ? Math.scalb(values[i], -spread) : values[i];
        values[i] = random.nextInt(50) == 0 ? 0 : values[i];
      }
      values[0] = random.nextInt(4) == 0 ? Double.MAX_VALUE : values[0];
      values[1] = random.nextInt(4) == 0 ? Double.MIN_VALUE : values[1];
      values[2] = random.nextInt(40) == 0 ? Double.NaN : values[2];
      int count = random.nextInt(values.length + 1);
      blocks.add(values, count);
      for (int i = 0; i < count; i++) {
        alone.add(values[i]);
      }
    }
    assertArrayEquals(alone.state(), blocks.state());
  }

  @Property(tries = 2000)
  void logarithmsAreCloseToThoseOfTheLibrary(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double x = Math.scalb(random.nextDouble(1, 2), random.nextInt(-1022, 1024));
    x = random.nextBoolean() ? x : random.nextDouble(0.5, 2);
    double[] several = {1, x, Double.POSITIVE_INFINITY, 3, x};
    NaturalLogarithm.apply(several, new double[5], 4);
    double expected = StrictMath.log(x);
    assertEquals(expected, several[1], 4e-16 * Math.max(1, Math.abs(expected)));
    assertEquals(several[1], NaturalLogarithm.of(x));
    assertEquals(0, several[0]);
    assertEquals(Double.POSITIVE_INFINITY, several[2]);
    assertEquals(x, several[4], "beyond the count");
  }

  /** Against sums of plain formulas, event by event; with and without derivatives. */
  @Property(tries = 60)
  void sumsAreThoseOfTheFormulas(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int n = 1 + random.nextInt(3);
    WilsonBasis basis =
        new WilsonBasis(List.of("a", "b", "c").subList(0, n), 1 + random.nextInt(2), "", 1);
    double[] rate = random.doubles(basis.size(), -0.1, 0.1).toArray();
    double[] point = random.doubles(n, -1, 1).toArray();
    LikelihoodSums sums = new LikelihoodSums(basis, rate, List.of(new double[n], point));
    LikelihoodSums values = LikelihoodSums.ofValues(basis, rate, List.of(point));
    double s = basis.value(rate, point);
    double value = 0;
    double[] first = new double[n];
    double[] second = new double[n * n];
    double[] products = new double[n * n];
    long clamped = 0;
    for (int e = random.nextInt(700); e >= 0; e--) {
      double[] event = random.doubles(basis.size(), -0.5, 0.5).toArray();
      double weight = random.nextDouble(-1, 3);
      sums.add(event, weight);
      values.add(event, weight);
      double r = basis.value(event, point);
      boolean small = r <= LikelihoodSums.SMALLEST_RATIO;
      clamped += small ? 1 : 0;
      r = LikelihoodSums.atLeastSmallest(r);
      value += weight * (Math.log(r) - Math.log(s));
      double[] slope = small ? new double[n] : basis.gradient(event, point);
      double[] curve = small ? new double[n * n] : basis.hessian(event);
      for (int i = 0; i < n; i++) {
        double gi = slope[i] / r - basis.gradient(rate, point)[i] / s;
        first[i] += weight * gi;
        for (int j = 0; j < n; j++) {
          double ofRate = basis.gradient(rate, point)[j] / s;
          second[i * n + j] +=
              weight
                  * (curve[i * n + j] / r
                      - slope[i] * slope[j] / (r * r)
                      - basis.hessian(rate)[i * n + j] / s
                      + basis.gradient(rate, point)[i] / s * ofRate);
          products[i * n + j] += weight * gi * (slope[j] / r - ofRate);
        }
      }
    }
    assertEquals(value, sums.logLikelihood(1), 1e-10 * (1 + Math.abs(value)));
    assertEquals(sums.logLikelihood(1), values.logLikelihood(0));
    assertEquals(0, sums.logLikelihood(0), "the Standard Model");
    assertEquals(clamped, sums.clamped());
    assertEquals(clamped, values.clamped());
    assertThrows(IllegalStateException.class, () -> values.gradient(0));
    for (int i = 0; i < n; i++) {
      assertEquals(first[i], sums.gradient(1)[i], 1e-9 * (1 + Math.abs(first[i])));
      for (int j = 0; j < n; j++) {
        double size = products[i * n + i] + products[j * n + j];
        assertEquals(second[i * n + j], sums.hessian(1)[i][j], 1e-8 * (1 + Math.abs(size)));
        assertEquals(
            products[i * n + j], sums.fisherInformation(1)[i][j], 1e-8 * (1 + Math.abs(size)));
      }
    }
  }

  @Test
  void exactSumsOfExtremes() {
    ExactSum sum = new ExactSum();
    for (double value :
        new double[] {Double.MAX_VALUE, Double.MIN_VALUE, -Double.MAX_VALUE, 1e16, 1, -1e16}) {
      sum.add(value);
    }
    assertEquals(1 + Double.MIN_VALUE, sum.value());
    sum.add(-1);
    assertEquals(Double.MIN_VALUE, sum.value());
    sum.add(Double.NaN);
    assertTrue(Double.isNaN(sum.value()));
  }

  @Property(tries = 200)
  void derivativesAreThoseOfThePolynomial(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    WilsonBasis basis = new WilsonBasis(List.of("a", "b", "c"), 1 + random.nextInt(2), "", 1);
    double[] k = random.doubles(basis.size(), -2, 2).toArray();
    double[] at = random.doubles(3, -1, 1).toArray();
    double[] gradient = basis.gradient(k, at);
    double[] hessian = basis.hessian(k);
    double h = 0x1p-10; // differences of quadratic polynomials are exact up to rounding
    for (int i = 0; i < 3; i++) {
      double[] up = at.clone();
      double[] down = at.clone();
      up[i] += h;
      down[i] -= h;
      assertEquals((basis.value(k, up) - basis.value(k, down)) / (2 * h), gradient[i], 1e-10);
      for (int j = 0; j < 3; j++) {
        assertEquals(
            (basis.gradient(k, up)[j] - basis.gradient(k, down)[j]) / (2 * h),
            hessian[i * 3 + j],
            1e-10);
      }
    }
    double[] monomials = basis.monomials(at);
    double value = 1;
    for (int i = 0; i < k.length; i++) {
      value += k[i] * monomials[i];
    }
    assertEquals(value, basis.value(k, at), 1e-13);
  }

  @Test
  void weightsAtPointsGiveTheirPolynomial() {
    List<double[]> points = new ArrayList<>();
    for (double a : new double[] {-1, 0, 1}) {
      for (double b : new double[] {-1, 0, 1}) {
        points.add(new double[] {a, b});
      }
    }
    List<double[]> events = generate(new SplittableRandom(8), 50, TRUTH);
    double[] weights = new double[50 * 9];
    int[] offsets = new int[51];
    for (int e = 0; e < 50; e++) {
      offsets[e + 1] = 9 * (e + 1);
      for (int p = 0; p < 9; p++) {
        weights[9 * e + p] = (e + 1) * BASIS.value(events.get(e), points.get(p));
      }
    }
    weights[9 * 3] = Double.NaN;
    ListColumn column = ListColumn.of(offsets, DoubleColumn.of(weights));
    EventBatch batch =
        EventBatch.of(
            new Origin("f.root", "f", "Events", 0),
            new Schema(List.of(Schema.Field.of("LHEReweightingWeight", column.type()))),
            List.of(column),
            50);
    WeightPolynomials stage = new WeightPolynomials(BASIS, "LHEReweightingWeight", points);
    long[] without = new long[1];
    EventBatch result = stage.apply(batch, (name, amount) -> without[0] += amount);
    double[] weight = ((DoubleColumn) result.column("eft_weight")).toArray();
    double[] polynomials =
        ((DoubleColumn) ((ArrayColumn) result.column("eft_coefficients")).content()).toArray();
    for (int e = 0; e < 50; e++) {
      if (e == 3) {
        assertTrue(Double.isNaN(polynomials[5 * e]));
        continue;
      }
      assertEquals(e + 1, weight[e], 1e-10);
      assertArrayEquals(events.get(e), Arrays.copyOfRange(polynomials, 5 * e, 5 * e + 5), 1e-12);
    }
    assertEquals(1, without[0]);
    LikelihoodSums sums = new LikelihoodSums(BASIS, RATE, List.of(TRUTH));
    sums.add(result, "eft_coefficients", "eft_weight");
    assertEquals(1, sums.skipped());
    assertEquals(50 * 51 / 2 - 4, sums.sumOfWeights(), 1e-9);
  }

  @Test
  void pointsThatDetermineNothingAreRefused() {
    List<double[]> onALine = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      onALine.add(new double[] {i, 0});
    }
    assertThrows(IllegalArgumentException.class, () -> new WeightPolynomials(BASIS, "w", onALine));
    assertThrows(
        IllegalArgumentException.class,
        () -> new WeightPolynomials(BASIS, "w", onALine.subList(0, 3)));
  }

  @Test
  void eventsOfNegativeProbabilityAreClampedAndCounted() {
    LikelihoodSums sums = new LikelihoodSums(BASIS, RATE, List.of(new double[] {1, 0}));
    sums.add(new double[] {-3, 0, 0, 0, 0}, 1);
    assertEquals(1, sums.clamped());
    assertEquals(
        Math.log(LikelihoodSums.SMALLEST_RATIO) - Math.log(4 / 3.), sums.logLikelihood(0), 1e-12);
    assertEquals(0, sums.hessian(0)[0][1]);
  }

  /**
   * Weights of WZ events from Pythia (helicity amplitudes of O_W and its CP-odd partner): events
   * drawn with known coefficients give them back.
   */
  @Test
  void pythiaEventsGiveTheirCoefficientsBack() throws IOException {
    Path file = Path.of(System.getProperty("bitbeam.shared", "../../shared"), "data/wz/train.root");
    Assumptions.assumeTrue(Files.exists(file), "shared data are absent: " + file.toAbsolutePath());
    WilsonBasis basis = new WilsonBasis(List.of("cW", "cWtil"), 2, "", 1);
    EventBatch batch;
    try (RootFile root = RootFile.open(file)) {
      Dataset jets = root.dataset("jets");
      batch = jets.read(List.of("eft_coeff"), 0, jets.entries());
    }
    LikelihoodSums all = new LikelihoodSums(basis, new double[5], List.of());
    all.add(batch, "eft_coeff", "");
    double[] rate = all.meanPolynomial();
    NumberColumn numbers = (NumberColumn) ((ArrayColumn) batch.column("eft_coeff")).content();
    double[] truth = {0.1, -0.15};
    double[][] events = new double[batch.entries()][5];
    double most = 0;
    for (int e = 0; e < events.length; e++) {
      for (int i = 0; i < 5; i++) {
        events[e][i] = numbers.getDouble(6 * e + 1 + i) / numbers.getDouble(6 * e);
      }
      most = Math.max(most, basis.value(events[e], truth));
    }
    int experiments = 30;
    double[] sum = new double[2];
    double[] squares = new double[2];
    for (int x = 0; x < experiments; x++) {
      SplittableRandom random = new SplittableRandom(x);
      List<double[]> drawn = new ArrayList<>();
      while (drawn.size() < 1000) {
        double[] event = events[random.nextInt(events.length)];
        if (random.nextDouble() * most < basis.value(event, truth)) {
          drawn.add(event);
        }
      }
      // The interference of O_Wtil is small: -cWtil is nearly as likely. This is about the maximum
      // near the truth.
      EftEstimate fit =
          EftFit.maximise(
              truth,
              points -> {
                LikelihoodSums sums = new LikelihoodSums(basis, rate, points);
                drawn.forEach(event -> sums.add(event, 1));
                return sums;
              });
      assertTrue(fit.converged(), "experiment " + x);
      for (int i = 0; i < 2; i++) {
        double pull = (fit.values()[i] - truth[i]) / fit.error(i);
        sum[i] += pull;
        squares[i] += pull * pull;
      }
    }
    for (int i = 0; i < 2; i++) {
      double mean = sum[i] / experiments;
      double width = Math.sqrt(squares[i] / experiments - mean * mean);
      System.out.printf(
          Locale.ROOT, "%s: pulls %.2f, width %.2f%n", basis.operators().get(i), mean, width);
      assertEquals(0, mean, 4 / Math.sqrt(experiments), basis.operators().get(i));
      assertEquals(1, width, 4 / Math.sqrt(2 * experiments), basis.operators().get(i));
    }
  }
}
