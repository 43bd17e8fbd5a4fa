package org.bitbeam.runtime.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bitbeam.runtime.NativeProducts;
import org.bitbeam.runtime.NativeProducts.Signs;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What C computes, with all instructions of this machine, against loops over the definition. */
class CProductsTest {
  private static final float UNTOUCHED = 12345.5f;

  @BeforeEach
  void libraryIsThere() {
    Assumptions.assumeTrue(CLibrary.isLoaded(), CLibrary::whyNot);
  }

  private static List<NativeProducts> all() {
    return AllNativeProducts.here();
  }

  /** Codes are round(x * factor); y begins somewhere in the array, and nothing else is written. */
  private static void check(
      NativeProducts products,
      int rows,
      int inputs,
      int outputs,
      byte[] signs,
      float[] x,
      float[] factors,
      float @Nullable [] scales,
      float[] bias) {
    Signs packed = products.pack(inputs, outputs, signs).orElseThrow();
    int before = rows % 5;
    float[] shifted = new float[x.length + before];
    System.arraycopy(x, 0, shifted, before, x.length);
    float[] y = new float[before + rows * outputs + 7];
    Arrays.fill(y, UNTOUCHED);
    byte[] scratch = new byte[packed.scratch(rows)];
    packed.multiply(rows, shifted, before, factors, scratch, scales, bias, y, before);
    for (int i = 0; i < y.length; i++) {
      if (i < before || i >= before + rows * outputs) {
        assertEquals(UNTOUCHED, y[i], "outside of the result");
      }
    }
    int[] codes = new int[inputs];
    for (int m = 0; m < rows; m++) {
      for (int k = 0; k < inputs; k++) {
        codes[k] = (int) Math.rint((double) (x[m * inputs + k] * factors[m])); // NaN: 0
      }
      for (int n = 0; n < outputs; n++) {
        int sum = 0;
        for (int k = 0; k < inputs; k++) {
          sum += codes[k] * signs[n * inputs + k];
        }
        float expected = scales == null ? sum : Math.fma((float) sum, scales[m], bias[n]);
        float found = y[before + m * outputs + n];
        if (Float.floatToIntBits(expected) != Float.floatToIntBits(found)) {
          assertEquals(
              expected,
              found,
              products.name() + " " + rows + "x" + inputs + "x" + outputs + " at " + m + "," + n);
        }
      }
    }
  }

  private static byte[] signs(Random random, int count) {
    byte[] signs = new byte[count];
    for (int i = 0; i < count; i++) {
      signs[i] = (byte) (random.nextInt(3) - 1);
    }
    return signs;
  }

  private static float[] ones(int count) {
    float[] ones = new float[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static float[] numbers(Random random, int count, float scale) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = scale * (float) random.nextGaussian();
    }
    return numbers;
  }

  @Test
  void sumsAndLayersOfRandomShapes() {
    Random random = new Random(5);
    for (int round = 0; round < 400; round++) {
      int rows = 1 + random.nextInt(round % 20 == 0 ? 140 : 20);
      int inputs = 1 + random.nextInt(round % 10 == 0 ? 1100 : 90);
      int outputs = 1 + random.nextInt(200);
      byte[] signs = signs(random, inputs * outputs);
      float[] codes = new float[rows * inputs];
      for (int i = 0; i < codes.length; i++) {
        codes[i] = random.nextInt(255) - 127;
      }
      float[] scales = numbers(random, rows, 0.01f);
      float[] bias = numbers(random, outputs, 3);
      for (NativeProducts products : all()) {
        check(products, rows, inputs, outputs, signs, codes, ones(rows), null, bias);
        check(products, rows, inputs, outputs, signs, codes, ones(rows), scales, bias);
      }
    }
  }

  @Test
  void extremesOverflowNothing() {
    for (int inputs : new int[] {255, 256, 257, 511, 512, 513, 4099}) {
      for (int pattern = 0; pattern < 4; pattern++) {
        int outputs = 65;
        int rows = 7;
        byte[] signs = new byte[inputs * outputs];
        Arrays.fill(signs, (byte) (pattern % 2 == 0 ? 1 : -1));
        float[] codes = new float[rows * inputs];
        Arrays.fill(codes, pattern / 2 == 0 ? 127 : -127);
        for (NativeProducts products : all()) {
          check(products, rows, inputs, outputs, signs, codes, ones(rows), null, new float[0]);
        }
      }
    }
  }

