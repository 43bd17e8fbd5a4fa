package org.bitbeam.runtime.internal.reference;

import static org.bitbeam.runtime.internal.reference.Elementwise.one;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/** Matrix products. */
final class Matrices {
  private Matrices() {}

  static void register(Map<String, Operator> all) {
    all.put("MatMul", call -> one(product(call, call.floats(0), call.floats(1))));
    all.put("Gemm", Matrices::gemm);
    all.put("Einsum", Matrices::einsum);
  }

  private interface Entry {
    /** Sum over k of a[aAt + k aStep] b[bAt + k bStep]. */
    void put(int to, int aAt, int aStep, int bAt, int bStep, int count);
  }

  private static FloatArray product(Call call, FloatArray a, FloatArray b) {
    int[] shape = productShape(call, a, b);
    float[] c = new float[Shapes.size(shape)];
    multiply(
        call,
        a,
        b,
        (to, aAt, aStep, bAt, bStep, count) -> {
          double sum = 0;
          for (int k = 0; k < count; k++) {
            sum += (double) a.values()[aAt + k * aStep] * b.values()[bAt + k * bStep];
          }
          c[to] = (float) sum;
        });
    return new FloatArray(shape, c);
  }

  /** Exact sums of products of integers, offsets subtracted first. */
  interface Integers {
    long at(int position);
  }

  static long[] product(Call call, NdArray a, NdArray b, Integers left, Integers right) {
    long[] c = new long[Shapes.size(productShape(call, a, b))];
    multiply(
        call,
        a,
        b,
        (to, aAt, aStep, bAt, bStep, count) -> {
          long sum = 0;
          for (int k = 0; k < count; k++) {
            sum += left.at(aAt + k * aStep) * right.at(bAt + k * bStep);
          }
          c[to] = sum;
        });
    return c;
  }

  /** Shape of the product as NumPy's matmul defines it. */
  static int[] productShape(Call call, NdArray a, NdArray b) {
    if (a.rank() == 0 || b.rank() == 0) {
      throw call.wrong("product of " + a.describe() + " and " + b.describe());
    }
    int[] x = rows(a);
    int[] y = columns(b);
    if (x[x.length - 1] != y[y.length - 2]) {
      throw call.wrong("product of " + a.describe() + " and " + b.describe());
    }
    int[] batch;
    try {
      batch = Shapes.broadcast(Arrays.copyOf(x, x.length - 2), Arrays.copyOf(y, y.length - 2));
    } catch (IllegalArgumentException e) {
      throw call.wrong("product of " + a.describe() + " and " + b.describe());
    }
    List<Integer> shape = new ArrayList<>();
    for (int dim : batch) {
      shape.add(dim);
    }
    if (a.rank() > 1) {
      shape.add(x[x.length - 2]);
    }
    if (b.rank() > 1) {
      shape.add(y[y.length - 1]);
    }
    return shape.stream().mapToInt(Integer::intValue).toArray();
  }

  private static int[] rows(NdArray a) {
    return a.rank() == 1 ? new int[] {1, a.shape()[0]} : a.shape();
  }

  private static int[] columns(NdArray b) {
    return b.rank() == 1 ? new int[] {b.shape()[0], 1} : b.shape();
  }

