package org.bitbeam.runtime.internal.bit;

/** A mask as the numbers 0 and 1: the same array, seen as floats. */
record MaskCast(int in, int out, Instruction fallback) implements Instruction {
  @Override
  public void bind(Frame frame) {
    if (frame.isMask(in)) {
      frame.alias(out, in, frame.raw(in));
    } else {
      fallback.bind(frame);
    }
  }
}
