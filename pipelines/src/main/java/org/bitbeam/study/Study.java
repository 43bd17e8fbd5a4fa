package org.bitbeam.study;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.ToLongFunction;
import org.bitbeam.runtime.Backend;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.CodeProducts;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.ModelReport;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.NetworkQuantiser;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.TensorInfo;

/**
 * Counts and times networks: backend {@code bit}, ONNX Runtime with the network as it is, and with
 * its float layers in int8 (dynamic quantisation); PyTorch in a process of its own, where there is
 * one. All in turns, one thread a pass.
 */
public final class Study {
  /** Backend {@code bit}, with the products it chooses by measuring. */
  public static final String BIT = "bit";

  /** ONNX Runtime, as the network is. */
  public static final String ORT = "ort fp32";

  /** ONNX Runtime with float layers in int8, activations by the range of the whole tensor. */
  public static final String ORT_INT8 = "ort int8";

  /** PyTorch, eager, in a process of its own. */
  public static final String TORCH = "torch fp32";

  // How near PyTorch's outputs must be to ONNX Runtime's, as part of the largest, and how many may
  // not be: a rounding that goes the other way moves a code of a ternary layer by one.
  private static final double TOLERANCE = 1e-4;
  private static final double TOLERANCE_OF_CODES = 1e-2;
  private static final double SHARE_OF_FLIPS = 0.01;

  private final Backends backends;
  private final StudyOptions options;
  private final Consumer<String> progress;
  private final Optional<TorchPeer> torch;
  private final Energy energy = Energy.find();

  /**
   * Measures with these backends.
   *
   * @param torch PyTorch, with a process for each of the callers of the options; absent: without
   */
  public Study(
      Backends backends,
      StudyOptions options,
      Optional<TorchPeer> torch,
      Consumer<String> progress) {
    this.torch = torch;
    this.backends = backends;
    this.options = options;
    this.progress = progress;
  }

  /** Measures networks, one after the other. */
  public StudyResult of(List<Subject> subjects) throws IOException, InterruptedException {
    return of(subjects, soFar -> {});
  }

  /**
   * Measures networks, one after the other.
   *
   * @param soFar is given, after each network, what all of them so far have brought
   */
  public StudyResult of(List<Subject> subjects, Consumer<StudyResult> soFar)
      throws IOException, InterruptedException {
    Map<String, String> machine = Machine.describe();
    torch.ifPresent(peer -> machine.put("PyTorch", peer.version() + ", eager"));
    machine.put("energy", energy.readable() ? "RAPL, whole package" : "no counter can be read");
    StudyResult.Peaks peaks = new PeakSpeeds(backends, options.seconds()).measure();
    List<StudyResult.Row> rows = new ArrayList<>();
    ExecutorService callers = Executors.newFixedThreadPool(options.cores());
    try {
      for (Subject subject : subjects) {
        progress.accept(subject.name());
        rows.add(row(subject, callers));
        soFar.accept(new StudyResult(machine, peaks, rows));
      }
    } finally {
      callers.shutdownNow();
    }
    return new StudyResult(machine, peaks, rows);
  }

