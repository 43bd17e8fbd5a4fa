package org.bitbeam.physics.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Random;
import org.bitbeam.physics.metrics.TaggingMetrics.CalibrationBin;
import org.bitbeam.physics.metrics.TaggingMetrics.Summary;
import org.bitbeam.physics.metrics.TaggingMetrics.WorkingPoint;
import org.junit.jupiter.api.Test;

class TaggingMetricsTest {
  private static final long SEED = 20261125;

  @Test
  void summaryIsThatOfScikitLearn() throws IOException {
    JsonNode cases;
    try (InputStream in = getClass().getResourceAsStream("/metrics/tagging.json")) {
      cases = new ObjectMapper().readTree(in);
    }
    assertEquals(4, cases.size());
    for (JsonNode node : cases) {
      int jets = node.get("logits").size();
      double[] logits = new double[jets];
      boolean[] signal = new boolean[jets];
      for (int i = 0; i < jets; i++) {
        logits[i] = node.get("logits").get(i).asDouble();
        signal[i] = node.get("signal").get(i).asInt() == 1;
      }
      Summary summary = TaggingMetrics.of(logits, signal).summary();
      assertEquals(node.get("auc").asDouble(), summary.auc(), 1e-12);
      assertEquals(node.get("accuracy").asDouble(), summary.accuracy(), 1e-12);
      assertEquals(number(node, "rejection50"), summary.rejection50(), 1e-9);
      assertEquals(number(node, "rejection30"), summary.rejection30(), 1e-9);
      assertEquals(node.get("calibrationError").asDouble(), summary.calibrationError(), 1e-12);
    }
  }

  @Test
  void areaIsTheShareOfPairsInTheRightOrder() {
    Random random = new Random(SEED);
    double[] logits = new double[150];
    boolean[] signal = new boolean[150];
    for (int i = 0; i < logits.length; i++) {
      signal[i] = random.nextBoolean();
      logits[i] = random.nextInt(12) + (signal[i] ? 2 : 0);
    }
    double right = 0;
    double pairs = 0;
    for (int i = 0; i < logits.length; i++) {
      for (int j = 0; j < logits.length; j++) {
        if (signal[i] && !signal[j]) {
          pairs++;
          right += logits[i] > logits[j] ? 1 : logits[i] == logits[j] ? 0.5 : 0;
        }
      }
    }
    assertEquals(right / pairs, TaggingMetrics.of(logits, signal).summary().auc(), 1e-12);
  }

  @Test
  void workingPointInsideOfEqualLogitsIsInterpolatedAndSaysSo() {
    // Descending: 1 signal at 3; then 4 signals and 2 backgrounds at 1; then the rest.
    double[] logits = {3, 1, 1, 1, 1, 1, 1, -2, -2, -2};
    boolean[] signal = {true, true, true, true, true, false, false, false, false, false};
    TaggingMetrics metrics = TaggingMetrics.of(logits, signal);
    WorkingPoint half = metrics.at(0.5);
    // 2.5 of 5 signals: 1.5 of the 4 tied, so 3/8 of the 2 tied backgrounds of 5.
    assertEquals(5 / (2 * 3.0 / 8), half.rejection(), 1e-12);
    assertEquals(0.8, half.tieMass(), 1e-12);
    assertEquals(Double.POSITIVE_INFINITY, metrics.at(0.2).rejection());
    assertEquals(2.5, metrics.at(1).rejection(), 1e-12);
    assertArrayEquals(new double[] {0, 0.2, 1, 1}, metrics.roc()[0], 1e-12);
    assertArrayEquals(new double[] {0, 0, 0.4, 1}, metrics.roc()[1], 1e-12);
  }

  @Test
  void perfectAndInvertedTaggersAreAtTheEnds() {
    double[] logits = {2, 1, -1, -2};
    boolean[] signal = {true, true, false, false};
    assertEquals(1, TaggingMetrics.of(logits, signal).summary().auc());
    assertEquals(1, TaggingMetrics.of(logits, signal).summary().accuracy());
    boolean[] inverted = {false, false, true, true};
    assertEquals(0, TaggingMetrics.of(logits, inverted).summary().auc());
    double[] constant = {0.0, -0.0, 0.0, -0.0};
    Summary blind = TaggingMetrics.of(constant, signal).summary();
    assertEquals(0.5, blind.auc());
    assertEquals(2, blind.rejection50());
    assertEquals(1.0, TaggingMetrics.of(constant, signal).at(0.5).tieMass());
  }

