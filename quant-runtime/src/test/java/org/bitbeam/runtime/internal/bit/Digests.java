package org.bitbeam.runtime.internal.bit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.bitbeam.runtime.CodeProducts;
import org.bitbeam.runtime.internal.Fixtures;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.lowering.Fusion;
import org.bitbeam.runtime.internal.lowering.Lowered;
import org.bitbeam.runtime.internal.lowering.Lowering;
import org.bitbeam.runtime.onnx.OnnxReader;

/**
 * Prints what kernels compute, as hash values: other JVMs and vector widths must print the same.
 */
public final class Digests {
  private Digests() {}

  /** Larger files take minutes where the hardware has no fused multiply-adds. */
  static final int SMALL = 1 << 16;

  /**
   * Arguments: model files; without any, only the kernels are hashed. {@code --networks}: each
   * network of the fixtures as well; {@code --small}: those in small files.
   */
  public static void main(String[] arguments) {
    Kernels kernels = KernelChoice.best();
    System.out.println("kernels=" + kernels.name());
    List<String> files = new ArrayList<>(List.of(arguments));
    boolean networks = files.remove("--networks");
    boolean small = files.remove("--small");
    all(kernels, files.toArray(String[]::new))
        .forEach((name, hash) -> System.out.println(name + "=" + hash));
    if (networks || small) {
      networks(kernels, small ? SMALL : Integer.MAX_VALUE)
          .forEach((name, hash) -> System.out.println(name + "=" + hash));
    }
  }

  /** SHA-256 of the outputs of each network of the fixtures, for three of its stored rows. */
  static Map<String, String> networks(Kernels kernels, int mostBytes) {
    Map<String, String> digests = new LinkedHashMap<>();
    for (Fixtures.Entry entry : Fixtures.entries()) {
      if (entry.hasGolden()) {
        byte[] onnx = Fixtures.bytes(entry.path());
        if (onnx.length <= mostBytes) {
          Graph graph = Graph.of(OnnxReader.read(entry.toString(), onnx));
          Lowered lowered = Fusion.fuse(Lowering.lower(graph));
          Plan plan = Plan.of(lowered, kernels, CodeProducts.MULTIPLIED, Optional.empty());
          digests.put(entry.toString(), BatchIdentityTest.hash(plan.run(entry.inputs(3))));
          plan.close();
        }
      }
    }
    return digests;
  }

  static Map<String, String> all(Kernels kernels, String... files) {
    Map<String, String> digests = new LinkedHashMap<>();
    Random random = new Random(11);
    for (int count : new int[] {1, 3, 15, 16, 17, 31, 33, 100, 257, 2000}) {
      float[] x = numbers(random, count);
      for (Activation activation : Activation.values()) {
        float[] y = x.clone();
        kernels.apply(activation, 0.3f, y, 0, count, new float[Kernels.WORK]);
        digests.put(activation + " " + count, hash(y));
      }
      float[] row = java.util.Arrays.copyOf(x, Kernels.padded(count));
      for (int i = 0; i < count; i++) {
        row[i] = Float.isFinite(row[i]) ? row[i] : 1;
      }
      float[] y = row.clone();
      kernels.softmax(y, 0, count, new float[Kernels.WORK]);
      digests.put("softmax " + count, hash(y));
      float[] ones = new float[count];
      java.util.Arrays.fill(ones, 1.25f);
      kernels.layerNorm(row, 0, count, ones, x, 1e-5f, y, 0, new float[Kernels.WORK]);
      digests.put("layerNorm " + count, hash(java.util.Arrays.copyOf(y, count)));
      digests.put("sum " + count, hash(kernels.sum(row, 0, count, new float[Kernels.WORK])));
      digests.put("largest " + count, hash(kernels.largest(x, 0, count)));
      kernels.quantise(row, 0, count, 3.7f, y, 0);
      digests.put("quantise " + count, hash(java.util.Arrays.copyOf(y, count)));
      for (int rows : new int[] {1, 3, 4, 7, 8, 13}) {
        for (int inner : new int[] {1, 5, 64}) {
          float[] a = numbers(random, rows * inner);
          float[] b = numbers(random, inner * count);
          float[] c = numbers(random, rows * count);
          int wide = Kernels.padded(count);
          float[] sums = new float[rows * wide];
          for (int m = 0; m < rows; m++) {
            System.arraycopy(c, m * count, sums, m * wide, count);
          }
          float[] panels = Panels.of(kernels, inner, count, b, count);
          kernels.multiplyAdd(rows, inner, wide, a, 0, inner, panels, 0, sums, 0, wide);
          Dense.narrow(sums, rows, wide, c, 0, count);
          digests.put("product " + rows + " " + inner + " " + count, hash(c));
        }
      }
    }
    for (String file : files) {
      Graph graph = Graph.of(OnnxReader.read(file, Fixtures.bytes(Path.of(file))));
      Plan plan = Plan.of(Fusion.fuse(Lowering.lower(graph)), kernels);
      plan.run(TrainedTaggersTest.jets(graph))
          .forEach(
              (name, value) -> digests.put(file + " " + name, hash(((FloatArray) value).values())));
    }
    return digests;
  }

  /** Mostly moderate numbers, some of them extreme. */
  private static float[] numbers(Random random, int count) {
    float[] x = new float[count];
    for (int i = 0; i < count; i++) {
      x[i] =
          switch (random.nextInt(40)) {
            case 0 -> 0f;
            case 1 -> -0f;
            case 2 -> 1e30f;
            case 3 -> -100f;
            case 4 -> 1e-40f;
            case 5 -> count > 100 ? Float.NaN : 90f;
            default -> (float) random.nextGaussian() * 3;
          };
    }
    return x;
  }

  private static String hash(float... values) {
    int hash = 1;
    for (float v : values) {
      hash = 31 * hash + Float.floatToIntBits(v);
    }
    return Integer.toHexString(hash);
  }
}
