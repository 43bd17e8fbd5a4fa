package org.bitbeam.root.internal.tree;

import org.bitbeam.columns.ColumnType.Primitive;
import org.bitbeam.columns.NumberColumn;

/** How one number is stored: plainly in its own width, or packed. */
interface NumberFormat {

  /** Type of the values. */
  Primitive type();

  /** Stored bytes of one number. */
  int bytes();

  /** A target for exactly {@code count} numbers. */
  Sink sink(int count);

  /** Takes stored bytes, gives a column. */
  interface Sink {
    /** Appends {@code count} numbers that are stored in {@code data} from {@code at} on. */
    void append(byte[] data, int at, int count);

    /** The column of all numbers. */
    NumberColumn column();
  }

  /** Numbers in their own width, big-endian. */
  static NumberFormat plain(Primitive type) {
    return new Plain(type);
  }

  /** Numbers in their own width, big-endian. */
  record Plain(Primitive type) implements NumberFormat {
    @Override
    public int bytes() {
      return type.bytes();
    }

    @Override
    public Sink sink(int count) {
      return new Numbers(type, count);
    }
  }
}
