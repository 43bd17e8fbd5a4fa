package org.bitbeam.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.bitbeam.beam.InputFile;
import org.bitbeam.beam.Ledger;
import org.bitbeam.beam.RootIO;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;

/**
 * Entries of a job's outputs: all of them, or evenly spaced ranges if there are more than the page
 * needs. The same outputs give the same sample.
 *
 * @param ranges what is looked at
 * @param entries in them
 * @param total of all outputs
 */
record EntrySample(List<Range> ranges, long entries, long total) {
  private static final int MOST_RANGES = 50;

  EntrySample {
    ranges = List.copyOf(ranges);
  }

  /** Entries {@code [first, end)} of an output. */
  record Range(Ledger.Entry file, long first, long end) {}

  static EntrySample of(List<Ledger.Entry> files, long most) {
    long total = files.stream().mapToLong(Ledger.Entry::entriesWritten).sum();
    List<Range> ranges = new ArrayList<>();
    long before = 0;
    int next = 0;
    for (Ledger.Entry file : files) {
      long end = before + file.entriesWritten();
      if (total <= most) {
        ranges.add(new Range(file, 0, file.entriesWritten()));
      } else {
        // Range k begins at the entry k / 50 of the way; it stays in its file.
        for (; next < MOST_RANGES && start(next, total) < end; next++) {
          long first = start(next, total) - before;
          ranges.add(
              new Range(file, first, Math.min(first + most / MOST_RANGES, file.entriesWritten())));
        }
      }
      before = end;
    }
    return new EntrySample(
        ranges, ranges.stream().mapToLong(range -> range.end() - range.first()).sum(), total);
  }

  private static long start(int range, long total) {
    return total / MOST_RANGES * range + total % MOST_RANGES * range / MOST_RANGES;
  }

  /** In words, for captions. */
  String describe(String what) {
    return entries == total
        ? "all " + Numbers.count(total) + " " + what
        : Numbers.count(entries) + " of " + Numbers.count(total) + " " + what + ", evenly spaced";
  }

  /**
   * Values of columns, which may be in the output or, where it has the input's entries, in the
   * input.
   *
   * @param folder of the job
   * @param columns by name
   * @return for each column its values in all ranges; lists are strung together
   */
  double[][] read(JobFolder folder, List<String> columns) throws IOException {
    List<List<double[]>> parts = new ArrayList<>();
    columns.forEach(column -> parts.add(new ArrayList<>()));
    for (Range range : ranges) {
      EventBatch batch = read(folder, range, columns);
      int expected = -1;
      for (int c = 0; c < columns.size(); c++) {
        double[] values = Values.of(batch, columns.get(c));
        expected = c == 0 ? values.length : expected;
        if (values.length != expected) {
          throw new IllegalArgumentException(
              range.file().output()
                  + ": "
                  + expected
                  + " values of "
                  + columns.get(0)
                  + ", but "
                  + values.length
                  + " of "
                  + columns.get(c));
        }
        parts.get(c).add(values);
      }
    }
    double[][] all = new double[columns.size()][];
    Arrays.setAll(all, c -> parts.get(c).stream().flatMapToDouble(Arrays::stream).toArray());
    return all;
  }

  /** The columns in a range, from the output as far as it has them, the others from the input. */
  static EventBatch read(JobFolder folder, Range range, List<String> columns) throws IOException {
    String output = folder.output(range.file());
    try (RootFile root = RootIO.open(output)) {
      Dataset dataset = dataset(root, range.file());
      List<String> here =
          columns.stream().filter(name -> dataset.schema().field(name).isPresent()).toList();
      EventBatch batch = dataset.read(here, range.first(), range.end());
      List<String> there = columns.stream().filter(name -> !here.contains(name)).toList();
      if (there.isEmpty()) {
        return batch;
      }
      try (RootFile input = RootIO.open(range.file().input())) {
        EventBatch more = dataset(input, range.file()).read(there, range.first(), range.end());
        for (String name : there) {
          batch = batch.with(more.schema().field(name).orElseThrow(), more.column(name));
        }
        return batch;
      }
    }
  }

  /**
   * The first column, in the order of the schemas of the first output and its input, that is
   * wanted.
   *
   * @return empty when there is none, or no file to look into
   */
  static Optional<String> find(JobFolder folder, Predicate<String> wanted) throws IOException {
    if (folder.entries().isEmpty()) {
      return Optional.empty();
    }
    Ledger.Entry file = folder.entries().get(0);
    try (RootFile root = RootIO.open(folder.output(file))) {
      Optional<String> found = find(root, file, wanted);
      if (found.isPresent() || file.entriesFiltered() > 0) {
        return found;
      }
    }
    try (RootFile root = RootIO.open(file.input())) {
      return find(root, file, wanted);
    } catch (IOException | RuntimeException e) {
      return Optional.empty(); // remote, or gone: then nothing is known of it
    }
  }

  private static Optional<String> find(RootFile root, Ledger.Entry file, Predicate<String> wanted)
      throws IOException {
    return dataset(root, file).schema().names().stream().filter(wanted).findFirst();
  }

  /**
   * Columns of the input of a file; of its output where that has not all of the input's entries.
   */
  static Schema schema(JobFolder folder, Ledger.Entry file) throws IOException {
    String path = file.entriesFiltered() > 0 ? folder.output(file) : file.input();
    try (RootFile root = RootIO.open(path)) {
      return dataset(root, file).schema();
    }
  }

  private static Dataset dataset(RootFile root, Ledger.Entry file) throws IOException {
    String tree = file.settings().getOrDefault("tree", "");
    return root.dataset(InputFile.of(root, tree).dataset());
  }
}
