package org.bitbeam.runtime.internal.bit;

import org.bitbeam.runtime.internal.graph.Shapes;

/** Stores the rows of {@link RowParts}; element types other than float are left to the fallback. */
record Assembly(int[] in, int out, Instruction fallback) implements Instruction {
  @Override
  public void bind(Frame frame) {
    RowParts parts = RowParts.of(frame, in);
    if (parts == null) {
      fallback.bind(frame);
      return;
    }
    int[] shape = parts.shape();
    float[] y = frame.allocate(out, shape);
    int rows = Shapes.size(shape, 0, shape.length - 1);
    int width = shape[shape.length - 1];
    frame.perform(
        () -> {
          parts.restart();
          for (int row = 0; row < rows; row++) {
            parts.copy(y, row * width);
            parts.advance();
          }
        });
  }
}
