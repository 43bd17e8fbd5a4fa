package org.bitbeam.root.internal.ntuple;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.ColumnInfo;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.DatasetLinks;
import org.bitbeam.root.ReadLimits;
import org.bitbeam.root.RootFormatException;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.bytes.LittleCursor;
import org.bitbeam.root.internal.file.Directories;
import org.bitbeam.root.internal.file.KeyHeader;
import org.bitbeam.root.internal.file.Records;
import org.bitbeam.root.internal.ntuple.Description.Field;
import org.bitbeam.root.internal.ntuple.Description.PhysicalColumn;
import org.bitbeam.root.internal.streamer.BuiltInClasses;
import org.bitbeam.root.internal.streamer.ClassCatalog;
import org.bitbeam.root.internal.streamer.ClassLayout;
import org.bitbeam.root.internal.streamer.StreamerInfoReader;
import org.bitbeam.root.internal.tree.Suggestions;
import org.jspecify.annotations.Nullable;

/** An RNTuple as a dataset. Page lists are read when entries of their clusters are asked for. */
public final class NtupleDataset implements Dataset {
  /** ROOT's name of the class. */
  public static final String CLASS_NAME = "ROOT::RNTuple";

  private final Records records;
  private final Blobs blobs;
  private final PageSource pages;
  private final String fingerprint;
  private final String path;
  private final String context;
  private final int cycle;
  private final Anchor anchor;
  private final Description description;
  private final long headerChecksum;
  private final List<Group> groups;
  private final long entries;
  private final List<TopField> fields;
  private final Map<String, Integer> byName = new LinkedHashMap<>();
  private final AtomicReferenceArray<@Nullable PageList> pageLists;

  /** Consecutive clusters with one page list. */
  private record Group(long firstEntry, long entries, int clusters, Anchor.Location pageList) {}

  /** A top-level field, and how it is read or why it cannot be. */
  private record TopField(
      Field field, @Nullable FieldReader reader, String whyUnreadable, List<Integer> columns) {}

  private NtupleDataset(
      Blobs blobs,
      ClassCatalog classes,
      String fingerprint,
      String path,
      String context,
      int cycle,
      Anchor anchor,
      Description description,
      long headerChecksum,
      List<Group> groups) {
    this.records = blobs.records();
    this.blobs = blobs;
    this.pages = new PageSource(blobs, context, description.columns().size());
    this.fingerprint = fingerprint;
    this.path = path;
    this.context = context;
    this.cycle = cycle;
    this.anchor = anchor;
    this.description = description;
    this.headerChecksum = headerChecksum;
    this.groups = groups;
    this.pageLists = new AtomicReferenceArray<>(groups.size());
    Group last = groups.isEmpty() ? null : groups.get(groups.size() - 1);
    this.entries = last == null ? 0 : last.firstEntry() + last.entries();
    this.fields = fields(description, classes(context, description, records.limits()).or(classes));
    for (int i = 0; i < fields.size(); i++) {
      byName.putIfAbsent(fields.get(i).field().name(), i);
    }
  }

  /** Reads the description of the ntuple whose anchor a key of the file holds. */
  public static NtupleDataset open(
      Records records, ClassCatalog classes, Directories.Entry entry, String fingerprint)
      throws IOException {
    KeyHeader key = entry.key();
    String context = records.name() + ": ntuple " + entry.path();
    Anchor anchor =
        Anchor.read(records.payload(context + ", anchor", key.position(), key.storedBytes()));
    Blobs blobs = new Blobs(records, anchor.maxKeyBytes());
    Blobs.Envelope header =
        blobs.envelope(context + ", header", Blobs.Kind.HEADER, anchor.header());
    Description description = Description.readHeader(header.in());
    Blobs.Envelope footer =
        blobs.envelope(context + ", footer", Blobs.Kind.FOOTER, anchor.footer());
    List<Group> groups = readFooter(footer.in(), description, header.checksum());
    return new NtupleDataset(
        blobs,
        classes,
        fingerprint,
        entry.path(),
        context,
        key.cycle(),
        anchor,
        description,
        header.checksum(),
        groups);
  }

