package org.bitbeam.study;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.ModelReport;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.NetworkQuantiser;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.onnx.OnnxDimension;
import org.bitbeam.runtime.onnx.OnnxGraph;
import org.bitbeam.runtime.onnx.OnnxModel;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxTensor;
import org.bitbeam.runtime.onnx.OnnxType;
import org.bitbeam.runtime.onnx.OnnxValueInfo;
import org.bitbeam.runtime.onnx.OnnxWriter;

/** The best one core does with large products and long sums. */
record PeakSpeeds(Backends backends, double seconds) {
  private static final int SIZE = 512;
  private static final int SUMMED = 16 << 20; // floats, 64 MiB

  StudyResult.Peaks measure() {
    byte[] product = product();
    byte[] ternary =
        NetworkQuantiser.quantise(
            "peak", product, new NetworkQuantiser.Plan(List.of(), LayerPrecision.TERNARY));
    float[] numbers = new float[SUMMED];
    float[] sink = new float[1];
    try (Network ort = backends.get("ort").load("peak", product, BackendOptions.DEFAULT);
        Network bit = backends.get("bit").load("peak", product, BackendOptions.DEFAULT);
        Network signs = backends.get("bit").load("peak", ternary, BackendOptions.DEFAULT)) {
      Map<String, Tensor> x = Subject.inputs(ort.inputs(), SIZE);
      List<Contestant> contestants = new ArrayList<>();
      contestants.add(Contestant.of("ort", () -> ort.run(x)));
      contestants.add(Contestant.of("bit", () -> bit.run(x)));
      contestants.add(Contestant.of("signs", () -> signs.run(x)));
      contestants.add(Contestant.of("sum", () -> sink[0] = sum(numbers)));
      List<Double> ms = Contestant.fastestMilliseconds(contestants, seconds);
      double flops = 2.0 * SIZE * SIZE * SIZE;
      long additions = ModelReport.of("peak", ternary, SIZE, 1).intOps();
      return new StudyResult.Peaks(
          flops / Math.min(ms.get(0), ms.get(1)) / 1e6,
          additions / ms.get(2) / 1e6,
          4.0 * SUMMED / ms.get(3) / 1e6);
    }
  }

  /** Sixteen sums side by side: one alone would wait for itself. */
  private static float sum(float[] x) {
    float[] sums = new float[16];
    for (int i = 0; i < x.length; i += 16) {
      for (int lane = 0; lane < 16; lane++) {
        sums[lane] += x[i + lane];
      }
    }
    float sum = 0;
    for (float part : sums) {
      sum += part;
    }
    return sum;
  }

  private static byte[] product() {
    float[] weights = new float[SIZE * SIZE];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (i * 2654435761L >>> 8 & 0xffff) / 65536f - 0.5f;
    }
    List<Long> square = List.of((long) SIZE, (long) SIZE);
    OnnxGraph graph =
        new OnnxGraph(
            "peak",
            List.of(
                new OnnxNode("product", "", "MatMul", List.of("x", "w"), List.of("y"), Map.of())),
            List.of(OnnxTensor.ofFloats("w", square, weights)),
            List.of(
                new OnnxValueInfo(
                    "x",
                    OnnxType.FLOAT,
                    Optional.of(
                        List.of(
                            new OnnxDimension.Symbolic("rows"), new OnnxDimension.Fixed(SIZE))))),
            List.of(new OnnxValueInfo("y", OnnxType.FLOAT, Optional.empty())));
    return OnnxWriter.write(new OnnxModel(9, "bitbeam", "", Map.of("", 20L), graph, Map.of()));
  }
}
