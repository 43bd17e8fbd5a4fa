package org.bitbeam.training.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.bitbeam.cli.LocalFiles;
import org.bitbeam.training.EftTask;
import org.bitbeam.training.TaggerTask;
import org.bitbeam.training.TrainingJob;
import org.bitbeam.training.TrainingTask;
import picocli.CommandLine;
import picocli.CommandLine.Command;
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
      TrainCaloCommand.class,
      CommandLine.HelpCommand.class
    })
final class TrainCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "which? bitbeam train tagger, eft, calo; each has --help");
  }

  /** Trainings on jets. */
  abstract static class Training extends TrainingConduct {
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

    /** What is trained. */
    abstract TrainingTask task() throws IOException;

    /** Column of what is learnt. */
    abstract String truth();

    /** Name or file of the precisions. */
    abstract String plan();

    private TrainingJob job() throws IOException {
      String described = layout.endsWith(".json") ? Files.readString(Path.of(layout)) : layout;
      return new TrainingJob(
          LocalFiles.of(data),
          LocalFiles.of(validation),
          tree,
          described,
          truth(),
          event,
          share,
          task(),
          planOf(plan()),
          options(teacher.isPresent() ? distillation : 0),
          start,
          teacher,
          memory << 20,
          licence,
          output);
    }

    @Override
    TrainingJob.Result run(TrainingJob.Progress progress, BooleanSupplier stop) throws IOException {
      return job().run(progress, stop);
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
        description = "pfn: particle flow network.")
    private String network = "";

    @Option(
        names = "--width",
        defaultValue = "128",
        paramLabel = "N",
        description = "Size of its hidden layers; default ${DEFAULT-VALUE}.")
    private int width;

    @Option(
        names = "--plan",
        defaultValue = "float",
        paramLabel = "float|bit|FILE.json",
        description = {
          "Precision of the layers phi.0 to phi.2 and rho.0 to rho.2; default ${DEFAULT-VALUE}. bit: ternary, but the first and the"
              + " last float. FILE: as of 'bitbeam model quantise'."
        })
    private String plan = "";

    @Override
    TrainingTask task() throws IOException {
      return new TaggerTask(Set.copyOf(signal), Set.copyOf(background), network, width);
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
              messages.stream().map(Eft::widths).toList(), widths(readout), weighting, form));
    }

    private static List<Integer> widths(String text) {
      try {
        return Arrays.stream(text.split("x", -1)).map(Integer::valueOf).toList();
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "widths \"" + text + "\": expected numbers such as 10x10", e);
      }
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
