package org.bitbeam.root.internal.file;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bitbeam.root.RootFormatException;
import org.bitbeam.root.internal.bytes.Cursor;
import org.jspecify.annotations.Nullable;

/**
 * Finds the records of a file whose directories were never written, because the program that wrote
 * it died: walks from record to record.
 */
public final class Recovery {
  private static final int HEADER_BYTES = 26;
  private static final int LARGEST_HEADER = 4096;
  private static final Set<String> NOT_LISTED = Set.of("TBasket", "RBlob", "TFile", "");

  private Recovery() {}

  /**
   * What was found.
   *
   * @param entries objects, those of sub-directories under their path
   * @param classes record with the class descriptions; null when none was written
   */
  public record Found(List<Directories.Entry> entries, @Nullable KeyHeader classes) {}

  /**
   * Walks the records from the first to the end of the file or to the first that makes no sense.
   */
  public static Found walk(Records records, FileHeader header) throws IOException {
    List<Directories.Entry> entries = new ArrayList<>();
    Map<Long, String> folders = new HashMap<>();
    folders.put(header.begin(), "");
    KeyHeader classes = null;
    long position = header.begin();
    while (position <= header.end() - HEADER_BYTES) {
      KeyHeader key = keyAt(records, position, header.end());
      if (key == null) {
        break;
      }
      if (key.storedBytes() > 0) {
        String folder = folders.getOrDefault(key.directory(), "");
        boolean isFolder =
            key.className().equals("TDirectory") || key.className().equals("TDirectoryFile");
        // The list of keys of a folder has a key like the folder, inside of it.
        if (isFolder && folder.endsWith("/" + key.name() + "/")
            || folder.equals(key.name() + "/")) {
          position += key.storedBytes();
          continue;
        }
        if (isFolder) {
          folders.put(position, folder + key.name() + "/");
        }
        if (key.className().equals("TList") && key.name().equals("StreamerInfo")) {
          classes = key;
        } else if (!NOT_LISTED.contains(key.className()) && !key.name().isEmpty()) {
          entries.add(new Directories.Entry(folder + key.name(), key));
        }
        if (entries.size() > records.limits().maxObjects()) {
          throw new RootFormatException(
              records.name() + ": more records than the limit of objects allows");
        }
      }
      position += Math.abs((long) key.storedBytes());
    }
    return new Found(List.copyOf(entries), classes);
  }

  /** The key there; a gap has a negative length; null when there is no key. */
  private static @Nullable KeyHeader keyAt(Records records, long position, long end)
      throws IOException {
    String context = records.name() + ": record at " + position;
    byte[] bytes = records.bytes(context, position, Math.min(LARGEST_HEADER, end - position));
    Cursor in = new Cursor(context, bytes);
    int stored = in.i32();
    if (stored < 0 && stored != Integer.MIN_VALUE) {
      return new KeyHeader(stored, 0, 0, 0, 0, 0, position, 0, "", "", "");
    }
    in.rewind(0);
    KeyHeader key;
    try {
      key = KeyHeader.read(in);
    } catch (RootFormatException e) {
      return null; // not a key: the end of what was written
    }
    boolean makesSense =
        stored >= HEADER_BYTES
            && stored <= end - position
            && key.headerBytes() >= HEADER_BYTES
            && key.headerBytes() <= stored
            && key.position() == position;
    return makesSense ? key : null;
  }
}
