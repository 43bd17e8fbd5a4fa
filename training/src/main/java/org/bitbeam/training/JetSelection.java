package org.bitbeam.training;

import java.util.Optional;
import java.util.Set;
import org.bitbeam.physics.calo.CounterRandom;

/**
 * Which jets of a sample are meant.
 *
 * @param truth column with the classes or angles: one value a jet
 * @param classes values of the truth; empty: any finite number is a truth of its own
 * @param event column with the event numbers, by which the sample is split; empty: no split
 * @param share of the events that are kept back for validation, 0 to 1
 * @param part which of the two is meant
 */
record JetSelection(
    String truth, Optional<Classes> classes, String event, double share, Part part) {
  // Fixed, so that a sample is split the same way in every training.
  private static final CounterRandom SPLIT = new CounterRandom(0x517A11D);

  enum Part {
    TRAINING,
    VALIDATION,
    ALL
  }

  /** Values of the truth that stand for signal and background; jets of others are left out. */
  record Classes(Set<Long> signal, Set<Long> background) {}

  /** Whether a jet of this truth is wanted. */
  boolean wants(double value) {
    return classes
        .map(c -> c.signal().contains((long) value) || c.background().contains((long) value))
        .orElse(Double.isFinite(value));
  }

  /** What the network shall learn: 1 for signal and 0 for background, or the value itself. */
  float target(double value) {
    return classes.map(c -> c.signal().contains((long) value) ? 1f : 0f).orElse((float) value);
  }

  /** Whether an event belongs to the part. Not its parity: in some samples that tells the class. */
  boolean takes(long eventNumber) {
    return part == Part.ALL
        || (SPLIT.uniform(eventNumber, 0) <= share) == (part == Part.VALIDATION);
  }

  JetSelection of(Part other) {
    return new JetSelection(truth, classes, event, share, other);
  }
}
