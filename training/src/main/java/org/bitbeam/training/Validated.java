package org.bitbeam.training;

import java.io.IOException;

/**
 * What a network gives for all rows of a sample, in its fixed order.
 *
 * @param outputs of shape (rows, outputs), in row-major order
 * @param truth a value a row
 */
record Validated(float[] outputs, float[] truth) {
  private static final int BATCH = 512;

  /** A network. */
  interface Rows {
    /** Its outputs for a batch, row by row. */
    float[] outputs(JetBatch batch);
  }

  static Validated of(BatchStream sample, Rows network) throws IOException {
    float[] truth = new float[sample.rows()];
    float[][] outputs = {new float[0]};
    int[] at = {0};
    sample.inOrder(
        BATCH,
        (step, batch) -> {
          float[] some = network.outputs(batch);
          int width = some.length / batch.jets();
          if (at[0] == 0) {
            outputs[0] = new float[truth.length * width];
          }
          System.arraycopy(some, 0, outputs[0], at[0] * width, some.length);
          System.arraycopy(batch.truth(), 0, truth, at[0], batch.jets());
          at[0] += batch.jets();
          return true;
        });
    return new Validated(outputs[0], truth);
  }
}
