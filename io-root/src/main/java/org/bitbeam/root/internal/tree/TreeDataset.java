package org.bitbeam.root.internal.tree;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.ColumnInfo;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.DatasetLinks;
import org.bitbeam.root.RootFormatException;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.file.Directories;
import org.bitbeam.root.internal.file.KeyHeader;
import org.bitbeam.root.internal.file.Records;
import org.bitbeam.root.internal.streamer.ClassCatalog;
import org.bitbeam.root.internal.streamer.ObjectReader;
import org.bitbeam.root.internal.streamer.StreamedObject;
import org.jspecify.annotations.Nullable;

/** A TTree (TNtuple, TNtupleD) as a dataset. */
public final class TreeDataset implements Dataset {
  private static final long ROWS_OF_UNALIGNED_CLUSTER = 100_000;

  /** Collections of pointers, split by the classes of what these point to. */
  private static final String SPLIT_POINTERS = "TBranchSTL";

  private final Records records;
  private final ClassCatalog catalog;
  private final String fingerprint;
  private final String path;
  private final String className;
  private final int cycle;
  private final StreamedObject tree;
  private final long entries;
  private final List<TreeBranch> branches;
  private final List<Directories.Entry> processes;
  private final Map<String, TreeBranch> byPath;
  private @Nullable List<Cluster> clusters;

  TreeDataset(
      Records records,
      ClassCatalog catalog,
      String fingerprint,
      String path,
      String className,
      int cycle,
      StreamedObject tree,
      long entries,
      List<TreeBranch> branches,
      List<Directories.Entry> processes) {
    this.records = records;
    this.catalog = catalog;
    this.fingerprint = fingerprint;
    this.path = path;
    this.className = className;
    this.cycle = cycle;
    this.tree = tree;
    this.entries = entries;
    this.branches = branches;
    this.processes = List.copyOf(processes);
    this.byPath = new LinkedHashMap<>();
    for (TreeBranch branch : branches) {
      TreeBranch known = byPath.putIfAbsent(branch.path(), branch);
      if (known != null && known.type().isEmpty() && branch.type().isPresent()) {
        byPath.put(branch.path(), branch);
      }
    }
  }

  /**
   * Reads the description of the tree that a key of the file holds.
   *
   * @param processes keys of the file's {@code TProcessID}s, which its references count on
   */
  public static TreeDataset open(
      Records records,
      ClassCatalog catalog,
      Directories.Entry entry,
      String fingerprint,
      List<Directories.Entry> processes)
      throws IOException {
    KeyHeader key = entry.key();
    String context = records.name() + ": tree " + entry.path();
    Cursor in = records.payload(context, key.position(), key.storedBytes());
    if (!(new ObjectReader(catalog, records.limits()).read(in, key.className())
        instanceof StreamedObject tree)) {
      throw new RootFormatException(
          context + ": its class " + key.className() + " is not described in the file");
    }
    long entries = tree.integer("fEntries", -1);
    if (entries < 0) {
      throw new RootFormatException(context + ": it has " + entries + " entries");
    }
    BranchInterpreter interpreter = new BranchInterpreter(catalog);
    List<TreeBranch> branches = new ArrayList<>();
    Map<Object, TreeBranch> byObject = new IdentityHashMap<>();
    collect(
        records,
        context,
        interpreter,
        tree.list("fBranches"),
        "",
        entries,
        branches,
        byObject,
        0,
        false);
    for (TreeBranch branch : branches) {
      branch.setCounter(counterOf(branch.object(), byObject));
      branch.setSizes(sizesOf(branch, interpreter, byObject, branches));
    }
    return new TreeDataset(
        records,
        catalog,
        fingerprint,
        entry.path(),
        key.className(),
        key.cycle(),
        tree,
        entries,
        List.copyOf(branches),
        processes);
  }

  private static void collect(
      Records records,
      String context,
      BranchInterpreter interpreter,
      List<?> objects,
      String prefix,
      long entries,
      List<TreeBranch> branches,
      Map<Object, TreeBranch> byObject,
      int depth,
      boolean mayBeginLate)
      throws IOException {
    if (depth > records.limits().maxDepth()) {
      throw new RootFormatException(context + ": branches are nested deeper than " + depth);
    }
    for (Object item : objects) {
      if (!(item instanceof StreamedObject object)) {
        continue;
      }
      if (object.text("fName").isEmpty()) {
        throw new RootFormatException(context + ": a branch inside of /" + prefix + " has no name");
      }
      String path = prefix + object.text("fName");
      List<?> inner = object.list("fBranches");
      boolean isColumn = isColumn(object);
      Supplier<BranchInterpreter.Decision> decide =
          () -> isColumn ? interpreter.decide(object) : interpreter.decideCounter(object);
      TreeBranch branch = new TreeBranch(records, context, path, object, decide, entries);
      if (isColumn && BranchInterpreter.isArrayOfUnknownClass(object)) {
        BranchInterpreter.Decision decision = decideArray(interpreter, branch, decide.get());
        branch = new TreeBranch(records, context, path, object, () -> decision, entries);
      }
      if (isColumn) {
        branches.add(branch);
      }
      if (mayBeginLate) {
        branch.setMayBeginLate();
      }
      index(object, branch, byObject);
      if (object.className().equals("TBranchClones")
          && object.get("fBranchCount") instanceof StreamedObject counter) {
        // Counts the items of the branches inside; ROOT does not list it as a branch.
        index(
            counter,
            new TreeBranch(
                records,
                context,
                prefix + counter.text("fName"),
                counter,
                () -> interpreter.decideCounter(counter),
                entries),
            byObject);
      }
      collect(
          records,
          context,
          interpreter,
          inner,
          path + "/",
          entries,
          branches,
          byObject,
          depth + 1,
          mayBeginLate || object.className().equals(SPLIT_POINTERS));
    }
  }

