package org.bitbeam.beam;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.EmptyMatchTreatment;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.apache.beam.sdk.io.fs.MoveOptions.StandardMoveOptions;
import org.apache.beam.sdk.io.fs.ResolveOptions.StandardResolveOptions;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;

/**
 * Where a pipeline puts what it cannot process instead of failing: files that cannot be read,
 * clusters that are damaged, entries that a stage refuses. A file with a dead letter gets no
 * output, for that would lack entries. Each letter is a small file in {@code .bitbeam/deadletter}
 * of the output folder, named after what it is about: an attempt that is repeated writes the same
 * again.
 *
 * @param folder output folder
 * @param mostFiles with letters about more files than this, nothing more is read: what was read as
 *     a whole still gets its output, all else neither an output nor a letter. Counted in the
 *     folder, so it holds for all workers; what they have at hand then is done to its end. Letters
 *     of earlier jobs count too.
 */
public record DeadLetters(String folder, long mostFiles) implements Serializable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Goes on however many files are bad. */
  public DeadLetters(String folder) {
    this(folder, Long.MAX_VALUE);
  }

  /** The same, but nothing more is read when more files are bad. */
  public DeadLetters withMostFiles(long most) {
    return new DeadLetters(folder, most);
  }

  /**
   * Something that could not be processed.
   *
   * @param input name or address of the file
   * @param step of the pipeline: {@code describe}, {@code plan}, {@code read}, {@code stage} or
   *     {@code assemble}
   * @param firstEntry first entry concerned; -1 for the whole file
   * @param endEntry behind the last one; -1 for the whole file
   * @param error class of the error
   * @param cause its message
   */
  public record Letter(
      String input, String step, long firstEntry, long endEntry, String error, String cause) {

    /** The letter as a line of JSON, without its end. */
    public String toJson() throws IOException {
      return JSON.writeValueAsString(this);
    }
  }

  /** Puts down that a whole file cannot be processed. */
  void put(String input, String step, Exception error) throws IOException {
    put(input, step, -1, -1, error);
  }

  /** Puts down that entries {@code [first, end)} cannot be processed. */
  void put(String input, String step, long first, long end, Exception error) throws IOException {
    Counter letters = Metrics.counter("bitbeam", "deadLetters");
    Letter letter =
        new Letter(
            input,
            step,
            first,
            end,
            error.getClass().getSimpleName(),
            String.valueOf(error.getMessage()));
    SmallFiles.write(
        place()
            .resolve(
                Ledger.shortHash(input) + "-" + step + "-" + first + ".json",
                StandardResolveOptions.RESOLVE_FILE),
        letter.toJson());
    letters.inc();
  }

  /** How many files there are letters about. */
  public long files() throws IOException {
    return find("*.json").stream().map(DeadLetters::hash).distinct().count();
  }

  /** Whether there are too many bad files to go on. */
  boolean isOver() throws IOException {
    return mostFiles < Long.MAX_VALUE && files() > mostFiles;
  }

  /** Of the name of the file that a letter is about. */
  private static String hash(MatchResult.Metadata letter) {
    String name = String.valueOf(letter.resourceId().getFilename());
    return name.substring(0, Math.max(0, name.indexOf('-')));
  }

  /** Whether there is a letter about this file. */
  boolean concern(String input) throws IOException {
    return !find(Ledger.shortHash(input) + "-*.json").isEmpty();
  }

  /** All letters, by file, step and entry. */
  public List<Letter> read() throws IOException {
    List<Letter> letters = new ArrayList<>();
    for (MatchResult.Metadata file : find("*.json")) {
      try (InputStream in = Channels.newInputStream(FileSystems.open(file.resourceId()))) {
        letters.add(JSON.readValue(in, Letter.class));
      }
    }
    letters.sort(
        Comparator.comparing(Letter::input)
            .thenComparing(Letter::step)
            .thenComparing(Letter::firstEntry));
    return letters;
  }

  /** Deletes the letters about these files, before they are processed again. */
  public void forget(Collection<String> inputs) throws IOException {
    Set<String> hashes = new HashSet<>();
    inputs.forEach(input -> hashes.add(Ledger.shortHash(input)));
    List<ResourceId> forgotten = new ArrayList<>();
    for (MatchResult.Metadata file : find("*.json")) {
      if (hashes.contains(hash(file))) {
        forgotten.add(file.resourceId());
      }
    }
    FileSystems.delete(forgotten, StandardMoveOptions.IGNORE_MISSING_FILES);
  }

  private List<MatchResult.Metadata> find(String pattern) throws IOException {
    return FileSystems.match(place() + pattern, EmptyMatchTreatment.ALLOW).metadata();
  }

  private ResourceId place() {
    return FileSystems.matchNewResource(
        (folder.endsWith("/") ? folder : folder + "/") + ".bitbeam/deadletter/", true);
  }
}