  @Test
  void theLongestRowsOverflowNothing() {
    int inputs = (1 << 24) / 127;
    float[] codes = new float[inputs];
    Arrays.fill(codes, 127);
    byte[] signs = new byte[inputs];
    Arrays.fill(signs, (byte) 1);
    for (NativeProducts products : all()) {
      check(products, 1, inputs, 1, signs, codes, ones(1), null, new float[0]);
      assertTrue(products.pack(inputs + 1, 1, new byte[inputs + 1]).isEmpty());
    }
  }

  @Test
  void aThousandRows() {
    Random random = new Random(6);
    byte[] signs = signs(random, 37 * 70);
    float[] x = numbers(random, 1000 * 37, 20);
    for (NativeProducts products : all()) {
      check(products, 1000, 37, 70, signs, x, ones(1000), ones(1000), new float[70]);
    }
  }

  @Test
  void codesAreRoundedHalfToEven() {
    Random random = new Random(7);
    int rows = 9;
    int inputs = 510;
    float[] x = new float[rows * inputs];
    float[] factors = new float[rows];
    for (int m = 0; m < rows; m++) {
      factors[m] = m < 2 ? 1 : 127 / (1 + random.nextFloat());
      for (int k = 0; k < inputs; k++) {
        x[m * inputs + k] = m < 2 ? Math.min(k - 254, 254) / 2f : 2 * random.nextFloat() - 1;
      }
    }
    byte[] signs = new byte[inputs * inputs]; // each output shows one code
    for (int k = 0; k < inputs; k++) {
      signs[k * inputs + k] = 1;
    }
    for (NativeProducts products : all()) {
      check(products, rows, inputs, inputs, signs, x, factors, null, new float[0]);
    }
  }

  @Test
  void rowsThatAreNotFiniteGiveNaNAndSpoilNoOther() {
    Random random = new Random(8);
    float[] x = numbers(random, 5 * 50, 30);
    x[3] = Float.NaN;
    x[2 * 50 + 7] = Float.POSITIVE_INFINITY;
    float[] factors = {Float.NaN, 1, Float.NaN, 1, 1};
    float[] scales = {Float.NaN, 1, Float.NaN, 2, 3};
    byte[] signs = signs(random, 50 * 40);
    for (NativeProducts products : all()) {
      check(products, 5, 50, 40, signs, x, factors, scales, new float[40]);
      check(products, 5, 50, 40, signs, x, factors, null, new float[40]); // codes are 0
    }
  }

  @Test
  void arraysThatAreTooShortAreRefused() {
    Signs packed = all().get(0).pack(8, 4, new byte[32]).orElseThrow();
    float[] x = new float[16];
    float[] one = ones(2);
    float[] y = new float[8];
    byte[] scratch = new byte[packed.scratch(2)];
    packed.multiply(2, x, 0, one, scratch, one, new float[4], y, 0);
    List<Runnable> wrong =
        List.of(
            () -> packed.multiply(2, x, 1, one, scratch, one, new float[4], y, 0),
            () -> packed.multiply(2, x, 0, new float[1], scratch, one, new float[4], y, 0),
            () -> packed.multiply(2, x, 0, one, new byte[1], one, new float[4], y, 0),
            () -> packed.multiply(2, x, 0, one, scratch, new float[1], new float[4], y, 0),
            () -> packed.multiply(2, x, 0, one, scratch, one, new float[3], y, 0),
            () -> packed.multiply(2, x, 0, one, scratch, one, new float[4], y, 1),
            () -> packed.multiply(-1, x, 0, one, scratch, one, new float[4], y, 0));
    for (Runnable call : wrong) {
      assertThrows(IndexOutOfBoundsException.class, call::run);
    }
  }

  @Test
  void theBestInstructionsAreAmongThoseOfTheMachine() {
    assertTrue(Instructions.supportedNames().contains(Instructions.best().label()));
    assertTrue(Instructions.supportedNames().contains("plain"));
  }

  /** Otherwise all tests of this module could be skipped unseen. */
  static boolean hasCompiler() {
    String path = System.getenv().getOrDefault("PATH", "");
    return Arrays.stream(path.split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "cc")));
  }
}
