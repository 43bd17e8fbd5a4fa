package org.bitbeam.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.bitbeam.report.Block.Chart;
import org.junit.jupiter.api.Test;

class DistributionTest {
  @Test
  void strayValuesHideNothing() {
    double[] values = new double[10_000];
    Arrays.setAll(values, i -> i / 10_000.);
    values[0] = 1e30;
    values[1] = Double.NaN;
    Chart chart = new Distribution().add("s", values).chart("t", "c.", "x", "y");
    Block.Series series = chart.series().get(0);
    assertTrue(series.x()[50] < 1.01);
    assertEquals("c. Not shown: 38 values.", chart.caption());
    assertEquals((9_999. - 38) / 9_999, Arrays.stream(series.y()).sum(), 1e-9);
  }

  @Test
  void samplesShareTheirBins() {
    Chart chart =
        new Distribution()
            .add("a", new double[] {0, 1})
            .add("b", new double[] {2, 3, 4})
            .chart("t", "c.", "x", "y");
    assertEquals(0, chart.series().get(1).x()[0]);
    assertEquals(4, chart.series().get(0).x()[50]);
    assertEquals(1, Arrays.stream(chart.series().get(1).y()).sum(), 1e-9);
  }

  @Test
  void noValuesAndEqualValuesAreNoTrouble() {
    assertEquals(
        List.of(),
        new Distribution().add("a", new double[] {Double.NaN}).chart("t", "c.", "x", "y").series());
    Chart chart = new Distribution().add("a", new double[] {7, 7}).chart("t", "c.", "x", "y");
    assertEquals(1, Arrays.stream(chart.series().get(0).y()).sum(), 1e-9);
  }

  @Test
  void sharesOfVoxelsShowNoComb() {
    int voxels = 144;
    double[] values = new double[100 * (voxels + 1)];
    Arrays.setAll(values, i -> (i % (voxels + 1)) / (double) voxels);
    Block.Series series =
        new Distribution().add("s", values).chart("t", "c.", "x", "y", 1. / voxels).series().get(0);
    assertTrue(series.y().length <= 50);
    assertEquals(1, Arrays.stream(series.y()).sum(), 1e-9);
    for (int bin = 0; bin + 1 < series.y().length; bin++) { // the last may be filled in part
      assertEquals(series.y()[0], series.y()[bin], 1e-12, "bin " + bin);
    }
  }
}
