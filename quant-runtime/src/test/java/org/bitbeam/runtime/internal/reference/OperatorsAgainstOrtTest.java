package org.bitbeam.runtime.internal.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.bitbeam.runtime.internal.Fixtures;
import org.bitbeam.runtime.internal.Ort;
import org.bitbeam.runtime.internal.bit.Passes;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.internal.graph.Shapes;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxGraph;
import org.bitbeam.runtime.onnx.OnnxModel;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxReader;
import org.bitbeam.runtime.onnx.OnnxTensor;
import org.bitbeam.runtime.onnx.OnnxType;
import org.bitbeam.runtime.onnx.OnnxValueInfo;
import org.bitbeam.runtime.onnx.OnnxWriter;
import org.bitbeam.runtime.onnx.UnsupportedOnnxException;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** One-node models: the interpreter and ONNX Runtime must agree. */
class OperatorsAgainstOrtTest {
  private static final long SEED = 99;
  private final Random random = new Random(SEED);

  private record Case(
      String operator,
      long opset,
      int outputs,
      Map<String, OnnxAttribute> attributes,
      List<NdArray> inputs) {
    String label() {
      return operator
          + " "
          + new java.util.TreeMap<>(attributes)
          + " "
          + inputs.stream().map(x -> x == null ? "-" : x.describe()).toList();
    }

    OnnxNode node(List<String> from, List<String> to) {
      int colon = operator.indexOf(':');
      String domain = colon < 0 ? "" : operator.substring(0, colon);
      return new OnnxNode("node", domain, operator.substring(colon + 1), from, to, attributes);
    }
  }

  private FloatArray floats(int... shape) {
    float[] values = new float[Shapes.size(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() * 2;
    }
    return new FloatArray(shape, values);
  }

  private FloatArray positive(int... shape) {
    FloatArray x = floats(shape);
    for (int i = 0; i < x.size(); i++) {
      x.values()[i] = Math.abs(x.values()[i]) + 0.01f;
    }
    return x;
  }

  private static IntegerArray longs(long... values) {
    return NdArray.longs(values);
  }

  private static IntegerArray longs(int[] shape, long... values) {
    return new IntegerArray(OnnxType.INT64, shape, values);
  }

  private IntegerArray integers(OnnxType type, int low, int high, int... shape) {
    long[] values = new long[Shapes.size(shape)];
    Arrays.setAll(values, i -> low + random.nextInt(high - low + 1));
    return new IntegerArray(type, shape, values);
  }

  private IntegerArray bools(int... shape) {
    return integers(OnnxType.BOOL, 0, 1, shape);
  }

  private static IntegerArray scalar(OnnxType type, long value) {
    return new IntegerArray(type, new int[0], new long[] {value});
  }

  /** Attributes from name, value pairs. */
  private static Map<String, OnnxAttribute> with(Object... pairs) {
    Map<String, OnnxAttribute> attributes = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      Object value = pairs[i + 1];
      attributes.put(
          (String) pairs[i],
          value instanceof Integer n
              ? new OnnxAttribute.IntValue(n)
              : value instanceof Float f
                  ? new OnnxAttribute.FloatValue(f)
                  : value instanceof String s
                      ? new OnnxAttribute.StringValue(s)
                      : new OnnxAttribute.IntList(
                          Arrays.stream((int[]) value).mapToObj(Long::valueOf).toList()));
    }
    return attributes;
  }

  private static Case op(
      String operator, Map<String, OnnxAttribute> attributes, NdArray... inputs) {
    return new Case(operator, 17, 1, attributes, Arrays.asList(inputs));
  }

  private static Case op(String operator, NdArray... inputs) {
    return op(operator, with(), inputs);
  }

  private static Case opset(int opset, Case c) {
    return new Case(c.operator(), opset, c.outputs(), c.attributes(), c.inputs());
  }

  private static Case outputs(int outputs, Case c) {
    return new Case(c.operator(), c.opset(), outputs, c.attributes(), c.inputs());
  }