  /**
   * A dataset of which only these clusters are known, which follow each other.
   *
   * @param description of the fields that can be read
   */
  static NtupleDataset ofClusters(
      Blobs blobs,
      String fingerprint,
      String path,
      int cycle,
      Description description,
      PageList clusters) {
    Anchor.Location nowhere = new Anchor.Location(0, 0, 0);
    long first = clusters.firstEntry();
    Group group =
        new Group(first, clusters.endEntry() - first, clusters.clusters().size(), nowhere);
    NtupleDataset dataset =
        new NtupleDataset(
            blobs,
            BuiltInClasses.catalog(),
            fingerprint,
            path,
            blobs.records().name() + ": ntuple " + path,
            cycle,
            new Anchor(nowhere, nowhere, blobs.largestRecord()),
            description,
            0,
            List.of(group));
    dataset.pageLists.set(0, clusters);
    return dataset;
  }

  private static List<Group> readFooter(
      LittleCursor in, Description description, long headerChecksum) {
    Description.checkFeatures(in);
    if (in.i64() != headerChecksum) {
      throw in.malformed("it does not belong to the header of this ntuple");
    }
    LittleCursor.Frame extension = in.record();
    description.readLists(in);
    in.leave(extension);
    LittleCursor.Frame list = in.list(Long.BYTES);
    List<Group> groups = new ArrayList<>();
    long next = 0;
    for (int i = 0; i < list.items(); i++) {
      LittleCursor.Frame frame = in.record();
      long first = in.length("the first entry of a group of clusters");
      long span = in.length("the number of entries of a group of clusters");
      int clusters = in.i32();
      long length = in.length("the length of a page list");
      int stored = in.i32();
      long position = in.length("the position of a page list");
      if (first != next || clusters < 0 || stored < 0 || span > Long.MAX_VALUE - first) {
        throw in.malformed(
            "group "
                + i
                + " is said to have "
                + clusters
                + " clusters with "
                + span
                + " entries from "
                + first
                + " on, expected from "
                + next
                + " on");
      }
      next = first + span;
      groups.add(new Group(first, span, clusters, new Anchor.Location(position, stored, length)));
      in.leave(frame);
    }
    in.leave(list);
    return List.copyOf(groups);
  }

  /** The class descriptions that the ntuple itself holds for fields of ROOT's streamers. */
  private static ClassCatalog classes(String context, Description description, ReadLimits limits) {
    List<ClassLayout> layouts = new ArrayList<>();
    for (byte[] list : description.streamerInfos()) {
      Cursor in = new Cursor(context + ", class descriptions", list);
      layouts.addAll(StreamerInfoReader.readPointer(in, limits));
    }
    return new ClassCatalog(layouts);
  }

  private static List<TopField> fields(Description description, ClassCatalog classes) {
    FieldTypes types = new FieldTypes(description, classes);
    List<TopField> fields = new ArrayList<>();
    for (Field field : description.fields()) {
      if (!field.isTopLevel()) {
        continue;
      }
      List<Integer> columns = new ArrayList<>();
      collectColumns(description, field, columns, 0);
      try {
        fields.add(new TopField(field, types.reader(field), "", List.copyOf(columns)));
      } catch (FieldTypes.NotReadableException e) {
        fields.add(new TopField(field, null, e.why(), List.copyOf(columns)));
      }
    }
    return List.copyOf(fields);
  }

  private static void collectColumns(
      Description description, Field field, List<Integer> columns, int depth) {
    for (PhysicalColumn column : description.columns(field)) {
      columns.add(column.id());
    }
    if (depth < 100) {
      for (Field child : description.children(field)) {
        collectColumns(description, child, columns, depth + 1);
      }
    }
  }

