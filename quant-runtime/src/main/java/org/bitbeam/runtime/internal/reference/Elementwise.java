package org.bitbeam.runtime.internal.reference;

import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.DoubleArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.internal.graph.Shapes;
import org.bitbeam.runtime.onnx.OnnxType;
import org.jspecify.annotations.Nullable;

/**
 * Operators on single elements. Float results are computed in double and rounded once; for +, -, *,
 * / and the square root that is the correctly rounded float32 result (double has more than twice
 * the digits, S. Figueroa 1995).
 */
final class Elementwise {
  private static final Map<String, DoubleUnaryOperator> REAL =
      Map.ofEntries(
          Map.entry("Ceil", Math::ceil),
          Map.entry("Exp", StrictMath::exp),
          Map.entry("Sin", StrictMath::sin),
          Map.entry("Cos", StrictMath::cos),
          Map.entry("Tan", StrictMath::tan),
          Map.entry("Asin", StrictMath::asin),
          Map.entry("Acos", StrictMath::acos),
          Map.entry("Atan", StrictMath::atan),
          Map.entry("Sinh", StrictMath::sinh),
          Map.entry("Cosh", StrictMath::cosh),
          Map.entry("Softplus", Functions::softplus),
          Map.entry("Softsign", v -> v / (1 + Math.abs(v))),
          Map.entry("Mish", v -> v * StrictMath.tanh(Functions.softplus(v))),
          Map.entry("HardSwish", v -> v * Math.max(0, Math.min(1, v / 6 + 0.5))));

  private Elementwise() {}

  /** What an operator of one real argument and no attributes computes; null for other operators. */
  static @Nullable DoubleUnaryOperator real(String operator) {
    return REAL.get(operator);
  }

  static void register(Map<String, Operator> all) {
    REAL.forEach((name, function) -> all.put(name, unary(function, null)));
    all.put("Add", binary(Double::sum, Long::sum));
    all.put("Sub", binary((a, b) -> a - b, (a, b) -> a - b));
    all.put("Mul", binary((a, b) -> a * b, (a, b) -> a * b));
    all.put("Div", binary((a, b) -> a / b, Elementwise::divide));
    all.put("Mod", Elementwise::mod);
    all.put("Pow", Elementwise::pow);
    all.put("PRelu", binary((x, slope) -> x < 0 ? x * slope : x, null));
    all.put("Max", fold(Math::max, Math::max));
    all.put("Min", fold(Math::min, Math::min));
    all.put("Sum", fold(Double::sum, null));
    all.put("Mean", Elementwise::mean);

    all.put("Equal", compare((a, b) -> a == b, (a, b) -> a == b));
    all.put("Less", compare((a, b) -> a < b, (a, b) -> a < b));
    all.put("LessOrEqual", compare((a, b) -> a <= b, (a, b) -> a <= b));
    all.put("Greater", compare((a, b) -> a > b, (a, b) -> a > b));
    all.put("GreaterOrEqual", compare((a, b) -> a >= b, (a, b) -> a >= b));
    all.put("And", logical((a, b) -> a & b));
    all.put("Or", logical((a, b) -> a | b));
    all.put("Xor", logical((a, b) -> a ^ b));
    all.put("Not", call -> one(integers(call, call.integers(0), v -> 1 - v)));
    all.put("IsNaN", predicate(Double::isNaN));
    all.put("IsInf", predicate(Double::isInfinite));

    all.put("Abs", unary(Math::abs, Math::abs));
    all.put("Neg", unary(v -> -v, v -> -v));
    all.put("Sign", unary(Math::signum, Long::signum));
    all.put("Identity", call -> one(call.input(0)));
    all.put("Dropout", Elementwise::dropout);
    all.put("Round", unary(Math::rint, null));
    all.put("Floor", unary(Math::floor, null));
    all.put("Reciprocal", unary(v -> 1 / v, null));
    all.put("Sqrt", unary(Math::sqrt, null));
    all.put("Log", unary(StrictMath::log, null));
    all.put("Tanh", unary(StrictMath::tanh, null));
    all.put("Erf", unary(Functions::erf, null));
    all.put("Sigmoid", unary(Functions::sigmoid, null));
    all.put("Relu", unary(v -> Math.max(v, 0), v -> Math.max(v, 0)));
    all.put("LeakyRelu", Elementwise::leakyRelu);
    all.put("Elu", Elementwise::elu);
    all.put("Celu", Elementwise::celu);
    all.put("Selu", Elementwise::selu);
    all.put("HardSigmoid", Elementwise::hardSigmoid);
    all.put("ThresholdedRelu", Elementwise::thresholdedRelu);
    all.put("Gelu", Elementwise::gelu);
    all.put("Clip", Elementwise::clip);
    all.put("Cast", Elementwise::cast);
    all.put("CastLike", call -> one(castTo(call, call.input(0), call.input(1).type())));
    all.put("Where", Elementwise::where);
  }

