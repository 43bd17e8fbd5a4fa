package org.bitbeam.root.internal.tree;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.OptionalColumn;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.streamer.ObjectParts;
import org.bitbeam.root.internal.streamer.VersionHeader;

/**
 * Whole arrays of objects of one class (TClonesArray), as lists of records. Where several classes
 * are possible, a record has an optional value for each class. Arrays that are stored object by
 * object can have holes, so that their items are optional; those stored member by member cannot.
 */
final class ClonesReader implements ValueReader {
  /** Bit of TObject: the objects are stored member by member. */
  private static final int BY_MEMBERS = 1 << 12;

  private final Map<String, RecordReader> readers;
  private final boolean canHaveHoles;
  private final PointedClasses classes;
  private final ValueReader.Offsets offsets = new ValueReader.Offsets();
  private int items;

  /** A reader for arrays of the possible classes, of which some may have holes. */
  ClonesReader(Map<String, RecordReader> readers, boolean canHaveHoles) {
    this.readers = readers;
    this.canHaveHoles = canHaveHoles || readers.size() > 1;
    Map<String, ColumnType> types = new LinkedHashMap<>();
    readers.forEach((name, reader) -> types.put(name, reader.type()));
    this.classes = new PointedClasses(types);
  }

  @Override
  public ColumnType type() {
    return new ColumnType.ListOf(
        !canHaveHoles && classes.type() instanceof ColumnType.OptionalOf one
            ? one.element()
            : classes.type());
  }

  /** The class of the items that the array at the cursor names. */
  static String itemClass(Cursor in) {
    return ItemClass.read(in).name();
  }

  /** Class and version of the items, -1 when that is not said. */
  private record ItemClass(String name, int version) {
    static ItemClass read(Cursor in) {
      String text = in.string(); // such as TLorentzVector;4
      int semicolon = text.indexOf(';');
      if (semicolon < 0) {
        return new ItemClass(text, -1);
      }
      String version = text.substring(semicolon + 1);
      return new ItemClass(
          text.substring(0, semicolon),
          version.matches("[0-9]{1,5}") ? Integer.parseInt(version) : -1);
    }
  }

  /** Whether an array with these bits is stored object by object, where some may be missing. */
  static boolean canHaveHoles(long bits) {
    return (bits & BY_MEMBERS) == 0;
  }

  /** Reads what stands in front of the class of the items; returns the bits of the array. */
  static long readStart(Cursor in, VersionHeader header) {
    long bits = header.version() > 2 ? ObjectParts.read(in) : 0;
    if (header.version() > 1) {
      in.string();
    }
    return bits;
  }

  @Override
  public void read(Cursor in) {
    VersionHeader header = VersionHeader.read(in);
    long bits = readStart(in, header);
    ItemClass named = ItemClass.read(in);
    String className = named.name();
    int count = in.count(1, "an array of " + className);
    in.skip(4); // lower bound
    RecordReader item = readers.get(className);
    if (item == null && count > 0) {
      classes.add(in, className); // refuses it
    }
    if (item != null && !canHaveHoles(bits)) {
      item.readMembers(in, count, named.version() < 0 ? null : item.version(in, named.version()));
      for (int i = 0; i < count; i++) {
        classes.add(in, className);
      }
    } else if (item != null) {
      for (int i = 0; i < count; i++) {
        if (in.u8() != 0) {
          item.read(in);
          classes.add(in, className);
        } else if (canHaveHoles) {
          classes.addNull();
        } else {
          throw new UnsupportedRootException(
              in.context()
                  + ": an array of "
                  + className
                  + " with holes among others that cannot have any");
        }
      }
    }
    items = Math.addExact(items, count);
    offsets.add(items);
    ValueReader.checkEnd(in, header.end());
  }

  @Override
  public void addDefault(Cursor in) {
    offsets.add(items);
  }

  @Override
  public Column column() {
    Column all = classes.column(readers.values().stream().map(RecordReader::column).toList());
    return ListColumn.of(
        offsets.toArray(),
        !canHaveHoles && all instanceof OptionalColumn one ? one.content() : all);
  }
}
