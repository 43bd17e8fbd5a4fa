package org.bitbeam.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.bitbeam.report.JobReport;
import org.bitbeam.report.ReportOptions;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The option of jobs that turns their reports off. */
final class ReportSwitch {
  @Option(
      names = "--no-report",
      description = "Do not write " + JobReport.PAGE + ", a page about the job (docs/report.md).")
  private boolean without;

  /**
   * Writes the page about an output folder, or a file. Whatever goes wrong with it is only said:
   * the job's results are there.
   *
   * @return where it is
   */
  Optional<Path> write(CommandSpec spec, Path place) {
    if (without) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          JobReport.write(JobReport.of(place, ReportOptions.DEFAULT), JobReport.pageOf(place)));
    } catch (IOException | RuntimeException e) {
      spec.commandLine()
          .getErr()
          .println("bitbeam: no report was written, the results are complete: " + e.getMessage());
      return Optional.empty();
    }
  }
}