  /** Whether a branch has values of its own, not only branches inside that have. */
  static boolean isColumn(StreamedObject branch) {
    return branch.list("fBranches").isEmpty() || branch.className().equals(SPLIT_POINTERS);
  }

  /** Notes that these objects of the file mean this branch. */
  static void index(StreamedObject object, TreeBranch branch, Map<Object, TreeBranch> byObject) {
    byObject.put(object, branch);
    for (Object leaf : object.list("fLeaves")) {
      if (leaf != null) {
        byObject.put(leaf, branch);
      }
    }
  }

  private static BranchInterpreter.Decision decideArray(
      BranchInterpreter interpreter, TreeBranch branch, BranchInterpreter.Decision otherwise)
      throws IOException {
    try {
      Cursor first = branch.firstEntry();
      return first == null ? otherwise : interpreter.decideArray(branch.object(), first);
    } catch (RootFormatException | UnsupportedRootException e) {
      return BranchInterpreter.Decision.unreadable(
          otherwise.rootType(), "its first entry does not say its class: " + e.getMessage());
    }
  }

  /** The branch that counts the items of another. */
  static @Nullable TreeBranch counterOf(StreamedObject branch, Map<Object, TreeBranch> byObject) {
    Object counted = branch.get("fBranchCount");
    if (counted == null) {
      for (Object leaf : branch.list("fLeaves")) {
        if (leaf instanceof StreamedObject object && object.get("fLeafCount") != null) {
          counted = object.get("fLeafCount");
        }
      }
      TreeBranch counter = counted == null ? null : byObject.get(counted);
      if (counter != null
          && counted instanceof StreamedObject leaf
          && leaf.integer("fIsRange", 0) != 0
          && leaf.integer("fMaximum", 0) > 0) {
        counter.setLargestCount(leaf.integer("fMaximum", 0));
      }
    }
    return counted == null ? null : byObject.get(counted);
  }

  /**
   * The branch that says how long the arrays in another are, item by item: the branch itself names
   * it for numbers, for objects only the class does.
   */
  static @Nullable TreeBranch sizesOf(
      TreeBranch branch,
      BranchInterpreter interpreter,
      Map<Object, TreeBranch> byObject,
      List<TreeBranch> branches) {
    Object sizes = branch.object().get("fBranchCount2");
    TreeBranch found = sizes == null ? null : byObject.get(sizes);
    if (sizes == null) {
      String member = interpreter.counterOfObjects(branch.object());
      String path = branch.path();
      int dot = path.lastIndexOf('.');
      if (member != null && dot > 0) {
        String counter = path.substring(0, dot + 1) + member;
        found =
            branches.stream()
                .filter(other -> other.path().equals(counter))
                .findFirst()
                .orElse(null);
      }
    }
    return found == null || found == branch || found.object().get("fBranchCount2") != null
        ? null
        : found;
  }

  /** The tree as the file describes it. */
  public StreamedObject tree() {
    return tree;
  }

  /** The branch of a column; null when there is none. */
  @Nullable TreeBranch branch(String column) {
    return byPath.get(column);
  }

  /** The class descriptions of its file. */
  public ClassCatalog catalog() {
    return catalog;
  }

  /** Keys of the processes whose objects its references mean. */
  public List<Directories.Entry> processes() {
    return processes;
  }

  /** The file it lies in. */
  public Records records() {
    return records;
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
    return className;
  }

  @Override
  public String title() {
    return tree.text("fTitle");
  }

  @Override
  public long entries() {
    return entries;
  }

  @Override
  public DatasetLinks links() {
    Map<String, String> aliases = new LinkedHashMap<>();
    for (Object item : tree.list("fAliases")) {
      if (item instanceof StreamedObject alias) {
        aliases.put(alias.text("fName"), alias.text("fTitle"));
      }
    }
    List<DatasetLinks.Friend> friends = new ArrayList<>();
    for (Object item : tree.list("fFriends")) {
      if (item instanceof StreamedObject friend) {
        friends.add(
            new DatasetLinks.Friend(
                friend.text("fName"), friend.text("fTitle"), friend.text("fTreeName")));
      }
    }
    List<String> userInfo = new ArrayList<>();
    for (Object item : tree.list("fUserInfo")) {
      if (item instanceof StreamedObject object) {
        String text = object.text("fName");
        userInfo.add(text.isEmpty() ? object.text("fString") : text);
      }
    }
    Optional<DatasetLinks.Index> index =
        Optional.ofNullable(tree.object("fTreeIndex"))
            .map(i -> new DatasetLinks.Index(i.text("fMajorName"), i.text("fMinorName")));
    return new DatasetLinks(aliases, friends, index, userInfo);
  }

