package org.bitbeam.physics.tagging;

/**
 * How {@link PdatFeatures} are computed. The published code treats azimuths in its own ways;
 * networks trained with it need the same. New networks should use {@link #corrected()}.
 *
 * @param constituents constituents of a jet; those of highest pT are kept, fewer are padded with
 *     zeros
 * @param neighbours nearest neighbours of a constituent, itself among them
 * @param wrapsAzimuth whether an azimuth above pi is brought down by a full turn; otherwise by half
 *     a turn, as published, which moves the particle to the other side
 * @param signsJetAzimuth whether the jet's azimuth is atan2(py, px); otherwise arccos(px / pT), as
 *     published, which is never negative
 * @param wrapsDifferences whether differences of azimuths are brought into [-pi, pi); otherwise
 *     they are plain differences, as published
 * @param rapidity whether the network was trained on rapidities: they are computed from transverse
 *     momentum, pseudorapidity and the mass of the species; otherwise the layout's values go in as
 *     they are
 * @param masked whether there is no padding: jets have as many constituents as they have, at most
 *     {@code constituents}, and a network gets a mask for the jets of a batch that have fewer than
 *     others. The published network has none of it
 */
public record PdatOptions(
    int constituents,
    int neighbours,
    boolean wrapsAzimuth,
    boolean signsJetAzimuth,
    boolean wrapsDifferences,
    boolean rapidity,
    boolean masked) {

  public PdatOptions {
    if (constituents < 1 || constituents > 1000) {
      throw new IllegalArgumentException(constituents + " constituents, expected 1 to 1000");
    }
    if (neighbours < 1 || neighbours > constituents) {
      throw new IllegalArgumentException(
          neighbours + " neighbours, expected 1 to the " + constituents + " constituents");
    }
  }

  /** 100 constituents, 21 neighbours, azimuths as in the published code. */
  public static PdatOptions asPublished() {
    return new PdatOptions(100, 21, false, false, false, false, false);
  }

  /** 100 constituents, 21 neighbours, azimuths as they should be. */
  public static PdatOptions corrected() {
    return new PdatOptions(100, 21, true, true, true, false, false);
  }

  /** The same for other sizes. */
  public PdatOptions withSizes(int newConstituents, int newNeighbours) {
    return new PdatOptions(
        newConstituents,
        newNeighbours,
        wrapsAzimuth,
        signsJetAzimuth,
        wrapsDifferences,
        rapidity,
        masked);
  }

  /** The same for networks that were trained on rapidities. */
  public PdatOptions withRapidity() {
    return new PdatOptions(
        constituents, neighbours, wrapsAzimuth, signsJetAzimuth, wrapsDifferences, true, masked);
  }

  /** The same without padding. */
  public PdatOptions withMask() {
    return new PdatOptions(
        constituents, neighbours, wrapsAzimuth, signsJetAzimuth, wrapsDifferences, rapidity, true);
  }
}
