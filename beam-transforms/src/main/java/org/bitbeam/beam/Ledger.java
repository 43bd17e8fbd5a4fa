package org.bitbeam.beam;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.EmptyMatchTreatment;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.apache.beam.sdk.io.fs.ResolveOptions.StandardResolveOptions;

/**
 * What jobs have finished in an output folder: an entry for each input file, written when its
 * output is complete and under its final name. So a job that is run again does only what is
 * missing. Each entry is a small file of its own, {@code .bitbeam/ledger/NAME.json}: workers need
 * not agree on an order, and an entry is there as a whole or not at all.
 *
 * <p>Immutable; a snapshot of the folder.
 */
public final class Ledger {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /**
   * A job: what its outputs depend on.
   *
   * @param key the same for the same settings, also in another process
   * @param attempt how often the job has been started in this folder, from 1 on
   * @param settings by name: the model with its hash, options, the version of the program
   */
  public record Job(String key, int attempt, Map<String, String> settings) implements Serializable {
    /** The job of these settings. */
    public static Job of(Map<String, String> settings, int attempt) {
      StringBuilder text = new StringBuilder();
      new TreeMap<>(settings)
          .forEach((name, value) -> text.append(name).append('=').append(value).append('\n'));
      return new Job(shortHash(text.toString()), attempt, new TreeMap<>(settings));
    }
  }

  /**
   * A finished input file.
   *
   * @param job key of the job
   * @param attempt of the job
   * @param input name or address of the file
   * @param fingerprint of its content
   * @param entriesRead of the input
   * @param entriesWritten to the output
   * @param entriesFiltered left out, because a filter did not keep them
   * @param output name or address of the output
   * @param bytes of the output
   * @param sha256 of the output, in hexadecimal
   * @param settings of the job
   */
  public record Entry(
      String job,
      int attempt,
      String input,
      String fingerprint,
      long entriesRead,
      long entriesWritten,
      long entriesFiltered,
      String output,
      long bytes,
      String sha256,
      Map<String, String> settings) {

    static Entry of(Job job, OutputFile file) {
      return new Entry(
          job.key(),
          job.attempt(),
          file.input(),
          file.inputFingerprint(),
          file.entriesRead(),
          file.entries(),
          file.entriesRead() - file.entries(),
          file.file(),
          file.bytes(),
          file.sha256(),
          job.settings());
    }

    /** The entry as a line of JSON, without its end. */
    public String toJson() throws IOException {
      return JSON.writeValueAsString(this);
    }
  }

  private final Map<String, Entry> byInput;

  private Ledger(Map<String, Entry> byInput) {
    this.byInput = Map.copyOf(byInput);
  }

  /**
   * Reads the entries of an output folder; none when there is no such folder.
   *
   * @throws IOException naming an entry that cannot be read
   */
  public static Ledger read(String folder) throws IOException {
    Map<String, Entry> entries = new HashMap<>();
    for (MatchResult.Metadata file :
        FileSystems.match(entries(folder) + "*.json", EmptyMatchTreatment.ALLOW).metadata()) {
      try (InputStream in = Channels.newInputStream(FileSystems.open(file.resourceId()))) {
        Entry entry = JSON.readValue(in, Entry.class);
        entries.put(entry.input(), entry);
      } catch (com.fasterxml.jackson.core.JacksonException e) {
        throw new IOException(
            file.resourceId()
                + ": the entry of the ledger cannot be read ("
                + e.getOriginalMessage()
                + "); delete it, and its file is processed again",
            e);
      }
    }
    return new Ledger(entries);
  }

  /** All entries, by input. */
  public Map<String, Entry> entries() {
    return byInput;
  }

  /**
   * The entry of an input that this job has finished; empty when it has not, when the input has
   * another content now, or when the output is gone or has another size.
   */
  public Optional<Entry> finished(Job job, InputFile input) throws IOException {
    Entry entry = byInput.get(input.file());
    if (entry == null
        || !entry.job().equals(job.key())
        || !entry.fingerprint().equals(input.fingerprint())) {
      return Optional.empty();
    }
    List<MatchResult.Metadata> output =
        FileSystems.match(
                FileSystems.matchNewResource(entry.output(), false).toString(),
                EmptyMatchTreatment.ALLOW)
            .metadata();
    boolean there = output.size() == 1 && output.get(0).sizeBytes() == entry.bytes();
    return there ? Optional.of(entry) : Optional.empty();
  }

  /** Writes the entry of a finished file; a second attempt replaces it. */
  static void write(String folder, Entry entry) throws IOException {
    SmallFiles.write(
        FileSystems.matchNewResource(entries(folder), true)
            .resolve(
                InputFile.baseName(entry.output()) + ".json", StandardResolveOptions.RESOLVE_FILE),
        entry.toJson());
  }

  private static String entries(String folder) {
    return (folder.endsWith("/") ? folder : folder + "/") + ".bitbeam/ledger/";
  }

  /** 16 hexadecimal digits of the text's SHA-256. */
  static String shortHash(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