  @Override
  public List<ColumnInfo> columns() {
    return branches.stream().map(TreeBranch::info).toList();
  }

  @Override
  public Schema schema() {
    List<Schema.Field> fields = new ArrayList<>();
    for (TreeBranch branch : byPath.values()) {
      branch.type().ifPresent(type -> fields.add(field(branch, type)));
    }
    return new Schema(fields);
  }

  private static Schema.Field field(TreeBranch branch, ColumnType type) {
    // The title of a branch is a doc string in NanoAOD and just its list of leaves elsewhere.
    String title = branch.object().text("fTitle");
    String name = branch.object().text("fName");
    boolean isDocumentation = !title.startsWith(name) && !title.matches(".*/[A-Za-z]$");
    return new Schema.Field(branch.path(), type, isDocumentation ? title : "", "");
  }

  @Override
  public synchronized List<Cluster> clusters() {
    if (clusters == null) {
      clusters = findClusters();
    }
    return clusters;
  }

  private List<Cluster> findClusters() {
    List<Cluster> found = new ArrayList<>();
    long from = 0;
    Map<Long, Integer> borders = new HashMap<>();
    int readable = 0;
    Set<Long> own = new HashSet<>();
    for (TreeBranch branch : branches) {
      if (branch.type().isEmpty()) {
        continue;
      }
      readable++;
      own.clear();
      for (Basket basket : branch.baskets()) {
        own.add(basket.endEntry());
      }
      for (long border : own) {
        borders.merge(border, 1, Integer::sum);
      }
    }
    TreeSet<Long> common = new TreeSet<>();
    for (Map.Entry<Long, Integer> border : borders.entrySet()) {
      if (border.getValue() == readable && border.getKey() < entries) {
        common.add(border.getKey());
      }
    }
    common.add(entries);
    double bytesAnEntry = entries == 0 ? 0 : tree.integer("fZipBytes", 0) / (double) entries;
    for (long border : common) {
      // Baskets of different branches that never end together: cut by rows.
      while (border - from > 2 * ROWS_OF_UNALIGNED_CLUSTER) {
        found.add(cluster(from, from + ROWS_OF_UNALIGNED_CLUSTER, bytesAnEntry));
        from += ROWS_OF_UNALIGNED_CLUSTER;
      }
      if (border > from) {
        found.add(cluster(from, border, bytesAnEntry));
        from = border;
      }
    }
    return List.copyOf(found);
  }

  private static Cluster cluster(long from, long to, double bytesAnEntry) {
    return new Cluster(from, to, Math.round((to - from) * bytesAnEntry));
  }

  private void checkRange(long from, long to) {
    if (from < 0 || to < from || to > entries || to - from > Integer.MAX_VALUE - 1) {
      throw new IllegalArgumentException(
          records.name()
              + ": tree "
              + path
              + " has entries 0 to "
              + entries
              + ", not "
              + from
              + " to "
              + to);
    }
  }

  @Override
  public EventBatch read(List<String> columns, long from, long to) throws IOException {
    checkRange(from, to);
    List<TreeBranch> chosen = new ArrayList<>();
    for (String name : columns) {
      TreeBranch branch = byPath.get(name);
      if (branch == null) {
        throw new IllegalArgumentException(
            records.name()
                + ": tree "
                + path
                + " has no column \""
                + name
                + "\"; "
                + Suggestions.nearest(name, byPath.keySet()));
      }
      chosen.add(branch);
    }
    List<Schema.Field> fields = new ArrayList<>();
    List<Column> values = new ArrayList<>();
    Records source = gathered(chosen, from, to);
    for (TreeBranch branch : chosen) {
      Column column = branch.read(source, from, to);
      values.add(column);
      fields.add(field(branch, column.type()));
    }
    return EventBatch.of(
        new Origin(records.name(), fingerprint, path, from),
        new Schema(fields),
        values,
        (int) (to - from));
  }

  @Override
  public Column read(int column, long from, long to) throws IOException {
    checkRange(from, to);
    TreeBranch branch = branches.get(column);
    return branch.read(gathered(List.of(branch), from, to), from, to);
  }

  /** The records to read these branches from: of a remote file, all their baskets at once. */
  private Records gathered(List<TreeBranch> chosen, long from, long to) {
    if (!records.isRemote()) {
      return records;
    }
    List<Records.Extent> extents = new ArrayList<>();
    for (TreeBranch branch : chosen) {
      branch.addExtents(from, to, extents);
    }
    return records.gathered(extents);
  }
}
