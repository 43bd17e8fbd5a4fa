package org.bitbeam.runtime.internal.bit;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Kernels#combine} and {@link Kernels#select} of whole vectors. A loop an operation: with
 * the operation as a parameter the compiler would make objects of the vectors. Nor does a method
 * take a mask: where its class is not loaded yet the compiler does not join the method.
 */
final class PairKernels {
  private static final VectorSpecies<Float> F = VectorKernels.F;
  private static final FloatVector ZERO = FloatVector.zero(F);
  private static final FloatVector ONE = FloatVector.broadcast(F, 1f);

  private PairKernels() {}

  /** Whole vectors of the first {@code count} elements; returns how many elements those are. */
  static int combine(
      Pair pair, float[] a, int aAt, float[] b, int bAt, float[] y, int to, int count) {
    int whole = F.loopBound(count);
    switch (pair) {
      case ADD -> add(a, aAt, b, bAt, y, to, whole);
      case SUBTRACT -> subtract(a, aAt, b, bAt, y, to, whole);
      case MULTIPLY, AND -> multiply(a, aAt, b, bAt, y, to, whole);
      case DIVIDE -> divide(a, aAt, b, bAt, y, to, whole);
      case MIN -> min(a, aAt, b, bAt, y, to, whole);
      case MAX, OR -> max(a, aAt, b, bAt, y, to, whole);
      case EQUAL -> equal(a, aAt, b, bAt, y, to, whole);
      case XOR -> unequal(a, aAt, b, bAt, y, to, whole);
      case GREATER -> greater(a, aAt, b, bAt, y, to, whole);
      case GREATER_OR_EQUAL -> greaterOrEqual(a, aAt, b, bAt, y, to, whole);
      case LESS -> greater(b, bAt, a, aAt, y, to, whole);
      case LESS_OR_EQUAL -> greaterOrEqual(b, bAt, a, aAt, y, to, whole);
    }
    return whole;
  }

  private static FloatVector at(float[] x, int i) {
    return FloatVector.fromArray(F, x, i);
  }

  private static void add(float[] a, int aAt, float[] b, int bAt, float[] y, int to, int count) {
    for (int i = 0; i < count; i += F.length()) {
      at(a, aAt + i).add(at(b, bAt + i)).intoArray(y, to + i);
    }
  }

  private static void subtract(
      float[] a, int aAt, float[] b, int bAt, float[] y, int to, int count) {
    for (int i = 0; i < count; i += F.length()) {
      at(a, aAt + i).sub(at(b, bAt + i)).intoArray(y, to + i);
    }
  }

  private static void multiply(
      float[] a, int aAt, float[] b, int bAt, float[] y, int to, int count) {
    for (int i = 0; i < count; i += F.length()) {
      at(a, aAt + i).mul(at(b, bAt + i)).intoArray(y, to + i);
    }
  }

  private static void divide(float[] a, int aAt, float[] b, int bAt, float[] y, int to, int count) {
    for (int i = 0; i < count; i += F.length()) {
      at(a, aAt + i).div(at(b, bAt + i)).intoArray(y, to + i);
    }
  }

  private static void min(float[] a, int aAt, float[] b, int bAt, float[] y, int to, int count) {
    for (int i = 0; i < count; i += F.length()) {
      at(a, aAt + i).min(at(b, bAt + i)).intoArray(y, to + i);
    }
  }

  private static void max(float[] a, int aAt, float[] b, int bAt, float[] y, int to, int count) {
    for (int i = 0; i < count; i += F.length()) {
      at(a, aAt + i).max(at(b, bAt + i)).intoArray(y, to + i);
    }
  }

  private static void equal(float[] a, int aAt, float[] b, int bAt, float[] y, int to, int count) {
    for (int i = 0; i < count; i += F.length()) {
      ZERO.blend(ONE, at(a, aAt + i).compare(VectorOperators.EQ, at(b, bAt + i)))
          .intoArray(y, to + i);
    }
  }

  private static void unequal(
      float[] a, int aAt, float[] b, int bAt, float[] y, int to, int count) {
    for (int i = 0; i < count; i += F.length()) {
      ZERO.blend(ONE, at(a, aAt + i).compare(VectorOperators.NE, at(b, bAt + i)))
          .intoArray(y, to + i);
    }
  }

  private static void greater(
      float[] a, int aAt, float[] b, int bAt, float[] y, int to, int count) {
    for (int i = 0; i < count; i += F.length()) {
      ZERO.blend(ONE, at(a, aAt + i).compare(VectorOperators.GT, at(b, bAt + i)))
          .intoArray(y, to + i);
    }
  }

  private static void greaterOrEqual(
      float[] a, int aAt, float[] b, int bAt, float[] y, int to, int count) {
    for (int i = 0; i < count; i += F.length()) {
      ZERO.blend(ONE, at(a, aAt + i).compare(VectorOperators.GE, at(b, bAt + i)))
          .intoArray(y, to + i);
    }
  }

  /** The same of a choice by a mask. */
  static int select(
      float[] mask,
      int maskAt,
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      float[] y,
      int to,
      int count) {
    int whole = F.loopBound(count);
    for (int i = 0; i < whole; i += F.length()) {
      VectorMask<Float> holds = at(mask, maskAt + i).compare(VectorOperators.NE, ZERO);
      at(b, bAt + i).blend(at(a, aAt + i), holds).intoArray(y, to + i);
    }
    return whole;
  }
}
