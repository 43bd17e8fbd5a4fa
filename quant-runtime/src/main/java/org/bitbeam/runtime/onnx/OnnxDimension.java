package org.bitbeam.runtime.onnx;

/** One dimension of a declared shape. */
public sealed interface OnnxDimension {
  /** A fixed size, not negative. */
  record Fixed(long size) implements OnnxDimension {}

  /** A size known at run time; equal names mean equal sizes. The name is empty if there is none. */
  record Symbolic(String name) implements OnnxDimension {}
}
