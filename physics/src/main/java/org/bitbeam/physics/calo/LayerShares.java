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
    double left = vector[u] * (incident / GEV);
    for (int layer = 0; layer < layers; layer++) {
      double energy =
          layer == layers - 1 ? left : left * Math.min(1, Math.max(0, vector[u + 1 + layer]));
      left -= energy;
      double sum = 0;
      for (int v = offsets[layer]; v < offsets[layer + 1]; v++) {
        sum += vector[at + v];
      }
      for (int v = offsets[layer]; v < offsets[layer + 1]; v++) {
        voxels[to + v] = vector[at + v] / (sum + EPSILON) * energy * GEV;
      }
    }
  }
}
