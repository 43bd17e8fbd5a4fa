package org.bitbeam.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.bitbeam.beam.TagJets;
import org.bitbeam.report.JobReport;
import org.bitbeam.report.OtherTagger;
import org.bitbeam.report.Report;
import org.bitbeam.report.ReportOptions;
import org.bitbeam.runtime.ModelBundle;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bitbeam report}. */
@Command(
    name = "report",
    description = {
      "Writes a page about what jobs have written: files with their status, times, distributions, comparison with the truth,"
          + " model card, provenance.",
      "One HTML file that loads nothing from elsewhere. Jobs write it by themselves; this command does it again, or with the"
          + " truth that a job does not know."
    })
final class ReportCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();

  @Mixin private ClassOptions classes = new ClassOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "DIR|FILE",
      description =
          "Output folder of jobs, which may be s3://... (docs/remote-files.md), or a file of showers (.root, .hdf5, .h5).")
  private String place = "out";

  @Mixin private StoreOptions store = new StoreOptions();

  @Option(
      names = "--output",
      paramLabel = "FILE.html",
      description =
          "Where to write it; default: "
              + JobReport.PAGE
              + " in DIR, or FILE."
              + JobReport.PAGE
              + ".")
  private Optional<Path> output = Optional.empty();

  @Option(
      names = "--truth",
      defaultValue = "",
      paramLabel = "COLUMN",
      description =
          "Column of the true flavours or angles, of outputs or inputs; default: those that samples usually have.")
  private String truth = "";

  @Option(
      names = "--reference",
      paramLabel = "FILE",
      description = "Showers to compare those of FILE or DIR with.")
  private Optional<Path> reference = Optional.empty();

  @Option(
      names = "--geometry",
      defaultValue = "",
      paramLabel = "NAME|FILE|BUNDLE",
      description = {Geometries.DESCRIPTION, "For showers that 'bitbeam simulate' did not make."})
  private String geometry = "";

  @Option(
      names = "--particle",
      defaultValue = "",
      paramLabel = "NAME",
      description = "Which binning of an XML file, such as photon.")
  private String particle = "";

  @Option(
      names = "--against",
      paramLabel = "NAME",
      description =
          "Also run a backend, such as ort, on 1,000 of a tagger's entries, and compare the scores.")
  private Optional<String> against = Optional.empty();

  @Option(
      names = "--against-model",
      paramLabel = "BUNDLE",
      description =
          "What that backend runs, such as the float tagger; default: the model of the job.")
  private Optional<String> againstModel = Optional.empty();

  private Optional<OtherTagger> against() throws IOException {
    if (against.isEmpty() && againstModel.isEmpty()) {
      return Optional.empty();
    }
    ModelBundle bundle =
        ModelBundle.open(
            againstModel.isPresent() ? Home.bundle(againstModel.get()) : JobReport.modelOf(place));
    String backend = against.orElse("ort");
    return Optional.of(
        new OtherTagger(
            TagJets.with(bundle).withBackend(backend, Bitbeam.backends(spec)),
            bundle.name() + " " + bundle.version() + " on " + backend));
  }

  @Override
  public Integer call() throws Exception {
    if (OutputFolder.isRemote(place)) {
      place = place.replaceFirst("/+$", "");
      store.register();
    }
    ReportOptions options =
        new ReportOptions(
            truth,
            classes.classes(),
            geometry.isEmpty()
                ? Optional.empty()
                : Optional.of(Geometries.open(geometry, particle)),
            reference,
            against());
    String page = write(options);
    PrintWriter out = spec.commandLine().getOut();
    if (common.json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("report", page);
      if (!OutputFolder.isRemote(page)) {
        document.put("bytes", Files.size(Path.of(page)));
      }
      CommonOptions.printJson(out, document);
    } else {
      out.println("wrote " + page);
    }
    return CommandLine.ExitCode.OK;
  }

  /** Writes the page; returns where it is. */
  private String write(ReportOptions options) throws IOException {
    if (!OutputFolder.isRemote(place)) {
      Path local = Path.of(place);
      return JobReport.write(JobReport.of(local, options), output.orElse(JobReport.pageOf(local)))
          .toString();
    }
    Report report = JobReport.ofRemote(place, options);
    if (output.isPresent()) {
      return JobReport.write(report, output.get()).toString();
    }
    String page = place + "/" + JobReport.PAGE;
    JobReport.write(report, page);
    return page;
  }
}