  private List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (String unary :
        List.of(
            "Abs",
            "Neg",
            "Sign",
            "Round",
            "Floor",
            "Ceil",
            "Reciprocal",
            "Exp",
            "Sin",
            "Cos",
            "Tan",
            "Atan",
            "Sinh",
            "Cosh",
            "Tanh",
            "Erf",
            "Sigmoid",
            "Softplus",
            "Softsign",
            "Relu",
            "HardSwish",
            "LeakyRelu",
            "Elu",
            "Celu",
            "Selu",
            "HardSigmoid",
            "ThresholdedRelu",
            "Identity",
            "IsNaN",
            "IsInf",
            "Mish")) {
      int set = unary.equals("Mish") ? 18 : 17;
      cases.add(opset(set, op(unary, floats(3, 5))));
      if (!unary.startsWith("Is")
          && !Set.of("Reciprocal", "Tan", "Sin", "Cos", "Mish", "Celu", "Round").contains(unary)) {
        cases.add(
            op(
                unary,
                new FloatArray(
                    new int[] {5},
                    new float[] {Float.NaN, Float.POSITIVE_INFINITY, 0f, 0.5f, 1e-30f})));
      }
    }
    cases.add(
        op(
            "Round",
            new FloatArray(
                new int[] {7}, new float[] {0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 1e9f, 0.49999997f})));
    for (String unary : List.of("Sqrt", "Log")) {
      cases.add(op(unary, positive(4, 3)));
    }
    for (String unary : List.of("Asin", "Acos")) {
      cases.add(op(unary, new FloatArray(new int[] {5}, new float[] {-1f, -0.3f, 0f, 0.7f, 1f})));
    }
    cases.add(opset(20, op("Gelu", floats(4, 9))));
    cases.add(opset(20, op("Gelu", with("approximate", "tanh"), floats(4, 9))));
    cases.add(op("LeakyRelu", with("alpha", 0.3f), floats(4, 9)));
    for (String binary : List.of("Add", "Sub", "Mul", "Div", "Max", "Min", "PRelu")) {
      cases.add(op(binary, floats(2, 3, 4), floats(3, 1)));
    }
    for (String binary : List.of("Add", "Sub", "Mul", "Div", "Max", "Min")) {
      cases.add(op(binary, floats(1, 4), floats(3, 1)));
      cases.add(
          op(binary, integers(OnnxType.INT64, -9, 9, 5), integers(OnnxType.INT64, 1, 5, 2, 5)));
      cases.add(op(binary, integers(OnnxType.INT32, -9, 9, 5), integers(OnnxType.INT32, 1, 5)));
    }
    cases.add(op("Sum", floats(2, 3), floats(3), floats(2, 1)));
    cases.add(op("Mean", floats(2, 3), floats(3), floats(2, 1)));
    cases.add(op("Mod", integers(OnnxType.INT64, -9, 9, 8), integers(OnnxType.INT64, 1, 5, 8)));
    cases.add(op("Mod", integers(OnnxType.INT64, -9, 9, 8), longs(-3)));
    cases.add(op("Mod", with("fmod", 1), floats(8), positive(8)));
    cases.add(op("Pow", positive(3, 4), floats(4)));
    cases.add(op("Pow", floats(3, 4), longs(2)));
    for (String compare : List.of("Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual")) {
      cases.add(
          op(compare, integers(OnnxType.INT64, 0, 3, 4, 5), integers(OnnxType.INT64, 0, 3, 5)));
      cases.add(
          op(
              compare,
              new FloatArray(new int[] {3}, new float[] {1f, Float.NaN, 2f}),
              new FloatArray(new int[] {1}, new float[] {2f})));
    }
    for (String logical : List.of("And", "Or", "Xor")) {
      cases.add(op(logical, bools(3, 4), bools(4)));
    }
    cases.add(op("Not", bools(6)));
    cases.add(op("Clip", floats(3, 4), NdArray.scalar(-1), NdArray.scalar(0.5f)));
    cases.add(op("Clip", floats(3, 4), null, NdArray.scalar(0.5f)));
    cases.add(op("Clip", floats(3, 4), NdArray.scalar(0.5f)));
    cases.add(op("Cast", with("to", 7), floats(3, 4)));
    cases.add(
        op("Cast", with("to", 9), new FloatArray(new int[] {3}, new float[] {0f, 0.1f, -2f})));
    cases.add(op("Cast", with("to", 1), integers(OnnxType.INT64, -9, 9, 4)));
    cases.add(op("Cast", with("to", 11), floats(4)));
    cases.add(op("Cast", with("to", 6), bools(4)));
    cases.add(op("CastLike", floats(4), integers(OnnxType.INT64, -9, 9, 1)));
    cases.add(op("Where", bools(3, 1), floats(3, 4), floats(4)));
    cases.add(op("Where", bools(4), longs(1, 2, 3, 4), longs(9)));
    cases.add(op("Dropout", floats(3)));

