package org.bitbeam.columns;

/**
 * Where a batch comes from. Together with an entry number it names an event for ever: random
 * numbers and bookkeeping are keyed by it.
 *
 * @param file name or address of the input file; empty for batches made in memory
 * @param fingerprint identity of the file's content (its UUID, size and record positions),
 *     independent of its name
 * @param dataset name of the tree or ntuple, such as {@code Events}
 * @param firstEntry number of the batch's first entry in the dataset, from 0
 */
public record Origin(String file, String fingerprint, String dataset, long firstEntry) {
  /** Origin of a batch that was made in memory. */
  public static final Origin MEMORY = new Origin("", "", "", 0);

  public Origin {
    if (firstEntry < 0) {
      throw new IllegalArgumentException("first entry " + firstEntry + " is negative");
    }
  }

  /** The same dataset, {@code entries} further on. */
  public Origin plus(long entries) {
    return new Origin(file, fingerprint, dataset, Math.addExact(firstEntry, entries));
  }

  @Override
  public String toString() {
    return (file.isEmpty() ? "memory" : file) + ": " + dataset + ", from entry " + firstEntry;
  }
}
