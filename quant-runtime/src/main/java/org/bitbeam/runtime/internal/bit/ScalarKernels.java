package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;

/**
 * The definition: plain loops. The compiler vectorises those that run over independent elements, so
 * this is usable, if slower, without the incubator module.
 */
final class ScalarKernels implements Kernels {
  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public int panel() {
    return 256;
  }

  @Override
  public void multiplyAdd(
      int rows,
      int inner,
      int columns,
      float[] a,
      int aAt,
      int aRow,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cRow) {
    int width = 0;
    for (int n = 0; n < columns; n += width) {
      width = Panels.width(panel(), columns - n);
      for (int m = 0; m < rows; m++) {
        for (int k = 0; k < inner; k++) {
          int from = bAt + n * inner + k * width;
          axpy(a[aAt + m * aRow + k], b, from, c, cAt + m * cRow + n, width);
        }
      }
    }
  }

  private static void axpy(float a, float[] b, int bAt, float[] c, int cAt, int count) {
    for (int n = 0; n < count; n++) {
      c[cAt + n] = Math.fma(a, b[bAt + n], c[cAt + n]);
    }
  }

  @Override
  public void apply(
      Activation activation, float alpha, float[] x, int at, int count, float[] work) {
    if (activation == Activation.RELU) {
      for (int i = at; i < at + count; i++) {
        x[i] = Math.max(x[i], 0f);
      }
      return;
    }
    if (activation != Activation.NONE) {
      for (int i = at; i < at + count; i++) {
        x[i] = FloatMath.apply(activation, alpha, x[i]);
      }
    }
  }

  @Override
  public void softmax(float[] x, int at, int count, float[] work) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = at; i < at + count; i++) {
      max = Math.max(max, x[i]);
    }
    for (int i = at; i < at + count; i++) {
      x[i] = FloatMath.expOrZero(x[i] - max);
    }
    Arrays.fill(x, at + count, at + Kernels.padded(count), 0f);
    float factor = 1f / sum(x, at, count, work);
    for (int i = at; i < at + count; i++) {
      x[i] *= factor;
    }
  }

  @Override
  public void layerNorm(
      float[] x,
      int at,
      int count,
      float[] scale,
      float[] shift,
      float epsilon,
      float[] y,
      int to,
      float[] work) {
    float mean = sum(x, at, count, work) / count;
    Arrays.fill(work, 0, LANES, 0);
    for (int i = 0; i < count; i++) {
      float d = x[at + i] - mean;
      work[i % LANES] = Math.fma(d, d, work[i % LANES]);
    }
    float inverse = inverse(tree(work), count, epsilon);
    for (int i = 0; i < count; i++) {
      y[to + i] = Math.fma((x[at + i] - mean) * inverse, scale[i], shift[i]);
    }
  }

  /** 1 / sqrt(variance + epsilon). */
  static float inverse(float squares, int count, float epsilon) {
    return 1f / (float) Math.sqrt(squares / count + epsilon);
  }

  @Override
  public float sum(float[] x, int at, int count, float[] work) {
    Arrays.fill(work, 0, LANES, 0);
    for (int i = 0; i < count; i++) {
      work[i % LANES] += x[at + i];
    }
    return tree(work);
  }

  /** Sum of the first 16 numbers, which it overwrites: neighbours 8 apart first, then 4, 2, 1. */
  static float tree(float[] lanes) {
    for (int step = LANES / 2; step > 0; step /= 2) {
      for (int i = 0; i < step; i++) {
        lanes[i] += lanes[i + step];
      }
    }
    return lanes[0];
  }

  @Override
  public float largest(float[] x, int at, int count) {
    // Magnitudes order like the integers of their bits; infinities and NaN come last.
    int max = 0;
    for (int i = at; i < at + count; i++) {
      max = Math.max(max, Float.floatToRawIntBits(x[i]) & 0x7FFF_FFFF);
    }
    return Float.intBitsToFloat(max);
  }

  @Override
  public void quantise(float[] x, int at, int count, float factor, float[] codes, int to) {
    for (int i = 0; i < count; i++) {
      codes[to + i] = (x[at + i] * factor + FloatMath.MAGIC) - FloatMath.MAGIC;
    }
  }

  @Override
  public void scaleShift(float[] y, int at, int count, float scale, float[] bias, int biasAt) {
    for (int i = 0; i < count; i++) {
      y[at + i] = Math.fma(y[at + i], scale, bias[biasAt + i]);
    }
  }

  @Override
  public void combine(
      Pair pair, float[] a, int aAt, float[] b, int bAt, float[] y, int to, int count) {
    switch (pair) {
      case ADD -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = a[aAt + i] + b[bAt + i];
        }
      }
      case SUBTRACT -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = a[aAt + i] - b[bAt + i];
        }
      }
      case MULTIPLY, AND -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = a[aAt + i] * b[bAt + i];
        }
      }
      case DIVIDE -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = a[aAt + i] / b[bAt + i];
        }
      }
      case MIN -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = Math.min(a[aAt + i], b[bAt + i]);
        }
      }
      case MAX, OR -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = Math.max(a[aAt + i], b[bAt + i]);
        }
      }
      case EQUAL -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = a[aAt + i] == b[bAt + i] ? 1 : 0;
        }
      }
      case XOR -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = a[aAt + i] != b[bAt + i] ? 1 : 0;
        }
      }
      case GREATER -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = a[aAt + i] > b[bAt + i] ? 1 : 0;
        }
      }
      case GREATER_OR_EQUAL -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = a[aAt + i] >= b[bAt + i] ? 1 : 0;
        }
      }
      case LESS -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = a[aAt + i] < b[bAt + i] ? 1 : 0;
        }
      }
      case LESS_OR_EQUAL -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = a[aAt + i] <= b[bAt + i] ? 1 : 0;
        }
      }
    }
  }

  @Override
  public void select(
      float[] mask,
      int maskAt,
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      float[] y,
      int to,
      int count) {
    for (int i = 0; i < count; i++) {
      y[to + i] = mask[maskAt + i] != 0 ? a[aAt + i] : b[bAt + i];
    }
  }
}