    cases.add(op("Shape", floats(3, 4, 5)));
    cases.add(op("Shape", with("start", -2, "end", -1), floats(3, 4, 5)));
    cases.add(op("Size", floats(3, 4, 5)));
    cases.add(op("Reshape", floats(2, 3, 4), longs(0, -1)));
    cases.add(op("Reshape", floats(2, 3, 4), longs(4, 0, -1)));
    cases.add(op("Flatten", with("axis", 2), floats(2, 3, 4, 2)));
    cases.add(op("Squeeze", floats(1, 3, 1), longs(-1)));
    cases.add(op("Squeeze", floats(1, 3, 1)));
    cases.add(op("Unsqueeze", floats(3, 4), longs(0, -1)));
    cases.add(op("Transpose", floats(2, 3, 4)));
    cases.add(op("Transpose", with("perm", new int[] {1, 2, 0, 3}), floats(2, 3, 4, 2)));
    cases.add(op("Expand", floats(3, 1), longs(2, 1, 4)));
    cases.add(op("Tile", floats(2, 3), longs(2, 3)));
    cases.add(op("Concat", with("axis", 1), floats(2, 3, 2), floats(2, 1, 2), floats(2, 4, 2)));
    cases.add(op("Concat", with("axis", -1), longs(1, 2), longs(3)));
    cases.add(outputs(3, op("Split", with("axis", 1), floats(2, 6, 2), longs(1, 2, 3))));
    cases.add(outputs(3, op("Split", with("axis", -1), floats(2, 6))));
    cases.add(outputs(3, opset(18, op("Split", with("axis", 0, "num_outputs", 3), floats(7, 2)))));
    cases.add(op("Slice", floats(5, 6), longs(1, -3), longs(4, 1000), longs(0, 1), longs(2, 1)));
    cases.add(op("Slice", floats(5, 6), longs(-1), longs(Long.MIN_VALUE), longs(0), longs(-1)));
    cases.add(op("Slice", floats(5, 6), longs(4, 5), longs(0, -6), longs(0, 1), longs(-2, -3)));
    cases.add(op("Slice", floats(5, 6), longs(3), longs(2)));
    cases.add(op("Pad", floats(2, 3), longs(1, 0, 0, 2), NdArray.scalar(3)));
    cases.add(op("Pad", with("mode", "reflect"), floats(4, 5), longs(2, 1, 3, 4)));
    cases.add(op("Pad", with("mode", "edge"), floats(4, 5), longs(2, 1, 3, 4)));
    cases.add(op("Trilu", with("upper", 0), floats(2, 4, 5)));
    cases.add(op("Trilu", floats(4, 5), scalar(OnnxType.INT64, 1)));
    cases.add(op("ConstantOfShape", longs(2, 3)));
    cases.add(
        op(
            "Range",
            scalar(OnnxType.INT64, 2),
            scalar(OnnxType.INT64, 11),
            scalar(OnnxType.INT64, 3)));
    cases.add(op("Range", NdArray.scalar(5), NdArray.scalar(0), NdArray.scalar(-1.5f)));
    cases.add(op("EyeLike", with("k", 1), floats(3, 4)));

