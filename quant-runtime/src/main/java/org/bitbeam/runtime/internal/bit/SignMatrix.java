package org.bitbeam.runtime.internal.bit;

/**
 * Signs of a BitLinear layer in the forms that kernels multiply by. Immutable.
 *
 * @param inputs K
 * @param wide padded number of outputs
 * @param signs -1, 0, +1 in {@link Panels}
 * @param table forms for lookups of three inputs at a time; empty where kernels do without
 * @param words entries of the tables of {@link FourRussians}; empty where kernels do without
 * @param bytes the signs once more, a byte each, for few rows; empty where kernels do without
 */
record SignMatrix(int inputs, int wide, float[] signs, short[] table, long[] words, byte[] bytes) {}
