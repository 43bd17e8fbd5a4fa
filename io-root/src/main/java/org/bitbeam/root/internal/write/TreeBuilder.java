package org.bitbeam.root.internal.write;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.Compression;
import org.bitbeam.root.RealStorage;
import org.bitbeam.root.internal.bytes.Output;
import org.bitbeam.root.internal.file.Directories;
import org.bitbeam.root.internal.file.KeyHeader;
import org.bitbeam.root.internal.streamer.BuiltInClasses;
import org.bitbeam.root.internal.streamer.ClassLayout;
import org.bitbeam.root.internal.streamer.ObjectList;
import org.bitbeam.root.internal.streamer.ObjectWriter;
import org.bitbeam.root.internal.streamer.RawCollection;
import org.bitbeam.root.internal.streamer.StreamedObject;
import org.bitbeam.root.internal.tree.TreeDataset;
import org.jspecify.annotations.Nullable;

/** Gathers the branches of one tree, and writes its description. */
public final class TreeBuilder {
  private static final List<String> DESCRIBED =
      List.of(
          "TTree",
          "TNamed",
          "TObject",
          "TAttLine",
          "TAttFill",
          "TAttMarker",
          "ROOT::TIOFeatures",
          "TBranch",
          "TLeaf",
          "TString",
          "TList",
          "TSeqCollection",
          "TCollection",
          "TBranchRef",
          "TRefTable");

  private final FileBuilder file;
  private final String directory;
  private final String name;
  private final String title;
  private final Compression compression;
  private final Baskets baskets;
  private final BranchCopier copier;
  private final Map<String, StreamedObject> copied = new LinkedHashMap<>();
  private final Map<String, BranchWriter> columns = new LinkedHashMap<>();
  private final List<Long> clusterEnds = new ArrayList<>();
  private final Set<ClassLayout> sourceClasses = new HashSet<>();
  private @Nullable StreamedObject template;
  private @Nullable StreamedObject references;
  private long copiedEntries = -1;
  private final List<StreamedObject> userInfo = new ArrayList<>();
  private final List<StreamedObject> friends = new ArrayList<>();

  /** Begins a tree; only its baskets are written before {@link #finish}. */
  public TreeBuilder(FileBuilder file, String path, String title, Compression compression) {
    int slash = path.lastIndexOf('/');
    this.file = file;
    this.directory = slash < 0 ? "" : path.substring(0, slash);
    this.name = path.substring(slash + 1);
    this.title = title;
    this.compression = compression;
    this.baskets = new Baskets(file, name);
    this.copier = new BranchCopier(baskets);
  }

  /** Whether there is a top-level branch of that name. */
  public boolean hasBranch(String branch) {
    return copied.containsKey(branch) || columns.containsKey(branch);
  }

  /** Copies top-level branches of the given trees, one after the other. */
  public void copy(List<TreeDataset> sources, Predicate<String> topLevel) throws IOException {
    if (sources.isEmpty()) {
      throw new IllegalArgumentException(
          file.name() + ": tree " + name + ": no trees to copy from");
    }
    long entries = 0;
    for (TreeDataset source : sources) {
      entries += source.entries();
    }
    if (copiedEntries >= 0 && copiedEntries != entries) {
      throw new IllegalArgumentException(
          file.name()
              + ": tree "
              + name
              + ": branches with "
              + entries
              + " entries cannot stand beside those with "
              + copiedEntries);
    }
    copiedEntries = entries;
    StreamedObject first = sources.get(0).tree();
    if (template == null) {
      template = first;
    }
    for (TreeDataset source : sources) {
      for (ClassLayout layout : source.catalog().layouts()) {
        if (sourceClasses.add(layout)
            && BuiltInClasses.catalog().find(layout.name(), layout.version()) == null) {
          file.describe(layout);
        }
      }
    }
    List<?> branches = first.list("fBranches");
    Set<Object> needed = neededCounters(branches, topLevel);
    for (int i = 0; i < branches.size(); i++) {
      if (branches.get(i) instanceof StreamedObject branch
          && (topLevel.test(branch.text("fName")) || needed.contains(branch))) {
        List<StreamedObject> same = new ArrayList<>();
        for (TreeDataset source : sources) {
          same.add(find(source, branch.text("fName"), i));
        }
        // Branches of one name are kept apart by a number that no name holds.
        String key = branch.text("fName");
        copied.put(copied.containsKey(key) ? key + '\0' + i : key, copier.copy(sources, same));
      }
    }
    if (sources.size() == 1 && references == null) {
      copyReferences(sources.get(0));
    }
  }

