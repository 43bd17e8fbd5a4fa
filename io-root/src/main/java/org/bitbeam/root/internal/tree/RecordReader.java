package org.bitbeam.root.internal.tree;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.RecordColumn;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.streamer.ClassLayout;
import org.bitbeam.root.internal.streamer.VersionHeader;
import org.jspecify.annotations.Nullable;

/** Objects of a class as records: the members of its base classes first, then its own. */
final class RecordReader implements ValueReader {
  private final String className;
  private final @Nullable ClassLayout layout;
  private final boolean hasHeader;
  private final List<Part> parts;
  private int count;

  /** A member, or a base class, whose members count as those of the class. */
  record Part(String name, ValueReader reader, boolean isBase) {}

  /**
   * A reader for objects of a class.
   *
   * @param layout as described in the file; null when its version is not to be checked
   * @param hasHeader whether byte count and version stand in front of each object
   */
  RecordReader(
      String className, @Nullable ClassLayout layout, boolean hasHeader, List<Part> parts) {
    this.className = className;
    this.layout = layout;
    this.hasHeader = hasHeader;
    this.parts = parts;
  }

  @Override
  public ColumnType type() {
    List<ColumnType.Member> members = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Part part : parts) {
      if (part.isBase()) {
        if (part.reader().type() instanceof ColumnType.RecordOf base) {
          for (ColumnType.Member member : base.members()) {
            members.add(new ColumnType.Member(unique(names, part, member.name()), member.type()));
          }
        }
      } else {
        members.add(new ColumnType.Member(unique(names, part, part.name()), part.reader().type()));
      }
    }
    return new ColumnType.RecordOf(members);
  }

  /** Members of several classes may have one name. */
  private static String unique(Set<String> names, Part part, String name) {
    String result = name;
    while (!names.add(result)) {
      result = (part.isBase() ? part.name() + "::" : "::") + result;
    }
    return result;
  }

  /** Whether objects have nothing that could be stored, as their base classes. */
  boolean hasNoMembers() {
    return parts.stream()
        .allMatch(
            p -> p.isBase() && p.reader() instanceof RecordReader base && base.hasNoMembers());
  }

  @Override
  public void read(Cursor in) {
    if (!hasHeader) {
      readMembers(in);
      return;
    }
    VersionHeader header = VersionHeader.read(in);
    if (header.end() >= 0) {
      int outer = in.narrow(header.end());
      readVersion(in, header.version());
      readMembers(in);
      in.widen(outer);
      ValueReader.checkEnd(in, header.end());
    } else {
      readVersion(in, header.version());
      readMembers(in);
    }
  }

  /** Checks a version that was read; one that is not positive is followed by a checksum. */
  void readVersion(Cursor in, int version) {
    if (version <= 0) {
      int checksum = in.i32();
      if (layout != null && checksum != layout.checksum()) {
        throw other(in, String.format("with checksum %08x", checksum));
      }
    } else if (layout != null && version != layout.version()) {
      throw other(in, "of version " + version);
    }
  }

  private UnsupportedRootException other(Cursor in, String which) {
    return new UnsupportedRootException(
        in.context()
            + ": an object of class "
            + className
            + " "
            + which
            + " among others of version "
            + (layout == null ? 0 : layout.version())
            + "; columns of several versions cannot be read");
  }

  private void readMembers(Cursor in) {
    for (Part part : parts) {
      part.reader().read(in);
    }
    count++;
  }

  /** Reads the members of several objects that are stored member by member. */
  void readMembers(Cursor in, int objects) {
    if (objects == 0) {
      return; // not even the headers of the members are stored
    }
    for (Part part : parts) {
      // Members of base classes follow without a header of their own.
      if (part.isBase() && part.reader() instanceof RecordReader base) {
        base.readMembers(in, objects);
        continue;
      }
      part.reader().readColumn(in, objects);
    }
    if (count > Integer.MAX_VALUE - objects) {
      throw new UnsupportedRootException(
          in.context() + ": more than 2^31 - 1 objects in a column; read fewer entries at once");
    }
    count += objects;
  }

  @Override
  public Column column() {
    List<String> names = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    List<Column> columns = new ArrayList<>();
    for (Part part : parts) {
      Column column = part.reader().column();
      if (!part.isBase()) {
        names.add(unique(seen, part, part.name()));
        columns.add(column);
      } else if (column instanceof RecordColumn base) {
        for (int i = 0; i < base.names().size(); i++) {
          names.add(unique(seen, part, base.names().get(i)));
          columns.add(base.members().get(i));
        }
      }
    }
    return RecordColumn.of(names, columns, count);
  }
}
