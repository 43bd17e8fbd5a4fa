package org.bitbeam.physics.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.physics.calo.CaloGeometry.Layer;
import org.bitbeam.physics.metrics.ShowerFeatures.Features;
import org.junit.jupiter.api.Test;

/** Numbers worked out by hand from the definitions in specs/models.md, section 6. */
class ClassifierInputsTest {
  private static final CaloGeometry GEOMETRY =
      new CaloGeometry(
          "two",
          List.of(new Layer(0, List.of(0., 10., 30.), 1), new Layer(1, List.of(0., 100.), 2)));
  private static final double[] SHOWER = {30, 10, 100, 300};
  private static final double[] INCIDENT = {1000};

  private static float[] of(ClassifierInputs inputs) {
    List<Features> features = new ShowerFeatures(GEOMETRY).of(SHOWER, INCIDENT, 0);
    List<float[]> rows = inputs.of(GEOMETRY, SHOWER, features);
    assertEquals(1, rows.size());
    return rows.get(0);
  }

  @Test
  void lowLevelInputsAreVoxelsOverTheIncidentEnergy() {
    assertArrayEquals(new float[] {3, 0.03f, 0.01f, 0.1f, 0.3f}, of(ClassifierInputs.LOW), 1e-6f);
  }

  @Test
  void normalisedInputsAreSharesOfTheLayerAndItsEnergy() {
    float[] expected = {3, 0.75f, 0.25f, 0.25f, 0.75f, 1.60206f, 2.60206f};
    assertArrayEquals(expected, of(ClassifierInputs.LOW_NORMALISED), 1e-5f);
  }

  @Test
  void highLevelInputsLeaveOutCentresOfLayersOfOneSector() {
    // Sectors of layer 1 lie at -pi/2 and pi/2, 50 mm from the axis: eta 0, phi -50 and 50.
    double width = Math.sqrt(2500 - 25 * 25);
    float[] expected = {3, 1.60206f, 2.60206f, 0, 0.25f, 0, (float) width / 100};
    assertArrayEquals(expected, of(ClassifierInputs.HIGH), 1e-5f);
  }

  @Test
  void showersThatDoNotFitAreRefused() {
    List<Features> features = new ShowerFeatures(GEOMETRY).of(SHOWER, INCIDENT, 0);
    assertThrows(
        IllegalArgumentException.class,
        () -> ClassifierInputs.LOW.of(GEOMETRY, new double[3], features));
  }
}
