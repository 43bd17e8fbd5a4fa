package org.bitbeam.physics.tagging;

/**
 * Which jets a stage with a network takes, and how many at a time.
 *
 * @param layout where jets and constituents are
 * @param minimumJetPtGeV jets below get no result
 * @param maxJetsPerCall jets in one forward pass at most; bounds the memory. Results do not depend
 *     on it
 * @param outOfRange what becomes of jets the network was not trained for
 */
public record JetOptions(
    ConstituentLayout layout,
    double minimumJetPtGeV,
    int maxJetsPerCall,
    TrainedRange.Policy outOfRange) {
  /** Layout by the columns that are there, all jets (flagged), so many at a time. */
  public static JetOptions ofAll(int maxJetsPerCall) {
    return new JetOptions(ConstituentLayout.auto(), 0, maxJetsPerCall, TrainedRange.Policy.FLAG);
  }

  public JetOptions {
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
  public JetOptions withLayout(ConstituentLayout other) {
    return new JetOptions(other, minimumJetPtGeV, maxJetsPerCall, outOfRange);
  }

  /** The same with another threshold, in GeV. */
  public JetOptions withMinimumJetPt(double other) {
    return new JetOptions(layout, other, maxJetsPerCall, outOfRange);
  }

  /** The same with another bound on the jets of one forward pass. */
  public JetOptions withMaxJetsPerCall(int other) {
    return new JetOptions(layout, minimumJetPtGeV, other, outOfRange);
  }

  /** The same with another policy for jets the network was not trained for. */
  public JetOptions withOutOfRange(TrainedRange.Policy other) {
    return new JetOptions(layout, minimumJetPtGeV, maxJetsPerCall, other);
  }
}
