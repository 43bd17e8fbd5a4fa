package org.bitbeam.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.EmptyMatchTreatment;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.apache.beam.sdk.io.fs.MoveOptions.StandardMoveOptions;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.apache.beam.sdk.util.MimeTypes;
import org.bitbeam.beam.InputFile;

/**
 * An output folder of an object store. Such stores show an object as a whole or not at all, but
 * have no locks: a job puts a claim into the folder and looks who else has one. Where what was
 * written is seen at once, as on S3, at least one of two jobs sees the other. The claim of a job
 * that was killed stays, for nobody can know; the error says what to delete.
 */
final class RemoteFolder extends OutputFolder {
  private static final String CLAIMS = STATE + "/claims/";

  private final String folder;
  private final String claim;

  private RemoteFolder(String folder, String claim, int swept) {
    super(swept);
    this.folder = folder;
    this.claim = claim;
  }

  /**
   * Claims a folder.
   *
   * @throws IOException when it cannot be written to, or another job has it
   */
  static RemoteFolder claim(String address) throws IOException {
    String folder = address.endsWith("/") ? address : address + "/";
    String claim = folder + CLAIMS + UUID.randomUUID();
    try {
      write(claim, "process " + ProcessHandle.current().pid() + ", " + Instant.now());
    } catch (IOException e) {
      throw new IOException(
          address + ": the output folder cannot be written to: " + e.getMessage(), e);
    }
    try {
      for (MatchResult.Metadata other : find(folder + CLAIMS + "*")) {
        if (!other.resourceId().toString().equals(claim)) {
          throw new IOException(
              address
                  + ": another job writes to this folder ("
                  + text(other.resourceId()).strip()
                  + "); wait for it, or choose another folder; if that job was killed, delete "
                  + other.resourceId());
        }
      }
      return new RemoteFolder(folder, claim, sweep(folder));
    } catch (IOException | RuntimeException e) {
      delete(List.of(resource(claim)));
      throw e;
    }
  }

  /** Deletes parts and temporary objects of jobs that are no more; says how many. */
  private static int sweep(String folder) throws IOException {
    List<ResourceId> orphans = new ArrayList<>();
    for (MatchResult.Metadata part : find(folder + PARTS + "/**")) {
      orphans.add(part.resourceId());
    }
    for (String place : List.of("", STATE + "/", STATE + "/ledger/", STATE + "/deadletter/")) {
      for (MatchResult.Metadata file : find(folder + place + ".*.tmp")) {
        orphans.add(file.resourceId());
      }
    }
    delete(orphans);
    return orphans.size();
  }

  @Override
  String address(String name) {
    return folder + name;
  }

  @Override
  Optional<String> read(String name) throws IOException {
    List<MatchResult.Metadata> found = find(folder + name);
    return found.isEmpty() ? Optional.empty() : Optional.of(text(found.get(0).resourceId()));
  }

  @Override
  void replace(String name, String text) throws IOException {
    write(folder + name, text);
  }

  @Override
  void deleteLetters(Set<String> kept) throws IOException {
    List<ResourceId> old = new ArrayList<>();
    for (MatchResult.Metadata file : find(folder + DEAD_LETTERS + "/*" + LETTERS_END)) {
      if (!kept.contains(InputFile.baseName(file.resourceId().toString()))) {
        old.add(file.resourceId());
      }
    }
    delete(old);
  }

  @Override
  public void close() throws IOException {
    try {
      sweep(folder);
    } finally {
      delete(List.of(resource(claim)));
    }
  }

  private static ResourceId resource(String address) {
    return FileSystems.matchNewResource(address, false);
  }

  private static List<MatchResult.Metadata> find(String pattern) throws IOException {
    return FileSystems.match(pattern, EmptyMatchTreatment.ALLOW).metadata();
  }

  private static String text(ResourceId file) throws IOException {
    try (InputStream in = Channels.newInputStream(FileSystems.open(file))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void write(String address, String text) throws IOException {
    try (OutputStream out =
        Channels.newOutputStream(FileSystems.create(resource(address), MimeTypes.TEXT))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static void delete(List<ResourceId> files) throws IOException {
    FileSystems.delete(files, StandardMoveOptions.IGNORE_MISSING_FILES);
  }
}
