package org.bitbeam.runtime.internal.bit;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.bitbeam.runtime.CodeProducts;
import org.bitbeam.runtime.NativeProducts;
import org.bitbeam.runtime.PairedTimes;
import org.bitbeam.runtime.internal.Fixtures;
import org.bitbeam.runtime.internal.Ort;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.Shapes;
import org.bitbeam.runtime.internal.lowering.Fusion;
import org.bitbeam.runtime.internal.lowering.Lowering;
import org.bitbeam.runtime.onnx.OnnxDimension;
import org.bitbeam.runtime.onnx.OnnxReader;
import org.bitbeam.runtime.onnx.OnnxValueInfo;
import org.bitbeam.runtime.onnx.OnnxWriter;
import org.bitbeam.runtime.published.PublishedNetworks;

/**
 * Prints milliseconds of thread CPU time per batch of this backend and of ONNX Runtime, one thread
 * each, taken in turns in one process: medians of the passes.
 *
 * <pre>
 * tools/speed.sh SpeedAgainstOrt [seconds per row] [filter] [batches]
 * </pre>
 *
 * <p>With {@code -Dbitbeam.pdat=random} P-DAT runs on made-up numbers in all slots, with {@code
 * symmetric} on such numbers whose pairs (i, j) and (j, i) agree and whose diagonal is 1, as in
 * jets without padding.
 */
public final class SpeedAgainstOrt {
  private SpeedAgainstOrt() {}

  /** Lines: our model, the model ONNX Runtime runs, batch. */
  public static void main(String[] args) throws OrtException {
    print(args, Optional.empty());
  }

  /** The same, with native products among the ways that are measured. */
  public static void print(String[] args, Optional<NativeProducts> natives) throws OrtException {
    double seconds = args.length > 0 ? Double.parseDouble(args[0]) : 3;
    String filter = args.length > 1 ? args[1] : "";
    Kernels kernels = KernelChoice.best();
    System.out.printf(
        "JDK %s, kernels %s, native products: %s%n",
        Runtime.version(), kernels.name(), natives.map(NativeProducts::name).orElse("none"));
    System.out.println("| network | ORT runs | batch | bit, ms | ORT, ms | ORT / bit |");
    System.out.println("|---|---|---|---|---|---|");
    Path shared = Path.of(System.getProperty("bitbeam.shared", "../../shared"));
    for (int batch : batches(args)) {
      for (String[] pair :
          new String[][] {
            {"models/pfn-bit/model_torchscript.onnx", "models/pfn/model_torchscript.onnx"},
            {"models/pfn-bit/model_torchscript.onnx", "models/pfn-bit/model_torchscript.onnx"},
            {"models/pfn/model_torchscript.onnx", "models/pfn/model_torchscript.onnx"},
            {"models/part-bit/model_torchscript.onnx", "models/part/model_torchscript.onnx"},
            {"models/part-bit/model_torchscript.onnx", "models/part-bit/model_torchscript.onnx"},
            {"models/part/model_torchscript.onnx", "models/part/model_torchscript.onnx"},
            {
              "fixtures/models/pdat/published/bit.script.onnx",
              "fixtures/models/pdat/published/float.script.onnx"
            },
            {
              "fixtures/models/pdat/published/float.script.onnx",
              "fixtures/models/pdat/published/float.script.onnx"
            },
            {
              "fixtures/models/smeftnet/2x10_bit100.script.onnx",
              "fixtures/models/smeftnet/2x10_float.script.onnx"
            },
            {
              "fixtures/models/caloinn/ds1-photon_all/subnet_00.script.onnx",
              "fixtures/models/caloinn/ds1-photon_all/subnet_00.script.onnx"
            },
            {
              "fixtures/models/calodream/shape_full/velocity.script.onnx",
              "fixtures/models/calodream/shape_float/velocity.script.onnx"
            },
            {"published/caloinn-ds1-photon/all", "published/caloinn-ds1-photon/float"},
            {"published/caloinn-ds1-photon/central", "published/caloinn-ds1-photon/float"},
            {"published/caloinn-ds2-subnet/all", "published/caloinn-ds2-subnet/float"},
            {"published/calodream-ds2/noemb", "published/calodream-ds2/float"},
            {"published/pdat/bit", "published/pdat/float"},
            {"published/pdat-50/bit", "published/pdat-50/float"},
            {"published/pdat-30/bit", "published/pdat-30/float"},
            {"published/smeftnet/bit100", "published/smeftnet/float"},
          }) {
        if ((pair[0] + " " + pair[1]).contains(filter)) {
          row(shared, pair[0], pair[1], batch, kernels, natives, seconds);
        }
      }
    }
  }

  private static int[] batches(String[] args) {
    return args.length > 2
        ? Arrays.stream(args[2].split(",")).mapToInt(Integer::parseInt).toArray()
        : new int[] {1, 16, 100};
  }

