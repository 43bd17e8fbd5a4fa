package org.bitbeam.flink;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Where a process is hit: when a line of a method is about to run for the n-th time, or else, for a
 * line that did not run so often, when the method is called for the time after that.
 *
 * @param line which of the method's lines, counted modulo their number
 * @param hit how often the line was reached then, from 1 on
 */
record KillPoint(Place place, int line, int hit) {
  /** What a job is doing. */
  enum Place {
    LOADING("org.bitbeam.runtime.ModelRegistry", "load", 1),
    READ("org.bitbeam.beam.ReadClustersFn", "read", 10),
    INFERENCE("org.bitbeam.physics.tagging.JetTagger", "run", 10),
    PART_WRITING("org.bitbeam.beam.WritePartsFn", "process", 10),
    MERGE("org.bitbeam.beam.AssembleFn", "add", 2),
    RENAME("org.bitbeam.root.internal.write.PathTarget", "commit", 2),
    DELETION_OF_PARTS("org.bitbeam.beam.RootIO$DeletePartsFn", "process", 2),
    LEDGER("org.bitbeam.beam.Ledger", "write", 2);

    final String className;
    final String method;

    /** So often the method is called at least in a process that does half of a test's job. */
    private final int calls;

    Place(String className, String method, int calls) {
      this.className = className;
      this.method = method;
      this.calls = calls;
    }
  }

  /** Points at all places in turn; the same for the same seed. */
  static List<KillPoint> random(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<KillPoint> points = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Place place = Place.values()[i % Place.values().length];
      points.add(new KillPoint(place, random.nextInt(1 << 20), 1 + random.nextInt(place.calls)));
    }
    return points;
  }
}
