package org.bitbeam.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bitbeam.physics.metrics.TaggingMetrics;
import org.bitbeam.report.Block.Axis;
import org.bitbeam.report.Block.Chart;
import org.bitbeam.report.Block.Column;
import org.bitbeam.report.Block.Series;
import org.bitbeam.report.Block.Style;
import org.bitbeam.report.Block.Table;

/** Scores of a tagger, and how good they are where the truth is known. */
final class TaggingSection {
  private static final long MOST_ENTRIES = 50_000;
  static final String SCORE = "_qgQuarkScore";
  static final String LOGIT = "_qgLogit";
  private static final int BINS = 50;
  private static final int REPLICAS = 200;
  private static final long SEED = 1;

  /** Columns of flavours, behind the jets' prefix or as they are. */
  private static final List<String> TRUTHS = List.of("_partonFlavour", "parton_pdgId");

  private TaggingSection() {}

  /** None when the outputs have no scores. */
  static List<Section> of(JobFolder job, ReportOptions options) throws IOException {
    Optional<String> score = EntrySample.find(job, name -> name.endsWith(SCORE));
    if (score.isEmpty()) {
      return List.of();
    }
    String prefix = score.get().substring(0, score.get().length() - SCORE.length());
    EntrySample sample = EntrySample.of(job.entries(), MOST_ENTRIES);
    Optional<String> truth =
        options.truth().isEmpty()
            ? EntrySample.find(job, name -> isTruth(name, prefix))
            : Optional.of(options.truth());
    List<Block> blocks = new ArrayList<>();
    if (truth.isEmpty()) {
      double[][] read = sample.read(job, List.of(score.get()));
      blocks.add(scores(sample, read[0]));
      blocks.add(
          new Block.Text(
              "No column of the true flavours was found (looked for "
                  + prefix
                  + "_partonFlavour and parton_pdgId); name one with --truth for ROC and calibration."));
    } else {
      double[][] read = sample.read(job, List.of(score.get(), prefix + LOGIT, truth.get()));
      addTruth(blocks, sample, read, truth.get(), options.classes());
    }
    List<Section> sections = new ArrayList<>();
    sections.add(new Section("Scores", blocks));
    if (options.against().isPresent()) {
      OtherTagger other = options.against().get();
      sections.add(AgainstSection.of(job, other, prefix, truth, options.classes()));
    }
    return sections;
  }

  private static boolean isTruth(String name, String prefix) {
    return TRUTHS.stream().anyMatch(end -> name.equals(end) || name.equals(prefix + end));
  }

  private static Chart scores(EntrySample sample, double[] scores) {
    double[] finite = Arrays.stream(scores).filter(Double::isFinite).toArray();
    return new Chart(
        "Scores of the jets",
        String.format(
            "%s jets in %s; the mean score is %s.%s",
            Numbers.count(finite.length),
            sample.describe("entries"),
            Numbers.rounded(Distribution.mean(finite), 3),
            without(scores.length - finite.length)),
        Axis.of("quark score"),
        Axis.of("share of the jets"),
        List.of(shares("jets", finite)));
  }

  private static String without(int jets) {
    return jets == 0 ? "" : " " + Numbers.count(jets) + " jets have no score.";
  }

  private static Series shares(String name, double[] scores) {
    return Distribution.shares(name, scores, 0, 1, BINS);
  }

  private static void addTruth(
      List<Block> blocks, EntrySample sample, double[][] read, String truth, TrueClasses classes) {
    TrueClasses.Labelled scores = classes.choose(read[0], read[2]);
    TrueClasses.Labelled logits = classes.choose(read[1], read[2]);
    double[] signal = scores.of(true);
    double[] background = scores.of(false);
    if (signal.length == 0 || background.length == 0) {
      blocks.add(scores(sample, read[0]));
      blocks.add(
          new Block.Text(
              String.format(
                  "In %s there are %s signal and %s background jets with a score; ROC and"
                      + " calibration need both.",
                  truth, Numbers.count(signal.length), Numbers.count(background.length))));
      return;
    }
    String counted =
        String.format(
            "%s signal and %s background jets by %s in %s",
            Numbers.count(signal.length),
            Numbers.count(background.length),
            truth,
            sample.describe("entries"));
    TaggingMetrics metrics = TaggingMetrics.of(logits.values(), logits.isSignal());
    TaggingMetrics.Summary errors = metrics.bootstrapErrors(REPLICAS, SEED);
    blocks.add(
        new Chart(
            "Scores by true flavour",
            counted
                + "; mean scores "
                + Numbers.rounded(Distribution.mean(signal), 3)
                + " and "
                + Numbers.rounded(Distribution.mean(background), 3)
                + "."
                + without(metrics.excludedJets()),
            Axis.of("quark score"),
            Axis.of("share of the class"),
            List.of(shares("signal (quarks)", signal), shares("background (gluons)", background))));
    blocks.add(roc(metrics, errors));
    blocks.add(calibration(metrics, errors));
    blocks.add(table(metrics, errors));
  }

