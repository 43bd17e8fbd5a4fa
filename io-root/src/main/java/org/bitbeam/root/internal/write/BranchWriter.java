package org.bitbeam.root.internal.write;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ColumnType.Primitive;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.Schema;
import org.bitbeam.columns.TextColumn;
import org.bitbeam.root.Compression;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Output;
import org.bitbeam.root.internal.streamer.ObjectList;
import org.bitbeam.root.internal.streamer.StreamedObject;
import org.jspecify.annotations.Nullable;

/** Writes one column as a branch with one leaf. */
final class BranchWriter {
  private final Schema.Field field;
  private final Primitive primitive;
  private final List<Integer> dimensions;
  private final Kind kind;
  private final @Nullable String counter;
  private final BasketList list = new BasketList();
  private final Output data = new Output(1 << 12);
  private int[] offsets = new int[16];
  private int entries;
  private int largest;
  private boolean counts;

  enum Kind {
    FIXED,
    JAGGED,
    TEXT
  }

  /**
   * A branch for a column.
   *
   * @param counter name of the branch that counts the items of a list; only for lists
   * @throws UnsupportedRootException when such a column cannot be written; says what can
   */
  BranchWriter(String context, Schema.Field field, @Nullable String counter) {
    this.field = field;
    this.counter = counter;
    ColumnType type = field.type();
    if (type instanceof ColumnType.Text) {
      this.kind = Kind.TEXT;
      this.primitive = Primitive.INT8;
      this.dimensions = List.of();
      return;
    }
    this.kind = type instanceof ColumnType.ListOf ? Kind.JAGGED : Kind.FIXED;
    ColumnType inner = type instanceof ColumnType.ListOf listType ? listType.element() : type;
    List<Integer> sizes = new ArrayList<>();
    while (inner instanceof ColumnType.ArrayOf array) {
      sizes.add(array.size());
      inner = array.element();
    }
    if (!(inner instanceof Primitive number)) {
      throw new UnsupportedRootException(
          context
              + ": column "
              + field.name()
              + " is "
              + type.shape()
              + "; a TTree is written with numbers, booleans, fixed arrays and lists of them, and strings");
    }
    this.primitive = number;
    this.dimensions = List.copyOf(sizes);
  }

  String name() {
    return field.name();
  }

  @Nullable String counter() {
    return counter;
  }

  BasketList baskets() {
    return list;
  }

  /** Bytes that entry {@code index} of a column takes. */
  long bytes(Column column, int index) {
    return switch (kind) {
      case FIXED -> (long) primitive.bytes() * product();
      case JAGGED -> (long) primitive.bytes() * product() * ((ListColumn) column).count(index) + 4;
      case TEXT -> ((TextColumn) column).byteLength(index) + 5L + 4L;
    };
  }

  private int product() {
    int product = 1;
    for (int size : dimensions) {
      product *= size;
    }
    return product;
  }

  /** Adds all entries of a column. */
  void add(Column column) {
    int count = column.length();
    switch (kind) {
      case FIXED -> numbers(flat(column));
      case JAGGED -> {
        ListColumn lists = (ListColumn) column;
        int item = primitive.bytes() * product();
        int at = data.size();
        for (int i = 0; i < count; i++) {
          offset(at);
          at = Math.addExact(at, Math.multiplyExact(item, lists.count(i)));
          largest = Math.max(largest, lists.count(i));
        }
        numbers(flat(lists.elements()));
      }
      case TEXT -> {
        TextColumn texts = (TextColumn) column;
        for (int i = 0; i < count; i++) {
          offset(data.size());
          byte[] bytes = texts.getBytes(i);
          data.string(bytes);
          largest = Math.max(largest, bytes.length);
        }
      }
    }
    if (kind == Kind.FIXED) {
      trackLargest(column);
      entries += count;
    }
  }

  /** ROOT sizes buffers by the largest value of a counter. */
  private void trackLargest(Column column) {
    if (counts && column instanceof NumberColumn numbers) {
      for (int i = 0; i < numbers.length(); i++) {
        largest = (int) Math.max(largest, Math.min(Integer.MAX_VALUE, numbers.getLong(i)));
      }
    }
  }

  private void offset(int at) {
    if (entries == offsets.length) {
      offsets = Arrays.copyOf(offsets, 2 * entries);
    }
    offsets[entries++] = at;
  }

