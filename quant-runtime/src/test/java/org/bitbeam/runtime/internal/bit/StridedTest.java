package org.bitbeam.runtime.internal.bit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.Arrays;
import java.util.Random;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;
import org.junit.jupiter.api.Test;

/** Arrays read where they lie are those that a copy would have made. */
class StridedTest {
  private static final Kernels KERNELS = KernelChoice.best();

  private static final Instruction NONE =
      frame -> {
        throw new AssertionError("not needed");
      };

  private static FloatArray random(int seed, int... shape) {
    Random random = new Random(seed);
    float[] x = new float[Shapes.size(shape)];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return new FloatArray(shape, x);
  }

  @Test
  void transposedSplitAndSqueezed() {
    FloatArray x = random(1, 2, 5, 3, 4);
    Frame frame = new Frame(5);
    frame.put(0, x);
    new Transposition(0, 1, new int[] {2, 0, 3, 1}).bind(frame); // 3, 2, 4, 5
    new Split(1, new int[] {2, 3}, 0, new int[] {1, 2}, NONE).bind(frame);
    new Squeeze(2, 4, new int[] {0}, NONE).bind(frame);
    frame.release(1);
    for (int i = 0; i < 3; i++) {
      for (int a = 0; a < 2; a++) {
        for (int b = 0; b < 4; b++) {
          for (int c = 0; c < 5; c++) {
            float expected = x.values()[((a * 5 + c) * 3 + i) * 4 + b];
            int at = (a * 4 + b) * 5 + c;
            int slot = i == 0 ? 4 : 3;
            int from = i == 0 ? 0 : (i - 1) * 40;
            assertEquals(expected, ((FloatArray) frame.get(slot)).values()[from + at]);
          }
        }
      }
    }
    assertArrayEquals(new int[] {2, 4, 5}, frame.get(4).shape());
  }

  @Test
  void theArrayBehindAViewIsNotLentOutAgain() {
    Frame frame = new Frame(4);
    float[] first = frame.allocate(0, 6, 2);
    for (int i = 0; i < first.length; i++) {
      first[i] = i;
    }
    new Transposition(0, 1, null).bind(frame);
    frame.release(0);
    Arrays.fill(frame.allocate(2, 6, 2), -1);
    assertArrayEquals(
        new float[] {0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11},
        ((FloatArray) frame.get(1)).values()); // copied here, the array comes back
    assertSame(first, frame.allocate(3, 12));
  }

  @Test
  void attentionOfPartsOfOneArray() {
    for (int columns : new int[] {5, 16, 70}) {
      int heads = 3;
      int depth = 7;
      FloatArray x = random(columns, 2, columns, 3, heads, depth);
      FloatArray bias = random(9, 2, heads, columns, columns);
      for (int row = 0; columns > 16 && row < 2 * heads * columns; row++) { // padding
        Arrays.fill(bias.values(), row * columns + 40, (row + 1) * columns, -1e9f);
      }
      float[][] results = new float[2][];
      for (boolean copied : new boolean[] {false, true}) {
        Frame frame = new Frame(10);
        frame.put(0, x);
        new Transposition(0, 1, new int[] {2, 0, 3, 1, 4}).bind(frame);
        new Split(1, new int[] {2, 3, 4}, 0, new int[] {1, 1, 1}, NONE).bind(frame);
        for (int i = 2; i < 5; i++) {
          new Squeeze(i, i + 3, new int[] {0}, NONE).bind(frame);
        }
        new Transposition(6, 8, new int[] {0, 1, 3, 2}).bind(frame);
        frame.put(9, bias);
        for (int slot = 5; copied && slot < 9; slot++) {
          frame.get(slot);
        }
        new Attention(KERNELS, new int[] {5, 8, 7, 9}, 2, 0.4f).bind(frame);
        results[copied ? 1 : 0] = ((FloatArray) frame.get(2)).values().clone();
      }
      assertArrayEquals(results[1], results[0], "keys: " + columns);
    }
  }
}
