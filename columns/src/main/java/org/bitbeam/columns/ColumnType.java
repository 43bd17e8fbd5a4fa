package org.bitbeam.columns;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The type of a column. {@link #shape()} spells it in the notation of the reference facts of the
 * test corpora, such as {@code list<list<float32>>} or {@code array<float64,3>}.
 */
public sealed interface ColumnType {

  /** The type in the notation of the test corpora. */
  String shape();

  /** Numbers and booleans, one value an entry. */
  enum Primitive implements ColumnType {
    BOOL(1),
    INT8(1),
    UINT8(1),
    INT16(2),
    UINT16(2),
    INT32(4),
    UINT32(4),
    INT64(8),
    UINT64(8),
    FLOAT32(4),
    FLOAT64(8);

    private final int bytes;

    Primitive(int bytes) {
      this.bytes = bytes;
    }

    /** Bytes of one value. */
    public int bytes() {
      return bytes;
    }

    /**
     * Whether values are integers without a sign; they are stored in the signed type of the same
     * width.
     */
    public boolean isUnsigned() {
      return this == UINT8 || this == UINT16 || this == UINT32 || this == UINT64;
    }

    /** Whether values are IEEE floats. */
    public boolean isFloating() {
      return this == FLOAT32 || this == FLOAT64;
    }

    @Override
    public String shape() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** Byte strings, UTF-8 by convention; ROOT does not enforce an encoding. */
  record Text() implements ColumnType {
    @Override
    public String shape() {
      return "string";
    }
  }

  /** Any number of elements an entry. */
  record ListOf(ColumnType element) implements ColumnType {
    @Override
    public String shape() {
      return "list<" + element.shape() + ">";
    }
  }

  /** Exactly {@code size} elements an entry. */
  record ArrayOf(ColumnType element, int size) implements ColumnType {
    public ArrayOf {
      if (size < 0) {
        throw new IllegalArgumentException("array size " + size + " is negative");
      }
    }

    @Override
    public String shape() {
      return "array<" + element.shape() + "," + size + ">";
    }
  }

  /** Named members, all present in every entry. */
  record RecordOf(List<Member> members) implements ColumnType {
    public RecordOf {
      members = List.copyOf(members);
    }

    @Override
    public String shape() {
      return members.stream()
          .map(m -> m.name() + ":" + m.type().shape())
          .collect(Collectors.joining(",", "record<", ">"));
    }
  }

  /** A member of a record. */
  record Member(String name, ColumnType type) {}

  /** No element or one. */
  record OptionalOf(ColumnType element) implements ColumnType {
    @Override
    public String shape() {
      return "optional<" + element.shape() + ">";
    }
  }

  /** One of several alternatives, or none. */
  record VariantOf(List<ColumnType> alternatives) implements ColumnType {
    public VariantOf {
      alternatives = List.copyOf(alternatives);
      if (alternatives.size() > Byte.MAX_VALUE) {
        throw new IllegalArgumentException(
            alternatives.size() + " alternatives, at most " + Byte.MAX_VALUE + " are possible");
      }
    }

    @Override
    public String shape() {
      return alternatives.stream()
          .map(ColumnType::shape)
          .collect(Collectors.joining(",", "variant<", ">"));
    }
  }
}
