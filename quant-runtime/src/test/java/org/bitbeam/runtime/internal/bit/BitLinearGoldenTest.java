package org.bitbeam.runtime.internal.bit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bitbeam.runtime.CodeProducts;
import org.bitbeam.runtime.internal.Fixtures;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.DoubleArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.internal.lowering.BitLayer;
import org.bitbeam.runtime.internal.lowering.TernaryWeights;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Codes, factors, integer sums and outputs of single layers against the golden vectors. */
class BitLinearGoldenTest {
  private static final Kernels[] KERNELS = {new ScalarKernels(), KernelChoice.best()};

  @TestFactory
  Stream<DynamicTest> codesSumsAndOutputs() {
    Path folder = Fixtures.shared().resolve("fixtures/models/bitlinear");
    JsonNode cases = Fixtures.json(folder.resolve("index.json")).get("cases");
    List<DynamicTest> tests = new ArrayList<>();
    StreamSupport.stream(cases.spliterator(), false)
        .forEach(
            node -> {
              for (Kernels kernels : KERNELS) {
                tests.add(
                    DynamicTest.dynamicTest(
                        node.get("name").asText() + " " + kernels.name(),
                        () -> check(folder, node, kernels)));
              }
            });
    return tests.stream();
  }

  private static NdArray array(Path folder, JsonNode files, String key) {
    return Fixtures.npy(folder.resolve(files.get(key).asText()));
  }

  private static void check(Path folder, JsonNode node, Kernels kernels) {
    JsonNode files = node.get("files");
    IntegerArray t = (IntegerArray) array(folder, files, "T");
    FloatArray x = (FloatArray) array(folder, files, "x");
    float beta = ((FloatArray) array(folder, files, "beta")).values()[0];
    int outputs = t.shape()[0];
    int inputs = t.shape()[1];
    byte[] signs = new byte[t.size()];
    for (int i = 0; i < signs.length; i++) {
      signs[i] = (byte) t.values()[i];
    }
    float[] betas = new float[outputs];
    java.util.Arrays.fill(betas, beta);
    float[] bias =
        files.has("bias")
            ? ((FloatArray) array(folder, files, "bias")).values()
            : new float[outputs];
    BitLayer.RowQuantiser quantiser = new BitLayer.RowQuantiser(true, 1e-8f);
    int rows = x.size() / inputs;

    FloatArray g = (FloatArray) array(folder, files, "g");
    IntegerArray q = (IntegerArray) array(folder, files, "q");
    IntegerArray acc = (IntegerArray) array(folder, files, "acc");
    List<Integer> spoiled = new ArrayList<>();
    node.get("nonfinite_rows").forEach(row -> spoiled.add(row.asInt()));
    float[] codes = new float[inputs];
    for (int row = 0; row < rows; row++) {
      float max = kernels.largest(x.values(), row * inputs, inputs);
      if (spoiled.contains(row)) {
        assertTrue(!(max <= Float.MAX_VALUE));
        continue;
      }
      float factor = quantiser.factor(max);
      assertEquals(g.values()[row], factor, "g of row " + row);
      kernels.quantise(x.values(), row * inputs, inputs, factor, codes, 0);
      for (int k = 0; k < inputs; k++) {
        assertEquals(
            q.values()[row * inputs + k], (long) codes[k], "q of row " + row + ", input " + k);
      }
      for (CodeProducts way : CodeProducts.values()) {
        TernaryWeights weights = new TernaryWeights(inputs, outputs, signs, betas);
        try (CodeProduct product =
            new CodeProduct(kernels, weights, new CodeProduct.Trials(way, Optional.empty()))) {
          float[] sums = new float[outputs];
          Frame frame = new Frame(0);
          float[] factors = {factor};
          frame.codes().start(x.values(), row * inputs, 1, inputs, factors);
          product.multiply(frame, frame.codes(), sums, 0);
          for (int n = 0; n < outputs; n++) {
            long expected = acc.values()[row * outputs + n];
            assertEquals(expected, (long) sums[n], way + ", row " + row + ", output " + n);
          }
        }
      }
    }

    BitLinear layer =
        new BitLinear(
            kernels,
            0,
            quantiser,
            inputs,
            List.of(
                BitLinear.Layer.of(
                    kernels,
                    layer(inputs, outputs, signs, betas, bias, quantiser),
                    1,
                    Activation.NONE,
                    0,
                    new CodeProduct.Trials(CodeProducts.MEASURED, Optional.empty()))));
    Frame frame = new Frame(2);
    frame.put(0, x);
    layer.bind(frame);
    float[] y = ((FloatArray) frame.get(1)).values();
    double[] y64 = ((DoubleArray) array(folder, files, "y64")).values();
    float[] eager = ((FloatArray) array(folder, files, "y")).values();
    double largest = 0;
    for (float v : eager) {
      largest = Math.max(largest, Float.isNaN(v) ? 0 : Math.abs(v));
    }
    for (int i = 0; i < y.length; i++) {
      if (spoiled.contains(i / outputs)) {
        assertTrue(Float.isNaN(y[i]) && Float.isNaN(eager[i]), "output " + i + " is " + y[i]);
        continue;
      }
      // Of the larger of the two terms: where product and bias cancel, their own rounding is left.
      double scale = Math.max(Math.abs(y64[i]), Math.abs(y64[i] - bias[i % outputs]));
      double allowed = 4 * Math.ulp((float) Math.min(scale, Float.MAX_VALUE));
      assertEquals(y64[i], y[i], allowed, "output " + i);
      assertEquals(
          eager[i],
          y[i],
          1e-5 * Math.abs(eager[i]) + 1e-6 * largest,
          "output " + i + " against eager");
    }
  }

  private static BitLayer layer(
      int inputs,
      int outputs,
      byte[] signs,
      float[] betas,
      float[] bias,
      BitLayer.RowQuantiser quantiser) {
    return new BitLayer(
        "layer", "x", "y", quantiser, new TernaryWeights(inputs, outputs, signs, betas), bias);
  }
}
