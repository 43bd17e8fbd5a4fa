package org.bitbeam.training;

import java.util.List;
import org.bitbeam.physics.calo.ShowerModel;

/**
 * Showers as they are held in memory.
 *
 * @param vectors of each shower, see {@link ShowerTask#vector}
 * @param conditions of each shower
 * @param energies incident ones
 */
record ShowerSample(List<float[]> vectors, float[] conditions, ShowerModel.EnergyRange energies) {
  ShowerSample {
    vectors = List.copyOf(vectors);
  }
}
