package org.bitbeam.runtime.internal.bit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Distance of the float32 functions from double precision. */
class FloatMathTest {
  private interface FloatFunction {
    float apply(float x);
  }

  /** Largest error over {@code [from, to]}, in units of the last place of max(|f|, floor). */
  private static double worst(
      FloatFunction f, DoubleUnaryOperator exact, float from, float to, double floor) {
    double worst = 0;
    for (int i = 0; i <= 200_000; i++) {
      float x = from + (to - from) * i / 200_000f;
      double e = exact.applyAsDouble(x);
      worst =
          Math.max(
              worst, Math.abs(e - f.apply(x)) / Math.ulp((float) Math.max(Math.abs(e), floor)));
    }
    return worst;
  }

  private static double erf(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; n < 200; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return Math.abs(x) > 6 ? Math.signum(x) : 2 / Math.sqrt(Math.PI) * StrictMath.exp(-x * x) * sum;
  }

  @Test
  void errorsAreAFewUnitsInTheLastPlace() {
    assertTrue(worst(FloatMath::exp, StrictMath::exp, -80, 80, 0) < 1.5);
    assertTrue(worst(FloatMath::log, StrictMath::log, 1e-6f, 1000, 0) < 2);
    assertTrue(worst(FloatMath::erf, FloatMathTest::erf, -5, 5, 1e-6) < 2);
    assertTrue(worst(FloatMath::tanh, StrictMath::tanh, -10, 10, 1e-6) < 2);
    assertTrue(worst(FloatMath::sigmoid, x -> 1 / (1 + StrictMath.exp(-x)), -50, 50, 0) < 2.5);
    // Where a GELU cancels, its error is that of the 1 + erf in it.
    assertTrue(
        worst(FloatMath::gelu, x -> 0.5 * x * (1 + erf(x * Math.sqrt(0.5))), -8, 8, 0.5) < 2.5);
  }

  @Test
  void specialValues() {
    assertTrue(Float.isNaN(FloatMath.exp(Float.NaN)));
    assertTrue(Float.isNaN(FloatMath.erf(Float.NaN)));
    assertTrue(Float.isNaN(FloatMath.tanh(Float.NaN)));
    assertTrue(Float.isNaN(FloatMath.log(-1f)));
    assertEquals(Float.NEGATIVE_INFINITY, FloatMath.log(0f));
    assertEquals(1f, FloatMath.erf(Float.POSITIVE_INFINITY));
    assertEquals(-1f, FloatMath.tanh(-1e30f));
    assertEquals(0f, FloatMath.expOrZero(-10_000f));
    assertEquals(1f, FloatMath.exp(0f));
  }
}
