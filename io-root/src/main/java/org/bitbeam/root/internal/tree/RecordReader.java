package org.bitbeam.root.internal.tree;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.RecordColumn;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.streamer.ClassLayout;
import org.bitbeam.root.internal.streamer.VersionHeader;
import org.bitbeam.root.internal.tree.StreamedTypes.NotReadableException;
import org.jspecify.annotations.Nullable;

/** Objects of a class as records: the members of its base classes first, then its own. */
final class RecordReader implements ValueReader {
  private final String className;
  private final @Nullable ClassLayout layout;
  private final boolean hasHeader;
  private final List<Part> parts;
  private final @Nullable Versions versions;
  private final Map<Integer, OldVersion> known = new HashMap<>();
  private int count;

  /** A member, or a base class, whose members count as those of the class. */
  record Part(String name, ValueReader reader, boolean isBase) {}

  /**
   * How objects of an old version become records of the class as it is now.
   *
   * @param steps what is stored, in its order
   * @param missing readers of the parts that are not stored
   * @param withoutBytes counts what these add
   */
  record OldVersion(List<Step> steps, List<ValueReader> missing, ValuesWithoutBytes withoutBytes) {
    void addMissing(Cursor in, int objects) {
      withoutBytes.add(in, (long) objects * missing.size());
      for (ValueReader reader : missing) {
        for (int i = 0; i < objects; i++) {
          reader.addDefault(in);
        }
      }
    }
  }

  /**
   * A stored member or base class of an old version.
   *
   * @param baseVersion version of a base class, which is not stored in front of its members where
   *     objects are stored member by member
   */
  record Step(ValueReader reader, boolean isBase, int baseVersion) {}

  /** The versions of a class that a file describes. */
  interface Versions {
    /** The version of that number or, for classes without versions, of that checksum. */
    @Nullable OldVersion find(boolean isChecksum, int number) throws NotReadableException;
  }

  /**
   * A reader for objects of a class in one version only.
   *
   * @param layout as described in the file; null when its version is not to be checked
   * @param hasHeader whether byte count and version stand in front of each object
   */
  RecordReader(
      String className, @Nullable ClassLayout layout, boolean hasHeader, List<Part> parts) {
    this(className, layout, hasHeader, parts, null);
  }

  /** The same for objects that may be of any version. */
  RecordReader(
      String className,
      @Nullable ClassLayout layout,
      boolean hasHeader,
      List<Part> parts,
      @Nullable Versions versions) {
    this.className = className;
    this.layout = layout;
    this.hasHeader = hasHeader;
    this.parts = parts;
    this.versions = versions;
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
      readMembers(in, null);
      return;
    }
    VersionHeader header = VersionHeader.read(in);
    if (header.end() >= 0) {
      int outer = in.narrow(header.end());
      readMembers(in, readVersion(in, header.version()));
      in.widen(outer);
      ValueReader.checkEnd(in, header.end());
    } else {
      readMembers(in, readVersion(in, header.version()));
    }
  }

  /**
   * How to read objects of a version that was read, and is followed by a checksum when it is not
   * positive; null for that of the class as it is now.
   */
  @Nullable OldVersion readVersion(Cursor in, int version) {
    return version > 0 ? version(in, version) : old(in, true, in.i32());
  }

  /** How to read objects of that version; null for that of the class as it is now. */
  @Nullable OldVersion version(Cursor in, int version) {
    return old(in, false, version);
  }

  private @Nullable OldVersion old(Cursor in, boolean isChecksum, int number) {
    if (layout == null || number == (isChecksum ? layout.checksum() : layout.version())) {
      return null;
    }
    OldVersion old = known.get(number);
    if (old != null) {
      return old;
    }
    String why = "it is not described in the file";
    try {
      old = versions == null ? null : versions.find(isChecksum, number);
    } catch (NotReadableException e) {
      why = e.why();
    }
    if (old == null) {
      throw new UnsupportedRootException(
          in.context()
              + ": an object of class "
              + className
              + (isChecksum
                  ? String.format(" with checksum %08x", number)
                  : " of version " + number)
              + " among others of version "
              + layout.version()
              + " cannot be read: "
              + why);
    }
    known.put(number, old);
    return old;
  }

  private void readMembers(Cursor in, @Nullable OldVersion old) {
    if (old == null) {
      for (Part part : parts) {
        part.reader().read(in);
      }
    } else {
      for (Step step : old.steps()) {
        step.reader().read(in);
      }
      old.addMissing(in, 1);
    }
    count++;
  }

  /** Reads the members of several objects that are stored member by member. */
  void readMembers(Cursor in, int objects, @Nullable OldVersion old) {
    if (objects == 0) {
      return; // not even the headers of the members are stored
    }
    if (old == null) {
      for (Part part : parts) {
        readMember(in, objects, part.reader(), part.isBase(), -1);
      }
    } else {
      for (Step step : old.steps()) {
        readMember(in, objects, step.reader(), step.isBase(), step.baseVersion());
      }
      old.addMissing(in, objects);
    }
    if (count > Integer.MAX_VALUE - objects) {
      throw new UnsupportedRootException(
          in.context() + ": more than 2^31 - 1 objects in a column; read fewer entries at once");
    }
    count += objects;
  }

  private static void readMember(
      Cursor in, int objects, ValueReader reader, boolean isBase, int baseVersion) {
    // Members of base classes follow without a header of their own.
    if (isBase && reader instanceof RecordReader base) {
      base.readMembers(in, objects, baseVersion < 0 ? null : base.version(in, baseVersion));
    } else {
      reader.readColumn(in, objects);
    }
  }

  @Override
  public void addDefault(Cursor in) {
    parts.forEach(part -> part.reader().addDefault(in));
    count++;
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
