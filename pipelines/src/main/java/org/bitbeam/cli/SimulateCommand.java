package org.bitbeam.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.calo.CaloChallengeWriter;
import org.bitbeam.physics.calo.IncidentEnergies;
import org.bitbeam.physics.calo.ShowerModel;
import org.bitbeam.physics.calo.ShowerModels;
import org.bitbeam.physics.calo.ShowerOptions;
import org.bitbeam.physics.calo.ShowerOptions.OutOfRange;
import org.bitbeam.physics.calo.ShowerSimulator;
import org.bitbeam.report.JobReport;
import org.bitbeam.report.ShowerFile;
import org.bitbeam.root.RootWriter;
import org.bitbeam.root.TreeOptions;
import org.bitbeam.root.TreeWriter;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.BundleLease;
import org.bitbeam.runtime.ModelBundle;
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
  private static final int SHOWERS_PER_BATCH = 1000;
  private static final int BATCH_BYTES = 8 << 20;

  /** Smaller than usual: the writer has twice a cluster in memory, and showers are large. */
  private static final long CLUSTER_BYTES = 4 << 20;

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
      defaultValue = "1000",
      paramLabel = "N",
      description = "Number of showers; default ${DEFAULT-VALUE}.")
  private long showers;

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
    String name = output.getFileName().toString().toLowerCase(Locale.ROOT);
    boolean hdf5 = name.endsWith(".hdf5") || name.endsWith(".h5");
    if (!hdf5 && !name.endsWith(".root")) {
      throw usage("--output " + output + ": expected a name that ends in .root, .hdf5 or .h5");
    }
    if (showers < 1 || first < 0) {
      throw usage("--showers needs at least 1, --first at least 0");
    }
    Path modelPath = Home.bundle(model);
    ModelBundle bundle = ModelBundle.open(modelPath);
    Map<String, Long> counters = new TreeMap<>();
    double seconds;
    try (BundleLease lease =
        BundleLease.of(bundle, Bitbeam.backends(spec).get().get(backend), BackendOptions.DEFAULT)) {
      ShowerModel showerModel = ShowerModels.of(bundle, lease.networks());
      long start = System.nanoTime();
      Path folder = output.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      run(showerModel, hdf5, counters);
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

  private void run(ShowerModel showerModel, boolean hdf5, Map<String, Long> counters)
      throws IOException {
    IncidentEnergies law;
    try {
      law = IncidentEnergies.parse(energies.isEmpty() ? trained(showerModel) : energies, seed);
    } catch (IllegalArgumentException e) {
      throw usage("--energies: " + e.getMessage());
    }
    ShowerSimulator simulator =
        new ShowerSimulator(
            showerModel, new ShowerOptions(ShowerFile.ENERGY, 1, seed, outOfRange, dense || hdf5));
    Schema given =
        new Schema(
            List.of(
                new Schema.Field(
                    ShowerFile.ENERGY,
                    ColumnType.Primitive.FLOAT64,
                    "energy of the incident particle",
                    "MeV")));
    Progress progress =
        new Progress(spec.commandLine().getErr(), Progress.isTerminal(), "showers", showers);
    try {
      if (hdf5) {
        writeHdf5(showerModel, simulator, given, law, counters, progress);
      } else {
        writeRoot(showerModel, simulator, given, law, counters, progress);
      }
    } finally {
      progress.end();
    }
  }

  private static String trained(ShowerModel showerModel) {
    ShowerModel.EnergyRange range = showerModel.trainedFor();
    return "log-uniform:" + range.minimum() + ":" + range.maximum() + ":MeV";
  }

  /** Showers whose voxels take 8 MiB in double precision; results do not depend on it. */
  private static int perBatch(int voxels) {
    return Math.max(1, Math.min(SHOWERS_PER_BATCH, BATCH_BYTES / Double.BYTES / voxels));
  }

  private EventBatch batch(
      ShowerSimulator simulator,
      Schema given,
      IncidentEnergies law,
      long from,
      int atMost,
      Map<String, Long> counters) {
    int count = (int) Math.min(atMost, first + showers - from);
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = law.get(from + i);
    }
    EventBatch batch =
        EventBatch.of(
            new Origin("", "", "showers", from), given, List.of(DoubleColumn.of(values)), count);
    return simulator.apply(batch, (name, amount) -> counters.merge(name, amount, Long::sum));
  }

  private void writeRoot(
      ShowerModel showerModel,
      ShowerSimulator simulator,
      Schema given,
      IncidentEnergies law,
      Map<String, Long> counters,
      Progress progress)
      throws IOException {
    Schema schema = given;
    for (Schema.Field field : simulator.outputs(given)) {
      schema = schema.with(field);
    }
    try (RootWriter writer = RootWriter.create(output)) {
      TreeWriter tree =
          writer.tree(
              ShowerFile.TREE, model, schema, TreeOptions.DEFAULT.withClusterBytes(CLUSTER_BYTES));
      int perBatch = perBatch(showerModel.geometry().voxels());
      for (long from = first; from < first + showers; from += perBatch) {
        tree.write(batch(simulator, given, law, from, perBatch, counters));
        progress.update(counters.getOrDefault(ShowerSimulator.SHOWERS, 0L));
      }
      tree.finish();
      writer.commit();
    }
  }

  private void writeHdf5(
      ShowerModel showerModel,
      ShowerSimulator simulator,
      Schema given,
      IncidentEnergies law,
      Map<String, Long> counters,
      Progress progress)
      throws IOException {
    int size = showerModel.geometry().voxels();
    try (CaloChallengeWriter writer = new CaloChallengeWriter(output, showers, size, false)) {
      double[] shower = new double[size];
      for (long from = first; from < first + showers; from += perBatch(size)) {
        EventBatch batch = batch(simulator, given, law, from, perBatch(size), counters);
        NumberColumn energy = (NumberColumn) batch.column(ShowerFile.ENERGY);
        NumberColumn values =
            (NumberColumn) ((ArrayColumn) batch.column(ShowerSimulator.VOXEL_ENERGY)).content();
        for (int i = 0; i < batch.entries(); i++) {
          for (int v = 0; v < size; v++) {
            shower[v] = values.getDouble(i * size + v);
          }
          writer.add(energy.getDouble(i), shower, 0);
        }
        progress.update(counters.getOrDefault(ShowerSimulator.SHOWERS, 0L));
      }
      writer.commit();
    }
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
