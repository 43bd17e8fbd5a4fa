package org.bitbeam.training.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.bitbeam.cli.LocalFiles;
import org.bitbeam.training.EftTask;
import org.bitbeam.training.PdatDropout;
import org.bitbeam.training.PdatSizes;
import org.bitbeam.training.TaggerTask;
import org.bitbeam.training.TrainingCheck;
import org.bitbeam.training.TrainingJob;
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

    @Option(
        names = "--dropout",
        defaultValue = "0",
        paramLabel = "SHARE",
        description =
            "Of P-DAT: share of the values that each step drops behind both attentions and the first pair layer (published:"
                + " 0.1); default ${DEFAULT-VALUE}.")
    private double dropout;

    @Option(
        names = "--head-dropout",
        defaultValue = "0",
        paramLabel = "SHARE",
        description =
            "Of P-DAT: the same between the last two layers (published: 0.5); default ${DEFAULT-VALUE}.")
    private double headDropout;

    private PdatSizes sizes(int width) {
      return new PdatSizes(edge, width, heads, widths(pair), fuse, head);
    }
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
          options(),
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

    @Override
    TrainingCheck check(String backend) throws IOException {
      return job().check(backend);
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
                pdat.sizes(width > 0 ? width : 64),
                new PdatDropout(pdat.dropout, pdat.headDropout));
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
