package org.bitbeam.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.bitbeam.runtime.ModelReport;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code bitbeam model cost}. */
@Command(
    name = "cost",
    description = {
      "Counts what one forward pass costs, node by node and in total.",
      "A float product of M rows, K inputs and N outputs is M K N multiply-accumulates (MAC) or 2 M K N float operations;"
          + " a ternary or binary layer is one integer addition for every weight that is not zero and every row, and 4 K + 2"
          + " float operations a row for its quantiser, 2 N for its scale and bias; another integer product (MatMulInteger, QLinearMatMul) is M K N integer operations; softmax counts 5, normalisations and"
          + " GELU 8, other operators 1 an element. Weights move 4 bytes per float, 1 per integer, 2 bits per ternary or binary weight."
    })
final class ModelCostCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();

  @Mixin private PassSize size = new PassSize();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private NetworkChoice network = new NetworkChoice();

  @Override
  public Integer call() throws Exception {
    NetworkFile file = network.open();
    ModelReport report = size.report(spec, file);
    PrintWriter out = spec.commandLine().getOut();
    if (common.json) {
      CommonOptions.printJson(out, report);
      return CommandLine.ExitCode.OK;
    }
    out.printf(
        "%15s %15s %15s %12s  %s%n", "MAC", "float ops", "integer ops", "weight bytes", "node");
    for (ModelReport.Operation operation : report.operations()) {
      out.printf(
          Locale.ROOT,
          "%,15d %,15d %,15d %,12d  %s (%s)%n",
          operation.macs(),
          operation.flops(),
          operation.intOps(),
          operation.weightBytes(),
          operation.node(),
          operation.kind());
    }
    out.printf(Locale.ROOT, "%s%n", PassSize.summary(report));
    return CommandLine.ExitCode.OK;
  }
}
