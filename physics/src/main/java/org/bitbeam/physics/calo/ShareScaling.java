package org.bitbeam.physics.calo;

import java.util.Arrays;

/**
 * CaloDREAM's numbers (specs/models.md 5.1, convention 7): the shares of {@link LayerShares} in
 * energies multiplied by a factor that brings u_0 below 1, through logit(x (1 - 2 d) + d), less a
 * mean, over a standard deviation. Energies in MeV. Immutable.
 *
 * @param shares the shares of a geometry
 * @param options constants of the model
 * @param energies of u_0 to u_(L-1) as the energy network makes them
 * @param fractions of the same as the shape network takes them
 * @param voxels of the shares of the voxels
 */
record ShareScaling(
    LayerShares shares,
    Options options,
    Statistics energies,
    Statistics fractions,
    Statistics voxels) {
  private static final double EPSILON = 1e-10;

  /**
   * Constants.
   *
   * @param energyFactor what all energies are multiplied by; 0.35 as published
   * @param edge d; 1e-6 as published
   * @param cut shares of voxels up to it are zero; 1e-7 as published
   * @param threshold voxels below it are zero, in MeV; 15.15e-3 as published
   * @param logMinimum logarithm of the incident energy in MeV that becomes 0; 6.907755 as published
   * @param logMaximum that which becomes 1; 13.815510 as published
   */
  record Options(
      double energyFactor,
      double edge,
      double cut,
      double threshold,
      double logMinimum,
      double logMaximum) {
    /** As published. */
    static final Options PUBLISHED = new Options(0.35, 1e-6, 1e-7, 15.15e-3, 6.907755, 13.815510);

    Options {
      if (!(energyFactor > 0
          && edge >= 0
          && edge < 0.5
          && cut >= 0
          && threshold >= 0
          && logMaximum > logMinimum)) {
        throw new IllegalArgumentException(
            "expected energyFactor > 0, logitEdge from 0 to 0.5, cut and thresholdMeV of 0 at"
                + " least, logMaximum > logMinimum; got "
                + energyFactor
                + ", "
                + edge
                + ", "
                + cut
                + ", "
                + threshold
                + ", "
                + logMaximum
                + ", "
                + logMinimum);
      }
    }

    /** An incident energy as the networks take it. */
    double condition(double incident) {
      return (Elementary.log(incident) - logMinimum) / (logMaximum - logMinimum);
    }

    /** The shares of a shower, multiplied and not yet standardised: voxels, then u_0, u_1, ... */
    double[] logits(LayerShares shares, double[] voxels, int from, double incident) {
      double[] scaled = new double[shares.geometry().voxels()];
      Arrays.setAll(scaled, i -> voxels[from + i] * energyFactor);
      double[] vector = new double[shares.length()];
      shares.of(scaled, 0, incident, vector, 0);
      for (int i = 0; i < vector.length; i++) {
        double x = vector[i] * (1 - 2 * edge) + edge;
        vector[i] = Elementary.log(x / (1 - x));
      }
      return vector;
    }
  }

  /** Means and standard deviations. */
  record Statistics(double[] mean, double[] deviation) {
    Statistics {
      if (!Arrays.stream(deviation).allMatch(d -> d > 0)) {
        throw new IllegalArgumentException("a standard deviation is not positive");
      }
    }

    double standardise(double value, int i) {
      return (value - mean[i]) / deviation[i];
    }

    double restore(double value, int i) {
      return Math.fma(value, deviation[i], mean[i]);
    }
  }

  /** Number of layers. */
  int layers() {
    return shares.geometry().layers().size();
  }

  /** An incident energy as the networks take it. */
  double condition(double incident) {
    return options.condition(incident);
  }

  /** The shares of a shower, multiplied and not yet standardised: voxels, then u_0, u_1, ... */
  double[] logits(double[] shower, double incident) {
    return options.logits(shares, shower, 0, incident);
  }

  /**
   * From what the energy network makes to what the shape network takes.
   *
   * @param sampled standardised u_0, ... of the energy network, from {@code at} on
   * @return logit u_0, ..., not standardised
   */
  double[] restore(double[] sampled, int at) {
    double[] logits = new double[layers()];
    Arrays.setAll(logits, i -> energies.restore(sampled[at + i], i));
    return logits;
  }

  /**
   * Condition of the shape network: incident energy, then u_0, ... by its own statistics.
   *
   * @param logits of u_0, ...
   */
  void condition(double incident, double[] logits, float[] target, int at) {
    target[at] = (float) condition(incident);
    for (int i = 0; i < logits.length; i++) {
      target[at + 1 + i] = (float) fractions.standardise(logits[i], i);
    }
  }

  /**
   * The shower of what the two networks made.
   *
   * @param sampled standardised shares of the voxels, from {@code at} on
   * @param logits of u_0, ...
   * @param target takes the voxels in MeV, from {@code to} on
   */
  void toVoxels(
      double[] sampled, int at, double[] logits, double incident, double[] target, int to) {
    double[] u = new double[logits.length];
    Arrays.setAll(u, i -> share(logits[i]));
    double[] layerEnergies = LayerShares.energies(u, 0, u.length, incident);
    int[] offsets = shares.geometry().offsets();
    for (int layer = 0; layer < u.length; layer++) {
      double sum = 0;
      for (int v = offsets[layer]; v < offsets[layer + 1]; v++) {
        double value = share(voxels.restore(sampled[at + v], v));
        target[to + v] = value <= options.cut() ? 0 : value; // NaN stays
        sum += target[to + v];
      }
      for (int v = offsets[layer]; v < offsets[layer + 1]; v++) {
        double energy =
            target[to + v] / (sum + EPSILON) * layerEnergies[layer] / options.energyFactor();
        target[to + v] = energy < options.threshold() ? 0 : energy;
      }
    }
  }

  private double share(double logit) {
    return (Elementary.sigmoid(logit) - options.edge()) / (1 - 2 * options.edge());
  }
}
