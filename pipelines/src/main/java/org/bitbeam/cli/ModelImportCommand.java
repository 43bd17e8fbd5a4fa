package org.bitbeam.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bitbeam.runtime.Backend;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.BundleException;
import org.bitbeam.runtime.BundleWriter;
import org.bitbeam.runtime.BundleWriter.Tolerance;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.ModelReport;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.NetworkExport;
import org.bitbeam.runtime.SelfTestReport;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.TensorInfo;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bitbeam model import}. */
@Command(
    name = "import",
    description = {
      "Makes a model bundle of an ONNX file, and says which layers are recognised as ternary or binary.",
      "With --verify, the arrays a training framework computed are compared with what the backends compute here (exporters"
          + " do change networks), and become the bundle's self-test."
    })
final class ModelImportCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ROLE_FILE = "model.onnx";

  @Mixin private CommonOptions common = new CommonOptions();

  @Mixin private PassSize size = new PassSize();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "MODEL.onnx", description = "The network.")
  private Path model = Path.of("");

  @Option(
      names = "--stage",
      required = true,
      paramLabel = "KIND|FILE.json",
      description =
          "What the network is for: a kind such as jet-tagger or network, or a file with the bundle's \"stage\" object.")
  private String stage = "";

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A text in the bundle's \"stage\" object, such as logits=logits.")
  private Map<String, String> settings = Map.of();

  @Option(
      names = "--add",
      paramLabel = "FILE",
      description = "A file the stage needs, such as preprocess.json; kept under its own name.")
  private List<Path> files = List.of();

  @Option(
      names = "--labels",
      paramLabel = "OUTPUT=NAME,...",
      description = "Names of the values along an output's last axis.")
  private Map<String, String> labels = Map.of();

  @Option(
      names = "--expose",
      paramLabel = "VALUE",
      description =
          "Makes an intermediate float value of the network an output too, for an embedding column; may be given several"
              + " times.")
  private List<String> exposed = List.of();

  @Option(names = "--role", defaultValue = "network", paramLabel = "NAME")
  private String role = "network";

  @Option(
      names = "--name",
      defaultValue = "",
      paramLabel = "NAME",
      description = "Name of the bundle; that of the output folder by default.")
  private String name = "";

  @Option(names = "--version", defaultValue = "1.0.0", paramLabel = "VERSION")
  private String version = "1.0.0";

  @Option(names = "--description", defaultValue = "", paramLabel = "TEXT")
  private String description = "";

  @Option(names = "--licence", required = true, paramLabel = "SPDX", description = "Its licence.")
  private String licence = "";

  @Option(
      names = "--verify",
      arity = "2",
      paramLabel = "DIR",
      description =
          "Two folders: <input name>.npy for every input, and <output name>.npy with what the training framework computed.")
  private List<Path> verify = List.of();

  @Option(
      names = "--tolerance",
      defaultValue = "NaN",
      paramLabel = "X",
      description =
          "Largest deviation as a share of an output's range; default 1e-5, or 2e-3 where layers are quantised (a code at a"
              + " rounding boundary may flip).")
  private double tolerance = Double.NaN;

  @Option(
      names = "--self-test-rows",
      defaultValue = "20",
      paramLabel = "N",
      description = "Rows of the arrays that the bundle keeps; default ${DEFAULT-VALUE}.")
  private int rows;

  @Option(names = "--pack", description = "Keep ternary and binary weights at 1.6 bits.")
  private boolean pack;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Folder of the bundle; an existing one is not replaced.")
  private Path output = Path.of("");

  private record Check(String backend, SelfTestReport report) {}

  @Override
  public Integer call() throws Exception {
    NetworkFile file = NetworkFile.open(model.toString(), "");
    for (String value : exposed) {
      file =
          new NetworkFile(file.label(), NetworkExport.withOutput(file.label(), file.onnx(), value));
    }
    ModelReport report = size.report(spec, file);
    Backend ort = Bitbeam.backends(spec).get().get("ort");
    List<TensorInfo> inputs;
    List<TensorInfo> outputs;
    try (Network network = ort.load(file.label(), file.onnx(), BackendOptions.DEFAULT)) {
      inputs = network.inputs();
      outputs = network.outputs();
    }
    BundleWriter bundle = bundle(file, outputs);
    List<Check> checks = new ArrayList<>();
    if (!verify.isEmpty()) {
      Map<String, Tensor> given = NetworkFile.arrays(verify.get(0), inputs);
      Map<String, Tensor> expected = NetworkFile.arrays(verify.get(1), outputs);
      double ofRange = Double.isNaN(tolerance) ? (report.bitLayers() > 0 ? 2e-3 : 1e-5) : tolerance;
      Tolerance allowed = new Tolerance(0, 0, ofRange);
      // All rows are compared here; the bundle keeps some.
      ModelBundle all =
          bundle(file, outputs).selfTest("import", role, given, expected, allowed).bundle();
      for (String backend : List.of("ort", "bit")) {
        checks.add(check(all, backend));
      }
      bundle.selfTest(
          "from the training framework",
          role,
          NetworkFile.leadingRows(given, inputs, rows),
          NetworkFile.leadingRows(expected, outputs, rows),
          allowed);
    }
    bundle.write(output);
    print(report, checks);
    return CommandLine.ExitCode.OK;
  }

  private Check check(ModelBundle bundle, String backend) {
    try (Network network =
        bundle.load(role, Bitbeam.backends(spec).get().get(backend), BackendOptions.DEFAULT)) {
      return new Check(backend, bundle.selfTest(role, network));
    } catch (BundleException e) {
      throw new BundleException(
          "backend "
              + backend
              + ": "
              + e.getMessage()
              + ". The exporter may have changed the network; --tolerance X accepts a share X of the"
              + " output's range. No bundle was written",
          e);
    }
  }

  private BundleWriter bundle(NetworkFile file, List<TensorInfo> outputs) throws IOException {
    String called =
        name.isEmpty() ? output.toAbsolutePath().normalize().getFileName().toString() : name;
    BundleWriter bundle = new BundleWriter(called, version, description, licence, stage());
    byte[] onnx = pack ? NetworkExport.packed(file.label(), file.onnx()) : file.onnx();
    bundle.model(role, ROLE_FILE, onnx);
    for (Path extra : files) {
      bundle.file(String.valueOf(extra.getFileName()), Files.readAllBytes(extra));
    }
    List<String> names = outputs.stream().map(TensorInfo::name).toList();
    for (String labelled : labels.keySet()) {
      if (!names.contains(labelled)) {
        throw new IllegalArgumentException(
            "--labels " + labelled + ": the network has no such output; it has: " + names);
      }
    }
    for (String output : names) {
      String text = labels.getOrDefault(output, "");
      bundle.output(
          new ModelBundle.OutputInfo(
              output, "", "", text.isEmpty() ? List.of() : List.of(text.split(","))));
    }
    return bundle;
  }

  private ObjectNode stage() throws IOException {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    if (stage.endsWith(".json")) {
      if (!(JSON.readTree(Files.readString(Path.of(stage))) instanceof ObjectNode object)) {
        throw new IllegalArgumentException(stage + ": no JSON object");
      }
      node = object;
    } else {
      node.put("kind", stage);
    }
    settings.forEach(node::put);
    return node;
  }

  private void print(ModelReport report, List<Check> checks) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (common.json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("output", output.toString());
      document.put("report", report);
      document.put("checks", checks);
      CommonOptions.printJson(out, document);
      return;
    }
    ModelCommand.Info.printLayers(out, model.toString(), report);
    out.println(PassSize.summary(report));
    for (Check check : checks) {
      for (SelfTestReport.Output result : check.report().outputs()) {
        out.printf(
            Locale.ROOT,
            "backend %s: output %s, %,d values, deviates from the training framework by up to %.3g (%.2g of the tolerance)%n",
            check.backend(),
            result.output(),
            result.values(),
            result.maxAbsolute(),
            result.overTolerance());
      }
    }
    if (checks.isEmpty()) {
      out.println(
          "not compared with the training framework (--verify): the bundle has no self-test");
    }
    out.printf("wrote %s%n", output);
  }
}
