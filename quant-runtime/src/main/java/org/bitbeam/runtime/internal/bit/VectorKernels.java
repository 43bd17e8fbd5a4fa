package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The kernels on the Vector API. The width is fixed when the class is loaded, by {@code
 * bitbeam.vector.bits} (128, 256 or 512) or the machine's preference: the compiler needs it
 * constant. Only {@link KernelChoice} may name this class, after a check that the incubator module
 * is there.
 */
final class VectorKernels implements Kernels {
  static final VectorSpecies<Float> F = species();
  private static final VectorSpecies<Integer> I = F.withLanes(int.class);
  private static final int L = F.length();

  // Constants as vectors: each call that builds one inside of a loop costs inlining budget.
  private static final FloatVector E0 = FloatVector.broadcast(F, FloatMath.E0);
  private static final FloatVector E1 = FloatVector.broadcast(F, FloatMath.E1);
  private static final FloatVector E2 = FloatVector.broadcast(F, FloatMath.E2);
  private static final FloatVector E3 = FloatVector.broadcast(F, FloatMath.E3);
  private static final FloatVector E4 = FloatVector.broadcast(F, FloatMath.E4);
  private static final FloatVector ERF_L0 = FloatVector.broadcast(F, FloatMath.ERF_L0);
  private static final FloatVector ERF_L1 = FloatVector.broadcast(F, FloatMath.ERF_L1);
  private static final FloatVector ERF_L2 = FloatVector.broadcast(F, FloatMath.ERF_L2);
  private static final FloatVector ERF_L3 = FloatVector.broadcast(F, FloatMath.ERF_L3);
  private static final FloatVector ERF_L4 = FloatVector.broadcast(F, FloatMath.ERF_L4);
  private static final FloatVector ERF_L5 = FloatVector.broadcast(F, FloatMath.ERF_L5);
  private static final FloatVector ERF_L6 = FloatVector.broadcast(F, FloatMath.ERF_L6);
  private static final FloatVector ERF_L7 = FloatVector.broadcast(F, FloatMath.ERF_L7);
  private static final FloatVector ERF_S0 = FloatVector.broadcast(F, FloatMath.ERF_S0);
  private static final FloatVector ERF_S1 = FloatVector.broadcast(F, FloatMath.ERF_S1);
  private static final FloatVector ERF_S2 = FloatVector.broadcast(F, FloatMath.ERF_S2);
  private static final FloatVector ERF_S3 = FloatVector.broadcast(F, FloatMath.ERF_S3);
  private static final FloatVector ERF_S4 = FloatVector.broadcast(F, FloatMath.ERF_S4);
  private static final FloatVector ERF_S5 = FloatVector.broadcast(F, FloatMath.ERF_S5);
  private static final FloatVector ERF_S6 = FloatVector.broadcast(F, FloatMath.ERF_S6);
  private static final FloatVector EXP_MAX = FloatVector.broadcast(F, FloatMath.EXP_MAX);
  private static final FloatVector EXP_MIN = FloatVector.broadcast(F, FloatMath.EXP_MIN);
  private static final FloatVector LN2_HIGH = FloatVector.broadcast(F, FloatMath.LN2_HIGH);
  private static final FloatVector LN2_LOW = FloatVector.broadcast(F, FloatMath.LN2_LOW);
  private static final FloatVector LOG2_E = FloatVector.broadcast(F, FloatMath.LOG2_E);
  private static final FloatVector LOG_0 = FloatVector.broadcast(F, FloatMath.LOG_0);
  private static final FloatVector LOG_1 = FloatVector.broadcast(F, FloatMath.LOG_1);
  private static final FloatVector LOG_2 = FloatVector.broadcast(F, FloatMath.LOG_2);
  private static final FloatVector LOG_3 = FloatVector.broadcast(F, FloatMath.LOG_3);
  private static final FloatVector LOG_4 = FloatVector.broadcast(F, FloatMath.LOG_4);
  private static final FloatVector LOG_5 = FloatVector.broadcast(F, FloatMath.LOG_5);
  private static final FloatVector LOG_6 = FloatVector.broadcast(F, FloatMath.LOG_6);
  private static final FloatVector LOG_7 = FloatVector.broadcast(F, FloatMath.LOG_7);
  private static final FloatVector MAGIC = FloatVector.broadcast(F, FloatMath.MAGIC);
  private static final FloatVector TANH_0 = FloatVector.broadcast(F, FloatMath.TANH_0);
  private static final FloatVector TANH_1 = FloatVector.broadcast(F, FloatMath.TANH_1);
  private static final FloatVector TANH_2 = FloatVector.broadcast(F, FloatMath.TANH_2);
  private static final FloatVector TANH_3 = FloatVector.broadcast(F, FloatMath.TANH_3);
  private static final FloatVector TANH_4 = FloatVector.broadcast(F, FloatMath.TANH_4);
  private static final FloatVector TANH_5 = FloatVector.broadcast(F, FloatMath.TANH_5);
  private static final FloatVector ZERO = FloatVector.zero(F);
  private static final FloatVector ONE = FloatVector.broadcast(F, 1f);
  private static final FloatVector TWO = FloatVector.broadcast(F, 2f);
  private static final FloatVector FOUR = FloatVector.broadcast(F, 4f);
  private static final FloatVector SWITCH = FloatVector.broadcast(F, FloatMath.TANH_SWITCH);
  private static final FloatVector MINUS_HALF = FloatVector.broadcast(F, -0.5f);
  private static final IntVector EXPONENT_OFFSET =
      IntVector.broadcast(I, FloatMath.MAGIC_BITS - 127);

  private final Kernels scalar = new ScalarKernels();

  private static VectorSpecies<Float> species() {
    return switch (Integer.getInteger(
        KernelChoice.WIDTH_PROPERTY, FloatVector.SPECIES_PREFERRED.vectorBitSize())) {
      case 128 -> FloatVector.SPECIES_128;
      case 256 -> FloatVector.SPECIES_256;
      default ->
          FloatVector.SPECIES_PREFERRED.length() >= 16
              ? FloatVector.SPECIES_512
              : FloatVector.SPECIES_PREFERRED;
    };
  }

