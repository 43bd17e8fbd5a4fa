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
 * inputs.
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
    return inputs <= MAX_INPUTS && inputs >= 24 && wide % 64 == 0;
  }

  /** Whether lookups beat multiplications: tables pay off over many columns, or for single rows. */
  static boolean pays(int rows, int wide) {
    return rows < ROWS || wide % 128 == 0;
  }

  private static int groups(int inputs) {
    return (inputs + 2) / 3;
  }

  /** Columns of a block: 128, or 64 for the last one. */
  private static int width(int wide, int from) {
    return wide - from >= 128 ? 128 : 64;
  }

  /** Table entries by block of columns, group of inputs, column. */
  static short[] pack(float[] signs, int inputs, int wide) {
    int groups = groups(inputs);
    short[] packed = new short[groups * wide];
    int at = 0;
    for (int from = 0; from < wide; from += width(wide, from)) {
      for (int g = 0; g < groups; g++) {
        for (int n = from; n < from + width(wide, from); n++) {
          int entry = 0;
          for (int k = 3 * g; k < 3 * g + 3; k++) {
            entry = 3 * entry + (k < inputs ? (int) signs[k * wide + n] : 0) + 1;
          }
          packed[at++] = (short) entry;
        }
      }
    }
    return packed;
  }

  static void multiply(Frame frame, int rows, float[] codes, SignMatrix matrix, float[] y, int to) {
    int inputs = matrix.inputs();
    int wide = matrix.wide();
    int groups = groups(inputs);
    int sums = ROWS * groups * LANES; // behind the tables, 128 sums of each row
    short[] tables = frame.shorts(sums + ROWS * 128);
    for (int row = 0; row < rows; row += ROWS) {
      int count = Math.min(ROWS, rows - row);
      for (int i = 0; i < count; i++) {
        table(codes, (row + i) * inputs, inputs, tables, i * groups * LANES);
      }
      int at = 0;
      for (int from = 0; from < wide; from += width(wide, from)) {
        int width = width(wide, from);
        int out = to + row * wide + from;
        if (count < ROWS) {
          for (int i = 0; i < count; i++) {
            for (int n = 0; n < width; n += 64) {
              one(
                  groups,
                  matrix.table(),
                  at + n,
                  width,
                  tables,
                  i * groups * LANES,
                  y,
                  out + i * wide + n);
            }
          }
        } else {
          four(groups, matrix.table(), at, tables, sums);
          for (int i = 0; i < ROWS; i++) {
            drain(tables, sums + i * 128, 128, y, out + i * wide);
          }
        }
        at += groups * width;
      }
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
  private static void four(int groups, short[] index, int at, short[] tables, int to) {
    int t1 = groups * LANES;
    int t2 = 2 * t1;
    int t3 = 3 * t1;
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
      ShortVector t = ShortVector.fromArray(S, tables, g * LANES);
      a0 = a0.add(x0.selectFrom(t));
      a1 = a1.add(x1.selectFrom(t));
      a2 = a2.add(x2.selectFrom(t));
      a3 = a3.add(x3.selectFrom(t));
      t = ShortVector.fromArray(S, tables, t1 + g * LANES);
      b0 = b0.add(x0.selectFrom(t));
      b1 = b1.add(x1.selectFrom(t));
      b2 = b2.add(x2.selectFrom(t));
      b3 = b3.add(x3.selectFrom(t));
      t = ShortVector.fromArray(S, tables, t2 + g * LANES);
      c0 = c0.add(x0.selectFrom(t));
      c1 = c1.add(x1.selectFrom(t));
      c2 = c2.add(x2.selectFrom(t));
      c3 = c3.add(x3.selectFrom(t));
      t = ShortVector.fromArray(S, tables, t3 + g * LANES);
      d0 = d0.add(x0.selectFrom(t));
      d1 = d1.add(x1.selectFrom(t));
      d2 = d2.add(x2.selectFrom(t));
      d3 = d3.add(x3.selectFrom(t));
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

  /** Sums as floats. */
  private static void drain(short[] sums, int at, int count, float[] y, int to) {
    for (int n = 0; n < count; n += LANES) {
      store(ShortVector.fromArray(S, sums, at + n), y, to + n);
    }
  }

  /** 64 columns of one row. */
  private static void one(
      int groups, short[] index, int at, int step, short[] tables, int table, float[] y, int to) {
    ShortVector a0 = ShortVector.zero(S);
    ShortVector a1 = a0;
    for (int g = 0; g < groups; g++) {
      ShortVector t = ShortVector.fromArray(S, tables, table + g * LANES);
      a0 = a0.add(ShortVector.fromArray(S, index, at + g * step).selectFrom(t));
      a1 = a1.add(ShortVector.fromArray(S, index, at + g * step + LANES).selectFrom(t));
    }
    store(a0, y, to);
    store(a1, y, to + LANES);
  }

  private static void store(ShortVector sums, float[] y, int to) {
    IntVector low = (IntVector) sums.convertShape(VectorOperators.S2I, I, 0);
    IntVector high = (IntVector) sums.convertShape(VectorOperators.S2I, I, 1);
    ((FloatVector) low.convertShape(VectorOperators.I2F, F, 0)).intoArray(y, to);
    ((FloatVector) high.convertShape(VectorOperators.I2F, F, 0)).intoArray(y, to + 16);
  }
}
