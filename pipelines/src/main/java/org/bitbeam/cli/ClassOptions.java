package org.bitbeam.cli;

import java.util.List;
import org.bitbeam.report.TrueClasses;
import picocli.CommandLine.Option;

/** Which values of a truth are signal and background. */
final class ClassOptions {
  @Option(
      names = "--signal",
      split = ",",
      defaultValue = TrueClasses.QUARKS,
      paramLabel = "VALUE",
      description = "Values of the truth that are signal; default ${DEFAULT-VALUE} (quarks).")
  private List<Long> signal = List.of();

  @Option(
      names = "--background",
      split = ",",
      defaultValue = TrueClasses.GLUONS,
      paramLabel = "VALUE",
      description = "Values that are background; default ${DEFAULT-VALUE} (gluons).")
  private List<Long> background = List.of();

  TrueClasses classes() {
    return new TrueClasses(signal, background);
  }
}
