package org.bitbeam.runtime.internal.bit;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.internal.graph.Shapes;
import org.bitbeam.runtime.onnx.OnnxType;
import org.jspecify.annotations.Nullable;

/**
 * The values of one forward pass, by slot, and the arrays that hold them. Arrays are lent out and
 * come back when their last value is gone. What the instructions do with them is recorded in the
 * first pass over inputs of some shapes; later passes over the same shapes repeat it and make no
 * objects. Used by one thread at a time.
 */
final class Frame {
  /** Arrays of other shapes, such as jets of another length, are kept up to 64 MiB. */
  private static final long MAX_FREE = (64 << 20) / Float.BYTES;

  /** An array of the pool and the number of slots that show it. */
  private static final class Buffer {
    final float[] array;
    final boolean returns; // whether it is lent out again in the same pass
    int users;

    Buffer(float[] array, boolean returns) {
      this.array = array;
      this.returns = returns;
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
  private final List<Step> steps = new ArrayList<>();
  private boolean records = true; // whether later passes repeat what is performed now
  private boolean changed; // whether a result of this pass has another shape than in the first one
  private boolean unsteady; // whether shapes were seen to change with the numbers
  private @Nullable Recording recording;
  private @Nullable RowCodes codes;

  Frame(int slots) {
    this.values = new NdArray[slots];
    this.strided = new Strided[slots];
    this.buffers = new Buffer[slots];
    this.masks = new boolean[slots];
  }

  /**
   * Before the first pass over inputs of some shapes: forgets its steps, and the free arrays if
   * many are left from other shapes.
   */
  void restart() {
    steps.clear();
    records = true;
    recording = null;
    unsteady |= changed;
    changed = false;
    if (freeElements > MAX_FREE) {
      free.clear();
      freeElements = 0;
      scratch.clear();
    }
  }

  /** At the end of that pass. */
  void keep(Recording made) {
    recording = unsteady ? null : made;
  }

  /** What the last pass left behind; null if nothing can be repeated. */
  @Nullable Recording recording() {
    return recording;
  }

  /**
   * Before an instruction is bound.
   *
   * @param repeated whether later passes have to repeat what it performs: not if its results depend
   *     on shapes only
   */
  void records(boolean repeated) {
    records = repeated;
  }

  /** Runs a step of the instruction that is being bound; later passes repeat it. */
  void perform(Step step) {
    step.run();
    if (records) {
      steps.add(step);
    }
  }

  /** Steps that were recorded so far. */
  int steps() {
    return steps.size();
  }

  /**
   * Repeats some of the steps.
   *
   * @return whether all results have their shapes still; if not, this pass and the recording are
   *     void
   */
  boolean repeat(int from, int to) {
    for (int i = from; i < to; i++) {
      steps.get(i).run();
    }
    return !changed;
  }

  /** A conversion on behalf of a reader: repeated for the sake of later readers, whoever asks. */
  private void convert(Step step) {
    step.run();
    steps.add(step);
  }

  /**
   * Fills slots with results of code that makes arrays of its own in each pass, such as the
   * interpreter's. They may show the array of an input.
   *
   * @param out slots, -1 for results that nobody wants
   * @param inputs what the code reads
   * @param in slots of these
   */
  void compute(
      int[] out, int[] in, List<? extends @Nullable NdArray> inputs, Supplier<List<NdArray>> code) {
    List<NdArray> results = code.get();
    NdArray[] kept = new NdArray[out.length];
    boolean[] shown = new boolean[out.length];
    for (int i = 0; i < out.length; i++) {
      if (out[i] >= 0) {
        shown[i] = !records || shows(results.get(i), inputs);
        if (shown[i]) {
          adopt(out[i], results.get(i), in);
        } else {
          own(out[i], results.get(i));
        }
        kept[i] = raw(out[i]);
      }
    }
    if (records) {
      steps.add(() -> refill(code.get(), kept, shown));
    }
  }

  private static boolean shows(NdArray result, List<? extends @Nullable NdArray> inputs) {
    for (NdArray input : inputs) {
      if (input != null && input.elements() == result.elements()) {
        return true;
      }
    }
    return false;
  }

  /** A copy of a result, in an array of this frame. */
  private void own(int slot, NdArray result) {
    if (result instanceof FloatArray f) {
      System.arraycopy(f.values(), 0, allocate(slot, f.shape()), 0, f.size());
    } else {
      put(slot, result.copied());
    }
  }

  private void refill(List<NdArray> results, @Nullable NdArray[] kept, boolean[] shown) {
    for (int i = 0; i < kept.length; i++) {
      NdArray to = kept[i];
      if (to != null) {
        NdArray from = results.get(i);
        boolean same = from.elements() == to.elements();
        if (!from.isLike(to) || (shown[i] && !same)) {
          changed = true;
        } else if (!same) {
          System.arraycopy(from.elements(), 0, to.elements(), 0, to.size());
        }
      }
    }
  }

  /** Notes that a shape depends on the numbers and is another one than in the first pass. */
  void change() {
    changed = true;
  }

  /** The value as the graph knows it: a mask as BOOL. */
  NdArray get(int slot) {
    NdArray value = raw(slot);
    if (!masks[slot]) {
      return value;
    }
    float[] mask = ((FloatArray) value).values();
    long[] flags = new long[mask.length];
    convert(
        () -> {
          for (int i = 0; i < flags.length; i++) {
            flags[i] = (long) mask[i];
          }
        });
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
    int[] index = new int[x.rank()];
    convert(() -> x.copy(copy, copy.length, index));
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
    convert(
        () -> {
          for (int i = 0; i < mask.length; i++) {
            mask[i] = flags.values()[i];
          }
        });
    return new FloatArray(flags.shape(), mask);
  }

  boolean has(int slot) {
    return values[slot] != null || strided[slot] != null;
  }

  /**
   * A copy of a value that the caller gives.
   *
   * @return what each pass has to fill
   */
  NdArray input(int slot, NdArray value) {
    own(slot, value);
    return raw(slot);
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
    // What is not repeated keeps its array: earlier steps would fill one that they used before.
    ArrayDeque<Buffer> lot = records ? free.get(size) : null;
    Buffer buffer = lot == null ? null : lot.poll();
    if (buffer == null) {
      buffer = new Buffer(new float[size], records);
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

  private void adopt(int slot, NdArray value, int[] inputs) {
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

  void release(int slot) {
    free(buffers[slot]);
    buffers[slot] = null;
    values[slot] = null;
    strided[slot] = null;
  }

  private void free(@Nullable Buffer buffer) {
    if (buffer != null && --buffer.users == 0 && buffer.returns) {
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

  /** The codes of the rows that a layer works on. */
  RowCodes codes() {
    RowCodes made = codes;
    if (made == null) {
      made = new RowCodes(this);
      codes = made;
    }
    return made;
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
