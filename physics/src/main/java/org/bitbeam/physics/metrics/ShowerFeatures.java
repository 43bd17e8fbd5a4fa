package org.bitbeam.physics.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.physics.calo.CaloGeometry.Layer;

/**
 * The high-level features of showers of the CaloChallenge (arXiv 2410.21611; specs/models.md
 * section 6), of the voxels of one geometry. A voxel lies at the middle of its ring and sector,
 * sectors run from -pi to pi, eta = r cos(alpha), phi = r sin(alpha), in mm. Immutable.
 */
public final class ShowerFeatures {
  private static final double EPSILON = 1e-16;
  private static final double DEPTH_EPSILON = 1e-8;

  private final CaloGeometry geometry;
  private final int[] offsets;
  private final double[] r;
  private final double[] eta;
  private final double[] phi;

  /**
   * Features of one shower. Arrays have a number for each layer with voxels, from the front.
   *
   * @param incident E_inc in MeV
   * @param total E_tot in MeV
   * @param layerEnergies E_l in MeV
   * @param centreEta sum of eta e over sum of e, in mm; NaN in layers of one sector, as the next
   *     three
   * @param centrePhi the same of phi
   * @param widthEta square root of sum of eta^2 e over sum of e less the square of the centre, in
   *     mm
   * @param widthPhi the same of phi
   * @param centreR the centre in r
   * @param widthR the width in r
   * @param occupancy fraction of the voxels above the threshold; the publications call it sparsity,
   *     CaloChallenge's later code 1 minus it
   */
  public record Features(
      double incident,
      double total,
      double[] layerEnergies,
      double[] centreEta,
      double[] centrePhi,
      double[] widthEta,
      double[] widthPhi,
      double[] centreR,
      double[] widthR,
      double[] occupancy) {
    /** E_tot / E_inc. */
    public double response() {
      return total / incident;
    }
  }

  /** Features of showers in that geometry. */
  public ShowerFeatures(CaloGeometry geometry) {
    this.geometry = geometry;
    this.offsets = geometry.offsets();
    this.r = new double[geometry.voxels()];
    this.eta = new double[r.length];
    this.phi = new double[r.length];
    for (int l = 0; l < geometry.layers().size(); l++) {
      Layer layer = geometry.layers().get(l);
      for (int v = 0; v < layer.voxels(); v++) {
        int ring = v % layer.rings();
        double middle = 0.5 * (layer.radii().get(ring) + layer.radii().get(ring + 1));
        double alpha = Math.PI * ((2. * (v / layer.rings()) + 1) / layer.sectors() - 1);
        r[offsets[l] + v] = middle;
        eta[offsets[l] + v] = middle * StrictMath.cos(alpha);
        phi[offsets[l] + v] = middle * StrictMath.sin(alpha);
      }
    }
  }

  /** The voxels it takes. */
  public CaloGeometry geometry() {
    return geometry;
  }

  /**
   * Features of many showers.
   *
   * @param showers energies of the voxels in MeV, shower by shower
   * @param incident incident energies in MeV
   * @param threshold voxels above it, in MeV, count for the occupancy; 0 as published
   */
  public List<Features> of(double[] showers, double[] incident, double threshold) {
    check(showers, incident.length);
    return IntStream.range(0, incident.length)
        .mapToObj(i -> one(showers, i * r.length, incident[i], threshold))
        .toList();
  }

  private void check(double[] showers, int count) {
    if (showers.length != count * r.length) {
      throw new IllegalArgumentException(
          showers.length + " energies, expected " + count + " times " + r.length);
    }
  }

