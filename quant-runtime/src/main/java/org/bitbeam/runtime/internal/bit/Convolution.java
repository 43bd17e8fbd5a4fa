package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;

/**
 * A convolution over planes in steps of one: each sum starts at the bias and takes the taps in the
 * order of channel, row, column; taps outside of the plane are left out.
 *
 * @param weights (N, K, rows, columns)
 * @param bias N numbers
 * @param top rows of padding above
 * @param left columns of padding before
 * @param bottom rows of padding below
 * @param right columns of padding behind
 */
record Convolution(
    int in,
    int out,
    FloatArray weights,
    float[] bias,
    int top,
    int left,
    int bottom,
    int right,
    Instruction fallback)
    implements Instruction {
  @Override
  public void bind(Frame frame) {
    int[] w = weights.shape();
    FloatArray x = frame.floats(in);
    if (x == null || x.rank() != 4 || x.shape()[1] != w[1]) {
      fallback.bind(frame);
      return;
    }
    int rows = x.shape()[2];
    int columns = x.shape()[3];
    int outRows = rows + top + bottom - w[2] + 1;
    int outColumns = columns + left + right - w[3] + 1;
    if (outRows <= 0 || outColumns <= 0) {
      fallback.bind(frame);
      return;
    }
    float[] y = frame.allocate(out, x.shape()[0], w[0], outRows, outColumns);
    frame.perform(() -> convolve(x, outRows, outColumns, y));
  }

  private void convolve(FloatArray x, int outRows, int outColumns, float[] y) {
    int[] w = weights.shape();
    int rows = x.shape()[2];
    int columns = x.shape()[3];
    for (int n = 0; n < x.shape()[0]; n++) {
      for (int o = 0; o < w[0]; o++) {
        int to = (n * w[0] + o) * outRows * outColumns;
        Arrays.fill(y, to, to + outRows * outColumns, bias[o]);
        for (int tap = 0; tap < w[1] * w[2] * w[3]; tap++) {
          int i = tap / (w[2] * w[3]);
          int down = tap / w[3] % w[2] - top;
          int across = tap % w[3] - left;
          float weight = weights.values()[o * w[1] * w[2] * w[3] + tap];
          int from = (n * w[1] + i) * rows * columns;
          int first = Math.max(0, -across);
          int count = Math.min(outColumns, columns - across) - first;
          for (int r = Math.max(0, -down); r < Math.min(outRows, rows - down); r++) {
            int start = from + (r + down) * columns + first + across;
            add(weight, x.values(), start, y, to + r * outColumns + first, count);
          }
        }
      }
    }
  }

  private static void add(float weight, float[] x, int at, float[] y, int to, int count) {
    for (int i = 0; i < count; i++) {
      y[to + i] = Math.fma(weight, x[at + i], y[to + i]);
    }
  }
}
