package org.bitbeam.root;

import java.io.IOException;
import java.util.List;
import java.util.function.Predicate;
import org.bitbeam.columns.EventBatch;

/**
 * Writes one dataset: copied columns, new ones, or both. New columns are cut into clusters by
 * entries alone, so that the bytes do not depend on how the entries come in batches. Not safe for
 * several threads.
 */
public sealed interface DatasetWriter permits TreeWriter, NtupleWriter {

  /**
   * Copies columns of one dataset or of several one after the other, byte for byte, without
   * decompressing them. To be called before {@link #write}.
   *
   * @param from datasets of the same kind, whose files must stay open until this returns
   * @param topLevel which columns, by their names at the top
   * @throws IllegalArgumentException when a dataset is of another kind, or columns of one name
   *     differ
   */
  void copy(List<Dataset> from, Predicate<String> topLevel) throws IOException;

  /**
   * Appends entries of the new columns.
   *
   * @throws IllegalArgumentException when the schema differs or lengths disagree
   */
  void write(EventBatch batch) throws IOException;

  /**
   * Completes the dataset and lists it in the file.
   *
   * @throws IllegalArgumentException when copied and new columns have different numbers of entries
   */
  void finish() throws IOException;
}
