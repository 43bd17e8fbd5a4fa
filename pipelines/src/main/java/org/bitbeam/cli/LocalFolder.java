package org.bitbeam.cli;

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
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An output folder of this machine. The lock is the operating system's, so it ends with the
 * process, however that ends.
 */
final class LocalFolder extends OutputFolder {
  /** As io-root names a file that is not complete yet. */
  private static final Pattern TEMPORARY = Pattern.compile("\\..+\\.\\d+\\.tmp(\\.mode)?");

  /** As the ledger names an entry that is not complete yet. */
  private static final Pattern TEMPORARY_ENTRY = Pattern.compile("\\..+\\.tmp");

  private final Path folder;
  private final FileChannel channel;

  private LocalFolder(Path folder, FileChannel channel, int swept) {
    super(swept);
    this.folder = folder;
    this.channel = channel;
  }

  /**
   * Claims a folder, which is made if need be.
   *
   * @throws IOException when it cannot be written to, or another job has it
   */
  static LocalFolder claim(Path folder) throws IOException {
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
      return new LocalFolder(folder, channel, sweep(folder));
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

  @Override
  String address(String name) {
    return folder.resolve(name).toString();
  }

  @Override
  Optional<String> read(String name) throws IOException {
    Path file = folder.resolve(name);
    return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
  }

  @Override
  void replace(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.toAbsolutePath().getParent());
    Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
    Files.writeString(temporary, text);
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  void deleteLetters(Set<String> kept) throws IOException {
    Path place = folder.resolve(DEAD_LETTERS);
    if (!Files.isDirectory(place)) {
      return;
    }
    try (Stream<Path> all = Files.list(place)) {
      for (Path old : all.filter(file -> file.toString().endsWith(LETTERS_END)).toList()) {
        if (!kept.contains(old.getFileName().toString())) {
          Files.delete(old);
        }
      }
    }
    try (Stream<Path> all = Files.list(place)) {
      if (all.findAny().isPresent()) {
        return;
      }
    }
    Files.delete(place);
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
