package org.bitbeam.physics.eft;

import org.bitbeam.physics.tagging.ConstituentLayout;

/**
 * How an {@link EftEstimator} works.
 *
 * @param layout where jets and constituents are
 * @param minimumJetPtGeV jets below are left out; 0 by default
 * @param maxJetsPerCall jets in one forward pass at most; bounds the memory; 512 by default.
 *     Results do not depend on it
 */
public record EftOptions(ConstituentLayout layout, double minimumJetPtGeV, int maxJetsPerCall) {
  /** Layout by the columns that are there, all jets. */
  public static final EftOptions DEFAULT = new EftOptions(ConstituentLayout.auto(), 0, 16);

  public EftOptions {
    if (!(minimumJetPtGeV >= 0)) {
      throw new IllegalArgumentException(
          "minimum jet pT is " + minimumJetPtGeV + " GeV, expected 0 or more");
    }
    if (maxJetsPerCall < 1 || maxJetsPerCall > 1 << 16) {
      throw new IllegalArgumentException(
          maxJetsPerCall + " jets per call, expected 1 to " + (1 << 16));
    }
  }

  /** The same with another layout. */
  public EftOptions withLayout(ConstituentLayout other) {
    return new EftOptions(other, minimumJetPtGeV, maxJetsPerCall);
  }

  /** The same with another threshold, in GeV. */
  public EftOptions withMinimumJetPt(double other) {
    return new EftOptions(layout, other, maxJetsPerCall);
  }
}