  private Features one(double[] voxels, int at, double incident, double threshold) {
    int layers = offsets.length - 1;
    double[] energies = new double[layers];
    double[] occupancy = new double[layers];
    double[][] centres = new double[3][layers];
    double[][] widths = new double[3][layers];
    double total = 0;
    for (int l = 0; l < layers; l++) {
      int above = 0;
      for (int v = offsets[l]; v < offsets[l + 1]; v++) {
        energies[l] += voxels[at + v];
        above += voxels[at + v] > threshold ? 1 : 0;
      }
      total += energies[l];
      occupancy[l] = (double) above / (offsets[l + 1] - offsets[l]);
      moments(eta, voxels, at, l, energies[l], centres[0], widths[0]);
      moments(phi, voxels, at, l, energies[l], centres[1], widths[1]);
      moments(r, voxels, at, l, energies[l], centres[2], widths[2]);
      if (geometry.layers().get(l).sectors() == 1) {
        for (int i = 0; i < 2; i++) {
          centres[i][l] = Double.NaN;
          widths[i][l] = Double.NaN;
        }
      }
    }
    return new Features(
        incident,
        total,
        energies,
        centres[0],
        centres[1],
        widths[0],
        widths[1],
        centres[2],
        widths[2],
        occupancy);
  }

  private void moments(
      double[] position,
      double[] voxels,
      int at,
      int layer,
      double energy,
      double[] centres,
      double[] widths) {
    double first = 0;
    double second = 0;
    for (int v = offsets[layer]; v < offsets[layer + 1]; v++) {
      first += position[v] * voxels[at + v];
      second += position[v] * position[v] * voxels[at + v];
    }
    double centre = first / (energy + EPSILON);
    centres[layer] = centre;
    widths[layer] = Math.sqrt(Math.max(0, second / (energy + EPSILON) - centre * centre));
  }

  /**
   * Mean layer number of the energy in each ring: sum of l e over sum of e, over all sectors of
   * some layers.
   *
   * @param voxels a shower
   * @param fromLayer the first layer
   * @param toLayer the one after the last
   * @throws IllegalArgumentException when the layers are not all binned alike
   */
  public double[] depthByRing(double[] voxels, int fromLayer, int toLayer) {
    return depth(voxels, fromLayer, toLayer, true);
  }

  /**
   * Mean layer number of the energy in each sector. The authors' code adds, from the second sector
   * on, voxels of the next ones by mistake; this one does not.
   */
  public double[] depthBySector(double[] voxels, int fromLayer, int toLayer) {
    return depth(voxels, fromLayer, toLayer, false);
  }

  private double[] depth(double[] voxels, int fromLayer, int toLayer, boolean byRing) {
    check(voxels, 1);
    int rings = geometry.layers().get(fromLayer).rings();
    int sectors = geometry.layers().get(fromLayer).sectors();
    double[] energies = new double[byRing ? rings : sectors];
    double[] weighted = new double[energies.length];
    for (int l = fromLayer; l < toLayer; l++) {
      Layer layer = geometry.layers().get(l);
      if (layer.rings() != rings || layer.sectors() != sectors) {
        throw new IllegalArgumentException(
            "depths need layers binned alike: layer "
                + layer.id()
                + " has "
                + layer.rings()
                + " x "
                + layer.sectors()
                + " voxels, the first one "
                + rings
                + " x "
                + sectors);
      }
      for (int v = 0; v < layer.voxels(); v++) {
        int bin = byRing ? v % rings : v / rings;
        energies[bin] += voxels[offsets[l] + v];
        weighted[bin] += l * voxels[offsets[l] + v];
      }
    }
    double[] depths = new double[energies.length];
    Arrays.setAll(depths, i -> weighted[i] / (energies[i] + DEPTH_EPSILON));
    return depths;
  }

  /** Mean energy in each ring of each layer over some showers, in MeV. */
  public List<double[]> radialProfiles(double[] showers, int count) {
    check(showers, count);
    List<double[]> profiles = new ArrayList<>();
    for (int l = 0; l < offsets.length - 1; l++) {
      int rings = geometry.layers().get(l).rings();
      double[] profile = new double[rings];
      for (int i = 0; i < count; i++) {
        for (int v = 0; v < offsets[l + 1] - offsets[l]; v++) {
          profile[v % rings] += showers[i * r.length + offsets[l] + v] / count;
        }
      }
      profiles.add(profile);
    }
    return profiles;
  }

  /** Mean energy in each layer over some showers, in MeV. */
  public double[] longitudinalProfile(double[] showers, int count) {
    return radialProfiles(showers, count).stream()
        .mapToDouble(profile -> Arrays.stream(profile).sum())
        .toArray();
  }
}
