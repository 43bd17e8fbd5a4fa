package org.bitbeam.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.BundleWriter;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.Npy;
import org.bitbeam.runtime.Tensor;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bitbeam run}. */
@Command(
    name = "run",
    description = {
      "One forward pass of an ONNX model or a bundle on .npy arrays, for checking and debugging.",
      "Writes DIR/<output name>.npy for every output."
    })
final class RunCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private NetworkChoice choice = new NetworkChoice();

  @Option(
      names = "--input",
      required = true,
      paramLabel = "NAME=FILE.npy",
      description = "Array of an input; once for every input.")
  private Map<String, Path> inputs = Map.of();

  @Option(names = "--output", required = true, paramLabel = "DIR", description = "Output folder.")
  private Path output = Path.of("");

  @Option(
      names = "--backend",
      defaultValue = "ort",
      paramLabel = "NAME",
      description = "What runs the network; default ${DEFAULT-VALUE}.")
  private String backend = "ort";

  /** An output, as it is printed. */
  private record Written(String file, String value) {}

  @Override
  public Integer call() throws Exception {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, Path> input : inputs.entrySet()) {
      tensors.put(input.getKey(), Npy.read(input.getValue()));
    }
    Map<String, Tensor> results;
    long nanos;
    NetworkFile file = choice.open();
    try (Network network =
        Bitbeam.backends(spec)
            .get()
            .get(backend)
            .load(file.label(), file.onnx(), BackendOptions.DEFAULT)) {
      long start = System.nanoTime();
      results = network.run(tensors);
      nanos = System.nanoTime() - start;
    }
    Files.createDirectories(output);
    Map<String, Object> written = new LinkedHashMap<>();
    for (Map.Entry<String, Tensor> result : results.entrySet()) {
      Path array = output.resolve(BundleWriter.fileName(result.getKey()) + ".npy");
      Npy.write(array, result.getValue());
      written.put(result.getKey(), new Written(array.toString(), result.getValue().toString()));
    }
    PrintWriter out = spec.commandLine().getOut();
    if (common.json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("model", choice.model);
      document.put("backend", backend);
      document.put("milliseconds", nanos / 1e6);
      document.put("outputs", written);
      CommonOptions.printJson(out, document);
    } else {
      out.printf(
          Locale.ROOT, "ran %s on backend %s in %.2f ms%n", choice.model, backend, nanos / 1e6);
      written.forEach((name, facts) -> out.printf("%s: %s%n", name, facts));
    }
    return CommandLine.ExitCode.OK;
  }
}
