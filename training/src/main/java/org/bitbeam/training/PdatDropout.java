package org.bitbeam.training;

/**
 * Shares of values that a training of P-DAT drops (SciPost Phys. 20, 038; specs/models.md section
 * 2.3), each from 0 to below 1.
 *
 * @param inner behind both attentions and the first pair layer; published: 0.1
 * @param head between the last two layers; published: 0.5
 */
public record PdatDropout(double inner, double head) {
  /** Nothing is dropped. */
  public static final PdatDropout NONE = new PdatDropout(0, 0);

  public PdatDropout {
    if (!(inner >= 0 && inner < 1) || !(head >= 0 && head < 1)) {
      throw new IllegalArgumentException(
          "dropout " + inner + ", head " + head + ": expected shares from 0 to below 1");
    }
  }
}
