package org.bitbeam.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import org.bitbeam.physics.generate.QuarkGluonJets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code bitbeam generate jets}. */
@Command(
    name = "jets",
    description = {
      "Makes jets of quarks and gluons (500 to 550 GeV, radius 0.4) by a parton shower tuned to Pythia 8.",
      "Writes a dataset \"jets\" with constituents (Part_*), jets (jet_*), label (1 quark, 0 gluon), parton_pdgId."
    })
final class GenerateJetsCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();

  @Mixin private GenerateOptions options = new GenerateOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    GenerateCommand.write(
        spec, common, options, "quark and gluon jets", new QuarkGluonJets(options.seed), Map.of());
    return CommandLine.ExitCode.OK;
  }
}