    cases.add(op("Gather", with("axis", 1), floats(3, 4, 2), longs(new int[] {2, 2}, 0, -1, 3, 1)));
    cases.add(op("Gather", longs(4, 5, 6), scalar(OnnxType.INT64, 1)));
    cases.add(
        op(
            "GatherElements",
            with("axis", 1),
            floats(3, 4),
            longs(new int[] {2, 3}, 0, -1, 3, 1, 1, 2)));
    cases.add(op("GatherND", floats(3, 4, 2), longs(new int[] {2, 2}, 0, 1, 2, -1)));
    cases.add(
        op("GatherND", with("batch_dims", 1), floats(3, 4, 2), longs(new int[] {3, 1}, 0, 3, 2)));
    cases.add(op("ScatterND", floats(4, 3), longs(new int[] {2, 1}, 1, 3), floats(2, 3)));
    cases.add(
        op(
            "ScatterND",
            with("reduction", "add"),
            floats(4, 3),
            longs(new int[] {3, 1}, 1, 3, 1),
            floats(3, 3)));
    cases.add(
        op(
            "ScatterElements",
            with("axis", 1),
            floats(3, 4),
            longs(new int[] {3, 1}, 2, 0, -1),
            floats(3, 1)));
    cases.add(outputs(2, op("TopK", with("axis", 1), floats(3, 6, 2), longs(4))));
    cases.add(
        outputs(
            2,
            op(
                "TopK",
                with("largest", 0),
                new FloatArray(new int[] {2, 4}, new float[] {1, 1, 0, 0, 2, 3, 2, 3}),
                longs(3))));
    for (String arg : List.of("ArgMax", "ArgMin")) {
      cases.add(op(arg, with("axis", 1, "keepdims", 0), floats(3, 4, 2)));
      cases.add(
          op(
              arg,
              with("axis", -1, "select_last_index", 1),
              new FloatArray(new int[] {1, 4}, new float[] {1, 0, 1, 0})));
    }
    cases.add(op("NonZero", new FloatArray(new int[] {2, 3}, new float[] {0, 1, 0, 2, 0, 3})));
    cases.add(
        op(
            "OneHot",
            with("axis", 1),
            longs(new int[] {2, 2}, 0, 2, -1, 5),
            longs(3),
            new FloatArray(new int[] {2}, new float[] {-1, 4})));
    cases.add(op("CumSum", floats(3, 4), scalar(OnnxType.INT64, 1)));
    cases.add(
        op(
            "CumSum",
            with("exclusive", 1, "reverse", 1),
            floats(3, 4, 2),
            scalar(OnnxType.INT64, 1)));
    cases.add(
        op(
            "Compress",
            with("axis", 1),
            floats(3, 4),
            new IntegerArray(OnnxType.BOOL, new int[] {4}, new long[] {1, 0, 0, 1})));
    cases.add(
        op(
            "Compress",
            floats(3, 4),
            new IntegerArray(OnnxType.BOOL, new int[] {4}, new long[] {1, 0, 0, 1})));

