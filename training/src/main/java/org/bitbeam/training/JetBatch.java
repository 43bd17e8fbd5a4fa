package org.bitbeam.training;

import java.util.Map;
import java.util.Objects;
import org.bitbeam.runtime.Tensor;

/**
 * Jets, or showers, of a step.
 *
 * @param inputs of the network, jets along the first axis
 * @param truth of every jet: 1 or 0 for signal and background, or an angle in radians; of showers
 *     0, there is none
 */
record JetBatch(Map<String, Tensor> inputs, float[] truth) {
  int jets() {
    return truth.length;
  }

  Tensor input(String name) {
    return Objects.requireNonNull(inputs.get(name), name);
  }
}
