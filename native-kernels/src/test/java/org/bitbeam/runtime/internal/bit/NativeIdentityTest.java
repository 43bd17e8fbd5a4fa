package org.bitbeam.runtime.internal.bit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bitbeam.runtime.CodeProducts;
import org.bitbeam.runtime.NativeProducts;
import org.bitbeam.runtime.internal.Fixtures;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.lowering.Fusion;
import org.bitbeam.runtime.internal.lowering.Lowered;
import org.bitbeam.runtime.internal.lowering.Lowering;
import org.bitbeam.runtime.natives.AllNativeProducts;
import org.bitbeam.runtime.onnx.OnnxReader;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every network of the fixtures that has BitLinear layers: the SHA-256 of its outputs with native
 * products, by all instructions of this machine, is that of the scalar loops.
 */
class NativeIdentityTest {
  @TestFactory
  List<DynamicTest> networksComputeWhatTheScalarLoopsCompute() {
    List<NativeProducts> all = AllNativeProducts.here();
    Assumptions.assumeTrue(!all.isEmpty(), AllNativeProducts::whyNot);
    List<DynamicTest> tests =
        Fixtures.entries().stream()
            .filter(entry -> entry.hasGolden() && !lowered(entry).layers().isEmpty())
            .map(entry -> DynamicTest.dynamicTest(entry.toString(), () -> check(entry, all)))
            .toList();
    assertTrue(tests.size() >= 20, "only " + tests.size() + " fixtures have BitLinear layers");
    return tests;
  }

  private static Lowered lowered(Fixtures.Entry entry) {
    return Lowering.lower(
        Graph.of(OnnxReader.read(entry.toString(), Fixtures.bytes(entry.path()))));
  }

  private static void check(Fixtures.Entry entry, List<NativeProducts> all) {
    Lowered lowered = Fusion.fuse(lowered(entry));
    Map<String, NdArray> inputs = entry.inputs(40);
    String expected = BatchIdentityTest.hash(Plan.of(lowered, new ScalarKernels()).run(inputs));
    for (NativeProducts products : all) {
      Plan plan = Plan.of(lowered, KernelChoice.best(), CodeProducts.NATIVE, Optional.of(products));
      assertTrue(
          plan.choices().stream().allMatch(choice -> choice.endsWith(": native")),
          plan.choices()::toString);
      assertEquals(expected, BatchIdentityTest.hash(plan.run(inputs)), products.name());
      plan.close();
    }
  }
}