    for (String reduce :
        List.of(
            "Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "SumSquare", "LogSumExp", "LogSum")) {
      FloatArray x = reduce.equals("LogSum") ? positive(3, 4, 5) : floats(3, 4, 5);
      if (reduce.equals("Sum")) {
        cases.add(op("ReduceSum", with("keepdims", 0), x, longs(0, 2)));
        cases.add(op("ReduceSum", with("noop_with_empty_axes", 1), x));
        cases.add(op("ReduceSum", integers(OnnxType.INT64, -5, 5, 4, 4), longs(1)));
      } else {
        cases.add(op("Reduce" + reduce, with("axes", new int[] {1}, "keepdims", 0), x));
        cases.add(opset(18, op("Reduce" + reduce, with("keepdims", 1), x, longs(-1, 0))));
      }
      cases.add(op("Reduce" + reduce, x));
    }
    cases.add(op("ReduceMax", with("axes", new int[] {0}), integers(OnnxType.INT64, -5, 5, 4, 4)));

    cases.add(op("MatMul", floats(2, 1, 3, 4), floats(5, 4, 2)));
    cases.add(op("MatMul", floats(4), floats(4, 2)));
    cases.add(op("MatMul", floats(3, 4), floats(4)));
    cases.add(
        op(
            "Gemm",
            with("transA", 1, "alpha", 0.5f, "beta", 2f),
            floats(4, 3),
            floats(4, 2),
            floats(3, 1)));
    cases.add(op("Gemm", with("transB", 1), floats(3, 4), floats(2, 4), floats(2)));
    cases.add(op("Gemm", floats(3, 4), floats(4, 2)));
    cases.add(op("Einsum", with("equation", "bij,bjk->bik"), floats(2, 3, 4), floats(2, 4, 5)));
    cases.add(
        op(
            "Einsum",
            with("equation", "bhid, bhjd -> bhij"),
            floats(2, 2, 3, 4),
            floats(2, 2, 5, 4)));
    cases.add(op("Einsum", with("equation", "ii->i"), floats(3, 3)));
    cases.add(op("Einsum", with("equation", "ab,bc"), floats(3, 4), floats(4, 2)));

    cases.add(op("Conv", floats(2, 3, 7), floats(4, 3, 3), floats(4)));
    cases.add(
        op(
            "Conv",
            with(
                "strides",
                new int[] {2, 1},
                "pads",
                new int[] {1, 0, 2, 1},
                "dilations",
                new int[] {1, 2}),
            floats(1, 3, 7, 6),
            floats(4, 3, 3, 2)));
    cases.add(
        op(
            "Conv",
            with("group", 2, "auto_pad", "SAME_UPPER", "strides", new int[] {2, 2}),
            floats(1, 4, 7, 6),
            floats(6, 2, 3, 3),
            floats(6)));
    cases.add(op("Conv", with("auto_pad", "SAME_LOWER"), floats(1, 2, 7), floats(3, 2, 4)));
    cases.add(
        op(
            "MaxPool",
            with(
                "kernel_shape",
                new int[] {2, 3},
                "strides",
                new int[] {2, 2},
                "pads",
                new int[] {0, 1, 1, 1}),
            floats(1, 2, 7, 6)));
    cases.add(
        op(
            "AveragePool",
            with(
                "kernel_shape",
                new int[] {3, 2},
                "strides",
                new int[] {2, 2},
                "pads",
                new int[] {1, 0, 1, 1}),
            floats(1, 2, 7, 6)));
    cases.add(
        op(
            "AveragePool",
            with("kernel_shape", new int[] {3}, "count_include_pad", 1, "pads", new int[] {1, 1}),
            floats(1, 2, 7)));
    cases.add(op("GlobalAveragePool", floats(2, 3, 4, 5)));
    cases.add(op("GlobalMaxPool", floats(2, 3, 4, 5)));
    for (String mode : List.of("half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel")) {
      cases.add(
          op(
              "Resize",
              with("mode", "linear", "coordinate_transformation_mode", mode),
              floats(1, 2, 5, 4),
              null,
              null,
              longs(1, 2, 9, 3)));
      cases.add(
          op(
              "Resize",
              with(
                  "mode",
                  "nearest",
                  "nearest_mode",
                  "floor",
                  "coordinate_transformation_mode",
                  mode),
              floats(1, 2, 5, 4),
              null,
              new FloatArray(new int[] {4}, new float[] {1, 1, 2, 0.5f})));
    }
    cases.add(
        op("BatchNormalization", floats(2, 3, 4), floats(3), floats(3), floats(3), positive(3)));
    cases.add(
        op(
            "BatchNormalization",
            with("epsilon", 0.1f),
            floats(5, 3),
            floats(3),
            floats(3),
            floats(3),
            positive(3)));
    cases.add(op("InstanceNormalization", floats(2, 3, 4), floats(3), floats(3)));
    cases.add(op("LayerNormalization", floats(2, 3, 8), floats(8), floats(8)));
    cases.add(op("LayerNormalization", with("axis", 1), floats(2, 3, 8), floats(3, 8)));
    cases.add(op("LpNormalization", with("axis", 1), floats(2, 3, 4)));
    cases.add(op("LpNormalization", with("axis", -1, "p", 1), floats(2, 3, 4)));
    cases.add(op("Softmax", with("axis", 1), floats(2, 5, 3)));
    cases.add(op("LogSoftmax", floats(2, 5, 3)));
    cases.add(opset(11, op("Softmax", with("axis", 1), floats(2, 5, 3))));

    cases.add(
        op("QuantizeLinear", floats(4, 5), NdArray.scalar(0.03f), scalar(OnnxType.UINT8, 120)));
    cases.add(
        op(
            "QuantizeLinear",
            with("axis", 1),
            floats(4, 3),
            positive(3),
            integers(OnnxType.INT8, -3, 3, 3)));
    cases.add(
        op(
            "DequantizeLinear",
            with("axis", 0),
            integers(OnnxType.INT8, -128, 127, 3, 4),
            positive(3),
            integers(OnnxType.INT8, -3, 3, 3)));
    cases.add(op("DequantizeLinear", integers(OnnxType.INT32, -500, 500, 4), NdArray.scalar(0.1f)));
    cases.add(outputs(3, op("DynamicQuantizeLinear", floats(4, 5))));
    cases.add(
        op(
            "MatMulInteger",
            integers(OnnxType.UINT8, 0, 255, 3, 7),
            integers(OnnxType.INT8, -128, 127, 7, 4),
            scalar(OnnxType.UINT8, 99),
            integers(OnnxType.INT8, -5, 5, 4)));
    cases.add(
        op(
            "QLinearMatMul",
            integers(OnnxType.UINT8, 0, 255, 3, 7),
            NdArray.scalar(0.02f),
            scalar(OnnxType.UINT8, 120),
            integers(OnnxType.INT8, -128, 127, 7, 4),
            NdArray.scalar(0.01f),
            scalar(OnnxType.INT8, 0),
            NdArray.scalar(0.05f),
            scalar(OnnxType.UINT8, 110)));
    cases.add(
        op(
            "com.microsoft:MatMulNBits",
            with("K", 32, "N", 3, "bits", 4, "block_size", 16),
            floats(2, 32),
            integers(OnnxType.UINT8, 0, 255, 3, 2, 8),
            positive(6)));
    cases.add(
        op(
            "com.microsoft:QLinearAdd",
            integers(OnnxType.UINT8, 0, 255, 3, 7),
            NdArray.scalar(0.02f),
            scalar(OnnxType.UINT8, 120),
            integers(OnnxType.UINT8, 0, 255, 7),
            NdArray.scalar(0.01f),
            scalar(OnnxType.UINT8, 3),
            NdArray.scalar(0.05f),
            scalar(OnnxType.UINT8, 110)));

    for (String direction : List.of("forward", "reverse", "bidirectional")) {
      int d = direction.equals("bidirectional") ? 2 : 1;
      cases.add(
          outputs(
              3,
              op(
                  "LSTM",
                  with("direction", direction, "hidden_size", 4),
                  floats(5, 2, 3),
                  floats(d, 16, 3),
                  floats(d, 16, 4),
                  floats(d, 32))));
      cases.add(
          outputs(
              2,
              op(
                  "GRU",
                  with("direction", direction, "hidden_size", 4),
                  floats(5, 2, 3),
                  floats(d, 12, 3),
                  floats(d, 12, 4),
                  floats(d, 24),
                  null,
                  floats(d, 2, 4))));
    }
    cases.add(
        outputs(
            2,
            op(
                "GRU",
                with("linear_before_reset", 1, "hidden_size", 4),
                floats(5, 2, 3),
                floats(1, 12, 3),
                floats(1, 12, 4),
                floats(1, 24))));
    return cases;
  }

