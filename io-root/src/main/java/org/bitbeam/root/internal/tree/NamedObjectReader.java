package org.bitbeam.root.internal.tree;

import java.nio.charset.StandardCharsets;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Cursor;

/** Objects with the name of their class in front (TBranchObject). */
final class NamedObjectReader implements ValueReader {
  private final String className;
  private final ValueReader object;

  NamedObjectReader(String className, ValueReader object) {
    this.className = className;
    this.object = object;
  }

  @Override
  public ColumnType type() {
    return object.type();
  }

  /** Reads the name of a class with its length in front and a zero byte behind. */
  static String readName(Cursor in) {
    String name = new String(in.take(in.u8()), StandardCharsets.UTF_8);
    in.skip(1);
    return name;
  }

  @Override
  public void read(Cursor in) {
    String found = readName(in);
    if (!found.equals(className)) {
      throw new UnsupportedRootException(
          in.context()
              + ": an object of class "
              + found
              + " among others of class "
              + className
              + "; columns of several classes cannot be read");
    }
    object.read(in);
  }

  @Override
  public void addDefault(Cursor in) {
    object.addDefault(in);
  }

  @Override
  public Column column() {
    return object.column();
  }
}
