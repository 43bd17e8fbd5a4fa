package org.bitbeam.physics.filter;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;

/**
 * Entries a second of filters, by hand: {@code FilterSpeed FILE EXPRESSION...}; reading is not part
 * of it.
 */
final class FilterSpeed {
  private static final int BATCH = 4096;
  private static final int PASSES = 15;

  private FilterSpeed() {}

  public static void main(String[] arguments) throws IOException {
    try (RootFile root = RootFile.open(Path.of(arguments[0]))) {
      Dataset events = root.dataset("Events");
      for (String expression : Arrays.asList(arguments).subList(1, arguments.length)) {
        EntryFilter filter = EntryFilter.of(expression, events.schema());
        List<EventBatch> batches = new ArrayList<>();
        for (long from = 0; from < events.entries(); from += BATCH) {
          batches.add(
              events.read(filter.columns(), from, Math.min(events.entries(), from + BATCH)));
        }
        double[] perSecond = new double[PASSES];
        long kept = 0;
        for (int pass = 0; pass < PASSES; pass++) {
          kept = 0;
          long start = System.nanoTime();
          for (EventBatch batch : batches) {
            kept += filter.kept(batch).cardinality();
          }
          perSecond[pass] = events.entries() / ((System.nanoTime() - start) / 1e9);
        }
        double first = perSecond[0];
        Arrays.sort(perSecond);
        System.out.printf(
            Locale.ROOT,
            "%s: keeps %,d of %,d; %,.0f entries/s (first pass %,.0f)%n",
            expression,
            kept,
            events.entries(),
            perSecond[PASSES / 2],
            first);
      }
    }
  }
}
