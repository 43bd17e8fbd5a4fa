package org.bitbeam.root.internal.streamer;

import org.jspecify.annotations.Nullable;

/** ROOT's codes of member types (TVirtualStreamerInfo::EReadWrite). */
public final class StreamerTypes {
  public static final int BASE = 0;
  public static final int CHAR = 1;
  public static final int SHORT = 2;
  public static final int INT = 3;
  public static final int LONG = 4;
  public static final int FLOAT = 5;
  public static final int COUNTER = 6;
  public static final int CHAR_STAR = 7;
  public static final int DOUBLE = 8;
  public static final int DOUBLE32 = 9;
  public static final int UCHAR = 11;
  public static final int USHORT = 12;
  public static final int UINT = 13;
  public static final int ULONG = 14;
  public static final int BITS = 15;
  public static final int LONG64 = 16;
  public static final int ULONG64 = 17;
  public static final int BOOL = 18;
  public static final int FLOAT16 = 19;

  /** Added for a fixed array. */
  public static final int FIXED = 20;

  /** Added for an array with a counter. */
  public static final int VARIABLE = 40;

  public static final int OBJECT = 61;
  public static final int ANY = 62;

  /** Object behind a pointer that is never null, streamed in place. */
  public static final int OBJECT_IN_PLACE = 63;

  public static final int OBJECT_POINTER = 64;
  public static final int TSTRING = 65;
  public static final int TOBJECT = 66;
  public static final int TNAMED = 67;
  public static final int ANY_IN_PLACE = 68;
  public static final int ANY_POINTER = 69;
  public static final int STL = 300;
  public static final int STL_STRING = 365;
  public static final int STREAMER = 500;
  public static final int STREAM_LOOP = 501;

  private StreamerTypes() {}

  /** ROOT's name of a number type, whatever the member is declared as; null for other types. */
  public static @Nullable String numberName(int type) {
    return switch (type) {
      case CHAR -> "Char_t";
      case SHORT -> "Short_t";
      case INT, COUNTER -> "Int_t";
      case LONG -> "Long_t";
      case FLOAT -> "Float_t";
      case DOUBLE -> "Double_t";
      case DOUBLE32 -> "Double32_t";
      case UCHAR -> "UChar_t";
      case USHORT -> "UShort_t";
      case UINT, BITS -> "UInt_t";
      case ULONG -> "ULong_t";
      case LONG64 -> "Long64_t";
      case ULONG64 -> "ULong64_t";
      case BOOL -> "Bool_t";
      case FLOAT16 -> "Float16_t";
      default -> null;
    };
  }
}