  @Override
  public String name() {
    return "vector-" + F.vectorBitSize();
  }

  @Override
  public int wide(int outputs) {
    return L == 16 && LookupKernels.AVAILABLE
        ? LookupKernels.wide(outputs)
        : Kernels.padded(outputs);
  }

  @Override
  public SignMatrix signs(float[] signs, int inputs, int wide) {
    boolean lookups = L == 16 && LookupKernels.AVAILABLE && LookupKernels.fits(inputs, wide);
    float[] panels = Panels.of(this, inputs, wide, signs, wide);
    byte[] bytes = new byte[lookups || !ByteSigns.fits(panels.length) ? 0 : panels.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) panels[i];
    }
    return new SignMatrix(
        inputs,
        wide,
        panels,
        lookups ? LookupKernels.pack(signs, inputs, wide) : new short[0],
        FourRussians.fits(inputs) ? FourRussians.pack(signs, inputs, wide) : new long[0],
        bytes);
  }

  @Override
  public void multiplyCodes(int rows, float[] codes, SignMatrix matrix, float[] y, int to) {
    if (rows > ByteSigns.ROWS || matrix.bytes().length == 0) {
      Kernels.super.multiplyCodes(rows, codes, matrix, y, to);
      return;
    }
    int inputs = matrix.inputs();
    int wide = matrix.wide();
    int whole = wide / panel() * panel();
    for (int row = 0; row < rows; row++) {
      int into = to + row * wide;
      ByteSigns.multiply(inputs, whole, codes, row * inputs, matrix.bytes(), y, into);
      Arrays.fill(y, into + whole, into + wide, 0);
      multiplyAdd(
          1,
          inputs,
          wide - whole,
          codes,
          row * inputs,
          inputs,
          matrix.signs(),
          whole * inputs,
          y,
          into + whole,
          wide);
    }
  }

  @Override
  public void lookUpCodes(
      Frame frame, int rows, float[] codes, SignMatrix matrix, float[] y, int to) {
    LookupKernels.multiply(frame, rows, codes, matrix, y, to);
  }

  @Override
  public void tabulateCodes(
      Frame frame, int rows, float[] codes, SignMatrix matrix, float[] y, int to) {
    FourRussians.multiply(frame, rows, codes, matrix, y, to);
  }

  @Override
  public void combine(
      Pair pair, float[] a, int aAt, float[] b, int bAt, float[] y, int to, int count) {
    int done = PairKernels.combine(pair, a, aAt, b, bAt, y, to, count);
    scalar.combine(pair, a, aAt + done, b, bAt + done, y, to + done, count - done);
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
    int done = PairKernels.select(mask, maskAt, a, aAt, b, bAt, y, to, count);
    scalar.select(mask, maskAt + done, a, aAt + done, b, bAt + done, y, to + done, count - done);
  }

  // 512 bits: four vectors. 256: two, for machines with 16 registers. 128: one panel has LANES.
  private static final int TILE = WORK - LANES; // the end is for the rest of a row
  private static final int PANEL_VECTORS = L == 8 ? 2 : 4;

  @Override
  public int panel() {
    return PANEL_VECTORS * L;
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
      int panel = bAt + n * inner;
      int m = 0;
      while (m < rows) {
        int from = aAt + m * aRow;
        int to = cAt + m * cRow + n;
        m +=
            switch (width / L) {
              case 4 -> four(rows - m, inner, a, from, aRow, b, panel, c, to, cRow);
              case 2 -> two(rows - m, inner, a, from, aRow, b, panel, c, to, cRow);
              default -> one(rows - m, inner, a, from, aRow, b, panel, c, to, cRow);
            };
      }
    }
  }

  /** Some rows of a panel of four vectors; returns how many. */
  private static int four(
      int rows,
      int inner,
      float[] a,
      int aAt,
      int aRow,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cRow) {
    if (rows >= 6 && rows != 8) {
      tile6x4(inner, a, aAt, aRow, b, bAt, c, cAt, cRow);
      return 6;
    }
    if (rows >= 4) {
      tile4x4(inner, a, aAt, aRow, b, bAt, c, cAt, cRow);
      return 4;
    }
    tile1x4(inner, a, aAt, b, bAt, c, cAt);
    return 1;
  }

  private static int two(
      int rows,
      int inner,
      float[] a,
      int aAt,
      int aRow,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cRow) {
    if (rows >= 6 && rows != 8) {
      tile6x2(inner, a, aAt, aRow, b, bAt, c, cAt, cRow);
      return 6;
    }
    if (rows >= 4) {
      tile4x2(inner, a, aAt, aRow, b, bAt, c, cAt, cRow);
      return 4;
    }
    tile1x2(inner, a, aAt, b, bAt, c, cAt);
    return 1;
  }

  private static int one(
      int rows,
      int inner,
      float[] a,
      int aAt,
      int aRow,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cRow) {
    if (rows >= 8) {
      tile8x1(inner, a, aAt, aRow, b, bAt, c, cAt, cRow);
      return 8;
    }
    tile1x1(inner, a, aAt, b, bAt, c, cAt);
    return 1;
  }

  private static void tile6x4(
      int inner, float[] a, int aAt, int aRow, float[] b, int bAt, float[] c, int cAt, int cRow) {
    int a1 = aAt + aRow;
    int a2 = aAt + 2 * aRow;
    int a3 = aAt + 3 * aRow;
    int a4 = aAt + 4 * aRow;
    int a5 = aAt + 5 * aRow;
    int c1 = cAt + cRow;
    int c2 = cAt + 2 * cRow;
    int c3 = cAt + 3 * cRow;
    int c4 = cAt + 4 * cRow;
    int c5 = cAt + 5 * cRow;
    FloatVector s00 = FloatVector.fromArray(F, c, cAt);
    FloatVector s01 = FloatVector.fromArray(F, c, cAt + L);
    FloatVector s02 = FloatVector.fromArray(F, c, cAt + 2 * L);
    FloatVector s03 = FloatVector.fromArray(F, c, cAt + 3 * L);
    FloatVector s10 = FloatVector.fromArray(F, c, c1);
    FloatVector s11 = FloatVector.fromArray(F, c, c1 + L);
    FloatVector s12 = FloatVector.fromArray(F, c, c1 + 2 * L);
    FloatVector s13 = FloatVector.fromArray(F, c, c1 + 3 * L);
    FloatVector s20 = FloatVector.fromArray(F, c, c2);
    FloatVector s21 = FloatVector.fromArray(F, c, c2 + L);
    FloatVector s22 = FloatVector.fromArray(F, c, c2 + 2 * L);
    FloatVector s23 = FloatVector.fromArray(F, c, c2 + 3 * L);
    FloatVector s30 = FloatVector.fromArray(F, c, c3);
    FloatVector s31 = FloatVector.fromArray(F, c, c3 + L);
    FloatVector s32 = FloatVector.fromArray(F, c, c3 + 2 * L);
    FloatVector s33 = FloatVector.fromArray(F, c, c3 + 3 * L);
    FloatVector s40 = FloatVector.fromArray(F, c, c4);
    FloatVector s41 = FloatVector.fromArray(F, c, c4 + L);
    FloatVector s42 = FloatVector.fromArray(F, c, c4 + 2 * L);
    FloatVector s43 = FloatVector.fromArray(F, c, c4 + 3 * L);
    FloatVector s50 = FloatVector.fromArray(F, c, c5);
    FloatVector s51 = FloatVector.fromArray(F, c, c5 + L);
    FloatVector s52 = FloatVector.fromArray(F, c, c5 + 2 * L);
    FloatVector s53 = FloatVector.fromArray(F, c, c5 + 3 * L);
    for (int k = 0; k < inner; k++) {
      FloatVector b0 = FloatVector.fromArray(F, b, bAt + k * 4 * L);
      FloatVector b1 = FloatVector.fromArray(F, b, bAt + k * 4 * L + L);
      FloatVector b2 = FloatVector.fromArray(F, b, bAt + k * 4 * L + 2 * L);
      FloatVector b3 = FloatVector.fromArray(F, b, bAt + k * 4 * L + 3 * L);
      FloatVector x = FloatVector.broadcast(F, a[aAt + k]);
      s00 = x.fma(b0, s00);
      s01 = x.fma(b1, s01);
      s02 = x.fma(b2, s02);
      s03 = x.fma(b3, s03);
      x = FloatVector.broadcast(F, a[a1 + k]);
      s10 = x.fma(b0, s10);
      s11 = x.fma(b1, s11);
      s12 = x.fma(b2, s12);
      s13 = x.fma(b3, s13);
      x = FloatVector.broadcast(F, a[a2 + k]);
      s20 = x.fma(b0, s20);
      s21 = x.fma(b1, s21);
      s22 = x.fma(b2, s22);
      s23 = x.fma(b3, s23);
      x = FloatVector.broadcast(F, a[a3 + k]);
      s30 = x.fma(b0, s30);
      s31 = x.fma(b1, s31);
      s32 = x.fma(b2, s32);
      s33 = x.fma(b3, s33);
      x = FloatVector.broadcast(F, a[a4 + k]);
      s40 = x.fma(b0, s40);
      s41 = x.fma(b1, s41);
      s42 = x.fma(b2, s42);
      s43 = x.fma(b3, s43);
      x = FloatVector.broadcast(F, a[a5 + k]);
      s50 = x.fma(b0, s50);
      s51 = x.fma(b1, s51);
      s52 = x.fma(b2, s52);
      s53 = x.fma(b3, s53);
    }
    s00.intoArray(c, cAt);
    s01.intoArray(c, cAt + L);
    s02.intoArray(c, cAt + 2 * L);
    s03.intoArray(c, cAt + 3 * L);
    s10.intoArray(c, c1);
    s11.intoArray(c, c1 + L);
    s12.intoArray(c, c1 + 2 * L);
    s13.intoArray(c, c1 + 3 * L);
    s20.intoArray(c, c2);
    s21.intoArray(c, c2 + L);
    s22.intoArray(c, c2 + 2 * L);
    s23.intoArray(c, c2 + 3 * L);
    s30.intoArray(c, c3);
    s31.intoArray(c, c3 + L);
    s32.intoArray(c, c3 + 2 * L);
    s33.intoArray(c, c3 + 3 * L);
    s40.intoArray(c, c4);
    s41.intoArray(c, c4 + L);
    s42.intoArray(c, c4 + 2 * L);
    s43.intoArray(c, c4 + 3 * L);
    s50.intoArray(c, c5);
    s51.intoArray(c, c5 + L);
    s52.intoArray(c, c5 + 2 * L);
    s53.intoArray(c, c5 + 3 * L);
  }

  private static void tile4x4(
      int inner, float[] a, int aAt, int aRow, float[] b, int bAt, float[] c, int cAt, int cRow) {
    int a1 = aAt + aRow;
    int a2 = aAt + 2 * aRow;
    int a3 = aAt + 3 * aRow;
    int c1 = cAt + cRow;
    int c2 = cAt + 2 * cRow;
    int c3 = cAt + 3 * cRow;
    FloatVector s00 = FloatVector.fromArray(F, c, cAt);
    FloatVector s01 = FloatVector.fromArray(F, c, cAt + L);
    FloatVector s02 = FloatVector.fromArray(F, c, cAt + 2 * L);
    FloatVector s03 = FloatVector.fromArray(F, c, cAt + 3 * L);
    FloatVector s10 = FloatVector.fromArray(F, c, c1);
    FloatVector s11 = FloatVector.fromArray(F, c, c1 + L);
    FloatVector s12 = FloatVector.fromArray(F, c, c1 + 2 * L);
    FloatVector s13 = FloatVector.fromArray(F, c, c1 + 3 * L);
    FloatVector s20 = FloatVector.fromArray(F, c, c2);
    FloatVector s21 = FloatVector.fromArray(F, c, c2 + L);
    FloatVector s22 = FloatVector.fromArray(F, c, c2 + 2 * L);
    FloatVector s23 = FloatVector.fromArray(F, c, c2 + 3 * L);
    FloatVector s30 = FloatVector.fromArray(F, c, c3);
    FloatVector s31 = FloatVector.fromArray(F, c, c3 + L);
    FloatVector s32 = FloatVector.fromArray(F, c, c3 + 2 * L);
    FloatVector s33 = FloatVector.fromArray(F, c, c3 + 3 * L);
    for (int k = 0; k < inner; k++) {
      FloatVector b0 = FloatVector.fromArray(F, b, bAt + k * 4 * L);
      FloatVector b1 = FloatVector.fromArray(F, b, bAt + k * 4 * L + L);
      FloatVector b2 = FloatVector.fromArray(F, b, bAt + k * 4 * L + 2 * L);
      FloatVector b3 = FloatVector.fromArray(F, b, bAt + k * 4 * L + 3 * L);
      FloatVector x = FloatVector.broadcast(F, a[aAt + k]);
      s00 = x.fma(b0, s00);
      s01 = x.fma(b1, s01);
      s02 = x.fma(b2, s02);
      s03 = x.fma(b3, s03);
      x = FloatVector.broadcast(F, a[a1 + k]);
      s10 = x.fma(b0, s10);
      s11 = x.fma(b1, s11);
      s12 = x.fma(b2, s12);
      s13 = x.fma(b3, s13);
      x = FloatVector.broadcast(F, a[a2 + k]);
      s20 = x.fma(b0, s20);
      s21 = x.fma(b1, s21);
      s22 = x.fma(b2, s22);
      s23 = x.fma(b3, s23);
      x = FloatVector.broadcast(F, a[a3 + k]);
      s30 = x.fma(b0, s30);
      s31 = x.fma(b1, s31);
      s32 = x.fma(b2, s32);
      s33 = x.fma(b3, s33);
    }
    s00.intoArray(c, cAt);
    s01.intoArray(c, cAt + L);
    s02.intoArray(c, cAt + 2 * L);
    s03.intoArray(c, cAt + 3 * L);
    s10.intoArray(c, c1);
    s11.intoArray(c, c1 + L);
    s12.intoArray(c, c1 + 2 * L);
    s13.intoArray(c, c1 + 3 * L);
    s20.intoArray(c, c2);
    s21.intoArray(c, c2 + L);
    s22.intoArray(c, c2 + 2 * L);
    s23.intoArray(c, c2 + 3 * L);
    s30.intoArray(c, c3);
    s31.intoArray(c, c3 + L);
    s32.intoArray(c, c3 + 2 * L);
    s33.intoArray(c, c3 + 3 * L);
  }

  private static void tile1x4(
      int inner, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt) {
    FloatVector s00 = FloatVector.fromArray(F, c, cAt);
    FloatVector s01 = FloatVector.fromArray(F, c, cAt + L);
    FloatVector s02 = FloatVector.fromArray(F, c, cAt + 2 * L);
    FloatVector s03 = FloatVector.fromArray(F, c, cAt + 3 * L);
    for (int k = 0; k < inner; k++) {
      FloatVector b0 = FloatVector.fromArray(F, b, bAt + k * 4 * L);
      FloatVector b1 = FloatVector.fromArray(F, b, bAt + k * 4 * L + L);
      FloatVector b2 = FloatVector.fromArray(F, b, bAt + k * 4 * L + 2 * L);
      FloatVector b3 = FloatVector.fromArray(F, b, bAt + k * 4 * L + 3 * L);
      FloatVector x = FloatVector.broadcast(F, a[aAt + k]);
      s00 = x.fma(b0, s00);
      s01 = x.fma(b1, s01);
      s02 = x.fma(b2, s02);
      s03 = x.fma(b3, s03);
    }
    s00.intoArray(c, cAt);
    s01.intoArray(c, cAt + L);
    s02.intoArray(c, cAt + 2 * L);
    s03.intoArray(c, cAt + 3 * L);
  }

  private static void tile6x2(
      int inner, float[] a, int aAt, int aRow, float[] b, int bAt, float[] c, int cAt, int cRow) {
    int a1 = aAt + aRow;
    int a2 = aAt + 2 * aRow;
    int a3 = aAt + 3 * aRow;
    int a4 = aAt + 4 * aRow;
    int a5 = aAt + 5 * aRow;
    int c1 = cAt + cRow;
    int c2 = cAt + 2 * cRow;
    int c3 = cAt + 3 * cRow;
    int c4 = cAt + 4 * cRow;
    int c5 = cAt + 5 * cRow;
    FloatVector s00 = FloatVector.fromArray(F, c, cAt);
    FloatVector s01 = FloatVector.fromArray(F, c, cAt + L);
    FloatVector s10 = FloatVector.fromArray(F, c, c1);
    FloatVector s11 = FloatVector.fromArray(F, c, c1 + L);
    FloatVector s20 = FloatVector.fromArray(F, c, c2);
    FloatVector s21 = FloatVector.fromArray(F, c, c2 + L);
    FloatVector s30 = FloatVector.fromArray(F, c, c3);
    FloatVector s31 = FloatVector.fromArray(F, c, c3 + L);
    FloatVector s40 = FloatVector.fromArray(F, c, c4);
    FloatVector s41 = FloatVector.fromArray(F, c, c4 + L);
    FloatVector s50 = FloatVector.fromArray(F, c, c5);
    FloatVector s51 = FloatVector.fromArray(F, c, c5 + L);
    for (int k = 0; k < inner; k++) {
      FloatVector b0 = FloatVector.fromArray(F, b, bAt + k * 2 * L);
      FloatVector b1 = FloatVector.fromArray(F, b, bAt + k * 2 * L + L);
      FloatVector x = FloatVector.broadcast(F, a[aAt + k]);
      s00 = x.fma(b0, s00);
      s01 = x.fma(b1, s01);
      x = FloatVector.broadcast(F, a[a1 + k]);
      s10 = x.fma(b0, s10);
      s11 = x.fma(b1, s11);
      x = FloatVector.broadcast(F, a[a2 + k]);
      s20 = x.fma(b0, s20);
      s21 = x.fma(b1, s21);
      x = FloatVector.broadcast(F, a[a3 + k]);
      s30 = x.fma(b0, s30);
      s31 = x.fma(b1, s31);
      x = FloatVector.broadcast(F, a[a4 + k]);
      s40 = x.fma(b0, s40);
      s41 = x.fma(b1, s41);
      x = FloatVector.broadcast(F, a[a5 + k]);
      s50 = x.fma(b0, s50);
      s51 = x.fma(b1, s51);
    }
    s00.intoArray(c, cAt);
    s01.intoArray(c, cAt + L);
    s10.intoArray(c, c1);
    s11.intoArray(c, c1 + L);
    s20.intoArray(c, c2);
    s21.intoArray(c, c2 + L);
    s30.intoArray(c, c3);
    s31.intoArray(c, c3 + L);
    s40.intoArray(c, c4);
    s41.intoArray(c, c4 + L);
    s50.intoArray(c, c5);
    s51.intoArray(c, c5 + L);
  }

  private static void tile4x2(
      int inner, float[] a, int aAt, int aRow, float[] b, int bAt, float[] c, int cAt, int cRow) {
    int a1 = aAt + aRow;
    int a2 = aAt + 2 * aRow;
    int a3 = aAt + 3 * aRow;
    int c1 = cAt + cRow;
    int c2 = cAt + 2 * cRow;
    int c3 = cAt + 3 * cRow;
    FloatVector s00 = FloatVector.fromArray(F, c, cAt);
    FloatVector s01 = FloatVector.fromArray(F, c, cAt + L);
    FloatVector s10 = FloatVector.fromArray(F, c, c1);
    FloatVector s11 = FloatVector.fromArray(F, c, c1 + L);
    FloatVector s20 = FloatVector.fromArray(F, c, c2);
    FloatVector s21 = FloatVector.fromArray(F, c, c2 + L);
    FloatVector s30 = FloatVector.fromArray(F, c, c3);
    FloatVector s31 = FloatVector.fromArray(F, c, c3 + L);
    for (int k = 0; k < inner; k++) {
      FloatVector b0 = FloatVector.fromArray(F, b, bAt + k * 2 * L);
      FloatVector b1 = FloatVector.fromArray(F, b, bAt + k * 2 * L + L);
      FloatVector x = FloatVector.broadcast(F, a[aAt + k]);
      s00 = x.fma(b0, s00);
      s01 = x.fma(b1, s01);
      x = FloatVector.broadcast(F, a[a1 + k]);
      s10 = x.fma(b0, s10);
      s11 = x.fma(b1, s11);
      x = FloatVector.broadcast(F, a[a2 + k]);
      s20 = x.fma(b0, s20);
      s21 = x.fma(b1, s21);
      x = FloatVector.broadcast(F, a[a3 + k]);
      s30 = x.fma(b0, s30);
      s31 = x.fma(b1, s31);
    }
    s00.intoArray(c, cAt);
    s01.intoArray(c, cAt + L);
    s10.intoArray(c, c1);
    s11.intoArray(c, c1 + L);
    s20.intoArray(c, c2);
    s21.intoArray(c, c2 + L);
    s30.intoArray(c, c3);
    s31.intoArray(c, c3 + L);
  }

  private static void tile1x2(
      int inner, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt) {
    FloatVector s00 = FloatVector.fromArray(F, c, cAt);
    FloatVector s01 = FloatVector.fromArray(F, c, cAt + L);
    for (int k = 0; k < inner; k++) {
      FloatVector b0 = FloatVector.fromArray(F, b, bAt + k * 2 * L);
      FloatVector b1 = FloatVector.fromArray(F, b, bAt + k * 2 * L + L);
      FloatVector x = FloatVector.broadcast(F, a[aAt + k]);
      s00 = x.fma(b0, s00);
      s01 = x.fma(b1, s01);
    }
    s00.intoArray(c, cAt);
    s01.intoArray(c, cAt + L);
  }

  private static void tile8x1(
      int inner, float[] a, int aAt, int aRow, float[] b, int bAt, float[] c, int cAt, int cRow) {
    int a1 = aAt + aRow;
    int a2 = aAt + 2 * aRow;
    int a3 = aAt + 3 * aRow;
    int a4 = aAt + 4 * aRow;
    int a5 = aAt + 5 * aRow;
    int a6 = aAt + 6 * aRow;
    int a7 = aAt + 7 * aRow;
    int c1 = cAt + cRow;
    int c2 = cAt + 2 * cRow;
    int c3 = cAt + 3 * cRow;
    int c4 = cAt + 4 * cRow;
    int c5 = cAt + 5 * cRow;
    int c6 = cAt + 6 * cRow;
    int c7 = cAt + 7 * cRow;
    FloatVector s00 = FloatVector.fromArray(F, c, cAt);
    FloatVector s10 = FloatVector.fromArray(F, c, c1);
    FloatVector s20 = FloatVector.fromArray(F, c, c2);
    FloatVector s30 = FloatVector.fromArray(F, c, c3);
    FloatVector s40 = FloatVector.fromArray(F, c, c4);
    FloatVector s50 = FloatVector.fromArray(F, c, c5);
    FloatVector s60 = FloatVector.fromArray(F, c, c6);
    FloatVector s70 = FloatVector.fromArray(F, c, c7);
    for (int k = 0; k < inner; k++) {
      FloatVector b0 = FloatVector.fromArray(F, b, bAt + k * L);
      FloatVector x = FloatVector.broadcast(F, a[aAt + k]);
      s00 = x.fma(b0, s00);
      x = FloatVector.broadcast(F, a[a1 + k]);
      s10 = x.fma(b0, s10);
      x = FloatVector.broadcast(F, a[a2 + k]);
      s20 = x.fma(b0, s20);
      x = FloatVector.broadcast(F, a[a3 + k]);
      s30 = x.fma(b0, s30);
      x = FloatVector.broadcast(F, a[a4 + k]);
      s40 = x.fma(b0, s40);
      x = FloatVector.broadcast(F, a[a5 + k]);
      s50 = x.fma(b0, s50);
      x = FloatVector.broadcast(F, a[a6 + k]);
      s60 = x.fma(b0, s60);
      x = FloatVector.broadcast(F, a[a7 + k]);
      s70 = x.fma(b0, s70);
    }
    s00.intoArray(c, cAt);
    s10.intoArray(c, c1);
    s20.intoArray(c, c2);
    s30.intoArray(c, c3);
    s40.intoArray(c, c4);
    s50.intoArray(c, c5);
    s60.intoArray(c, c6);
    s70.intoArray(c, c7);
  }

  private static void tile1x1(
      int inner, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt) {
    FloatVector s00 = FloatVector.fromArray(F, c, cAt);
    for (int k = 0; k < inner; k++) {
      FloatVector b0 = FloatVector.fromArray(F, b, bAt + k * L);
      FloatVector x = FloatVector.broadcast(F, a[aAt + k]);
      s00 = x.fma(b0, s00);
    }
    s00.intoArray(c, cAt);
  }

  // Loops without methods of our own in them that take or return vectors: whether the compiler
  // joins
  // those depends on what it met before, and where it doesn't each vector becomes an object.
  @Override
  public void apply(
      Activation activation, float alpha, float[] x, int at, int count, float[] work) {
    int whole = at + count / L * L;
    for (int i = at; i < whole; i += TILE) {
      tile(activation, alpha, x, i, Math.min(whole, i + TILE), work);
    }
    int rest = at + count - whole;
    if (rest > 0) {
      Arrays.fill(work, TILE, TILE + L, 0);
      System.arraycopy(x, whole, work, TILE, rest);
      tile(activation, alpha, work, TILE, TILE + L, work);
      System.arraycopy(work, TILE, x, whole, rest);
    }
  }

  private static void tile(
      Activation activation, float alpha, float[] x, int at, int whole, float[] work) {
    switch (activation) {
      case NONE -> {}
      case RELU -> relu(x, at, whole);
      case LEAKY_RELU -> leakyRelu(alpha, x, at, whole);
      case SIGMOID -> {
        negated(x, at, whole, work);
        exp(work, whole - at);
        sigmoid(x, at, whole, work);
      }
      case SILU -> {
        negated(x, at, whole, work);
        exp(work, whole - at);
        silu(x, at, whole, work);
      }
      case GELU -> {
        erfTail(FloatMath.SQRT_HALF, x, at, whole, work);
        exp(work, whole - at);
        signed(x, at, whole, work);
        erf(FloatMath.SQRT_HALF, x, at, whole, work, work, 0);
        gelu(x, at, whole, work);
      }
      case GELU_TANH -> {
        geluTanhArgument(x, at, whole, work);
        exp(work, whole - at);
        silu(x, at, whole, work);
      }
      case ERF -> {
        erfTail(1, x, at, whole, work);
        exp(work, whole - at);
        signed(x, at, whole, work);
        erf(1, x, at, whole, work, x, at);
      }
      case TANH -> {
        doubled(x, at, whole, work);
        exp(work, whole - at);
        tanhTail(work, whole - at);
        signed(x, at, whole, work);
        tanh(x, at, whole, work);
      }
      case LOG -> log(x, at, whole);
    }
  }

  private static void relu(float[] x, int from, int to) {
    for (int i = from; i < to; i += L) {
      FloatVector v = FloatVector.fromArray(F, x, i);
      v.blend(ZERO, v.compare(VectorOperators.LE, 0f)).intoArray(x, i);
    }
  }

  private static void leakyRelu(float alpha, float[] x, int from, int to) {
    for (int i = from; i < to; i += L) {
      FloatVector v = FloatVector.fromArray(F, x, i);
      v.blend(v.mul(alpha), v.compare(VectorOperators.LT, 0f)).intoArray(x, i);
    }
  }

  private static void log(float[] x, int from, int to) {
    for (int i = from; i < to; i += L) {
      log(x, i);
    }
  }

  /** y(i) = exp(y(i)), {@link FloatMath#exp}, for arguments in its range. */
  private static void exp(float[] y, int count) {
    for (int i = 0; i < count; i += L) {
      FloatVector v = FloatVector.fromArray(F, y, i);
      FloatVector shifted = v.fma(LOG2_E, MAGIC);
      FloatVector n = MAGIC.sub(shifted);
      FloatVector r = n.fma(LN2_LOW, n.fma(LN2_HIGH, v));
      FloatVector p = r.fma(E4, E3).fma(r, E2).fma(r, E1).fma(r, E0);
      p = p.mul(r).fma(r, r).add(ONE);
      p.mul(
              shifted
                  .reinterpretAsInts()
                  .sub(EXPONENT_OFFSET)
                  .lanewise(VectorOperators.LSHL, 23)
                  .reinterpretAsFloats())
          .intoArray(y, i);
    }
  }

  private static void negated(float[] x, int from, int to, float[] y) {
    for (int i = from; i < to; i += L) {
      FloatVector v = FloatVector.fromArray(F, x, i).neg();
      v = v.blend(EXP_MIN, v.compare(VectorOperators.LT, EXP_MIN));
      v.blend(EXP_MAX, v.compare(VectorOperators.GT, EXP_MAX)).intoArray(y, i - from);
    }
  }

  private static void doubled(float[] x, int from, int to, float[] y) {
    for (int i = from; i < to; i += L) {
      FloatVector v = FloatVector.fromArray(F, x, i).abs();
      v = v.add(v);
      v.blend(EXP_MAX, v.compare(VectorOperators.GT, EXP_MAX)).intoArray(y, i - from);
    }
  }

  private static void geluTanhArgument(float[] x, int from, int to, float[] y) {
    for (int i = from; i < to; i += L) {
      FloatVector v = FloatVector.fromArray(F, x, i);
      FloatVector inner = v.mul(v).fma(v.mul(FloatMath.GELU_TANH_B), v);
      v = inner.mul(-FloatMath.GELU_TANH_A);
      v = v.blend(EXP_MIN, v.compare(VectorOperators.LT, EXP_MIN));
      v.blend(EXP_MAX, v.compare(VectorOperators.GT, EXP_MAX)).intoArray(y, i - from);
    }
  }

  private static void sigmoid(float[] x, int from, int to, float[] exp) {
    for (int i = from; i < to; i += L) {
      ONE.div(FloatVector.fromArray(F, exp, i - from).add(1f)).intoArray(x, i);
    }
  }

  /** x over 1 + exp. */
  private static void silu(float[] x, int from, int to, float[] exp) {
    for (int i = from; i < to; i += L) {
      FloatVector.fromArray(F, x, i)
          .div(FloatVector.fromArray(F, exp, i - from).add(1f))
          .intoArray(x, i);
    }
  }

  /** Logarithm of 1 - erf of the magnitude of scale x, for those above 1. */
  private static void erfTail(float scale, float[] x, int from, int to, float[] y) {
    for (int i = from; i < to; i += L) {
      FloatVector t = FloatVector.fromArray(F, x, i).mul(scale).abs();
      t = t.blend(FOUR, t.compare(VectorOperators.GT, FOUR));
      FloatVector large = t.fma(ERF_L7, ERF_L6);
      large = large.fma(t, ERF_L5);
      large = large.fma(t, ERF_L4);
      large = large.fma(t, ERF_L3);
      large = large.fma(t, ERF_L2);
      large = large.fma(t, ERF_L1);
      large.fma(t, ERF_L0).intoArray(y, i - from);
    }
  }

  /** Of magnitudes above 1: 1 - tail with the sign of x, in place of the tail. */
  private static void signed(float[] x, int from, int to, float[] tail) {
    for (int i = from; i < to; i += L) {
      IntVector sign = FloatVector.fromArray(F, x, i).reinterpretAsInts().and(Integer.MIN_VALUE);
      ONE.sub(FloatVector.fromArray(F, tail, i - from))
          .reinterpretAsInts()
          .lanewise(VectorOperators.XOR, sign)
          .reinterpretAsFloats()
          .intoArray(tail, i - from);
    }
  }

  /** y = erf(scale x); {@code large} is that of those above 1. */
  private static void erf(
      float scale, float[] x, int from, int to, float[] large, float[] y, int yAt) {
    for (int i = from; i < to; i += L) {
      FloatVector v = FloatVector.fromArray(F, x, i).mul(scale);
      FloatVector s = v.mul(v);
      FloatVector small = s.fma(ERF_S6, ERF_S5);
      small = small.fma(s, ERF_S4);
      small = small.fma(s, ERF_S3);
      small = small.fma(s, ERF_S2);
      small = small.fma(s, ERF_S1);
      small = small.fma(s, ERF_S0).fma(v, v);
      FloatVector.fromArray(F, large, i - from)
          .blend(small, v.abs().compare(VectorOperators.LT, ONE))
          .intoArray(y, yAt + i - from);
    }
  }

  private static void gelu(float[] x, int from, int to, float[] work) {
    for (int i = from; i < to; i += L) {
      FloatVector.fromArray(F, x, i)
          .mul(0.5f)
          .mul(FloatVector.fromArray(F, work, i - from).add(ONE))
          .intoArray(x, i);
    }
  }

  /** 1 - tanh of the magnitude, in place of exp(2x). */
  private static void tanhTail(float[] exp, int count) {
    for (int i = 0; i < count; i += L) {
      TWO.div(FloatVector.fromArray(F, exp, i).add(ONE)).intoArray(exp, i);
    }
  }

  private static void tanh(float[] x, int from, int to, float[] large) {
    for (int i = from; i < to; i += L) {
      FloatVector v = FloatVector.fromArray(F, x, i);
      FloatVector s = v.mul(v);
      FloatVector small = s.fma(TANH_5, TANH_4);
      small = small.fma(s, TANH_3);
      small = small.fma(s, TANH_2);
      small = small.fma(s, TANH_1);
      small = small.fma(s, TANH_0);
      small = small.mul(s).fma(v, v);
      FloatVector.fromArray(F, large, i - from)
          .blend(small, v.abs().compare(VectorOperators.LT, SWITCH))
          .intoArray(x, i);
    }
  }

  private static void log(float[] x, int at) {
    FloatVector v = FloatVector.fromArray(F, x, at);
    VectorMask<Float> normal =
        v.compare(VectorOperators.GE, Float.MIN_NORMAL)
            .and(v.compare(VectorOperators.LE, Float.MAX_VALUE));
    if (!normal.allTrue()) {
      for (int i = at; i < at + L; i++) {
        x[i] = FloatMath.log(x[i]);
      }
      return;
    }
    IntVector bits = v.reinterpretAsInts().sub(FloatMath.SQRT_HALF_BITS);
    FloatVector n =
        (FloatVector)
            bits.lanewise(VectorOperators.ASHR, 23).convertShape(VectorOperators.I2F, F, 0);
    FloatVector f = bits.and(0x7FFFFF).add(FloatMath.SQRT_HALF_BITS).reinterpretAsFloats().sub(1f);
    FloatVector s = f.mul(f);
    FloatVector p = f.fma(LOG_7, LOG_6);
    p = p.fma(f, LOG_5);
    p = p.fma(f, LOG_4);
    p = p.fma(f, LOG_3);
    p = p.fma(f, LOG_2);
    p = p.fma(f, LOG_1);
    p = p.fma(f, LOG_0);
    p = p.mul(f).mul(s);
    p = n.fma(LN2_LOW, p);
    p = s.fma(MINUS_HALF, p);
    n.fma(LN2_HIGH, f.add(p)).intoArray(x, at);
  }

  @Override
  public void softmax(float[] x, int at, int count, float[] work) {
    int end = at + Kernels.padded(count);
    Arrays.fill(x, at + count, end, Float.NEGATIVE_INFINITY);
    exp(max(x, at, end), x, at, end);
    scale(1f / sum(x, at, end - at, work), x, at, end);
  }

  /** NaN is passed over: it makes the sum of the row NaN anyhow. */
  private static float max(float[] x, int from, int to) {
    FloatVector best = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    for (int i = from; i < to; i += L) {
      FloatVector v = FloatVector.fromArray(F, x, i);
      best = best.blend(v, v.compare(VectorOperators.GT, best));
    }
    return best.reduceLanes(VectorOperators.MAX);
  }

  /** x(i) = exp(x(i) - max), {@link FloatMath#expOrZero}; no x(i) is above max. */
  private static void exp(float max, float[] x, int from, int to) {
    for (int i = from; i < to; i += L) {
      FloatVector given = FloatVector.fromArray(F, x, i).sub(max);
      FloatVector v = given.blend(EXP_MIN, given.compare(VectorOperators.LT, EXP_MIN));
      FloatVector shifted = v.fma(LOG2_E, MAGIC);
      FloatVector n = MAGIC.sub(shifted);
      FloatVector r = n.fma(LN2_LOW, n.fma(LN2_HIGH, v));
      FloatVector p = r.fma(E4, E3).fma(r, E2).fma(r, E1).fma(r, E0);
      p = p.mul(r).fma(r, r).add(ONE);
      p.mul(
              shifted
                  .reinterpretAsInts()
                  .sub(EXPONENT_OFFSET)
                  .lanewise(VectorOperators.LSHL, 23)
                  .reinterpretAsFloats())
          .blend(ZERO, given.compare(VectorOperators.LT, FloatMath.NEGLIGIBLE))
          .intoArray(x, i);
    }
  }

  private static void scale(float factor, float[] x, int from, int to) {
    for (int i = from; i < to; i += L) {
      FloatVector.fromArray(F, x, i).mul(factor).intoArray(x, i);
    }
  }

  // In a loop the receiver of an operation is a vector made in it: of one that the loop carries the
  // compiler does not know the class, and where it has not met enough calls, it makes objects.
  @Override
  public float sum(float[] x, int at, int count, float[] work) {
    int whole = at + count / LANES * LANES;
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int i = at; i < whole; i += LANES) {
      s0 = FloatVector.fromArray(F, x, i).add(s0);
      if (L <= 8) {
        s1 = FloatVector.fromArray(F, x, i + L).add(s1);
      }
      if (L <= 4) {
        s2 = FloatVector.fromArray(F, x, i + 2 * L).add(s2);
        s3 = FloatVector.fromArray(F, x, i + 3 * L).add(s3);
      }
    }
    s0.intoArray(work, 0);
    if (L <= 8) {
      s1.intoArray(work, L);
    }
    if (L <= 4) {
      s2.intoArray(work, 2 * L);
      s3.intoArray(work, 3 * L);
    }
    for (int i = whole; i < at + count; i++) {
      work[i - whole] += x[i];
    }
    return ScalarKernels.tree(work);
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
    int whole = count / LANES * LANES;
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int i = at; i < at + whole; i += LANES) {
      FloatVector d = FloatVector.fromArray(F, x, i).sub(mean);
      s0 = d.fma(d, s0);
      if (L <= 8) {
        d = FloatVector.fromArray(F, x, i + L).sub(mean);
        s1 = d.fma(d, s1);
      }
      if (L <= 4) {
        d = FloatVector.fromArray(F, x, i + 2 * L).sub(mean);
        s2 = d.fma(d, s2);
        d = FloatVector.fromArray(F, x, i + 3 * L).sub(mean);
        s3 = d.fma(d, s3);
      }
    }
    s0.intoArray(work, 0);
    if (L <= 8) {
      s1.intoArray(work, L);
    }
    if (L <= 4) {
      s2.intoArray(work, 2 * L);
      s3.intoArray(work, 3 * L);
    }
    for (int i = whole; i < count; i++) {
      float d = x[at + i] - mean;
      work[i - whole] = Math.fma(d, d, work[i - whole]);
    }
    float inverse = ScalarKernels.inverse(ScalarKernels.tree(work), count, epsilon);
    int i = 0;
    for (; i + L <= count; i += L) {
      FloatVector.fromArray(F, x, at + i)
          .sub(mean)
          .mul(inverse)
          .fma(FloatVector.fromArray(F, scale, i), FloatVector.fromArray(F, shift, i))
          .intoArray(y, to + i);
    }
    for (; i < count; i++) {
      y[to + i] = Math.fma((x[at + i] - mean) * inverse, scale[i], shift[i]);
    }
  }

  @Override
  public float largest(float[] x, int at, int count) {
    // Of short rows vectors would be objects: their loop is not compiled, or not joined.
    int whole = count < 2 * L ? at : at + count / L * L;
    int max = whole > at ? largestOfVectors(x, at, whole) : 0;
    for (int i = whole; i < at + count; i++) {
      max = Math.max(max, Float.floatToRawIntBits(x[i]) & 0x7FFF_FFFF);
    }
    return Float.intBitsToFloat(max);
  }

  /** Bits of the largest magnitude of whole vectors. */
  private static int largestOfVectors(float[] x, int from, int end) {
    IntVector best = IntVector.zero(I);
    for (int i = from; i < end; i += L) {
      best = FloatVector.fromArray(F, x, i).reinterpretAsInts().and(0x7FFF_FFFF).max(best);
    }
    return best.reduceLanes(VectorOperators.MAX);
  }

  @Override
  public void quantise(float[] x, int at, int count, float factor, float[] codes, int to) {
    int i = 0;
    for (; i + L <= count; i += L) {
      FloatVector.fromArray(F, x, at + i)
          .mul(factor)
          .add(FloatMath.MAGIC)
          .sub(FloatMath.MAGIC)
          .intoArray(codes, to + i);
    }
    for (; i < count; i++) {
      codes[to + i] = (x[at + i] * factor + FloatMath.MAGIC) - FloatMath.MAGIC;
    }
  }

  @Override
  public void scaleShift(float[] y, int at, int count, float scale, float[] bias, int biasAt) {
    FloatVector factor = FloatVector.broadcast(F, scale);
    int i = 0;
    for (; i + L <= count; i += L) {
      FloatVector.fromArray(F, y, at + i)
          .fma(factor, FloatVector.fromArray(F, bias, biasAt + i))
          .intoArray(y, at + i);
    }
    for (; i < count; i++) {
      y[at + i] = Math.fma(y[at + i], scale, bias[biasAt + i]);
    }
  }
}