  /** 1 % to 99 %. */
  static double[] efficiencies() {
    double[] efficiencies = new double[99];
    Arrays.setAll(efficiencies, i -> (i + 1) / 100.);
    return efficiencies;
  }

  static double[] rejections(TaggingMetrics metrics, double[] efficiencies) {
    return Arrays.stream(efficiencies).map(e -> metrics.at(e).rejection()).toArray();
  }

  private static Chart roc(TaggingMetrics metrics, TaggingMetrics.Summary errors) {
    double[] efficiency = efficiencies();
    return new Chart(
        "ROC: background rejection",
        String.format(
            "At a signal efficiency of 50 %% one of %s background jets is kept, at 30 %% one of %s;"
                + " the area under the curve of efficiencies (AUC) is %s.",
            Numbers.rounded(metrics.summary().rejection50(), 3),
            Numbers.rounded(metrics.summary().rejection30(), 3),
            Numbers.withError(metrics.summary().auc(), errors.auc())),
        Axis.of("signal efficiency"),
        Axis.logarithmic("1 / background efficiency"),
        List.of(
            Series.of("tagger", Style.LINE, efficiency, rejections(metrics, efficiency)),
            Series.of(
                "guessing",
                Style.GUIDE,
                efficiency,
                Arrays.stream(efficiency).map(e -> 1 / e).toArray())));
  }

  private static Chart calibration(TaggingMetrics metrics, TaggingMetrics.Summary errors) {
    List<TaggingMetrics.CalibrationBin> bins =
        metrics.calibration().stream().filter(bin -> bin.jets() > 0).toList();
    double[] shares = bins.stream().mapToDouble(bin -> bin.signalShare()).toArray();
    return new Chart(
        "Calibration",
        "Share of signal among jets of similar score, with binomial errors: on the dashed line, scores"
            + " are probabilities (for as much signal as background in training). The expected"
            + " calibration error is "
            + Numbers.withError(metrics.summary().calibrationError(), errors.calibrationError())
            + ".",
        Axis.of("mean quark score"),
        Axis.of("share of signal"),
        List.of(
            new Series(
                "this sample",
                Style.POINTS,
                bins.stream().mapToDouble(bin -> bin.meanScore()).toArray(),
                shares,
                bins.stream()
                    .mapToDouble(
                        bin -> Math.sqrt(bin.signalShare() * (1 - bin.signalShare()) / bin.jets()))
                    .toArray()),
            Series.of("calibrated", Style.GUIDE, new double[] {0, 1}, new double[] {0, 1})));
  }

  private static Table table(TaggingMetrics metrics, TaggingMetrics.Summary errors) {
    TaggingMetrics.Summary summary = metrics.summary();
    return new Table(
        "Errors are standard deviations of " + REPLICAS + " bootstrap samples",
        List.of(Column.words("quantity"), Column.numbers("value")),
        List.of(
            row("AUC", summary.auc(), errors.auc()),
            row("accuracy at a score of 0.5", summary.accuracy(), errors.accuracy()),
            row("rejection at 50 % efficiency", summary.rejection50(), errors.rejection50()),
            row("rejection at 30 % efficiency", summary.rejection30(), errors.rejection30()),
            row("calibration error", summary.calibrationError(), errors.calibrationError())),
        false);
  }

  private static List<String> row(String name, double value, double error) {
    return List.of(name, Numbers.withError(value, error));
  }
}
