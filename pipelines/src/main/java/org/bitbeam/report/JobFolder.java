package org.bitbeam.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bitbeam.beam.DeadLetters;
import org.bitbeam.beam.Ledger;

/**
 * What a job of {@code tag} or {@code eft} has left in its output folder.
 *
 * @param entries of the ledger, by input
 * @param letters about what could not be processed
 * @param summary of the last run; missing if there is none
 */
record JobFolder(
    Path folder, List<Ledger.Entry> entries, List<DeadLetters.Letter> letters, JsonNode summary) {
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
    String name = folder.toAbsolutePath().normalize().toString();
    Path summary = folder.resolve(JobReport.SUMMARY);
    return new JobFolder(
        folder,
        Ledger.read(name).entries().values().stream()
            .sorted(Comparator.comparing(Ledger.Entry::input))
            .toList(),
        new DeadLetters(name).read(),
        Files.exists(summary)
            ? JSON.readTree(Files.readString(summary))
            : MissingNode.getInstance());
  }

  /** Where an output lies; jobs that were started in another folder may have relative names. */
  Path output(Ledger.Entry entry) {
    Path path = Path.of(entry.output());
    return Files.exists(path) ? path : folder.resolve(String.valueOf(path.getFileName()));
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
