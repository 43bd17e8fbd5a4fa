package org.bitbeam.report;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.bitbeam.beam.InputFile;

/** Gathers what a page says of what jobs have written. */
public final class JobReport {
  /** Name of the page beside outputs. */
  public static final String PAGE = "report.html";

  /** Name of a job's summary beside its outputs. */
  public static final String SUMMARY = "summary.json";

  private static final String NOTE =
      "The page loads nothing from elsewhere. Below each chart are its numbers; arrow keys read them out.";

  private JobReport() {}

  /**
   * A report about the output folder of jobs, or a file of showers.
   *
   * @throws IOException when there is nothing to report on, or it cannot be read; the message says
   *     why
   */
  public static Report of(Path place, ReportOptions options) throws IOException {
    List<Section> sections = new ArrayList<>();
    if (Files.isDirectory(place)) {
      if (JobFolder.isOne(place)) {
        sections.addAll(job(JobFolder.read(place), options));
      }
      for (Simulation simulation : Simulation.in(place)) {
        sections.addAll(simulation(simulation, options));
      }
      if (sections.isEmpty()) {
        throw new IOException(
            place + ": no job of tag, eft or simulate has written to this folder");
      }
    } else if (Files.exists(place)) {
      sections.addAll(Simulation.of(place).sections(options));
    } else {
      throw new NoSuchFileException(place.toString());
    }
    return new Report(
        "BitBeam report: " + place.toAbsolutePath().normalize().getFileName(), NOTE, sections);
  }

  /**
   * A report about the output folder of jobs on a file system that Beam has.
   *
   * @param address such as {@code s3://bucket/out}
   * @throws IOException when no job has written there, or it cannot be read
   */
  public static Report ofRemote(String address, ReportOptions options) throws IOException {
    JobFolder job = JobFolder.read(address);
    if (job.summary().isMissingNode()) {
      throw new IOException(address + ": no job of tag or eft has written to this folder");
    }
    return new Report("BitBeam report: " + InputFile.baseName(address), NOTE, job(job, options));
  }

  private static List<Section> job(JobFolder job, ReportOptions options) {
    List<Section> sections = new ArrayList<>();
    sections.add(JobSections.overview(job));
    sections.addAll(
        unlessUnreadable(
            "Results",
            () -> {
              List<Section> results = new ArrayList<>();
              results.addAll(TaggingSection.of(job, options));
              EftSection.of(job, options).ifPresent(results::add);
              return results;
            }));
    sections.add(JobSections.cost(job));
    sections.add(JobSections.files(job));
    sections.add(JobSections.model(job));
    sections.add(JobSections.provenance(job));
    return sections;
  }

  private static List<Section> simulation(Simulation simulation, ReportOptions options) {
    return unlessUnreadable(
        "Showers: " + simulation.file().getFileName(), () -> simulation.sections(options));
  }

  /** Sections that need files of results. */
  private interface Sections {
    List<Section> get() throws IOException;
  }

  /**
   * The sections; where files are gone or damaged, one that says so, for the rest of the page is
   * worth having.
   */
  private static List<Section> unlessUnreadable(String title, Sections sections) {
    try {
      return sections.get();
    } catch (IOException | RuntimeException e) {
      return List.of(
          new Section(
              title,
              List.of(
                  new Block.Warning(
                      "The results could not be looked into: "
                          + JobSections.cut(String.valueOf(e.getMessage()))))));
    }
  }

  /**
   * Where the model of the job of a folder is, which is a path or an address.
   *
   * @throws IOException when the job has not put it down
   */
  public static Path modelOf(String folder) throws IOException {
    String path =
        JobFolder.isRemote(folder) || JobFolder.isOne(Path.of(folder))
            ? JobFolder.read(folder).summary().path("modelPath").asText("")
            : "";
    if (path.isEmpty()) {
      throw new IOException(folder + ": the job's model is not known; name one by --against-model");
    }
    return Path.of(path);
  }

  /** Where a job that makes one file writes its summary. */
  public static Path summaryOf(Path file) {
    return Simulation.summaryOf(file);
  }

  /** Where the page about a folder or a file is by default. */
  public static Path pageOf(Path place) {
    return Files.isDirectory(place)
        ? place.resolve(PAGE)
        : place.resolveSibling(place.getFileName() + "." + PAGE);
  }

  /** Writes a page to an object store, where it appears complete or not at all. */
  public static void write(Report report, String address) throws IOException {
    ResourceId page = FileSystems.matchNewResource(address, false);
    try (OutputStream out = Channels.newOutputStream(FileSystems.create(page, "text/html"))) {
      out.write(HtmlReport.render(report).getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * Writes a page, which appears complete or not at all.
   *
   * @return the file
   */
  public static Path write(Report report, Path file) throws IOException {
    Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
    try {
      Files.writeString(temporary, HtmlReport.render(report), StandardCharsets.UTF_8);
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
    return file;
  }
}
