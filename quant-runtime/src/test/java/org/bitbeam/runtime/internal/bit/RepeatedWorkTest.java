package org.bitbeam.runtime.internal.bit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Padding is computed once or not at all; not a bit may change by that. */
class RepeatedWorkTest {
  private static final Kernels KERNELS = KernelChoice.best();

  @Test
  void aRepeatedRowIsFoundAndSignsOfZerosAreTold() {
    float[] x = new float[20 * 3];
    for (int row = 0; row < 10; row++) {
      Arrays.fill(x, row * 3, row * 3 + 3, row); // rows 10 to 19 are zero, as row 0
    }
    x[19 * 3 + 1] = -0f;
    int[] first = EqualRows.find(new Frame(0), x, 20, 3);
    assertNotNull(first);
    int[] expected = new int[20];
    Arrays.setAll(expected, row -> row < 10 || row == 19 ? row : 0);
    assertArrayEquals(expected, Arrays.copyOf(first, 20));
  }

  @Test
  void differentRowsAreLeftAlone() {
    float[] x = new float[1000 * 40];
    for (int row = 0; row < 1000; row++) {
      x[row * 40 + 1] = row; // not among the elements that are hashed
    }
    assertNull(EqualRows.find(new Frame(0), x, 1000, 40));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 7})
  void layersOnRepeatedRowsGiveWhatEachRowGivesAlone(int kinds) {
    Random random = new Random(kinds);
    int inputs = 24;
    int outputs = 20;
    FloatArray weights = array(random, inputs, outputs);
    Dense layer = Dense.of(KERNELS, 0, 1, weights, array(random, outputs), Activation.GELU, 0);
    FloatArray x = mixed(random, 90, inputs, kinds);
    float[] all = result(layer, x);
    for (int row = 0; row < 90; row++) {
      float[] alone = result(layer, rows(x, row, inputs));
      float[] same = Arrays.copyOfRange(all, row * outputs, (row + 1) * outputs);
      assertArrayEquals(alone, same, "row " + row);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void convolutionsOnRepeatedPlacesGiveWhatEachGroupGivesAlone(boolean mean) {
    Random random = new Random(4);
    int channels = 5;
    int points = 30;
    int neighbours = 21;
    List<PointConvolution.Layer> layers =
        List.of(
            PointConvolution.Layer.of(
                KERNELS, array(random, 32, channels), array(random, 32), Activation.GELU, 0),
            PointConvolution.Layer.of(
                KERNELS, array(random, 18, 32), array(random, 18), Activation.NONE, 0));
    Reduction reduction =
        mean ? new Reduction(KERNELS, Reduction.Kind.MEAN, 2, 1, -1, false, frame -> {}) : null;
    PointConvolution whole = new PointConvolution(KERNELS, 0, 1, layers, reduction, 2);
    FloatArray x = array(random, 2, channels, points, neighbours);
    for (int n = 0; n < 2; n++) {
      for (int c = 0; c < channels; c++) {
        for (int p = n == 0 ? 12 : 25; p < points; p++) { // padding
          int at = ((n * channels + c) * points + p) * neighbours;
          Arrays.fill(x.values(), at, at + neighbours, c);
        }
      }
    }
    float[] all = result(whole, x);
    PointConvolution plain = new PointConvolution(KERNELS, 0, 2, layers, null, 2);
    Reduction after = new Reduction(KERNELS, Reduction.Kind.MEAN, 2, 1, -1, false, frame -> {});
    int group = mean ? 1 : neighbours;
    for (int n = 0; n < 2; n++) {
      for (int p = 0; p < points; p++) {
        float[] one = new float[channels * neighbours];
        for (int c = 0; c < channels; c++) {
          int at = ((n * channels + c) * points + p) * neighbours;
          System.arraycopy(x.values(), at, one, c * neighbours, neighbours);
        }
        Frame frame = new Frame(3);
        float[] alone = new float[18 * neighbours];
        for (int k = 0; k < neighbours; k++) { // place by place: nothing to compare with
          float[] place = new float[channels];
          for (int c = 0; c < channels; c++) {
            place[c] = one[c * neighbours + k];
          }
          float[] y = result(plain, new FloatArray(new int[] {1, channels, 1, 1}, place), 2);
          for (int c = 0; c < 18; c++) {
            alone[c * neighbours + k] = y[c];
          }
        }
        if (mean) {
          frame.put(2, new FloatArray(new int[] {1, 18, 1, neighbours}, alone));
          after.bind(frame);
          alone = ((FloatArray) frame.get(1)).values();
        }
        for (int c = 0; c < 18; c++) {
          for (int k = 0; k < group; k++) {
            assertEquals(
                alone[c * group + k],
                all[((n * 18 + c) * points + p) * group + k],
                "entry " + n + ", channel " + c + ", point " + p);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {0, -1e9f, Float.NEGATIVE_INFINITY, -20})
  void attentionLeavesOutOnlyKeysWithoutWeight(float masked) {
    Random random = new Random(5);
    int tokens = 37;
    int real = 14;
    int depth = 8;
    FloatArray q = array(random, 2, tokens, depth);
    FloatArray k = array(random, 2, depth, tokens);
    FloatArray v = array(random, 2, tokens, depth);
    FloatArray bias = array(random, 2, tokens, tokens);
    for (int n = 0; n < 2; n++) {
      for (int row = 0; row < tokens; row++) {
        int line = (n * tokens + row) * tokens;
        for (int c = real; c < tokens; c++) {
          bias.values()[line + c] = masked;
        }
        if (row > real) { // padding: the same query, the same bias
          System.arraycopy(bias.values(), line - tokens, bias.values(), line, tokens);
          int at = (n * tokens + row) * depth;
          System.arraycopy(q.values(), at - depth, q.values(), at, depth);
        }
      }
    }
    Frame frame = new Frame(5);
    frame.put(0, q);
    frame.put(1, k);
    frame.put(2, v);
    frame.put(3, bias);
    new Attention(KERNELS, new int[] {0, 1, 2, 3}, 4, 0.35f).bind(frame);
    float[] found = ((FloatArray) frame.get(4)).values();
    for (int n = 0; n < 2; n++) {
      for (int row = 0; row < tokens; row++) {
        float[] weights = new float[Kernels.padded(tokens)];
        for (int c = 0; c < tokens; c++) {
          float score = 0;
          for (int d = 0; d < depth; d++) {
            score =
                Math.fma(
                    q.values()[(n * tokens + row) * depth + d],
                    k.values()[(n * depth + d) * tokens + c],
                    score);
          }
          weights[c] = Math.fma(score, 0.35f, bias.values()[(n * tokens + row) * tokens + c]);
        }
        KERNELS.softmax(weights, 0, tokens, new float[Kernels.WORK]);
        for (int d = 0; d < depth; d++) {
          float sum = 0;
          for (int c = 0; c < tokens; c++) {
            sum = Math.fma(weights[c], v.values()[(n * tokens + c) * depth + d], sum);
          }
          assertEquals(sum, found[(n * tokens + row) * depth + d], "row " + row);
        }
      }
    }
  }

  @Test
  void aValueThatIsNotFiniteIsNotLeftOut() {
    FloatArray ones = array(new Random(6), 12, 4);
    FloatArray k = array(new Random(7), 4, 12);
    FloatArray bias = new FloatArray(new int[] {12, 12}, new float[144]);
    for (int i = 0; i < 144; i++) {
      bias.values()[i] = i % 12 < 6 ? 0 : -1e9f;
    }
    ones.values()[11 * 4] = Float.POSITIVE_INFINITY;
    Frame frame = new Frame(5);
    frame.put(0, array(new Random(8), 12, 4));
    frame.put(1, k);
    frame.put(2, ones);
    frame.put(3, bias);
    new Attention(KERNELS, new int[] {0, 1, 2, 3}, 4, 1).bind(frame);
    assertTrue(Float.isNaN(((FloatArray) frame.get(4)).values()[0]), "0 * infinity");
  }

  private static float[] result(Instruction instruction, FloatArray x) {
    return result(instruction, x, 1);
  }

  private static float[] result(Instruction instruction, FloatArray x, int slot) {
    Frame frame = new Frame(3);
    frame.put(0, x);
    instruction.bind(frame);
    return ((FloatArray) frame.get(slot)).values();
  }

  private static FloatArray rows(FloatArray x, int row, int width) {
    return new FloatArray(
        new int[] {1, width}, Arrays.copyOfRange(x.values(), row * width, (row + 1) * width));
  }

  /** Rows of which some are one of a few kinds; without kinds all differ. */
  private static FloatArray mixed(Random random, int rows, int width, int kinds) {
    FloatArray x = array(random, rows, width);
    for (int row = kinds; row < rows && kinds > 0; row++) {
      if (random.nextInt(3) > 0) {
        int kind = random.nextInt(kinds);
        System.arraycopy(x.values(), kind * width, x.values(), row * width, width);
      }
    }
    return x;
  }

  private static FloatArray array(Random random, int... shape) {
    float[] x = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return new FloatArray(shape, x);
  }
}
