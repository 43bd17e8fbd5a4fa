package org.bitbeam.runtime.internal.bit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.stream.Stream;
import org.bitbeam.runtime.internal.Fixtures;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.lowering.Lowered;
import org.bitbeam.runtime.internal.lowering.Lowering;
import org.bitbeam.runtime.internal.lowering.OperationCount;
import org.bitbeam.runtime.internal.reference.ReferenceFixturesTest;
import org.bitbeam.runtime.onnx.OnnxModel;
import org.bitbeam.runtime.onnx.OnnxReader;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Multiply-accumulates per row against those counted in PyTorch. */
class OperationCountTest {
  @TestFactory
  Stream<DynamicTest> macsAreThoseOfTheIndex() {
    return Fixtures.entries().stream()
        .filter(entry -> entry.json().has("macs_per_row") && !entry.file().startsWith("published"))
        // The projections inside of PyTorch's attention are no Linear modules: the index leaves
        // them out.
        .filter(entry -> !entry.file().contains("embedding"))
        .map(entry -> DynamicTest.dynamicTest(entry.toString(), () -> check(entry)));
  }

  private static void check(Fixtures.Entry entry) {
    OnnxModel model = OnnxReader.read(entry.toString(), Fixtures.bytes(entry.path()));
    Lowered lowered = Lowering.lower(Graph.of(model));
    Map<String, NdArray> one = ReferenceFixturesTest.random(model, 1);
    OperationCount count = OperationCount.of(lowered, Plan.shapes(lowered, one));
    assertEquals(
        entry.json().at("/macs_per_row/bit").asLong(),
        count.macs(OperationCount.Kind.BIT_LAYER),
        "bit");
    // The index counts calls of modules. P-DAT computes its pair bias (24 x 24 pairs, 6 x 8 + 8 x 6
    // + 6 x 4
    // weights) twice from the same input, and its channel bias (16 x 16 places, three kernels of 3
    // x 3) too:
    // both exporters merge the first, one of them the second.
    long pair = 576 * 120;
    long channel = 256 * 27;
    boolean pdat = entry.folder().endsWith("pdat");
    long merged = !pdat ? 0 : entry.file().contains("dynamo") ? pair + channel : pair;
    long expected = entry.json().at("/macs_per_row/real").asLong();
    assertEquals(expected, merged + count.macs(OperationCount.Kind.FLOAT_LAYER), "float");
  }
}
