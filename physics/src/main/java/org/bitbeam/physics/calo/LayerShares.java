package org.bitbeam.physics.calo;

/**
 * Showers as vectors of shares: each voxel over the energy of its layer, then u_0 = sum of all over
 * the incident energy, and u_i = energy of layer i - 1 over that of layers i - 1 and behind
 * (specs/models.md 4.2 and 4.6). Energies in MeV outside, in GeV inside as in the reference.
 *
 * @param geometry the voxels
 */
record LayerShares(CaloGeometry geometry) {
  private static final double GEV = 1e3;
  private static final double EPSILON = 1e-10;

  /** Length of the vector: voxels and layers. */
  int length() {
    return geometry.voxels() + geometry.layers().size();
  }

  /** The vector of a shower. */
  void of(double[] voxels, int from, double incident, double[] target, int at) {
    int[] offsets = geometry.offsets();
    int layers = offsets.length - 1;
    double[] energies = new double[layers];
    double total = 0;
    for (int layer = 0; layer < layers; layer++) {
      for (int v = offsets[layer]; v < offsets[layer + 1]; v++) {
        energies[layer] += voxels[from + v] / GEV;
      }
      for (int v = offsets[layer]; v < offsets[layer + 1]; v++) {
        target[at + v] = voxels[from + v] / GEV / (energies[layer] + EPSILON);
      }
      total += energies[layer];
    }
    int u = at + geometry.voxels();
    target[u] = total / (incident / GEV);
    for (int layer = 0; layer < layers - 1; layer++) {
      double rest = 0;
      for (int i = layer; i < layers; i++) {
        rest += energies[i];
      }
      target[u + 1 + layer] = energies[layer] / (rest + EPSILON);
    }
  }

  /**
   * The shower of a vector, which changes: the noise that training added is taken off, what is
   * below it is zero, u_1 and later ones are cut to [0, 1].
   *
   * @param noise width of the noise
   */
  void toVoxels(double[] vector, int at, double incident, double noise, double[] voxels, int to) {
    int[] offsets = geometry.offsets();
    int layers = offsets.length - 1;
    for (int i = at; i < at + length(); i++) {
      double value = vector[i] - noise;
      vector[i] = value < noise ? 0 : value;
    }
    int u = at + geometry.voxels();
    for (int i = u + 1; i < at + length(); i++) {
      vector[i] = Math.min(1, Math.max(0, vector[i]));
    }
    double[] energies = energies(vector, u, layers, incident / GEV);
    for (int layer = 0; layer < layers; layer++) {
      double sum = 0;
      for (int v = offsets[layer]; v < offsets[layer + 1]; v++) {
        sum += vector[at + v];
      }
      for (int v = offsets[layer]; v < offsets[layer + 1]; v++) {
        voxels[to + v] = vector[at + v] / (sum + EPSILON) * energies[layer] * GEV;
      }
    }
  }

  /** Energies of the layers from u_0, u_1, ...: each takes its share of what is left. */
  static double[] energies(double[] u, int at, int layers, double incident) {
    double[] energies = new double[layers];
    double left = u[at] * incident;
    for (int layer = 0; layer < layers - 1; layer++) {
      energies[layer] = left * u[at + 1 + layer];
      left -= energies[layer];
    }
    energies[layers - 1] = left;
    return energies;
  }
}
