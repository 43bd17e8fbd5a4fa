package org.bitbeam.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class WeightQuantiserTest {
  /** Numbers by hand; the median of an even number is the lower one of the middle, as PyTorch's. */
  @Test
  void medianIsTheScale() {
    float[] odd = {0.1f, -0.2f, 0.4f, -0.8f, 0.05f};
    assertArrayEquals(
        new float[] {0, -0.2f, 0.2f, -0.2f, 0},
        WeightQuantiser.quantise(odd, 1, LayerPrecision.TERNARY_MEDIAN));
    float[] even = {0.1f, -0.3f, 0.5f, -0.7f};
    assertArrayEquals(
        new float[] {0, -0.3f, 0.3f, -0.3f},
        WeightQuantiser.quantise(even, 2, LayerPrecision.TERNARY_MEDIAN));
    assertArrayEquals(
        new float[] {0, 0},
        WeightQuantiser.quantise(new float[2], 1, LayerPrecision.TERNARY_MEDIAN));
  }

  @Test
  void meanIsTheScaleOfTheOthers() {
    float[] weights = {0.1f, -0.3f, 0.5f, -0.7f}; // mean of magnitudes 0.4, mean -0.1
    assertArrayEquals(
        new float[] {0, -0.4f, 0.4f, -0.4f},
        WeightQuantiser.quantise(weights, 2, LayerPrecision.TERNARY),
        1e-7f);
    assertArrayEquals(
        new float[] {0.4f, -0.4f, 0.4f, -0.4f},
        WeightQuantiser.quantise(weights, 2, LayerPrecision.BINARY),
        1e-7f);
  }
}
