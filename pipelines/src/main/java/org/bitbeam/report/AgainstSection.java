package org.bitbeam.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bitbeam.beam.Ledger;
import org.bitbeam.beam.StageFactory;
import org.bitbeam.beam.TagJets;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.physics.StageCounter;
import org.bitbeam.physics.metrics.TaggingMetrics;
import org.bitbeam.report.Block.Axis;
import org.bitbeam.report.Block.Chart;
import org.bitbeam.report.Block.Column;
import org.bitbeam.report.Block.Series;
import org.bitbeam.report.Block.Style;
import org.bitbeam.report.Block.Table;

/**
 * Scores of a job beside those of another tagger on a sample of the same jets: a low-bit network
 * beside the float one, or one network on two backends.
 */
final class AgainstSection {
  private static final long MOST_ENTRIES = 1_000;
  private static final StageCounter UNCOUNTED = (name, amount) -> {};

  private AgainstSection() {}

  /**
   * The section.
   *
   * @param truth column of the true classes, if there is one
   */
  static Section of(
      JobFolder job, OtherTagger other, String prefix, Optional<String> truth, TrueClasses classes)
      throws IOException {
    EntrySample sample = EntrySample.of(job.entries(), MOST_ENTRIES);
    List<String> columns = new ArrayList<>();
    columns.add(prefix + TaggingSection.SCORE);
    columns.add(prefix + TaggingSection.LOGIT);
    truth.ifPresent(columns::add);
    double[][] read = sample.read(job, columns);
    double[][] theirs = scores(job, sample, other, prefix);
    if (read[0].length != theirs[0].length) {
      throw new IOException(
          other.name()
              + " has scores for "
              + theirs[0].length
              + " jets, the outputs for "
              + read[0].length);
    }
    Map<String, String> settings = job.entries().get(0).settings();
    String mine = settings.get("model") + " on " + settings.get("backend");
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Chart(
            "Scores of both",
            "The same jets of " + sample.describe("entries") + ".",
            Axis.of("quark score"),
            Axis.of("share of the jets"),
            List.of(shares(mine, read[0]), shares(other.name(), theirs[0]))));
    blocks.add(differences(read[0], theirs[0], mine, other.name()));
    List<List<String>> rows = new ArrayList<>(agreement(read[0], theirs[0]));
    if (truth.isPresent()) {
      addTruth(blocks, rows, classes, read, theirs, mine, other.name());
    }
    blocks.add(
        new Table(
            "How alike they are",
            List.of(Column.words("quantity"), Column.numbers("value")),
            rows,
            false));
    return new Section("Against " + other.name(), blocks);
  }

  private static Series shares(String name, double[] scores) {
    return Distribution.shares(
        name, Arrays.stream(scores).filter(Double::isFinite).toArray(), 0, 1, 50);
  }

  /** Scores and logits of the other tagger. */
  private static double[][] scores(
      JobFolder job, EntrySample sample, OtherTagger other, String prefix) throws IOException {
    Map<String, String> settings = job.entries().get(0).settings();
    TagJets tagger =
        other
            .tagger()
            .withLayout(settings.getOrDefault("stage.layout", "auto"))
            .withJetPrefix(settings.getOrDefault("stage.jetPrefix", ""))
            .withMinimumPt(Double.parseDouble(settings.getOrDefault("stage.minimumPt", "0")));
    List<double[]> scores = new ArrayList<>();
    List<double[]> logits = new ArrayList<>();
    try (StageFactory.OpenStage open = tagger.stageFactory().open()) {
      for (EntrySample.Range range : sample.ranges()) {
        Ledger.Entry file = range.file();
        List<String> inputs = open.stage().inputs(EntrySample.schema(job, file));
        EventBatch batch = open.stage().apply(EntrySample.read(job, range, inputs), UNCOUNTED);
        scores.add(Values.of(batch, prefix + TaggingSection.SCORE));
        logits.add(Values.of(batch, prefix + TaggingSection.LOGIT));
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return new double[][] {
      scores.stream().flatMapToDouble(Arrays::stream).toArray(),
      logits.stream().flatMapToDouble(Arrays::stream).toArray()
    };
  }

  private static Chart differences(double[] mine, double[] theirs, String name, String other) {
    double[] differences = new double[mine.length];
    Arrays.setAll(differences, i -> mine[i] - theirs[i]);
    return new Distribution()
        .add("difference", differences)
        .chart(
            "Difference of the scores",
            name
                + " minus "
                + other
                + ", jet by jet: mean "
                + Numbers.rounded(Distribution.mean(differences), 3)
                + ", standard deviation "
                + Numbers.rounded(Distribution.deviation(differences), 3)
                + ".",
            "difference of the quark scores",
            "share of the jets");
  }

  private static List<List<String>> agreement(double[] mine, double[] theirs) {
    double sum = 0;
    double largest = 0;
    int both = 0;
    int flipped = 0;
    for (int i = 0; i < mine.length; i++) {
      double difference = Math.abs(mine[i] - theirs[i]);
      if (Double.isFinite(difference)) {
        both++;
        sum += difference;
        largest = Math.max(largest, difference);
        flipped += mine[i] >= 0.5 != theirs[i] >= 0.5 ? 1 : 0;
      }
    }
    return List.of(
        List.of("jets with both scores", Numbers.count(both)),
        List.of("mean absolute difference", Numbers.rounded(sum / both, 3)),
        List.of("largest difference", Numbers.rounded(largest, 3)),
        List.of("on different sides of 0.5", Numbers.rounded(100. * flipped / both, 3) + " %"));
  }

  private static void addTruth(
      List<Block> blocks,
      List<List<String>> rows,
      TrueClasses classes,
      double[][] read,
      double[][] theirs,
      String mine,
      String other) {
    TrueClasses.Labelled a = classes.choose(read[1], read[2]);
    TrueClasses.Labelled b = classes.choose(theirs[1], read[2]);
    if (a.of(true).length == 0
        || a.of(false).length == 0
        || b.of(true).length == 0
        || b.of(false).length == 0) {
      return;
    }
    TaggingMetrics first = TaggingMetrics.of(a.values(), a.isSignal());
    TaggingMetrics second = TaggingMetrics.of(b.values(), b.isSignal());
    double[] efficiencies = TaggingSection.efficiencies();
    blocks.add(
        new Chart(
            "ROC of both",
            "AUC "
                + Numbers.rounded(first.summary().auc(), 4)
                + " ("
                + mine
                + ") and "
                + Numbers.rounded(second.summary().auc(), 4)
                + " ("
                + other
                + ").",
            Axis.of("signal efficiency"),
            Axis.logarithmic("1 / background efficiency"),
            List.of(
                Series.of(
                    mine, Style.LINE, efficiencies, TaggingSection.rejections(first, efficiencies)),
                Series.of(
                    other,
                    Style.LINE,
                    efficiencies,
                    TaggingSection.rejections(second, efficiencies)))));
    rows.add(List.of("AUC, " + mine, Numbers.rounded(first.summary().auc(), 4)));
    rows.add(List.of("AUC, " + other, Numbers.rounded(second.summary().auc(), 4)));
  }
}
