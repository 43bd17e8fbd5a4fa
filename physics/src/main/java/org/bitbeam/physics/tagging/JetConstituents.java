package org.bitbeam.physics.tagging;

import java.util.Arrays;

/**
 * Jets of a batch and the constituents of each, in flat arrays. Jets of entry {@code i} are {@code
 * jetOffsets[i] .. jetOffsets[i + 1]}, constituents of jet {@code j} are {@code
 * constituentOffsets[j] .. constituentOffsets[j + 1]}, by descending pT; where pT is equal, in the
 * order of the file. Momenta and masses in GeV, angles in radians.
 *
 * <p>Constituents with a pT of zero or less carry no momentum and are left out.
 *
 * <p>Immutable by convention: arrays are handed out without copying, so nobody may change them.
 */
public final class JetConstituents {
  private final int[] jetOffsets;
  private final float[] jetPt;
  private final float[] jetEta;
  private final float[] jetPhi;
  private final float[] jetMass;
  private final int[] constituentOffsets;
  private final float[] pt;
  private final float[] eta;
  private final float[] phi;
  private final int[] pdgId;
  private final int dropped;

  private JetConstituents(
      int[] jetOffsets,
      float[][] jets,
      int[] constituentOffsets,
      float[][] constituents,
      int[] pdgId,
      int dropped) {
    this.jetOffsets = jetOffsets;
    this.jetPt = jets[0];
    this.jetEta = jets[1];
    this.jetPhi = jets[2];
    this.jetMass = jets[3];
    this.constituentOffsets = constituentOffsets;
    this.pt = constituents[0];
    this.eta = constituents[1];
    this.phi = constituents[2];
    this.pdgId = pdgId;
    this.dropped = dropped;
  }

  /**
   * Collects constituents that lie in candidate arrays in any order.
   *
   * @param jetOffsets as {@link #jetOffsets()}
   * @param jets pT, eta, phi and mass of all jets
   * @param constituentOffsets for each jet, where its part of {@code members} starts
   * @param members positions in the candidate arrays
   * @param candidates pT, eta, phi
   * @param pdgId of the candidates
   */
  static JetConstituents collect(
      int[] jetOffsets,
      float[][] jets,
      int[] constituentOffsets,
      int[] members,
      float[][] candidates,
      int[] pdgId) {
    int jetCount = constituentOffsets.length - 1;
    float[] candidatePt = candidates[0];
    int[] offsets = new int[jetCount + 1];
    int[] order = new int[constituentOffsets[jetCount]];
    long[] keys = new long[0];
    int kept = 0;
    for (int jet = 0; jet < jetCount; jet++) {
      int from = constituentOffsets[jet];
      int count = constituentOffsets[jet + 1] - from;
      if (keys.length < count) {
        keys = new long[Math.max(count, 2 * keys.length)];
      }
      int used = 0;
      for (int i = 0; i < count; i++) {
        float value = candidatePt[members[from + i]];
        if (!(value <= 0)) {
          // Bits of positive floats ascend with their values; NaN comes first in descending order.
          keys[used++] = (long) ~Float.floatToIntBits(Math.abs(value)) << 32 | i;
        }
      }
      Arrays.sort(keys, 0, used);
      for (int i = 0; i < used; i++) {
        order[kept++] = members[from + (int) keys[i]];
      }
      offsets[jet + 1] = kept;
    }
    float[][] sorted = new float[3][kept];
    int[] ids = new int[kept];
    for (int i = 0; i < kept; i++) {
      for (int v = 0; v < 3; v++) {
        sorted[v][i] = candidates[v][order[i]];
      }
      ids[i] = pdgId[order[i]];
    }
    return new JetConstituents(jetOffsets, jets, offsets, sorted, ids, order.length - kept);
  }

  /**
   * Constituents of jets of one entry, sorted already. What the jets themselves have is not known:
   * NaN.
   *
   * @param constituentOffsets as {@link #constituentOffsets()}
   * @param constituents pT, eta, phi, all of positive pT
   */
  public static JetConstituents ofSorted(
      int[] constituentOffsets, float[][] constituents, int[] pdgId) {
    int jets = constituentOffsets.length - 1;
    float[] unknown = new float[jets];
    Arrays.fill(unknown, Float.NaN);
    return new JetConstituents(
        new int[] {0, jets},
        new float[][] {unknown, unknown, unknown, unknown},
        constituentOffsets,
        constituents,
        pdgId,
        0);
  }

  /** Number of jets. */
  public int jets() {
    return jetPt.length;
  }

  /** Number of constituents of a jet. */
  public int count(int jet) {
    return constituentOffsets[jet + 1] - constituentOffsets[jet];
  }

  /** Number of constituents that were left out because their pT is zero or less. */
  public int dropped() {
    return dropped;
  }

  /** One more than entries, from 0 on. */
  public int[] jetOffsets() {
    return jetOffsets;
  }

  /** Transverse momenta of the jets. */
  public float[] jetPt() {
    return jetPt;
  }

  /** Pseudorapidities of the jets. */
  public float[] jetEta() {
    return jetEta;
  }

  /** Azimuths of the jets. */
  public float[] jetPhi() {
    return jetPhi;
  }

  /** Masses of the jets. */
  public float[] jetMass() {
    return jetMass;
  }

  /** One more than jets, from 0 on. */
  public int[] constituentOffsets() {
    return constituentOffsets;
  }

  /** Transverse momenta of the constituents. */
  public float[] pt() {
    return pt;
  }

  /** Pseudorapidities of the constituents. */
  public float[] eta() {
    return eta;
  }

  /** Azimuths of the constituents. */
  public float[] phi() {
    return phi;
  }

  /** PDG identifiers of the constituents. */
  public int[] pdgId() {
    return pdgId;
  }

  /** Whether every number that describes the jet and its constituents is finite. */
  public boolean isFinite(int jet) {
    // The sum of finite floats is a finite double; infinities and NaN do not cancel to one.
    double sum = (double) jetPt[jet] + jetEta[jet] + jetPhi[jet] + jetMass[jet];
    for (int i = constituentOffsets[jet]; i < constituentOffsets[jet + 1]; i++) {
      sum += (double) pt[i] + eta[i] + phi[i];
    }
    return Double.isFinite(sum);
  }
}
