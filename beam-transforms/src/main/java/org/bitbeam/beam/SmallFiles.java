package org.bitbeam.beam;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.MoveOptions;
import org.apache.beam.sdk.io.fs.MoveOptions.StandardMoveOptions;
import org.apache.beam.sdk.io.fs.ResolveOptions.StandardResolveOptions;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.apache.beam.sdk.util.MimeTypes;

/** Small files on any file system of Beam, that are there as a whole or not at all. */
final class SmallFiles {
  private SmallFiles() {}

  /** Writes a line; a file of that name is replaced. */
  static void write(ResourceId target, String line) throws IOException {
    write(
        target,
        (line + "\n").getBytes(StandardCharsets.UTF_8),
        MimeTypes.TEXT,
        StandardMoveOptions.IGNORE_MISSING_FILES);
  }

  /**
   * Writes bytes.
   *
   * @param option what happens when there is a file of that name
   * @throws IOException naming the file
   */
  static void write(ResourceId target, byte[] content, String type, MoveOptions option)
      throws IOException {
    ResourceId temporary =
        target
            .getCurrentDirectory()
            .resolve("." + UUID.randomUUID() + ".tmp", StandardResolveOptions.RESOLVE_FILE);
    try (OutputStream out = Channels.newOutputStream(FileSystems.create(temporary, type))) {
      out.write(content);
    } catch (IOException e) {
      throw new IOException(target + ": cannot be written: " + e.getMessage(), e);
    }
    FileSystems.rename(List.of(temporary), List.of(target), option);
  }
}
