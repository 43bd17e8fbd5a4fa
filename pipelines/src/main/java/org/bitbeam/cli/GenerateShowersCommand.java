package org.bitbeam.cli;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.physics.calo.IncidentEnergies;
import org.bitbeam.physics.calo.ShowerOptions.OutOfRange;
import org.bitbeam.physics.generate.GflashShowers;
import org.bitbeam.physics.generate.GflashShowers.Particle;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bitbeam generate showers}. */
@Command(
    name = "showers",
    description = {
      "Makes electromagnetic showers by GFLASH's parametrisation (hep-ex/0001020), in geometries of the CaloChallenge.",
      "Writes what 'bitbeam simulate' writes: .root with a dataset \"showers\", or .hdf5 (.h5) of the CaloChallenge, in MeV.",
      "Shower i is the same for the same geometry, seed and energies, whatever else is made. For training and checks:"
          + " sub-GeV tails and correlations of Geant4 are not in it."
    })
final class GenerateShowersCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();

  @Mixin private GenerateOptions options = new GenerateOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--geometry",
      defaultValue = "ds2",
      paramLabel = "NAME|FILE|BUNDLE",
      description = Geometries.DESCRIPTION + " Default ${DEFAULT-VALUE}.")
  private String geometry = "";

  @Option(
      names = "--particle",
      defaultValue = "photon",
      paramLabel = "NAME",
      description = "photon (default) or electron; also which binning of an XML file.")
  private Particle particle = Particle.PHOTON;

  @Option(
      names = "--energies",
      defaultValue = "log-uniform:1:1000:GeV",
      paramLabel = "LAW",
      description =
          "log-uniform:1:1000:GeV (default), uniform:..., grid:256:4194304:15:MeV, list:1,10:GeV; from 0.2 GeV to 10 TeV.")
  private String energies = "";

  @Option(
      names = "--threshold",
      paramLabel = "MEV",
      description = "Voxels with less are empty; default " + GflashShowers.DEFAULT_THRESHOLD + ".")
  private double threshold = GflashShowers.DEFAULT_THRESHOLD;

  @Option(names = "--dense", description = "Write all voxels, not those with energy alone.")
  private boolean dense;

  @Override
  public Integer call() throws Exception {
    options.check(spec);
    ShowerWriter.checkName(spec, options.output);
    CaloGeometry voxels = Geometries.open(geometry, particle.name().toLowerCase(Locale.ROOT));
    IncidentEnergies law;
    GflashShowers model;
    try {
      law = IncidentEnergies.parse(energies, options.seed);
      model = new GflashShowers(voxels, particle, threshold);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    long start = System.nanoTime();
    Progress progress =
        new Progress(spec.commandLine().getErr(), Progress.isTerminal(), "showers", options.count);
    try {
      new ShowerWriter(model, ShowerWriter.of(law), options.seed, OutOfRange.ERROR)
          .write(
              options.output,
              options.format,
              model.toString(),
              dense,
              options.first,
              options.count,
              options.threads(),
              progress);
    } finally {
      progress.end();
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("geometry", voxels.name());
    facts.put("voxels", voxels.voxels());
    facts.put("energies", energies);
    facts.put("thresholdMeV", threshold);
    GenerateCommand.print(
        spec, common, options, model.toString(), facts, (System.nanoTime() - start) / 1e9);
    return CommandLine.ExitCode.OK;
  }
}
