package org.bitbeam.root.internal.tree;

import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.streamer.ObjectParts;
import org.bitbeam.root.internal.streamer.VersionHeader;

/** Strings that are objects (TObjString): only the text counts. */
final class ObjectStringReader implements ValueReader {
  private final ValueReader.TextReader text;
  private final boolean hasHeader;

  ObjectStringReader(ValueReader.TextReader text, boolean hasHeader) {
    this.text = text;
    this.hasHeader = hasHeader;
  }

  @Override
  public ColumnType type() {
    return text.type();
  }

  @Override
  public void read(Cursor in) {
    int end = hasHeader ? VersionHeader.read(in).end() : -1;
    ObjectParts.read(in);
    text.read(in);
    ValueReader.checkEnd(in, end);
  }

  @Override
  public void addDefault(Cursor in) {
    text.addDefault(in);
  }

  @Override
  public Column column() {
    return text.column();
  }
}
