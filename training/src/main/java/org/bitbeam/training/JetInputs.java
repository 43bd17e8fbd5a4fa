package org.bitbeam.training;

import java.util.List;
import java.util.Map;
import org.bitbeam.physics.tagging.JetConstituents;
import org.bitbeam.runtime.Tensor;

/** What a network sees of jets. */
interface JetInputs {
  /** Values that a jet has at most. */
  int largest();

  /**
   * Values of a jet, as {@link #batch} takes them.
   *
   * @throws IllegalArgumentException when the network can make nothing of this jet; says why
   */
  float[] values(JetConstituents jets, int jet);

  /** Inputs of the network for jets, padded with zeros to the longest of them. */
  Map<String, Tensor> batch(List<float[]> jets);
}
