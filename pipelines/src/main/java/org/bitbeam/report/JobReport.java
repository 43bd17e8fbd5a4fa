package org.bitbeam.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Gathers what a page says of what jobs have written. */
public final class JobReport {
  /** Name of the page beside outputs. */
  public static final String PAGE = "report.html";

  /** Name of a job's summary beside its outputs. */
  public static final String SUMMARY = "summary.json";

  private JobReport() {}

  /**
   * A report about an output folder.
   *
   * @throws IOException when what the job left cannot be read; the message says why
   */
  public static Report of(Path folder, ReportOptions options) throws IOException {
    if (!JobFolder.isOne(folder)) {
      throw new IOException(folder + ": no job has written to this folder");
    }
    JobFolder job = JobFolder.read(folder);
    List<Section> sections = new ArrayList<>();
    sections.add(JobSections.overview(job));
    results(job, options).forEach(sections::add);
    sections.add(JobSections.cost(job));
    sections.add(JobSections.files(job));
    sections.add(JobSections.model(job));
    sections.add(JobSections.provenance(job));
    return new Report(
        "BitBeam report: " + folder.toAbsolutePath().normalize().getFileName(),
        "One page, nothing is loaded from elsewhere. Charts list their numbers below them.",
        sections);
  }

  /** Sections about results; where they cannot be read, one that says why. */
  private static List<Section> results(JobFolder job, ReportOptions options) {
    List<Section> sections = new ArrayList<>();
    try {
      Optional<Section> tagging = TaggingSection.of(job, options);
      tagging.ifPresent(sections::add);
    } catch (IOException | RuntimeException e) {
      sections.add(
          new Section(
              "Results",
              List.of(
                  new Block.Warning(
                      "The outputs could not be looked into: "
                          + JobSections.cut(String.valueOf(e.getMessage()))))));
    }
    return sections;
  }

  /**
   * Writes a page, which appears complete or not at all.
   *
   * @return the file
   */
  public static Path write(Report report, Path file) throws IOException {
    Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
    Files.writeString(temporary, HtmlReport.render(report), StandardCharsets.UTF_8);
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return file;
  }
}
