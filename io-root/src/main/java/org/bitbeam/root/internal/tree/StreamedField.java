package org.bitbeam.root.internal.tree;

import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.TextColumn;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.streamer.ClassCatalog;
import org.jspecify.annotations.Nullable;

/** Whole objects outside of trees, as ROOT's streamers wrote them. */
public final class StreamedField {
  private final String className;
  private final @Nullable Interpretation interpretation;
  private final String whyUnreadable;

  private StreamedField(String className, BranchInterpreter.Decision decision) {
    this.className = className;
    this.interpretation = decision.interpretation();
    this.whyUnreadable = decision.whyUnreadable();
  }

  /** How objects of a class are read by the descriptions in the catalog. */
  public static StreamedField of(ClassCatalog catalog, String className) {
    return new StreamedField(className, new BranchInterpreter(catalog).decideStreamed(className));
  }

  /** Why they cannot be read; empty when they can. */
  public String whyUnreadable() {
    return whyUnreadable;
  }

  /** Type of the column. */
  public ColumnType type() {
    return known().type();
  }

  /**
   * The column of objects in a field.
   *
   * @param context where they are, for messages
   * @param first number of the first one
   * @param objects their bytes
   */
  public Column read(String context, long first, TextColumn objects) {
    byte[] data = new byte[objects.totalBytes()];
    objects.copyBytesTo(data, 0);
    Interpretation.Target column = known().target(context, objects.length());
    int from = 0;
    for (int i = 0; i < objects.length(); i++) {
      int to = from + objects.byteLength(i);
      // Positions in references between objects count from the start of each value.
      column.add(new Block(data, -from, first + i, 1, new int[] {from, to}, 0, 0));
      from = to;
    }
    return column.column();
  }

  /** The object that a key of the directory holds, as a column of one entry. */
  public Column readObject(Cursor in) {
    if (!(known() instanceof StreamedValues values)
        || !(values.readers().get() instanceof EntryReader reader)) {
      throw new IllegalStateException("an object of class " + className + " is a plain number");
    }
    reader.readObject(in, className);
    if (in.remaining() != 0) {
      throw in.malformed(in.remaining() + " bytes are left after the object");
    }
    return reader.column();
  }

  private Interpretation known() {
    if (interpretation == null) {
      throw new IllegalStateException(whyUnreadable);
    }
    return interpretation;
  }
}
