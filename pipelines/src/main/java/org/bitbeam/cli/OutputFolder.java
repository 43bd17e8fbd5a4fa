package org.bitbeam.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.EmptyMatchTreatment;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.bitbeam.beam.DeadLetters;
import org.bitbeam.beam.InputFile;
import org.bitbeam.beam.Ledger;
import org.bitbeam.report.JobReport;

/**
 * An output folder that one job has for itself: others are refused until it is closed, and what
 * killed jobs have left behind is deleted when it is claimed.
 */
abstract sealed class OutputFolder implements AutoCloseable permits LocalFolder, RemoteFolder {
  static final String STATE = ".bitbeam";
  static final String PARTS = ".bitbeam-parts";
  private static final String LEDGER = "ledger.jsonl";
  private static final String ARGUMENTS = "arguments.json";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Folder in it with the letters about files that were not processed. */
  static final String DEAD_LETTERS = "deadletter";

  static final String LETTERS_END = ".jsonl";

  private final int swept;

  OutputFolder(int swept) {
    this.swept = swept;
  }

  /** Whether an output is on another file system than this machine's. */
  static boolean isRemote(String output) {
    return output.contains("://");
  }

  /**
   * Claims a folder, which is made if need be.
   *
   * @param output a path, or an address of a file system that Beam has
   * @throws IOException when it cannot be written to, or another job has it
   */
  static OutputFolder claim(String output) throws IOException {
    return isRemote(output) ? RemoteFolder.claim(output) : LocalFolder.claim(Path.of(output));
  }

  /** Path or address of something in it. */
  abstract String address(String name);

  /** The text of a file in it; empty when there is none. */
  abstract Optional<String> read(String name) throws IOException;

  /** Writes a text file in it, which is there as a whole or not at all. */
  abstract void replace(String name, String text) throws IOException;

  /** Deletes the files of dead letters but for these, and their folder if nothing is in it. */
  abstract void deleteLetters(Set<String> kept) throws IOException;

  @Override
  public abstract void close() throws IOException;

  /** How many files of killed jobs were deleted. */
  int swept() {
    return swept;
  }

  /**
   * Where this attempt of a job keeps parts until outputs are complete; deleted by {@link #close}.
   * A cluster may still work on an attempt whose launcher was killed: the two must not mix.
   */
  String parts(Ledger.Job job) {
    return address(PARTS + "/" + job.key() + "-" + job.attempt());
  }

  /** Counts how often a job was started here, this time included. */
  int attempt(String job) throws IOException {
    String counter = STATE + "/attempts-" + job;
    int attempt = 1 + read(counter).map(text -> Integer.parseInt(text.strip())).orElse(0);
    replace(counter, Integer.toString(attempt));
    return attempt;
  }

  /** Remembers what the user typed, for {@code bitbeam retry}. */
  void remember(List<String> arguments) throws IOException {
    replace(STATE + "/" + ARGUMENTS, JSON.writeValueAsString(arguments));
  }

  /**
   * What was remembered in a folder.
   *
   * @param folder a path, or an address of a file system that Beam has
   * @throws IOException when no job has written to the folder
   */
  static List<String> remembered(String folder) throws IOException {
    String file = folder + "/" + STATE + "/" + ARGUMENTS;
    List<MatchResult.Metadata> found =
        FileSystems.match(file, EmptyMatchTreatment.ALLOW).metadata();
    if (found.isEmpty()) {
      throw new IOException(folder + ": no job of tag or eft has written to this folder");
    }
    try (InputStream in = Channels.newInputStream(FileSystems.open(found.get(0).resourceId()))) {
      return List.of(JSON.readValue(in, String[].class));
    }
  }

  /**
   * Writes {@code ledger.jsonl}: a line for each input, in the order of their names; of inputs
   * without output, how many dead letters there are.
   */
  void writeLedger(Ledger ledger, List<DeadLetters.Letter> dead) throws IOException {
    Map<String, String> lines = new TreeMap<>();
    for (Ledger.Entry entry : ledger.entries().values()) {
      lines.put(entry.input(), entry.toJson());
    }
    Map<String, Integer> letters = new TreeMap<>();
    dead.forEach(letter -> letters.merge(letter.input(), 1, Integer::sum));
    for (Map.Entry<String, Integer> bad : letters.entrySet()) {
      lines.put(
          bad.getKey(),
          JSON.writeValueAsString(
              JSON.createObjectNode()
                  .put("input", bad.getKey())
                  .put("deadLetters", bad.getValue())));
    }
    StringBuilder text = new StringBuilder();
    lines.values().forEach(line -> text.append(line).append('\n'));
    replace(LEDGER, text.toString());
  }

  /** Writes {@code summary.json}: what the last run did. */
  void writeSummary(StageJob.Summary summary) throws IOException {
    replace(
        JobReport.SUMMARY,
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(summary) + "\n");
  }

  /** Writes {@code deadletter/NAME.jsonl} for each input without output, a line for each letter. */
  void writeDeadLetters(List<DeadLetters.Letter> dead) throws IOException {
    Map<String, StringBuilder> byName = new TreeMap<>();
    for (DeadLetters.Letter letter : dead) {
      byName
          .computeIfAbsent(
              InputFile.baseName(letter.input()) + LETTERS_END, n -> new StringBuilder())
          .append(letter.toJson())
          .append('\n');
    }
    deleteLetters(byName.keySet());
    for (Map.Entry<String, StringBuilder> file : byName.entrySet()) {
      replace(DEAD_LETTERS + "/" + file.getKey(), file.getValue().toString());
    }
  }
}
