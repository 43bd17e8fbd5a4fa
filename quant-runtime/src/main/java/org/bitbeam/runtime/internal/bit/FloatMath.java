package org.bitbeam.runtime.internal.bit;

/**
 * Elementary functions in float32, each a fixed sequence of IEEE operations with fused
 * multiply-add: any kernel that repeats the sequence gets the same bits. Errors are about one unit
 * in the last place; the polynomials are Chebyshev fits made for this class.
 */
final class FloatMath {
  static final float MAGIC = 12582912f; // 1.5 * 2^23: adding it rounds to an integer, half to even
  static final int MAGIC_BITS = 0x4B400000;
  static final float LOG2_E = 1.44269504f;
  static final float LN2_HIGH = 0.693359375f;
  static final float LN2_LOW = -2.12194440e-4f;
  static final float EXP_MIN = -87f;
  static final float EXP_MAX = 88f;
  static final float NEGLIGIBLE = -80f;
  static final float E0 = 0.5f;
  static final float E1 = 0.16666576266288757f;
  static final float E2 = 0.041666463017463684f;
  static final float E3 = 0.008363235741853714f;
  static final float E4 = 0.0013933733571320772f;

  static final float ERF_S0 = 0.12837917f; // 2 / sqrt(pi) - 1
  static final float ERF_S1 = -0.3761262595653534f;
  static final float ERF_S2 = 0.11283597350120544f;
  static final float ERF_S3 = -0.02685432881116867f;
  static final float ERF_S4 = 0.005189312156289816f;
  static final float ERF_S5 = -0.0008018855005502701f;
  static final float ERF_S6 = 7.882497448008507e-05f;
  static final float ERF_L0 = 0.00012772696209140122f;
  static final float ERF_L1 = -1.1292988061904907f;
  static final float ERF_L2 = -0.633764386177063f;
  static final float ERF_L3 = -0.10784213989973068f;
  static final float ERF_L4 = 0.024850409477949142f;
  static final float ERF_L5 = -0.00407447712495923f;
  static final float ERF_L6 = 0.0004157342482358217f;
  static final float ERF_L7 = -1.9585673726396635e-05f;

  static final float TANH_0 = -0.3333333134651184f;
  static final float TANH_1 = 0.13333073258399963f;
  static final float TANH_2 = -0.053919222205877304f;
  static final float TANH_3 = 0.021526675671339035f;
  static final float TANH_4 = -0.007743894122540951f;
  static final float TANH_5 = 0.0017687382642179728f;
  static final float TANH_SWITCH = 0.8f;

  static final float LOG_0 = 0.333333283662796f;
  static final float LOG_1 = -0.25000298023223877f;
  static final float LOG_2 = 0.20001468062400818f;
  static final float LOG_3 = -0.16642247140407562f;
  static final float LOG_4 = 0.14202173054218292f;
  static final float LOG_5 = -0.12972238659858704f;
  static final float LOG_6 = 0.12712307274341583f;
  static final float LOG_7 = -0.08101558685302734f;
  static final int SQRT_HALF_BITS = 0x3F3504F3;

  static final float SQRT_HALF = 0.70710678f;
  static final float GELU_TANH_A = 1.5957691216f; // 2 sqrt(2 / pi)
  static final float GELU_TANH_B = 0.044715f;

  private FloatMath() {}

  /** e^x with x held to [-87, 88], so that results stay normal numbers. */
  static float exp(float x) {
    float y = Math.min(Math.max(x, EXP_MIN), EXP_MAX);
    float shifted = Math.fma(y, LOG2_E, MAGIC);
    float n = shifted - MAGIC;
    float r = Math.fma(-n, LN2_HIGH, y);
    r = Math.fma(-n, LN2_LOW, r);
    float p = Math.fma(E4, r, E3);
    p = Math.fma(p, r, E2);
    p = Math.fma(p, r, E1);
    p = Math.fma(p, r, E0);
    p = Math.fma(p * r, r, r) + 1f;
    return p * Float.intBitsToFloat((Float.floatToRawIntBits(shifted) - MAGIC_BITS + 127) << 23);
  }

