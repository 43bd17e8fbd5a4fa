package org.bitbeam.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.bitbeam.physics.calo.CounterRandom;
import org.bitbeam.physics.calo.ShowerModel;
import org.bitbeam.physics.calo.ShowerModels;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.published.PublishedNetworks;
import org.bitbeam.study.Study;
import org.bitbeam.study.StudyOptions;
import org.bitbeam.study.StudyPages;
import org.bitbeam.study.StudyResult;
import org.bitbeam.study.Subject;
import org.bitbeam.study.TorchPeer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bitbeam bench study}. */
@Command(
    name = "study",
    description = {
      "What low precision costs and buys on this machine: operations, bytes of weights, and times of networks on backend bit, on",
      "ONNX Runtime, on ONNX Runtime with int8 layers, and on PyTorch, in turns; a table and pictures (docs/study.md)."
    })
final class BenchStudyCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--models",
      split = ",",
      paramLabel = "MODEL",
      description = {
        "Bundles, ONNX files, or published/NAME for a network of the paper at its published size with random weights; all",
        "shipped bundles and all published ones if absent. Of bundles that simulate showers, whole showers are timed too."
      })
  private List<String> models = List.of();

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Folder for study.json, study.md and pictures (SVG).")
  private Path output = Path.of("");

  @Option(
      names = "--batch",
      split = ",",
      defaultValue = "1,100,10000",
      paramLabel = "N",
      description = "Events in a pass; default ${DEFAULT-VALUE}.")
  private List<Integer> batches = List.of();

  @Option(
      names = "--cores",
      defaultValue = "2",
      paramLabel = "N",
      description = "Up to how many callers at once; default ${DEFAULT-VALUE}.")
  private int cores;

  @Option(
      names = "--seconds",
      defaultValue = "3",
      paramLabel = "S",
      description =
          "Time for the samples of one batch and number of cores, all engines together; default ${DEFAULT-VALUE}.")
  private double seconds;

  @Option(
      names = "--longest-pass",
      defaultValue = "10",
      paramLabel = "S",
      description = "Leave out batches whose pass would take longer; default ${DEFAULT-VALUE}.")
  private double longestPass;

  @Option(
      names = "--every-kernel",
      description = "Also time each way of backend bit to form integer sums.")
  private boolean everyKernel;

  @Option(
      names = "--python",
      defaultValue = "python3",
      paramLabel = "COMMAND",
      description =
          "Python with PyTorch (torch), to time it too; default ${DEFAULT-VALUE}. Left out, and said so, where it has none.")
  private String python = "python3";

  @Override
  public Integer call() throws IOException, InterruptedException {
    StudyOptions options;
    try {
      options =
          new StudyOptions(
              batches.stream().sorted().toList(), cores, seconds, longestPass, everyKernel);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    List<Subject> subjects = new ArrayList<>();
    for (String model : models.isEmpty() ? all() : models) {
      subjects.addAll(subjects(model));
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Consumer<String> progress =
        line -> {
          err.println(line);
          err.flush();
        };
    Files.createDirectories(output);
    Path scratch = Files.createTempDirectory(output, "torch").toAbsolutePath();
    Optional<TorchPeer> torch = Optional.empty();
    StudyResult result;
    try {
      String without = "";
      try {
        Path script = Home.folder().resolve("tools/torch_peer.py");
        torch = Optional.of(TorchPeer.start(python, script, cores, scratch));
      } catch (IOException e) {
        without = python + ": " + e.getMessage();
        progress.accept("PyTorch: not run: " + without);
      }
      String withoutTorch = without;
      result =
          new Study(Bitbeam.backends(spec).get(), options, torch, progress)
              .of(subjects, soFar -> write(soFar, withoutTorch));
    } finally {
      torch.ifPresent(TorchPeer::close);
      LocalFiles.deleteTree(scratch);
    }
    if (common.json) {
      CommonOptions.printJson(out, result);
    } else {
      out.print(StudyPages.of(result).get("study.md"));
    }
    return CommandLine.ExitCode.OK;
  }

  /** After each network again: a study that is stopped leaves what it has. */
  private void write(StudyResult result, String withoutTorch) {
    if (!withoutTorch.isEmpty()) {
      result.machine().put("PyTorch", "not run: " + withoutTorch);
    }
    ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    try {
      Files.writeString(output.resolve("study.json"), json.writeValueAsString(result) + "\n");
      for (Map.Entry<String, String> page : StudyPages.of(result).entrySet()) {
        Files.writeString(output.resolve(page.getKey()), page.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> all() throws IOException {
    List<String> names = new ArrayList<>();
    try (Stream<Path> folders = Files.list(Home.folder().resolve("models"))) {
      folders
          .filter(folder -> Files.isRegularFile(folder.resolve(ModelBundle.MANIFEST)))
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .forEach(names::add);
    }
    PublishedNetworks.names().forEach(name -> names.add(NetworkFile.PUBLISHED + name));
    return names;
  }

  private static List<Subject> subjects(String model) throws IOException {
    if (model.startsWith(NetworkFile.PUBLISHED)) {
      return List.of(Subject.ofPublished(model.substring(NetworkFile.PUBLISHED.length())));
    }
    if (model.endsWith(".onnx")) {
      return List.of(Subject.ofNetwork(model, NetworkFile.open(model, "").onnx()));
    }
    ModelBundle bundle = ModelBundle.open(Home.bundle(model));
    Subject networks = Subject.ofBundle(bundle);
    if (!ShowerModels.KINDS.contains(bundle.stageKind())) {
      return List.of(networks);
    }
    return List.of(
        networks, networks.withWhole("whole showers", loaded -> showers(bundle, loaded)));
  }

  /** What makes showers with energies that fill the trained range evenly in their logarithm. */
  private static IntConsumer showers(ModelBundle bundle, List<Network> loaded) {
    Map<String, Network> networks = new TreeMap<>();
    int at = 0;
    for (String role : bundle.roles()) {
      networks.put(role, loaded.get(at++));
    }
    ShowerModel model = ShowerModels.of(bundle, networks);
    ShowerModel.EnergyRange range = model.trainedFor();
    CounterRandom random = new CounterRandom(1);
    return events -> {
      for (int first = 0; first < events; first += model.showersPerCall()) {
        int count = Math.min(model.showersPerCall(), events - first);
        double[] energies = new double[count];
        long[] showers = new long[count];
        for (int i = 0; i < count; i++) {
          showers[i] = first + i;
          double part = (first + i + 0.5) / events;
          energies[i] = range.minimum() * Math.pow(range.maximum() / range.minimum(), part);
        }
        model.sample(energies, random, showers, new int[count]);
      }
    };
  }
}
