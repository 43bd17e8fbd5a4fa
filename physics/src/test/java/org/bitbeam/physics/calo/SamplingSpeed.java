package org.bitbeam.physics.calo;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.TensorInfo;

/**
 * Milliseconds of CPU time a shower of whole CaloINN sampling on one thread, and how they divide
 * between subnets, splines and the rest, from given noise as the loops in Python; not a test but
 * started by tools/speed.sh. Arguments: bundle, backend, showers a batch, passes. {@code
 * tools/bench_calo.py} makes bundles of the published size and times PyTorch.
 */
public final class SamplingSpeed {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private SamplingSpeed() {}

  /** CPU time of this thread, which other work on the machine disturbs least. */
  private static long now() {
    return THREADS.getCurrentThreadCpuTime();
  }

  /** Adds up the time inside of a network and keeps its last output. */
  private static final class Timed implements Network {
    private final Network network;
    static long nanos;
    static float[] theta = {};

    Timed(Network network) {
      this.network = network;
    }

    @Override
    public List<TensorInfo> inputs() {
      return network.inputs();
    }

    @Override
    public List<TensorInfo> outputs() {
      return network.outputs();
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> inputs) {
      long start = now();
      Map<String, Tensor> outputs = network.run(inputs);
      nanos += now() - start;
      theta = outputs.values().iterator().next().floats();
      return outputs;
    }

    @Override
    public void close() {
      network.close();
    }
  }

  public static void main(String[] arguments) throws IOException {
    print(arguments, Backends.standard());
  }

  /** The times with a backend of these. */
  public static void print(String[] arguments, Backends backends) throws IOException {
    ModelBundle bundle = ModelBundle.open(Path.of(arguments[0]));
    int batch = Integer.parseInt(arguments[2]);
    int passes = Integer.parseInt(arguments[3]);
    Map<String, Network> networks = new LinkedHashMap<>();
    for (String role : bundle.roles()) {
      networks.put(
          role, new Timed(bundle.load(role, backends.get(arguments[1]), BackendOptions.DEFAULT)));
    }
    CaloInn model = CaloInn.of(bundle, networks);
    Random random = new Random(2);
    double[] energies = random.doubles(batch, 8, 18).map(e -> Math.pow(2, e)).toArray();
    long[] showers = new long[batch];
    Arrays.setAll(showers, i -> i);
    CounterRandom noise = new CounterRandom(1);
    double[] whole = new double[passes];
    double[] normals = new double[passes];
    double[] subnets = new double[passes];
    double[] splines = new double[passes];
    int numbers = model.shares().length() / 2;
    int blocks = bundle.stage().path("blocks").size();
    Spline spline = CaloInn.spline(bundle);
    double[] values = random.doubles(batch * numbers, -3, 3).toArray();
    for (int pass = -passes; pass < passes; pass++) {
      int length = model.shares().length();
      double[] latent = new double[batch * length];
      long noiseStart = now();
      for (int row = 0; row < batch; row++) {
        noise.normals(showers[row], 0, latent, row * length, length);
      }
      long noiseEnd = now();
      Timed.nanos = 0;
      long start = now();
      model.sample(energies, latent);
      long end = now();
      double[] copy = values.clone();
      Spline.Workspace room = spline.workspace(false);
      long splineStart = now();
      for (int row = 0; row < batch; row++) {
        spline.transform(
            copy,
            row * numbers,
            numbers,
            Timed.theta,
            row * numbers * spline.parameters(),
            true,
            room);
      }
      long splineEnd = now();
      if (pass >= 0) {
        whole[pass] = (end - start) / 1e6 / batch;
        normals[pass] = (noiseEnd - noiseStart) / 1e6 / batch;
        subnets[pass] = Timed.nanos / 1e6 / batch;
        splines[pass] = (splineEnd - splineStart) / 1e6 / batch * blocks;
      }
    }
    for (double[] times : List.of(whole, subnets, splines, normals)) {
      Arrays.sort(times);
    }
    System.out.printf(
        Locale.ROOT,
        "%s, backend %s: %.3f ms of CPU a shower (median of %d passes of %d); subnets %.3f, splines %.3f; noise, not in it, %.3f%n",
        bundle,
        arguments[1],
        whole[passes / 2],
        passes,
        batch,
        subnets[passes / 2],
        splines[passes / 2],
        normals[passes / 2]);
    networks.values().forEach(Network::close);
  }
}
