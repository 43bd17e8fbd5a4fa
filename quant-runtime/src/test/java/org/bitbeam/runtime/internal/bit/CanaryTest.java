package org.bitbeam.runtime.internal.bit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bitbeam.runtime.PairedTimes;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Where the compiler gives up on a vector method, its vectors become objects and it is a thousand
 * times slower, silently. No stop watch: each kernel runs in turns with its scalar twin, whose
 * loops the compiler vectorises, and must not be ten times slower than it.
 */
class CanaryTest {
  private static final int ROWS = 24;
  private static final int SIZE = 128;

  @TestFactory
  Stream<DynamicTest> noKernelIsTenTimesSlowerThanItsScalarTwin() {
    float[] a = numbers(ROWS * SIZE);
    float[] b = numbers(SIZE * SIZE);
    float[] c = new float[ROWS * SIZE];
    float[] row = numbers(SIZE);
    Map<String, Consumer<Kernels>> work =
        Map.of(
            "product",
            kernels -> kernels.multiplyAdd(ROWS, SIZE, SIZE, a, 0, SIZE, b, 0, c, 0, SIZE),
            "product of few columns",
            kernels -> kernels.multiplyAdd(ROWS, SIZE, 48, a, 0, SIZE, b, 0, c, 0, SIZE),
            "gelu",
            kernels -> again(kernels, Activation.GELU, a, c),
            "tanh",
            kernels -> again(kernels, Activation.TANH, a, c),
            "softmax",
            kernels -> {
              System.arraycopy(a, 0, c, 0, c.length);
              kernels.softmax(c, 0, c.length, new float[Kernels.WORK]);
            },
            "layerNorm",
            kernels ->
                kernels.layerNorm(a, 0, SIZE, row, row, 1e-5f, c, 0, new float[Kernels.WORK]),
            "quantise",
            kernels -> kernels.quantise(a, 0, a.length, 31, c, 0),
            "pairs",
            kernels -> {
              for (Pair pair : Pair.values()) {
                kernels.combine(pair, a, 0, b, 0, c, 0, c.length);
              }
            },
            "select",
            kernels -> kernels.select(a, 0, a, 0, b, 0, c, 0, c.length));
    return work.entrySet().stream()
        .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> check(e.getKey(), e.getValue())));
  }

  private static void check(String name, Consumer<Kernels> work) {
    Kernels best = KernelChoice.best();
    Kernels scalar = new ScalarKernels();
    PairedTimes times = settled(() -> work.accept(best), () -> work.accept(scalar));
    assertTrue(times.ratio() > 0.1, name + " of " + best.name() + ": " + times);
  }

  /** Compilers take their time on a busy machine: measured until they are done, or for long. */
  private static PairedTimes settled(Runnable first, Runnable second) {
    PairedTimes times = PairedTimes.measure(0.1, first, second);
    for (int i = 0; i < 40 && times.ratio() < 0.3; i++) {
      times = PairedTimes.measure(0.2, first, second);
    }
    return times;
  }

  private static void again(Kernels kernels, Activation activation, float[] from, float[] to) {
    System.arraycopy(from, 0, to, 0, to.length);
    kernels.apply(activation, 0, to, 0, to.length, new float[Kernels.WORK]);
  }

  private static float[] numbers(int count) {
    Random random = new Random(1);
    float[] x = new float[count];
    for (int i = 0; i < count; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }
}
