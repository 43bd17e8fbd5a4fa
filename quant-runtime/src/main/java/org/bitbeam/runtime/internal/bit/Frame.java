package org.bitbeam.runtime.internal.bit;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.internal.graph.Shapes;
import org.bitbeam.runtime.onnx.OnnxType;
import org.jspecify.annotations.Nullable;

/**
 * The values of one forward pass, by slot, and the arrays that hold them. Arrays are lent out and
 * come back when their last value is gone, so a second pass over the same shapes takes no new ones.
 * Used by one thread at a time.
 */
final class Frame {
  /** Arrays of other shapes, such as jets of another length, are kept up to 64 MiB. */
  private static final long MAX_FREE = (64 << 20) / Float.BYTES;

  /** An array of the pool and the number of slots that show it. */
  private static final class Buffer {
    final float[] array;
    int users;

    Buffer(float[] array) {
      this.array = array;
    }
  }

  private final @Nullable NdArray[] values;
  private final @Nullable Strided[] strided; // values that are copied when they are read
  private final @Nullable Buffer[] buffers;
  private final boolean[] masks; // slots of type BOOL whose array holds 0 and 1 as floats
  private final Map<Integer, ArrayDeque<Buffer>> free = new HashMap<>();
  private final Map<Integer, float[]> scratch = new HashMap<>();
  private final float[] work = new float[Kernels.WORK];
  private final int[][] ints = new int[2][0];
  private short[] shorts = new short[0];
  private byte[] bytes = new byte[0];
  private final ByteBuffer[] direct = {ByteBuffer.allocate(0), ByteBuffer.allocate(0)};
  private long freeElements;
  private long passes;
  private int[][] lastShapes = new int[0][];

  Frame(int slots) {
    this.values = new NdArray[slots];
    this.strided = new Strided[slots];
    this.buffers = new Buffer[slots];
    this.masks = new boolean[slots];
  }

  /**
   * Before a pass over inputs of these shapes: forgets the free arrays if many are left from other
   * shapes.
   *
   * @return whether the pass before had the same shapes
   */
  boolean prepare(int[][] inputShapes) {
    boolean again = passes > 0 && Arrays.deepEquals(lastShapes, inputShapes);
    passes++;
    if (!again && freeElements > MAX_FREE) {
      free.clear();
      freeElements = 0;
      scratch.clear();
    }
    lastShapes = inputShapes;
    return again;
  }

  /** The value as the graph knows it: a mask as BOOL. */
  NdArray get(int slot) {
    NdArray value = raw(slot);
    if (!masks[slot]) {
      return value;
    }
    float[] mask = ((FloatArray) value).values();
    long[] flags = new long[mask.length];
    for (int i = 0; i < flags.length; i++) {
      flags[i] = (long) mask[i];
    }
    return new IntegerArray(OnnxType.BOOL, value.shape(), flags);
  }

  /** The value as it is stored: a mask as floats. */
  NdArray raw(int slot) {
    NdArray value = values[slot];
    if (value != null) {
      return value;
    }
    Strided x = strided[slot];
    if (x == null) {
      throw new IllegalStateException("slot " + slot + " is empty");
    }
    Buffer source = buffers[slot];
    float[] copy = allocate(slot, x.shape());
    x.copy(copy, copy.length);
    free(source);
    return new FloatArray(x.shape(), copy);
  }

  boolean isMask(int slot) {
    return masks[slot];
  }

  /** Floats; null if the slot holds another element type. */
  @Nullable FloatArray floats(int slot) {
    return !masks[slot] && raw(slot) instanceof FloatArray f ? f : null;
  }

  /** Floats wherever they lie; null if the slot holds another element type. */
  @Nullable Strided strided(int slot) {
    if (strided[slot] != null) {
      return strided[slot];
    }
    FloatArray x = floats(slot);
    return x == null ? null : Strided.of(x);
  }

  /** Some elements of what {@code from} holds; copied when somebody reads them as an array. */
  void strided(int slot, int from, Strided view) {
    if (view.isWhole()) {
      alias(slot, from, new FloatArray(view.shape(), view.values()));
      return;
    }
    share(slot, from);
    values[slot] = null;
    strided[slot] = view;
    masks[slot] = false;
  }

