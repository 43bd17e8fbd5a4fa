package org.bitbeam.training;

import java.util.Set;
import org.bitbeam.physics.calo.CounterRandom;

/**
 * Which jets of a sample are meant.
 *
 * @param truth column with the classes: one value a jet
 * @param signal its values for signal
 * @param background its values for background; jets of other values are left out
 * @param event column with the event numbers, by which the sample is split; empty: no split
 * @param share of the events that are kept back for validation, 0 to 1
 * @param part which of the two is meant
 */
record JetSelection(
    String truth, Set<Long> signal, Set<Long> background, String event, double share, Part part) {
  // Fixed, so that a sample is split the same way in every training.
  private static final CounterRandom SPLIT = new CounterRandom(0x517A11D);

  enum Part {
    TRAINING,
    VALIDATION,
    ALL
  }

  /** Whether an event belongs to the part. Not its parity: in some samples that tells the class. */
  boolean takes(long eventNumber) {
    return part == Part.ALL
        || (SPLIT.uniform(eventNumber, 0) <= share) == (part == Part.VALIDATION);
  }

  JetSelection of(Part other) {
    return new JetSelection(truth, signal, background, event, share, other);
  }
}
