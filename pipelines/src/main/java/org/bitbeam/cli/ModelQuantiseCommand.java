package org.bitbeam.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bitbeam.runtime.Backend;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.NetworkQuantiser;
import org.bitbeam.runtime.NetworkQuantiser.LayerError;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.NetworkQuantiser.Quantised;
import org.bitbeam.runtime.Tensor;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bitbeam model quantise}. */
@Command(
    name = "quantise",
    aliases = "quantize",
    description = {
      "Quantises layers of a trained float network, and shows what each of them costs in accuracy.",
      "The plan is a JSON file: { \"layers\": [ { \"match\": \"/head/*\", \"precision\": \"float\" },"
          + " { \"match\": \"*\", \"precision\": \"ternary\" } ], \"otherwise\": \"float\" }. The first rule that matches a"
          + " layer's name counts; 'bitbeam model info' lists the names. Precisions: float, int8,"
          + " ternary (scale: mean magnitude), ternary_median, ternary_learned (without training: the mean), binary.",
      "Errors are root mean squares of differences over the root mean square of the float values: of the weights, of the"
          + " network's outputs with this layer alone quantised, of this layer's output with the whole plan applied."
    })
final class ModelQuantiseCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private NetworkChoice network = new NetworkChoice();

  @Option(
      names = "--plan",
      required = true,
      paramLabel = "FILE.json",
      description = "Precision of each layer.")
  private Path plan = Path.of("");

  @Option(
      names = "--inputs",
      required = true,
      paramLabel = "DIR",
      description = "Folder with <input name>.npy for every input: data to measure the errors on.")
  private Path inputs = Path.of("");

  @Option(
      names = "--backend",
      defaultValue = "ort",
      paramLabel = "NAME",
      description = "What runs the networks for the errors; default ${DEFAULT-VALUE}.")
  private String backend = "ort";

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE.onnx",
      description = "File to write; an existing one is not replaced.")
  private Path output = Path.of("");

  @Override
  public Integer call() throws Exception {
    NetworkFile file = network.open();
    Plan rules = Plan.parse(plan.toString(), JSON.readTree(Files.readString(plan)));
    Backend engine = Bitbeam.backends(spec).get().get(backend);
    Map<String, Tensor> data = NetworkFile.arrays(inputs, file.inputs(engine));
    Quantised quantised = NetworkQuantiser.quantise(file.label(), file.onnx(), rules, data, engine);
    ModelExportCommand.write(output, quantised.onnx());
    PrintWriter out = spec.commandLine().getOut();
    if (common.json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("output", output.toString());
      document.put("bytes", quantised.onnx().length);
      document.put("layers", quantised.layers());
      document.put("outputErrors", quantised.outputErrors());
      CommonOptions.printJson(out, document);
      return CommandLine.ExitCode.OK;
    }
    out.printf("%9s %9s %9s  %-8s %s%n", "weights", "alone", "together", "", "layer");
    for (LayerError layer : quantised.layers()) {
      out.printf(
          Locale.ROOT,
          "%9.2e %9.2e %9.2e  %-8s %s (%d -> %d)%n",
          layer.weightError(),
          layer.alone(),
          layer.together(),
          name(layer.precision()),
          layer.node(),
          layer.inputs(),
          layer.outputs());
    }
    quantised
        .outputErrors()
        .forEach((name, error) -> out.printf(Locale.ROOT, "%9.2e  output %s%n", error, name));
    out.printf(Locale.ROOT, "wrote %s: %,d bytes%n", output, quantised.onnx().length);
    return CommandLine.ExitCode.OK;
  }

  private static String name(LayerPrecision precision) {
    return precision.name().toLowerCase(Locale.ROOT);
  }
}
