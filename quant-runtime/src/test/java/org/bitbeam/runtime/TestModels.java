package org.bitbeam.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/** The small ONNX models that make_models.py made. */
final class TestModels {
  private TestModels() {}

  static byte[] onnx(String name) {
    try (InputStream in = TestModels.class.getResourceAsStream("/onnx/" + name + ".onnx")) {
      if (in == null) {
        throw new IllegalStateException("no test model " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Two entries of every type, as identity.onnx wants them. */
  static Map<String, Tensor> identityInputs() {
    return Map.of(
        "f32", Tensor.of(new float[] {1, -2.5f, Float.NaN, 0, -0f, 1e30f}, 2, 3),
        "f64", Tensor.of(new double[] {1e300, -1}, 2),
        "i64", Tensor.of(new long[] {Long.MIN_VALUE, 7}, 2),
        "i32", Tensor.of(new int[] {Integer.MIN_VALUE, 7}, 2),
        "i8", Tensor.of(new byte[] {-128, 127}, 2),
        "u8", Tensor.ofUnsigned(new byte[] {-1, 0}, 2),
        "b", Tensor.of(new boolean[] {true, false}, 2));
  }
}
