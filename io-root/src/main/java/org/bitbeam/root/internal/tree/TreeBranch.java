package org.bitbeam.root.internal.tree;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.root.ColumnInfo;
import org.bitbeam.root.RootFormatException;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.file.Records;
import org.bitbeam.root.internal.file.Workspace;
import org.bitbeam.root.internal.streamer.EmbeddedBasket;
import org.bitbeam.root.internal.streamer.StreamedObject;
import org.jspecify.annotations.Nullable;

/**
 * One branch with values: where its baskets are and how they become a column. Safe for several
 * threads.
 */
final class TreeBranch {
  private static final int EMPTY_ENTRIES = 1 << 14;

  private final Records records;
  private final String context;
  private final String path;
  private final StreamedObject object;
  private final Supplier<BranchInterpreter.Decision> decide;
  private final long treeEntries;
  private final AtomicReference<@Nullable Kept> lastKept = new AtomicReference<>();
  private BranchInterpreter.@Nullable Decision decision;
  private @Nullable List<Basket> baskets;
  private @Nullable TreeBranch counter;
  private @Nullable TreeBranch sizes;
  private boolean mayBeginLate;
  private long largestCount = -1;

  /** A basket that may be wanted again, and where its entries begin when sizes differ. */
  private record Kept(BasketReader.Loaded loaded, int @Nullable [] bounds) {}

  TreeBranch(
      Records records,
      String treeContext,
      String path,
      StreamedObject object,
      Supplier<BranchInterpreter.Decision> decide,
      long treeEntries) {
    this.records = records;
    this.context = treeContext + ", branch " + path;
    this.path = path;
    this.object = object;
    this.decide = decide;
    this.treeEntries = treeEntries;
  }

  /** A branch of which only these baskets are known. */
  static TreeBranch ofBaskets(
      Records records,
      String treeContext,
      String path,
      StreamedObject object,
      Supplier<BranchInterpreter.Decision> decide,
      List<Basket> baskets) {
    TreeBranch branch = new TreeBranch(records, treeContext, path, object, decide, 0);
    branch.baskets = baskets;
    return branch;
  }

  /** The branch that counts the items of this one, for baskets that store no offsets. */
  void setCounter(@Nullable TreeBranch counter) {
    if (counter == this) {
      return; // a list of leaves that begins with its counter
    }
    for (TreeBranch at = counter; at != null; at = at.counter) {
      if (at == this) {
        throw new RootFormatException(context + ": branches count the items of each other");
      }
    }
    this.counter = counter;
  }

  @Nullable TreeBranch counter() {
    return counter;
  }

  /** The branch that says how long the arrays of this one are, item by item. */
  void setSizes(@Nullable TreeBranch sizes) {
    this.sizes = sizes;
  }

  @Nullable TreeBranch sizes() {
    return sizes;
  }

  /** Says that ROOT makes this branch when it is first needed; entries before are empty. */
  void setMayBeginLate() {
    mayBeginLate = true;
  }

  /**
   * Says that this branch counts items, at most so many; ROOT keeps the largest count beside it.
   */
  void setLargestCount(long largest) {
    largestCount = largest;
  }

  String path() {
    return path;
  }

  StreamedObject object() {
    return object;
  }

  /** How to read it; found out when first asked, for most branches of a wide tree are not read. */
  private synchronized BranchInterpreter.Decision decision() {
    if (decision == null) {
      decision = decide.get();
    }
    return decision;
  }

  Optional<ColumnType> type() {
    Interpretation interpretation = decision().interpretation();
    return interpretation == null ? Optional.empty() : Optional.of(interpretation.type());
  }

  ColumnInfo info() {
    int pieces = (int) object.integer("fWriteBasket", 0);
    for (Object embedded : object.list("fBaskets")) {
      pieces += embedded instanceof EmbeddedBasket ? 1 : 0;
    }
    return new ColumnInfo(
        path,
        decision().rootType(),
        object.text("fTitle"),
        type(),
        decision().whyUnreadable(),
        object.integer("fZipBytes", 0),
        object.integer("fTotBytes", 0),
        pieces);
  }

  /** All baskets in the order of their entries. */
  synchronized List<Basket> baskets() {
    if (baskets == null) {
      baskets = findBaskets();
    }
    return baskets;
  }

  private List<Basket> findBaskets() {
    long start = mayBeginLate ? object.integer("fFirstEntry", 0) : 0;
    List<Basket> found = new ArrayList<>(emptyBaskets(start));
    found.addAll(BasketIndex.find(context, object, start));
    long end = found.isEmpty() ? 0 : found.get(found.size() - 1).endEntry();
    if (end < treeEntries) {
      throw new RootFormatException(
          context + ": it has " + end + " entries, but its tree has " + treeEntries);
    }
    return found;
  }

