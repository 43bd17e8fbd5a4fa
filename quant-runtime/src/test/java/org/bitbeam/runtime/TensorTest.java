package org.bitbeam.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class TensorTest {

  @Test
  void shapeMustHoldTheValues() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Tensor.of(new float[5], 2, 3));
    assertEquals("shape [2, 3] does not hold 5 values", e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> Tensor.of(new float[1], -1, -1));
    assertThrows(IllegalArgumentException.class, () -> Tensor.sizeOf(1 << 16, 1 << 16));
    assertThrows(IllegalArgumentException.class, () -> Tensor.sizeOf(0, -1));
    // A product that overflows to the right number is not the right number.
    assertThrows(
        IllegalArgumentException.class, () -> Tensor.of(new float[0], 1 << 16, 1 << 16, 1 << 16));
    assertEquals(0, Tensor.sizeOf(Integer.MAX_VALUE, Integer.MAX_VALUE, 0));
  }

  @Test
  void shapeWithoutAxesIsASingleValue() {
    Tensor scalar = Tensor.of(new double[] {3});
    assertEquals(0, scalar.rank());
    assertEquals(1, scalar.size());
    assertEquals(3, scalar.getDouble(0));
  }

  @Test
  void valuesComeOutInTheirOwnTypeOnly() {
    Tensor floats = Tensor.of(new float[] {1, 2}, 2);
    assertEquals(2, floats.floats()[1]);
    IllegalStateException e = assertThrows(IllegalStateException.class, floats::doubles);
    assertEquals("the tensor holds FLOAT32, not FLOAT64", e.getMessage());
    assertEquals(255, Tensor.ofUnsigned(new byte[] {-1}, 1).getDouble(0));
    assertEquals(-1, Tensor.of(new byte[] {-1}, 1).getDouble(0));
    assertEquals(1, Tensor.of(new boolean[] {true}, 1).getDouble(0));
  }

  @Test
  void equalityIsByTypeShapeAndBits() {
    Tensor a = Tensor.of(new float[] {0, Float.NaN}, 2);
    assertEquals(a, Tensor.of(new float[] {0, Float.NaN}, 2));
    assertEquals(a.hashCode(), Tensor.of(new float[] {0, Float.NaN}, 2).hashCode());
    assertNotEquals(a, Tensor.of(new float[] {-0f, Float.NaN}, 2));
    assertNotEquals(a, a.reshape(1, 2));
    assertNotEquals(Tensor.of(new byte[1], 1), Tensor.ofUnsigned(new byte[1], 1));
  }
}
