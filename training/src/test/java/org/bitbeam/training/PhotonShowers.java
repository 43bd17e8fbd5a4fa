package org.bitbeam.training;

import java.util.Arrays;
import org.bitbeam.physics.calo.CaloChallengeFile.Showers;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.physics.calo.CounterRandom;
import org.bitbeam.physics.generate.GflashShowers;

/** Generated showers. */
final class PhotonShowers {
  private PhotonShowers() {}

  /** Photons of 1 to 50 GeV. */
  static Showers of(CaloGeometry geometry, int count, long seed) {
    GflashShowers generator =
        new GflashShowers(geometry, GflashShowers.Particle.PHOTON, GflashShowers.DEFAULT_THRESHOLD);
    double[] energies = new double[count];
    long[] numbers = new long[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = i;
      energies[i] = 1e3 * Math.pow(50, new CounterRandom(seed).uniform(i, 7));
    }
    double[] voxels = new double[count * geometry.voxels()];
    int most = generator.showersPerCall();
    for (int from = 0; from < count; from += most) {
      int to = Math.min(count, from + most);
      double[] some =
          generator.sample(
              Arrays.copyOfRange(energies, from, to),
              new CounterRandom(seed),
              Arrays.copyOfRange(numbers, from, to),
              new int[to - from]);
      System.arraycopy(some, 0, voxels, from * geometry.voxels(), some.length);
    }
    return new Showers(energies, voxels);
  }
}
