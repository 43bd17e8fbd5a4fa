package org.bitbeam.runtime.natives;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.bitbeam.physics.calo.SamplingSpeed;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.NativeProducts;
import org.bitbeam.runtime.internal.bit.InstructionTimes;
import org.bitbeam.runtime.internal.bit.SpeedAgainstOrt;

/**
 * {@link SpeedAgainstOrt} and, behind the word {@code instructions}, {@link InstructionTimes} with
 * native products among the ways that are measured; behind {@code sampling}, {@link SamplingSpeed};
 * with the word {@code kernels} the speed of the products alone. Started by tools/speed.sh,
 * arguments as there.
 */
public final class NativeSpeed {
  private NativeSpeed() {}

  /** Prints the tables. */
  public static void main(String[] args) throws OrtException, IOException {
    if (args.length > 0 && args[0].equals("kernels")) {
      AllNativeProducts.here().forEach(NativeSpeed::kernels);
      return;
    }
    if (args.length > 0 && args[0].equals("sampling")) {
      SamplingSpeed.print(
          Arrays.copyOfRange(args, 1, args.length), Backends.standard(new NativeKernelsModule()));
      return;
    }
    Optional<NativeProducts> natives = Optional.of(CProducts.named(CProducts.BEST));
    if (args.length > 0 && args[0].equals("instructions")) {
      InstructionTimes.print(Arrays.copyOfRange(args, 1, args.length), natives);
    } else {
      SpeedAgainstOrt.print(args, natives);
    }
  }

  /** Codes, sums, scale and bias of one block of rows; the fastest of 50 samples. */
  private static void kernels(NativeProducts products) {
    int[][] shapes = {
      {1, 128, 128}, {1, 480, 1920}, {32, 64, 64}, {32, 128, 128}, {32, 480, 480}, {32, 480, 1920}
    };
    for (int[] shape : shapes) {
      int rows = shape[0];
      int inputs = shape[1];
      int outputs = shape[2];
      Random random = new Random(1);
      byte[] signs = new byte[inputs * outputs];
      for (int i = 0; i < signs.length; i++) {
        signs[i] = (byte) (random.nextInt(3) - 1);
      }
      float[] x = new float[rows * inputs];
      for (int i = 0; i < x.length; i++) {
        x[i] = random.nextInt(255) - 127;
      }
      float[] ones = new float[rows];
      Arrays.fill(ones, 1);
      float[] bias = new float[outputs];
      float[] y = new float[rows * outputs];
      NativeProducts.Signs packed = products.pack(inputs, outputs, signs).orElseThrow();
      byte[] scratch = new byte[packed.scratch(rows)];
      int calls = (int) (1 + 1e7 / ((double) rows * inputs * outputs));
      double best = Double.MAX_VALUE;
      for (int sample = 0; sample < 50; sample++) {
        long start = System.nanoTime();
        for (int i = 0; i < calls; i++) {
          packed.multiply(rows, x, 0, ones, scratch, ones, bias, y, 0);
        }
        best = Math.min(best, (double) (System.nanoTime() - start) / calls);
      }
      System.out.printf(
          "%s %d x %d x %d: %.1f GMAC/s%n",
          products.name(), rows, inputs, outputs, (double) rows * inputs * outputs / best);
    }
  }
}
