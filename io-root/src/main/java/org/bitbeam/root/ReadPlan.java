package org.bitbeam.root;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.internal.bytes.Checksum;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.bytes.Output;
import org.bitbeam.root.internal.codec.Compressor;
import org.bitbeam.root.internal.codec.Frames;
import org.bitbeam.root.internal.file.GuardedSource;
import org.bitbeam.root.internal.file.Records;
import org.bitbeam.root.internal.ntuple.NtupleDataset;
import org.bitbeam.root.internal.ntuple.NtupleExcerpt;
import org.bitbeam.root.internal.tree.TreeDataset;
import org.bitbeam.root.internal.tree.TreeExcerpt;

/**
 * A piece of a dataset for one worker to read: some columns of consecutive clusters. It is small,
 * can be sent as bytes, and is bound to the content of the file.
 *
 * <p>A plan holds an excerpt of the dataset's description: how its columns are read, and where the
 * baskets or pages of its entries lie. A worker that {@link #open opens} a file with it reads these
 * alone and parses no description. A plan is without excerpt when that would take more than {@link
 * #MOST_EXCERPT_BYTES}, or when it is of columns whose type only their values tell; then the worker
 * opens the file as usual.
 */
public final class ReadPlan implements Serializable {
  /** Longest excerpt in a plan, compressed. */
  public static final int MOST_EXCERPT_BYTES = 128 << 10;

  private static final long serialVersionUID = 2L;
  private static final int MAGIC = 0x42427250; // BBrP
  private static final int VERSION = 1;
  private static final int MOST_UNPACKED_BYTES = 64 << 20;

  private final String file;
  private final String fingerprint;
  private final String path;
  private final int cycle;
  private final String className;
  private final List<String> columns;
  private final List<Dataset.Cluster> clusters;
  private final long first;
  private final long size;
  private final long recordsEnd;
  private final long headerChecksum;
  private final byte[] excerpt;
  private final int excerptBytes;

  /**
   * All of it.
   *
   * @param recordsEnd where records of the file end
   * @param headerChecksum of the file's header
   * @param excerpt as it is stored; nothing when there is none
   * @param excerptBytes its length when it is not compressed
   */
  private ReadPlan(
      String file,
      String fingerprint,
      String path,
      int cycle,
      String className,
      List<String> columns,
      List<Dataset.Cluster> clusters,
      long first,
      long size,
      long recordsEnd,
      long headerChecksum,
      byte[] excerpt,
      int excerptBytes) {
    this.file = file;
    this.fingerprint = fingerprint;
    this.path = path;
    this.cycle = cycle;
    this.className = className;
    this.columns = List.copyOf(columns);
    this.clusters = List.copyOf(clusters);
    this.first = first;
    this.size = size;
    this.recordsEnd = recordsEnd;
    this.headerChecksum = headerChecksum;
    this.excerpt = excerpt;
    this.excerptBytes = excerptBytes;
  }

  /** What writes the excerpt of a range of entries. */
  private interface Excerpts {
    byte[] of(long first, long end) throws IOException;
  }

  /**
   * Cuts a dataset into pieces of whole clusters, which together are all of it; an empty one gives
   * one piece.
   *
   * @param dataset of the file, neither a chain nor joined with friends
   * @param columns to read
   * @param targetBytes clusters are joined until the chosen columns have about so many stored bytes
   * @throws IllegalArgumentException when there is no such column; says what there is
   */
  public static List<ReadPlan> of(
      RootFile file, Dataset dataset, List<String> columns, long targetBytes) throws IOException {
    Schema schema = dataset.read(columns, 0, 0).schema(); // says which names are wrong
    double share = share(dataset.columns(), columns);
    Excerpts excerpts = excerpts(dataset, columns);
    long headerChecksum = GuardedSource.checksum(file.source());
    List<ReadPlan> plans = new ArrayList<>();
    List<Dataset.Cluster> piece = new ArrayList<>();
    double bytes = 0;
    List<Dataset.Cluster> clusters = dataset.clusters();
    for (int i = 0; i <= clusters.size(); i++) {
      boolean isEnd = i == clusters.size();
      if (!piece.isEmpty() && (isEnd || bytes >= targetBytes) || (isEnd && plans.isEmpty())) {
        plans.add(plan(file, dataset, columns, schema, piece, headerChecksum, excerpts));
        piece.clear();
        bytes = 0;
      }
      if (!isEnd) {
        Dataset.Cluster all = clusters.get(i);
        long chosen = Math.round(all.storedBytes() * share);
        piece.add(new Dataset.Cluster(all.first(), all.end(), chosen));
        bytes += chosen;
      }
    }
    return List.copyOf(plans);
  }

  private static Excerpts excerpts(Dataset dataset, List<String> columns) throws IOException {
    if (dataset instanceof TreeDataset tree) {
      TreeExcerpt excerpt = TreeExcerpt.of(tree, columns);
      return excerpt == null ? (first, end) -> new byte[0] : excerpt::bytes;
    }
    if (dataset instanceof NtupleDataset ntuple) {
      return NtupleExcerpt.of(ntuple, columns)::bytes;
    }
    return (first, end) -> new byte[0];
  }

