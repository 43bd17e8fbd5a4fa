package org.bitbeam.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bitbeam.beam.DeadLetters;
import org.bitbeam.beam.InputFile;
import org.bitbeam.beam.Ledger;
import org.bitbeam.report.JobReport;

/**
 * A local output folder that one job has for itself: other processes are refused until it is
 * closed, and what killed jobs have left behind is deleted when it is claimed. The lock is the
 * operating system's, so it ends with the process, however that ends.
 */
final class OutputFolder implements AutoCloseable {
  private static final String STATE = ".bitbeam";
  private static final String PARTS = ".bitbeam-parts";
  private static final String LEDGER = "ledger.jsonl";
  private static final String ARGUMENTS = "arguments.json";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Folder in it with the letters about files that were not processed. */
  static final String DEAD_LETTERS = "deadletter";

  /** As io-root names a file that is not complete yet. */
  private static final Pattern TEMPORARY = Pattern.compile("\\..+\\.\\d+\\.tmp(\\.mode)?");

  /** As the ledger names an entry that is not complete yet. */
  private static final Pattern TEMPORARY_ENTRY = Pattern.compile("\\..+\\.tmp");

  private final Path folder;
  private final FileChannel channel;
  private final int swept;

  private OutputFolder(Path folder, FileChannel channel, int swept) {
    this.folder = folder;
    this.channel = channel;
    this.swept = swept;
  }

  /**
   * Claims a folder, which is made if need be.
   *
   * @throws IOException when it cannot be written to, or another job has it
   */
  static OutputFolder claim(Path folder) throws IOException {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new IOException(folder + ": the output is a file, expected a folder");
    }
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new IOException(folder + ": the output folder cannot be made: " + e.getMessage(), e);
    }
    if (!Files.isWritable(folder)) {
      throw new IOException(folder + ": the output folder is not writable");
    }
    Files.createDirectories(folder.resolve(STATE));
    FileChannel channel =
        FileChannel.open(
            folder.resolve(STATE).resolve("lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    try {
      if (!locked(channel)) {
        throw new IOException(
            folder + ": another job writes to this folder; wait for it, or choose another folder");
      }
      return new OutputFolder(folder, channel, sweep(folder));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // a job of this process
    }
  }

  /** Deletes parts and temporary files of jobs that are no more; says how many files. */
  private static int sweep(Path folder) throws IOException {
    List<Path> orphans = new ArrayList<>();
    Path parts = folder.resolve(PARTS);
    if (Files.isDirectory(parts)) {
      try (Stream<Path> all = Files.walk(parts)) {
        all.forEach(orphans::add);
      }
    }
    addMatching(folder, TEMPORARY, orphans);
    addMatching(folder.resolve(STATE).resolve("ledger"), TEMPORARY_ENTRY, orphans);
    addMatching(folder.resolve(STATE).resolve("deadletter"), TEMPORARY_ENTRY, orphans);
    orphans.sort(Comparator.reverseOrder());
    int files = 0;
    for (Path orphan : orphans) {
      files += Files.isRegularFile(orphan) ? 1 : 0;
      Files.deleteIfExists(orphan);
    }
    return files;
  }

  private static void addMatching(Path place, Pattern names, List<Path> found) throws IOException {
    if (Files.isDirectory(place)) {
      try (Stream<Path> all = Files.list(place)) {
        all.filter(file -> names.matcher(file.getFileName().toString()).matches())
            .filter(Files::isRegularFile)
            .forEach(found::add);
      }
    }
  }

  /** How many files of killed jobs were deleted. */
  int swept() {
    return swept;
  }

  /**
   * Where this attempt of a job keeps parts until outputs are complete; deleted by {@link #close}.
   * A cluster may still work on an attempt whose launcher was killed: the two must not mix.
   */
  Path parts(Ledger.Job job) {
    return folder.resolve(PARTS).resolve(job.key() + "-" + job.attempt());
  }

  /** Counts how often a job was started here, this time included. */
  int attempt(String job) throws IOException {
    Path counter = folder.resolve(STATE).resolve("attempts-" + job);
    int before = Files.exists(counter) ? Integer.parseInt(Files.readString(counter).strip()) : 0;
    replace(counter, Integer.toString(before + 1));
    return before + 1;
  }

  /** Remembers what the user typed, for {@code bitbeam retry}. */
  void remember(List<String> arguments) throws IOException {
    replace(folder.resolve(STATE).resolve(ARGUMENTS), JSON.writeValueAsString(arguments));
  }

  /**
   * What was remembered.
   *
   * @throws IOException when no job has written to the folder
   */
  static List<String> remembered(Path folder) throws IOException {
    Path file = folder.resolve(STATE).resolve(ARGUMENTS);
    if (!Files.exists(file)) {
      throw new IOException(folder + ": no job of tag or eft has written to this folder");
    }
    return List.of(JSON.readValue(Files.readString(file), String[].class));
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
    replace(folder.resolve(LEDGER), text.toString());
  }

  /** Writes {@code summary.json}: what the last run did. */
  void writeSummary(StageJob.Summary summary) throws IOException {
    replace(
        folder.resolve(JobReport.SUMMARY),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(summary) + "\n");
  }

  /** Writes {@code deadletter/NAME.jsonl} for each input without output, a line for each letter. */
  void writeDeadLetters(List<DeadLetters.Letter> dead) throws IOException {
    Path place = folder.resolve(DEAD_LETTERS);
    if (Files.isDirectory(place)) {
      try (Stream<Path> all = Files.list(place)) {
        for (Path old : all.filter(file -> file.toString().endsWith(".jsonl")).toList()) {
          Files.delete(old);
        }
      }
    }
    Map<String, StringBuilder> byName = new TreeMap<>();
    for (DeadLetters.Letter letter : dead) {
      byName
          .computeIfAbsent(InputFile.baseName(letter.input()), name -> new StringBuilder())
          .append(letter.toJson())
          .append('\n');
    }
    if (byName.isEmpty()) {
      if (Files.isDirectory(place)) {
        deleteIfEmpty(place);
      }
      return;
    }
    Files.createDirectories(place);
    for (Map.Entry<String, StringBuilder> file : byName.entrySet()) {
      replace(place.resolve(file.getKey() + ".jsonl"), file.getValue().toString());
    }
  }

  private static void deleteIfEmpty(Path place) throws IOException {
    try (Stream<Path> all = Files.list(place)) {
      if (all.findAny().isPresent()) {
        return;
      }
    }
    Files.delete(place);
  }

  private static void replace(Path file, String text) throws IOException {
    Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
    Files.writeString(temporary, text);
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void close() throws IOException {
    try {
      sweep(folder);
    } finally {
      channel.close();
    }
  }
}
