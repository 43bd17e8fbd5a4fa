package org.bitbeam.runtime.internal.bit;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of codes and signs without multiplications, 512 bits wide: three codes of a row have 27
 * signed sums, which fit into the 32 lanes of one register; one permutation looks up the sums of 32
 * outputs (the register form of the method of four Russians). Sums are int16, exact for up to 258
 * inputs: more are cut into spans, whose sums are added as floats, exact below 2^24.
 */
final class LookupKernels {
  /** Before JDK 24, permutations check their indices and are slow. */
  static final boolean AVAILABLE = Runtime.version().feature() >= 24;

  private static final VectorSpecies<Short> S = ShortVector.SPECIES_512;
  private static final VectorSpecies<Integer> I = IntVector.SPECIES_512;
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_512;
  private static final int LANES = 32;
  private static final int MAX_INPUTS = 258; // 258 * 127 < 2^15
  private static final int ROWS = 4;
  private static final ShortVector FIRST = digit(9);
  private static final ShortVector SECOND = digit(3);
  private static final ShortVector THIRD = digit(1);

  private LookupKernels() {}

  /** For entry e of a table the sign of one of its three codes. */
  private static ShortVector digit(int unit) {
    short[] signs = new short[LANES];
    for (int e = 0; e < 27; e++) {
      signs[e] = (short) (e / unit % 3 - 1);
    }
    return ShortVector.fromArray(S, signs, 0);
  }

  static boolean fits(int inputs, int wide) {
    return inputs >= 24 && wide % 64 == 0;
  }

  /** Columns to fill up to: whole blocks, unless too much of them would be empty. */
  static int wide(int outputs) {
    for (int block : new int[] {128, 64}) {
      int wide = (outputs + block - 1) / block * block;
      if ((wide - outputs) * 12L <= wide) {
        return wide;
      }
    }
    return Kernels.padded(outputs);
  }

  private static int groups(int inputs) {
    return (inputs + 2) / 3;
  }

  /** Groups of a span: as even as possible. */
  private static int spanGroups(int inputs) {
    int groups = groups(inputs);
    int spans = (groups + MAX_INPUTS / 3 - 1) / (MAX_INPUTS / 3);
    return (groups + spans - 1) / spans;
  }

  /** Columns of a block: 128, or 64 for the last one. */
  private static int width(int wide, int from) {
    return wide - from >= 128 ? 128 : 64;
  }

  /** Table entries by span, block of columns, group of inputs, column. */
  static short[] pack(float[] signs, int inputs, int wide) {
    int groups = groups(inputs);
    int span = spanGroups(inputs);
    short[] packed = new short[Math.multiplyExact(groups, wide)];
    int at = 0;
    for (int first = 0; first < groups; first += span) {
      for (int from = 0; from < wide; from += width(wide, from)) {
        for (int g = first; g < Math.min(groups, first + span); g++) {
          for (int n = from; n < from + width(wide, from); n++) {
            int entry = 0;
            for (int k = 3 * g; k < 3 * g + 3; k++) {
              entry = 3 * entry + (k < inputs ? (int) signs[k * wide + n] : 0) + 1;
            }
            packed[at++] = (short) entry;
          }
        }
      }
    }
    return packed;
  }

  static void multiply(Frame frame, int rows, float[] codes, SignMatrix matrix, float[] y, int to) {
    int inputs = matrix.inputs();
    int wide = matrix.wide();
    int all = groups(inputs);
    int span = spanGroups(inputs);
    int sums = rows * span * LANES; // behind the tables, 128 sums of each row
    short[] tables = frame.shorts(sums + ROWS * 128);
    int at = 0;
    for (int first = 0; first < all; first += span) {
      int groups = Math.min(span, all - first);
      int count = Math.min(inputs - 3 * first, 3 * groups);
      for (int row = 0; row < rows; row++) {
        table(codes, row * inputs + 3 * first, count, tables, row * groups * LANES);
      }
      for (int from = 0; from < wide; from += width(wide, from)) {
        int width = width(wide, from);
        block(rows, groups, matrix.table(), at, width, tables, sums, first > 0, y, to + from, wide);
        at += groups * width;
      }
    }
  }

  /** A block of columns of all rows: its table entries stay in the first cache. */
  private static void block(
      int rows,
      int groups,
      short[] index,
      int at,
      int width,
      short[] tables,
      int sums,
      boolean adds,
      float[] y,
      int to,
      int wide) {
    int row = 0;
    for (; width == 128 && row + ROWS <= rows; row += ROWS) {
      four(groups, index, at, tables, row * groups * LANES, sums);
      for (int i = 0; i < ROWS; i++) {
        drain(tables, sums + i * 128, 128, adds, y, to + (row + i) * wide);
      }
    }
    for (; row < rows; row++) {
      for (int n = 0; n < width; n += 64) {
        one(groups, index, at + n, width, tables, row * groups * LANES, sums + n);
      }
      drain(tables, sums, width, adds, y, to + row * wide);
    }
  }

  private static void table(float[] codes, int at, int inputs, short[] tables, int to) {
    int g = 0;
    int whole = inputs / 3;
    for (; g < whole; g++) {
      ShortVector.broadcast(S, (short) codes[at + 3 * g])
          .mul(FIRST)
          .add(ShortVector.broadcast(S, (short) codes[at + 3 * g + 1]).mul(SECOND))
          .add(ShortVector.broadcast(S, (short) codes[at + 3 * g + 2]).mul(THIRD))
          .intoArray(tables, to + g * LANES);
    }
    if (3 * whole < inputs) {
      short second = 3 * whole + 1 < inputs ? (short) codes[at + 3 * whole + 1] : 0;
      ShortVector.broadcast(S, (short) codes[at + 3 * whole])
          .mul(FIRST)
          .add(ShortVector.broadcast(S, second).mul(SECOND))
          .intoArray(tables, to + g * LANES);
    }
  }

