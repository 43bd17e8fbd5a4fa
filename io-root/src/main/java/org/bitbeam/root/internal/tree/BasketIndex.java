package org.bitbeam.root.internal.tree;

import java.util.ArrayList;
import java.util.List;
import org.bitbeam.root.RootFormatException;
import org.bitbeam.root.internal.streamer.EmbeddedBasket;
import org.bitbeam.root.internal.streamer.StreamedObject;

/** Finds the baskets of a branch in its description. */
public final class BasketIndex {
  private BasketIndex() {}

  /** The name of the file in which the baskets of a branch lie; empty for that of the tree. */
  public static String otherFile(StreamedObject branch) {
    return branch.text("fFileName");
  }

  /**
   * All baskets in the order of their entries, without gaps.
   *
   * @param context file, tree and branch, for messages
   */
  public static List<Basket> find(String context, StreamedObject branch) {
    return find(context, branch, 0);
  }

  /** The same of a branch that begins at entry {@code start}. */
  static List<Basket> find(String context, StreamedObject branch, long start) {
    long written = branch.integer("fWriteBasket", 0);
    long[] bytes = branch.integers("fBasketBytes");
    long[] first = branch.integers("fBasketEntry");
    long[] seek = branch.integers("fBasketSeek");
    List<?> embedded = branch.list("fBaskets");
    if (written < 0 || written > seek.length || written > bytes.length || written > first.length) {
      throw new RootFormatException(
          context + ": " + written + " baskets, but positions of " + seek.length);
    }
    long branchEntries = branch.integer("fEntries", 0);
    List<Basket> found = new ArrayList<>();
    long next = start;
    for (int i = 0; i < written; i++) {
      long end =
          i + 1 < written || (i + 1 < first.length && first[i + 1] > first[i])
              ? first[i + 1]
              : branchEntries;
      if (first[i] != next || end < first[i] || end - first[i] > Integer.MAX_VALUE - 1) {
        throw new RootFormatException(
            context
                + ": basket "
                + i
                + " is said to hold entries "
                + first[i]
                + " to "
                + end
                + ", expected them from "
                + next
                + " on");
      }
      next = end;
      if (seek[i] != 0) {
        found.add(new Basket(first[i], end - first[i], seek[i], (int) bytes[i], null));
      } else if (i < embedded.size() && embedded.get(i) instanceof EmbeddedBasket basket) {
        found.add(new Basket(first[i], end - first[i], 0, 0, basket));
      } else if (end > first[i]) {
        throw new RootFormatException(
            context + ": basket " + i + " with entries from " + first[i] + " on is nowhere stored");
      }
    }
    for (int i = (int) written; i < embedded.size(); i++) {
      if (embedded.get(i) instanceof EmbeddedBasket basket && basket.entries() > 0) {
        found.add(new Basket(next, basket.entries(), 0, 0, basket));
        next += basket.entries();
      }
    }
    return List.copyOf(found);
  }
}
