package org.bitbeam.root;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.bitbeam.root.internal.remote.RemoteFiles;

/**
 * Bytes of one file, read by position: a local or remote file, a Beam channel, memory.
 * Implementations may be used by several threads at once.
 */
public interface ByteSource extends Closeable {

  /** Name for messages, such as the path as the user gave it. */
  String name();

  /** Number of bytes. */
  long size() throws IOException;

  /**
   * Fills {@code target} from its position to its limit with the bytes from {@code position} on.
   *
   * @throws java.io.EOFException when the source ends before
   */
  void readFully(long position, ByteBuffer target) throws IOException;

  /**
   * A part of the bytes, to be read.
   *
   * @param position of its first byte
   * @param target filled from its position to its limit
   */
  record Part(long position, ByteBuffer target) {}

  /**
   * Reads several parts, in as few requests as the source allows. They may come in any order and
   * overlap; no more memory is taken than about what they ask for. After an exception the targets
   * hold anything.
   *
   * @throws java.io.EOFException when the source ends before the end of a part
   */
  default void readVectored(List<Part> parts) throws IOException {
    for (Part part : parts) {
      readFully(part.position(), part.target());
    }
  }

  /**
   * Whether a read costs a round trip over a network. Readers then gather what they are about to
   * need and ask for it with {@link #readVectored}.
   */
  default boolean isRemote() {
    return false;
  }

  /**
   * Opens another file to which this one refers, because branches of a tree keep their baskets
   * there. As a name comes from the file, which may be of a stranger, a source says itself which
   * names it follows: local files follow plain names of files in their own folder, all others none.
   *
   * @param name as the file says it
   * @throws UnsupportedRootException when this source does not follow that name
   */
  default ByteSource sibling(String name) throws IOException {
    throw new UnsupportedRootException(
        name()
            + ": it keeps data in another file, "
            + name
            + ", which is not opened from here; merge the files with hadd first");
  }

  /** A local file, read with positioned reads. It follows references to files in its own folder. */
  static ByteSource ofFile(Path path) throws IOException {
    return FileByteSource.open(path);
  }

  /**
   * A remote file ({@code http://}, {@code https://}, {@code root://}, {@code roots://}) or a local
   * one, by its address.
   *
   * @param address an address with one of these schemes, {@code file:} with a path, or a path
   * @throws IllegalArgumentException when the address is malformed or has another scheme
   */
  static ByteSource open(String address, RemoteOptions options) throws IOException {
    if (RemoteFiles.isRemote(address)) {
      return RemoteFiles.open(address, options);
    }
    if (address.startsWith("file:")) {
      return ofFile(Path.of(java.net.URI.create(address)));
    }
    if (address.matches("[A-Za-z][A-Za-z0-9+.-]+://.*")) {
      throw new IllegalArgumentException(
          address.substring(0, address.indexOf(':'))
              + "://: files are read from file, http, https, root and roots addresses");
    }
    return ofFile(Path.of(address));
  }

  /** Whether {@link #open} would read an address over a network. */
  static boolean isRemoteAddress(String address) {
    return RemoteFiles.isRemote(address);
  }

  /** Bytes in memory, which are not copied. */
  static ByteSource ofBytes(String name, byte[] bytes) {
    return new MemoryByteSource(name, bytes);
  }
}
