package org.bitbeam.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.BooleanColumn;
import org.bitbeam.columns.ByteColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.LongColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.ShortColumn;
import org.bitbeam.root.Compression;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.DatasetWriter;
import org.bitbeam.root.NtupleOptions;
import org.bitbeam.root.RootFile;
import org.bitbeam.root.RootWriter;
import org.bitbeam.root.TreeOptions;

/** The jobs that are timed; all of them use every value, so that nothing is left out. */
final class Work {
  private Work() {}

  /** What reading found: for comparison with other readers. */
  record Totals(long entries, long values, double sum) {
    Totals plus(Totals other) {
      return new Totals(entries + other.entries, values + other.values, sum + other.sum);
    }
  }

  /** Opens a file and sums up columns. */
  static Totals read(Path file, String tree, List<String> columns, long batch) throws IOException {
    try (RootFile root = RootFile.open(file)) {
      return sum(root.dataset(tree), columns, batch);
    }
  }

  /** Sums up columns, a number of entries at a time. */
  static Totals sum(Dataset data, List<String> columns, long batch) throws IOException {
    Totals totals = new Totals(0, 0, 0);
    for (long from = 0; from < data.entries(); from += batch) {
      long to = Math.min(data.entries(), from + batch);
      totals = totals.plus(new Totals(to - from, 0, 0));
      for (Column column : data.read(columns, from, to).columns()) {
        totals = totals.plus(sum(column));
      }
    }
    return totals;
  }

  /** Reads all of a file, for writing it again. */
  static EventBatch load(Path file, String tree, List<String> columns) throws IOException {
    try (RootFile root = RootFile.open(file)) {
      Dataset data = root.dataset(tree);
      return data.read(columns, 0, data.entries());
    }
  }

  /** Writes a batch as a tree or as an ntuple. */
  static void write(Path target, boolean asTree, Compression compression, EventBatch batch)
      throws IOException {
    try (RootWriter writer = RootWriter.create(target, "", compression)) {
      DatasetWriter dataset =
          asTree
              ? writer.tree(
                  "Events", "", batch.schema(), TreeOptions.DEFAULT.withCompression(compression))
              : writer.ntuple(
                  "Events", "", batch.schema(), NtupleOptions.DEFAULT.withCompression(compression));
      dataset.write(batch);
      dataset.finish();
      writer.commit();
    }
  }

  private static Totals sum(Column column) {
    if (column instanceof ListColumn list) {
      return sum(list.elements());
    }
    if (column instanceof ArrayColumn array) {
      return sum(array.content());
    }
    if (!(column instanceof NumberColumn numbers)) {
      throw new IllegalArgumentException("a column of " + column.type().shape());
    }
    double sum = 0;
    int n = numbers.length();
    // One loop a type, as the other readers have it: no virtual call for each value.
    if (numbers instanceof FloatColumn floats) {
      sum = sum(floats);
    } else if (numbers instanceof DoubleColumn doubles) {
      for (int i = 0; i < n; i++) {
        sum += doubles.get(i);
      }
    } else if (numbers instanceof BooleanColumn booleans) {
      for (int i = 0; i < n; i++) {
        sum += booleans.get(i) ? 1 : 0;
      }
    } else if (numbers instanceof IntColumn ints) {
      long exact = 0; // 2^31 values of 32 bits cannot overflow it
      for (int i = 0; i < n; i++) {
        exact += ints.getLong(i);
      }
      sum = exact;
    } else if (numbers instanceof LongColumn longs) {
      for (int i = 0; i < n; i++) {
        sum += longs.getDouble(i);
      }
    } else if (numbers instanceof ShortColumn shorts) {
      for (int i = 0; i < n; i++) {
        sum += shorts.getLong(i);
      }
    } else if (numbers instanceof ByteColumn bytes) {
      for (int i = 0; i < n; i++) {
        sum += bytes.getLong(i);
      }
    }
    return new Totals(0, n, sum);
  }

  /** With four sums in turn, as numpy has several: one would wait for itself at each value. */
  private static double sum(FloatColumn floats) {
    int n = floats.length();
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i + 3 < n; i += 4) {
      a += floats.get(i);
      b += floats.get(i + 1);
      c += floats.get(i + 2);
      d += floats.get(i + 3);
    }
    for (; i < n; i++) {
      a += floats.get(i);
    }
    return a + b + (c + d);
  }
}
