package org.bitbeam.training.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.bitbeam.cli.CommonOptions;
import org.bitbeam.cli.Progress;
import org.bitbeam.training.TrainingCheck;
import org.bitbeam.training.TrainingJob;
import org.bitbeam.training.TrainingOptions;
import org.bitbeam.training.TrainingTask;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options and conduct of all trainings. */
abstract class TrainingConduct implements Callable<Integer> {
  private static final int STOPPED = 130;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--data",
      required = true,
      paramLabel = "GLOB",
      description = "Files to train with; may be given several times.")
  List<String> data = List.of();

  @Option(
      names = "--validation",
      paramLabel = "GLOB",
      description = "Files to validate with; without, a share of the data is kept back.")
  List<String> validation = List.of();

  @Option(
      names = "--validation-share",
      defaultValue = "0.1",
      paramLabel = "SHARE",
      description = "Share of the data that is kept back; default ${DEFAULT-VALUE}.")
  double share;

  @Option(names = "--epochs", defaultValue = "10", description = "Default ${DEFAULT-VALUE}.")
  private int epochs;

  @Option(names = "--batch", defaultValue = "128", description = "Default ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--learning-rate",
      defaultValue = "0.001",
      description = "Largest learning rate; default ${DEFAULT-VALUE}.")
  private double learningRate;

  @Option(
      names = "--schedule",
      defaultValue = "onecycle",
      description = "constant, cosine, onecycle, or step:EPOCHS:FACTOR; default ${DEFAULT-VALUE}.")
  private String schedule = "";

  @Option(
      names = "--weight-decay",
      defaultValue = "0.01",
      description = "Of AdamW; default ${DEFAULT-VALUE}.")
  private double weightDecay;

  @Option(
      names = "--clip",
      defaultValue = "1",
      description = "Largest norm of the gradients, 0 for none; default ${DEFAULT-VALUE}.")
  private double clip;

  @Option(
      names = "--average",
      defaultValue = "0",
      description =
          "Decay of a moving average of the parameters, which is exported then; default"
              + " ${DEFAULT-VALUE}: none.")
  private double average;

  @Option(
      names = "--patience",
      defaultValue = "0",
      description =
          "Ends after so many epochs without a better validation; default ${DEFAULT-VALUE}:"
              + " never.")
  private int patience;

  @Option(names = "--seed", defaultValue = "1", description = "Default ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--start",
      paramLabel = "CHECKPOINT",
      description = "Starts from the best parameters of another training (warm start).")
  Optional<Path> start = Optional.empty();

  @Option(
      names = "--teacher",
      paramLabel = "CHECKPOINT",
      description =
          "Learns from the outputs of another training too (distillation), of CaloDREAM from its velocities; CaloINN has none.")
  Optional<Path> teacher = Optional.empty();

  @Option(
      names = "--distillation",
      defaultValue = "0.5",
      description = "Share of the teacher in the targets; default ${DEFAULT-VALUE}.")
  private double distillation;

  @Option(
      names = "--anneal",
      defaultValue = "0",
      paramLabel = "SHARE",
      description =
          "Share of the steps on which ternary weights become ternary little by little; default ${DEFAULT-VALUE}: they"
              + " are at once.")
  private double anneal;

  @Option(
      names = "--sub-norm",
      description =
          "Ternary and binary layers normalise the rows of their inputs before they quantise them (BitNet's sub-layer"
              + " normalisation, without parameters).")
  private boolean normalisesInputs;

  @Option(
      names = "--memory",
      defaultValue = "512",
      paramLabel = "MB",
      description = "Limit for the data held at a time; default ${DEFAULT-VALUE}.")
  long memory;

  @Option(
      names = "--threads",
      defaultValue = "0",
      paramLabel = "N",
      description =
          "Threads of PyTorch; default: all. Another number may round differently: results are"
              + " the same for the same number.")
  private int threads;

  @Option(
      names = "--licence",
      defaultValue = "CC0-1.0",
      description = "Of the bundle, as SPDX name; default ${DEFAULT-VALUE}.")
  String licence = "";

  @Option(
      names = "--output",
      required = true,
      paramLabel = "BUNDLE",
      description = "Folder to write; an existing one is not replaced.")
  Path output = Path.of("");

  @Option(
      names = "--check",
      paramLabel = "BACKEND",
      description =
          "Trains nothing: what this backend makes of the finished bundle on the training's validation sample, beside what"
              + " the training found. Other options as of the training; fails if they differ by more than the statistical"
              + " error.")
  private Optional<String> backend = Optional.empty();

  /** Trains. */
  abstract TrainingJob.Result run(TrainingJob.Progress progress, BooleanSupplier stop)
      throws IOException;

  /** What a backend makes of the finished bundle. */
  abstract TrainingCheck check(String backend) throws IOException;

  /**
   * Refuses options of a group if they were given.
   *
   * @param mixin field of the group
   * @param reason said behind the option's name
   */
  void refuse(String mixin, String reason) {
    CommandLine.ParseResult given = spec.commandLine().getParseResult();
    for (CommandLine.Model.OptionSpec option :
        Objects.requireNonNull(spec.mixins().get(mixin)).options()) {
      if (given.hasMatchedOption(option.longestName())) {
        throw new IllegalArgumentException(option.longestName() + " " + reason);
      }
    }
  }

  /** The common options. */
  TrainingOptions options() {
    return new TrainingOptions(
        epochs,
        batch,
        learningRate,
        schedule,
        weightDecay,
        clip,
        average,
        patience,
        teacher.isPresent() ? distillation : 0,
        anneal,
        seed);
  }

  /** A plan: the text of the file of that name, or the name; with what other options add to it. */
  String planOf(String nameOrFile) throws IOException {
    String plan =
        Files.isRegularFile(Path.of(nameOrFile))
            ? Files.readString(Path.of(nameOrFile))
            : nameOrFile;
    return normalisesInputs ? TrainingTask.withSubNorm(plan) : plan;
  }

  @Override
  public Integer call() throws Exception {
    if (threads > 0) {
      System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
    }
    if (backend.isPresent()) {
      return print(check(backend.get()));
    }
    AtomicBoolean stop = new AtomicBoolean();
    CountDownLatch saved = new CountDownLatch(1);
    Thread hook =
        new Thread(
            () -> {
              stop.set(true);
              try {
                saved.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      TrainingJob.Result result = run(new Shown(), stop::get);
      print(result);
      return result.finished() ? CommandLine.ExitCode.OK : STOPPED;
    } finally {
      saved.countDown();
      if (!stop.get()) {
        Runtime.getRuntime().removeShutdownHook(hook);
      }
    }
  }

  private int print(TrainingCheck check) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (common.json) {
      CommonOptions.printJson(out, check);
    } else {
      out.printf(
          Locale.ROOT,
          "%s: %s %.6g by PyTorch, %.6g by %s, differing by %.1e; statistical error %.1e (%d events)%n",
          output,
          check.metric(),
          check.training(),
          check.found(),
          check.backend(),
          Math.abs(check.found() - check.training()),
          check.error(),
          check.events());
    }
    out.flush();
    return check.agrees() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private void print(TrainingJob.Result result) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (common.json) {
      CommonOptions.printJson(out, result);
    } else if (result.finished()) {
      out.printf(
          Locale.ROOT,
          "wrote %s: %s %.4f in validation, after %.0f s%n",
          output,
          result.metric(),
          result.validation(),
          result.seconds());
    } else {
      out.printf("stopped and saved; the same command continues%n");
    }
    out.flush();
  }

  /** A bar on a terminal, and a line an epoch. */
  private final class Shown implements TrainingJob.Progress {
    private final PrintWriter err = spec.commandLine().getErr();
    private Optional<Progress> bar = Optional.empty();

    @Override
    public void step(long done, long total) {
      if (bar.isEmpty()) {
        bar = Optional.of(new Progress(err, Progress.isTerminal(), "steps", total));
      }
      bar.get().update(done);
    }

    @Override
    public void log(JsonNode line) {
      bar.ifPresent(Progress::end);
      String metric = "";
      for (Iterator<String> names = line.fieldNames(); names.hasNext(); ) {
        String name = names.next();
        metric = name.startsWith("validation") ? name : metric;
      }
      err.printf(
          Locale.ROOT,
          "epoch %d: loss %.4f, %s %.4f, %.0f s%n",
          line.path("epoch").asInt(),
          line.path("loss").asDouble(),
          metric,
          line.path(metric).asDouble(),
          line.path("seconds").asDouble());
      err.flush();
    }
  }
}
