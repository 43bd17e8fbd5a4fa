package org.bitbeam.root;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.file.Directories;
import org.bitbeam.root.internal.file.FileHeader;
import org.bitbeam.root.internal.file.KeyHeader;
import org.bitbeam.root.internal.file.Records;
import org.bitbeam.root.internal.file.Recovery;
import org.bitbeam.root.internal.ntuple.NtupleDataset;
import org.bitbeam.root.internal.object.ObjectView;
import org.bitbeam.root.internal.streamer.BuiltInClasses;
import org.bitbeam.root.internal.streamer.ClassCatalog;
import org.bitbeam.root.internal.streamer.ClassLayout;
import org.bitbeam.root.internal.streamer.ObjectReader;
import org.bitbeam.root.internal.streamer.StreamerInfoReader;
import org.bitbeam.root.internal.tree.StreamedField;
import org.bitbeam.root.internal.tree.TreeDataset;
import org.jspecify.annotations.Nullable;

/**
 * A ROOT file opened for reading. Opening reads the header, the directories and the class
 * descriptions; datasets are read when asked for. Safe for several threads.
 *
 * <p>Errors: {@link RootFormatException} when the bytes are wrong, {@link UnsupportedRootException}
 * when they are right but cannot be read by this library, {@link IllegalArgumentException} when
 * something is asked for that is not there.
 */
public final class RootFile implements Closeable {
  private static final String NTUPLE = "ROOT::RNTuple";
  private static final Set<String> TREES = Set.of("TTree", "TNtuple", "TNtupleD", NTUPLE);

  private final ByteSource source;
  private final FileHeader header;
  private final Records records;
  private final ClassCatalog ownClasses;
  private final ClassCatalog classes;
  private final List<Directories.Entry> entries;
  private final String fingerprint;
  private final Map<Directories.Entry, Dataset> opened = new ConcurrentHashMap<>();

  private RootFile(
      ByteSource source,
      FileHeader header,
      Records records,
      ClassCatalog ownClasses,
      List<Directories.Entry> entries,
      String fingerprint) {
    this.source = source;
    this.header = header;
    this.records = records;
    this.ownClasses = ownClasses;
    this.classes = ownClasses.or(BuiltInClasses.catalog());
    this.entries = entries;
    this.fingerprint = fingerprint;
  }

  /** Opens a local file. */
  public static RootFile open(Path path) throws IOException {
    return openOrClose(ByteSource.ofFile(path));
  }

  private static RootFile openOrClose(ByteSource source) throws IOException {
    try {
      return open(source, ReadLimits.DEFAULT);
    } catch (Throwable e) {
      source.close();
      throw e;
    }
  }

  /**
   * Opens a local or remote file anonymously; see {@link ByteSource#open} for addresses.
   *
   * @param address such as {@code events.root}, {@code https://host/events.root} or {@code
   *     root://host//data/events.root}
   */
  public static RootFile open(String address) throws IOException {
    return open(address, RemoteOptions.DEFAULT);
  }

  /** The same with a token, other limits or trusted certificates. */
  public static RootFile open(String address, RemoteOptions options) throws IOException {
    return openOrClose(ByteSource.open(address, options));
  }

  /** Opens a file over any source, which is closed with it. */
  public static RootFile open(ByteSource source) throws IOException {
    return open(source, ReadLimits.DEFAULT);
  }

  /** Opens a file over any source, within the given limits. */
  public static RootFile open(ByteSource source, ReadLimits limits) throws IOException {
    FileHeader header = FileHeader.read(source);
    Records records = new Records(source, header.end(), limits);
    List<Directories.Entry> entries = Directories.list(records, header);
    List<ClassLayout> classes = List.of();
    if (header.infoPosition() != 0) {
      Cursor payload =
          records.payload(
              source.name() + ": class descriptions", header.infoPosition(), header.infoBytes());
      classes = StreamerInfoReader.read(payload, limits);
    }
    return new RootFile(
        source,
        header,
        records,
        new ClassCatalog(classes),
        entries,
        fingerprint(source, header, entries));
  }

