package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of codes and signs without multiplications, for as many rows at a time as an int16
 * vector has lanes: the 27 signed sums of three codes of all these rows are a table of vectors, of
 * which each output adds one (method of the four Russians; Arlazarov et al. 1970). Unlike {@link
 * LookupKernels} it needs no permutations, so it works at all widths and from JDK 17 on. Sums are
 * int16, exact for up to 258 inputs: more are cut into spans, whose sums are added as floats, exact
 * below 2^24.
 */
final class FourRussians {
  private static final VectorSpecies<Short> S = VectorKernels.F.withLanes(short.class);
  private static final int L = S.length();
  private static final int ENTRIES = 27;

  /** Groups of three inputs that one word is about: a byte for each, eight tables. */
  private static final int GROUPS = 8;

  private static final int INPUTS = 3 * GROUPS;
  private static final int TABLES = GROUPS * ENTRIES * L;
  private static final int TILE = 128; // inputs or outputs whose vectors stay in the first cache
  private static final int SPAN = 10; // blocks; 10 * 24 * 127 < 2^15

  private FourRussians() {}

  static boolean fits(int inputs) {
    return inputs >= INPUTS;
  }

  private static int blocks(int inputs) {
    return (inputs + INPUTS - 1) / INPUTS;
  }

  /** For each block of inputs and each output a word: which entries it adds. */
  static long[] pack(float[] signs, int inputs, int wide) {
    int blocks = blocks(inputs);
    long[] words = new long[Math.multiplyExact(blocks, wide)];
    for (int b = 0; b < blocks; b++) {
      for (int n = 0; n < wide; n++) {
        long word = 0;
        for (int g = 0; g < GROUPS; g++) {
          int entry = 0;
          for (int k = b * INPUTS + 3 * g; k < b * INPUTS + 3 * g + 3; k++) {
            entry = 3 * entry + (k < inputs ? (int) signs[k * wide + n] : 0) + 1;
          }
          word |= (long) (g * ENTRIES + entry) << 8 * g;
        }
        words[b * wide + n] = word;
      }
    }
    return words;
  }

  static void multiply(Frame frame, int rows, float[] codes, SignMatrix matrix, float[] y, int to) {
    int inputs = matrix.inputs();
    int wide = matrix.wide();
    int blocks = blocks(inputs);
    int tables = blocks * INPUTS * L; // behind the codes; behind the tables the sums
    int sums = tables + TABLES;
    short[] memory = frame.shorts(sums + wide * L);
    for (int row = 0; row < rows; row += L) {
      int count = Math.min(L, rows - row);
      transpose(codes, row * inputs, count, inputs, memory, tables);
      for (int b = 0; b < blocks; b++) {
        tables(memory, b * INPUTS * L, tables);
        if (b % SPAN == 0) {
          Arrays.fill(memory, sums, sums + wide * L, (short) 0);
        }
        add(matrix.words(), b * wide, wide, memory, tables, sums);
        if (b % SPAN == SPAN - 1 || b == blocks - 1) {
          drain(memory, sums, count, wide, b >= SPAN, y, to + row * wide);
        }
      }
    }
  }

  /** Codes by input, then row; zero where there is none. */
  private static void transpose(
      float[] codes, int at, int rows, int inputs, short[] memory, int size) {
    Arrays.fill(memory, rows < L ? 0 : inputs * L, size, (short) 0);
    for (int tile = 0; tile < inputs; tile += TILE) {
      int end = Math.min(inputs, tile + TILE);
      for (int row = 0; row < rows; row++) {
        int from = at + row * inputs;
        for (int k = tile; k < end; k++) {
          memory[k * L + row] = (short) codes[from + k];
        }
      }
    }
  }

  /** The signed sums of three inputs each: entry 9a + 3b + c + 13 is a x0 + b x1 + c x2. */
  private static void tables(short[] memory, int at, int to) {
    for (int g = 0; g < GROUPS; g++) {
      int table = to + g * ENTRIES * L;
      middle(memory, at + (3 * g + 1) * L, table + 9 * L);
      outer(memory, at + 3 * g * L, table);
    }
  }

  /** The nine entries without x0. */
  private static void middle(short[] memory, int at, int to) {
    ShortVector x1 = ShortVector.fromArray(S, memory, at);
    ShortVector x2 = ShortVector.fromArray(S, memory, at + L);
    ShortVector zero = ShortVector.zero(S);
    ShortVector sum = x1.add(x2);
    ShortVector difference = x1.sub(x2);
    zero.sub(sum).intoArray(memory, to);
    zero.sub(x1).intoArray(memory, to + L);
    zero.sub(difference).intoArray(memory, to + 2 * L);
    zero.sub(x2).intoArray(memory, to + 3 * L);
    zero.intoArray(memory, to + 4 * L);
    x2.intoArray(memory, to + 5 * L);
    difference.intoArray(memory, to + 6 * L);
    x1.intoArray(memory, to + 7 * L);
    sum.intoArray(memory, to + 8 * L);
  }

  /** Those with it, negative and positive. */
  private static void outer(short[] memory, int at, int to) {
    ShortVector x0 = ShortVector.fromArray(S, memory, at);
    for (int e = 0; e < 9; e++) {
      ShortVector rest = ShortVector.fromArray(S, memory, to + (9 + e) * L);
      rest.sub(x0).intoArray(memory, to + e * L);
      rest.add(x0).intoArray(memory, to + (18 + e) * L);
    }
  }

  private static void add(long[] words, int at, int outputs, short[] memory, int tables, int sums) {
    for (int n = 0; n < outputs; n++) {
      int low = (int) words[at + n];
      int high = (int) (words[at + n] >>> 32);
      ShortVector a = entry(memory, tables, low).add(entry(memory, tables, low >>> 8));
      ShortVector b = entry(memory, tables, low >>> 16).add(entry(memory, tables, low >>> 24));
      ShortVector c = entry(memory, tables, high).add(entry(memory, tables, high >>> 8));
      ShortVector d = entry(memory, tables, high >>> 16).add(entry(memory, tables, high >>> 24));
      ShortVector before = ShortVector.fromArray(S, memory, sums + n * L);
      a.add(b).add(c.add(d)).add(before).intoArray(memory, sums + n * L);
    }
  }

  private static ShortVector entry(short[] memory, int tables, int number) {
    return ShortVector.fromArray(S, memory, tables + (number & 255) * L);
  }

  /** Sums by row, as floats, stored or added. */
  private static void drain(
      short[] memory, int sums, int rows, int outputs, boolean adds, float[] y, int to) {
    for (int tile = 0; tile < outputs; tile += TILE) {
      int end = Math.min(outputs, tile + TILE);
      for (int row = 0; row < rows; row++) {
        int into = to + row * outputs;
        int from = sums + row;
        if (adds) {
          for (int n = tile; n < end; n++) {
            y[into + n] += memory[from + n * L];
          }
        } else {
          for (int n = tile; n < end; n++) {
            y[into + n] = memory[from + n * L];
          }
        }
      }
    }
  }
}
