package org.bitbeam.runtime.internal.bit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bitbeam.runtime.CodeProducts;
import org.bitbeam.runtime.internal.Fixtures;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.lowering.Fusion;
import org.bitbeam.runtime.internal.lowering.Lowering;
import org.bitbeam.runtime.internal.lowering.TernaryWeights;
import org.bitbeam.runtime.onnx.OnnxReader;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same bits whatever the kernels, vector width, batch and number of threads. */
class BitIdentityTest {
  private static final String PFN = "../../shared/models/pfn-bit/model_torchscript.onnx";

  private static String[] models() {
    Path shared = Path.of(System.getProperty("bitbeam.shared", "../../shared"));
    return Files.isDirectory(shared)
        ? new String[] {shared.resolve("models/pfn-bit/model_torchscript.onnx").toString()}
        : new String[0];
  }

  /** What this suite found before, on other JDKs and machines; kernels first, then networks. */
  private static Map<String, String> stored() {
    Map<String, String> digests = new LinkedHashMap<>();
    for (String line : read(Path.of("src/test/resources/digests.txt")).split("\\R")) {
      int equals = line.lastIndexOf('=');
      digests.put(line.substring(0, equals), line.substring(equals + 1));
    }
    return digests;
  }

  /**
   * {@code -Dbitbeam.digests.write=true} stores them anew, where arithmetic was meant to change.
   */
  @Test
  void everyJdkAndMachineComputesWhatIsStored() throws IOException {
    Map<String, String> found = Digests.all(KernelChoice.best());
    Fixtures.shared();
    found.putAll(Digests.networks(KernelChoice.best(), Integer.MAX_VALUE));
    if (Boolean.getBoolean("bitbeam.digests.write")) {
      List<String> lines = new ArrayList<>();
      found.forEach((name, hash) -> lines.add(name + "=" + hash));
      Files.write(Path.of("src/test/resources/digests.txt"), lines);
    }
    assertEquals(stored(), found);
  }

