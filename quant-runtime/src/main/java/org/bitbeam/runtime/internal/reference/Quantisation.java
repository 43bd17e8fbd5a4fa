package org.bitbeam.runtime.internal.reference;

import static org.bitbeam.runtime.internal.reference.Elementwise.one;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.internal.graph.Shapes;
import org.bitbeam.runtime.onnx.OnnxType;
import org.jspecify.annotations.Nullable;

/**
 * Integer arithmetic with scales and zero points: ONNX's own operators, ONNX Runtime's (domain
 * {@code com.microsoft}) and QONNX's.
 */
final class Quantisation {
  private Quantisation() {}

  static void register(Map<String, Operator> all) {
    all.put("QuantizeLinear", Quantisation::quantizeLinear);
    all.put("DequantizeLinear", Quantisation::dequantizeLinear);
    all.put("DynamicQuantizeLinear", Quantisation::dynamicQuantizeLinear);
    all.put("MatMulInteger", Quantisation::matMulInteger);
    all.put("QLinearMatMul", Quantisation::qLinearMatMul);
    all.put("com.microsoft:QGemm", Quantisation::qGemm);
    all.put("com.microsoft:QLinearAdd", call -> qLinear(call, Double::sum));
    all.put("com.microsoft:QLinearMul", call -> qLinear(call, (a, b) -> a * b));
    all.put("com.microsoft:MatMulNBits", Quantisation::matMulNBits);
    for (String domain : List.of("qonnx.custom_op.general", "onnx.brevitas")) {
      all.put(domain + ":Quant", Quantisation::quant);
      all.put(domain + ":BipolarQuant", Quantisation::bipolarQuant);
      all.put(domain + ":Trunc", Quantisation::trunc);
    }
  }

  private static long least(OnnxType type) {
    return switch (type) {
      case INT8 -> -128;
      case INT16 -> -32768;
      case INT32 -> Integer.MIN_VALUE;
      default -> 0;
    };
  }

  private static long greatest(OnnxType type) {
    return switch (type) {
      case INT8 -> 127;
      case UINT8 -> 255;
      case INT16 -> 32767;
      case UINT16 -> 65535;
      default -> Integer.MAX_VALUE;
    };
  }

  /** Round half to even, shift, saturate. */
  private static long quantise(double scaled, long zero, OnnxType type) {
    return (long) Math.max(least(type), Math.min(greatest(type), Math.rint(scaled) + zero));
  }

  /**
   * For each element of {@code x} the position of its scale: one for all, or one per place of an
   * axis.
   */
  private static int[] scalePositions(Call call, NdArray x, NdArray scale, int axis) {
    if (scale.size() == 1) {
      return new int[x.size()];
    }
    if (scale.rank() != 1
        || scale.size() != x.shape()[axis]
        || call.integer("block_size", 0) != 0) {
      throw call.unsupported(
          "a scale of shape " + Arrays.toString(scale.shape()) + " for " + x.describe());
    }
    int[] strides = new int[x.rank()];
    strides[axis] = 1;
    return Shapes.positions(x.shape(), strides, 0);
  }

  private static int axis(Call call, NdArray x) {
    return x.rank() == 0 ? 0 : call.axis(x.rank() == 1 ? 0 : call.integer("axis", 1), x.rank());
  }

  private static long zero(@Nullable NdArray zeros, int at) {
    return zeros == null ? 0 : ((IntegerArray) zeros).values()[zeros.size() == 1 ? 0 : at];
  }

  private static List<NdArray> quantizeLinear(Call call) {
    FloatArray x = call.floats(0);
    FloatArray scale = call.floats(1);
    NdArray zeros = call.optional(2);
    OnnxType type =
        zeros != null
            ? call.integers(2).type()
            : call.integer("output_dtype", 0) == 0
                ? OnnxType.UINT8
                : OnnxType.of(call.integer("output_dtype", 2));
    int[] at = scalePositions(call, x, scale, axis(call, x));
    long[] y = new long[x.size()];
    for (int i = 0; i < y.length; i++) {
      y[i] = quantise(x.values()[i] / scale.values()[at[i]], zero(zeros, at[i]), type);
    }
    return one(new IntegerArray(type, x.shape(), y));
  }

