package org.bitbeam.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * NumPy's .npy files: format versions 1 to 3, little-endian, C order, the element types of {@link
 * Tensor}. Written files are version 1 as {@code numpy.save} makes them.
 *
 * <p>Source: NEP 1 and {@code numpy.lib.format}.
 */
public final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int ALIGNMENT = 64;
  private static final int MAX_AXES = 32;
  private static final int MAX_HEADER_BYTES = 10_000;

  // The header is a Python dictionary of exactly these keys; numpy sorts them, others may not.
  private static final Pattern DESCR =
      Pattern.compile("['\"]descr['\"]\\s*:\\s*['\"]([^'\"]*)['\"]");
  private static final Pattern ORDER =
      Pattern.compile("['\"]fortran_order['\"]\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("['\"]shape['\"]\\s*:\\s*\\(([^()]*)\\)");

  private Npy() {}

  /**
   * Reads a file.
   *
   * @throws NpyFormatException when it is no .npy file of a supported kind; the message says which
   */
  public static Tensor read(Path file) throws IOException {
    return parse(file.toString(), Files.readAllBytes(file));
  }

  /**
   * Reads bytes.
   *
   * @param label name of the file in messages
   * @throws NpyFormatException when they are no .npy file of a supported kind
   */
  public static Tensor parse(String label, byte[] bytes) throws NpyFormatException {
    if (bytes.length < 10 || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new NpyFormatException(label + ": no .npy file, it does not begin with \\x93NUMPY");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int version = bytes[6];
    if (version < 1 || version > 3 || bytes[7] != 0) {
      throw new NpyFormatException(
          label + ": format version " + version + "." + bytes[7] + ", expected 1.0 to 3.0");
    }
    int start = version == 1 ? 10 : 12;
    if (bytes.length < start) {
      throw new NpyFormatException(label + ": the header is cut off");
    }
    long headerLength =
        version == 1
            ? Short.toUnsignedLong(buffer.getShort(8))
            : Integer.toUnsignedLong(buffer.getInt(8));
    if (headerLength > bytes.length - start || headerLength > MAX_HEADER_BYTES) {
      throw new NpyFormatException(
          label
              + ": a header of "
              + headerLength
              + " bytes, but "
              + (bytes.length - start)
              + " are left and at most "
              + MAX_HEADER_BYTES
              + " are read");
    }
    String header =
        new String(
            bytes,
            start,
            (int) headerLength,
            version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
    if (find(label, header, ORDER).equals("True")) {
      throw new NpyFormatException(
          label + ": the array is in Fortran order; save numpy.ascontiguousarray(array)");
    }
    String descr = find(label, header, DESCR);
    ElementType type = elementType(label, descr);
    int[] shape = shape(label, find(label, header, SHAPE));
    int from = start + (int) headerLength;
    return values(label, buffer, from, type, shape);
  }

  /** Writes a file, in place of one that is there. */
  public static void write(Path file, Tensor tensor) throws IOException {
    Files.write(file, format(tensor));
  }

  /** The bytes of a .npy file. */
  public static byte[] format(Tensor tensor) {
    String shape =
        Arrays.stream(tensor.shape()).mapToObj(Integer::toString).collect(Collectors.joining(", "));
    String header =
        "{'descr': '"
            + descr(tensor.elementType())
            + "', 'fortran_order': False, 'shape': ("
            + shape
            + (tensor.rank() == 1 ? ",), }" : "), }");
    int padding = ALIGNMENT - 1 - (10 + header.length()) % ALIGNMENT;
    header += " ".repeat(padding) + "\n";
    int size = 10 + header.length();
    ByteBuffer buffer =
        ByteBuffer.allocate(
                Math.addExact(
                    size, Math.multiplyExact(tensor.size(), tensor.elementType().bytes())))
            .order(ByteOrder.LITTLE_ENDIAN);
    buffer.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) header.length());
    buffer.put(header.getBytes(StandardCharsets.ISO_8859_1));
    switch (tensor.elementType()) {
      case FLOAT32 -> buffer.asFloatBuffer().put(tensor.floats());
      case FLOAT64 -> buffer.asDoubleBuffer().put(tensor.doubles());
      case INT64 -> buffer.asLongBuffer().put(tensor.longs());
      case INT32 -> buffer.asIntBuffer().put(tensor.ints());
      case INT8, UINT8 -> buffer.put(tensor.bytes());
      case BOOL -> {
        for (boolean value : tensor.booleans()) {
          buffer.put((byte) (value ? 1 : 0));
        }
      }
    }
    return buffer.array();
  }

  private static Tensor values(
      String label, ByteBuffer buffer, int from, ElementType type, int[] shape)
      throws NpyFormatException {
    int size;
    try {
      size = Tensor.sizeOf(shape);
    } catch (IllegalArgumentException e) {
      throw new NpyFormatException(label + ": " + e.getMessage());
    }
    long expected = (long) size * type.bytes();
    if (expected != buffer.limit() - from) {
      throw new NpyFormatException(
          label
              + ": shape "
              + Arrays.toString(shape)
              + " of "
              + type
              + " needs "
              + expected
              + " bytes, but "
              + (buffer.limit() - from)
              + " follow the header");
    }
    // A slice starts in the big-endian order again.
    ByteBuffer data = buffer.slice(from, buffer.limit() - from).order(ByteOrder.LITTLE_ENDIAN);
    switch (type) {
      case FLOAT32 -> {
        float[] values = new float[size];
        data.asFloatBuffer().get(values);
        return Tensor.of(values, shape);
      }
      case FLOAT64 -> {
        double[] values = new double[size];
        data.asDoubleBuffer().get(values);
        return Tensor.of(values, shape);
      }
      case INT64 -> {
        long[] values = new long[size];
        data.asLongBuffer().get(values);
        return Tensor.of(values, shape);
      }
      case INT32 -> {
        int[] values = new int[size];
        data.asIntBuffer().get(values);
        return Tensor.of(values, shape);
      }
      case INT8, UINT8 -> {
        byte[] values = new byte[size];
        data.get(values);
        return type == ElementType.INT8
            ? Tensor.of(values, shape)
            : Tensor.ofUnsigned(values, shape);
      }
      case BOOL -> {
        boolean[] values = new boolean[size];
        for (int i = 0; i < size; i++) {
          values[i] = data.get(i) != 0;
        }
        return Tensor.of(values, shape);
      }
    }
    throw new AssertionError(type);
  }

  private static String find(String label, String header, Pattern pattern)
      throws NpyFormatException {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw new NpyFormatException(
          label + ": the header lacks descr, fortran_order or shape: " + header.strip());
    }
    return matcher.group(1);
  }

  private static int[] shape(String label, String text) throws NpyFormatException {
    String[] parts = text.isBlank() ? new String[0] : text.strip().split("\\s*,\\s*");
    if (parts.length > MAX_AXES) {
      throw new NpyFormatException(
          label + ": " + parts.length + " axes, at most " + MAX_AXES + " are possible");
    }
    int[] shape = new int[parts.length];
    for (int i = 0; i < parts.length; i++) {
      try {
        shape[i] = Integer.parseInt(parts[i]);
      } catch (NumberFormatException e) {
        throw new NpyFormatException(label + ": shape (" + text + ") is not understood");
      }
    }
    return shape;
  }

  private static String descr(ElementType type) {
    return switch (type) {
      case FLOAT32 -> "<f4";
      case FLOAT64 -> "<f8";
      case INT64 -> "<i8";
      case INT32 -> "<i4";
      case INT8 -> "|i1";
      case UINT8 -> "|u1";
      case BOOL -> "|b1";
    };
  }

  private static ElementType elementType(String label, String descr) throws NpyFormatException {
    return switch (descr) {
      case "<f4" -> ElementType.FLOAT32;
      case "<f8" -> ElementType.FLOAT64;
      case "<i8" -> ElementType.INT64;
      case "<i4" -> ElementType.INT32;
      case "|i1", "<i1" -> ElementType.INT8;
      case "|u1", "<u1" -> ElementType.UINT8;
      case "|b1", "<b1" -> ElementType.BOOL;
      default ->
          throw new NpyFormatException(
              label
                  + ": element type \""
                  + descr
                  + "\", expected one of <f4, <f8, <i4, <i8, |i1, |u1, |b1; save"
                  + " array.astype('<f4') or the like");
    };
  }
}
