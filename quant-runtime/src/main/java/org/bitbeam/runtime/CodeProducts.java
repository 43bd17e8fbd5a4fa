package org.bitbeam.runtime;

/**
 * How the backend {@code bit} forms the integer sums of ternary and binary layers. All ways give
 * the same sums, and so the same results; they differ in speed only.
 */
public enum CodeProducts {
  /** The fastest on this machine, found by measuring the first passes of each layer's shape. */
  MEASURED,
  /** Fused multiply-adds of floats, exact below 2^24. Works everywhere. */
  MULTIPLIED,
  /** Tables of the signed sums of three codes; on 512-bit machines from JDK 24 on. */
  LOOKED_UP,
  /** Tables of the signed sums of three codes of many rows; with vectors, for many rows. */
  FOUR_RUSSIANS,
  /** ONNX Runtime's {@code MatMulInteger} of UINT8 codes and INT8 signs, for many rows. */
  ONNX_RUNTIME,
  /** Byte products of machine code; where {@link NativeProducts} are bound. */
  NATIVE
}