  private static List<NdArray> dequantizeLinear(Call call) {
    IntegerArray x = call.integers(0);
    FloatArray scale = call.floats(1);
    NdArray zeros = call.has(2) ? call.integers(2) : null;
    int[] at = scalePositions(call, x, scale, axis(call, x));
    float[] y = new float[x.size()];
    for (int i = 0; i < y.length; i++) {
      y[i] = (x.values()[i] - zero(zeros, at[i])) * scale.values()[at[i]];
    }
    return one(new FloatArray(x.shape(), y));
  }

  private static List<NdArray> dynamicQuantizeLinear(Call call) {
    FloatArray x = call.floats(0);
    float low = 0;
    float high = 0;
    for (float v : x.values()) {
      low = Math.min(low, v);
      high = Math.max(high, v);
    }
    float scale = high == low ? 1 : (high - low) / 255;
    long zero = (long) Math.max(0, Math.min(255, Math.rint(-low / scale)));
    long[] y = new long[x.size()];
    for (int i = 0; i < y.length; i++) {
      y[i] = quantise(x.values()[i] / scale, zero, OnnxType.UINT8);
    }
    return List.of(
        new IntegerArray(OnnxType.UINT8, x.shape(), y),
        NdArray.scalar(scale),
        new IntegerArray(OnnxType.UINT8, new int[0], new long[] {zero}));
  }

  /** Values of a matrix with its zero points taken off, one per row ({@code a}) or per column. */
  private static long[] centred(
      Call call, IntegerArray x, @Nullable NdArray zeros, boolean perRow) {
    long[] y = x.values().clone();
    int columns = x.rank() == 0 ? 1 : x.shape()[x.rank() - 1];
    int rows = x.rank() < 2 ? 1 : x.shape()[x.rank() - 2];
    if (zeros != null && zeros.size() != 1 && zeros.size() != (perRow ? rows : columns)) {
      throw call.unsupported("zero points of shape " + Arrays.toString(zeros.shape()));
    }
    for (int i = 0; i < y.length; i++) {
      y[i] -= zero(zeros, perRow ? i / columns % rows : i % columns);
    }
    return y;
  }

  private static List<NdArray> matMulInteger(Call call) {
    IntegerArray a = call.integers(0);
    IntegerArray b = call.integers(1);
    long[] left = centred(call, a, call.optional(2), true);
    long[] right = centred(call, b, call.optional(3), false);
    long[] c = Matrices.product(call, a, b, i -> left[i], i -> right[i]);
    for (int i = 0; i < c.length; i++) {
      c[i] = (int) c[i];
    }
    return one(new IntegerArray(OnnxType.INT32, Matrices.productShape(call, a, b), c));
  }

  private static List<NdArray> qLinearMatMul(Call call) {
    IntegerArray a = call.integers(0);
    IntegerArray b = call.integers(3);
    long[] left = centred(call, a, call.input(2), true);
    long[] right = centred(call, b, call.input(5), false);
    float scaleA = (float) call.number(1);
    float[] scaleB = call.floats(4).values();
    float scaleY = (float) call.number(6);
    IntegerArray zeroY = call.integers(7);
    long[] c = Matrices.product(call, a, b, i -> left[i], i -> right[i]);
    int columns = b.shape()[b.rank() - 1];
    for (int i = 0; i < c.length; i++) {
      float scale = scaleA * scaleB[scaleB.length == 1 ? 0 : i % columns] / scaleY;
      c[i] = quantise((float) c[i] * scale, zeroY.values()[0], zeroY.type());
    }
    return one(new IntegerArray(zeroY.type(), Matrices.productShape(call, a, b), c));
  }

  private static List<NdArray> qGemm(Call call) {
    IntegerArray a = call.integers(0);
    IntegerArray b = call.integers(3);
    if (a.rank() != 2 || b.rank() != 2) {
      throw call.wrong("needs matrices, got " + a.describe() + " and " + b.describe());
    }
    NdArray x =
        call.integer("transA", 0) == 0 ? a : ShapeOperators.transpose(call, a, new int[] {1, 0});
    NdArray w =
        call.integer("transB", 0) == 0 ? b : ShapeOperators.transpose(call, b, new int[] {1, 0});
    long[] left = centred(call, (IntegerArray) x, call.input(2), true);
    long[] right = centred(call, (IntegerArray) w, call.input(5), false);
    float scaleA = call.real("alpha", 1) * (float) call.number(1);
    float[] scaleB = call.floats(4).values();
    long[] c = Matrices.product(call, x, w, i -> left[i], i -> right[i]);
    int[] shape = Matrices.productShape(call, x, w);
    long[] bias = call.has(6) ? call.integers(6).values() : new long[1];
    if (call.has(6) && bias.length != 1 && bias.length != shape[1]) {
      throw call.unsupported("a bias of shape " + Arrays.toString(call.input(6).shape()));
    }
    float[] real = new float[c.length];
    long[] quantised = new long[c.length];
    NdArray zeros = call.optional(8);
    for (int i = 0; i < c.length; i++) {
      int column = i % shape[1];
      float scale = scaleA * scaleB[scaleB.length == 1 ? 0 : column];
      long sum = c[i] + bias[bias.length == 1 ? 0 : column];
      if (zeros == null) {
        real[i] = sum * scale;
      } else {
        quantised[i] =
            quantise((float) sum * (scale / (float) call.number(7)), zero(zeros, 0), zeros.type());
      }
    }
    return one(
        zeros == null
            ? new FloatArray(shape, real)
            : new IntegerArray(zeros.type(), shape, quantised));
  }

