package org.bitbeam.root.internal.tree;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.root.ColumnInfo;
import org.bitbeam.root.RootFormatException;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.file.Records;
import org.bitbeam.root.internal.streamer.EmbeddedBasket;
import org.bitbeam.root.internal.streamer.StreamedObject;
import org.jspecify.annotations.Nullable;

/**
 * One branch with values: where its baskets are and how they become a column. Safe for several
 * threads.
 */
final class TreeBranch {
  private final Records records;
  private final String context;
  private final String path;
  private final StreamedObject object;
  private final BranchInterpreter.Decision decision;
  private final long treeEntries;
  private final AtomicReference<BasketReader.@Nullable Loaded> lastLoaded = new AtomicReference<>();
  private @Nullable List<Basket> baskets;
  private @Nullable TreeBranch counter;
  private long largestCount = -1;

  TreeBranch(
      Records records,
      String treeContext,
      String path,
      StreamedObject object,
      BranchInterpreter.Decision decision,
      long treeEntries) {
    this.records = records;
    this.context = treeContext + ", branch " + path;
    this.path = path;
    this.object = object;
    this.decision = decision;
    this.treeEntries = treeEntries;
  }

  /** The branch that counts the items of this one, for baskets that store no offsets. */
  void setCounter(@Nullable TreeBranch counter) {
    this.counter = counter;
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

  Optional<ColumnType> type() {
    Interpretation interpretation = decision.interpretation();
    return interpretation == null ? Optional.empty() : Optional.of(interpretation.type());
  }

  ColumnInfo info() {
    int pieces = (int) object.integer("fWriteBasket", 0);
    for (Object embedded : object.list("fBaskets")) {
      pieces += embedded instanceof EmbeddedBasket ? 1 : 0;
    }
    return new ColumnInfo(
        path,
        decision.rootType(),
        object.text("fTitle"),
        type(),
        decision.whyUnreadable(),
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
    List<Basket> found = BasketIndex.find(context, object);
    long end = found.isEmpty() ? 0 : found.get(found.size() - 1).endEntry();
    if (end < treeEntries) {
      throw new RootFormatException(
          context + ": it has " + end + " entries, but its tree has " + treeEntries);
    }
    return found;
  }

  /** The bytes of the first entry; null when there is none. */
  @Nullable Cursor firstEntry() throws IOException {
    List<Basket> all = baskets();
    if (all.isEmpty() || all.get(0).entries() == 0) {
      return null;
    }
    BasketReader.Loaded loaded = load(all.get(0));
    int[] offsets = loaded.offsets();
    int end =
        offsets == null ? loaded.dataBytes() : BasketReader.bounds(context, loaded, offsets)[1];
    return new Cursor(context + ", entry 0", loaded.data(), 0, end, loaded.keyBytes());
  }

  /** Reads entries {@code [from, to)}. */
  Column read(long from, long to) throws IOException {
    Interpretation interpretation = decision.interpretation();
    if (interpretation == null) {
      throw new UnsupportedRootException(context + ": " + decision.whyUnreadable());
    }
    List<Block> blocks = new ArrayList<>();
    List<Basket> all = baskets();
    long bytes = 0;
    for (int i = firstBasket(all, from); i < all.size() && all.get(i).firstEntry() < to; i++) {
      Basket basket = all.get(i);
      int skip = (int) Math.max(0, from - basket.firstEntry());
      int end = (int) (Math.min(to, basket.endEntry()) - basket.firstEntry());
      if (end > skip) {
        Block block = block(interpretation, load(basket), skip, end);
        blocks.add(block);
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
      }
    }
    Column column = interpretation.read(context, blocks);
    if (largestCount >= 0 && column instanceof NumberColumn counts) {
      checkCounts(counts, from);
    }
    return column;
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

  private BasketReader.Loaded load(Basket basket) throws IOException {
    BasketReader.Loaded last = lastLoaded.get();
    if (last != null && last.basket() == basket) {
      return last;
    }
    BasketReader.Loaded loaded = BasketReader.load(records, context, basket);
    lastLoaded.set(loaded);
    return loaded;
  }

  /** Entries {@code [skip, end)} of a basket. */
  private Block block(Interpretation interpretation, BasketReader.Loaded loaded, int skip, int end)
      throws IOException {
    Basket basket = loaded.basket();
    int size = interpretation.entryBytes();
    if (size != Interpretation.VARIABLE) {
      if ((long) size * basket.entries() > loaded.dataBytes()) {
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
      return new Block(
          loaded.data(),
          loaded.keyBytes(),
          basket.firstEntry() + skip,
          end - skip,
          null,
          skip * size,
          size);
    }
    int[] bounds = bounds(interpretation, loaded);
    return new Block(
        loaded.data(),
        loaded.keyBytes(),
        basket.firstEntry() + skip,
        end - skip,
        Arrays.copyOfRange(bounds, skip, end + 1),
        0,
        0);
  }

  private int[] bounds(Interpretation interpretation, BasketReader.Loaded loaded)
      throws IOException {
    Basket basket = loaded.basket();
    int[] offsets = loaded.offsets();
    if (offsets != null) {
      return BasketReader.bounds(context, loaded, offsets);
    }
    int item = interpretation.itemBytes();
    TreeBranch counted = counter;
    if (counted != null && item > 0) {
      int[] counts = counted.counts(basket.firstEntry(), basket.endEntry());
      int[] starts = new int[counts.length];
      long at = 0;
      for (int i = 0; i < counts.length; i++) {
        starts[i] = (int) at;
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
      return BasketReader.bounds(context, loaded, starts);
    }
    if (basket.entries() == 1) {
      return new int[] {0, loaded.dataBytes()};
    }
    throw new RootFormatException(
        context
            + ", basket of entry "
            + basket.firstEntry()
            + ": it stores no offsets, and no counter tells the sizes of its entries");
  }

  /** The values of a counter, none of them negative. */
  private int[] counts(long from, long to) throws IOException {
    Column column = read(from, to);
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
