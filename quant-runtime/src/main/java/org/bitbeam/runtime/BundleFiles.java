package org.bitbeam.runtime;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** The files of a bundle, from a folder or a zip, within limits; and back into a zip. */
final class BundleFiles {
  static final int MAX_FILES = 10_000;

  private final String label;
  private final long maxBytes;
  private final SortedMap<String, byte[]> files = new TreeMap<>();
  private long totalBytes;

  private BundleFiles(String label, long maxBytes) {
    this.label = label;
    this.maxBytes = maxBytes;
  }

  /** All files below a folder, by their paths inside of it, with {@code /} between names. */
  static SortedMap<String, byte[]> ofFolder(String label, Path folder, long maxBytes)
      throws IOException {
    BundleFiles result = new BundleFiles(label, maxBytes);
    Path root = folder.toRealPath();
    List<Path> found;
    try (Stream<Path> walk = Files.walk(root)) {
      found = walk.filter(p -> !Files.isDirectory(p, LinkOption.NOFOLLOW_LINKS)).sorted().toList();
    }
    for (Path file : found) {
      String name =
          root.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/");
      Path real = file.toRealPath();
      if (!real.startsWith(root)) {
        throw new BundleException(
            label + ": " + name + " is a link to a file outside of the bundle, which is refused");
      }
      if (!Files.isRegularFile(real)) {
        throw new BundleException(label + ": " + name + " is no regular file");
      }
      try (InputStream in = Files.newInputStream(real)) {
        result.add(name, in);
      }
    }
    return result.files;
  }

  /** All files of a zip. */
  static SortedMap<String, byte[]> ofZip(String label, byte[] zip, long maxBytes)
      throws IOException {
    BundleFiles result = new BundleFiles(label, maxBytes);
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        if (!entry.isDirectory()) {
          result.add(entry.getName(), in);
        }
      }
    } catch (ZipException | IllegalArgumentException e) {
      throw new BundleException(label + ": the zip is damaged: " + e.getMessage(), e);
    }
    if (result.files.isEmpty()) {
      throw new BundleException(label + ": neither a folder nor a zip with files");
    }
    return result.files;
  }

  /** A zip of files whose bytes depend on nothing but names and contents. */
  static byte[] toZip(SortedMap<String, byte[]> files) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(bytes)) {
      for (var file : files.entrySet()) {
        ZipEntry entry = new ZipEntry(file.getKey());
        entry.setTimeLocal(java.time.LocalDateTime.of(1980, 1, 1, 0, 0));
        out.putNextEntry(entry);
        out.write(file.getValue());
        out.closeEntry();
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  /** Refuses names that could lead out of the folder a bundle is unpacked to. */
  static void checkName(String label, String name) {
    boolean bad = name.isEmpty() || name.startsWith("/") || name.indexOf('\\') >= 0;
    bad |= name.indexOf(':') >= 0 || name.indexOf('\0') >= 0;
    for (String part : name.split("/", -1)) {
      bad |= part.isEmpty() || part.equals(".") || part.equals("..");
    }
    if (bad) {
      throw new BundleException(
          label
              + ": file name \""
              + name.replace('\0', '?')
              + "\" is refused; names are relative, without \"..\"");
    }
  }

  private void add(String name, InputStream in) throws IOException {
    checkName(label, name);
    if (files.size() >= MAX_FILES) {
      throw new BundleException(label + ": more than " + MAX_FILES + " files");
    }
    long left = maxBytes - totalBytes;
    // One byte more than allowed tells a file that fits from one that does not.
    byte[] content = in.readNBytes((int) Math.min(left + 1, Integer.MAX_VALUE - 8));
    if (content.length > left) {
      throw new BundleException(
          label
              + ": with "
              + name
              + " the files exceed "
              + maxBytes
              + " bytes; raise the limit if that is intended");
    }
    totalBytes += content.length;
    if (files.put(name, content) != null) {
      throw new BundleException(label + ": two files are named " + name);
    }
  }
}
