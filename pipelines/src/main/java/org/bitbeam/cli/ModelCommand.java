package org.bitbeam.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bitbeam.runtime.Backend;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.ModelLease;
import org.bitbeam.runtime.ModelRegistry;
import org.bitbeam.runtime.ModelReport;
import org.bitbeam.runtime.Network;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bitbeam model}. */
@Command(
    name = "model",
    description = "Looks at networks and model bundles, makes and changes them.",
    subcommands = {
      ModelCommand.Check.class,
      ModelCommand.Info.class,
      ModelCostCommand.class,
      ModelImportCommand.class,
      ModelQuantiseCommand.class,
      ModelSensitivityCommand.class,
      ModelSolverCommand.class,
      ModelExportCommand.class,
      CommandLine.HelpCommand.class
    })
final class ModelCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(),
        "which? bitbeam model check, info, cost, import, quantise, sensitivity, solver, export; each has --help");
  }

  /** {@code bitbeam model check}. */
  @Command(
      name = "check",
      description =
          "Verifies a bundle: hashes of all files, safety of its networks, and its self-test on this machine.")
  static final class Check implements Callable<Integer> {
    @Mixin private CommonOptions common = new CommonOptions();

    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "BUNDLE", description = "Folder, zip, or name of a shipped bundle.")
    private String bundle = "";

    @Option(
        names = "--backend",
        defaultValue = "ort",
        paramLabel = "NAME",
        description = "What runs the network; default ${DEFAULT-VALUE}.")
    private String backend = "ort";

    @Override
    public Integer call() throws Exception {
      ModelBundle opened = ModelBundle.open(Home.bundle(bundle));
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("name", opened.name());
      document.put("version", opened.version());
      document.put("description", opened.description());
      document.put("licence", opened.licence());
      document.put("stage", opened.stageKind());
      document.put("fingerprint", opened.fingerprint());
      document.put("backend", backend);
      List<Map<String, Object>> models = new java.util.ArrayList<>();
      document.put("models", models);
      PrintWriter out = spec.commandLine().getOut();
      if (!common.json) {
        out.printf("%s %s: %s%n", opened.name(), opened.version(), opened.description());
        out.printf("stage %s, licence %s%n", opened.stageKind(), opened.licence());
        out.printf("files match their SHA-256; bundle %s%n", opened.fingerprint());
      }
      for (String role : opened.roles()) {
        try (ModelLease lease =
            ModelRegistry.lease(
                opened, role, Bitbeam.backends(spec).get().get(backend), BackendOptions.DEFAULT)) {
          Map<String, Object> model = new LinkedHashMap<>();
          model.put("role", role);
          model.put("inputs", lease.network().inputs().stream().map(Object::toString).toList());
          model.put("outputs", lease.network().outputs().stream().map(Object::toString).toList());
          model.put("selfTest", lease.selfTest().toString());
          model.put("loadMilliseconds", lease.loadNanos() / 1e6);
          models.add(model);
          if (!common.json) {
            out.printf(
                Locale.ROOT,
                "%s: %s -> %s%n",
                role,
                lease.network().inputs(),
                lease.network().outputs());
            out.printf(
                Locale.ROOT,
                "self-test on backend %s: %s (loaded and tested in %.0f ms)%n",
                backend,
                lease.selfTest(),
                lease.loadNanos() / 1e6);
          }
        }
      }
      if (common.json) {
        CommonOptions.printJson(out, document);
      }
      return CommandLine.ExitCode.OK;
    }
  }

  /** {@code bitbeam model info}. */
  @Command(
      name = "info",
      description = {
        "Shows which layers of a network are recognised as ternary or binary, which are not and why, and what one forward"
            + " pass costs."
      })
  static final class Info implements Callable<Integer> {
    @Mixin private CommonOptions common = new CommonOptions();

    @Spec private CommandSpec spec = CommandSpec.create();

    @Mixin private NetworkChoice network = new NetworkChoice();

    @Mixin private PassSize size = new PassSize();

    @Option(
        names = "--choices",
        description =
            "Also load it on backend bit, warm up with --batch rows of --length, and show which kernels were measured and"
                + " chosen here.")
    private boolean withChoices;

    @Override
    public Integer call() throws Exception {
      NetworkFile file = network.open();
      ModelReport report = size.report(spec, file);
      List<String> choices = withChoices ? choices(file) : List.of();
      PrintWriter out = spec.commandLine().getOut();
      if (common.json) {
        ObjectNode document = new ObjectMapper().valueToTree(report);
        if (withChoices) {
          choices.forEach(document.putArray("choices")::add);
        }
        CommonOptions.printJson(out, document);
        return CommandLine.ExitCode.OK;
      }
      printLayers(out, file.label(), report);
      out.println(PassSize.summary(report));
      if (withChoices) {
        out.println(
            choices.isEmpty()
                ? "nothing to choose: no ternary or binary layer"
                : "chosen by measuring on this machine (results do not depend on it):");
        choices.forEach(choice -> out.println("  " + choice));
      }
      return CommandLine.ExitCode.OK;
    }

    private List<String> choices(NetworkFile file) {
      Backend bit = Bitbeam.backends(spec).get().get("bit");
      try (Network loaded = bit.load(file.label(), file.onnx(), BackendOptions.DEFAULT)) {
        loaded.warmUp(size.batch, size.length);
        return loaded.choices();
      }
    }

    static void printLayers(PrintWriter out, String label, ModelReport report) {
      out.printf(
          Locale.ROOT,
          "%s: %d products with constant weights, %d of them ternary or binary; %d nodes computed once, %d layers share"
              + " codes%n",
          label,
          report.layers().size(),
          report.bitLayers(),
          report.foldedNodes(),
          report.sharedQuantisers());
      for (ModelReport.Layer layer : report.layers()) {
        out.printf(
            Locale.ROOT,
            "  %-8s %5d -> %-5d %s: %s%n",
            layer.kind(),
            layer.inputs(),
            layer.outputs(),
            layer.node(),
            layer.remark());
      }
    }
  }
}