  static List<NdArray> one(NdArray value) {
    return List.of(value);
  }

  private static Operator unary(DoubleUnaryOperator real, @Nullable LongUnaryOperator integer) {
    return call -> one(apply(call, call.input(0), real, integer));
  }

  static NdArray apply(
      Call call, NdArray x, DoubleUnaryOperator real, @Nullable LongUnaryOperator integer) {
    if (x instanceof FloatArray f) {
      float[] y = new float[f.size()];
      for (int i = 0; i < y.length; i++) {
        y[i] = (float) real.applyAsDouble(f.values()[i]);
      }
      return new FloatArray(f.shape(), y);
    }
    if (x instanceof DoubleArray d) {
      double[] y = new double[d.size()];
      for (int i = 0; i < y.length; i++) {
        y[i] = real.applyAsDouble(d.values()[i]);
      }
      return new DoubleArray(d.shape(), y);
    }
    if (integer == null) {
      throw call.unsupported("element type " + x.type());
    }
    return integers(call, (IntegerArray) x, integer);
  }

  private static IntegerArray integers(Call call, IntegerArray x, LongUnaryOperator operator) {
    long[] y = new long[x.size()];
    for (int i = 0; i < y.length; i++) {
      y[i] = wrap(x.type(), operator.applyAsLong(x.values()[i]));
    }
    return new IntegerArray(x.type(), x.shape(), y);
  }

  /** What is left of the number in that type: integer arithmetic wraps around. */
  static long wrap(OnnxType type, long value) {
    return switch (type) {
      case INT8 -> (byte) value;
      case UINT8 -> value & 0xFF;
      case INT16 -> (short) value;
      case UINT16 -> value & 0xFFFF;
      case INT32 -> (int) value;
      case UINT32 -> value & 0xFFFF_FFFFL;
      case BOOL -> value == 0 ? 0 : 1;
      default -> value;
    };
  }

  private static Operator binary(DoubleBinaryOperator real, @Nullable LongBinaryOperator integer) {
    return call -> one(combine(call, call.input(0), call.input(1), real, integer));
  }

  static NdArray combine(
      Call call,
      NdArray a,
      NdArray b,
      DoubleBinaryOperator real,
      @Nullable LongBinaryOperator integer) {
    if (a.type() != b.type()) {
      throw call.wrong("operands of types " + a.type() + " and " + b.type());
    }
    int[] shape = broadcast(call, a, b);
    int[] p = Shapes.broadcastPositions(a.shape(), shape);
    int[] q = Shapes.broadcastPositions(b.shape(), shape);
    if (a instanceof FloatArray x && b instanceof FloatArray y) {
      float[] z = new float[p.length];
      for (int i = 0; i < z.length; i++) {
        z[i] = (float) real.applyAsDouble(x.values()[p[i]], y.values()[q[i]]);
      }
      return new FloatArray(shape, z);
    }
    if (a instanceof DoubleArray x && b instanceof DoubleArray y) {
      double[] z = new double[p.length];
      for (int i = 0; i < z.length; i++) {
        z[i] = real.applyAsDouble(x.values()[p[i]], y.values()[q[i]]);
      }
      return new DoubleArray(shape, z);
    }
    if (integer == null) {
      throw call.unsupported("element type " + a.type());
    }
    IntegerArray x = (IntegerArray) a;
    IntegerArray y = (IntegerArray) b;
    long[] z = new long[p.length];
    try {
      for (int i = 0; i < z.length; i++) {
        z[i] = wrap(x.type(), integer.applyAsLong(x.values()[p[i]], y.values()[q[i]]));
      }
    } catch (ArithmeticException e) {
      throw call.wrong("integer division by zero");
    }
    return new IntegerArray(x.type(), shape, z);
  }

  private static int[] broadcast(Call call, NdArray a, NdArray b) {
    try {
      return Shapes.broadcast(a.shape(), b.shape());
    } catch (IllegalArgumentException e) {
      throw call.wrong(e.getMessage());
    }
  }

  private static long divide(long a, long b) {
    return a / b;
  }