  /** Baskets without items for the entries before {@code start}. */
  private List<Basket> emptyBaskets(long start) {
    Interpretation interpretation = decision().interpretation();
    if (start == 0 || interpretation == null) {
      return List.of();
    }
    if (start < 0 || start > treeEntries || start > Integer.MAX_VALUE) {
      throw new RootFormatException(context + ": it is said to begin at entry " + start);
    }
    List<Basket> found = new ArrayList<>();
    int size = interpretation.entryBytes();
    int[] offsets = size == Interpretation.VARIABLE ? new int[EMPTY_ENTRIES] : null;
    byte[] data = new byte[offsets != null ? 0 : size * EMPTY_ENTRIES];
    for (long at = 0; at < start; at += EMPTY_ENTRIES) {
      int entries = (int) Math.min(EMPTY_ENTRIES, start - at);
      found.add(
          new Basket(at, entries, 0, 0, new EmbeddedBasket(entries, 0, data, offsets, false)));
    }
    return found;
  }

  /** The bytes of the first entry; null when there is none. */
  @Nullable Cursor firstEntry() throws IOException {
    List<Basket> all = baskets();
    if (all.isEmpty() || all.get(0).entries() == 0) {
      return null;
    }
    Records from = home(records);
    try (Workspace work = from.workspace()) {
      BasketReader.Loaded loaded = BasketReader.load(from, context, all.get(0), work, true);
      int[] bounds = BasketReader.bounds(context, loaded, work::bounds);
      int end = bounds == null ? loaded.dataBytes() : bounds[1];
      return new Cursor(context + ", entry 0", loaded.data(), 0, end, loaded.keyBytes());
    }
  }

  /** Adds where the baskets lie that a read of entries {@code [from, to)} fetches. */
  void addExtents(long from, long to, List<Records.Extent> extents) {
    if (isElsewhere()) {
      return;
    }
    if (sizes != null) {
      sizes.addExtents(from, to, extents);
    }
    TreeBranch counted = object.integer("fEntryOffsetLen", 0) == 0 ? counter : null;
    for (Basket basket : missing(from, to)) {
      extents.add(new Records.Extent(basket.position(), basket.storedBytes()));
      if (counted != null) {
        for (Basket counts : counted.missing(basket.firstEntry(), basket.endEntry())) {
          extents.add(new Records.Extent(counts.position(), counts.storedBytes()));
        }
      }
    }
  }

  /** The baskets of entries {@code [from, to)} that are not in memory. */
  private List<Basket> missing(long from, long to) {
    if (decision().interpretation() == null) {
      return List.of();
    }
    List<Basket> found = new ArrayList<>();
    List<Basket> all = baskets();
    Kept last = lastKept.get();
    for (int i = firstBasket(all, from); i < all.size() && all.get(i).firstEntry() < to; i++) {
      Basket basket = all.get(i);
      if (basket.embedded() == null && (last == null || last.loaded().basket() != basket)) {
        found.add(basket);
      }
    }
    return found;
  }

  /**
   * Reads entries {@code [from, to)}.
   *
   * @param source the file's records, or what was gathered from them for this read
   */
  Column read(Records source, long from, long to) throws IOException {
    Interpretation interpretation = decision().interpretation();
    if (interpretation == null) {
      throw new UnsupportedRootException(context + ": " + decision().whyUnreadable());
    }
    if (interpretation instanceof CountedItems items) {
      interpretation = items.withSizes(sizes(source, from, to));
    }
    Interpretation.Target target = interpretation.target(context, (int) (to - from));
    List<Basket> all = baskets();
    Records home = home(source);
    long bytes = 0;
    try (Workspace work = home.workspace()) {
      for (int i = firstBasket(all, from); i < all.size() && all.get(i).firstEntry() < to; i++) {
        Basket basket = all.get(i);
        int skip = (int) Math.max(0, from - basket.firstEntry());
        int end = (int) (Math.min(to, basket.endEntry()) - basket.firstEntry());
        if (end <= skip) {
          continue;
        }
        Block block = block(home, source, work, interpretation, basket, skip, end);
        bytes += block.bytes();
        if (bytes > records.limits().maxColumnBytes()) {
          throw new UnsupportedRootException(
              context
                  + ": entries "
                  + from
                  + " to "
                  + to
                  + " take more than "
                  + records.limits().maxColumnBytes()
                  + " bytes; read fewer at once");
        }
        target.add(block);
      }
    }
    Column column = target.column();
    if (largestCount >= 0 && column instanceof NumberColumn counts) {
      checkCounts(counts, from);
    }
    return column;
  }

  /** Whether the baskets lie in another file than the tree. */
  boolean isElsewhere() {
    return !BasketIndex.otherFile(object).isEmpty();
  }

  /** The file in which the baskets lie. */
  private Records home(Records source) throws IOException {
    return isElsewhere() ? records.sibling(context, BasketIndex.otherFile(object)) : source;
  }

  private ListColumn sizes(Records source, long from, long to) throws IOException {
    if (sizes != null && sizes.read(source, from, to) instanceof ListColumn column) {
      return column;
    }
    throw new RootFormatException(context + ": no branch says how long its arrays are");
  }