  private static void multiply(Call call, NdArray a, NdArray b, Entry entry) {
    int[] x = rows(a);
    int[] y = columns(b);
    int rows = x[x.length - 2];
    int inner = x[x.length - 1];
    int columns = y[y.length - 1];
    int[] xBatch = Arrays.copyOf(x, x.length - 2);
    int[] yBatch = Arrays.copyOf(y, y.length - 2);
    int[] batch = Shapes.broadcast(xBatch, yBatch);
    int[] xAt = Shapes.broadcastPositions(xBatch, batch);
    int[] yAt = Shapes.broadcastPositions(yBatch, batch);
    int to = 0;
    for (int i = 0; i < xAt.length; i++) {
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
          entry.put(
              to++,
              (xAt[i] * rows + row) * inner,
              1,
              yAt[i] * inner * columns + column,
              columns,
              inner);
        }
      }
    }
  }

  private static List<NdArray> gemm(Call call) {
    FloatArray a = call.floats(0);
    FloatArray b = call.floats(1);
    boolean transA = call.integer("transA", 0) != 0;
    boolean transB = call.integer("transB", 0) != 0;
    double alpha = call.real("alpha", 1);
    double beta = call.real("beta", 1);
    if (a.rank() != 2 || b.rank() != 2) {
      throw call.wrong("needs matrices, got " + a.describe() + " and " + b.describe());
    }
    int rows = a.shape()[transA ? 1 : 0];
    int inner = a.shape()[transA ? 0 : 1];
    int columns = b.shape()[transB ? 0 : 1];
    if (b.shape()[transB ? 1 : 0] != inner) {
      throw call.wrong("product of " + a.describe() + " and " + b.describe());
    }
    int[] shape = {rows, columns};
    float[] bias = new float[0];
    int[] biasAt = new int[0];
    if (call.has(2)) {
      bias = call.floats(2).values();
      try {
        if (!Arrays.equals(Shapes.broadcast(call.floats(2).shape(), shape), shape)) {
          throw new IllegalArgumentException("it is larger");
        }
        biasAt = Shapes.broadcastPositions(call.floats(2).shape(), shape);
      } catch (IllegalArgumentException e) {
        throw call.wrong(
            "bias "
                + call.floats(2).describe()
                + " does not fit the product "
                + Arrays.toString(shape));
      }
    }
    float[] c = new float[Shapes.size(shape)];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        double sum = 0;
        for (int k = 0; k < inner; k++) {
          float left = a.values()[transA ? k * rows + i : i * inner + k];
          float right = b.values()[transB ? j * inner + k : k * columns + j];
          sum += (double) left * right;
        }
        int at = i * columns + j;
        c[at] = (float) (alpha * sum + (bias.length == 0 ? 0 : beta * bias[biasAt[at]]));
      }
    }
    return one(new FloatArray(shape, c));
  }

  private static List<NdArray> einsum(Call call) {
    String equation = call.text("equation", "").replace(" ", "");
    if (equation.contains(".")) {
      throw call.unsupported("an ellipsis in the equation " + equation);
    }
    String[] sides = equation.split("->", -1);
    String[] terms = sides[0].split(",", -1);
    if (terms.length != call.count()) {
      throw call.wrong("equation " + equation + " for " + call.count() + " inputs");
    }
    Map<Character, Integer> sizes = new LinkedHashMap<>();
    Map<Character, Integer> uses = new java.util.TreeMap<>();
    for (int t = 0; t < terms.length; t++) {
      int[] shape = call.floats(t).shape();
      if (terms[t].length() != shape.length) {
        throw call.wrong("term " + terms[t] + " for " + call.floats(t).describe());
      }
      for (int i = 0; i < shape.length; i++) {
        char label = terms[t].charAt(i);
        uses.merge(label, 1, Integer::sum);
        Integer known = sizes.putIfAbsent(label, shape[i]);
        if (known != null && known != shape[i]) {
          throw call.wrong("label " + label + " stands for sizes " + known + " and " + shape[i]);
        }
      }
    }
    StringBuilder result = new StringBuilder();
    if (sides.length == 2) {
      result.append(sides[1]);
    } else {
      uses.forEach((label, count) -> result.append(count == 1 ? label.toString() : ""));
    }
    // All labels, those of the result first: the others are summed over.
    StringBuilder order = new StringBuilder(result);
    sizes
        .keySet()
        .forEach(
            label -> order.append(order.indexOf(label.toString()) < 0 ? label.toString() : ""));
    int[] loop = new int[order.length()];
    for (int i = 0; i < loop.length; i++) {
      Integer size = sizes.get(order.charAt(i));
      if (size == null) {
        throw call.wrong("label " + order.charAt(i) + " of the result is in no term");
      }
      loop[i] = size;
    }
    int[][] positions = new int[terms.length][];
    for (int t = 0; t < terms.length; t++) {
      int[] own = Shapes.strides(call.floats(t).shape());
      int[] strides = new int[loop.length];
      for (int i = 0; i < own.length; i++) {
        strides[order.indexOf(terms[t].substring(i, i + 1))] += own[i];
      }
      positions[t] = Shapes.positions(loop, strides, 0);
    }
    int[] shape = Arrays.copyOf(loop, result.length());
    float[] c = new float[Shapes.size(shape)];
    int summed = Shapes.size(loop, result.length(), loop.length);
    for (int to = 0; to < c.length; to++) {
      double sum = 0;
      for (int k = to * summed; k < (to + 1) * summed; k++) {
        double product = 1;
        for (int t = 0; t < terms.length; t++) {
          product *= call.floats(t).values()[positions[t][k]];
        }
        sum += product;
      }
      c[to] = (float) sum;
    }
    return one(new FloatArray(shape, c));
  }
}
