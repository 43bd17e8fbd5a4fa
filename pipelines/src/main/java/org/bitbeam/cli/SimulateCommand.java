package org.bitbeam.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bitbeam.physics.calo.CaloDream;
import org.bitbeam.physics.calo.IncidentEnergies;
import org.bitbeam.physics.calo.IncidentParticles;
import org.bitbeam.physics.calo.ShowerModel;
import org.bitbeam.physics.calo.ShowerModels;
import org.bitbeam.physics.calo.ShowerOptions.OutOfRange;
import org.bitbeam.physics.calo.ShowerSimulator;
import org.bitbeam.report.JobReport;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.BundleLease;
import org.bitbeam.runtime.ModelBundle;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bitbeam simulate}. */
@Command(
    name = "simulate",
    description = {
      "Makes calorimeter showers with a generative network.",
      "Writes a tree \"showers\" (.root) with incidentEnergy, shower_layerEnergy and the voxels (energies in MeV), or a file"
          + " of the CaloChallenge (.hdf5, .h5) with incident_energies and showers.",
      "Shower i is the same for the same model, seed and energies, whatever else is simulated."
    })
final class SimulateCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--model",
      required = true,
      paramLabel = "BUNDLE",
      description =
          "Model bundle: folder, zip, or name of a shipped one (calo-tiny, calo-tiny-bit).")
  private String model = "";

  @Option(
      names = "--showers",
      paramLabel = "N",
      description = "Number of showers; default 1000, with --particles all.")
  private @Nullable Long showers;

  @Option(
      names = "--first",
      defaultValue = "0",
      paramLabel = "N",
      description = "Number of the first shower: jobs with other ranges make other showers.")
  private long first;

  @Option(
      names = "--energies",
      defaultValue = "",
      paramLabel = "LAW",
      description =
          "log-uniform:1:1000:GeV, uniform:..., grid:1:1000:10:GeV, list:1,10:GeV; default is log-uniform over the range the"
              + " model was trained for.")
  private String energies = "";

  @Option(
      names = "--particles",
      defaultValue = "",
      paramLabel = "FILE",
      description =
          "Showers for the incident particles of a ROOT file, in its order; .root outputs have their directions, entries and places, too.")
  private String particles = "";

  @Option(
      names = "--kinematics",
      defaultValue = "energy=incidentEnergy",
      paramLabel = "COLUMNS",
      description =
          "What the columns of --particles are: energy=E (with or without eta=, phi=), pt=..,eta=..,phi=.. or px=..,py=..,pz=.. (with"
              + " or without mass= or energy=); numbers or lists; default ${DEFAULT-VALUE}.")
  private String kinematics = "";

  @Option(
      names = "--unit",
      defaultValue = "MEV",
      paramLabel = "UNIT",
      description = "Of the columns of --particles: MeV (default), GeV.")
  private Unit unit = Unit.MEV;

  @Option(
      names = "--tree",
      defaultValue = "",
      paramLabel = "NAME",
      description = "Dataset of --particles; needed if there are several.")
  private String tree = "";

  /** Unit of energies, momenta and masses. */
  enum Unit {
    MEV(1),
    GEV(1000);

    private final double mev;

    Unit(double mev) {
      this.mev = mev;
    }
  }

  @Option(
      names = "--seed",
      defaultValue = "1",
      paramLabel = "N",
      description = "Of energies and noise; default ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--out-of-range",
      defaultValue = "error",
      paramLabel = "POLICY",
      description =
          "For energies the model was not trained for: error (default), clamp to the range, or flag (simulate as given, with a"
              + " column shower_outOfRange).")
  private OutOfRange outOfRange = OutOfRange.ERROR;

  @Option(names = "--dense", description = "Write all voxels, not those with energy alone.")
  private boolean dense;

  @Option(
      names = "--backend",
      defaultValue = "ort",
      paramLabel = "NAME",
      description = "What runs the networks; default ${DEFAULT-VALUE}.")
  private String backend = "ort";

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description = "File to write, .root, .hdf5 or .h5; an existing one is replaced.")
  private Path output = Path.of("");

  @Mixin private ReportSwitch report = new ReportSwitch();

  @Override
  public Integer call() throws Exception {
    ShowerWriter.checkName(spec, output);
    if ((showers != null && showers < 1) || first < 0) {
      throw usage("--showers needs at least 1, --first at least 0");
    }
    if (!particles.isEmpty() && !energies.isEmpty()) {
      throw usage("--particles have their energies; --energies is for showers without them");
    }
    Path modelPath = Home.bundle(model);
    ModelBundle bundle = ModelBundle.open(modelPath);
    Map<String, Long> counters;
    double seconds;
    try (BundleLease lease =
        BundleLease.of(bundle, Bitbeam.backends(spec).get().get(backend), BackendOptions.DEFAULT)) {
      ShowerModel showerModel = ShowerModels.of(bundle, lease.networks());
      long start = System.nanoTime();
      counters = run(showerModel);
      seconds = (System.nanoTime() - start) / 1e9;
    }
    Map<String, Object> document = document(bundle, modelPath, counters, seconds);
    Files.writeString(JobReport.summaryOf(output), CommonOptions.json(document));
    report.write(spec, output);
    if (common.json) {
      CommonOptions.printJson(spec.commandLine().getOut(), document);
    } else {
      print(bundle, counters, seconds);
    }
    return CommandLine.ExitCode.OK;
  }

  private CommandLine.ParameterException usage(String message) {
    return new CommandLine.ParameterException(spec.commandLine(), message);
  }

  private Map<String, Long> run(ShowerModel showerModel) throws IOException {
    if (!particles.isEmpty()) {
      try (ParticleFile file = new ParticleFile(particles, tree, kinematics())) {
        long rest = file.particles() - first;
        if (rest < 1 || (showers != null && showers > rest)) {
          throw usage(
              particles + " has " + file.particles() + " particles, fewer than are asked for");
        }
        return run(showerModel, file, showers == null ? rest : showers);
      }
    }
    IncidentEnergies law;
    try {
      law = IncidentEnergies.parse(energies.isEmpty() ? trained(showerModel) : energies, seed);
    } catch (IllegalArgumentException e) {
      throw usage("--energies: " + e.getMessage());
    }
    return run(showerModel, ShowerWriter.of(law), showers == null ? 1000 : showers);
  }

  private IncidentParticles kinematics() {
    try {
      return IncidentParticles.parse(kinematics, unit.mev);
    } catch (IllegalArgumentException e) {
      throw usage("--kinematics: " + e.getMessage());
    }
  }

  private Map<String, Long> run(ShowerModel showerModel, ShowerWriter.Incident given, long count)
      throws IOException {
    Progress progress =
        new Progress(spec.commandLine().getErr(), Progress.isTerminal(), "showers", count);
    try {
      // One batch at a time: the networks have threads of their own.
      return new ShowerWriter(showerModel, given, seed, outOfRange)
          .write(output, DatasetFormat.TTREE, model, dense, first, count, 1, progress);
    } finally {
      progress.end();
    }
  }

  /** The law of incident energies that a model was trained for. */
  static String trained(ShowerModel showerModel) {
    ShowerModel.EnergyRange range = showerModel.trainedFor();
    return "log-uniform:" + range.minimum() + ":" + range.maximum() + ":MeV";
  }

  private Map<String, Object> document(
      ModelBundle bundle, Path modelPath, Map<String, Long> counters, double seconds)
      throws IOException {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("output", output.toString());
    document.put("bitbeam", Bitbeam.VERSION);
    document.put("model", bundle.name() + " " + bundle.version());
    document.put("modelFingerprint", bundle.fingerprint());
    document.put("modelPath", modelPath.toAbsolutePath().normalize().toString());
    document.put("backend", backend);
    document.put("energies", energies);
    document.put("particles", particles);
    document.put("first", first);
    document.put("seed", seed);
    document.put("outOfRange", outOfRange.name());
    document.putAll(Circumstances.now());
    document.put("seconds", seconds);
    document.put("counters", counters);
    document.put("bytes", Files.size(output));
    return document;
  }

  private void print(ModelBundle bundle, Map<String, Long> counters, double seconds)
      throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    long made = counters.getOrDefault(ShowerSimulator.SHOWERS, 0L);
    long outside = counters.getOrDefault(ShowerSimulator.SHOWERS_OUT_OF_RANGE, 0L);
    out.printf(
        Locale.ROOT,
        "simulated %,d showers with %s %s (backend %s) in %.1f s, %,.0f showers/s%n",
        made,
        bundle.name(),
        bundle.version(),
        backend,
        seconds,
        made / seconds);
    long evaluations =
        counters.getOrDefault(CaloDream.ENERGY_EVALUATIONS, 0L)
            + counters.getOrDefault(CaloDream.SHAPE_EVALUATIONS, 0L);
    if (evaluations > 0) {
      out.printf(
          Locale.ROOT, "velocity evaluations a shower: %,.1f%n", (double) evaluations / made);
    }
    if (outside > 0) {
      out.printf(
          Locale.ROOT,
          "note: %,d incident energies outside of the trained range were %s%n",
          outside,
          outOfRange == OutOfRange.CLAMP ? "set to its nearest end" : "simulated as given");
    }
    out.printf(Locale.ROOT, "wrote %s: %,d bytes%n", output, Files.size(output));
  }
}