  @Override
  public DatasetLinks links() {
    return DatasetLinks.NONE;
  }

  /** The clusters of a group, checked to follow each other. */
  private List<PageList.Cluster> clusters(int group) throws IOException {
    PageList known = pageLists.get(group);
    if (known != null) {
      return known.clusters();
    }
    Group of = groups.get(group);
    String where = context + ", page list of entry " + of.firstEntry();
    Blobs.Envelope envelope = blobs.envelope(where, Blobs.Kind.PAGE_LIST, of.pageList());
    PageList list = PageList.read(envelope.in(), description, headerChecksum, records.limits());
    long next = list.checkedEnd(where, of.firstEntry());
    if (list.clusters().size() != of.clusters() || next != of.firstEntry() + of.entries()) {
      throw new RootFormatException(
          where
              + ": it has "
              + list.clusters().size()
              + " clusters up to entry "
              + next
              + ", expected "
              + of.clusters()
              + " up to "
              + (of.firstEntry() + of.entries()));
    }
    pageLists.set(group, list);
    return list.clusters();
  }

  /** Where its parts are read from. */
  Blobs blobs() {
    return blobs;
  }

  /** Where its header and footer lie. */
  Anchor anchor() {
    return anchor;
  }

  /** Its fields and columns. */
  Description description() {
    return description;
  }

  /** File and path, for messages. */
  String context() {
    return context;
  }

  /** All clusters with their pages. */
  List<PageList.Cluster> allClusters() throws IOException {
    List<PageList.Cluster> all = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      all.addAll(clusters(i));
    }
    return all;
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public int cycle() {
    return cycle;
  }

  @Override
  public String className() {
    return CLASS_NAME;
  }

  @Override
  public String title() {
    return description.description();
  }

  @Override
  public long entries() {
    return entries;
  }

  @Override
  public List<ColumnInfo> columns() {
    long[] stored = new long[description.columns().size()];
    long[] objects = new long[stored.length];
    int[] pieces = new int[stored.length];
    for (PageList.Cluster cluster : unchecked()) {
      for (int c = 0; c < cluster.columns().size(); c++) {
        PageList.Pages of = cluster.columns().get(c);
        pieces[c] += of.count();
        objects[c] += (of.elements() * description.columns().get(c).bits() + 7) / 8;
        for (int bytes : of.stored()) {
          stored[c] += bytes;
        }
      }
    }
    List<ColumnInfo> infos = new ArrayList<>();
    for (TopField top : fields) {
      FieldReader reader = top.reader();
      infos.add(
          new ColumnInfo(
              top.field().name(),
              top.field().typeName(),
              top.field().description(),
              reader == null ? Optional.empty() : Optional.of(reader.type()),
              top.whyUnreadable(),
              top.columns().stream().mapToLong(c -> stored[c]).sum(),
              top.columns().stream().mapToLong(c -> objects[c]).sum(),
              top.columns().stream().mapToInt(c -> pieces[c]).sum()));
    }
    return List.copyOf(infos);
  }