  @TestFactory
  Stream<DynamicTest> agreesWithOnnxRuntime() {
    return cases().stream().map(c -> DynamicTest.dynamicTest(c.label(), () -> check(c)));
  }

  /** All inputs from the caller, and all but the first as constants of the network. */
  @TestFactory
  Stream<DynamicTest> bitComputesTheSame() {
    return cases().stream()
        .filter(c -> c.inputs().get(0) != null)
        .flatMap(
            c ->
                Stream.of(false, true)
                    .map(
                        constant ->
                            DynamicTest.dynamicTest(
                                c.label() + (constant ? ", constants" : ""),
                                () -> checkBit(c, constant))));
  }

  private static void checkBit(Case c, boolean constant) {
    Map<String, NdArray> inputs = new LinkedHashMap<>();
    List<String> names = new ArrayList<>();
    List<OnnxValueInfo> infos = new ArrayList<>();
    List<OnnxTensor> constants = new ArrayList<>();
    for (int i = 0; i < c.inputs().size(); i++) {
      NdArray x = c.inputs().get(i);
      String name = x == null ? "" : "in" + i;
      names.add(name);
      List<Long> dims =
          x == null ? List.of() : Arrays.stream(x.shape()).asLongStream().boxed().toList();
      if (constant && i > 0 && x instanceof FloatArray f) {
        constants.add(OnnxTensor.ofFloats(name, dims, f.values()));
      } else if (constant && i > 0 && x != null && x.type() == OnnxType.INT64) {
        constants.add(OnnxTensor.ofLongs(name, dims, ((IntegerArray) x).values()));
      } else if (x != null) {
        inputs.put(name, x);
        infos.add(new OnnxValueInfo(name, x.type(), Optional.empty()));
      }
    }
    List<OnnxValueInfo> results = new ArrayList<>();
    for (int i = 0; i < c.outputs(); i++) {
      results.add(new OnnxValueInfo("out" + i, OnnxType.FLOAT, Optional.empty()));
    }
    OnnxNode node = c.node(names, results.stream().map(OnnxValueInfo::name).toList());
    OnnxGraph graph = new OnnxGraph("g", List.of(node), constants, infos, results);
    Map<String, Long> opsets = Map.of("", c.opset(), "com.microsoft", 1L);
    Graph decoded = Graph.of(new OnnxModel(8, "test", "", opsets, graph, Map.of()));
    Map<String, NdArray> expected = new Interpreter(decoded).run(inputs);
    Map<String, NdArray> found = Passes.second(decoded, inputs);
    for (OnnxValueInfo result : results) {
      NdArray e = expected.get(result.name());
      NdArray f = found.get(result.name());
      assertEquals(e.describe(), f.describe());
      if (e instanceof FloatArray floats) {
        assertTrue(Fixtures.difference(floats, f) < 2e-6, () -> c.label());
      } else if (e instanceof NdArray.DoubleArray doubles) {
        assertArrayEquals(doubles.values(), ((NdArray.DoubleArray) f).values());
      } else {
        assertArrayEquals(((IntegerArray) e).values(), ((IntegerArray) f).values());
      }
    }
  }