  private StudyResult.Row row(Subject subject, ExecutorService callers)
      throws IOException, InterruptedException {
    List<ModelReport> reports =
        subject.networks().stream()
            .map(onnx -> ModelReport.of(subject.name(), onnx, 1, Subject.length()))
            .toList();
    long bitWeights =
        reports.stream()
            .flatMap(report -> report.layers().stream())
            .filter(layer -> !layer.kind().equals("float"))
            .mapToLong(layer -> (long) layer.inputs() * layer.outputs())
            .sum();
    long others = subject.parameters() - bitWeights;
    Map<String, Long> bytes = new LinkedHashMap<>();
    bytes.put("fp32", 4 * subject.parameters());
    bytes.put("int8", subject.parameters());
    bytes.put("2 bit", 4 * others + (bitWeights + 3) / 4);
    bytes.put("1.6 bit", 4 * others + (bitWeights + 4) / 5);

    List<StudyResult.Time> times = new ArrayList<>();
    List<String> omitted = new ArrayList<>();
    List<Network> open = new ArrayList<>();
    long numbersOfEvent = 0;
    try {
      Map<String, List<Network>> engines = engines(subject, bitWeights > 0, open, omitted);
      for (Network network : engines.values().iterator().next()) {
        Map<String, Tensor> one = Subject.inputs(network.inputs(), 1);
        numbersOfEvent += size(one) + size(network.run(one));
      }
      List<Network> ort = Objects.requireNonNull(engines.get(ORT));
      boolean hasTorch = loadTorch(subject, ort, bitWeights > 0, omitted);
      double slowest = 0; // of the batch before, a row
      for (int batch : options.batches()) {
        if (slowest * batch > options.longestPass()) {
          omitted.add(
              String.format(
                  Locale.ROOT,
                  "batch %d: a pass would take %.1f s, more than %.1f",
                  batch,
                  slowest * batch,
                  options.longestPass()));
          continue;
        }
        List<Contestant> contestants = contestants(subject, engines, batch, omitted);
        if (hasTorch) {
          torch.orElseThrow().prepare(inputs(ort, batch));
          contestants.add(torch.get().contestant(TORCH));
        }
        List<Double> single = Contestant.processorMilliseconds(contestants, options.seconds());
        slowest = 0;
        for (int i = 0; i < contestants.size(); i++) {
          double joules = Double.NaN;
          if (energy.readable()) {
            joules = energy.joulesOfPass(contestants.get(i), options.seconds()) * 1000 / batch;
          }
          times.add(
              new StudyResult.Time(
                  contestants.get(i).name(), batch, 1, single.get(i) / batch, joules));
          slowest = Math.max(slowest, single.get(i) / 1e3 / batch);
        }
        for (int cores = 2; cores <= options.cores(); cores++) {
          List<Double> several =
              Contestant.wallMilliseconds(contestants, callers, cores, options.seconds());
          for (int i = 0; i < contestants.size(); i++) {
            times.add(
                new StudyResult.Time(
                    contestants.get(i).name(), batch, cores, several.get(i) / batch, Double.NaN));
          }
        }
      }
    } finally {
      open.forEach(Network::close);
    }
    return new StudyResult.Row(
        subject.name(),
        subject.parameters(),
        sum(
            reports,
            r ->
                r.macsInFloatLayers()
                    + r.macsInBitLayers()
                    + r.macsInIntegerLayers()
                    + r.macsInAttention()),
        sum(reports, ModelReport::macsInBitLayers),
        sum(reports, ModelReport::flops),
        sum(reports, ModelReport::intOps),
        bytes,
        4 * numbersOfEvent,
        subject.metrics(),
        times,
        omitted);
  }

  private static long size(Map<String, Tensor> tensors) {
    return tensors.values().stream().mapToLong(Tensor::size).sum();
  }

  private static long sum(List<ModelReport> reports, ToLongFunction<ModelReport> count) {
    return reports.stream().mapToLong(count).sum();
  }

  private Map<String, List<Network>> engines(
      Subject subject, boolean hasBits, List<Network> open, List<String> omitted) {
    Map<String, List<Network>> engines = new LinkedHashMap<>();
    Backend ort = backends.get("ort");
    Backend bit = backends.get("bit");
    engines.put(BIT, load(bit, subject, subject.networks(), CodeProducts.MEASURED, open));
    if (options.everyKernel() && hasBits) {
      for (CodeProducts products : CodeProducts.values()) {
        if (products == CodeProducts.MEASURED) {
          continue;
        }
        String way = products.name().toLowerCase(Locale.ROOT);
        String name = BIT + " " + way.replace('_', ' ');
        List<Network> loaded = load(bit, subject, subject.networks(), products, open);
        // What a machine does not have is replaced in silence, for results do not depend on it.
        if (loaded.stream()
            .flatMap(network -> network.choices().stream())
            .anyMatch(choice -> choice.endsWith(": " + way))) {
          engines.put(name, loaded);
        } else {
          omitted.add(name + ": not on this machine and JDK");
        }
      }
    }
    engines.put(ORT, load(ort, subject, subject.networks(), CodeProducts.MEASURED, open));
    try {
      NetworkQuantiser.Plan plan = new NetworkQuantiser.Plan(List.of(), LayerPrecision.INT8);
      List<byte[]> int8 =
          subject.networks().stream()
              .map(onnx -> NetworkQuantiser.quantise(subject.name(), onnx, plan))
              .toList();
      engines.put(ORT_INT8, load(ort, subject, int8, CodeProducts.MEASURED, open));
    } catch (RuntimeException e) {
      omitted.add(ORT_INT8 + ": " + e.getMessage());
    }
    return engines;
  }

