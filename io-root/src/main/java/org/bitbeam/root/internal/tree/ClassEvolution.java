package org.bitbeam.root.internal.tree;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.bytes.Output;
import org.bitbeam.root.internal.streamer.ClassLayout;
import org.bitbeam.root.internal.streamer.StreamerTypes;
import org.bitbeam.root.internal.tree.StreamedTypes.NotReadableException;
import org.jspecify.annotations.Nullable;

/**
 * How objects of one version of a class become records of another, as ROOT's schema evolution does
 * it: members by their names, numbers converted, what the other version lacks left out, what the
 * old one lacks 0, empty or null. Members whose type changed otherwise are refused.
 */
final class ClassEvolution {
  private ClassEvolution() {}

  /** Makes a reader for a member that nobody wants. */
  interface MemberReaders {
    ValueReader make(ClassLayout.Element element) throws NotReadableException;
  }

  /**
   * The steps from one version to another.
   *
   * @param old version of the objects
   * @param layout version of the records
   * @param parts of the records, one for each element of {@code layout}
   * @param readers for members that the records lack
   * @param withoutBytes counts the values that the old version lacks
   */
  static RecordReader.OldVersion of(
      ClassLayout old,
      ClassLayout layout,
      List<RecordReader.Part> parts,
      MemberReaders readers,
      ValuesWithoutBytes withoutBytes)
      throws NotReadableException {
    List<RecordReader.Step> steps = new ArrayList<>();
    Set<Integer> found = new HashSet<>();
    for (ClassLayout.Element element : old.elements()) {
      Integer at = layout.index().get(element.name());
      int baseVersion =
          element.isBase() && !element.extra().isEmpty() ? element.extra().get(0) : -1;
      ValueReader reader;
      if (at != null && found.add(at)) {
        reader = evolved(element, layout.elements().get(at), parts.get(at).reader());
      } else if (element.countName() != null) {
        throw new NotReadableException("it lost member " + element.name() + ", a counted array");
      } else {
        reader = readers.make(element);
      }
      steps.add(new RecordReader.Step(reader, element.isBase(), baseVersion));
    }
    List<ValueReader> missing = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      if (!found.contains(i)) {
        missing.add(parts.get(i).reader());
      }
    }
    return new RecordReader.OldVersion(List.copyOf(steps), List.copyOf(missing), withoutBytes);
  }

  private static ValueReader evolved(
      ClassLayout.Element old, ClassLayout.Element now, ValueReader reader)
      throws NotReadableException {
    if (isSame(old, now)) {
      return reader;
    }
    NumberFormat format = number(old);
    if (format != null
        && number(now) instanceof NumberFormat.Plain target
        && reader instanceof ValueReader.NumberReader numbers) {
      return new ConvertedReader(format, target, numbers);
    }
    throw new NotReadableException(
        "member " + now.name() + " changed from " + old.typeName() + " to " + now.typeName());
  }

  private static boolean isSame(ClassLayout.Element old, ClassLayout.Element now) {
    boolean isPacked =
        old.type() % StreamerTypes.FIXED == StreamerTypes.FLOAT16
            || old.type() % StreamerTypes.FIXED == StreamerTypes.DOUBLE32;
    if (old.isBase() || now.isBase()) {
      return old.isBase()
          == now.isBase(); // the versions of base classes are handled by their readers
    }
    return old.type() == now.type()
        && old.arrayLength() == now.arrayLength()
        && (old.arrayLength() == 0 || old.maxIndex().equals(now.maxIndex()))
        && old.typeName().equals(now.typeName())
        && Objects.equals(old.countName(), now.countName())
        && (!isPacked || old.title().equals(now.title()));
  }

  private static @Nullable NumberFormat number(ClassLayout.Element element) {
    return element.type() > 0
            && element.type() < StreamerTypes.FIXED
            && element.type() != StreamerTypes.BITS
        ? NumberFormat.of(element.type(), element.title())
        : null;
  }

  /** Numbers of one type that are kept as numbers of another. */
  private static final class ConvertedReader implements ValueReader {
    private final NumberFormat format;
    private final NumberFormat.Plain target;
    private final ValueReader.NumberReader numbers;

    ConvertedReader(
        NumberFormat format, NumberFormat.Plain target, ValueReader.NumberReader numbers) {
      this.format = format;
      this.target = target;
      this.numbers = numbers;
    }

    @Override
    public ColumnType type() {
      return target.type();
    }

    @Override
    public void read(Cursor in) {
      NumberFormat.Sink sink = format.sink(1);
      int at = in.position();
      in.skip(format.bytes());
      sink.append(in.bytes(), at, 1);
      byte[] bytes = bytes(sink.column());
      numbers.add(bytes, 0, bytes.length);
    }

    private byte[] bytes(NumberColumn value) {
      boolean isReal =
          value.type() == ColumnType.Primitive.FLOAT32
              || value.type() == ColumnType.Primitive.FLOAT64;
      double real = value.getDouble(0);
      long integer = isReal ? (long) real : value.getLong(0);
      Output out = new Output(Long.BYTES);
      switch (target.type()) {
        case BOOL -> out.u8(real != 0 ? 1 : 0);
        case INT8, UINT8 -> out.u8((int) integer & 0xff);
        case INT16, UINT16 -> out.i16((int) integer);
        case INT32, UINT32 -> out.i32((int) integer);
        case INT64, UINT64 -> out.i64(integer);
        case FLOAT32 -> out.i32(Float.floatToRawIntBits((float) real));
        case FLOAT64 -> out.i64(Double.doubleToRawLongBits(real));
      }
      return out.toByteArray();
    }

    @Override
    public void addDefault(Cursor in) {
      numbers.addDefault(in);
    }

    @Override
    public Column column() {
      return numbers.column();
    }
  }
}