  private static void row(
      Path shared,
      String ours,
      String theirs,
      int batch,
      Kernels kernels,
      Optional<NativeProducts> natives,
      double seconds)
      throws OrtException {
    byte[] other = bytes(shared, theirs);
    Graph graph = Graph.of(OnnxReader.read(ours, bytes(shared, ours)));
    Plan plan =
        Plan.of(Fusion.fuse(Lowering.lower(graph)), kernels, CodeProducts.MEASURED, natives);
    Map<String, NdArray> inputs = inputs(shared, graph, batch);
    Map<String, NdArray> theirInputs =
        inputs(shared, Graph.of(OnnxReader.read(theirs, other)), batch);
    try (Ort session = new Ort(other)) {
      Map<String, OnnxTensor> bound = new HashMap<>();
      for (Map.Entry<String, NdArray> e : theirInputs.entrySet()) {
        bound.put(e.getKey(), session.tensor(e.getValue()));
      }
      PairedTimes times =
          PairedTimes.measure(seconds, () -> plan.run(inputs), () -> run(session, bound));
      bound.values().forEach(OnnxTensor::close);
      System.out.printf(
          "| %s | %s | %d | %.3f | %.3f | %.2f |%n",
          label(ours),
          label(theirs),
          batch,
          times.firstMilliseconds(),
          times.secondMilliseconds(),
          times.ratio());
    }
    plan.close();
  }

  private static void run(Ort session, Map<String, OnnxTensor> inputs) {
    try (OrtSession.Result result = session.session().run(inputs)) {
      if (result.size() == 0) {
        throw new IllegalStateException("no result");
      }
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A file below the shared folder, or a network at published size, made here. */
  static byte[] bytes(Path shared, String model) {
    return model.startsWith("published/")
        ? OnnxWriter.write(PublishedNetworks.of(model.substring("published/".length())).model())
        : Fixtures.bytes(shared.resolve(model));
  }

  private static String label(String path) {
    return path.replace("fixtures/models/", "")
        .replace("models/", "")
        .replace("/model_torchscript.onnx", "")
        .replace(".script.onnx", "");
  }

  static Map<String, NdArray> inputs(Path shared, Graph graph, int batch) {
    Map<String, NdArray> inputs = new HashMap<>();
    for (OnnxValueInfo info : graph.inputs()) {
      String made = System.getProperty("bitbeam.pdat", "");
      if (info.name().matches("(published_)?(points|pairs|jet)") && !made.isEmpty()) {
        NdArray x = random(info, batch);
        inputs.put(info.name(), info.name().endsWith("pairs") ? pairs(x, made) : x);
        continue;
      }
      if (info.name().startsWith("published_")) {
        inputs.put(info.name(), random(info, batch));
        continue;
      }
      Path file =
          switch (info.name()) {
            case "pf_features", "pf_vectors", "pf_mask" ->
                Path.of(
                    URI.create(
                        SpeedAgainstOrt.class
                            .getResource("/jets/" + info.name() + ".npy")
                            .toString()));
            case "points", "pairs", "jet" ->
                shared.resolve("fixtures/models/pdat/features/" + info.name() + ".npy");
            case "pt", "angles", "scalars" ->
                shared.resolve("fixtures/models/smeftnet/inputs/" + info.name() + ".npy");
            case "input" ->
                shared.resolve("fixtures/models/caloinn/ds1-photon_all/subnet_00.input.npy");
            case "x", "t" ->
                shared.resolve("fixtures/models/calodream/common/" + info.name() + ".npy");
            default -> shared.resolve("fixtures/models/calodream/conditioning/condition.npy");
          };
      inputs.put(info.name(), repeated(Fixtures.npy(file), batch));
    }
    return inputs;
  }

  private static NdArray random(OnnxValueInfo info, int batch) {
    int[] shape =
        info.shape().orElseThrow().stream()
            .mapToInt(d -> d instanceof OnnxDimension.Fixed f ? Math.toIntExact(f.size()) : batch)
            .toArray();
    Random random = new Random(3);
    float[] x = new float[Shapes.size(shape)];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return new NdArray.FloatArray(shape, x);
  }

  /** Pairs of shape (batch, n, n, values) made symmetric, if asked for. */
  private static NdArray pairs(NdArray x, String made) {
    if (!made.equals("symmetric")) {
      return x;
    }
    int n = x.shape()[1];
    int values = x.shape()[3];
    int[] positions = new int[x.size()];
    for (int p = 0; p < positions.length; p++) {
      int v = p % values;
      int j = p / values % n;
      int i = p / values / n % n;
      int first = p / values / n / n * n;
      positions[p] = ((first + Math.min(i, j)) * n + Math.max(i, j)) * values + v;
    }
    NdArray.FloatArray y = (NdArray.FloatArray) x.take(positions, x.shape());
    for (int p = 0; p < y.size(); p++) {
      if (p / values % n == p / values / n % n) {
        y.values()[p] = 1;
      }
    }
    return y;
  }

  private static NdArray repeated(NdArray x, int rows) {
    int[] shape = x.shape().clone();
    int row = x.size() / shape[0];
    int have = shape[0];
    shape[0] = rows;
    int[] positions = new int[rows * row];
    Arrays.setAll(positions, i -> i / row % have * row + i % row);
    NdArray all = x.take(positions, shape);
    if (all instanceof NdArray.FloatArray f) {
      for (int i = have * row; i < f.size(); i++) { // equal rows would be computed once
        float v = f.values()[i];
        f.values()[i] = v == 0 || v == 1 ? v : v * (1 - i / (have * row) / 256f);
      }
    }
    return all;
  }
}