  /**
   * The same for softmax: zero below e^-80, where it makes no difference to a sum of at least 1,
   * but products with numbers that small are slow on many processors.
   */
  static float expOrZero(float x) {
    return x < NEGLIGIBLE ? 0f : exp(x);
  }

  static float erf(float x) {
    float t = Math.min(Math.abs(x), 4f);
    float s = x * x;
    float small = Math.fma(ERF_S6, s, ERF_S5);
    small = Math.fma(small, s, ERF_S4);
    small = Math.fma(small, s, ERF_S3);
    small = Math.fma(small, s, ERF_S2);
    small = Math.fma(small, s, ERF_S1);
    small = Math.fma(Math.fma(small, s, ERF_S0), x, x);
    float large = Math.fma(ERF_L7, t, ERF_L6);
    large = Math.fma(large, t, ERF_L5);
    large = Math.fma(large, t, ERF_L4);
    large = Math.fma(large, t, ERF_L3);
    large = Math.fma(large, t, ERF_L2);
    large = Math.fma(large, t, ERF_L1);
    large = Math.fma(large, t, ERF_L0);
    large = 1f - exp(large);
    return t < 1f ? small : x < 0 ? -large : large;
  }

  static float gelu(float x) {
    return (0.5f * x) * (1f + erf(x * SQRT_HALF));
  }

  static float geluTanh(float x) {
    float inner = Math.fma(x * x, GELU_TANH_B * x, x);
    return x / (1f + exp(inner * -GELU_TANH_A));
  }

  static float sigmoid(float x) {
    return 1f / (1f + exp(-x));
  }

  static float silu(float x) {
    return x / (1f + exp(-x));
  }

  static float tanh(float x) {
    float t = Math.abs(x);
    float s = x * x;
    float small = Math.fma(TANH_5, s, TANH_4);
    small = Math.fma(small, s, TANH_3);
    small = Math.fma(small, s, TANH_2);
    small = Math.fma(small, s, TANH_1);
    small = Math.fma(small, s, TANH_0);
    small = Math.fma(small * s, x, x);
    float large = 1f - 2f / (1f + exp(t + t));
    return t < TANH_SWITCH ? small : x < 0 ? -large : large;
  }

  /** Natural logarithm; what is no positive normal number goes to {@link StrictMath}. */
  static float log(float x) {
    if (!(x >= Float.MIN_NORMAL && x <= Float.MAX_VALUE)) {
      return (float) StrictMath.log(x);
    }
    int bits = Float.floatToRawIntBits(x) - SQRT_HALF_BITS;
    float n = bits >> 23;
    float f = Float.intBitsToFloat((bits & 0x7FFFFF) + SQRT_HALF_BITS) - 1f;
    float s = f * f;
    float p = Math.fma(LOG_7, f, LOG_6);
    p = Math.fma(p, f, LOG_5);
    p = Math.fma(p, f, LOG_4);
    p = Math.fma(p, f, LOG_3);
    p = Math.fma(p, f, LOG_2);
    p = Math.fma(p, f, LOG_1);
    p = Math.fma(p, f, LOG_0);
    p = p * f * s;
    p = Math.fma(n, LN2_LOW, p);
    p = Math.fma(-0.5f, s, p);
    return Math.fma(n, LN2_HIGH, f + p);
  }

  static float apply(Activation activation, float alpha, float x) {
    return switch (activation) {
      case NONE -> x;
      case RELU -> Math.max(x, 0f);
      case LEAKY_RELU -> x < 0 ? alpha * x : x;
      case SIGMOID -> sigmoid(x);
      case TANH -> tanh(x);
      case GELU -> gelu(x);
      case GELU_TANH -> geluTanh(x);
      case SILU -> silu(x);
      case ERF -> erf(x);
      case LOG -> log(x);
    };
  }
}
