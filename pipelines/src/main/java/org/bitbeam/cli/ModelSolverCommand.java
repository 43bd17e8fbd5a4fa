package org.bitbeam.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.bitbeam.physics.calo.CaloDream;
import org.bitbeam.physics.calo.CounterRandom;
import org.bitbeam.physics.calo.IncidentEnergies;
import org.bitbeam.physics.calo.SolverTraining;
import org.bitbeam.physics.calo.SolverTraining.Learned;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.BundleLease;
import org.bitbeam.runtime.BundleWriter;
import org.bitbeam.runtime.ModelBundle;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bitbeam model solver}. */
@Command(
    name = "solver",
    description = {
      "Learns the steps of solvers of few evaluations for a bundle of CaloDREAM, which stays as it is otherwise.",
      "A solver is METHOD:N, N evaluations of the velocity: bespoke-euler and bespoke-midpoint (learnt times and scales), or"
          + " non-stationary (learnt weights of all velocities before). It is fitted to fine solutions from the same noise; what it is off"
          + " by is told for showers that were held out, beside the plain method of as many evaluations."
    })
final class ModelSolverCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "BUNDLE", description = "Folder, zip, or name of a shipped bundle.")
  private String model = "";

  @Option(
      names = "--energy-solver",
      paramLabel = "METHOD:N",
      description = "For the layer energies; without, the bundle's own stays.")
  private Optional<String> energy = Optional.empty();

  @Option(
      names = "--shape-solver",
      paramLabel = "METHOD:N",
      description = "For the voxels; without, the bundle's own stays.")
  private Optional<String> shape = Optional.empty();

  @Option(
      names = "--fine",
      defaultValue = "rk4-3/8:0.05",
      paramLabel = "METHOD:STEP",
      description =
          "Solver of what is learnt: euler, midpoint, rk4 or rk4-3/8; default ${DEFAULT-VALUE}.")
  private String fine = "";

  @Option(
      names = "--showers",
      defaultValue = "128",
      paramLabel = "N",
      description = "Showers to learn from; as many are held out; default ${DEFAULT-VALUE}.")
  private int showers;

  @Option(
      names = "--iterations",
      defaultValue = "30",
      paramLabel = "N",
      description = "Of each fit, at most; default ${DEFAULT-VALUE}.")
  private int iterations;

  @Option(
      names = "--energies",
      defaultValue = "",
      paramLabel = "LAW",
      description = "Incident energies, as of 'bitbeam simulate'.")
  private String energies = "";

  @Option(
      names = "--seed",
      defaultValue = "1",
      paramLabel = "N",
      description = "Of energies and noise; default ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--backend",
      defaultValue = "ort",
      paramLabel = "NAME",
      description = "What runs the networks; default ${DEFAULT-VALUE}.")
  private String backend = "ort";

  @Option(
      names = "--output",
      required = true,
      paramLabel = "BUNDLE",
      description = "Folder to write; an existing one is not replaced.")
  private Path output = Path.of("");

  @Override
  public Integer call() throws Exception {
    if (energy.isEmpty() && shape.isEmpty()) {
      throw usage("--energy-solver or --shape-solver is needed");
    }
    if (showers < 2 || showers > Integer.MAX_VALUE / 2 || iterations < 1) {
      throw usage("--showers needs at least 2, --iterations at least 1");
    }
    if (Files.exists(output)) {
      throw usage(output + ": there is something of that name; it is not replaced");
    }
    ModelBundle bundle = ModelBundle.open(Home.bundle(model));
    ObjectNode stage = (ObjectNode) bundle.stage();
    ObjectNode record = JSON.createObjectNode();
    long start = System.nanoTime();
    try (BundleLease lease =
        BundleLease.of(bundle, Bitbeam.backends(spec).get().get(backend), BackendOptions.DEFAULT)) {
      CaloDream dream = CaloDream.of(bundle, lease.networks());
      SolverTraining training =
          new SolverTraining(
              dream,
              JSON.createObjectNode().put("method", name(fine)).put("step", step(fine)),
              incident(dream),
              new CounterRandom(seed));
      if (energy.isPresent()) {
        String solver = energy.get();
        learnt(
            "energy",
            training.energies(name(solver), evaluations(solver), iterations),
            stage,
            record);
      }
      if (shape.isPresent()) {
        String solver = shape.get();
        learnt(
            "shape", training.shapes(name(solver), evaluations(solver), iterations), stage, record);
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    record.put("of", bundle.name() + " " + bundle.version());
    record.put("ofFingerprint", bundle.fingerprint());
    record.put("fine", fine).put("showers", showers).put("seed", seed).put("backend", backend);
    record.put("seconds", Math.round(seconds));
    JsonNode before = bundle.training();
    ObjectNode trained = before instanceof ObjectNode known ? known : JSON.createObjectNode();
    trained.set("solvers", record);
    BundleWriter.copyOf(bundle, String.valueOf(output.getFileName()), stage)
        .record("training", trained)
        .write(output);
    print(record, seconds);
    return CommandLine.ExitCode.OK;
  }

  private double[] incident(CaloDream dream) {
    String law = energies.isEmpty() ? SimulateCommand.trained(dream) : energies;
    double[] incident = new double[2 * showers];
    try {
      IncidentEnergies parsed = IncidentEnergies.parse(law, seed);
      Arrays.setAll(incident, parsed::get);
    } catch (IllegalArgumentException e) {
      throw usage("--energies: " + e.getMessage());
    }
    return incident;
  }

  /** Puts a solver into the stage, and what is known of it into the record. */
  private static void learnt(String part, Learned learned, ObjectNode stage, ObjectNode record) {
    if (!(stage.get(part) instanceof ObjectNode settings)) {
      throw new IllegalArgumentException("the bundle's stage has no \"" + part + "\"");
    }
    settings.set("solver", learned.solver());
    record
        .putObject(part)
        .put("method", learned.solver().path("method").asText())
        .put("evaluations", evaluations(learned.solver()))
        .put("distancePlain", learned.before())
        .put("distance", learned.after())
        .put("iterations", learned.iterations());
  }

  private static int evaluations(JsonNode solver) {
    return solver.has("timeRates") ? solver.get("timeRates").size() : solver.path("times").size();
  }

  private void print(ObjectNode record, double seconds) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (common.json) {
      CommonOptions.printJson(out, record);
      return;
    }
    for (String part : new String[] {"energy", "shape"}) {
      JsonNode known = record.path(part);
      if (!known.isMissingNode()) {
        out.printf(
            Locale.ROOT,
            "%s: %s of %d evaluations, off by %.4f deviations (equal steps: %.4f), after %d iterations%n",
            part,
            known.path("method").asText(),
            known.path("evaluations").asInt(),
            known.path("distance").asDouble(),
            known.path("distancePlain").asDouble(),
            known.path("iterations").asInt());
      }
    }
    out.printf(Locale.ROOT, "wrote %s, after %.0f s%n", output, seconds);
  }

  private static String name(String solver) {
    return solver.substring(0, Math.max(0, solver.lastIndexOf(':')));
  }

  private static String number(String solver) {
    return solver.substring(solver.lastIndexOf(':') + 1);
  }

  private double step(String solver) {
    try {
      return Double.parseDouble(number(solver));
    } catch (NumberFormatException e) {
      throw usage("solver " + solver + ": expected METHOD:STEP, such as rk4-3/8:0.05");
    }
  }

  private int evaluations(String solver) {
    try {
      return Integer.parseInt(number(solver));
    } catch (NumberFormatException e) {
      throw usage("solver " + solver + ": expected METHOD:N, such as bespoke-midpoint:4");
    }
  }

  private CommandLine.ParameterException usage(String message) {
    return new CommandLine.ParameterException(spec.commandLine(), message);
  }
}