  private static ReadPlan plan(
      RootFile file,
      Dataset dataset,
      List<String> columns,
      Schema schema,
      List<Dataset.Cluster> clusters,
      long headerChecksum,
      Excerpts excerpts)
      throws IOException {
    long first = clusters.isEmpty() ? 0 : clusters.get(0).first();
    long end = clusters.isEmpty() ? 0 : clusters.get(clusters.size() - 1).end();
    byte[] excerpt = excerpts.of(first, end);
    byte[] stored = excerpt;
    try (Compressor compressor = new Compressor()) {
      byte[] packed = compressor.compress(excerpt, 0, excerpt.length, Compression.ZSTD);
      stored = packed == null ? excerpt : packed;
    }
    boolean isSmall = stored.length <= MOST_EXCERPT_BYTES && excerpt.length <= MOST_UNPACKED_BYTES;
    ReadPlan plan =
        new ReadPlan(
            file.name(),
            file.fingerprint(),
            dataset.path(),
            dataset.cycle(),
            dataset.className(),
            columns,
            clusters,
            first,
            file.size(),
            file.header().end(),
            headerChecksum,
            isSmall ? stored : new byte[0],
            isSmall ? excerpt.length : 0);
    return plan.hasExcerpt() && !plan.describes(file.records(), schema)
        ? plan.withoutExcerpt()
        : plan;
  }

  /** Whether the excerpt, read again, describes these columns. */
  private boolean describes(Records records, Schema schema) throws IOException {
    try {
      return excerpt(records).read(columns, first, first).schema().equals(schema);
    } catch (RootFormatException | UnsupportedRootException | IllegalArgumentException e) {
      return false;
    }
  }

  private ReadPlan withoutExcerpt() {
    return withExcerpt(new byte[0], 0);
  }

  private ReadPlan withExcerpt(byte[] stored, int bytes) {
    return new ReadPlan(
        file,
        fingerprint,
        path,
        cycle,
        className,
        columns,
        clusters,
        first,
        size,
        recordsEnd,
        headerChecksum,
        stored,
        bytes);
  }

  private static double share(List<ColumnInfo> infos, List<String> columns) {
    long all = 0;
    long chosen = 0;
    for (ColumnInfo info : infos) {
      all += info.storedBytes();
      chosen += columns.contains(info.name()) ? info.storedBytes() : 0;
    }
    return all == 0 ? 1 : chosen / (double) all;
  }

  /** Name of the source, as the user gave it. */
  public String file() {
    return file;
  }

  /** Identity of the file's content when the plan was made; see {@link RootFile#fingerprint}. */
  public String fingerprint() {
    return fingerprint;
  }

  /** Path of the dataset with cycle, such as {@code folder/Events;1}. */
  public String dataset() {
    return path + ";" + cycle;
  }

  /** Columns to read. */
  public List<String> columns() {
    return columns;
  }

  /** First entry. */
  public long first() {
    return first;
  }

  /** Entry after the last. */
  public long end() {
    return clusters.isEmpty() ? first : clusters.get(clusters.size() - 1).end();
  }

  /** Number of entries. */
  public long entries() {
    return end() - first;
  }

  /** The clusters of the piece, with about the stored bytes of its columns. */
  public List<Dataset.Cluster> clusters() {
    return clusters;
  }

  /** Whether a worker needs no description of the file. */
  public boolean hasExcerpt() {
    return excerptBytes > 0;
  }

  /**
   * Opens a file to read the piece.
   *
   * @param source the same file; closed with the reader, and when opening fails
   * @throws IOException also when its length is not what it was; that its header is what it was,
   *     and each basket and page, is checked with the first read, in the same request
   */
  public PlanReader open(ByteSource source) throws IOException {
    return open(source, ReadLimits.DEFAULT);
  }

  /** The same within the given limits. */
  public PlanReader open(ByteSource source, ReadLimits limits) throws IOException {
    try {
      if (source.size() != size) {
        throw GuardedSource.changed(source.name(), "it has another length");
      }
      if (hasExcerpt()) {
        Records records =
            new Records(new GuardedSource(source, headerChecksum), recordsEnd, limits);
        return new PlanReader(this, excerpt(records), source, records);
      }
      RootFile opened = RootFile.open(source, limits);
      if (!opened.fingerprint().equals(fingerprint)) {
        throw GuardedSource.changed(source.name(), "it has other contents");
      }
      Dataset opening = opened.dataset(dataset());
      if (end() > opening.entries()) {
        throw new RootFormatException(
            source.name() + ": it has no entry " + (end() - 1) + ", which a plan is about");
      }
      return new PlanReader(this, opening, source, opened.records());
    } catch (Throwable e) {
      source.close();
      throw e;
    }
  }

