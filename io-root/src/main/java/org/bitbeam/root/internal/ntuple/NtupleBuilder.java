package org.bitbeam.root.internal.ntuple;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.NtupleOptions;
import org.bitbeam.root.internal.bytes.Checksum;
import org.bitbeam.root.internal.bytes.LittleOutput;
import org.bitbeam.root.internal.bytes.Output;
import org.bitbeam.root.internal.ntuple.Description.Field;
import org.bitbeam.root.internal.ntuple.Description.PhysicalColumn;
import org.bitbeam.root.internal.streamer.BuiltInClasses;
import org.bitbeam.root.internal.streamer.ClassLayout;
import org.bitbeam.root.internal.write.FileBuilder;
import org.jspecify.annotations.Nullable;

/** Gathers fields and clusters of one ntuple, and writes its header, page lists and footer. */
public final class NtupleBuilder {
  private static final String BLOB = "RBlob";
  private static final String WRITER = "BitBeam";
  private static final long MAX_KEY_BYTES = 1L << 30;

  /** Pages of a column in a cluster go into records of about this size. */
  private static final int BLOB_BYTES = 64 << 20;

  private final FileBuilder file;
  private final String directory;
  private final String name;
  private final String context;
  private final String description;
  private final NtupleOptions options;
  private final Map<String, FieldWriter> writers = new LinkedHashMap<>();
  private final List<PageList.Cluster> clusters = new ArrayList<>();
  private final List<Group> groups = new ArrayList<>();
  private @Nullable NtupleCopy copy;
  private @Nullable NewFields fields;
  private @Nullable Started started;
  private long entries;
  private long groupStart;
  private int copiedClusters;

  /** Clusters with one page list. */
  record Group(long firstEntry, long entries, int clusters, Part pageList) {}

  /** An envelope in the file. */
  record Part(long position, int stored, int length) {}

  /** What is known when the header is written. */
  private record Started(Part header, long checksum, PageListWriter pageLists) {}

  /** Begins an ntuple. */
  public NtupleBuilder(FileBuilder file, String path, String description, NtupleOptions options) {
    int slash = path.lastIndexOf('/');
    this.file = file;
    this.directory = slash < 0 ? "" : path.substring(0, slash);
    this.name = path.substring(slash + 1);
    this.context = file.name() + ": ntuple " + path;
    this.description = description;
    this.options = options;
  }

  /** Copies top-level fields of the given ntuples, one after the other; once, and first of all. */
  public void copy(List<NtupleDataset> sources, Predicate<String> topLevel) throws IOException {
    if (copy != null || fields != null) {
      throw new IllegalStateException(
          context + ": fields can be copied only once, before entries are written");
    }
    copy = NtupleCopy.of(file, sources, topLevel);
  }

  /** Whether fields were copied. */
  public boolean hasCopies() {
    return copy != null;
  }

  /** Entries at which copied clusters end; empty when nothing was copied. */
  public List<Long> copiedEnds() {
    return copy == null
        ? List.of()
        : copy.clusters().stream().map(PageList.Cluster::endEntry).toList();
  }

  /** Adds a field for a new column. */
  public void addColumn(Schema.Field field) {
    NewFields known = fields;
    if (known == null) {
      known =
          new NewFields(
              context,
              copy == null ? 0 : copy.headerFields(),
              copy == null ? 0 : copy.headerColumns(),
              options.compression(),
              file.compressor(),
              options.pageBytes());
      fields = known;
    }
    if (copy != null && copy.hasField(field.name())) {
      throw new IllegalArgumentException(
          context + ": there is a field " + field.name() + " already; choose another name");
    }
    writers.put(field.name(), known.add(field, options.reals().get(field.name())));
  }

  /** Uncompressed bytes of entries {@code [from, to)}; those of two ranges add up. */
  public long bytes(EventBatch batch, int from, int to) {
    long bytes = 0;
    for (int i = 0; i < batch.columns().size(); i++) {
      bytes += writer(batch, i).bytes(batch.columns().get(i), from, to);
    }
    return bytes;
  }

  private FieldWriter writer(EventBatch batch, int column) {
    String field = batch.schema().fields().get(column).name();
    FieldWriter writer = writers.get(field);
    if (writer == null) {
      throw new IllegalArgumentException(context + ": no column " + field);
    }
    return writer;
  }

