package org.bitbeam.root.internal.file;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bitbeam.root.RootFormatException;
import org.bitbeam.root.internal.bytes.Cursor;

/** Walks the directories of a file and lists their keys. */
public final class Directories {
  private Directories() {}

  /** A key with the path of its directory in front of its name. */
  public record Entry(String path, KeyHeader key) {}

  /**
   * All keys of all directories: a directory's own key before what is in it, as listed in the file.
   */
  public static List<Entry> list(Records records, FileHeader header) throws IOException {
    List<Entry> all = new ArrayList<>();
    walk(records, header.begin() + header.nameBytes(), "", 0, all, new HashSet<>());
    return List.copyOf(all);
  }

  private static void walk(
      Records records, long position, String path, int depth, List<Entry> all, Set<Long> seen)
      throws IOException {
    String context = records.name() + ": directory /" + path;
    if (!seen.add(position)) {
      throw new RootFormatException(context + ": directories contain each other in a circle");
    }
    if (depth > records.limits().maxDepth()) {
      throw new RootFormatException(context + ": directories are nested deeper than " + depth);
    }
    Cursor in = new Cursor(context, records.bytes(context, position, 30));
    int version = in.u16();
    boolean large = version > 1000;
    if (large) {
      in = new Cursor(context, records.bytes(context, position, 42));
      in.skip(2);
    }
    in.skip(8); // created, modified
    int keysBytes = in.i32();
    in.skip(4); // fNbytesName
    in.skip(large ? 16 : 8); // fSeekDir, fSeekParent
    long keysPosition = large ? in.i64() : in.i32();
    if (keysBytes == 0 && keysPosition == 0) {
      return; // created, never written to
    }
    // ROOT itself relies on the directory for the length: the key in front of the list can be
    // wrong.
    String listContext = context + ", list of keys";
    Cursor keys = new Cursor(listContext, records.bytes(listContext, keysPosition, keysBytes));
    keys.seek(KeyHeader.read(keys).headerBytes());
    int count = keys.count(30, "the list of keys");
    if (all.size() + count > records.limits().maxObjects()) {
      throw new RootFormatException(context + ": more keys than the limit of objects allows");
    }
    for (int i = 0; i < count; i++) {
      KeyHeader key = KeyHeader.read(keys);
      String name = path + key.name();
      all.add(new Entry(name, key));
      if (isDirectory(key)) {
        walk(
            records,
            Math.addExact(key.position(), key.headerBytes()),
            name + "/",
            depth + 1,
            all,
            seen);
      }
    }
  }

  private static boolean isDirectory(KeyHeader key) {
    return key.className().equals("TDirectory") || key.className().equals("TDirectoryFile");
  }
}
