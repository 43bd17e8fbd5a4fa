package org.bitbeam.root.internal.write;

import com.dynatrace.hash4j.hashing.HashStream128;
import com.dynatrace.hash4j.hashing.Hashing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.root.Compression;
import org.bitbeam.root.internal.bytes.Output;
import org.bitbeam.root.internal.codec.Compressor;
import org.bitbeam.root.internal.file.KeyHeader;
import org.bitbeam.root.internal.streamer.ClassLayout;
import org.bitbeam.root.internal.streamer.StreamerInfoWriter;

/**
 * Builds a file record by record: room for the header, the top directory, data, listed objects,
 * keys, class descriptions, free list; the header comes last. Same records, same bytes: dates are
 * fixed and the UUID follows from the content.
 */
public final class FileBuilder {
  /** Version of ROOT that the file claims: its class descriptions are those of 6.40. */
  private static final int ROOT_VERSION = 64000;

  private static final int BEGIN = 100;
  private static final long LARGE_FILE = 2_000_000_000L;

  /** 1 January 2020, 0:00, in ROOT's packing; the same in every file. */
  private static final int DATE = 25 << 26 | 1 << 22 | 1 << 17;

  private final WriteTarget target;
  private final Compression compression;
  private final Compressor compressor = new Compressor();
  private final String fileName;
  private final String title;
  private final Directory top;
  private final Map<String, Directory> directories = new LinkedHashMap<>();
  private final Map<String, ClassLayout> classes = new LinkedHashMap<>();
  private final Map<String, byte[]> once = new LinkedHashMap<>();
  // Tells contents apart; SHA-256 would take as long as a sixth of the fastest compression.
  private final HashStream128 digest = Hashing.xxh3_128().hashStream();
  private final int topNameBytes;
  private long position;

  private static final class Directory {
    private final long record;
    private final int nameBytes;
    private final String name;
    private final long parent;
    private final List<byte[]> keys = new ArrayList<>();
    private final Map<String, Integer> cycles = new LinkedHashMap<>();

    Directory(long record, int nameBytes, String name, long parent) {
      this.record = record;
      this.nameBytes = nameBytes;
      this.name = name;
      this.parent = parent;
    }
  }

  /** Begins a file. */
  public FileBuilder(WriteTarget target, String title, Compression compression) throws IOException {
    this.target = target;
    this.compression = compression;
    this.title = title;
    String name = target.name();
    this.fileName = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    int keyBytes = KeyHeader.bytesFor(false, "TFile", fileName, title);
    int names = stringBytes(fileName) + stringBytes(title);
    this.topNameBytes = keyBytes + names;
    this.top = new Directory(BEGIN, topNameBytes, fileName, 0);
    directories.put("", top);
    // Room for the directory in its 64-bit form; the record is written when everything else is
    // known.
    this.position = BEGIN + topNameBytes + DIRECTORY_BYTES;
  }

  private static final int DIRECTORY_BYTES = 60;

  private static int stringBytes(String text) {
    int length = text.getBytes(StandardCharsets.UTF_8).length;
    return length + (length < 255 ? 1 : 5);
  }

  /** What compresses all parts of the file. */
  public Compressor compressor() {
    return compressor;
  }

  /** How records are compressed where nothing else is said. */
  public Compression compression() {
    return compression;
  }

  /** Name for messages. */
  public String name() {
    return target.name();
  }

  /** Position of the next record. */
  public long position() {
    return position;
  }

  /** Adds a class description to the file; of two of one name and version the first counts. */
  public void describe(ClassLayout layout) {
    classes.putIfAbsent(layout.name() + ";" + layout.version(), layout);
  }

  /** Appends raw bytes; returns their position. */
  public long append(byte[] bytes, int from, int length) throws IOException {
    long at = position;
    target.write(at, bytes, from, length);
    digest.putBytes(bytes, from, length);
    position += length;
    return at;
  }

  /** Leaves out bytes, which then belong to no record: free space of a file, as ROOT marks it. */
  public void leaveGap(long bytes) throws IOException {
    for (long left = bytes; left > 0; ) {
      int gap = (int) Math.min(left, 1_000_000_000);
      Output free = new Output(Integer.BYTES).i32(-gap);
      append(free.array(), 0, free.size());
      position += gap - free.size();
      left -= gap;
    }
  }

  /**
   * Key header in front of a record.
   *
   * @param extraBytes that follow the header inside of the key (baskets)
   */
  public static Output key(
      boolean large,
      int storedBytes,
      int objectBytes,
      int cycle,
      long position,
      long directory,
      String className,
      String name,
      String title,
      int extraBytes) {
    int keyBytes = KeyHeader.bytesFor(large, className, name, title) + extraBytes;
    Output out = new Output(keyBytes);
    out.i32(storedBytes).i16(large ? 1004 : 4).i32(objectBytes).i32(DATE).i16(keyBytes).i16(cycle);
    out.position(large, position).position(large, directory);
    return out.string(className).string(name).string(title);
  }

