package org.bitbeam.runtime.internal.bit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Collectors;
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
    float[] codes = new float[ROWS * SIZE];
    float[] signs = new float[SIZE * SIZE];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = i % 255 - 127;
    }
    for (int i = 0; i < signs.length; i++) {
      signs[i] = i * 7 % 11 % 3 - 1;
    }
    Frame frame = new Frame(0);
    Map<String, SignMatrix> matrices =
        Stream.of(KernelChoice.best(), new ScalarKernels())
            .collect(
                Collectors.toMap(
                    Kernels::name, kernels -> kernels.signs(signs, SIZE, SIZE), (x, y) -> x));
    Map<String, Consumer<Kernels>> work =
        Map.ofEntries(
            Map.entry(
                "product",
                kernels -> kernels.multiplyAdd(ROWS, SIZE, SIZE, a, 0, SIZE, b, 0, c, 0, SIZE)),
            Map.entry(
                "product of few columns",
                kernels -> kernels.multiplyAdd(ROWS, SIZE, 48, a, 0, SIZE, b, 0, c, 0, SIZE)),
            Map.entry("gelu", kernels -> again(kernels, Activation.GELU, a, c)),
            Map.entry("tanh", kernels -> again(kernels, Activation.TANH, a, c)),
            Map.entry(
                "softmax",
                kernels -> {
                  System.arraycopy(a, 0, c, 0, c.length);
                  kernels.softmax(c, 0, c.length, new float[Kernels.WORK]);
                }),
            Map.entry(
                "layerNorm",
                kernels ->
                    kernels.layerNorm(a, 0, SIZE, row, row, 1e-5f, c, 0, new float[Kernels.WORK])),
            Map.entry("quantise", kernels -> kernels.quantise(a, 0, a.length, 31, c, 0)),
            Map.entry(
                "pairs",
                kernels -> {
                  for (Pair pair : Pair.values()) {
                    kernels.combine(pair, a, 0, b, 0, c, 0, c.length);
                  }
                }),
            Map.entry("select", kernels -> kernels.select(a, 0, a, 0, b, 0, c, 0, c.length)),
            Map.entry(
                "codes looked up",
                kernels -> {
                  SignMatrix matrix = matrices.get(kernels.name());
                  if (matrix.table().length > 0) {
                    kernels.lookUpCodes(frame, ROWS, codes, matrix, c, 0);
                  } else {
                    kernels.multiplyCodes(ROWS, codes, matrix, c, 0);
                  }
                }),
            Map.entry(
                "codes tabulated",
                kernels -> {
                  SignMatrix matrix = matrices.get(kernels.name());
                  if (matrix.words().length > 0) {
                    kernels.tabulateCodes(frame, ROWS, codes, matrix, c, 0);
                  } else {
                    kernels.multiplyCodes(ROWS, codes, matrix, c, 0);
                  }
                }));
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