  private static List<Network> load(
      Backend backend,
      Subject subject,
      List<byte[]> networks,
      CodeProducts products,
      List<Network> open) {
    List<Network> loaded = new ArrayList<>();
    for (byte[] onnx : networks) {
      Network network =
          backend.load(subject.name(), onnx, BackendOptions.DEFAULT.withCodeProducts(products));
      loaded.add(network);
      open.add(network);
    }
    return loaded;
  }

  private static List<Contestant> contestants(
      Subject subject, Map<String, List<Network>> engines, int batch, List<String> omitted) {
    List<Contestant> contestants = new ArrayList<>();
    for (Map.Entry<String, List<Network>> engine : engines.entrySet()) {
      Runnable pass = pass(subject, engine.getValue(), batch);
      try {
        pass.run();
      } catch (RuntimeException e) {
        omitted.add(engine.getKey() + ", batch " + batch + ": " + e.getMessage());
        continue;
      }
      contestants.add(Contestant.of(engine.getKey(), pass));
    }
    return contestants;
  }

  /** Whether PyTorch has the networks, and finds what ONNX Runtime does for the smallest batch. */
  private boolean loadTorch(
      Subject subject, List<Network> ort, boolean hasCodes, List<String> omitted)
      throws IOException {
    if (torch.isEmpty()) {
      return false;
    }
    if (subject.whole().isPresent()) {
      omitted.add(TORCH + ": not run: the networks alone are timed, in the row before");
      return false;
    }
    List<Map<String, Tensor>> inputs = inputs(ort, options.batches().get(0));
    float[] outputs;
    try {
      torch.get().load(subject.name(), subject.networks());
      outputs = torch.get().run(inputs);
    } catch (UnsupportedOperationException e) {
      omitted.add(TORCH + ": not run: " + e.getMessage());
      return false;
    }
    double tolerance = hasCodes ? TOLERANCE_OF_CODES : TOLERANCE;
    int at = 0;
    int different = 0;
    for (int i = 0; i < ort.size(); i++) {
      Map<String, Tensor> expected = ort.get(i).run(inputs.get(i));
      for (TensorInfo info : ort.get(i).outputs()) {
        float[] values = Objects.requireNonNull(expected.get(info.name())).floats();
        float largest = 0;
        for (float value : values) {
          largest = Math.max(largest, Math.abs(value));
        }
        for (float value : values) {
          if (!(Math.abs(outputs[at++] - value) <= tolerance * largest)) {
            different++;
          }
        }
      }
    }
    if (different > (hasCodes ? SHARE_OF_FLIPS * at : 0)) {
      omitted.add(
          String.format(
              Locale.ROOT,
              "%s: not run: %,d of %,d outputs are further from ONNX Runtime's than %.0e of the largest",
              TORCH,
              different,
              at,
              tolerance));
      return false;
    }
    return true;
  }

  private static List<Map<String, Tensor>> inputs(List<Network> networks, int batch) {
    return networks.stream().map(network -> Subject.inputs(network.inputs(), batch)).toList();
  }

  private static Runnable pass(Subject subject, List<Network> networks, int batch) {
    if (subject.whole().isPresent()) {
      IntConsumer whole = subject.whole().get().apply(networks);
      return () -> whole.accept(batch);
    }
    List<Runnable> passes = new ArrayList<>();
    for (Network network : networks) {
      Map<String, Tensor> inputs = Subject.inputs(network.inputs(), batch);
      passes.add(() -> network.run(inputs));
    }
    return () -> passes.forEach(Runnable::run);
  }
}
