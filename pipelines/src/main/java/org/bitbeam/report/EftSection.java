package org.bitbeam.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bitbeam.physics.eft.EftEstimate;
import org.bitbeam.physics.eft.EftEstimator;
import org.bitbeam.physics.eft.EftFit;
import org.bitbeam.physics.eft.LikelihoodSums;
import org.bitbeam.physics.eft.WilsonBasis;
import org.bitbeam.physics.metrics.EftMetrics;
import org.bitbeam.report.Block.Axis;
import org.bitbeam.report.Block.Chart;
import org.bitbeam.report.Block.Column;
import org.bitbeam.report.Block.Series;
import org.bitbeam.report.Block.Style;
import org.bitbeam.report.Block.Table;
import org.bitbeam.runtime.BundleException;
import org.bitbeam.runtime.ModelBundle;

/** Angles and polynomials of {@code bitbeam eft}, and what they say about Wilson coefficients. */
final class EftSection {
  private static final long MOST_ENTRIES = 50_000;
  private static final String ANGLE = "_decayAngle";
  private static final int BINS = 50;

  /** Points of the grid of the likelihood along an operator. */
  private static final int GRID = 31;

  /** The grid reaches so many standard deviations from the estimate. */
  private static final double REACH = 3.5;

  /** Twice the fall of the log-likelihood for 68.3 % and 95.4 % of two variables. */
  private static final double[] LEVELS = {2.296, 6.180};

  /** Parts of the sample for pulls, each of at least so many events. */
  private static final int PARTS = 40;

  private static final int LEAST_EVENTS_A_PART = 50;

  private final JobFolder job;
  private final EntrySample sample;
  private final List<Block> blocks = new ArrayList<>();

  private EftSection(JobFolder job) {
    this.job = job;
    this.sample = EntrySample.of(job.entries(), MOST_ENTRIES);
  }

  /** Empty when the outputs have neither angles nor polynomials. */
  static Optional<Section> of(JobFolder job, ReportOptions options) throws IOException {
    Optional<String> angle = EntrySample.find(job, name -> name.endsWith(ANGLE));
    Optional<String> coefficients =
        EntrySample.find(job, name -> name.equals(EftEstimator.COEFFICIENTS));
    if (angle.isEmpty() && coefficients.isEmpty()) {
      return Optional.empty();
    }
    EftSection section = new EftSection(job);
    if (angle.isPresent()) {
      section.addAngles(angle.get(), options.truth());
    }
    if (coefficients.isPresent()) {
      section.addCoefficients();
    }
    return Optional.of(new Section("EFT estimates", section.blocks));
  }

  // ---- angles

  private void addAngles(String angle, String truth) throws IOException {
    Optional<String> spread = EntrySample.find(job, name -> name.equals(angle + "Spread"));
    List<String> columns = new ArrayList<>(List.of(angle));
    spread.ifPresent(columns::add);
    if (!truth.isEmpty()) {
      columns.add(truth);
    }
    double[][] read = sample.read(job, columns);
    double[] finite = Arrays.stream(read[0]).filter(Double::isFinite).toArray();
    blocks.add(
        new Chart(
            "Decay-plane angles",
            Numbers.count(finite.length)
                + " jets of "
                + sample.describe("entries")
                + "; an angle is known up to half a turn.",
            Axis.of("angle in rad"),
            Axis.of("share of the jets"),
            List.of(Distribution.shares("estimates", finite, -Math.PI / 2, Math.PI / 2, BINS))));
    if (!truth.isEmpty()) {
      addResiduals(read[0], read[read.length - 1], spread.isPresent() ? read[1] : new double[0]);
    }
  }

