package org.bitbeam.beam;

/** What an output file holds beside the new columns. */
public enum OutputMode {
  /** Only the new columns; entries align with those of the input. */
  FRIEND,
  /** Everything of the input. */
  ENRICHED,
  /** Chosen columns of the input. */
  SLIM
}
