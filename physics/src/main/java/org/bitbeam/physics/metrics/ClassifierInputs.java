package org.bitbeam.physics.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.physics.metrics.ShowerFeatures.Features;

/**
 * What the CaloChallenge's classifiers see of a shower (arXiv 2410.21611; specs/models.md section
 * 6). Energies in MeV, lengths in mm, logarithms to base 10.
 */
public enum ClassifierInputs {
  /** log E_inc, every voxel over E_inc. */
  LOW,

  /** log E_inc, every voxel over the energy of its layer, log(E_l + 1e-8). */
  LOW_NORMALISED,

  /**
   * log E_inc, log(E_l + 1e-8), and of layers with several sectors centres and widths in eta and
   * phi, in units of 100 mm.
   */
  HIGH;

  private static final double LOG_EPSILON = 1e-8;
  private static final double EPSILON = 1e-16;

  /**
   * Inputs of showers.
   *
   * @param voxels energies in MeV, shower by shower
   * @param features of the same showers
   */
  public List<float[]> of(CaloGeometry geometry, double[] voxels, List<Features> features) {
    int size = geometry.voxels();
    if (voxels.length != features.size() * size) {
      throw new IllegalArgumentException(
          voxels.length + " energies, expected " + features.size() + " times " + size);
    }
    List<float[]> rows = new ArrayList<>();
    for (int i = 0; i < features.size(); i++) {
      rows.add(this == HIGH ? high(features.get(i)) : low(geometry, voxels, i, features.get(i)));
    }
    return rows;
  }

  private float[] low(CaloGeometry geometry, double[] voxels, int shower, Features features) {
    int size = geometry.voxels();
    int[] offsets = geometry.offsets();
    int layers = offsets.length - 1;
    float[] row = new float[1 + size + (this == LOW_NORMALISED ? layers : 0)];
    row[0] = (float) Math.log10(features.incident());
    for (int l = 0; l < layers; l++) {
      double energy = features.layerEnergies()[l];
      double unit = this == LOW_NORMALISED ? energy + EPSILON : features.incident();
      for (int v = offsets[l]; v < offsets[l + 1]; v++) {
        row[1 + v] = (float) (voxels[shower * size + v] / unit);
      }
      if (this == LOW_NORMALISED) {
        row[1 + size + l] = (float) Math.log10(energy + LOG_EPSILON);
      }
    }
    return row;
  }

  private static float[] high(Features features) {
    int layers = features.layerEnergies().length;
    float[] row = new float[1 + 5 * layers];
    int at = 0;
    row[at++] = (float) Math.log10(features.incident());
    for (double energy : features.layerEnergies()) {
      row[at++] = (float) Math.log10(energy + LOG_EPSILON);
    }
    for (double[] lengths :
        List.of(
            features.centreEta(), features.centrePhi(), features.widthEta(), features.widthPhi())) {
      for (double length : lengths) {
        if (!Double.isNaN(length)) {
          row[at++] = (float) (length / 100);
        }
      }
    }
    return Arrays.copyOf(row, at);
  }
}