  private void addResiduals(double[] estimates, double[] truth, double[] spreads) {
    double[] residuals = EftMetrics.residuals(estimates, truth);
    blocks.add(
        new Chart(
            "Residuals of the angles",
            "Estimate minus truth modulo half turns: mean "
                + Numbers.rounded(Distribution.mean(residuals), 3)
                + ", standard deviation "
                + Numbers.rounded(Distribution.deviation(residuals), 3)
                + " rad; a flat distribution would know nothing.",
            Axis.of("estimate − truth in rad"),
            Axis.of("share of the jets"),
            List.of(
                Distribution.shares(
                    "residuals",
                    Arrays.stream(residuals).filter(Double::isFinite).toArray(),
                    -Math.PI / 2,
                    Math.PI / 2,
                    BINS))));
    if (spreads.length > 0) {
      double[] pulls = new double[residuals.length];
      Arrays.setAll(pulls, i -> residuals[i] / spreads[i]);
      blocks.add(
          new Distribution()
              .add("pulls", pulls)
              .chart(
                  "Pulls of the angles",
                  "Residual over the spread of the networks: the spread is an honest error if the"
                      + " standard deviation, "
                      + Numbers.rounded(Distribution.deviation(pulls), 3)
                      + ", is 1.",
                  "residual / spread",
                  "share of the jets"));
    }
  }

  // ---- polynomials

  private void addCoefficients() throws IOException {
    String path = job.summary().path("modelPath").asText("");
    JsonNode node;
    WilsonBasis basis;
    try {
      ModelBundle bundle = ModelBundle.open(Path.of(path));
      node = bundle.stage().path("coefficients");
      basis = WilsonBasis.parse(bundle + ": coefficients", node);
    } catch (IOException | BundleException | IllegalArgumentException e) {
      blocks.add(
          new Block.Text(
              "The bundle, which names the operators, cannot be read: " + e.getMessage()));
      return;
    }
    double[][] events = events(basis);
    blocks.add(
        new Block.Text(
            "Polynomials of "
                + Numbers.count(events.length)
                + " events of "
                + sample.describe("entries")
                + ": "
                + basis.describe()
                + "."));
    if (!node.has("rate") || events.length == 0) {
      blocks.add(
          new Block.Text(
              "The bundle does not give the polynomial of the total rate: for an estimate of all"
                  + " events, use bitbeam combine."));
      return;
    }
    double[] rate = new double[basis.size()];
    Arrays.setAll(rate, i -> node.get("rate").path(i).asDouble(Double.NaN));
    combine(basis, rate, events);
  }

  private double[][] events(WilsonBasis basis) throws IOException {
    double[] flat = sample.read(job, List.of(EftEstimator.COEFFICIENTS))[0];
    int size = basis.size();
    List<double[]> events = new ArrayList<>();
    for (int at = 0; at + size <= flat.length; at += size) {
      double[] event = Arrays.copyOfRange(flat, at, at + size);
      if (Double.isFinite(Arrays.stream(event).sum())) {
        events.add(event);
      }
    }
    return events.toArray(double[][]::new);
  }

