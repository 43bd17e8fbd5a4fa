package org.bitbeam.physics.tagging;

/**
 * How a {@link JetTagger} works.
 *
 * @param layout where jets and constituents are
 * @param minimumJetPtGeV jets below get no score; 0 by default
 * @param maxJetsPerCall jets in one forward pass at most; bounds the memory; 512 by default.
 *     Results do not depend on it
 */
public record JetTaggerOptions(
    ConstituentLayout layout, double minimumJetPtGeV, int maxJetsPerCall) {
  /** Layout by the columns that are there, all jets. */
  public static final JetTaggerOptions DEFAULT =
      new JetTaggerOptions(ConstituentLayout.auto(), 0, 512);

  public JetTaggerOptions {
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
  public JetTaggerOptions withLayout(ConstituentLayout other) {
    return new JetTaggerOptions(other, minimumJetPtGeV, maxJetsPerCall);
  }

  /** The same with another threshold, in GeV. */
  public JetTaggerOptions withMinimumJetPt(double other) {
    return new JetTaggerOptions(layout, other, maxJetsPerCall);
  }

  /** The same with another bound on the jets of one forward pass. */
  public JetTaggerOptions withMaxJetsPerCall(int other) {
    return new JetTaggerOptions(layout, minimumJetPtGeV, other);
  }
}
