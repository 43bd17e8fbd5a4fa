package org.bitbeam.runtime.internal.bit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bitbeam.runtime.CodeProducts;
import org.bitbeam.runtime.internal.Fixtures;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.DoubleArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.internal.lowering.Fusion;
import org.bitbeam.runtime.internal.lowering.Lowered;
import org.bitbeam.runtime.internal.lowering.Lowering;
import org.bitbeam.runtime.onnx.OnnxDimension;
import org.bitbeam.runtime.onnx.OnnxReader;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every network of the fixtures: row i of a batch of 1, 7, 100, 1000 is row i alone, on one thread
 * and two, with every way of forming products. ONNX's dynamic quantisation is left out: its scale
 * is that of the whole array by definition.
 */
class BatchIdentityTest {
  /** Nanoseconds for 100 rows; dearer networks are not run with 1,000. */
  private static final long CHEAP = 300_000_000L;

  @TestFactory
  List<DynamicTest> rowsDoNotDependOnTheirBatch() {
    List<DynamicTest> tests =
        Fixtures.entries().stream()
            .filter(entry -> entry.hasGolden() && isOpen(graph(entry)))
            .map(entry -> DynamicTest.dynamicTest(entry.toString(), () -> check(entry)))
            .toList();
    assertTrue(tests.size() >= 10, "only " + tests.size() + " fixtures have an open first axis");
    return tests;
  }

  private static Graph graph(Fixtures.Entry entry) {
    return Graph.of(OnnxReader.read(entry.toString(), Fixtures.bytes(entry.path())));
  }

  /** Whether batches may have any size, and no scale is taken over all of its rows. */
  private static boolean isOpen(Graph graph) {
    boolean joint =
        graph.nodes().stream().anyMatch(node -> node.operator().equals("DynamicQuantizeLinear"));
    return !joint
        && graph.inputs().stream()
            .allMatch(
                input ->
                    input
                        .shape()
                        .filter(s -> !s.isEmpty() && s.get(0) instanceof OnnxDimension.Symbolic)
                        .isPresent());
  }

  private static void check(Fixtures.Entry entry) throws Exception {
    Lowered lowered = Fusion.fuse(Lowering.lower(graph(entry)));
    Map<String, NdArray> stored = entry.inputs(100);
    Plan plan = Plan.of(lowered, KernelChoice.best());
    Map<String, NdArray> hundred = batch(stored, 100);
    plan.run(batch(stored, 7));
    long start = System.nanoTime();
    Map<String, NdArray> expected = plan.run(hundred);
    boolean cheap = System.nanoTime() - start < CHEAP;
    if (cheap) {
      checkThousand(plan, stored, expected);
    }
    assertRows(plan.run(batch(stored, 7)), expected, 0, 7, "7 rows");
    for (int row : new int[] {0, 1, 6, 50, 99}) {
      Map<String, NdArray> one = new LinkedHashMap<>();
      hundred.forEach((name, x) -> one.put(name, rows(x, row, 1)));
      assertRows(plan.run(one), expected, row, 1, "row " + row + " alone");
    }
    plan.run(notNumbers(hundred)); // leaves nothing behind in the arrays that are used again
    assertRows(plan.run(batch(stored, 7)), expected, 0, 7, "7 rows after rows of NaN");
    String hash = hash(expected);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<String>> hashes =
          List.of(
              threads.submit(() -> hash(plan.run(hundred))),
              threads.submit(() -> hash(plan.run(hundred))));
      for (Future<String> other : hashes) {
        assertEquals(hash, other.get(), "two threads");
      }
    } finally {
      threads.shutdown();
    }
    boolean hasBits = !lowered.layers().isEmpty();
    for (CodeProducts way : hasBits ? CodeProducts.values() : new CodeProducts[0]) {
      Plan other = Plan.of(lowered, KernelChoice.best(), way, Optional.empty());
      assertEquals(hash, hash(other.run(hundred)), way.toString());
      other.close();
    }
    plan.close();
  }

  private static void checkThousand(
      Plan plan, Map<String, NdArray> stored, Map<String, NdArray> expected) {
    Map<String, NdArray> outputs;
    try {
      outputs = plan.run(batch(stored, 1000));
    } catch (IllegalArgumentException e) {
      // All pairs of a hundred constituents are more than an array may have; half of them are not.
      assertTrue(String.valueOf(e.getMessage()).endsWith("use smaller batches"), e.toString());
      outputs = plan.run(batch(stored, 500));
    }
    assertRows(expected, outputs, 0, 100, "1000 rows, or 500");
  }

  private static Map<String, NdArray> notNumbers(Map<String, NdArray> inputs) {
    Map<String, NdArray> all = new LinkedHashMap<>();
    inputs.forEach(
        (name, x) -> {
          float[] nan = new float[x.size()];
          Arrays.fill(nan, Float.NaN);
          all.put(name, x instanceof FloatArray ? new FloatArray(x.shape(), nan) : x);
        });
    return all;
  }

  /** Row 0 of {@code part} on is row {@code from} of {@code whole} on. */
  private static void assertRows(
      Map<String, NdArray> part, Map<String, NdArray> whole, int from, int count, String label) {
    part.forEach(
        (name, x) ->
            BitFixturesTest.assertSameBits(
                label + ", " + name, rows(x, 0, count), rows(whole.get(name), from, count)));
  }

  /** The stored rows again and again, each time with other numbers; zeros and ones stay. */
  private static Map<String, NdArray> batch(Map<String, NdArray> stored, int rows) {
    Map<String, NdArray> batch = new LinkedHashMap<>();
    stored.forEach(
        (name, x) -> {
          int have = x.shape()[0];
          int row = x.size() / have;
          int[] shape = x.shape().clone();
          shape[0] = rows;
          int[] positions = new int[rows * row];
          Arrays.setAll(positions, i -> i / row % have * row + i % row);
          NdArray all = x.take(positions, shape);
          if (all instanceof FloatArray f) {
            for (int i = have * row; i < f.size(); i++) {
              float v = f.values()[i];
              f.values()[i] = v == 0 || v == 1 ? v : v * (1 - i / (have * row) / 1024f);
            }
          }
          batch.put(name, all);
        });
    return batch;
  }

  private static NdArray rows(NdArray x, int from, int count) {
    int row = x.size() / x.shape()[0];
    int[] shape = x.shape().clone();
    shape[0] = count;
    int[] positions = new int[count * row];
    Arrays.setAll(positions, i -> from * row + i);
    return x.take(positions, shape);
  }

  static String hash(Map<String, NdArray> outputs) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      outputs.forEach(
          (name, x) -> {
            ByteBuffer bytes = ByteBuffer.allocate(8 * x.size());
            for (int i = 0; i < x.size(); i++) {
              if (x instanceof FloatArray f) {
                bytes.putInt(Float.floatToIntBits(f.values()[i]));
              } else if (x instanceof DoubleArray d) {
                bytes.putLong(Double.doubleToLongBits(d.values()[i]));
              } else {
                bytes.putLong(((IntegerArray) x).values()[i]);
              }
            }
            sha.update(bytes.flip());
          });
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