  private Dataset excerpt(Records records) {
    String context = records.name() + ": plan of " + path;
    if (excerptBytes > records.limits().maxObjectBytes()) {
      throw new RootFormatException(context + ": " + excerptBytes + " bytes are beyond the limit");
    }
    Cursor in = new Cursor(context, unpacked(context, records.limits()));
    return className.equals(NtupleDataset.CLASS_NAME)
        ? NtupleExcerpt.read(records, in, fingerprint, path, cycle, first, end())
        : TreeExcerpt.read(records, in, fingerprint, path, className, cycle, first, end());
  }

  private byte[] unpacked(String context, ReadLimits limits) {
    return excerpt.length == excerptBytes
        ? excerpt
        : Frames.decompress(context, excerpt, 0, excerpt.length, excerptBytes, limits.maxRatio());
  }

  /**
   * Reads the piece from a file that was opened as usual.
   *
   * @param opened the same file, opened by the worker
   * @throws IllegalArgumentException when its content is not what the plan was made for
   */
  public EventBatch read(RootFile opened) throws IOException {
    if (!opened.fingerprint().equals(fingerprint)) {
      throw new IllegalArgumentException(
          opened.name()
              + ": its content has changed since the plan was made for "
              + file
              + "; plan again");
    }
    return opened.dataset(dataset()).read(columns, first, end());
  }

  // ---- as bytes

  /** The plan as bytes for {@link #ofBytes}: the format of this version of the library. */
  public byte[] toBytes() {
    Output out = new Output(256 + excerpt.length);
    out.i32(MAGIC).u8(VERSION);
    out.string(file).string(fingerprint);
    out.string(path).varint(cycle).string(className);
    out.varint(size).varint(recordsEnd).i64(headerChecksum);
    out.varint(columns.size());
    columns.forEach(out::string);
    out.varint(first).varint(clusters.size());
    for (Dataset.Cluster cluster : clusters) {
      out.varint(cluster.end() - cluster.first()).varint(cluster.storedBytes());
    }
    out.varint(excerptBytes).varint(excerpt.length).raw(excerpt);
    return out.i64(Checksum.of(out.array(), 0, out.size())).toByteArray();
  }

  /** The same with an uncompressed excerpt, for tests with damage in it. */
  byte[] toUnpackedBytes() {
    return withExcerpt(unpacked(path, ReadLimits.DEFAULT), excerptBytes).toBytes();
  }

  /**
   * A plan of its bytes, which may come from anywhere: they are checked.
   *
   * @throws RootFormatException when they are damaged, or of another version of the library
   */
  public static ReadPlan ofBytes(byte[] bytes) {
    String context = "read plan";
    int length = bytes.length - Checksum.BYTES;
    Cursor in = new Cursor(context, bytes);
    if (in.i32() != MAGIC) {
      throw in.malformed("these are no bytes of a read plan");
    }
    int version = in.u8();
    if (version != VERSION) {
      throw in.malformed(
          "it is of version "
              + version
              + ", this library reads version "
              + VERSION
              + "; use one version of it everywhere");
    }
    if (new Cursor(context, bytes, Math.max(0, length), bytes.length, 0).i64()
        != Checksum.of(bytes, 0, length)) {
      throw in.malformed("it does not have the checksum that is stored with it");
    }
    in.narrow(length);
    String file = in.string();
    String fingerprint = in.string();
    String path = in.string();
    int cycle = in.varint(0xffff, "the cycle of a dataset");
    String className = in.string();
    long size = in.varint();
    long recordsEnd = in.varint();
    long headerChecksum = in.i64();
    List<String> columns = new ArrayList<>();
    for (int left = in.varint(in.remaining(), "the number of columns"); left > 0; left--) {
      columns.add(in.string());
    }
    long first = in.varint();
    long next = first;
    List<Dataset.Cluster> clusters = new ArrayList<>();
    for (int left = in.varint(in.remaining(), "the number of clusters"); left > 0; left--) {
      long entries = in.varint();
      if (entries > Long.MAX_VALUE - next) {
        throw in.malformed("a cluster of " + entries + " entries");
      }
      clusters.add(new Dataset.Cluster(next, next + entries, in.varint()));
      next += entries;
    }
    int excerptBytes = in.varint(MOST_UNPACKED_BYTES, "the length of an excerpt");
    byte[] excerpt = in.take(in.varint(MOST_EXCERPT_BYTES, "the stored length of an excerpt"));
    if (recordsEnd > size || in.remaining() > 0 || excerpt.length > excerptBytes) {
      throw in.malformed("its lengths do not fit together");
    }
    return new ReadPlan(
        file,
        fingerprint,
        path,
        cycle,
        className,
        columns,
        clusters,
        first,
        size,
        recordsEnd,
        headerChecksum,
        excerpt,
        excerptBytes);
  }

  /** What Java's serialisation writes in place of a plan. */
  private record Sent(byte[] bytes) implements Serializable {
    private Object readResolve() {
      return ofBytes(bytes);
    }
  }

  private Object writeReplace() {
    return new Sent(toBytes());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ReadPlan plan && Arrays.equals(toBytes(), plan.toBytes());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(toBytes());
  }

  @Override
  public String toString() {
    return file + ", " + dataset() + ", entries " + first + " to " + end() + " of " + columns;
  }
}
