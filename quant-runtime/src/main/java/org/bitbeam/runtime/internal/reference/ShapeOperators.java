package org.bitbeam.runtime.internal.reference;

import static org.bitbeam.runtime.internal.reference.Elementwise.one;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.DoubleArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.internal.graph.Shapes;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxType;

/** Operators that change shapes, move elements along whole axes, or make arrays. */
final class ShapeOperators {
  private ShapeOperators() {}

  static void register(Map<String, Operator> all) {
    all.put("Shape", ShapeOperators::shape);
    all.put("Size", call -> one(NdArray.longs(call.input(0).size()).reshaped(new int[0])));
    all.put("Reshape", ShapeOperators::reshape);
    all.put("Flatten", ShapeOperators::flatten);
    all.put("Squeeze", ShapeOperators::squeeze);
    all.put("Unsqueeze", ShapeOperators::unsqueeze);
    all.put("Transpose", ShapeOperators::transpose);
    all.put("Expand", ShapeOperators::expand);
    all.put("Tile", ShapeOperators::tile);
    all.put("Concat", ShapeOperators::concat);
    all.put("Split", ShapeOperators::split);
    all.put("Slice", ShapeOperators::slice);
    all.put("Pad", ShapeOperators::pad);
    all.put("Trilu", ShapeOperators::trilu);
    all.put("ConstantOfShape", ShapeOperators::constantOfShape);
    all.put("Range", ShapeOperators::range);
    all.put("EyeLike", ShapeOperators::eyeLike);
    all.put("If", ShapeOperators::branch);
  }