  /** 128 columns of four rows. */
  private static void four(int groups, short[] index, int at, short[] tables, int t0, int to) {
    int t1 = t0 + groups * LANES;
    int t2 = t1 + groups * LANES;
    int t3 = t2 + groups * LANES;
    ShortVector a0 = ShortVector.zero(S);
    ShortVector a1 = a0;
    ShortVector a2 = a0;
    ShortVector a3 = a0;
    ShortVector b0 = a0;
    ShortVector b1 = a0;
    ShortVector b2 = a0;
    ShortVector b3 = a0;
    ShortVector c0 = a0;
    ShortVector c1 = a0;
    ShortVector c2 = a0;
    ShortVector c3 = a0;
    ShortVector d0 = a0;
    ShortVector d1 = a0;
    ShortVector d2 = a0;
    ShortVector d3 = a0;
    for (int g = 0; g < groups; g++) {
      int from = at + g * 128;
      ShortVector x0 = ShortVector.fromArray(S, index, from);
      ShortVector x1 = ShortVector.fromArray(S, index, from + 1 * LANES);
      ShortVector x2 = ShortVector.fromArray(S, index, from + 2 * LANES);
      ShortVector x3 = ShortVector.fromArray(S, index, from + 3 * LANES);
      ShortVector t = ShortVector.fromArray(S, tables, t0 + g * LANES);
      a0 = x0.selectFrom(t).add(a0);
      a1 = x1.selectFrom(t).add(a1);
      a2 = x2.selectFrom(t).add(a2);
      a3 = x3.selectFrom(t).add(a3);
      t = ShortVector.fromArray(S, tables, t1 + g * LANES);
      b0 = x0.selectFrom(t).add(b0);
      b1 = x1.selectFrom(t).add(b1);
      b2 = x2.selectFrom(t).add(b2);
      b3 = x3.selectFrom(t).add(b3);
      t = ShortVector.fromArray(S, tables, t2 + g * LANES);
      c0 = x0.selectFrom(t).add(c0);
      c1 = x1.selectFrom(t).add(c1);
      c2 = x2.selectFrom(t).add(c2);
      c3 = x3.selectFrom(t).add(c3);
      t = ShortVector.fromArray(S, tables, t3 + g * LANES);
      d0 = x0.selectFrom(t).add(d0);
      d1 = x1.selectFrom(t).add(d1);
      d2 = x2.selectFrom(t).add(d2);
      d3 = x3.selectFrom(t).add(d3);
    }
    a0.intoArray(tables, to);
    a1.intoArray(tables, to + LANES);
    a2.intoArray(tables, to + 2 * LANES);
    a3.intoArray(tables, to + 3 * LANES);
    b0.intoArray(tables, to + 4 * LANES);
    b1.intoArray(tables, to + 5 * LANES);
    b2.intoArray(tables, to + 6 * LANES);
    b3.intoArray(tables, to + 7 * LANES);
    c0.intoArray(tables, to + 8 * LANES);
    c1.intoArray(tables, to + 9 * LANES);
    c2.intoArray(tables, to + 10 * LANES);
    c3.intoArray(tables, to + 11 * LANES);
    d0.intoArray(tables, to + 12 * LANES);
    d1.intoArray(tables, to + 13 * LANES);
    d2.intoArray(tables, to + 14 * LANES);
    d3.intoArray(tables, to + 15 * LANES);
  }

  /** Sums as floats, stored or added. */
  private static void drain(short[] sums, int at, int count, boolean adds, float[] y, int to) {
    if (adds) {
      for (int n = 0; n < count; n += LANES) {
        add(ShortVector.fromArray(S, sums, at + n), y, to + n);
      }
    } else {
      for (int n = 0; n < count; n += LANES) {
        store(ShortVector.fromArray(S, sums, at + n), y, to + n);
      }
    }
  }

  /** 64 columns of one row. */
  private static void one(
      int groups, short[] index, int at, int step, short[] tables, int table, int to) {
    ShortVector a0 = ShortVector.zero(S);
    ShortVector a1 = a0;
    for (int g = 0; g < groups; g++) {
      ShortVector t = ShortVector.fromArray(S, tables, table + g * LANES);
      a0 = ShortVector.fromArray(S, index, at + g * step).selectFrom(t).add(a0);
      a1 = ShortVector.fromArray(S, index, at + g * step + LANES).selectFrom(t).add(a1);
    }
    a0.intoArray(tables, to);
    a1.intoArray(tables, to + LANES);
  }

  private static void store(ShortVector sums, float[] y, int to) {
    floats(sums, 0).intoArray(y, to);
    floats(sums, 1).intoArray(y, to + 16);
  }

  private static void add(ShortVector sums, float[] y, int to) {
    floats(sums, 0).add(FloatVector.fromArray(F, y, to)).intoArray(y, to);
    floats(sums, 1).add(FloatVector.fromArray(F, y, to + 16)).intoArray(y, to + 16);
  }

  private static FloatVector floats(ShortVector sums, int half) {
    IntVector wide = (IntVector) sums.convertShape(VectorOperators.S2I, I, half);
    return (FloatVector) wide.convertShape(VectorOperators.I2F, F, 0);
  }
}