  private static NumberColumn flat(Column column) {
    Column inner = column;
    while (inner instanceof ArrayColumn array) {
      inner = array.content();
    }
    return (NumberColumn) inner;
  }

  private void numbers(NumberColumn numbers) {
    int count = numbers.length();
    if (numbers instanceof FloatColumn floats) {
      for (int i = 0; i < count; i++) {
        data.f32(floats.get(i));
      }
    } else if (numbers instanceof DoubleColumn doubles) {
      for (int i = 0; i < count; i++) {
        data.f64(doubles.get(i));
      }
    } else {
      switch (primitive.bytes()) {
        case 1 -> {
          for (int i = 0; i < count; i++) {
            data.u8((int) numbers.getLong(i));
          }
        }
        case 2 -> {
          for (int i = 0; i < count; i++) {
            data.i16((int) numbers.getLong(i));
          }
        }
        case 4 -> {
          for (int i = 0; i < count; i++) {
            data.i32((int) numbers.getLong(i));
          }
        }
        default -> {
          for (int i = 0; i < count; i++) {
            data.i64(numbers.getLong(i));
          }
        }
      }
    }
  }

  /** Writes what was added as a basket. */
  void flush(Baskets baskets, Compression compression) throws IOException {
    if (entries > 0) {
      baskets.write(
          list, field.name(), data, kind == Kind.FIXED ? null : offsets, entries, compression);
      data.clear();
      entries = 0;
    }
  }

  /** The description of the branch with its leaf. */
  StreamedObject describe(Compression compression, @Nullable StreamedObject counterLeaf) {
    StringBuilder brackets = new StringBuilder();
    if (counter != null) {
      brackets.append('[').append(counter).append(']');
    }
    for (int size : dimensions) {
      brackets.append('[').append(size).append(']');
    }
    String leafTitle = field.name() + brackets;
    StreamedObject leaf =
        RootObjects.create(leafClass(), field.name(), leafTitle)
            .set("fLen", kind == Kind.TEXT ? largest + 1 : product())
            .set("fLenType", kind == Kind.TEXT ? 1 : primitive.bytes())
            .set("fOffset", 0)
            .set("fIsRange", counts)
            .set("fIsUnsigned", primitive.isUnsigned())
            .set("fLeafCount", counterLeaf);
    if (kind == Kind.TEXT) {
      leaf.set("fMaximum", largest + 1);
    } else if (counts) {
      leaf.set("fMaximum", largest);
    }
    String unit = field.unit().isEmpty() ? "" : " [" + field.unit() + "]";
    String title =
        field.description().isEmpty() ? leafTitle + "/" + code() : field.description() + unit;
    StreamedObject branch =
        RootObjects.create("TBranch", field.name(), title)
            .set("fFillColor", 0)
            .set("fFillStyle", 1001)
            .set("fCompress", compression.setting())
            .set("fBasketSize", 32000)
            .set("fEntryOffsetLen", kind == Kind.FIXED ? 0 : 1000)
            .set("fOffset", 0)
            .set("fSplitLevel", 0)
            .set("fLeaves", ObjectList.array(List.of(leaf)));
    list.describe(branch, list.entries());
    return branch;
  }

  /** Says that lists are counted by this branch. */
  void setCounts() {
    counts = true;
  }

  private String leafClass() {
    if (kind == Kind.TEXT) {
      return "TLeafC";
    }
    return switch (primitive) {
      case BOOL -> "TLeafO";
      case INT8, UINT8 -> "TLeafB";
      case INT16, UINT16 -> "TLeafS";
      case INT32, UINT32 -> "TLeafI";
      case INT64, UINT64 -> "TLeafL";
      case FLOAT32 -> "TLeafF";
      case FLOAT64 -> "TLeafD";
    };
  }

  private char code() {
    if (kind == Kind.TEXT) {
      return 'C';
    }
    return switch (primitive) {
      case BOOL -> 'O';
      case INT8 -> 'B';
      case UINT8 -> 'b';
      case INT16 -> 'S';
      case UINT16 -> 's';
      case INT32 -> 'I';
      case UINT32 -> 'i';
      case INT64 -> 'L';
      case UINT64 -> 'l';
      case FLOAT32 -> 'F';
      case FLOAT64 -> 'D';
    };
  }
}