  @Test
  void everyJdkAndMachineComputesTheStoredKernels() {
    Map<String, String> stored = stored();
    Digests.all(KernelChoice.best())
        .forEach((name, hash) -> assertEquals(stored.get(name), hash, name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"128", "256", "512", "none", "UseAVX=0", "UseAVX=1", "UseAVX=2", "UseAVX=3"})
  void everyWidthComputesWhatTheScalarLoopsCompute(String width)
      throws IOException, InterruptedException {
    boolean avx = width.startsWith("UseAVX");
    Assumptions.assumeTrue(!avx || System.getProperty("os.arch").equals("amd64"), "x86 only");
    // Without fused multiply-adds in hardware (AVX 0 and 1) a network would take minutes.
    boolean slow = width.equals("UseAVX=0") || width.equals("UseAVX=1");
    String[] models = slow ? new String[0] : models();
    Map<String, String> expected = Digests.all(new ScalarKernels(), models);
    boolean shared = models().length > 0;
    if (shared) {
      expected.putAll(slow ? Digests.networks(KernelChoice.best(), Digests.SMALL) : stored());
    }
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    if (!width.equals("none")) {
      String flag = avx ? "-XX:" + width : "-D" + KernelChoice.WIDTH_PROPERTY + "=" + width;
      command.addAll(List.of("--add-modules", "jdk.incubator.vector", flag));
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Digests.class.getName()));
    command.addAll(List.of(models));
    if (shared) {
      command.add(slow ? "--small" : "--networks");
    }
    Path log = Files.createTempFile("digests", ".txt");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertEquals(0, process.waitFor(), () -> read(log));
    Map<String, String> found = new LinkedHashMap<>();
    for (String line : read(log).split("\\R")) {
      int equals = line.lastIndexOf('=');
      if (equals > 0) {
        found.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    Files.delete(log);
    String kernels = found.get("kernels");
    if (width.equals("none")) {
      assertEquals("scalar", kernels);
    } else if (avx) {
      assertTrue(kernels.startsWith("vector-"), kernels);
    } else {
      Assumptions.assumeTrue(
          kernels.equals("vector-" + width),
          "this machine has no " + width + " bit vectors, only " + kernels);
    }
    expected.forEach((name, hash) -> assertEquals(hash, found.get(name), name));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void vectorKernelsAreTestedHere() {
    assertTrue(KernelChoice.whyNoVectors().isEmpty(), () -> KernelChoice.whyNoVectors().orElse(""));
  }

  @Test
  void aJetsResultDoesNotDependOnItsBatch() {
    Fixtures.shared();
    Graph graph = Graph.of(OnnxReader.read(PFN, Fixtures.bytes(Path.of(PFN))));
    Plan plan = Plan.of(Fusion.fuse(Lowering.lower(graph)), KernelChoice.best());
    Map<String, NdArray> jets = TrainedTaggersTest.jets(graph);
    float[] all = ((FloatArray) plan.run(jets).get("logits")).values();
    for (int size : new int[] {1, 7, 33}) {
      for (int from = 0; from + size <= 40; from += size) {
        Map<String, NdArray> some = new HashMap<>();
        int first = from;
        jets.forEach((name, x) -> some.put(name, rows(x, first, size)));
        float[] part = ((FloatArray) plan.run(some).get("logits")).values();
        assertArrayEquals(
            Arrays.copyOfRange(all, 2 * from, 2 * (from + size)), part, "jets from " + from);
      }
    }
  }

  private static NdArray rows(NdArray x, int from, int count) {
    int row = x.size() / x.shape()[0];
    int[] shape = x.shape().clone();
    shape[0] = count;
    int[] positions = new int[count * row];
    Arrays.setAll(positions, i -> from * row + i);
    return x.take(positions, shape);
  }

  @Test
  void threadsDoNotDisturbEachOther() throws Exception {
    Fixtures.shared();
    Graph graph = Graph.of(OnnxReader.read(PFN, Fixtures.bytes(Path.of(PFN))));
    Plan plan = Plan.of(Fusion.fuse(Lowering.lower(graph)), KernelChoice.best());
    Map<String, NdArray> jets = TrainedTaggersTest.jets(graph);
    float[] expected = ((FloatArray) plan.run(jets).get("logits")).values();
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> results = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        results.add(
            pool.submit(
                () ->
                    assertArrayEquals(
                        expected, ((FloatArray) plan.run(jets).get("logits")).values())));
      }
      for (Future<?> result : results) {
        result.get();
      }
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void productsOfCodesAndSignsAreExactForEveryShape() {
    Kernels scalar = new ScalarKernels();
    Kernels best = KernelChoice.best();
    Random random = new Random(8);
    for (int inputs : new int[] {5, 24, 100, 258, 259, 480, 777, 1920}) {
      for (int outputs : new int[] {11, 64, 200, 480, 500, 1024}) {
        for (int rows : new int[] {1, 3, 4, 7, 32, 33}) {
          float[] codes = new float[rows * inputs];
          for (int i = 0; i < codes.length; i++) {
            codes[i] = random.nextInt(8) == 0 ? 127 : random.nextInt(255) - 127;
          }
          Arrays.fill(
              codes, (rows - 1) * inputs, rows * inputs, -127); // the largest sums there are
          byte[] signs = new byte[inputs * outputs]; // by output
          for (int i = 0; i < signs.length; i++) {
            signs[i] = (byte) (random.nextInt(3) - 1);
          }
          Arrays.fill(signs, 0, inputs, (byte) 1);
          Arrays.fill(signs, inputs, 2 * inputs, (byte) -1);
          TernaryWeights weights = new TernaryWeights(inputs, outputs, signs, new float[outputs]);
          float[] expected = product(scalar, CodeProducts.MULTIPLIED, rows, codes, weights);
          for (CodeProducts way : CodeProducts.values()) {
            float[] found = product(best, way, rows, codes, weights);
            assertArrayEquals(expected, found, way + " " + rows + " x " + inputs + " x " + outputs);
          }
        }
      }
    }
  }

  private static float[] product(
      Kernels kernels, CodeProducts way, int rows, float[] codes, TernaryWeights weights) {
    try (CodeProduct product =
        new CodeProduct(kernels, weights, new CodeProduct.Trials(way, Optional.empty()))) {
      float[] sums = new float[rows * weights.outputs()];
      float[] ones = new float[rows];
      Arrays.fill(ones, 1);
      Frame frame = new Frame(0);
      frame.codes().start(codes, 0, rows, weights.inputs(), ones);
      product.multiply(frame, frame.codes(), sums, 0);
      return sums;
    }
  }
}
