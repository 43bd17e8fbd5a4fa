package org.bitbeam.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.physics.eft.EftEstimate;
import org.bitbeam.physics.eft.EftFit;
import org.bitbeam.physics.eft.EftHistograms;
import org.bitbeam.physics.eft.LikelihoodSums;
import org.bitbeam.physics.eft.WilsonBasis;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.Histogram;
import org.bitbeam.root.RootFile;
import org.bitbeam.root.RootWriter;

/**
 * The Wilson coefficients of all events of files that have {@code eft_coefficients}: the files are
 * gone through once for the grid, and once for every step of the fit.
 *
 * @param files read one after the other; results do not depend on their order
 * @param tree name of the dataset; empty for the only one
 * @param column of the polynomials
 * @param weight column of event weights; empty for weights of 1
 * @param rate polynomial of the total rate in the selection
 */
record EftCombination(
    List<Path> files, String tree, WilsonBasis basis, String column, String weight, double[] rate) {

  /**
   * What was found.
   *
   * @param fit the largest maximum
   * @param others other maxima of the likelihood, larger ones first
   * @param points of the grid
   * @param logLikelihood at the points, minus that of the Standard Model
   */
  record Result(
      EftEstimate fit,
      List<EftEstimate> others,
      double[][] fisherInformation,
      long events,
      double effectiveEvents,
      long skipped,
      long clamped,
      List<double[]> points,
      double[] logLikelihood) {}

  /** The weighted mean of the polynomials, which of Standard Model events is the rate. */
  static double[] rateOf(
      List<Path> files, String tree, WilsonBasis basis, String column, String weight)
      throws IOException {
    return new EftCombination(files, tree, basis, column, weight, new double[basis.size()])
        .pass(LikelihoodSums.ofValues(basis, new double[basis.size()], List.of()))
        .meanPolynomial();
  }

  Result combine(List<double[]> grid) throws IOException {
    double[] standardModel = new double[basis.dimensions()];
    List<double[]> points = new ArrayList<>(grid);
    points.add(standardModel);
    LikelihoodSums sums = pass(LikelihoodSums.ofValues(basis, rate, points));
    double reference = sums.logLikelihood(grid.size());
    double[] logLikelihood = new double[grid.size()];
    double[] start = standardModel;
    double best = 0;
    for (int p = 0; p < logLikelihood.length; p++) {
      logLikelihood[p] = sums.logLikelihood(p) - reference;
      if (logLikelihood[p] > best) {
        best = logLikelihood[p];
        start = grid.get(p);
      }
    }
    List<EftEstimate> maxima;
    try {
      maxima =
          EftFit.maxima(
              start,
              at -> passUnchecked(new LikelihoodSums(basis, rate, at)),
              at -> passUnchecked(LikelihoodSums.ofValues(basis, rate, at)));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    EftEstimate fit = maxima.get(0);
    LikelihoodSums there = pass(new LikelihoodSums(basis, rate, List.of(fit.values())));
    return new Result(
        fit,
        maxima.subList(1, maxima.size()),
        there.fisherInformation(0),
        sums.events(),
        sums.effectiveEvents(),
        sums.skipped(),
        there.clamped(),
        grid,
        logLikelihood);
  }

  /** Adds all events. */
  private LikelihoodSums pass(LikelihoodSums sums) throws IOException {
    forEachBatch(batch -> sums.add(batch, column, weight));
    return sums;
  }

  private LikelihoodSums passUnchecked(LikelihoodSums sums) {
    try {
      return pass(sums);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Fills histograms in one pass and writes them as {@code TH1D} with sums of squared weights. */
  void writeHistograms(List<EftHistograms.Axis> axes, Path output) throws IOException {
    EftHistograms filled = new EftHistograms(basis, axes);
    forEachBatch(batch -> filled.add(batch, column, weight));
    try (RootWriter writer = RootWriter.create(output)) {
      for (int a = 0; a < axes.size(); a++) {
        EftHistograms.Axis axis = axes.get(a);
        String name = axis.quantity().replace('*', '_');
        writer.object(
            name,
            new Histogram(
                "TH1D",
                name,
                axis.quantity() + ", " + basis.describe(),
                filled.events(),
                List.of(
                    new Histogram.Axis(
                        axis.quantity(),
                        axis.bins(),
                        axis.min(),
                        axis.max(),
                        DoubleColumn.of(),
                        Map.of())),
                DoubleColumn.of(filled.sums(a)),
                DoubleColumn.of(filled.squaredErrors(a)),
                null,
                List.of()));
      }
      writer.commit();
    }
  }

  private void forEachBatch(Consumer<EventBatch> batches) throws IOException {
    List<String> columns = weight.isEmpty() ? List.of(column) : List.of(column, weight);
    for (Path file : files) {
      try (RootFile root = RootFile.open(file)) {
        Dataset dataset = tree.isEmpty() ? only(root, file) : root.dataset(tree);
        for (Dataset.Cluster cluster : dataset.clusters()) {
          batches.accept(dataset.read(columns, cluster.first(), cluster.end()));
        }
      }
    }
  }

  private Dataset only(RootFile root, Path file) throws IOException {
    List<Dataset> found = new ArrayList<>();
    for (String name : root.datasets().stream().map(d -> d.path()).distinct().toList()) {
      Dataset dataset = root.dataset(name);
      if (dataset.schema().field(column).isPresent()) {
        found.add(dataset);
      }
    }
    if (found.size() != 1) {
      throw new IllegalArgumentException(
          file
              + ": "
              + found.size()
              + " datasets have a column "
              + column
              + "; name one by --tree");
    }
    return found.get(0);
  }

  static void print(PrintWriter out, Result result) {
    EftEstimate fit = result.fit();
    out.printf(
        Locale.ROOT,
        "combined %,d events (effective %,.0f)%s%n",
        result.events(),
        result.effectiveEvents(),
        fit.converged() ? "" : ": no maximum of the likelihood was found");
    for (int i = 0; i < fit.values().length; i++) {
      out.printf(
          Locale.ROOT,
          "%s = %.5g +- %.2g%n",
          fit.operators().get(i),
          fit.values()[i],
          fit.error(i));
    }
    for (int i = 0; i < fit.values().length; i++) {
      for (int j = 0; j < i; j++) {
        out.printf(
            Locale.ROOT,
            "correlation of %s and %s: %.3f%n",
            fit.operators().get(j),
            fit.operators().get(i),
            fit.covariance()[i][j] / (fit.error(i) * fit.error(j)));
      }
    }
    out.printf(
        Locale.ROOT,
        "log-likelihood above the Standard Model: %.4g (%d passes)%n",
        fit.logLikelihood(),
        fit.passes());
    for (EftEstimate other : result.others()) {
      out.printf(
          Locale.ROOT,
          "another maximum at %s, with a log-likelihood lower by %.4g%n",
          Arrays.toString(other.values()),
          fit.logLikelihood() - other.logLikelihood());
    }
    for (int p = 0; p < result.points().size(); p++) {
      out.printf(
          Locale.ROOT,
          "at %s: %.6g%n",
          Arrays.toString(result.points().get(p)),
          result.logLikelihood()[p]);
    }
    if (result.skipped() > 0) {
      out.printf("note: %,d events without finite coefficients were left out%n", result.skipped());
    }
    if (result.clamped() > 0) {
      out.printf(
          Locale.ROOT,
          "note: at the estimate, %,d events have a negative or tiny r; it was taken as %.0e%n",
          result.clamped(),
          LikelihoodSums.SMALLEST_RATIO);
    }
  }

  /** Another maximum, as it is printed. */
  private record Maximum(double[] values, double logLikelihoodAboveStandardModel) {}

  /** A point of the grid, as it is printed. */
  private record GridPoint(double[] at, double logLikelihood) {}

  static Map<String, Object> json(Result result) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("operators", result.fit().operators());
    document.put("values", result.fit().values());
    document.put("covariance", result.fit().covariance());
    document.put("fisherInformation", result.fisherInformation());
    document.put("logLikelihoodAboveStandardModel", result.fit().logLikelihood());
    document.put("converged", result.fit().converged());
    document.put(
        "otherMaxima",
        result.others().stream()
            .map(other -> new Maximum(other.values(), other.logLikelihood()))
            .toList());
    document.put("events", result.events());
    document.put("effectiveEvents", result.effectiveEvents());
    document.put("skipped", result.skipped());
    document.put("clamped", result.clamped());
    List<GridPoint> grid = new ArrayList<>();
    for (int p = 0; p < result.points().size(); p++) {
      grid.add(new GridPoint(result.points().get(p), result.logLikelihood()[p]));
    }
    document.put("grid", grid);
    return document;
  }
}