  private static void check(Case c) {
    Map<String, NdArray> inputs = new LinkedHashMap<>();
    List<String> names = new ArrayList<>();
    List<OnnxValueInfo> infos = new ArrayList<>();
    for (int i = 0; i < c.inputs().size(); i++) {
      NdArray x = c.inputs().get(i);
      names.add(x == null ? "" : "in" + i);
      if (x != null) {
        inputs.put("in" + i, x);
        infos.add(
            new OnnxValueInfo(
                "in" + i,
                x.type(),
                Optional.of(
                    Arrays.stream(x.shape())
                        .<org.bitbeam.runtime.onnx.OnnxDimension>mapToObj(
                            d -> new org.bitbeam.runtime.onnx.OnnxDimension.Fixed(d))
                        .toList())));
      }
    }
    List<String> results = new ArrayList<>();
    for (int i = 0; i < c.outputs(); i++) {
      results.add("out" + i);
    }
    OnnxNode node = c.node(names, results);
    // What the outputs are, the interpreter knows; ONNX Runtime checks it.
    OnnxGraph untyped =
        new OnnxGraph(
            "g",
            List.of(node),
            List.of(),
            infos,
            results.stream()
                .map(r -> new OnnxValueInfo(r, OnnxType.FLOAT, Optional.empty()))
                .toList());
    Map<String, Long> opsets = Map.of("", c.opset(), "com.microsoft", 1L);
    Map<String, NdArray> actual =
        new Interpreter(Graph.of(new OnnxModel(8, "test", "", opsets, untyped, Map.of())))
            .run(inputs);
    OnnxGraph typed =
        new OnnxGraph(
            "g",
            List.of(node),
            List.of(),
            infos,
            results.stream()
                .map(r -> new OnnxValueInfo(r, actual.get(r).type(), Optional.empty()))
                .toList());
    try (Ort ort =
        new Ort(OnnxWriter.write(new OnnxModel(8, "test", "", opsets, typed, Map.of())))) {
      Map<String, NdArray> expected = ort.run(inputs);
      for (String name : results) {
        if (c.operator().equals("Dropout") && name.equals("out1")) {
          continue;
        }
        if (expected.get(name) instanceof FloatArray f) {
          assertTrue(
              Fixtures.difference(f, actual.get(name)) < 2e-6,
              () ->
                  "expected "
                      + Arrays.toString(f.values())
                      + " but was "
                      + Arrays.toString(((FloatArray) actual.get(name)).values()));
        } else if (expected.get(name) instanceof NdArray.DoubleArray d) {
          assertArrayEquals(d.values(), ((NdArray.DoubleArray) actual.get(name)).values(), 1e-12);
        } else {
          IntegerArray e = (IntegerArray) expected.get(name);
          assertArrayEquals(e.shape(), actual.get(name).shape());
          assertArrayEquals(e.values(), ((IntegerArray) actual.get(name)).values());
          assertEquals(e.type(), actual.get(name).type());
        }
      }
    }
  }

