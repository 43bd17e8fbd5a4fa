package org.bitbeam.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.EmptyMatchTreatment;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.bitbeam.beam.DeadLetters;
import org.bitbeam.beam.InputFile;
import org.bitbeam.beam.Ledger;

/**
 * What a job of {@code tag} or {@code eft} has left in its output folder.
 *
 * @param folder path, or an address of a file system that Beam has
 * @param entries of the ledger, by input
 * @param letters about what could not be processed
 * @param summary of the last run; missing if there is none
 */
record JobFolder(
    String folder, List<Ledger.Entry> entries, List<DeadLetters.Letter> letters, JsonNode summary) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  JobFolder {
    entries = List.copyOf(entries);
    letters = List.copyOf(letters);
  }

  /** Whether a job has written to a folder. */
  static boolean isOne(Path folder) {
    return Files.isDirectory(folder.resolve(".bitbeam"));
  }

  static JobFolder read(Path folder) throws IOException {
    return read(folder.toAbsolutePath().normalize().toString());
  }

  /** The same of a path or an address; an empty one, if no job has written there. */
  static JobFolder read(String folder) throws IOException {
    List<MatchResult.Metadata> summary =
        FileSystems.match(folder + "/" + JobReport.SUMMARY, EmptyMatchTreatment.ALLOW).metadata();
    return new JobFolder(
        folder,
        Ledger.read(folder).entries().values().stream()
            .sorted(Comparator.comparing(Ledger.Entry::input))
            .toList(),
        new DeadLetters(folder).read(),
        summary.isEmpty() ? MissingNode.getInstance() : parsed(summary.get(0).resourceId()));
  }

  private static JsonNode parsed(ResourceId file) throws IOException {
    try (InputStream in = Channels.newInputStream(FileSystems.open(file))) {
      return JSON.readTree(in);
    }
  }

  /** Whether it is an address, not a path. */
  static boolean isRemote(String folder) {
    return folder.contains("://");
  }

  /** Where an output lies; jobs that were started in another folder may have relative names. */
  String output(Ledger.Entry entry) {
    if (isRemote(folder) || Files.exists(Path.of(entry.output()))) {
      return entry.output();
    }
    return Path.of(folder).resolve(InputFile.baseName(entry.output())).toString();
  }

  /** Whether an output is there, with as many bytes as the ledger says. */
  boolean isThere(Ledger.Entry entry) {
    try {
      long bytes =
          isRemote(folder)
              ? FileSystems.matchSingleFileSpec(entry.output()).sizeBytes()
              : Files.size(Path.of(output(entry)));
      return bytes == entry.bytes();
    } catch (IOException e) {
      return false;
    }
  }

  /** Of the inputs without output. */
  long badFiles() {
    return letters.stream().map(DeadLetters.Letter::input).distinct().count();
  }

  /** What the last run counted. */
  Map<String, Long> counters() {
    Map<String, Long> counters = new TreeMap<>();
    summary
        .path("counters")
        .fields()
        .forEachRemaining(counter -> counters.put(counter.getKey(), counter.getValue().asLong()));
    return counters;
  }

  long counter(String name) {
    return counters().getOrDefault(name, 0L);
  }
}