  /** Dequantise both, combine, quantise. */
  private static List<NdArray> qLinear(Call call, DoubleBinaryOperator combine) {
    NdArray a = dequantised(call, 0);
    NdArray b = dequantised(call, 3);
    FloatArray sum = (FloatArray) Elementwise.combine(call, a, b, combine, null);
    float scale = (float) call.number(6);
    OnnxType type = call.has(7) ? call.input(7).type() : call.input(0).type();
    long[] y = new long[sum.size()];
    for (int i = 0; i < y.length; i++) {
      y[i] = quantise(sum.values()[i] / scale, zero(call.optional(7), 0), type);
    }
    return one(new IntegerArray(type, sum.shape(), y));
  }

  private static FloatArray dequantised(Call call, int input) {
    IntegerArray x = call.integers(input);
    float scale = (float) call.number(input + 1);
    float[] y = new float[x.size()];
    for (int i = 0; i < y.length; i++) {
      y[i] = (x.values()[i] - zero(call.optional(input + 2), 0)) * scale;
    }
    return new FloatArray(x.shape(), y);
  }

  /** Weights of 2, 4 or 8 bits in blocks along K with a scale each; lower bits first. */
  private static List<NdArray> matMulNBits(Call call) {
    FloatArray a = call.floats(0);
    int inner = call.toInt(call.integer("K", 0));
    int columns = call.toInt(call.integer("N", 0));
    int bits = call.toInt(call.integer("bits", 4));
    int block = call.toInt(call.integer("block_size", 0));
    if (bits != 2 && bits != 4 && bits != 8) {
      throw call.unsupported("bits=" + bits);
    }
    if (call.has(4)) {
      throw call.unsupported("g_idx");
    }
    if (inner < 1 || columns < 1 || block < 1) {
      throw call.wrong("K, N and block_size must be positive");
    }
    long[] packed = call.integers(1).values();
    float[] scales = call.floats(2).values();
    int blocks = (inner + block - 1) / block;
    int blockBytes = block * bits / 8;
    int zeroBytes = (blocks * bits + 7) / 8;
    if (packed.length != (long) columns * blocks * blockBytes
        || scales.length != (long) columns * blocks) {
      throw call.wrong("weights of " + packed.length + " bytes with " + scales.length + " scales");
    }
    if (call.has(3)
        && (!(call.input(3) instanceof IntegerArray z) || z.size() != columns * zeroBytes)) {
      throw call.unsupported("zero points " + call.input(3).describe());
    }
    int perByte = 8 / bits;
    int mask = (1 << bits) - 1;
    float[] b = new float[Math.multiplyExact(inner, columns)];
    for (int n = 0; n < columns; n++) {
      for (int k = 0; k < inner; k++) {
        int at = k / block;
        int inBlock = k % block;
        long stored =
            packed[(n * blocks + at) * blockBytes + inBlock / perByte] >> inBlock % perByte * bits
                & mask;
        long zero = 1L << (bits - 1);
        if (call.has(3)) {
          zero =
              call.integers(3).values()[n * zeroBytes + at / perByte] >> at % perByte * bits & mask;
        }
        b[k * columns + n] = (stored - zero) * scales[n * blocks + at];
      }
    }
    Call product =
        new Call(
            call.node(),
            Arrays.asList(a, new FloatArray(new int[] {inner, columns}, b)),
            call.opset(),
            call.scope());
    FloatArray y = (FloatArray) Operators.of(MATMUL).run(product).get(0);
    return one(call.has(5) ? Elementwise.combine(call, y, call.floats(5), Double::sum, null) : y);
  }