  /**
   * Opens a file that was not closed, because the program that wrote it died. Objects are found by
   * walking from record to record; trees have the entries of their last saved state, and what was
   * never saved is lost. Use {@link #open} for all other files: it checks more.
   */
  public static RootFile recover(ByteSource source, ReadLimits limits) throws IOException {
    FileHeader header = FileHeader.readUnclosed(source);
    Records records = new Records(source, header.end(), limits);
    Recovery.Found found = Recovery.walk(records, header);
    List<ClassLayout> classes = List.of();
    KeyHeader description = found.classes();
    if (description != null) {
      classes =
          StreamerInfoReader.read(
              records.payload(
                  source.name() + ": class descriptions",
                  description.position(),
                  description.storedBytes()),
              limits);
    }
    return new RootFile(
        source,
        header,
        records,
        new ClassCatalog(classes),
        found.entries(),
        fingerprint(source, header, found.entries()));
  }

  private static String fingerprint(
      ByteSource source, FileHeader header, List<Directories.Entry> entries) throws IOException {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(ByteBuffer.allocate(8).putLong(0, source.size()));
      sha.update(header.toString().getBytes(StandardCharsets.UTF_8));
      for (Directories.Entry entry : entries) {
        sha.update(entry.toString().getBytes(StandardCharsets.UTF_8));
      }
      return HexFormat.of().formatHex(sha.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  /** Name of the source, as the user gave it; of remote ones without the query. */
  public String name() {
    return source.name();
  }

  /** Number of bytes. */
  public long size() throws IOException {
    return source.size();
  }

  /**
   * Identity of the content, independent of the file's name: 32 hexadecimal digits of a SHA-256
   * over its size, header (which holds ROOT's UUID) and keys.
   */
  public String fingerprint() {
    return fingerprint;
  }

  /** Version of ROOT that wrote the file, such as 64000 for 6.40/00. */
  public int rootVersion() {
    return header.version();
  }

  /**
   * ROOT's number of the compression that the header names, such as 505; baskets may differ from
   * it.
   */
  public int compressionSetting() {
    return header.compression();
  }

  /** The classes that the file describes, such as {@code TTree;20}. */
  public List<String> describedClasses() {
    return ownClasses.layouts().stream().map(c -> c.name() + ";" + c.version()).toList();
  }

  /**
   * All objects that the directories list, all cycles, those in a directory after the directory
   * itself.
   */
  public List<KeyInfo> keys() {
    return entries.stream()
        .map(
            e ->
                new KeyInfo(
                    e.path(),
                    e.key().cycle(),
                    e.key().className(),
                    e.key().title(),
                    e.key().objectBytes()))
        .toList();
  }

  /** The keys of datasets, all cycles. */
  public List<KeyInfo> datasets() {
    return keys().stream().filter(k -> TREES.contains(k.className())).toList();
  }

  /**
   * Opens a tree or ntuple.
   *
   * @param path such as {@code Events}, {@code folder/Events}, or {@code Events;2} for a certain
   *     cycle; without one the newest
   * @throws IllegalArgumentException when there is none; says which there are
   */
  public Dataset dataset(String path) throws IOException {
    Directories.Entry found = find(path, TREES::contains);
    if (found == null) {
      String known =
          datasets().stream().map(KeyInfo::path).distinct().collect(Collectors.joining(", "));
      throw new IllegalArgumentException(
          "no tree \""
              + path
              + "\" in "
              + name()
              + (known.isEmpty() ? "; it has no trees" : "; it has: " + known));
    }
    // Kept, so that several read plans of one file parse its description once.
    Dataset known = opened.get(found);
    if (known == null) {
      known =
          found.key().className().equals(NTUPLE)
              ? NtupleDataset.open(records, classes, found, fingerprint)
              : TreeDataset.open(records, classes, found, fingerprint, processes());
      opened.put(found, known);
    }
    return known;
  }

  /**
   * Opens a tree with the columns of its friends beside its own: see {@link Dataset#joined}. A
   * friend that has an index is joined by it, any other by the number of the entry, as in ROOT.
   *
   * @param path see {@link #dataset}
   * @param files opens other files; closing it stays with the caller
   * @throws IllegalArgumentException when there is no such tree
   * @throws RootFormatException when the tree cannot be joined with a friend that it names
   */
  public Dataset datasetWithFriends(String path, FriendFiles files) throws IOException {
    Dataset main = dataset(path);
    try {
      List<Friend> friends = new ArrayList<>();
      for (DatasetLinks.Friend link : main.links().friends()) {
        RootFile file = link.file().isEmpty() ? this : files.open(link.file());
        Dataset friend = file.dataset(link.tree());
        friends.add(new Friend(link.name(), friend, friend.links().index()));
      }
      return Dataset.joined(main, friends);
    } catch (IllegalArgumentException e) {
      throw new RootFormatException(
          name() + ": tree " + path + " cannot be joined with its friends: " + e.getMessage(), e);
    }
  }

  /**
   * Reads an object that is no dataset, such as a histogram.
   *
   * @param path such as {@code folder/h}, or {@code h;2} for a certain cycle; without one the
   *     newest
   * @throws IllegalArgumentException when there is none; says which there are
   */
  public RootObject object(String path) throws IOException {
    Directories.Entry found = find(path, className -> !TREES.contains(className));
    if (found == null) {
      String known =
          keys().stream()
              .filter(k -> !TREES.contains(k.className()))
              .map(KeyInfo::path)
              .distinct()
              .collect(Collectors.joining(", "));
      throw new IllegalArgumentException(
          "no object \""
              + path
              + "\" in "
              + name()
              + (known.isEmpty() ? "; it has none" : "; it has: " + known));
    }
    String context = name() + ": object " + found.path();
    String className = found.key().className();
    Cursor in = records.payload(context, found.key().position(), found.key().storedBytes());
    int start = in.position();
    RootObject view = new RootObject.Other(className, className, "");
    if (ObjectReader.reads(classes, className)) {
      Object object = new ObjectReader(classes, records.limits()).read(in, className);
      view = ObjectView.of(context, object, className);
    }
    if (!(view instanceof RootObject.Other)) {
      return view;
    }
    StreamedField whole = StreamedField.of(classes, className);
    if (!whole.whyUnreadable().isEmpty()) {
      return view;
    }
    in.rewind(start);
    return new RootObject.Value(className, view.name(), view.title(), whole.readObject(in));
  }

  private Directories.@Nullable Entry find(String path, Predicate<String> isWanted) {
    String name = path;
    int cycle = -1;
    int semicolon = path.lastIndexOf(';');
    if (semicolon >= 0) {
      try {
        cycle = Integer.parseInt(path.substring(semicolon + 1));
        name = path.substring(0, semicolon);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "\"" + path + "\": the cycle after the semicolon is not a number", e);
      }
    }
    Directories.Entry found = null;
    for (Directories.Entry entry : entries) {
      if (isWanted.test(entry.key().className())
          && entry.path().equals(name)
          && (cycle < 0
              ? found == null || entry.key().cycle() > found.key().cycle()
              : entry.key().cycle() == cycle)) {
        found = entry;
      }
    }
    return found;
  }

  private List<Directories.Entry> processes() {
    return entries.stream()
        .filter(e -> e.key().className().equals("TProcessID") && e.path().indexOf('/') < 0)
        .toList();
  }

  /** The key of an object of any class; see {@link #dataset} for paths. */
  Directories.Entry entry(String path) {
    Directories.Entry found = find(path, className -> true);
    if (found == null) {
      throw new IllegalArgumentException("no object \"" + path + "\" in " + name());
    }
    return found;
  }

  ByteSource source() {
    return source;
  }

  FileHeader header() {
    return header;
  }

  Records records() {
    return records;
  }

  ClassCatalog ownClasses() {
    return ownClasses;
  }

  /** All datasets, all cycles, opened. */
  public List<Dataset> openAll() throws IOException {
    List<Dataset> all = new ArrayList<>();
    for (KeyInfo key : datasets()) {
      all.add(dataset(key.path() + ";" + key.cycle()));
    }
    return all;
  }

  @Override
  public void close() throws IOException {
    try (source) {
      records.close();
    }
  }
}
