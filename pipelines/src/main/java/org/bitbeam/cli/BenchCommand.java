package org.bitbeam.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.bitbeam.runtime.Backend;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.CodeProducts;
import org.bitbeam.runtime.ElementType;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.PairedTimes;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.TensorInfo;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bitbeam bench}. */
@Command(
    name = "bench",
    description = "Measures speed.",
    subcommands = {
      BenchCommand.OfModel.class,
      BenchTaggerCommand.class,
      BenchPipelineCommand.class,
      BenchStudyCommand.class,
      BenchDriverCommand.class,
      BenchOverheadCommand.class,
      CommandLine.HelpCommand.class
    })
final class BenchCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(),
        "what? bitbeam bench model, tagger, pipeline, study, driver, overhead; each has --help");
  }

  /** {@code bitbeam bench model}. */
  @Command(
      name = "model",
      description = {
        "Times a network on one backend against another one: one thread each, in turns in this process, CPU time, medians.",
        "A ratio above 1 means that the first backend is faster."
      })
  static final class OfModel implements Callable<Integer> {
    @Mixin private CommonOptions common = new CommonOptions();

    @Mixin private NetworkChoice network = new NetworkChoice();

    @Spec private CommandSpec spec = CommandSpec.create();

    @Mixin private Sides sides = new Sides();

    @Option(
        names = "--batch",
        split = ",",
        defaultValue = "1,16,100",
        paramLabel = "N",
        description = "Sizes of the first axis, comma separated; default ${DEFAULT-VALUE}.")
    private List<Integer> batches = List.of(1, 16, 100);

    @Option(
        names = "--length",
        defaultValue = "50",
        paramLabel = "N",
        description = "Size of other open axes; default ${DEFAULT-VALUE}.")
    private int length = 50;

    @Option(
        names = "--seconds",
        defaultValue = "3",
        paramLabel = "S",
        description =
            "CPU seconds of samples per batch; twice as many go before them as warm-up; default ${DEFAULT-VALUE}.")
    private double seconds = 3;

    @Option(
        names = "--inputs",
        paramLabel = "DIR",
        description =
            "Folder with NAME.npy for each input, with at least as many rows as the largest batch; made-up numbers"
                + " without padding if absent.")
    private Optional<Path> folder = Optional.empty();

    @Option(
        names = "--products",
        defaultValue = "MEASURED",
        paramLabel = "WAY",
        description =
            "How backend bit forms integer sums: ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}. Results do not"
                + " depend on it.")
    private CodeProducts products = CodeProducts.MEASURED;

    @Option(
        names = "--int8",
        description =
            "Also time the other network with its float layers in int8 on the other backend (dynamic ranges, as 'bench study').")
    private boolean int8;

    /** Another side, and what it is called. */
    private record Other(String name, Network network) {}

    @Override
    public Integer call() throws Exception {
      if (length < 1 || !(seconds > 0) || batches.stream().anyMatch(batch -> batch < 1)) {
        throw new CommandLine.ParameterException(
            spec.commandLine(), "--batch, --length and --seconds need more than 0");
      }
      NetworkFile mine = network.open();
      NetworkFile theirs =
          sides.againstModel.isPresent() ? NetworkFile.open(sides.againstModel.get(), "") : mine;
      Backends backends = Bitbeam.backends(spec).get();
      List<Map<String, Object>> rows = new ArrayList<>();
      PrintWriter out = spec.commandLine().getOut();
      List<String> choices;
      if (!common.json) {
        out.printf(
            "%s on %s against %s on %s, JDK %s%n",
            mine.label(), sides.backend, theirs.label(), sides.against, Runtime.version());
        out.printf(
            "%-12s %8s %12s %12s %8s %8s%n",
            "against", "batch", "ms", "other, ms", "ratio", "samples");
      }
      List<Other> others = new ArrayList<>();
      try (Network first = load(backends.get(sides.backend), mine)) {
        others.add(new Other(sides.against, load(backends.get(sides.against), theirs)));
        if (int8) {
          NetworkFile smaller = new NetworkFile(theirs.label(), theirs.int8());
          others.add(
              new Other(sides.against + " int8", load(backends.get(sides.against), smaller)));
        }
        for (int batch : batches) {
          Map<String, Tensor> a = inputs(first, batch);
          for (Other other : others) {
            Map<String, Tensor> b = inputs(other.network(), batch);
            PairedTimes times =
                PairedTimes.measure(seconds, () -> first.run(a), () -> other.network().run(b));
            rows.add(row(other.name(), batch, times));
            if (!common.json) {
              out.printf(
                  Locale.ROOT,
                  "%-12s %8d %12.3f %12.3f %8.2f %8d%n",
                  other.name(),
                  batch,
                  times.firstMilliseconds(),
                  times.secondMilliseconds(),
                  times.ratio(),
                  times.samples());
              out.flush();
            }
          }
        }
        choices = first.choices();
      } finally {
        others.forEach(other -> other.network().close());
      }
      if (common.json) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("model", mine.label());
        document.put("backend", sides.backend);
        document.put("againstModel", theirs.label());
        document.put("against", sides.against);
        document.put("jdk", Runtime.version().toString());
        document.put("rows", rows);
        document.put("choices", choices);
        CommonOptions.printJson(out, document);
      } else {
        choices.forEach(choice -> out.println("  " + choice));
      }
      return CommandLine.ExitCode.OK;
    }

    private Network load(Backend engine, NetworkFile file) {
      return engine.load(
          file.label(), file.onnx(), BackendOptions.DEFAULT.withCodeProducts(products));
    }

    private static Map<String, Object> row(String against, int batch, PairedTimes times) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("against", against);
      row.put("batch", batch);
      row.put("milliseconds", times.firstMilliseconds());
      row.put("otherMilliseconds", times.secondMilliseconds());
      row.put("ratio", times.ratio());
      row.put("samples", times.samples());
      return row;
    }

    private Map<String, Tensor> inputs(Network of, int batch) throws IOException {
      if (folder.isEmpty()) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (TensorInfo info : of.inputs()) {
          inputs.put(info.name(), random(info, batch, length));
        }
        return inputs;
      }
      Map<String, Tensor> arrays = NetworkFile.arrays(folder.get(), of.inputs());
      arrays.forEach(
          (name, array) -> {
            if (array.axis(0) < batch) {
              throw new IllegalArgumentException(
                  folder.get()
                      + ": "
                      + name
                      + " has "
                      + array.axis(0)
                      + " rows, fewer than "
                      + batch);
            }
          });
      return NetworkFile.leadingRows(arrays, of.inputs(), batch);
    }

    /** Numbers between 0.1 and 1, none twice: equal rows would be computed once. */
    private static Tensor random(TensorInfo info, int batch, int length) {
      if (info.elementType() != ElementType.FLOAT32) {
        throw new IllegalArgumentException(
            "input \"" + info.name() + "\" is " + info.elementType() + "; give --inputs");
      }
      int[] shape = new int[info.shape().size()];
      int size = 1;
      for (int axis = 0; axis < shape.length; axis++) {
        int given = info.shape().get(axis);
        shape[axis] = given != TensorInfo.DYNAMIC ? given : axis == 0 ? batch : length;
        size = Math.multiplyExact(size, shape[axis]);
      }
      SplittableRandom random = new SplittableRandom(1);
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = (float) random.nextDouble(0.1, 1);
      }
      return Tensor.of(values, shape);
    }
  }
}
