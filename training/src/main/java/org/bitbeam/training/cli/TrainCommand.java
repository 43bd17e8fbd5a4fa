package org.bitbeam.training.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bitbeam.cli.CommonOptions;
import org.bitbeam.cli.LocalFiles;
import org.bitbeam.cli.Progress;
import org.bitbeam.training.EftTask;
import org.bitbeam.training.PdatSizes;
import org.bitbeam.training.TaggerTask;
import org.bitbeam.training.TrainingJob;
import org.bitbeam.training.TrainingOptions;
import org.bitbeam.training.TrainingTask;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bitbeam train}. */
@Command(
    name = "train",
    description = "Trains networks with quantised layers.",
    subcommands = {
      TrainCommand.Tagger.class,
      TrainCommand.Eft.class,
      CommandLine.HelpCommand.class
    })
final class TrainCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "which? bitbeam train tagger, eft; each has --help");
  }

  private static List<Integer> widths(String text) {
    try {
      return Arrays.stream(text.split("x", -1)).map(Integer::valueOf).toList();
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "widths \"" + text + "\": expected numbers such as 10x10", e);
    }
  }

  /** Sizes of P-DAT but its width; the published ones if none is given. */
  static final class PdatOptions {
    @Option(
        names = "--constituents",
        defaultValue = "100",
        paramLabel = "N",
        description =
            "Of P-DAT: constituents that are used, the hardest; default ${DEFAULT-VALUE}.")
    private int constituents;

    @Option(
        names = "--neighbours",
        defaultValue = "21",
        paramLabel = "N",
        description =
            "Of P-DAT: neighbours of a constituent, with itself; default ${DEFAULT-VALUE}.")
    private int neighbours;

    @Option(
        names = "--edge",
        defaultValue = "128",
        paramLabel = "N",
        description = "Of P-DAT: channels of the edge convolution; default ${DEFAULT-VALUE}.")
    private int edge;

    @Option(
        names = "--heads",
        defaultValue = "8",
        paramLabel = "N",
        description = "Of P-DAT: heads of the attention; default ${DEFAULT-VALUE}.")
    private int heads;

    @Option(
        names = "--pair",
        defaultValue = "32x16",
        paramLabel = "NxN",
        description = "Of P-DAT: hidden channels of the pair layers; default ${DEFAULT-VALUE}.")
    private String pair = "";

    @Option(
        names = "--fuse",
        defaultValue = "256",
        paramLabel = "N",
        description = "Of P-DAT: channels behind the attentions; default ${DEFAULT-VALUE}.")
    private int fuse;

    @Option(
        names = "--head",
        defaultValue = "128",
        paramLabel = "N",
        description = "Of P-DAT: channels of the last hidden layer; default ${DEFAULT-VALUE}.")
    private int head;

    private PdatSizes sizes(int width) {
      return new PdatSizes(edge, width, heads, widths(pair), fuse, head);
    }
  }

  /** Options and conduct of all trainings. */
  abstract static class Training implements Callable<Integer> {
    private static final int STOPPED = 130;

    @Mixin private CommonOptions common = new CommonOptions();

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
        names = "--data",
        required = true,
        paramLabel = "GLOB",
        description = "ROOT files with labelled jets; may be given several times.")
    private List<String> data = List.of();

    @Option(
        names = "--validation",
        paramLabel = "GLOB",
        description =
            "Files with the validation jets; without, a share of the events is kept back.")
    private List<String> validation = List.of();

    @Option(
        names = "--validation-share",
        defaultValue = "0.1",
        paramLabel = "SHARE",
        description = "Share of the events that is kept back; default ${DEFAULT-VALUE}.")
    private double share;

    @Option(
        names = "--event",
        defaultValue = "eventNumber",
        paramLabel = "COLUMN",
        description = "Event numbers, which decide what is kept back; default ${DEFAULT-VALUE}.")
    private String event = "";

    @Option(
        names = "--tree",
        defaultValue = "jets",
        paramLabel = "NAME",
        description = "Dataset; default ${DEFAULT-VALUE}.")
    private String tree = "";

    @Option(
        names = "--layout",
        defaultValue = "auto",
        paramLabel = "NAME|FILE.json",
        description = "How the files hold jets, as of 'bitbeam tag'; default ${DEFAULT-VALUE}.")
    private String layout = "";

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
        description =
            "constant, cosine, onecycle, or step:EPOCHS:FACTOR; default ${DEFAULT-VALUE}.")
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
    private Optional<Path> start = Optional.empty();

    @Option(
        names = "--teacher",
        paramLabel = "CHECKPOINT",
        description = "Learns from the outputs of another training too (distillation).")
    private Optional<Path> teacher = Optional.empty();

    @Option(
        names = "--distillation",
        defaultValue = "0.5",
        description = "Share of the teacher in the targets; default ${DEFAULT-VALUE}.")
    private double distillation;

    @Option(
        names = "--memory",
        defaultValue = "512",
        paramLabel = "MB",
        description = "Limit for the jets held at a time; default ${DEFAULT-VALUE}.")
    private long memory;

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
    private String licence = "";

    @Option(
        names = "--output",
        required = true,
        paramLabel = "BUNDLE",
        description = "Folder to write; an existing one is not replaced.")
    private Path output = Path.of("");

    /** What is trained. */
    abstract TrainingTask task() throws IOException;

    /** Column of what is learnt. */
    abstract String truth();

    /** Name or file of the precisions. */
    abstract String plan();

    private TrainingJob job() throws IOException {
      String described = layout.endsWith(".json") ? Files.readString(Path.of(layout)) : layout;
      String precisions = plan();
      return new TrainingJob(
          LocalFiles.of(data),
          LocalFiles.of(validation),
          tree,
          described,
          truth(),
          event,
          share,
          task(),
          Files.isRegularFile(Path.of(precisions))
              ? Files.readString(Path.of(precisions))
              : precisions,
          new TrainingOptions(
              epochs,
              batch,
              learningRate,
              schedule,
              weightDecay,
              clip,
              average,
              patience,
              teacher.isPresent() ? distillation : 0,
              seed),
          start,
          teacher,
          memory << 20,
          licence,
          output);
    }

    @Override
    public Integer call() throws Exception {
      if (threads > 0) {
        System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
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
        TrainingJob.Result result = job().run(new Shown(), stop::get);
        print(result);
        return result.finished() ? CommandLine.ExitCode.OK : STOPPED;
      } finally {
        saved.countDown();
        if (!stop.get()) {
          Runtime.getRuntime().removeShutdownHook(hook);
        }
      }
    }

    private void print(TrainingJob.Result result) throws IOException {
      PrintWriter out = spec.commandLine().getOut();
      if (common.json) {
        CommonOptions.printJson(out, result);
      } else if (result.finished()) {
        out.printf(
            Locale.ROOT,
            "wrote %s: %s %.4f on the validation jets, after %.0f s%n",
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

  /** {@code bitbeam train tagger}. */
  @Command(
      name = "tagger",
      description = {
        "Trains a quark/gluon tagger and writes a bundle for 'bitbeam tag'.",
        "Beside the bundle lie BUNDLE.checkpoint and BUNDLE.log.jsonl. Ctrl-C ends it after the step and saves; the same command"
            + " continues from the checkpoint, to the same result."
      })
  static final class Tagger extends Training {
    @Option(
        names = "--truth",
        defaultValue = "label",
        paramLabel = "COLUMN",
        description = "Classes, a value a jet; default ${DEFAULT-VALUE}.")
    private String truth = "";

    @Option(
        names = "--signal",
        split = ",",
        defaultValue = "1",
        paramLabel = "VALUE",
        description = "Values of the truth that are signal (quarks); default ${DEFAULT-VALUE}.")
    private List<Long> signal = List.of();

    @Option(
        names = "--background",
        split = ",",
        defaultValue = "0",
        paramLabel = "VALUE",
        description = "Values that are background (gluons); default ${DEFAULT-VALUE}.")
    private List<Long> background = List.of();

    @Option(
        names = "--network",
        defaultValue = "pfn",
        paramLabel = "NAME",
        description =
            "pfn: particle flow network; pdat: P-DAT; pdat-masked: P-DAT without padding.")
    private String network = "";

    @Option(
        names = "--width",
        defaultValue = "0",
        paramLabel = "N",
        description = "Size of the hidden layers; default 128, of P-DAT 64.")
    private int width;

    @Mixin private PdatOptions pdat = new PdatOptions();

    @Option(
        names = "--plan",
        defaultValue = "float",
        paramLabel = "float|bit|bit-edges|FILE.json",
        description = {
          "Precision of the layers; default ${DEFAULT-VALUE}. bit: ternary, of pfn all of phi.* and rho.* but the first and the last,"
              + " of P-DAT those of both attentions. bit-edges: P-DAT's edge convolutions and pair layers too, but the first of each."
              + " FILE: as of 'bitbeam model quantise'."
        })
    private String plan = "";

    @Override
    TrainingTask task() throws IOException {
      Set<Long> quarks = Set.copyOf(signal);
      Set<Long> gluons = Set.copyOf(background);
      return switch (network) {
        case "pfn" -> TaggerTask.pfn(quarks, gluons, width > 0 ? width : 128);
        case "pdat", "pdat-masked" ->
            TaggerTask.pdat(
                quarks,
                gluons,
                pdat.constituents,
                pdat.neighbours,
                network.equals("pdat-masked"),
                pdat.sizes(width > 0 ? width : 64));
        default ->
            throw new IllegalArgumentException(
                "no network \"" + network + "\"; there are: pfn, pdat, pdat-masked");
      };
    }

    @Override
    String truth() {
      return truth;
    }

    @Override
    String plan() {
      return plan;
    }
  }

  /** {@code bitbeam train eft}. */
  @Command(
      name = "eft",
      description = {
        "Trains SMEFTNet on the decay-plane angle of jets and writes a bundle for 'bitbeam eft'.",
        "Beside the bundle lie BUNDLE.checkpoint and BUNDLE.log.jsonl. Ctrl-C ends it after the step and saves; the same command"
            + " continues from the checkpoint, to the same result."
      })
  static final class Eft extends Training {
    @Option(
        names = "--truth",
        required = true,
        paramLabel = "COLUMN",
        description =
            "Angle in the plane of (eta, phi), radians, up to half a turn; a value a jet.")
    private String truth = "";

    @Option(
        names = "--constituents",
        defaultValue = "40",
        paramLabel = "N",
        description = "Constituents that are used, the hardest; default ${DEFAULT-VALUE}.")
    private int constituents;

    @Option(
        names = "--messages",
        defaultValue = "10x10,10x10",
        split = ",",
        paramLabel = "WIDTHxWIDTH",
        description = "Message layers, each with the widths of its network; default 10x10,10x10.")
    private List<String> messages = List.of();

    @Option(
        names = "--readout",
        defaultValue = "32x32",
        paramLabel = "WIDTHxWIDTH",
        description = "Hidden widths of the last network; default ${DEFAULT-VALUE}.")
    private String readout = "";

    @Option(
        names = "--weighting",
        defaultValue = "uniform",
        paramLabel = "uniform|pt",
        description =
            "Weights of messages: all the same, as the published code, or by the sender's pT, as the"
                + " publication; default ${DEFAULT-VALUE}.")
    private String weighting = "";

    @Option(
        names = "--form",
        defaultValue = "published",
        paramLabel = "published|float|bit",
        description = {
          "Hidden layers: batch normalisation and ReLU (float), or LeakyReLU without normalisation of messages (bit); published: by"
              + " the precision, as SMEFTNet and SMEFTNet-Bit; default ${DEFAULT-VALUE}."
        })
    private String form = "";

    @Option(
        names = "--plan",
        defaultValue = "float",
        paramLabel = "float|bit30|bit70|bit100|FILE.json",
        description = {
          "Precision of the layers messages.*.* and readout.*; default ${DEFAULT-VALUE}. bit30: ternary messages, bit70: ternary"
              + " readout, bit100: both. FILE: as of 'bitbeam model quantise'."
        })
    private String plan = "";

    @Override
    TrainingTask task() {
      return new EftTask(
          constituents,
          new EftTask.Sizes(
              messages.stream().map(TrainCommand::widths).toList(),
              widths(readout),
              weighting,
              form));
    }

    @Override
    String truth() {
      return truth;
    }

    @Override
    String plan() {
      return plan;
    }
  }
}