  @Test
  void jetsWithoutScoreAreLeftOutAndCounted() {
    double[] logits = {2, Double.NaN, 1, -1, Double.NaN, -2, Double.POSITIVE_INFINITY};
    boolean[] signal = {true, true, true, false, false, false, true};
    TaggingMetrics metrics = TaggingMetrics.of(logits, signal);
    assertEquals(2, metrics.excludedJets());
    assertEquals(5, metrics.jets());
    assertEquals(3, metrics.signalJets());
    assertEquals(1, metrics.summary().auc());
  }

  @Test
  void calibrationCurveHoldsAllJets() {
    double[] logits = {0, 100, -100, 0.01, 2};
    boolean[] signal = {true, true, false, false, true};
    List<CalibrationBin> bins = TaggingMetrics.of(logits, signal).calibration();
    assertEquals(TaggingMetrics.CALIBRATION_BINS, bins.size());
    assertEquals(5, bins.stream().mapToLong(CalibrationBin::jets).sum());
    assertEquals(1, bins.get(9).jets());
    assertEquals(1, bins.get(9).signalShare());
    assertEquals(1, bins.get(10).jets());
    assertEquals(0, bins.get(10).signalShare());
    assertEquals(1, bins.get(19).jets());
    assertTrue(Double.isNaN(bins.get(5).meanScore()));
  }

  @Test
  void bootstrapErrorIsThatOfTheKnownFormulaAndRepeatable() {
    Random random = new Random(SEED);
    int jets = 2000;
    double[] logits = new double[jets];
    boolean[] signal = new boolean[jets];
    for (int i = 0; i < jets; i++) {
      signal[i] = i % 2 == 0;
      logits[i] = random.nextGaussian() + (signal[i] ? 1 : 0);
    }
    TaggingMetrics metrics = TaggingMetrics.of(logits, signal);
    Summary errors = metrics.bootstrapErrors(400, 7);
    // Hanley and McNeil, Radiology 143 (1982) 29, for the error of an area.
    double a = metrics.summary().auc();
    double q1 = a / (2 - a);
    double q2 = 2 * a * a / (1 + a);
    double n = jets / 2.0;
    double expected =
        Math.sqrt((a * (1 - a) + (n - 1) * (q1 - a * a) + (n - 1) * (q2 - a * a)) / (n * n));
    assertEquals(expected, errors.auc(), 0.15 * expected);
    double accuracy = metrics.summary().accuracy();
    double binomial = Math.sqrt(accuracy * (1 - accuracy) / jets);
    assertEquals(binomial, errors.accuracy(), 0.15 * binomial);
    assertEquals(errors, metrics.bootstrapErrors(400, 7));
    assertTrue(errors.rejection30() > errors.rejection50());
  }

  @Test
  void oneClassAloneIsRefused() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> TaggingMetrics.of(new double[] {1, Double.NaN}, new boolean[] {true, false}));
    assertEquals("of 1 jets with a score 1 are signal; both classes are needed", e.getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> TaggingMetrics.of(new double[2], new boolean[] {true}));
    TaggingMetrics metrics = TaggingMetrics.of(new double[2], new boolean[] {true, false});
    assertThrows(IllegalArgumentException.class, () -> metrics.at(0));
    assertThrows(IllegalArgumentException.class, () -> metrics.at(1.01));
    assertThrows(IllegalArgumentException.class, () -> metrics.bootstrapErrors(1, 0));
  }

  private static double number(JsonNode node, String name) {
    return node.get(name).isTextual() ? Double.POSITIVE_INFINITY : node.get(name).asDouble();
  }

  @Test
  void cutsKeepAtLeastTheWantedShareAndTellWhatTheyKeep() {
    double[] logits = {3, 2, 2, 1, 0, -1, Double.NaN, 2.5, 2, 0.5, -2, -3};
    boolean[] signal = {
      true, true, true, true, true, true, true, false, false, false, false, false
    };
    TaggingMetrics metrics = TaggingMetrics.of(logits, signal);
    org.bitbeam.physics.tagging.WorkingPoint point = metrics.cut("medium", 0.3, "made up");
    // Two of six would do; the two equal logits pass together.
    assertEquals(2, point.minimumLogit());
    assertEquals(0.5, point.signalEfficiency());
    assertEquals(Math.sqrt(0.5 * 0.5 / 6), point.signalError(), 1e-15);
    assertEquals(0.4, point.backgroundEfficiency());
    assertEquals(Math.sqrt(0.4 * 0.6 / 5), point.backgroundError(), 1e-15);
    assertEquals(-1, metrics.cut("all", 1, "made up").minimumLogit());
    assertThrows(IllegalArgumentException.class, () -> metrics.cut("none", 0, "made up"));
  }
}