  /**
   * QGemm, QLinearMul and QONNX's operators have no case here: fixtures and QuantisationTest hold
   * them.
   */
  @Test
  void everyOperatorIsTestedSomewhere() {
    Set<String> untested = new TreeSet<>(Operators.names());
    cases().forEach(c -> untested.remove(c.operator()));
    assertEquals(
        Set.of(
            "If",
            "RMSNormalization",
            "com.microsoft:QGemm",
            "com.microsoft:QLinearMul",
            "onnx.brevitas:BipolarQuant",
            "onnx.brevitas:Trunc",
            "onnx.brevitas:Quant",
            "qonnx.custom_op.general:BipolarQuant",
            "qonnx.custom_op.general:Trunc",
            "qonnx.custom_op.general:Quant"),
        untested);
  }

  @Test
  void theDocumentationListsEveryOperator() throws java.io.IOException {
    String page = java.nio.file.Files.readString(java.nio.file.Path.of("../docs/runtime.md"));
    for (String name : Operators.names()) {
      String own = name.substring(name.indexOf(':') + 1);
      String listed = name.startsWith("com.") ? name : own;
      assertTrue(page.contains("`" + listed + "`"), name);
    }
  }

  @Test
  void branchesOfIfSeeOuterValues() {
    OnnxValueInfo y = new OnnxValueInfo("y", OnnxType.FLOAT, Optional.empty());
    OnnxGraph then =
        new OnnxGraph(
            "then",
            List.of(new OnnxNode("", "", "Neg", List.of("x"), List.of("a"), Map.of())),
            List.of(),
            List.of(),
            List.of(new OnnxValueInfo("a", OnnxType.FLOAT, Optional.empty())));
    OnnxGraph other =
        new OnnxGraph(
            "else",
            List.of(new OnnxNode("", "", "Mul", List.of("x", "w"), List.of("b"), Map.of())),
            List.of(OnnxTensor.ofFloats("w", List.of(), 3)),
            List.of(),
            List.of(new OnnxValueInfo("b", OnnxType.FLOAT, Optional.empty())));
    OnnxNode branch =
        new OnnxNode(
            "if",
            "",
            "If",
            List.of("c"),
            List.of("y"),
            Map.of(
                "then_branch",
                new OnnxAttribute.GraphValue(then),
                "else_branch",
                new OnnxAttribute.GraphValue(other)));
    OnnxGraph graph =
        new OnnxGraph(
            "g",
            List.of(branch),
            List.of(),
            List.of(
                new OnnxValueInfo("x", OnnxType.FLOAT, Optional.empty()),
                new OnnxValueInfo("c", OnnxType.BOOL, Optional.empty())),
            List.of(y));
    OnnxModel model =
        OnnxReader.read(
            "if", OnnxWriter.write(new OnnxModel(8, "", "", Map.of("", 17L), graph, Map.of())));
    Interpreter interpreter = new Interpreter(Graph.of(model));
    for (long c = 0; c < 2; c++) {
      NdArray result =
          interpreter.run(Map.of("x", NdArray.scalar(2), "c", scalar(OnnxType.BOOL, c))).get("y");
      assertEquals(c == 1 ? -2f : 6f, ((FloatArray) result).values()[0]);
    }
  }

  @Test
  void aMissingOperatorIsNamedWithItsNode() {
    OnnxGraph graph =
        new OnnxGraph(
            "g",
            List.of(new OnnxNode("pool/4", "", "LpPool", List.of("x"), List.of("y"), Map.of())),
            List.of(),
            List.of(new OnnxValueInfo("x", OnnxType.FLOAT, Optional.empty())),
            List.of(new OnnxValueInfo("y", OnnxType.FLOAT, Optional.empty())));
    Graph decoded = Graph.of(new OnnxModel(8, "", "", Map.of("", 17L), graph, Map.of()));
    UnsupportedOnnxException e =
        assertThrows(UnsupportedOnnxException.class, () -> new Interpreter(decoded));
    assertEquals(
        "LpPool node \"pool/4\": this operator is not supported; run the model with backend ort",
        e.getMessage());
  }
}
