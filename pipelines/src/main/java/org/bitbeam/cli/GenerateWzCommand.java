package org.bitbeam.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bitbeam.physics.generate.BosonJets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bitbeam generate wz}. */
@Command(
    name = "wz",
    description = {
      "Makes jets of boosted W and Z bosons of W Z pairs, with decay angles and the weights of Wilson coefficients.",
      "Writes a dataset \"jets\": constituents (Part_*), jets (jet_*), truth (gen_*, q1_*, q2_*, boson_*), and eft_coeff: the"
          + " weight 1 + p1 cW + p2 cWtil + p3 cW^2 + p4 cW cWtil + p5 cWtil^2 relative to the Standard Model (1/TeV^2)."
    })
final class GenerateWzCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();

  @Mixin private GenerateOptions options = new GenerateOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--cW",
      defaultValue = "0",
      paramLabel = "X",
      description =
          "Events of this coefficient, without weights; 1/TeV^2, default ${DEFAULT-VALUE}.")
  private double even;

  @Option(
      names = "--cWtil",
      defaultValue = "0",
      paramLabel = "X",
      description = "The same of the CP-odd operator; default ${DEFAULT-VALUE}.")
  private double odd;

  @Override
  public Integer call() throws Exception {
    BosonJets source;
    try {
      source = new BosonJets(options.seed, even, odd);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("cW", even);
    facts.put("cWtil", odd);
    GenerateCommand.write(spec, common, options, "jets of W and Z bosons", source, facts);
    return CommandLine.ExitCode.OK;
  }
}
