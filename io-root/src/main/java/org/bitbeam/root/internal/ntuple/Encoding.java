package org.bitbeam.root.internal.ntuple;

import org.jspecify.annotations.Nullable;

/** How the elements of a column are stored in its pages. */
enum Encoding {
  BIT(0x00, 1, Kind.BIT, false),
  BYTE(0x01, 8, Kind.INTEGER, false),
  CHAR(0x02, 8, Kind.INTEGER, false),
  INT8(0x03, 8, Kind.INTEGER, false),
  UINT8(0x04, 8, Kind.INTEGER, false),
  INT16(0x05, 16, Kind.INTEGER, false),
  UINT16(0x06, 16, Kind.INTEGER, false),
  INT32(0x07, 32, Kind.INTEGER, false),
  UINT32(0x08, 32, Kind.INTEGER, false),
  INT64(0x09, 64, Kind.INTEGER, false),
  UINT64(0x0a, 64, Kind.INTEGER, false),
  REAL16(0x0b, 16, Kind.REAL, false),
  REAL32(0x0c, 32, Kind.REAL, false),
  REAL64(0x0d, 64, Kind.REAL, false),
  INDEX32(0x0e, 32, Kind.INDEX, false),
  INDEX64(0x0f, 64, Kind.INDEX, false),
  SWITCH(0x10, 96, Kind.SWITCH, false),
  SPLIT_INT16(0x11, 16, Kind.INTEGER, true),
  SPLIT_UINT16(0x12, 16, Kind.INTEGER, true),
  SPLIT_INT32(0x13, 32, Kind.INTEGER, true),
  SPLIT_UINT32(0x14, 32, Kind.INTEGER, true),
  SPLIT_INT64(0x15, 64, Kind.INTEGER, true),
  SPLIT_UINT64(0x16, 64, Kind.INTEGER, true),
  SPLIT_REAL16(0x17, 16, Kind.REAL, true),
  SPLIT_REAL32(0x18, 32, Kind.REAL, true),
  SPLIT_REAL64(0x19, 64, Kind.REAL, true),
  SPLIT_INDEX32(0x1a, 32, Kind.INDEX, true),
  SPLIT_INDEX64(0x1b, 64, Kind.INDEX, true),
  /** The upper bits of a single precision number. */
  REAL32_TRUNCATED(0x1c, 0, Kind.REAL, false),
  /** Integers over a range. */
  REAL32_QUANTISED(0x1d, 0, Kind.REAL, false);

  /** What the elements are. */
  enum Kind {
    BIT,
    INTEGER,
    REAL,
    INDEX,
    SWITCH
  }

  private final int code;
  private final int bits;
  private final Kind kind;
  private final boolean isSplit;

  Encoding(int code, int bits, Kind kind, boolean isSplit) {
    this.code = code;
    this.bits = bits;
    this.kind = kind;
    this.isSplit = isSplit;
  }

  static @Nullable Encoding of(int code) {
    return code >= 0 && code < values().length ? values()[code] : null;
  }

  int code() {
    return code;
  }

  Kind kind() {
    return kind;
  }

  /** Whether all first bytes come first, then all second bytes and so on. */
  boolean isSplit() {
    return isSplit;
  }

  /** Whether integers are stored as twice their value, or minus twice it minus one. */
  boolean isZigzag() {
    return this == SPLIT_INT16 || this == SPLIT_INT32 || this == SPLIT_INT64;
  }

  /** Whether a column of this encoding may have elements of that many bits. */
  boolean allows(int elementBits) {
    return switch (this) {
      case REAL32_TRUNCATED -> elementBits >= 10 && elementBits <= 31;
      case REAL32_QUANTISED -> elementBits >= 1 && elementBits <= 32;
      default -> elementBits == bits;
    };
  }
}