  private static final org.bitbeam.runtime.onnx.OnnxNode MATMUL =
      new org.bitbeam.runtime.onnx.OnnxNode(
          "", "", "MatMul", List.of("a", "b"), List.of("y"), Map.of());

  private static double rounded(Call call, String mode, double x) {
    return switch (mode.toUpperCase(Locale.ROOT)) {
      case "ROUND", "HALF_EVEN" -> Math.rint(x);
      case "CEIL" -> Math.ceil(x);
      case "FLOOR" -> Math.floor(x);
      case "UP" -> x < 0 ? Math.floor(x) : Math.ceil(x);
      case "ROUND_TO_ZERO", "DOWN" -> x < 0 ? Math.ceil(x) : Math.floor(x);
      case "HALF_UP" -> Math.copySign(Math.floor(Math.abs(x) + 0.5), x);
      case "HALF_DOWN" -> Math.copySign(Math.ceil(Math.abs(x) - 0.5), x);
      default -> throw call.unsupported("rounding_mode=" + mode);
    };
  }

  private static double lowest(boolean signed, boolean narrow, double bits) {
    return signed ? -Math.pow(2, bits - 1) + (narrow ? 1 : 0) : 0;
  }

  private static double highest(boolean signed, boolean narrow, double bits) {
    return signed ? Math.pow(2, bits - 1) - 1 : Math.pow(2, bits) - 1 - (narrow ? 1 : 0);
  }

  /**
   * Leaves out the lowest bits of codes. Version 1 (x, scale, zero point, bits before, after) keeps
   * the scale; version 2 (x, scale, zero point, bits before, scale after, bits after) gives another
   * one and saturates. QONNX, trunc_op.md.
   */
  private static List<NdArray> trunc(Call call) {
    boolean second = call.inputs().size() > 5;
    double zero = call.number(2);
    String rounding = call.text("rounding_mode", "FLOOR");
    double step = Math.pow(2, call.number(3) - call.number(4));
    double after = 1;
    double low = Double.NEGATIVE_INFINITY;
    double high = Double.POSITIVE_INFINITY;
    if (second) {
      boolean signed = call.integer("signed", 1) == 1;
      boolean narrow = call.integer("narrow", 0) == 1;
      double ratio = call.number(4) / call.number(1);
      step = Math.pow(2, Math.rint(Math.log(ratio) / Math.log(2)));
      after = call.number(4);
      low = lowest(signed, narrow, call.number(5));
      high = highest(signed, narrow, call.number(5));
    }
    double[] bounds = {low, high};
    double[] steps = {step, second ? zero / step : zero, after};
    FloatArray scaled =
        (FloatArray)
            Elementwise.combine(call, call.floats(0), call.floats(1), (x, s) -> x / s, null);
    NdArray codes =
        Elementwise.apply(
            call,
            scaled,
            v -> {
              double code = Math.rint(v + zero) / steps[0];
              double held = Math.max(bounds[0], Math.min(bounds[1], code));
              return (rounded(call, rounding, held) - steps[1]) * steps[2];
            },
            null);
    return one(
        second ? codes : Elementwise.combine(call, codes, call.floats(1), (q, s) -> q * s, null));
  }

  /** https://github.com/fastmachinelearning/qonnx/blob/main/docs/qonnx-custom-ops/quant_op.md */
  private static List<NdArray> quant(Call call) {
    double zero = call.number(2);
    double bits = call.number(3);
    boolean signed = call.integer("signed", 1) == 1;
    boolean narrow = call.integer("narrow", 0) == 1;
    String rounding = call.text("rounding_mode", "ROUND");
    double low = lowest(signed, narrow, bits);
    double high = highest(signed, narrow, bits);
    FloatArray scaled =
        (FloatArray)
            Elementwise.combine(call, call.floats(0), call.floats(1), (x, s) -> x / s, null);
    NdArray codes =
        Elementwise.apply(
            call,
            scaled,
            v -> {
              double shifted = v + zero;
              double clamped = Math.max(low, Math.min(high, shifted));
              return rounded(call, rounding, clamped) - zero;
            },
            null);
    return one(Elementwise.combine(call, codes, call.floats(1), (q, s) -> q * s, null));
  }

  private static List<NdArray> bipolarQuant(Call call) {
    return one(
        Elementwise.combine(call, call.floats(0), call.floats(1), (x, s) -> x >= 0 ? s : -s, null));
  }
}