  private static List<NdArray> mod(Call call) {
    boolean likeC = call.integer("fmod", 0) == 1;
    return one(
        combine(
            call,
            call.input(0),
            call.input(1),
            (a, b) -> likeC ? a % b : a - b * Math.floor(a / b),
            (a, b) -> likeC ? a % b : Math.floorMod(a, b)));
  }

  private static List<NdArray> pow(Call call) {
    NdArray exponent = castTo(call, call.input(1), call.input(0).type());
    if (call.input(0) instanceof IntegerArray && !(call.input(1) instanceof IntegerArray)) {
      throw call.unsupported("an integer to a real power");
    }
    return one(
        combine(
            call,
            call.input(0),
            exponent,
            StrictMath::pow,
            (a, b) -> (long) StrictMath.pow((double) a, (double) b)));
  }

  /** Combines any number of operands from left to right. */
  private static Operator fold(DoubleBinaryOperator real, @Nullable LongBinaryOperator integer) {
    return call -> {
      NdArray result = call.input(0);
      for (int i = 1; i < call.count(); i++) {
        result = combine(call, result, call.input(i), real, integer);
      }
      return one(result);
    };
  }

  private static List<NdArray> mean(Call call) {
    NdArray sum = fold(Double::sum, null).run(call).get(0);
    return one(apply(call, sum, v -> v / call.count(), null));
  }

  private interface RealTest {
    boolean test(double a, double b);
  }

  private interface IntegerTest {
    boolean test(long a, long b);
  }

  private static Operator compare(RealTest real, IntegerTest integer) {
    return call -> {
      NdArray a = call.input(0);
      NdArray b = call.input(1);
      if (a.type() != b.type()) {
        throw call.wrong("operands of types " + a.type() + " and " + b.type());
      }
      int[] shape = broadcast(call, a, b);
      int[] p = Shapes.broadcastPositions(a.shape(), shape);
      int[] q = Shapes.broadcastPositions(b.shape(), shape);
      long[] z = new long[p.length];
      for (int i = 0; i < z.length; i++) {
        boolean holds;
        if (a instanceof FloatArray x && b instanceof FloatArray y) {
          holds = real.test(x.values()[p[i]], y.values()[q[i]]);
        } else if (a instanceof DoubleArray x && b instanceof DoubleArray y) {
          holds = real.test(x.values()[p[i]], y.values()[q[i]]);
        } else {
          holds =
              integer.test(((IntegerArray) a).values()[p[i]], ((IntegerArray) b).values()[q[i]]);
        }
        z[i] = holds ? 1 : 0;
      }
      return one(new IntegerArray(OnnxType.BOOL, shape, z));
    };
  }

  private static Operator logical(LongBinaryOperator operator) {
    return call -> {
      if (call.input(0).type() != OnnxType.BOOL) {
        throw call.wrong("operand of type " + call.input(0).type() + " instead of BOOL");
      }
      return one(combine(call, call.input(0), call.input(1), (a, b) -> a, operator));
    };
  }

  private interface RealPredicate {
    boolean test(double value);
  }

  private static Operator predicate(RealPredicate predicate) {
    return call -> {
      NdArray x = castTo(call, call.input(0), OnnxType.DOUBLE);
      double[] values = ((DoubleArray) x).values();
      long[] y = new long[values.length];
      for (int i = 0; i < y.length; i++) {
        y[i] = predicate.test(values[i]) ? 1 : 0;
      }
      return one(new IntegerArray(OnnxType.BOOL, x.shape(), y));
    };
  }

  private static List<NdArray> dropout(Call call) {
    if (call.has(2) && call.number(2) != 0) {
      throw call.unsupported("training mode");
    }
    NdArray x = call.input(0);
    long[] kept = new long[x.size()];
    java.util.Arrays.fill(kept, 1);
    return List.of(x, new IntegerArray(OnnxType.BOOL, x.shape(), kept));
  }

  private static List<NdArray> leakyRelu(Call call) {
    double alpha = call.real("alpha", 0.01f);
    return one(apply(call, call.input(0), v -> v < 0 ? alpha * v : v, null));
  }

  private static List<NdArray> elu(Call call) {
    double alpha = call.real("alpha", 1);
    return one(apply(call, call.input(0), v -> v < 0 ? alpha * StrictMath.expm1(v) : v, null));
  }

  private static List<NdArray> celu(Call call) {
    double alpha = call.real("alpha", 1);
    return one(
        apply(call, call.input(0), v -> v < 0 ? alpha * StrictMath.expm1(v / alpha) : v, null));
  }