  /** Adds entries to the current cluster. */
  public void add(EventBatch batch) {
    for (int i = 0; i < batch.columns().size(); i++) {
      writer(batch, i).add(batch.columns().get(i));
    }
  }

  /**
   * Ends the current cluster.
   *
   * @param end entry after its last
   */
  public void endCluster(long end) throws IOException {
    Started start = start();
    List<PageList.Pages> pages = new ArrayList<>();
    NtupleCopy copied = copy;
    List<PageList.Pages> before = List.of();
    if (copied != null) {
      before = copied.clusters().get(copiedClusters++).columns();
      pages.addAll(before.subList(0, Math.min(copied.headerColumns(), before.size())));
    }
    if (fields != null) {
      for (ColumnPages column : fields.columns()) {
        pages.add(write(column.endCluster()));
      }
    }
    if (copied != null && before.size() > copied.headerColumns()) {
      pages.addAll(before.subList(copied.headerColumns(), before.size()));
    }
    clusters.add(new PageList.Cluster(entries, end - entries, pages));
    entries = end;
    if (clusters.size() == options.clustersPerGroup()) {
      endGroup(start);
    }
  }

  private PageList.Pages write(List<ColumnPages.Page> pages) throws IOException {
    int count = pages.size();
    long[] firstElements = new long[count + 1];
    long[] positions = new long[count];
    int[] stored = new int[count];
    boolean[] hasChecksum = new boolean[count];
    Arrays.fill(hasChecksum, true);
    for (int from = 0; from < count; ) {
      LittleOutput blob = new LittleOutput();
      int page = from;
      do {
        byte[] bytes = pages.get(page).bytes();
        positions[page] = blob.size();
        stored[page] = bytes.length;
        firstElements[page + 1] = firstElements[page] + pages.get(page).elements();
        blob.raw(bytes).i64(Checksum.of(bytes, 0, bytes.length));
        page++;
      } while (page < count && blob.size() < BLOB_BYTES);
      byte[] payload = blob.toByteArray();
      long start = file.unlisted(BLOB, payload, payload.length);
      for (; from < page; from++) {
        positions[from] += start;
      }
    }
    return new PageList.Pages(
        false, firstElements, positions, stored, hasChecksum, options.compression().setting());
  }

  // ---- descriptions