  /** A BOOL value as floats 0 and 1; null if the slot holds another element type. */
  @Nullable FloatArray mask(int slot) {
    NdArray value = raw(slot);
    if (masks[slot]) {
      return (FloatArray) value;
    }
    if (!(value instanceof IntegerArray flags) || flags.type() != OnnxType.BOOL) {
      return null;
    }
    float[] mask = new float[flags.size()];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = flags.values()[i];
    }
    return new FloatArray(flags.shape(), mask);
  }

  boolean has(int slot) {
    return values[slot] != null || strided[slot] != null;
  }

  /** A value that belongs to somebody else. */
  void put(int slot, NdArray value) {
    values[slot] = value;
    strided[slot] = null;
    buffers[slot] = null;
    masks[slot] = false;
  }

  /** A fresh array for a slot of type BOOL, to be filled with 0 and 1. */
  float[] allocateMask(int slot, int... shape) {
    float[] mask = allocate(slot, shape);
    masks[slot] = true;
    return mask;
  }

  /** Another shape of what {@code from} holds. */
  void reshape(int slot, int from, int[] shape) {
    alias(slot, from, raw(from).reshaped(shape));
    masks[slot] = masks[from];
  }

  /** A fresh array for a slot; its content is arbitrary. */
  float[] allocate(int slot, int... shape) {
    int size = Shapes.size(shape);
    ArrayDeque<Buffer> lot = free.get(size);
    Buffer buffer = lot == null ? null : lot.poll();
    if (buffer == null) {
      buffer = new Buffer(new float[size]);
    } else {
      freeElements -= size;
    }
    buffer.users = 1;
    buffers[slot] = buffer;
    values[slot] = new FloatArray(shape, buffer.array);
    strided[slot] = null;
    masks[slot] = false;
    return buffer.array;
  }

  /** Another view of the array that {@code from} shows. */
  void alias(int slot, int from, NdArray view) {
    share(slot, from);
    values[slot] = view;
    strided[slot] = null;
    masks[slot] = false;
  }

  private void share(int slot, int from) {
    Buffer buffer = buffers[from];
    if (buffer != null) {
      buffer.users++;
    }
    buffers[slot] = buffer;
  }

  /** Takes over a result of the interpreter, which may show the array of one of its inputs. */
  void adopt(int slot, NdArray value, int[] inputs) {
    put(slot, value);
    if (value instanceof FloatArray f) {
      for (int input : inputs) {
        Buffer buffer = input < 0 ? null : buffers[input];
        if (buffer != null && buffer.array == f.values()) {
          alias(slot, input, value);
          return;
        }
      }
    }
  }

  /** Whether the slot's array is of this frame, so that it must not leave it. */
  boolean owns(int slot) {
    return buffers[slot] != null;
  }

  /** Whether nobody else sees the slot's array: then it may be overwritten by its last user. */
  boolean isExclusive(int slot) {
    Buffer buffer = buffers[slot];
    return buffer != null && buffer.users == 1;
  }

  void release(int slot) {
    free(buffers[slot]);
    buffers[slot] = null;
    values[slot] = null;
    strided[slot] = null;
  }

  private void free(@Nullable Buffer buffer) {
    if (buffer != null && --buffer.users == 0) {
      free.computeIfAbsent(buffer.array.length, size -> new ArrayDeque<>()).push(buffer);
      freeElements += buffer.array.length;
    }
  }

  /** The same of integers; {@code key} is 0 or 1. */
  int[] ints(int key, int size) {
    if (ints[key].length < size) {
      ints[key] = new int[size];
    }
    return ints[key];
  }

  /** The same of bytes. */
  byte[] bytes(int size) {
    if (bytes.length < size) {
      bytes = new byte[size];
    }
    return bytes;
  }

  /** Exactly so many bytes outside of the heap, in the machine's order; {@code key} is 0 or 1. */
  ByteBuffer direct(int key, int size) {
    if (direct[key].capacity() < size) {
      direct[key] = ByteBuffer.allocateDirect(size);
    }
    return direct[key].duplicate().clear().limit(size).order(ByteOrder.nativeOrder());
  }

  /** The same of shorts. */
  short[] shorts(int size) {
    if (shorts.length < size) {
      shorts = new short[size];
    }
    return shorts;
  }

  /** Working memory of {@link Kernels#apply}. */
  float[] work() {
    return work;
  }

  /** Working memory of at least that size, kept between passes; {@code key} tells several apart. */
  float[] scratch(int key, int size) {
    float[] array = scratch.get(key);
    if (array == null || array.length < size) {
      array = new float[size];
      scratch.put(key, array);
    }
    return array;
  }
}
