package org.bitbeam.physics.generate;

import java.util.List;
import java.util.Locale;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.physics.calo.CounterRandom;
import org.bitbeam.physics.calo.ShowerModel;
import org.bitbeam.physics.generate.GflashProfile.Longitudinal;
import org.bitbeam.physics.generate.GflashProfile.Radial;
import org.hipparchus.special.Gamma;

/**
 * Electromagnetic showers by GFLASH's parametrisation (hep-ex/0001020): the longitudinal profile of
 * a shower fluctuates, the energy of each layer fluctuates with the sampling (10 % / sqrt(E/GeV)),
 * and is spread over as many spots as the layer would have. Good for training and checks; there are
 * no tails below a GeV and no correlations beyond those of the parametrisation, as Geant4 has. What
 * leaves the last layer or the outermost ring is lost. Immutable.
 */
public final class GflashShowers implements ShowerModel {
  /** Voxels with less are empty in data sets 2 and 3 of the CaloChallenge, MeV. */
  public static final double DEFAULT_THRESHOLD = 0.01515;

  private static final EnergyRange VALID = new EnergyRange(200, 10e6);
  private static final int SHOWERS_PER_CALL = 100;
  private static final double SAMPLING_VARIANCE_GEV = 0.01;

  /** Thicker layers are made in steps, radiation lengths. */
  private static final double THICKEST_STEP = 1;

  /** What begins the shower. */
  public enum Particle {
    /** Begins at once. */
    ELECTRON,
    /** Begins where it converts, after 9/7 radiation lengths on average. */
    PHOTON
  }

  private final Calorimeter calorimeter;
  private final Particle particle;
  private final double threshold;
  private final int[] offsets;
  private final double[][] radii;

  /**
   * Showers in a calorimeter of silicon and tungsten, or, if there is a layer 12, one of lead and
   * argon.
   *
   * @param threshold voxels with less are empty, MeV
   * @throws IllegalArgumentException when the numbers of layers do not ascend, or the threshold is
   *     negative
   */
  public GflashShowers(CaloGeometry geometry, Particle particle, double threshold) {
    if (!(threshold >= 0)) {
      throw new IllegalArgumentException("threshold " + threshold + " MeV, expected 0 or more");
    }
    this.calorimeter = Calorimeter.of(geometry);
    this.particle = particle;
    this.threshold = threshold;
    this.offsets = geometry.offsets();
    this.radii =
        geometry.layers().stream()
            .map(layer -> layer.radii().stream().mapToDouble(Double::doubleValue).toArray())
            .toArray(double[][]::new);
  }

  @Override
  public CaloGeometry geometry() {
    return calorimeter.geometry();
  }

  @Override
  public EnergyRange trainedFor() {
    return VALID;
  }

  @Override
  public int showersPerCall() {
    return SHOWERS_PER_CALL;
  }

  @Override
  public double[] sample(double[] energies, CounterRandom random, long[] showers, int[] particles) {
    int voxels = offsets[offsets.length - 1];
    double[] all = new double[energies.length * voxels];
    for (int i = 0; i < energies.length; i++) {
      shower(energies[i], new EventRandom(random, showers[i], particles[i]), all, i * voxels);
      for (int v = i * voxels; v < (i + 1) * voxels; v++) {
        all[v] = all[v] < threshold ? 0 : all[v];
      }
    }
    return all;
  }

  private void shower(double energy, EventRandom random, double[] voxels, int at) {
    GflashProfile profile = new GflashProfile(calorimeter.medium(), energy);
    double start = particle == Particle.PHOTON ? -9.0 / 7 * StrictMath.log(random.uniform()) : 0;
    double first = random.normal();
    Longitudinal shower = profile.longitudinal(first, random.normal());
    Longitudinal spots = profile.spots(shower);
    double meanDepth = profile.meanDepth();
    List<Calorimeter.Depth> depths = calorimeter.depths();
    Border border = border(0, shower, spots);
    for (int layer = 0; layer < depths.size(); layer++) {
      double from = depths.get(layer).from() - start;
      double to = depths.get(layer).to() - start;
      if (to <= 0) {
        continue; // in front of the conversion
      }
      from = Math.max(0, from);
      int steps = (int) Math.ceil((to - from) / THICKEST_STEP);
      for (int step = 0; step < steps; step++) {
        double near = from + (to - from) * step / steps;
        double far = from + (to - from) * (step + 1) / steps;
        if (border.depth != near) {
          border = border(near, shower, spots);
        }
        Border next = border(far, shower, spots);
        double mean = energy * (next.energy - border.energy);
        double expected = profile.spotCount() * (next.spots - border.spots);
        border = next;
        if (mean > 0) {
          Radial radial = profile.radial((near + far) / 2 / meanDepth);
          spread(layer, sampled(mean, random), expected, radial, random, voxels, at);
        }
      }
    }
  }

  /** Parts of energy and spots in front of a depth. */
  private record Border(double depth, double energy, double spots) {}

  private static Border border(double depth, Longitudinal shower, Longitudinal spots) {
    return new Border(depth, before(depth, shower), before(depth, spots));
  }

  static double before(double depth, Longitudinal profile) {
    return Gamma.regularizedGammaP(profile.shape(), profile.rate() * depth);
  }

  /** Sampling fluctuation: a gamma distribution of this mean and variance 0.01 GeV mean. */
  private static double sampled(double mean, EventRandom random) {
    double scale = SAMPLING_VARIANCE_GEV * 1e3;
    return scale * random.gamma(mean / scale);
  }

  private void spread(
      int layer,
      double energy,
      double expected,
      Radial radial,
      EventRandom random,
      double[] voxels,
      int at) {
    if (energy == 0) {
      return;
    }
    int sectors = calorimeter.geometry().layers().get(layer).sectors();
    int rings = radii[layer].length - 1;
    int count = Math.max(1, random.poisson(expected));
    double each = energy / count;
    for (int spot = 0; spot < count; spot++) {
      double radius =
          calorimeter.medium().moliereRadiusMm()
              * radial.radius(random.uniform(), random.uniform());
      int sector = random.below(sectors);
      int ring = ring(radii[layer], radius);
      if (ring >= 0) {
        voxels[at + offsets[layer] + sector * rings + ring] += each;
      }
    }
  }

  /** Ring of a radius; -1 outside of all. */
  private static int ring(double[] radii, double radius) {
    if (radius < radii[0]) {
      return -1;
    }
    for (int i = 1; i < radii.length; i++) {
      if (radius < radii[i]) {
        return i - 1;
      }
    }
    return -1;
  }

  @Override
  public String toString() {
    return "GFLASH, " + particle.name().toLowerCase(Locale.ROOT) + "s";
  }
}
