package org.bitbeam.physics.tagging;

import org.bitbeam.columns.Column;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.physics.EventDataException;

/** Columns of a batch as primitive arrays, with errors that name them. */
final class ColumnReading {
  private ColumnReading() {}

  /** A column with one number an entry. */
  static NumberColumn numbers(EventBatch batch, String name) {
    if (batch.column(name) instanceof NumberColumn numbers) {
      return numbers;
    }
    throw wrongType(batch, name, "one number an entry");
  }

  /** A column with a list of numbers an entry. */
  static ListColumn numberLists(EventBatch batch, String name) {
    if (batch.column(name) instanceof ListColumn list && list.content() instanceof NumberColumn) {
      return list;
    }
    throw wrongType(batch, name, "a list of numbers an entry");
  }

  /** All elements of a list of numbers. */
  static NumberColumn elements(ListColumn list) {
    return (NumberColumn) list.elements();
  }

  static float[] floats(NumberColumn column) {
    if (column instanceof FloatColumn floats) {
      return floats.toArray();
    }
    float[] values = new float[column.length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) column.getDouble(i);
    }
    return values;
  }

  static int[] ints(EventBatch batch, String name, NumberColumn column) {
    if (column.type().isFloating()) {
      throw wrongType(batch, name, "integers");
    }
    if (column instanceof IntColumn ints && !column.type().isUnsigned()) {
      return ints.toArray();
    }
    int[] values = new int[column.length()];
    for (int i = 0; i < values.length; i++) {
      long value = column.getLong(i);
      // Out of range stays out of range for indices, and unknown for PDG identifiers.
      values[i] = (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, value));
    }
    return values;
  }

  /** Identifiers of 32 bits, whether their type has a sign or not. */
  static int[] bits32(EventBatch batch, String name, NumberColumn column) {
    if (column instanceof IntColumn ints) {
      return ints.toArray();
    }
    throw wrongType(batch, name, "32-bit integers");
  }

  /** Checks that two lists have equally many elements in every entry. */
  static void sameCounts(
      EventBatch batch, String first, int[] firstOffsets, String name, ListColumn list) {
    for (int entry = 0; entry < batch.entries(); entry++) {
      int expected = firstOffsets[entry + 1] - firstOffsets[entry];
      if (list.count(entry) != expected) {
        throw new EventDataException(
            batch.origin(),
            entry,
            name + " has " + list.count(entry) + " elements, but " + first + " has " + expected);
      }
    }
  }

  static IllegalArgumentException wrongType(EventBatch batch, String name, String expected) {
    Column column = batch.column(name);
    return new IllegalArgumentException(
        batch.origin()
            + ": column "
            + name
            + " is "
            + column.type().shape()
            + ", expected "
            + expected);
  }
}