  private static List<NdArray> selu(Call call) {
    double alpha = call.real("alpha", 1.67326319217681884765625f);
    double gamma = call.real("gamma", 1.05070102214813232421875f);
    return one(
        apply(call, call.input(0), v -> gamma * (v < 0 ? alpha * StrictMath.expm1(v) : v), null));
  }

  private static List<NdArray> hardSigmoid(Call call) {
    double alpha = call.real("alpha", 0.2f);
    double beta = call.real("beta", 0.5f);
    return one(apply(call, call.input(0), v -> Math.max(0, Math.min(1, alpha * v + beta)), null));
  }

  private static List<NdArray> thresholdedRelu(Call call) {
    double alpha = call.real("alpha", 1);
    return one(apply(call, call.input(0), v -> v > alpha ? v : 0, null));
  }

  private static List<NdArray> gelu(Call call) {
    return switch (call.text("approximate", "none")) {
      case "none" -> one(apply(call, call.input(0), Functions::gelu, null));
      case "tanh" -> one(apply(call, call.input(0), Functions::geluTanh, null));
      default -> throw call.unsupported("approximate=" + call.text("approximate", ""));
    };
  }

  private static List<NdArray> clip(Call call) {
    NdArray x = call.input(0);
    if (call.opset() < 11) {
      double low = call.real("min", -Float.MAX_VALUE);
      double high = call.real("max", Float.MAX_VALUE);
      return one(apply(call, x, v -> Math.min(Math.max(v, low), high), null));
    }
    NdArray y = x;
    if (call.has(1)) {
      y = combine(call, y, call.input(1), Math::max, Math::max);
    }
    if (call.has(2)) {
      y = combine(call, y, call.input(2), Math::min, Math::min);
    }
    return one(y);
  }

  private static List<NdArray> cast(Call call) {
    return one(castTo(call, call.input(0), OnnxType.of(call.integer("to", 0))));
  }

  static NdArray castTo(Call call, NdArray x, OnnxType to) {
    if (x.type() == to) {
      return x;
    }
    int size = x.size();
    switch (to) {
      case FLOAT -> {
        float[] y = new float[size];
        for (int i = 0; i < size; i++) {
          y[i] = x instanceof IntegerArray n ? n.values()[i] : (float) real(x, i);
        }
        return new FloatArray(x.shape(), y);
      }
      case DOUBLE -> {
        double[] y = new double[size];
        for (int i = 0; i < size; i++) {
          y[i] = real(x, i);
        }
        return new DoubleArray(x.shape(), y);
      }
      case FLOAT16, BFLOAT16 -> throw call.unsupported("a cast to " + to);
      default -> {
        long[] y = new long[size];
        for (int i = 0; i < size; i++) {
          if (to == OnnxType.BOOL) {
            y[i] = real(x, i) != 0 ? 1 : 0;
          } else {
            y[i] = wrap(to, x instanceof IntegerArray n ? n.values()[i] : (long) real(x, i));
          }
        }
        return new IntegerArray(to, x.shape(), y);
      }
    }
  }

  static double real(NdArray x, int i) {
    if (x instanceof FloatArray f) {
      return f.values()[i];
    }
    return x instanceof DoubleArray d ? d.values()[i] : ((IntegerArray) x).values()[i];
  }

  private static List<NdArray> where(Call call) {
    IntegerArray condition = call.integers(0);
    NdArray a = call.input(1);
    NdArray b = call.input(2);
    if (a.type() != b.type()) {
      throw call.wrong("alternatives of types " + a.type() + " and " + b.type());
    }
    int[] shape;
    try {
      shape = Shapes.broadcast(condition.shape(), Shapes.broadcast(a.shape(), b.shape()));
    } catch (IllegalArgumentException e) {
      throw call.wrong(e.getMessage());
    }
    NdArray wideA = a.take(Shapes.broadcastPositions(a.shape(), shape), shape);
    NdArray wideB = b.take(Shapes.broadcastPositions(b.shape(), shape), shape);
    int[] c = Shapes.broadcastPositions(condition.shape(), shape);
    NdArray both =
        IndexOperators.concatenate(
            List.of(wideA.reshaped(flat(wideA)), wideB.reshaped(flat(wideB))), 0);
    int[] pick = new int[c.length];
    for (int i = 0; i < pick.length; i++) {
      pick[i] = condition.values()[c[i]] != 0 ? i : i + pick.length;
    }
    return one(both.take(pick, shape));
  }

  private static int[] flat(NdArray x) {
    return new int[] {x.size()};
  }
}
