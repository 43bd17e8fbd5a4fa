package org.bitbeam.physics;

/** Takes the counts of a stage, such as a pipeline's metrics. */
@FunctionalInterface
public interface StageCounter {
  /** Forgets everything. */
  StageCounter NONE = (name, amount) -> {};

  /** Adds to the count of that name. */
  void add(String name, long amount);
}
