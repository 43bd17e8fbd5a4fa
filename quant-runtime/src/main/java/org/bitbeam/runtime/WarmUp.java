package org.bitbeam.runtime;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** What {@link Network#warmUp} does. */
final class WarmUp {
  private static final long LIMIT = 3_000_000_000L; // nanoseconds
  private static final int WINDOW = 8; // passes that are compared with those before
  private static final double SETTLED = 0.95;

  private WarmUp() {}

  static int run(Network network, int rows, int length) {
    if (rows < 1 || length < 1) {
      throw new IllegalArgumentException(
          network + ": cannot warm up with " + rows + " rows of length " + length);
    }
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (TensorInfo info : network.inputs()) {
      inputs.put(info.name(), filled(info, rows, length));
    }
    long start = System.nanoTime();
    long before = Long.MAX_VALUE;
    int passes = 0;
    while (System.nanoTime() - start < LIMIT) {
      long fastest = Long.MAX_VALUE;
      for (int i = 0; i < WINDOW && System.nanoTime() - start < LIMIT; i++) {
        long from = System.nanoTime();
        network.run(inputs);
        fastest = Math.min(fastest, System.nanoTime() - from);
        passes++;
      }
      // Compilers start after thousands of calls of a loop: fast passes need many.
      if (fastest >= SETTLED * before && System.nanoTime() - start > LIMIT / 10) {
        break;
      }
      before = Math.min(before, fastest);
    }
    return passes;
  }

  /**
   * Numbers about 1: zeros would mask everything, and equal rows would be computed once. Integers
   * are 0, a valid index.
   */
  private static Tensor filled(TensorInfo info, int rows, int length) {
    int[] shape = new int[info.shape().size()];
    int size = 1;
    for (int i = 0; i < shape.length; i++) {
      int given = info.shape().get(i);
      shape[i] = given != TensorInfo.DYNAMIC ? given : i == 0 ? rows : length;
      size = Math.multiplyExact(size, shape[i]);
    }
    return switch (info.elementType()) {
      case FLOAT32 -> {
        SplittableRandom random = new SplittableRandom(1);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
          values[i] = (float) random.nextDouble(1, 2);
        }
        yield Tensor.of(values, shape);
      }
      case FLOAT64 -> {
        double[] values = new double[size];
        Arrays.fill(values, 1);
        yield Tensor.of(values, shape);
      }
      case INT64 -> Tensor.of(new long[size], shape);
      case INT32 -> Tensor.of(new int[size], shape);
      case INT8 -> Tensor.of(new byte[size], shape);
      case UINT8 -> Tensor.ofUnsigned(new byte[size], shape);
      case BOOL -> {
        boolean[] values = new boolean[size];
        Arrays.fill(values, true);
        yield Tensor.of(values, shape);
      }
    };
  }
}