  /** Writes the header when all fields are known. */
  private Started start() throws IOException {
    Started known = started;
    if (known != null) {
      return known;
    }
    NtupleCopy.Lists lists =
        copy == null
            ? new NtupleCopy.Lists(
                new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), List.of())
            : copy.header();
    if (fields != null) {
      for (Field field : fields.fields()) {
        lists.fields().add(describe(field));
      }
      for (ColumnPages column : fields.columns()) {
        lists.columns().add(describe(column.column()));
      }
    }
    LittleOutput out = new LittleOutput();
    String text = description.isEmpty() && copy != null ? copy.description() : description;
    writeHeader(out, name, text, WRITER, lists);
    byte[] envelope = envelope(Blobs.Kind.HEADER, out);
    long checksum = Checksum.of(envelope, 0, envelope.length - Checksum.BYTES);
    List<byte[]> columns = new ArrayList<>(lists.columns());
    columns.addAll(extension().columns());
    known = new Started(write(envelope), checksum, new PageListWriter(columns));
    started = known;
    return known;
  }

  private NtupleCopy.Lists extension() {
    NewFields added = fields;
    return copy == null
        ? new NtupleCopy.Lists(List.of(), List.of(), List.of(), List.of())
        : copy.extension(
            added == null ? 0 : added.fields().size(), added == null ? 0 : added.columns().size());
  }

  private static byte[] describe(Field field) {
    Description.Role role = field.role();
    LittleOutput out = new LittleOutput();
    out.i32(field.version()).i32(field.typeVersion()).i32(field.parent());
    out.u16(role == null ? 0 : role.ordinal()).u16(field.arraySize() < 0 ? 0 : 1);
    out.string(field.name()).string(field.typeName());
    out.string(field.typeAlias()).string(field.description());
    if (field.arraySize() >= 0) {
      out.i64(field.arraySize());
    }
    return out.toByteArray();
  }

  private static byte[] describe(PhysicalColumn column) {
    Encoding encoding = column.encoding();
    boolean hasRange = encoding == Encoding.REAL32_QUANTISED;
    LittleOutput out = new LittleOutput();
    out.u16(encoding == null ? 0 : encoding.code()).u16(column.bits()).i32(column.field());
    out.u16(hasRange ? 2 : 0).u16(column.representation());
    if (hasRange) {
      out.f64(column.min()).f64(column.max());
    }
    return out.toByteArray();
  }

  /** Writes what is in the envelope of a header. */
  static void writeHeader(
      LittleOutput out, String name, String description, String writer, NtupleCopy.Lists lists) {
    out.i64(0).string(name).string(description).string(writer);
    lists.write(out);
  }

  /** Writes what is in the envelope of a footer. */
  static void writeFooter(
      LittleOutput out, long headerChecksum, NtupleCopy.Lists extension, List<Group> groups) {
    out.i64(0).i64(headerChecksum);
    int record = out.beginRecord();
    extension.write(out);
    out.endRecord(record);
    int list = out.beginList();
    for (Group group : groups) {
      int item = out.beginRecord();
      out.i64(group.firstEntry).i64(group.entries).i32(group.clusters);
      out.i64(group.pageList.length).i32(group.pageList.stored).i64(group.pageList.position);
      out.endRecord(item);
    }
    out.endList(list, groups.size());
  }

  /** The whole envelope, with its checksum. */
  static byte[] envelope(Blobs.Kind kind, LittleOutput payload) {
    long length = payload.size() + 2L * Long.BYTES;
    LittleOutput out = new LittleOutput();
    out.i64(length << 16 | kind.code()).raw(payload.toByteArray());
    byte[] covered = out.toByteArray();
    return out.i64(Checksum.of(covered, 0, covered.length)).toByteArray();
  }

  private Part write(byte[] envelope) throws IOException {
    byte[] packed = file.compressor().compress(envelope, 0, envelope.length, options.compression());
    byte[] stored = packed == null ? envelope : packed;
    return new Part(file.unlisted(BLOB, stored, envelope.length), stored.length, envelope.length);
  }

  private void endGroup(Started start) throws IOException {
    LittleOutput out = new LittleOutput();
    start.pageLists.write(out, start.checksum, clusters);
    Part pageList = write(envelope(Blobs.Kind.PAGE_LIST, out));
    groups.add(new Group(groupStart, entries - groupStart, clusters.size(), pageList));
    groupStart = entries;
    clusters.clear();
  }

  /**
   * Completes the ntuple and lists it in its directory.
   *
   * @param hasNewColumns whether columns other than copied ones were written
   * @param newEntries how many entries these have
   */
  public void finish(boolean hasNewColumns, long newEntries) throws IOException {
    List<Long> ends = copiedEnds();
    long copiedEntries = ends.isEmpty() ? 0 : ends.get(ends.size() - 1);
    if (copy != null && hasNewColumns && newEntries != copiedEntries) {
      throw new IllegalArgumentException(
          context
              + ": "
              + newEntries
              + " entries of new columns beside "
              + copiedEntries
              + " of copied fields");
    }
    Started start = start();
    if (!hasNewColumns) {
      for (long end : ends) {
        endCluster(end);
      }
    }
    if (!clusters.isEmpty()) {
      endGroup(start);
    }
    LittleOutput out = new LittleOutput();
    writeFooter(out, start.checksum, extension(), groups);
    Part footer = write(envelope(Blobs.Kind.FOOTER, out));
    ClassLayout layout = BuiltInClasses.catalog().newest(NtupleDataset.CLASS_NAME);
    if (layout != null) {
      file.describe(layout);
    }
    file.object(directory, NtupleDataset.CLASS_NAME, name, "", anchor(start.header, footer));
  }

  /** The only part of an ntuple that is big-endian; written by version 1.0.0.1 of the format. */
  private static byte[] anchor(Part header, Part footer) {
    Output out = new Output(128);
    out.i32(0x40000000 | 66).i16(2);
    out.i16(1).i16(0).i16(0).i16(1);
    out.i64(header.position).i64(header.stored).i64(header.length);
    out.i64(footer.position).i64(footer.stored).i64(footer.length);
    out.i64(MAX_KEY_BYTES);
    return out.i64(Checksum.of(out.array(), 6, 64)).toByteArray();
  }
}
