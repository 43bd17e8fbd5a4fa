package org.bitbeam.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.physics.calo.CaloDream;
import org.bitbeam.physics.calo.CaloInn;
import org.bitbeam.physics.eft.EftEstimator;
import org.bitbeam.physics.tagging.ConstituentLayout;
import org.bitbeam.physics.tagging.JetTagger;
import org.bitbeam.report.ShowerFile;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.NetworkQuantiser.Rule;
import org.bitbeam.sensitivity.SensitivityScan;
import org.bitbeam.sensitivity.SensitivityScan.Cost;
import org.bitbeam.sensitivity.SensitivityScan.Step;
import org.bitbeam.sensitivity.StageLoss;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bitbeam model sensitivity}. */
@Command(
    name = "sensitivity",
    description = {
      "Quantises one layer of a float model at a time, without training, and ranks the layers by how much larger the loss gets;"
          + " then all of them together, in that order.",
      "The loss of a tagger is the cross entropy, of an angle the squared sine of its error, of CaloINN the negative"
          + " log-likelihood, of CaloDREAM the squared errors of its velocities. The plan of the layers that bear it is for 'bitbeam train --plan' and 'bitbeam model quantise'."
    })
final class ModelSensitivityCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "BUNDLE", description = "Folder, zip, or name of a shipped bundle.")
  private String model = "";

  @Option(
      names = "--input",
      required = true,
      paramLabel = "FILE",
      description =
          "ROOT file with jets, constituents and truth; for CaloINN and CaloDREAM showers (HDF5, or .root as 'bitbeam simulate' writes them).")
  private Path input = Path.of("");

  @Option(
      names = "--tree",
      defaultValue = "",
      paramLabel = "NAME",
      description = "Tree to read; default is Events, or the only one.")
  private String tree = "";

  @Option(
      names = "--truth",
      paramLabel = "COLUMN",
      description = "Column of the truth, a value a jet: class, or angle in radians.")
  private Optional<String> truth = Optional.empty();

  @Option(
      names = "--layout",
      defaultValue = "auto",
      paramLabel = "LAYOUT|FILE.json",
      description = "Where jets and constituents are, as of 'bitbeam tag'; default auto.")
  private String layout = "auto";

  @Mixin private ClassOptions classes = new ClassOptions();

  @Option(
      names = "--entries",
      defaultValue = "2000",
      paramLabel = "N",
      description = "The first entries or showers of the file; default ${DEFAULT-VALUE}.")
  private int entries;

  @Option(
      names = "--precision",
      defaultValue = "ternary",
      paramLabel = "NAME",
      description =
          "What layers become: int8, ternary (default), ternary_median, ternary_learned, binary.")
  private String precision = "ternary";

  @Option(
      names = "--backend",
      defaultValue = "bit",
      paramLabel = "NAME",
      description = "What runs the networks; default ${DEFAULT-VALUE}.")
  private String backend = "bit";

  @Option(
      names = "--budget",
      paramLabel = "LOSS",
      description = "Plan of as many layers as together make the loss at most so much larger.")
  private Optional<Double> budget = Optional.empty();

  @Option(
      names = "--share",
      paramLabel = "SHARE",
      description = "Plan of the fewest layers with this share of the multiplications, 0 to 1.")
  private Optional<Double> share = Optional.empty();

  @Option(
      names = "--plan-output",
      paramLabel = "FILE.json",
      description = "Where the plan goes; an existing file is not replaced.")
  private Optional<Path> planOutput = Optional.empty();

  @Override
  public Integer call() throws Exception {
    LayerPrecision wanted = precision();
    if (entries < 1 || share.orElse(0.0) < 0 || share.orElse(0.0) > 1) {
      throw usage("--entries needs at least 1, --share 0 to 1");
    }
    if (planOutput.isPresent() && budget.isPresent() == share.isPresent()) {
      throw usage("--plan-output needs one of --budget and --share");
    }
    ModelBundle bundle = ModelBundle.open(Home.bundle(model));
    StageLoss loss = loss(bundle);
    Progress progress =
        new Progress(
            spec.commandLine().getErr(),
            Progress.isTerminal(),
            "evaluations",
            SensitivityScan.evaluations(bundle));
    SensitivityScan scan;
    try {
      scan =
          SensitivityScan.of(
              bundle, loss, wanted, Bitbeam.backends(spec).get().get(backend), progress::update);
    } finally {
      progress.end();
    }
    List<Step> chosen =
        budget.isPresent()
            ? scan.within(budget.get())
            : share.isPresent() ? scan.withShare(share.get()) : List.of();
    Map<String, Object> plan = plan(SensitivityScan.rules(chosen, wanted));
    if (planOutput.isPresent()) {
      Files.write(
          planOutput.get(),
          CommonOptions.json(plan).getBytes(StandardCharsets.UTF_8),
          StandardOpenOption.CREATE_NEW);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (common.json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("model", bundle.toString());
      document.put("precision", precision);
      document.put("lossIs", loss.describe());
      document.put("events", scan.jets());
      document.put("loss", scan.loss());
      document.put("layers", scan.steps());
      document.put("plan", plan);
      CommonOptions.printJson(out, document);
      return CommandLine.ExitCode.OK;
    }
    print(out, loss, scan, chosen.size());
    planOutput.ifPresent(
        file -> out.printf("wrote the plan of %d layers: %s%n", chosen.size(), file));
    return CommandLine.ExitCode.OK;
  }

  private void print(PrintWriter out, StageLoss loss, SensitivityScan scan, int chosen) {
    out.printf(
        Locale.ROOT,
        "%s of the float model: %.5g (mean of %,d)%n",
        loss.describe(),
        scan.loss(),
        scan.jets());
    out.printf(
        "%-24s %8s %22s %8s %22s%n",
        precision, "share", "larger, alone", "share", "larger, with those above");
    for (int i = 0; i < scan.steps().size(); i++) {
      Step step = scan.steps().get(i);
      out.printf(
          Locale.ROOT,
          "%-24s %6.1f %% %22s %6.1f %% %22s%s%n",
          step.layer(),
          100 * step.share(),
          text(step.alone()),
          100 * step.shareTogether(),
          text(step.together()),
          i < chosen ? "  in the plan" : "");
    }
  }

  private static String text(Cost cost) {
    return String.format(Locale.ROOT, "%+.5f +- %.5f", cost.increase(), cost.error());
  }

  private static Map<String, Object> plan(List<Rule> rules) {
    List<Map<String, String>> layers = new ArrayList<>();
    for (Rule rule : rules) {
      Map<String, String> layer = new LinkedHashMap<>();
      layer.put("match", rule.layers());
      layer.put("precision", rule.precision().name().toLowerCase(Locale.ROOT));
      layers.add(layer);
    }
    Map<String, Object> plan = new LinkedHashMap<>();
    plan.put("layers", layers);
    plan.put("otherwise", "float");
    return plan;
  }

  private LayerPrecision precision() {
    return switch (precision) {
      case "int8" -> LayerPrecision.INT8;
      case "ternary" -> LayerPrecision.TERNARY;
      case "ternary_median" -> LayerPrecision.TERNARY_MEDIAN;
      case "ternary_learned" -> LayerPrecision.TERNARY_LEARNED;
      case "binary" -> LayerPrecision.BINARY;
      default ->
          throw usage(
              "--precision "
                  + precision
                  + ": there are: int8, ternary, ternary_median, ternary_learned, binary");
    };
  }

  private StageLoss loss(ModelBundle bundle) throws IOException {
    String kind = bundle.stageKind();
    if (kind.equals(CaloInn.STAGE_KIND)) {
      return StageLoss.ofFlow(bundle, ShowerFile.read(input, ShowerFile.geometry(bundle), entries));
    }
    if (kind.equals(CaloDream.STAGE_KIND)) {
      return StageLoss.ofDiffusion(
          bundle, ShowerFile.read(input, ShowerFile.geometry(bundle), entries));
    }
    if (!kind.equals(JetTagger.STAGE_KIND) && !kind.equals(EftEstimator.STAGE_KIND)) {
      throw new IllegalArgumentException(
          bundle
              + " is for stage \""
              + kind
              + "\", which has no loss to look at; those of "
              + List.of(
                  JetTagger.STAGE_KIND,
                  EftEstimator.STAGE_KIND,
                  CaloInn.STAGE_KIND,
                  CaloDream.STAGE_KIND)
              + " have");
    }
    if (truth.isEmpty()) {
      throw usage("jets need --truth, the column of their class or angle");
    }
    ConstituentLayout where =
        ConstituentLayout.of(layout.endsWith(".json") ? Files.readString(Path.of(layout)) : layout);
    EventBatch jets = jets(where);
    return kind.equals(JetTagger.STAGE_KIND)
        ? StageLoss.ofTagger(bundle, where, jets, truth.get(), classes.classes())
        : StageLoss.ofAngle(bundle, where, jets, truth.get());
  }

  private EventBatch jets(ConstituentLayout where) throws IOException {
    try (RootFile root = RootFile.open(input)) {
      Dataset dataset = root.dataset(tree.isEmpty() ? LocalFiles.onlyDataset(root, input) : tree);
      List<String> columns =
          new ArrayList<>(where.resolve(dataset.schema()).columns(dataset.schema()));
      String label = truth.orElseThrow();
      if (!columns.contains(label)) {
        columns.add(label);
      }
      return dataset.read(columns, 0, Math.min(entries, dataset.entries()));
    }
  }

  private CommandLine.ParameterException usage(String message) {
    return new CommandLine.ParameterException(spec.commandLine(), message);
  }
}
