package org.bitbeam.root.internal.write;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** A local file: written beside its final name, synced, renamed. */
public final class PathTarget implements WriteTarget {
  private final Path finalPath;
  private final Path temporary;
  private final FileChannel channel;
  private boolean done;

  private PathTarget(Path finalPath, Path temporary, FileChannel channel) {
    this.finalPath = finalPath;
    this.temporary = temporary;
    this.channel = channel;
  }

  /** Begins to write; an existing file of that name stays until {@link #commit}. */
  public static PathTarget create(Path path) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    Path name = path.getFileName();
    if (folder == null || name == null) {
      throw new NoSuchFileException(path.toString(), null, "is no name of a file");
    }
    if (!Files.isDirectory(folder)) {
      throw new NoSuchFileException(folder.toString(), null, "the output folder does not exist");
    }
    if (!Files.isWritable(folder)) {
      throw new AccessDeniedException(folder.toString(), null, "the output folder is not writable");
    }
    Path temporary = Files.createTempFile(folder, "." + name + ".", ".tmp");
    return new PathTarget(
        path,
        temporary,
        FileChannel.open(
            temporary, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING));
  }

  @Override
  public String name() {
    return finalPath.toString();
  }

  @Override
  public void write(long position, byte[] bytes, int from, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, from, length);
    long at = position;
    try {
      while (buffer.hasRemaining()) {
        at += channel.write(buffer, at);
      }
    } catch (IOException e) {
      throw named(e);
    }
  }

  /** What the system says of a channel has no name in it. */
  private IOException named(IOException e) {
    return new IOException(finalPath + ": cannot be written: " + e.getMessage(), e);
  }

  @Override
  public void commit() throws IOException {
    try {
      channel.force(true);
      channel.close();
    } catch (IOException e) {
      throw named(e);
    }
    makeReadable();
    Files.move(
        temporary, finalPath, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    done = true;
    syncFolder();
  }

  /**
   * Temporary files are made private; the result gets the permissions any new file would have had.
   */
  private void makeReadable() throws IOException {
    Path probe = temporary.resolveSibling(temporary.getFileName() + ".mode");
    try {
      Files.createFile(probe);
      Files.setPosixFilePermissions(temporary, Files.getPosixFilePermissions(probe));
    } catch (UnsupportedOperationException e) {
      // No POSIX permissions on this file system: nothing to mend.
    } finally {
      Files.deleteIfExists(probe);
    }
  }

  private void syncFolder() {
    try (FileChannel folder =
        FileChannel.open(finalPath.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    } catch (IOException e) {
      // Some systems do not open folders; the rename itself has happened.
      System.getLogger(PathTarget.class.getName())
          .log(System.Logger.Level.DEBUG, () -> finalPath + ": folder not synced: " + e);
    }
  }

  @Override
  public void abort() throws IOException {
    if (!done) {
      channel.close();
      Files.deleteIfExists(temporary);
    }
  }
}