  private void checkCounts(NumberColumn counts, long from) {
    for (int i = 0; i < counts.length(); i++) {
      long count = counts.getLong(i);
      if (count < 0 || count > largestCount) {
        throw new RootFormatException(
            context
                + ", entry "
                + (from + i)
                + ": it counts "
                + count
                + " items, but the largest count is said to be "
                + largestCount);
      }
    }
  }

  /** The baskets with any of entries {@code [from, to)}. */
  List<Basket> baskets(long from, long to) {
    List<Basket> all = baskets();
    List<Basket> found = new ArrayList<>();
    for (int i = firstBasket(all, from); i < all.size() && all.get(i).firstEntry() < to; i++) {
      if (all.get(i).entries() > 0) {
        found.add(all.get(i));
      }
    }
    return found;
  }

  private static int firstBasket(List<Basket> all, long entry) {
    int low = 0;
    int high = all.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (all.get(middle).endEntry() <= entry) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * Entries {@code [skip, end)} of a basket; in memory of the workspace, unless the interpretation
   * needs it for longer or later entries will probably be wanted next.
   */
  private Block block(
      Records home,
      Records source,
      Workspace work,
      Interpretation interpretation,
      Basket basket,
      int skip,
      int end)
      throws IOException {
    int size = interpretation.entryBytes();
    boolean isVariable = size == Interpretation.VARIABLE;
    boolean keep = interpretation.keepsBlocks() || end < basket.entries();
    BasketReader.Loaded loaded;
    int[] bounds = null;
    Kept last = lastKept.get();
    if (last != null && last.loaded().basket() == basket) {
      loaded = last.loaded();
      bounds = last.bounds();
    } else {
      loaded = BasketReader.load(home, context, basket, work, keep);
      if (isVariable) {
        bounds = bounds(source, interpretation, loaded, keep ? int[]::new : work::bounds);
      } else if ((long) size * basket.entries() > loaded.dataBytes()) {
        throw new RootFormatException(
            context
                + ", basket of entry "
                + basket.firstEntry()
                + ": "
                + basket.entries()
                + " entries of "
                + size
                + " bytes, but only "
                + loaded.dataBytes()
                + " bytes are there");
      }
      if (keep) {
        lastKept.set(new Kept(loaded, bounds));
      }
    }
    return new Block(
        loaded.data(),
        loaded.keyBytes(),
        basket.firstEntry() + skip,
        end - skip,
        bounds,
        isVariable ? skip : skip * size,
        isVariable ? 0 : size);
  }

  private int[] bounds(
      Records source,
      Interpretation interpretation,
      BasketReader.Loaded loaded,
      IntFunction<int[]> memory)
      throws IOException {
    Basket basket = loaded.basket();
    int[] stored = BasketReader.bounds(context, loaded, memory);
    if (stored != null) {
      return stored;
    }
    int item = interpretation.itemBytes();
    TreeBranch counted = counter;
    if (counted != null && item > 0) {
      int[] counts = counted.counts(source, basket.firstEntry(), basket.endEntry());
      int[] room = memory.apply(counts.length + 1);
      long at = 0;
      for (int i = 0; i < counts.length; i++) {
        room[i] = (int) at;
        at += (long) counts[i] * item;
        if (at > loaded.dataBytes()) {
          throw new RootFormatException(
              context
                  + ", entry "
                  + (basket.firstEntry() + i)
                  + ": its counter "
                  + counted.path
                  + " says "
                  + counts[i]
                  + " items, but the basket has only "
                  + loaded.dataBytes()
                  + " bytes");
        }
      }
      if (at != loaded.dataBytes()) {
        throw new RootFormatException(
            context
                + ", basket of entry "
                + basket.firstEntry()
                + ": its counter "
                + counted.path
                + " accounts for "
                + at
                + " of "
                + loaded.dataBytes()
                + " bytes");
      }
      room[counts.length] = loaded.dataBytes();
      return room;
    }
    if (basket.entries() == 1) {
      int[] room = memory.apply(2);
      room[0] = 0;
      room[1] = loaded.dataBytes();
      return room;
    }
    throw new RootFormatException(
        context
            + ", basket of entry "
            + basket.firstEntry()
            + ": it stores no offsets, and no counter tells the sizes of its entries");
  }

  /** The values of a counter, none of them negative. */
  private int[] counts(Records source, long from, long to) throws IOException {
    if (sizes != null) {
      throw new RootFormatException(context + ": it holds arrays, but is said to count items");
    }
    Column column = read(source, from, to);
    int[] counts = new int[column.length()];
    for (int i = 0; i < counts.length; i++) {
      long count =
          column instanceof NumberColumn numbers
              ? numbers.getLong(i)
              : column instanceof ListColumn list ? list.count(i) : -1;
      if (count < 0 || count > Integer.MAX_VALUE) {
        throw new RootFormatException(
            context + ", entry " + (from + i) + ": a counter is " + count);
      }
      counts[i] = (int) count;
    }
    return counts;
  }
}