  private static List<NdArray> shape(Call call) {
    int[] shape = call.input(0).shape();
    int start = clampAxis(call.integer("start", 0), shape.length);
    int end = clampAxis(call.integer("end", shape.length), shape.length);
    long[] dims = new long[Math.max(0, end - start)];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = shape[start + i];
    }
    return one(NdArray.longs(dims));
  }

  private static int clampAxis(long axis, int rank) {
    return (int) Math.max(0, Math.min(rank, axis < 0 ? axis + rank : axis));
  }

  private static List<NdArray> reshape(Call call) {
    NdArray x = call.input(0);
    int[] wanted = call.ints(1);
    boolean zeroIsZero = call.integer("allowzero", 0) == 1;
    int open = -1;
    long known = 1;
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i] == 0 && !zeroIsZero) {
        if (i >= x.rank()) {
          throw call.wrong("copies axis " + i + " of an array with " + x.rank() + " axes");
        }
        wanted[i] = x.shape()[i];
      }
      if (wanted[i] == -1 && open < 0) {
        open = i;
      } else if (wanted[i] < 0) {
        throw call.wrong("cannot make the shape " + Arrays.toString(wanted));
      } else {
        known *= wanted[i];
      }
      if (known > Integer.MAX_VALUE) {
        throw call.wrong("cannot make the shape " + Arrays.toString(wanted));
      }
    }
    if (open >= 0) {
      if (known == 0 || x.size() % known != 0) {
        throw call.wrong(
            "cannot bring "
                + Arrays.toString(x.shape())
                + " to the shape "
                + Arrays.toString(wanted));
      }
      wanted[open] = (int) (x.size() / known);
      known *= wanted[open];
    }
    if (known != x.size()) {
      throw call.wrong(
          "cannot bring "
              + Arrays.toString(x.shape())
              + " to the shape "
              + Arrays.toString(wanted));
    }
    return one(x.reshaped(wanted));
  }

  private static List<NdArray> flatten(Call call) {
    NdArray x = call.input(0);
    long given = call.integer("axis", 1);
    int axis = given == x.rank() ? x.rank() : call.axis(given, x.rank());
    return one(
        x.reshaped(
            new int[] {Shapes.size(x.shape(), 0, axis), Shapes.size(x.shape(), axis, x.rank())}));
  }

  private static List<NdArray> squeeze(Call call) {
    NdArray x = call.input(0);
    boolean[] drop = new boolean[x.rank()];
    int[] axes = call.listOrInput("axes", 1);
    if (axes == null) {
      for (int i = 0; i < drop.length; i++) {
        drop[i] = x.shape()[i] == 1;
      }
    } else {
      for (int axis : axes) {
        int at = call.axis(axis, x.rank());
        if (x.shape()[at] != 1) {
          throw call.wrong(
              "axis " + axis + " of " + Arrays.toString(x.shape()) + " is not of size 1");
        }
        drop[at] = true;
      }
    }
    int[] shape = new int[x.rank()];
    int rank = 0;
    for (int i = 0; i < drop.length; i++) {
      if (!drop[i]) {
        shape[rank++] = x.shape()[i];
      }
    }
    return one(x.reshaped(Arrays.copyOf(shape, rank)));
  }

  private static List<NdArray> unsqueeze(Call call) {
    NdArray x = call.input(0);
    int[] axes = call.listOrInput("axes", 1);
    if (axes == null) {
      throw call.wrong("names no axes");
    }
    int rank = x.rank() + axes.length;
    boolean[] added = new boolean[rank];
    for (int axis : axes) {
      int at = call.axis(axis, rank);
      if (added[at]) {
        throw call.wrong("adds axis " + axis + " twice");
      }
      added[at] = true;
    }
    int[] shape = new int[rank];
    int from = 0;
    for (int i = 0; i < rank; i++) {
      shape[i] = added[i] ? 1 : x.shape()[from++];
    }
    return one(x.reshaped(shape));
  }

  private static List<NdArray> transpose(Call call) {
    NdArray x = call.input(0);
    int rank = x.rank();
    int[] order = call.list("perm");
    if (order == null) {
      order = new int[rank];
      for (int i = 0; i < rank; i++) {
        order[i] = rank - 1 - i;
      }
    }
    return one(transpose(call, x, order));
  }

  static NdArray transpose(Call call, NdArray x, int[] order) {
    int rank = x.rank();
    int[] sorted = order.clone();
    Arrays.sort(sorted);
    for (int i = 0; i < rank; i++) {
      if (order.length != rank || sorted[i] != i) {
        throw call.wrong(
            "order " + Arrays.toString(order) + " for an array with " + rank + " axes");
      }
    }
    int[] strides = Shapes.strides(x.shape());
    int[] shape = new int[rank];
    int[] moved = new int[rank];
    for (int i = 0; i < rank; i++) {
      shape[i] = x.shape()[order[i]];
      moved[i] = strides[order[i]];
    }
    return x.take(Shapes.positions(shape, moved, 0), shape);
  }

  private static List<NdArray> expand(Call call) {
    NdArray x = call.input(0);
    try {
      int[] shape = Shapes.broadcast(x.shape(), call.ints(1));
      return one(x.take(Shapes.broadcastPositions(x.shape(), shape), shape));
    } catch (IllegalArgumentException e) {
      throw call.wrong(e.getMessage());
    }
  }

  private static List<NdArray> tile(Call call) {
    NdArray x = call.input(0);
    int[] repeats = call.ints(1);
    if (repeats.length != x.rank()) {
      throw call.wrong(repeats.length + " repeats for " + x.rank() + " axes");
    }
    int rank = x.rank();
    int[] own = Shapes.strides(x.shape());
    int[] split = new int[2 * rank]; // axis i becomes (repeats, size)
    int[] strides = new int[2 * rank];
    int[] shape = new int[rank];
    for (int i = 0; i < rank; i++) {
      split[2 * i] = repeats[i];
      split[2 * i + 1] = x.shape()[i];
      strides[2 * i + 1] = own[i];
      shape[i] = Math.multiplyExact(repeats[i], x.shape()[i]);
    }
    return one(x.take(Shapes.positions(split, strides, 0), shape));
  }

  private static List<NdArray> concat(Call call) {
    List<NdArray> parts = new ArrayList<>();
    for (int i = 0; i < call.count(); i++) {
      parts.add(call.input(i));
    }
    int axis = call.axis(call.integer("axis", 1), parts.get(0).rank());
    for (NdArray part : parts) {
      int[] a = part.shape().clone();
      int[] b = parts.get(0).shape().clone();
      if (a.length == b.length) {
        a[axis] = b[axis];
      }
      if (!Arrays.equals(a, b) || part.type() != parts.get(0).type()) {
        throw call.wrong(
            "cannot join "
                + parts.get(0).describe()
                + " and "
                + part.describe()
                + " along axis "
                + axis);
      }
    }
    return one(IndexOperators.concatenate(parts, axis));
  }

  private static List<NdArray> split(Call call) {
    NdArray x = call.input(0);
    int axis = call.axis(call.integer("axis", 0), x.rank());
    int length = x.shape()[axis];
    int[] sizes = call.listOrInput("split", 1);
    if (sizes == null) {
      int parts = call.toInt(call.integer("num_outputs", call.node().outputs().size()));
      if (parts < 1) {
        throw call.wrong(parts + " parts");
      }
      sizes = new int[parts];
      int chunk = (length + parts - 1) / parts;
      for (int i = 0; i < parts; i++) {
        sizes[i] = Math.max(0, Math.min(chunk, length - i * chunk));
      }
    }
    if (Arrays.stream(sizes).sum() != length || Arrays.stream(sizes).anyMatch(size -> size < 0)) {
      throw call.wrong("parts " + Arrays.toString(sizes) + " of an axis of size " + length);
    }
    List<NdArray> parts = new ArrayList<>();
    int[] strides = Shapes.strides(x.shape());
    int from = 0;
    for (int size : sizes) {
      int[] shape = x.shape().clone();
      shape[axis] = size;
      parts.add(x.take(Shapes.positions(shape, strides, from * strides[axis]), shape));
      from += size;
    }
    return parts;
  }

  private static List<NdArray> slice(Call call) {
    NdArray x = call.input(0);
    long[] starts;
    long[] ends;
    if (call.opset() < 10) {
      starts = Arrays.stream(call.list("starts", new int[0])).asLongStream().toArray();
      ends = Arrays.stream(call.list("ends", new int[0])).asLongStream().toArray();
    } else {
      starts = call.integers(1).values();
      ends = call.integers(2).values();
    }
    int[] axes = call.listOrInput("axes", 3);
    long[] steps = call.has(4) ? call.integers(4).values() : null;
    int[] strides = Shapes.strides(x.shape());
    int[] shape = x.shape().clone();
    int offset = 0;
    for (int i = 0; i < starts.length; i++) {
      int axis = call.axis(axes == null ? i : axes[i], x.rank());
      long step = steps == null ? 1 : steps[i];
      int size = x.shape()[axis];
      if (step == 0) {
        throw call.wrong("a step of 0");
      }
      long low = step > 0 ? 0 : -1;
      long high = step > 0 ? size : size - 1;
      long start = clamp(starts[i], size, step > 0 ? 0 : 0, step > 0 ? size : size - 1);
      long end = clamp(ends[i], size, low, step > 0 ? size : high);
      long count = step > 0 ? (end - start + step - 1) / step : (start - end - step - 1) / -step;
      shape[axis] = (int) Math.max(0, count);
      offset += (int) Math.max(0, start) * strides[axis];
      strides[axis] = (int) Math.max(-size - 1, Math.min(size + 1, step)) * strides[axis];
    }
    return one(x.take(Shapes.positions(shape, strides, offset), shape));
  }

  private static long clamp(long index, int size, long low, long high) {
    long from = index < 0 && index > Long.MIN_VALUE / 2 ? index + size : index;
    return Math.max(low, Math.min(high, from));
  }

  private static List<NdArray> pad(Call call) {
    NdArray x = call.input(0);
    int[] pads = call.listOrInput("pads", 1);
    String mode = call.text("mode", "constant");
    if (pads == null) {
      throw call.wrong("names no pads");
    }
    int rank = x.rank();
    int[] axes = call.has(3) ? call.ints(3) : null;
    int named = axes == null ? rank : axes.length;
    if (pads.length != 2 * named) {
      throw call.wrong(pads.length + " pads for " + named + " axes");
    }
    int[] before = new int[rank];
    int[] shape = x.shape().clone();
    for (int i = 0; i < named; i++) {
      int axis = call.axis(axes == null ? i : axes[i], rank);
      before[axis] = pads[i];
      shape[axis] = Math.addExact(shape[axis], Math.addExact(pads[i], pads[named + i]));
    }
    int[] strides = Shapes.strides(x.shape());
    int[] positions = new int[Shapes.size(shape)];
    int[] index = new int[rank];
    for (int i = 0; i < positions.length; i++) {
      int position = 0;
      for (int axis = 0; axis < rank && position >= 0; axis++) {
        int at = mirrored(call, index[axis] - before[axis], x.shape()[axis], mode);
        position = at < 0 ? -1 : position + at * strides[axis];
      }
      positions[i] = position;
      increment(index, shape);
    }
    double fill = call.has(2) && call.input(2).size() == 1 ? call.number(2) : call.real("value", 0);
    NdArray padded = x.take(positions, shape);
    for (int i = 0; i < positions.length && fill != 0; i++) {
      if (positions[i] < 0) {
        set(padded, i, fill);
      }
    }
    return one(padded);
  }

  private static int mirrored(Call call, int at, int size, String mode) {
    if (at >= 0 && at < size) {
      return at;
    }
    switch (mode) {
      case "constant":
        return -1;
      case "edge":
        return Math.max(0, Math.min(size - 1, at));
      case "wrap":
        return Math.floorMod(at, size);
      case "reflect":
        if (size == 1) {
          return 0;
        }
        int period = 2 * (size - 1);
        int folded = Math.floorMod(at, period);
        return folded < size ? folded : period - folded;
      default:
        throw call.unsupported("mode=" + mode);
    }
  }

  static void increment(int[] index, int[] shape) {
    for (int axis = shape.length - 1; axis >= 0 && ++index[axis] == shape[axis]; axis--) {
      index[axis] = 0;
    }
  }

  private static void set(NdArray x, int i, double value) {
    if (x instanceof FloatArray f) {
      f.values()[i] = (float) value;
    } else if (x instanceof DoubleArray d) {
      d.values()[i] = value;
    } else {
      ((IntegerArray) x).values()[i] = (long) value;
    }
  }

  private static List<NdArray> trilu(Call call) {
    NdArray x = call.input(0);
    long k = call.has(1) ? call.integers(1).values()[0] : 0;
    boolean upper = call.integer("upper", 1) == 1;
    if (x.rank() < 2) {
      throw call.wrong("needs a matrix, got " + x.describe());
    }
    int columns = x.shape()[x.rank() - 1];
    int rows = x.shape()[x.rank() - 2];
    int[] positions = new int[x.size()];
    for (int i = 0; i < positions.length; i++) {
      int column = i % columns;
      int row = i / columns % rows;
      boolean kept = upper ? column - row >= k : column - row <= k;
      positions[i] = kept ? i : -1;
    }
    return one(x.take(positions, x.shape()));
  }

  private static List<NdArray> constantOfShape(Call call) {
    int[] shape = call.ints(0);
    NdArray value = NdArray.scalar(0);
    if (call.node().attributes().get("value") instanceof OnnxAttribute.TensorValue tensor) {
      value = NdArray.of(tensor.value());
    }
    if (value.size() != 1) {
      throw call.wrong("its value has shape " + Arrays.toString(value.shape()));
    }
    return one(value.take(new int[Shapes.size(shape)], shape));
  }

  private static List<NdArray> range(Call call) {
    NdArray start = call.input(0);
    double first = call.number(0);
    double step = call.number(2);
    double count = Math.max(0, Math.ceil((call.number(1) - first) / step));
    if (!(count <= Shapes.MAX_ELEMENTS)) {
      throw call.wrong("a range of " + count + " numbers");
    }
    int[] shape = {(int) count};
    double[] values = new double[(int) count];
    for (int i = 0; i < values.length; i++) {
      values[i] = first + i * step;
    }
    return one(Elementwise.castTo(call, new DoubleArray(shape, values), start.type()));
  }

  private static List<NdArray> eyeLike(Call call) {
    int[] shape = call.input(0).shape();
    long k = call.integer("k", 0);
    if (shape.length != 2) {
      throw call.wrong("needs a matrix");
    }
    double[] values = new double[Shapes.size(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % shape[1] - i / shape[1] == k ? 1 : 0;
    }
    OnnxType type =
        call.node().attributes().containsKey("dtype")
            ? OnnxType.of(call.integer("dtype", 1))
            : call.input(0).type();
    return one(Elementwise.castTo(call, new DoubleArray(shape, values), type));
  }

  private static List<NdArray> branch(Call call) {
    String name = call.number(0) != 0 ? "then_branch" : "else_branch";
    if (call.node().attributes().get(name) instanceof OnnxAttribute.GraphValue body) {
      return Interpreter.runBody(body.value(), call.opset(), call.scope());
    }
    throw call.wrong("has no " + name);
  }
}