  private List<PageList.Cluster> unchecked() {
    try {
      return allClusters();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Override
  public Schema schema() {
    List<Schema.Field> described = new ArrayList<>();
    for (int position : byName.values()) {
      TopField top = fields.get(position);
      if (top.reader() != null) {
        described.add(field(top, top.reader()));
      }
    }
    return new Schema(described);
  }

  private static Schema.Field field(TopField top, FieldReader reader) {
    return new Schema.Field(top.field().name(), reader.type(), top.field().description(), "");
  }

  @Override
  public List<Cluster> clusters() {
    List<Cluster> result = new ArrayList<>();
    for (PageList.Cluster cluster : unchecked()) {
      long stored = 0;
      for (PageList.Pages of : cluster.columns()) {
        for (int bytes : of.stored()) {
          stored += bytes;
        }
      }
      if (cluster.entries() > 0) {
        result.add(new Cluster(cluster.firstEntry(), cluster.endEntry(), stored));
      }
    }
    return List.copyOf(result);
  }

  @Override
  public EventBatch read(List<String> columns, long from, long to) throws IOException {
    checkRange(from, to);
    List<Schema.Field> schema = new ArrayList<>();
    List<Column> values = new ArrayList<>();
    List<Integer> positions = new ArrayList<>();
    for (String name : columns) {
      Integer position = byName.get(name);
      if (position == null) {
        throw new IllegalArgumentException(
            context
                + " has no column \""
                + name
                + "\"; "
                + Suggestions.nearest(name, byName.keySet()));
      }
      positions.add(position);
    }
    PageSource source = gathered(positions, from, to);
    for (int position : positions) {
      Column column = read(source, position, from, to);
      values.add(column);
      Field field = fields.get(position).field();
      schema.add(new Schema.Field(field.name(), column.type(), field.description(), ""));
    }
    return EventBatch.of(
        new Origin(records.name(), fingerprint, path, from),
        new Schema(schema),
        values,
        (int) (to - from));
  }

  private void checkRange(long from, long to) {
    if (from < 0 || to < from || to > entries || to - from > Integer.MAX_VALUE - 1) {
      throw new IllegalArgumentException(
          context + " has entries 0 to " + entries + ", not " + from + " to " + to);
    }
  }

  @Override
  public Column read(int column, long from, long to) throws IOException {
    checkRange(from, to);
    return read(gathered(List.of(column), from, to), column, from, to);
  }

  /** What to read these fields from: of a remote file, all their pages at once. */
  private PageSource gathered(List<Integer> chosen, long from, long to) throws IOException {
    if (!records.isRemote()) {
      return pages;
    }
    List<Records.Extent> extents = new ArrayList<>();
    for (int position : chosen) {
      for (PageList.Cluster cluster : clusters(from, to)) {
        long first = Math.max(0, from - cluster.firstEntry());
        long end = Math.min(to - cluster.firstEntry(), cluster.entries());
        for (int column : fields.get(position).columns()) {
          pages.addExtents(column, cluster, first, end, extents);
        }
      }
    }
    return pages.gathered(extents);
  }

  /** The clusters with any of entries {@code [from, to)}. */
  List<PageList.Cluster> clusters(long from, long to) throws IOException {
    List<PageList.Cluster> found = new ArrayList<>();
    for (int g = 0; g < groups.size(); g++) {
      Group group = groups.get(g);
      if (group.firstEntry() >= to || group.firstEntry() + group.entries() <= from) {
        continue;
      }
      for (PageList.Cluster cluster : clusters(g)) {
        if (cluster.firstEntry() < to && cluster.endEntry() > from && cluster.entries() > 0) {
          found.add(cluster);
        }
      }
    }
    return found;
  }

  private Column read(PageSource source, int column, long from, long to) throws IOException {
    TopField top = fields.get(column);
    FieldReader reader = top.reader();
    if (reader == null) {
      throw new UnsupportedRootException(
          context + ", field " + top.field().name() + ": " + top.whyUnreadable());
    }
    List<FieldReader.Span> spans = new ArrayList<>();
    for (PageList.Cluster cluster : clusters(from, to)) {
      long first = Math.max(0, from - cluster.firstEntry());
      long end = Math.min(to - cluster.firstEntry(), cluster.entries());
      spans.add(new FieldReader.Span(cluster, first, end, cluster.entries()));
    }
    if (spans.isEmpty()) {
      PageList.Cluster none = new PageList.Cluster(from, 0, List.of());
      return reader.read(source, none, 0, 0, 0);
    }
    try {
      return reader.read(source, spans);
    } catch (ArithmeticException e) {
      throw new UnsupportedRootException(
          context
              + ", field "
              + top.field().name()
              + ": entries "
              + from
              + " to "
              + to
              + " have more than 2^31 elements; read fewer at once");
    }
  }
}
