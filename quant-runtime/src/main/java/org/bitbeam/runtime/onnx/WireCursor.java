package org.bitbeam.runtime.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Reads one protobuf message, field by field, inside fixed bounds. Wire format:
 * https://protobuf.dev/programming-guides/encoding/
 */
final class WireCursor {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int BYTES = 2;
  static final int FIXED32 = 5;

  private final ReadContext context;
  private final byte[] data;
  private final int end;
  private int at;
  private int wire;

  WireCursor(ReadContext context, byte[] data, int from, int end) {
    this.context = context;
    this.data = data;
    this.at = from;
    this.end = end;
    context.countMessage();
  }

  /** Moves to the next field and returns its number, 0 at the end of the message. */
  int next() {
    if (at == end) {
      return 0;
    }
    long tag = varint();
    wire = (int) (tag & 7);
    long field = tag >>> 3;
    if (field == 0 || field > 0x1FFF_FFFF) {
      throw malformed("field number " + field);
    }
    return (int) field;
  }

  int wire() {
    return wire;
  }

  boolean atEnd() {
    return at == end;
  }

  int remaining() {
    return end - at;
  }

  /** The value of an integer field. */
  long integer() {
    expect(VARINT);
    return varint();
  }

  float fixedFloat() {
    expect(FIXED32);
    return rawFloat();
  }

  float rawFloat() {
    need(4);
    float value = ByteBuffer.wrap(data, at, 4).order(ByteOrder.LITTLE_ENDIAN).getFloat();
    at += 4;
    return value;
  }

  double rawDouble() {
    need(8);
    double value = ByteBuffer.wrap(data, at, 8).order(ByteOrder.LITTLE_ENDIAN).getDouble();
    at += 8;
    return value;
  }

  /** A nested message, or a packed list. */
  WireCursor message() {
    int length = length();
    WireCursor inner = new WireCursor(context, data, at, at + length);
    at += length;
    return inner;
  }

  byte[] bytes() {
    int length = length();
    byte[] value = new byte[length];
    System.arraycopy(data, at, value, 0, length);
    at += length;
    return value;
  }

  String string() {
    context.countMessage();
    int length = length();
    try {
      String value =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(data, at, length))
              .toString();
      at += length;
      return value;
    } catch (CharacterCodingException e) {
      throw malformed("a string that is not UTF-8");
    }
  }

  void skip() {
    switch (wire) {
      case VARINT -> varint();
      case FIXED64 -> {
        need(8);
        at += 8;
      }
      case BYTES -> {
        int length = length();
        at += length;
      }
      case FIXED32 -> {
        need(4);
        at += 4;
      }
      default -> throw malformed("wire type " + wire);
    }
  }

  long varint() {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      need(1);
      byte b = data[at++];
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw malformed("an integer longer than 10 bytes");
  }

  private int length() {
    expect(BYTES);
    long length = varint();
    if (length < 0 || length > end - at) {
      throw malformed("a field of " + length + " bytes where " + (end - at) + " are left");
    }
    return (int) length;
  }

  private void expect(int wanted) {
    if (wire != wanted) {
      throw malformed("wire type " + wire + " where " + wanted + " was expected");
    }
  }

  private void need(int count) {
    if (end - at < count) {
      throw malformed("the end of a message where " + count + " more bytes were expected");
    }
  }

  OnnxFormatException malformed(String found) {
    return new OnnxFormatException(
        context.label()
            + ": byte "
            + at
            + ": found "
            + found
            + "; the file is damaged or no ONNX model");
  }
}