  /** Whether a record that begins here needs positions of 64 bits. */
  private boolean isLarge() {
    return position > LARGE_FILE;
  }

  /** Length of the key that an object of a directory gets, if it is the next record. */
  public int objectKeyBytes(String className, String name, String title) {
    return KeyHeader.bytesFor(isLarge(), className, name, title);
  }

  /**
   * Writes an object and lists it in a directory; the payload is compressed when that makes it
   * smaller.
   */
  public void object(String directory, String className, String name, String title, byte[] payload)
      throws IOException {
    Directory in = directory(directory);
    boolean large = isLarge();
    int cycle = in.cycles.merge(name, 1, Integer::sum);
    byte[] packed = compressor.compress(payload, 0, payload.length, compression);
    byte[] body = packed == null ? payload : packed;
    int keyBytes = KeyHeader.bytesFor(large, className, name, title);
    Output key =
        key(
            large,
            keyBytes + body.length,
            payload.length,
            cycle,
            position,
            in.record,
            className,
            name,
            title,
            0);
    append(key.array(), 0, key.size());
    append(body, 0, body.length);
    in.keys.add(key.toByteArray());
  }

  /**
   * The same for an object whose name means only it in the file.
   *
   * @return false, doing nothing, when there is another object of that name
   */
  public boolean copyOnce(String directory, KeyHeader key, byte[] record) throws IOException {
    byte[] payload = Arrays.copyOfRange(record, key.headerBytes(), record.length);
    String path = directory + '/' + key.name();
    byte[] known = once.get(path);
    if (known == null) {
      if (directory(directory).cycles.containsKey(key.name())) {
        return false;
      }
      once.put(path, payload);
      copyObject(directory, key, record);
      return true;
    }
    return Arrays.equals(known, payload);
  }

  /**
   * Copies an object's record as it is and lists it; its key keeps its length, so its references
   * stay right.
   */
  public void copyObject(String directory, KeyHeader key, byte[] record) throws IOException {
    Directory in = directory(directory);
    boolean large = key.version() > 1000;
    if (!large && isLarge()) {
      throw new org.bitbeam.root.UnsupportedRootException(
          name()
              + ": object "
              + key.name()
              + " has a 32-bit key and cannot be copied behind byte "
              + LARGE_FILE
              + "; leave it out");
    }
    int cycle = in.cycles.merge(key.name(), 1, Integer::sum);
    Output header =
        key(
            large,
            key.storedBytes(),
            key.objectBytes(),
            cycle,
            position,
            in.record,
            key.className(),
            key.name(),
            key.title(),
            0);
    append(header.array(), 0, header.size());
    append(record, key.headerBytes(), key.payloadBytes());
    in.keys.add(header.toByteArray());
  }

  /**
   * Writes a record that no directory lists, as it is; returns the position of its payload.
   *
   * @param objectBytes length of the payload that the key says, before compression
   */
  public long unlisted(String className, byte[] payload, int objectBytes) throws IOException {
    boolean large = isLarge();
    int stored = KeyHeader.bytesFor(large, className, "", "") + payload.length;
    Output key = key(large, stored, objectBytes, 1, position, BEGIN, className, "", "", 0);
    append(key.array(), 0, key.size());
    return append(payload, 0, payload.length);
  }

  private Directory directory(String path) throws IOException {
    Directory known = directories.get(path);
    if (known != null) {
      return known;
    }
    int slash = path.lastIndexOf('/');
    Directory parent = directory(slash < 0 ? "" : path.substring(0, slash));
    String name = path.substring(slash + 1);
    boolean large = isLarge();
    int keyBytes = KeyHeader.bytesFor(large, "TDirectory", name, name);
    Output key =
        key(
            large,
            keyBytes + DIRECTORY_BYTES,
            DIRECTORY_BYTES,
            parent.cycles.merge(name, 1, Integer::sum),
            position,
            parent.record,
            "TDirectory",
            name,
            name,
            0);
    Directory created = new Directory(position, keyBytes, name, parent.record);
    directories.put(path, created);
    append(key.array(), 0, key.size());
    append(new byte[DIRECTORY_BYTES], 0, DIRECTORY_BYTES);
    parent.keys.add(key.toByteArray());
    return created;
  }

  /**
   * Writes the lists of keys, the class descriptions, the free list and the header, and shows the
   * file.
   */
  public void finish() throws IOException {
    try (compressor) {
      writeEnd();
    }
  }

