package org.bitbeam.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.bitbeam.runtime.Backend;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.TensorInfo;
import org.bitbeam.runtime.onnx.OnnxModel;
import org.bitbeam.runtime.onnx.OnnxWriter;
import org.bitbeam.runtime.published.PublishedNetworks;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One forward pass on backend {@code bit}; with {@code -prof gc} what it allocates
 * (docs/runtime.md). Bundles are looked for in the folder of the system property {@code
 * bitbeam.benchmark.models}, or in {@code models}; {@code published/NAME} is one of {@link
 * PublishedNetworks}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx1g", "-XX:+UseSerialGC", "--add-modules=jdk.incubator.vector"})
public class NetworkBenchmark {
  private static final int LENGTH = 50;

  /** Bundles with one network of floats, and networks of the paper. */
  @Param({"pfn", "pfn-bit", "part-bit", "published/smeftnet/bit100", "published/pdat-50/bit"})
  public String bundle = "pfn";

  /** Jets of 50 constituents. */
  @Param({"1", "100"})
  public int batch = 1;

  private @Nullable Network network;
  private Map<String, Tensor> inputs = Map.of();

  /** Loads the network and makes a batch, no two rows alike. */
  @Setup(Level.Trial)
  public void load() throws IOException {
    Network loaded = loaded(Backends.standard().get("bit"));
    network = loaded;
    inputs = new LinkedHashMap<>();
    SplittableRandom random = new SplittableRandom(1);
    for (TensorInfo info : loaded.inputs()) {
      int[] shape = info.shape().stream().mapToInt(Integer::intValue).toArray();
      int size = 1;
      for (int axis = 0; axis < shape.length; axis++) {
        shape[axis] = shape[axis] != TensorInfo.DYNAMIC ? shape[axis] : axis == 0 ? batch : LENGTH;
        size *= shape[axis];
      }
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = (float) random.nextDouble(0.1, 1);
      }
      inputs.put(info.name(), Tensor.of(values, shape));
    }
    loaded.warmUp(batch, LENGTH);
  }

  private Network loaded(Backend bit) throws IOException {
    if (bundle.startsWith("published/")) {
      OnnxModel model = PublishedNetworks.of(bundle.substring("published/".length())).model();
      return bit.load(bundle, OnnxWriter.write(model), BackendOptions.DEFAULT);
    }
    String folder = System.getProperty("bitbeam.benchmark.models", "models");
    return ModelBundle.open(Path.of(folder, bundle)).load(bit, BackendOptions.DEFAULT);
  }

  /** Frees the network. */
  @TearDown(Level.Trial)
  public void close() {
    if (network != null) {
      network.close();
    }
  }

  /** A pass; its result is new memory, and the maps and tensors around it. */
  @Benchmark
  public Map<String, Tensor> pass() {
    if (network == null) {
      throw new IllegalStateException("not loaded");
    }
    return network.run(inputs);
  }
}