  private void combine(WilsonBasis basis, double[] rate, double[][] events) {
    List<EftEstimate> maxima =
        EftFit.maxima(
            new double[basis.dimensions()],
            points -> add(events, 0, 1, new LikelihoodSums(basis, rate, points)),
            points -> add(events, 0, 1, LikelihoodSums.ofValues(basis, rate, points)));
    EftEstimate fit = maxima.get(0);
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < basis.dimensions(); i++) {
      rows.add(
          List.of(
              basis.operators().get(i),
              fit.converged() ? Numbers.withError(fit.values()[i], fit.error(i)) : "–",
              fit.converged() ? Numbers.rounded(fit.values()[i] / fit.error(i), 3) : "–"));
    }
    if (fit.converged()) {
      for (int i = 0; i < basis.dimensions(); i++) {
        for (int j = i + 1; j < basis.dimensions() && j < 4; j++) {
          blocks.add(contour(basis, rate, events, fit, i, j));
        }
      }
      if (basis.dimensions() == 1) {
        blocks.add(scan(basis, rate, events, fit));
      }
      addPulls(basis, rate, events, fit);
    }
    blocks.add(
        new Table(
            "Combined estimate of the events shown"
                + (fit.converged() ? "" : ": the likelihood of these polynomials has no maximum"),
            List.of(
                Column.words("operator"),
                Column.numbers("estimate"),
                Column.numbers("in standard deviations")),
            rows,
            false));
    if (maxima.size() > 1) {
      blocks.add(new Block.Text(others(basis, fit, maxima.subList(1, maxima.size()))));
    }
  }

  private static String others(WilsonBasis basis, EftEstimate best, List<EftEstimate> others) {
    List<String> texts = new ArrayList<>();
    for (EftEstimate other : others) {
      List<String> values = new ArrayList<>();
      for (int i = 0; i < basis.dimensions(); i++) {
        values.add(basis.operators().get(i) + " = " + Numbers.rounded(other.values()[i], 3));
      }
      texts.add(
          String.join(", ", values)
              + " (log-likelihood lower by "
              + Numbers.rounded(best.logLikelihood() - other.logLikelihood(), 3)
              + ")");
    }
    return "The likelihood has other maxima: "
        + String.join("; ", texts)
        + ". Where the difference is small the events do not tell them apart.";
  }

  /** The estimate of every n-th event, searched for from that of all: in the same maximum. */
  private static EftEstimate fit(
      WilsonBasis basis, double[] rate, double[][] events, EftEstimate all, int first, int step) {
    return EftFit.maximise(
        all.values(), points -> add(events, first, step, new LikelihoodSums(basis, rate, points)));
  }

  /** Adds every n-th event to sums. */
  private static LikelihoodSums add(double[][] events, int first, int step, LikelihoodSums sums) {
    for (int e = first; e < events.length; e += step) {
      sums.add(events[e], 1);
    }
    return sums;
  }

  /** Twice the fall of the log-likelihood from its maximum, on a grid. */
  private static double[] falls(
      WilsonBasis basis, double[] rate, double[][] events, EftEstimate fit, List<double[]> points) {
    List<double[]> all = new ArrayList<>(points);
    all.add(fit.values());
    LikelihoodSums sums = add(events, 0, 1, LikelihoodSums.ofValues(basis, rate, all));
    double top = sums.logLikelihood(points.size());
    double[] falls = new double[points.size()];
    Arrays.setAll(falls, p -> 2 * (top - sums.logLikelihood(p)));
    return falls;
  }

  private static double[] axis(EftEstimate fit, int operator) {
    double[] axis = new double[GRID];
    Arrays.setAll(
        axis,
        k -> fit.values()[operator] + REACH * fit.error(operator) * (2. * k / (GRID - 1) - 1));
    return axis;
  }

  private static Chart scan(WilsonBasis basis, double[] rate, double[][] events, EftEstimate fit) {
    double[] axis = axis(fit, 0);
    List<double[]> points = new ArrayList<>();
    Arrays.stream(axis).forEach(value -> points.add(new double[] {value}));
    String name = basis.operators().get(0);
    return new Chart(
        "Likelihood",
        name
            + " = "
            + Numbers.withError(fit.values()[0], fit.error(0))
            + ", where the curve is at 1 for one standard deviation.",
        Axis.of(name),
        Axis.of("−2 Δ ln L"),
        List.of(
            Series.of("likelihood", Style.LINE, axis, falls(basis, rate, events, fit, points))));
  }

  private static Chart contour(
      WilsonBasis basis, double[] rate, double[][] events, EftEstimate fit, int i, int j) {
    double[] x = axis(fit, i);
    double[] y = axis(fit, j);
    List<double[]> points = new ArrayList<>();
    for (double a : x) {
      for (double b : y) {
        double[] point = fit.values().clone();
        point[i] = a;
        point[j] = b;
        points.add(point);
      }
    }
    double[] falls = falls(basis, rate, events, fit, points);
    double[][] grid = new double[x.length][y.length];
    for (int k = 0; k < falls.length; k++) {
      grid[k / y.length][k % y.length] = falls[k];
    }
    Contours contours = new Contours(x, y, grid);
    List<Series> series = new ArrayList<>();
    String[] names = {"68.3 %", "95.4 %"};
    List<String> extents = new ArrayList<>();
    for (int l = 0; l < LEVELS.length; l++) {
      double[][] line = contours.at(LEVELS[l]);
      series.add(Series.of(names[l], Style.CURVE, line[0], line[1]));
      extents.add(names[l] + ": " + extent(line[0]) + " and " + extent(line[1]));
    }
    series.add(
        Series.of(
            "estimate",
            Style.POINTS,
            new double[] {fit.values()[i]},
            new double[] {fit.values()[j]}));
    series.add(Series.of("Standard Model", Style.POINTS, new double[] {0}, new double[] {0}));
    String a = basis.operators().get(i);
    String b = basis.operators().get(j);
    return new Chart(
        "Likelihood contours of " + a + " and " + b,
        a
            + " = "
            + Numbers.withError(fit.values()[i], fit.error(i))
            + ", "
            + b
            + " = "
            + Numbers.withError(fit.values()[j], fit.error(j))
            + ", correlation "
            + Numbers.rounded(fit.covariance()[i][j] / (fit.error(i) * fit.error(j)), 3)
            + "; the contours reach, "
            + String.join(", ", extents)
            + (basis.dimensions() > 2 ? "; other coefficients are at their estimates." : "."),
        Axis.of(a),
        Axis.of(b),
        series);
  }

  private static String extent(double[] values) {
    double[] finite = Arrays.stream(values).filter(Double::isFinite).toArray();
    return Numbers.rounded(Arrays.stream(finite).min().orElse(Double.NaN), 3)
        + " to "
        + Numbers.rounded(Arrays.stream(finite).max().orElse(Double.NaN), 3);
  }

  /**
   * Estimates of disjoint parts against that of all events: a part's estimate minus that of all
   * varies with the difference of their variances, since the part is one of all.
   */
  private void addPulls(WilsonBasis basis, double[] rate, double[][] events, EftEstimate all) {
    int parts = Math.min(PARTS, events.length / LEAST_EVENTS_A_PART);
    if (parts < 5) {
      return;
    }
    double[][] pulls = new double[basis.dimensions()][parts];
    for (int part = 0; part < parts; part++) {
      EftEstimate fit = fit(basis, rate, events, all, part, parts);
      for (int i = 0; i < pulls.length; i++) {
        double variance = fit.covariance()[i][i] - all.covariance()[i][i];
        pulls[i][part] =
            fit.converged() && variance > 0
                ? (fit.values()[i] - all.values()[i]) / Math.sqrt(variance)
                : Double.NaN;
      }
    }
    List<Series> series = new ArrayList<>();
    List<String> widths = new ArrayList<>();
    for (int i = 0; i < pulls.length; i++) {
      String name = basis.operators().get(i);
      series.add(Distribution.shares(name, pulls[i], -4, 4, 16));
      widths.add(
          name
              + " mean "
              + Numbers.rounded(Distribution.mean(pulls[i]), 2)
              + ", standard deviation "
              + Numbers.rounded(Distribution.deviation(pulls[i]), 2));
    }
    blocks.add(
        new Chart(
            "Pulls of parts of the sample",
            parts
                + " parts of the events, each estimated alone, against the estimate of all: "
                + String.join("; ", widths)
                + ". Errors are right where means are near 0 and deviations near 1 (± "
                + Numbers.rounded(1 / Math.sqrt(2. * parts), 2)
                + ").",
            Axis.of("(part − all) / error"),
            Axis.of("share of the parts"),
            series));
  }
}