  /**
   * The table of references of one tree, and the processes whose objects they mean. Several trees
   * number their processes each for itself, so that no table of them can be right for all.
   */
  private void copyReferences(TreeDataset source) throws IOException {
    StreamedObject original = source.tree().object("fBranchRef");
    StreamedObject table = original == null ? null : original.object("fRefTable");
    if (original == null
        || table == null
        || !(table.get("fProcessGUIDs") instanceof RawCollection)) {
      return;
    }
    for (Directories.Entry entry : source.processes()) {
      KeyHeader key = entry.key();
      String context = source.records().name() + ": object " + entry.path();
      byte[] record = source.records().bytes(context, key.position(), key.storedBytes());
      if (!file.copyOnce("", key, record)) {
        return;
      }
    }
    references = copier.copyReferences(source, original);
  }

  /** Branches whose leaves count the items of chosen ones. */
  private static Set<Object> neededCounters(List<?> branches, Predicate<String> topLevel) {
    Set<Object> counterLeaves = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Object item : branches) {
      if (item instanceof StreamedObject branch && topLevel.test(branch.text("fName"))) {
        for (Object leaf : branch.list("fLeaves")) {
          if (leaf instanceof StreamedObject object && object.get("fLeafCount") != null) {
            counterLeaves.add(object.get("fLeafCount"));
          }
        }
      }
    }
    Set<Object> needed = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Object item : branches) {
      if (item instanceof StreamedObject branch) {
        for (Object leaf : branch.list("fLeaves")) {
          if (counterLeaves.contains(leaf)) {
            needed.add(branch);
          }
        }
      }
    }
    return needed;
  }

  private StreamedObject find(TreeDataset source, String branch, int position) {
    List<?> branches = source.tree().list("fBranches");
    if (position < branches.size()
        && branches.get(position) instanceof StreamedObject same
        && same.text("fName").equals(branch)) {
      return same;
    }
    for (Object candidate : branches) {
      if (candidate instanceof StreamedObject same && same.text("fName").equals(branch)) {
        return same;
      }
    }
    throw new IllegalArgumentException(
        source.records().name()
            + ": tree "
            + source.path()
            + " has no branch "
            + branch
            + ", which the first file has; such trees cannot be merged");
  }

  /** Whether a list cannot be written with a counter: lists of lists and of strings. */
  public static boolean needsVector(ColumnType type) {
    return type instanceof ColumnType.ListOf list
        && (list.element() instanceof ColumnType.ListOf
            || list.element() instanceof ColumnType.Text);
  }

  /**
   * Adds a new column at the end.
   *
   * @param counter name of the branch that counts the items of a list
   * @param counts whether it counts the items of lists
   * @param asVector whether it is a vector or string of C++
   * @param reals how floats are stored in fewer bits, null for all bits
   */
  public void addColumn(
      String context,
      Schema.Field field,
      @Nullable String counter,
      boolean counts,
      boolean asVector,
      @Nullable RealStorage reals) {
    if (hasBranch(field.name())) {
      throw new IllegalArgumentException(
          context + ": there is a branch " + field.name() + " already; choose another name");
    }
    BranchWriter writer = new BranchWriter(context, field, counter, asVector, reals);
    if (counts) {
      writer.setCounts();
    }
    columns.put(field.name(), writer);
  }

  /** Uncompressed bytes of an entry of all new columns. */
  public long bytes(EventBatch batch, int entry) {
    long bytes = 0;
    for (int i = 0; i < batch.columns().size(); i++) {
      BranchWriter writer = columns.get(batch.schema().fields().get(i).name());
      if (writer != null) {
        bytes += writer.bytes(batch.columns().get(i), entry);
      }
    }
    return bytes;
  }

  /** Adds entries of one new column. */
  public void add(String column, Column values) {
    BranchWriter writer = columns.get(column);
    if (writer == null) {
      throw new IllegalArgumentException("no column " + column);
    }
    writer.add(values);
  }

  /** Attaches a string to the tree. */
  public void addUserInfo(String key, String text) {
    userInfo.add(RootObjects.create("TNamed", key, text));
  }

  /** Names a tree of the same entries, whose columns readers put beside those of this one. */
  public void addFriend(String alias, String treePath, String fileName) {
    friends.add(
        RootObjects.create("TFriendElement", alias, fileName)
            .set("fTreeName", treePath)
            .set("fOwnFile", false));
  }

  /** Ends a cluster: writes the baskets of all new columns. */
  public void flush(long entries) throws IOException {
    for (BranchWriter writer : columns.values()) {
      writer.flush(baskets, compression);
    }
    clusterEnds.add(entries);
  }

  /** Writes the description of the tree and lists it. */
  public void finish(boolean hasNewColumns, long newEntries) throws IOException {
    if (hasNewColumns && copiedEntries >= 0 && newEntries != copiedEntries) {
      throw new IllegalArgumentException(
          file.name()
              + ": tree "
              + name
              + ": "
              + newEntries
              + " entries of new columns beside "
              + copiedEntries
              + " of copied branches");
    }
    long entries = copiedEntries >= 0 ? copiedEntries : newEntries;
    List<StreamedObject> branches = new ArrayList<>(copied.values());
    Map<String, StreamedObject> leaves = new LinkedHashMap<>();
    for (StreamedObject branch : branches) {
      for (Object leaf : branch.list("fLeaves")) {
        if (leaf instanceof StreamedObject object) {
          leaves.putIfAbsent(branch.text("fName"), object);
        }
      }
    }
    long total = copier.totalBytes();
    long zipped = copier.zippedBytes();
    // Counters are described before the lists that refer to their leaves, and stand before them in
    // the tree.
    Map<String, StreamedObject> described = new LinkedHashMap<>();
    for (BranchWriter writer : columns.values()) {
      String counter = writer.counter();
      BranchWriter counting = counter == null ? null : columns.get(counter);
      if (counting != null && !described.containsKey(counter)) {
        described.put(counter, describe(counting, leaves));
      }
      if (!described.containsKey(writer.name())) {
        described.put(writer.name(), describe(writer, leaves));
      }
      total += writer.baskets().totalBytes();
      zipped += writer.baskets().zippedBytes();
    }
    branches.addAll(described.values());
    write(describe(branches, entries, total, zipped));
  }

  private StreamedObject describe(BranchWriter writer, Map<String, StreamedObject> leaves) {
    String counter = writer.counter();
    StreamedObject branch =
        writer.describe(compression, counter == null ? null : leaves.get(counter));
    leaves.put(writer.name(), (StreamedObject) branch.list("fLeaves").get(0));
    return branch;
  }

  private StreamedObject describe(
      List<StreamedObject> branches, long entries, long total, long zipped) {
    StreamedObject tree =
        RootObjects.create("TTree", name, title)
            .set("fLineColor", 602)
            .set("fLineStyle", 1)
            .set("fLineWidth", 1)
            .set("fFillStyle", 1001)
            .set("fMarkerColor", 1)
            .set("fMarkerStyle", 1)
            .set("fMarkerSize", 1f)
            .set("fEntries", entries)
            .set("fTotBytes", total)
            .set("fZipBytes", zipped)
            .set("fSavedBytes", zipped)
            .set("fFlushedBytes", zipped)
            .set("fWeight", 1.0)
            .set("fScanField", 25)
            .set("fDefaultEntryOffsetLen", 1000)
            .set("fMaxEntries", 1_000_000_000_000L)
            .set("fMaxEntryLoop", 1_000_000_000_000L)
            .set("fAutoSave", -300_000_000L)
            .set("fAutoFlush", -30_000_000L)
            .set("fEstimate", 1_000_000L)
            .set("fBranches", ObjectList.array(branches))
            .set("fLeaves", ObjectList.array(allLeaves(branches)));
    StreamedObject from = template;
    if (from != null) {
      if (title.isEmpty()) {
        tree.set("fTitle", from.text("fTitle"));
      }
      for (String member :
          List.of(
              "fWeight",
              "fAutoFlush",
              "fNClusterRange",
              "fClusterRangeEnd",
              "fClusterSize",
              "fAliases",
              "fUserInfo")) {
        Object value = copier.convert(from.get(member));
        if (value != null) {
          tree.set(member, value);
        }
      }
    } else {
      describeClusters(tree);
    }
    if (references != null) {
      tree.set("fBranchRef", references);
    }
    if (!userInfo.isEmpty()) {
      List<@Nullable Object> all = new ArrayList<>(tree.list("fUserInfo"));
      all.addAll(userInfo);
      tree.set("fUserInfo", new ObjectList("TList", "", all, List.of()));
    }
    if (!friends.isEmpty()) {
      tree.set("fFriends", new ObjectList("TList", "", friends, List.of()));
    }
    return tree;
  }

  /** Clusters of one size need only that; others are listed as ranges of clusters of one size. */
  private void describeClusters(StreamedObject tree) {
    List<Long> rangeEnds = new ArrayList<>();
    List<Long> sizes = new ArrayList<>();
    long previous = 0;
    for (int i = 0; i < clusterEnds.size(); i++) {
      long size = clusterEnds.get(i) - previous;
      boolean last = i == clusterEnds.size() - 1;
      int at = sizes.size() - 1;
      if (at >= 0 && (sizes.get(at) == size || (last && size < sizes.get(at)))) {
        rangeEnds.set(at, clusterEnds.get(i) - 1);
      } else {
        rangeEnds.add(clusterEnds.get(i) - 1);
        sizes.add(size);
      }
      previous = clusterEnds.get(i);
    }
    if (sizes.isEmpty()) {
      return;
    }
    tree.set("fAutoFlush", sizes.get(sizes.size() - 1));
    int ranges = sizes.size() - 1;
    if (ranges > 0) {
      tree.set("fNClusterRange", ranges)
          .set(
              "fClusterRangeEnd", rangeEnds.subList(0, ranges).stream().mapToLong(x -> x).toArray())
          .set("fClusterSize", sizes.subList(0, ranges).stream().mapToLong(x -> x).toArray());
    }
  }

  private static List<Object> allLeaves(List<StreamedObject> branches) {
    Set<Object> leaves = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Object> ordered = new ArrayList<>();
    for (StreamedObject branch : branches) {
      for (Object leaf : branch.list("fLeaves")) {
        if (leaf != null && leaves.add(leaf)) {
          ordered.add(leaf);
        }
      }
      List<StreamedObject> inner = new ArrayList<>();
      for (Object item : branch.list("fBranches")) {
        if (item instanceof StreamedObject object) {
          inner.add(object);
        }
      }
      ordered.addAll(allLeaves(inner));
    }
    return ordered;
  }

  private void write(StreamedObject tree) throws IOException {
    RootObjects.describe(file, tree, DESCRIBED);
    Output out = new Output(1 << 14);
    // References inside count from the start of the key, whose length the title decides.
    String finalTitle = tree.text("fTitle");
    new ObjectWriter(out, file.objectKeyBytes("TTree", name, finalTitle)).write(tree);
    file.object(directory, "TTree", name, finalTitle, out.toByteArray());
  }
}