  private void writeEnd() throws IOException {
    Map<Directory, long[]> keyLists = new LinkedHashMap<>();
    for (Directory directory : directories.values()) {
      keyLists.put(directory, new long[] {position, writeKeys(directory)});
    }
    long infoPosition = position;
    int infoBytes = writeClasses();
    long freePosition = position;
    boolean large = position + 200 > LARGE_FILE;
    int freeBytes = writeFree(large);
    byte[] uuid = digest.get().toByteArray();
    for (Map.Entry<Directory, long[]> entry : keyLists.entrySet()) {
      writeDirectory(entry.getKey(), entry.getValue()[0], (int) entry.getValue()[1], uuid);
    }
    Output header = new Output(BEGIN);
    header.raw("root".getBytes(StandardCharsets.US_ASCII));
    header.i32(ROOT_VERSION + (large ? 1_000_000 : 0)).i32(BEGIN);
    header.position(large, position).position(large, freePosition);
    header.i32(freeBytes).i32(1).i32(topNameBytes).u8(large ? 8 : 4).i32(compression.setting());
    header.position(large, infoPosition).i32(infoBytes).i16(1).raw(uuid);
    header.raw(new byte[BEGIN - header.size()]);
    target.write(0, header.array(), 0, BEGIN);
    target.commit();
  }

  private int writeKeys(Directory directory) throws IOException {
    Output payload = new Output(256);
    payload.i32(directory.keys.size());
    for (byte[] key : directory.keys) {
      payload.raw(key);
    }
    boolean isTop = directory == top;
    return writeUnlisted(
        isTop ? "TFile" : "TDirectory",
        directory.name,
        isTop ? title : directory.name,
        directory.record,
        payload.toByteArray(),
        Compression.NONE);
  }

  private int writeClasses() throws IOException {
    String listTitle = "Doubly linked list";
    int keyBytes = KeyHeader.bytesFor(isLarge(), "TList", "StreamerInfo", listTitle);
    byte[] payload = StreamerInfoWriter.write(classes.values(), keyBytes);
    return writeUnlisted("TList", "StreamerInfo", listTitle, BEGIN, payload, compression);
  }

  private int writeFree(boolean large) throws IOException {
    int keyBytes = KeyHeader.bytesFor(isLarge(), "TFile", fileName, title);
    Output payload = new Output(32);
    long end = position + keyBytes + (large ? 18 : 10);
    payload.i16(large ? 1001 : 1);
    // The last free segment runs to the largest position that such a file may have.
    long last = large ? Math.max(end, LARGE_FILE) + 1_000_000_000L : LARGE_FILE;
    payload.position(large, end).position(large, last);
    return writeUnlisted("TFile", fileName, title, BEGIN, payload.toByteArray(), Compression.NONE);
  }

  private int writeUnlisted(
      String className, String name, String title, long directory, byte[] payload, Compression how)
      throws IOException {
    boolean large = isLarge();
    byte[] packed = compressor.compress(payload, 0, payload.length, how);
    byte[] body = packed == null ? payload : packed;
    int stored = KeyHeader.bytesFor(large, className, name, title) + body.length;
    Output key =
        key(large, stored, payload.length, 1, position, directory, className, name, title, 0);
    append(key.array(), 0, key.size());
    append(body, 0, body.length);
    return stored;
  }

  private void writeDirectory(Directory directory, long keysPosition, int keysBytes, byte[] uuid)
      throws IOException {
    Output out = new Output(256);
    if (directory == top) {
      Output key =
          key(
              false,
              topNameBytes + DIRECTORY_BYTES,
              topNameBytes - KeyHeader.bytesFor(false, "TFile", fileName, title) + DIRECTORY_BYTES,
              1,
              BEGIN,
              0,
              "TFile",
              fileName,
              title,
              0);
      out.raw(key.array(), 0, key.size()).string(fileName).string(title);
    }
    boolean large = keysPosition > LARGE_FILE || directory.record > LARGE_FILE;
    int start = out.size();
    out.i16(large ? 1005 : 5).i32(DATE).i32(DATE).i32(keysBytes).i32(directory.nameBytes);
    out.position(large, directory.record)
        .position(large, directory.parent)
        .position(large, keysPosition);
    out.i16(1).raw(uuid);
    out.raw(new byte[DIRECTORY_BYTES - (out.size() - start)]);
    long at = directory == top ? BEGIN : directory.record + directory.nameBytes;
    target.write(at, out.array(), 0, out.size());
  }

  /** Takes everything back. */
  public void abort() throws IOException {
    compressor.close();
    target.abort();
  }
}
