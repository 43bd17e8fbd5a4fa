package org.bitbeam.cli;

import java.util.Locale;
import org.bitbeam.runtime.ModelReport;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Sizes of one forward pass, where a network leaves them open. */
final class PassSize {
  @Option(
      names = "--batch",
      defaultValue = "1",
      paramLabel = "N",
      description =
          "Size of the first axis where the network leaves it open; default ${DEFAULT-VALUE}.")
  int batch;

  @Option(
      names = "--length",
      defaultValue = "50",
      paramLabel = "N",
      description = "Size of other open axes, such as constituents; default ${DEFAULT-VALUE}.")
  int length;

  ModelReport report(CommandSpec spec, NetworkFile file) {
    check(spec);
    return ModelReport.of(file.label(), file.onnx(), batch, length);
  }

  void check(CommandSpec spec) {
    if (batch < 1 || length < 1) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--batch and --length need at least 1");
    }
  }

  static String summary(ModelReport report) {
    long integer = report.macsInIntegerLayers();
    long macs =
        report.macsInFloatLayers() + report.macsInBitLayers() + integer + report.macsInAttention();
    String shareOfIntegers =
        integer == 0
            ? ""
            : String.format(
                Locale.ROOT, ", %.1f %% in other integer layers", 100.0 * integer / macs);
    return String.format(
        Locale.ROOT,
        "one pass, batch %d, length %d: %,d multiply-accumulates, %.1f %% of them in ternary or binary layers%s, %.1f %%"
            + " in attention%n%,d float operations, %,d integer operations, %,d bytes of weights",
        report.rows(),
        report.length(),
        macs,
        100.0 * report.macsInBitLayers() / Math.max(1, macs),
        shareOfIntegers,
        100.0 * report.macsInAttention() / Math.max(1, macs),
        report.flops(),
        report.intOps(),
        report.weightBytes());
  }
}
