package org.bitbeam.root.internal.write;

import java.io.IOException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.root.RootFormatException;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.file.Records;
import org.bitbeam.root.internal.streamer.BuiltInClasses;
import org.bitbeam.root.internal.streamer.ClassLayout;
import org.bitbeam.root.internal.streamer.EmbeddedBasket;
import org.bitbeam.root.internal.streamer.ObjectList;
import org.bitbeam.root.internal.streamer.StreamedObject;
import org.bitbeam.root.internal.tree.Basket;
import org.bitbeam.root.internal.tree.BasketIndex;
import org.bitbeam.root.internal.tree.TreeDataset;
import org.jspecify.annotations.Nullable;

/**
 * Copies branches with everything inside, whatever their kind: descriptions are written anew in the
 * versions of the built-in classes, baskets are copied without being decompressed.
 */
final class BranchCopier {
  private final Baskets baskets;
  private final Map<Object, StreamedObject> converted = new IdentityHashMap<>();
  private long totalBytes;
  private long zippedBytes;

  BranchCopier(Baskets baskets) {
    this.baskets = baskets;
  }

  /** From now on, references to {@code original} become references to {@code replacement}. */
  void replace(StreamedObject original, StreamedObject replacement) {
    converted.put(original, replacement);
  }

  long totalBytes() {
    return totalBytes;
  }

  long zippedBytes() {
    return zippedBytes;
  }

  /**
   * Copies the same branch of several trees, one after the other.
   *
   * @param sources the trees
   * @param branches the branch in each of them
   * @return its description, to be put into the new tree
   */
  StreamedObject copy(List<TreeDataset> sources, List<StreamedObject> branches) throws IOException {
    StreamedObject result = convert(branches.get(0));
    copyBaskets(sources, branches, result);
    return result;
  }

  /**
   * Copies the branch that tells ROOT where the objects behind references are, after the branches
   * themselves; those that were not copied are left out of its table.
   */
  StreamedObject copyReferences(TreeDataset source, StreamedObject original) throws IOException {
    StreamedObject table = original.required(original.text("fName"), "fRefTable");
    List<@Nullable Object> parents = new ArrayList<>();
    for (Object parent : table.list("fParents")) {
      parents.add(parent == null ? null : converted.get(parent));
    }
    StreamedObject result = copy(List.of(source), List.of(original));
    result
        .required(result.text("fName"), "fRefTable")
        .set("fParents", new ObjectList("TObjArray", "", parents, List.of()));
    return result;
  }

  private void copyBaskets(
      List<TreeDataset> sources, List<StreamedObject> originals, StreamedObject result)
      throws IOException {
    if (result.className().equals("TBranchClones")) {
      copyCounter(sources, originals, result);
      copyInner(sources, originals, result);
      return;
    }
    String name = result.text("fName");
    BasketList list = new BasketList();
    long expected = 0;
    for (int s = 0; s < sources.size(); s++) {
      TreeDataset source = sources.get(s);
      StreamedObject original = originals.get(s);
      String context = source.records().name() + ": tree " + source.path() + ", branch " + name;
      checkSame(context, originals.get(0), original);
      checkCopyable(context, original);
      List<Basket> all = BasketIndex.find(context, original);
      Records records = gathered(source.records(), all);
      for (Basket basket : all) {
        if (basket.entries() > 0) {
          baskets.copy(list, context, name, records, basket);
        }
      }
      expected += all.isEmpty() ? 0 : source.entries();
      if (list.entries() != expected) {
        throw new RootFormatException(
            context
                + ": its baskets hold "
                + list.entries()
                + " entries, but "
                + expected
                + " are expected");
      }
    }
    list.describe(
        result, list.entries() > 0 ? list.entries() : originals.get(0).integer("fEntries", 0));
    totalBytes += list.totalBytes();
    zippedBytes += list.zippedBytes();
    copyInner(sources, originals, result);
  }

  /** The branch that counts the items of a TBranchClones, which has no baskets of its own. */
  private void copyCounter(
      List<TreeDataset> sources, List<StreamedObject> originals, StreamedObject result)
      throws IOException {
    List<StreamedObject> counters = new ArrayList<>();
    long entries = 0;
    for (int s = 0; s < sources.size(); s++) {
      String context = sources.get(s).records().name() + ": tree " + sources.get(s).path();
      checkSame(context, originals.get(0), originals.get(s));
      counters.add(originals.get(s).required(context, "fBranchCount"));
      entries += sources.get(s).entries();
    }
    copyBaskets(sources, counters, result.required(result.text("fName"), "fBranchCount"));
    result.set("fEntries", entries);
  }

  private void copyInner(
      List<TreeDataset> sources, List<StreamedObject> originals, StreamedObject result)
      throws IOException {
    String name = result.text("fName");
    List<?> inner = result.list("fBranches");
    for (int i = 0; i < inner.size(); i++) {
      if (inner.get(i) instanceof StreamedObject branch) {
        List<StreamedObject> same = new ArrayList<>();
        for (int s = 0; s < sources.size(); s++) {
          List<?> candidates = originals.get(s).list("fBranches");
          if (i >= candidates.size() || !(candidates.get(i) instanceof StreamedObject candidate)) {
            throw new IllegalArgumentException(
                sources.get(s).records().name()
                    + ": branch "
                    + name
                    + " is split otherwise than in "
                    + sources.get(0).records().name());
          }
          same.add(candidate);
        }
        copyBaskets(sources, same, branch);
      }
    }
  }

  private static void checkCopyable(String context, StreamedObject branch) {
    String file = BasketIndex.otherFile(branch);
    if (!file.isEmpty()) {
      throw new UnsupportedRootException(
          context + ": its baskets lie in another file, " + file + "; merge with hadd first");
    }
    if (branch.integer("fFirstEntry", 0) != 0) {
      throw new UnsupportedRootException(
          context
              + ": it begins at entry "
              + branch.integer("fFirstEntry", 0)
              + "; such branches can be read, but not copied");
    }
  }

  private static Records gathered(Records records, List<Basket> baskets) {
    List<Records.Extent> extents = new ArrayList<>();
    for (Basket basket : baskets) {
      if (basket.embedded() == null) {
        extents.add(new Records.Extent(basket.position(), basket.storedBytes()));
      }
    }
    return records.gathered(extents);
  }

  private static void checkSame(String context, StreamedObject first, StreamedObject other) {
    boolean same =
        first.className().equals(other.className())
            && first.text("fName").equals(other.text("fName"))
            && first.text("fClassName").equals(other.text("fClassName"))
            && first.list("fLeaves").size() == other.list("fLeaves").size();
    for (int i = 0; same && i < first.list("fLeaves").size(); i++) {
      same =
          first.list("fLeaves").get(i) instanceof StreamedObject a
              && other.list("fLeaves").get(i) instanceof StreamedObject b
              && a.className().equals(b.className())
              && a.text("fTitle").equals(b.text("fTitle"))
              && a.integer("fIsUnsigned", 0) == b.integer("fIsUnsigned", 0);
    }
    if (!same) {
      throw new IllegalArgumentException(
          context + ": its type differs from that in the first file; such trees cannot be merged");
    }
  }

  /** The same value with the layouts of the built-in classes, where there are any. */
  @Nullable Object convert(@Nullable Object value) {
    if (value instanceof EmbeddedBasket) {
      return null;
    }
    if (value instanceof ObjectList list) {
      List<@Nullable Object> items = new ArrayList<>();
      for (Object item : list.items()) {
        items.add(convert(item));
      }
      return new ObjectList(list.className(), list.name(), items, list.options());
    }
    return value instanceof StreamedObject object ? convert(object) : value;
  }

  private StreamedObject convert(StreamedObject object) {
    StreamedObject known = converted.get(object);
    if (known != null) {
      return known;
    }
    ClassLayout layout = BuiltInClasses.catalog().newest(object.className());
    StreamedObject result =
        layout == null ? new StreamedObject(object.layout()) : RootObjects.create(layout.name());
    converted.put(object, result);
    List<ClassLayout.Element> elements = result.layout().elements();
    for (int i = 0; i < elements.size(); i++) {
      Integer at = object.layout().index().get(elements.get(i).name());
      if (at != null) {
        Object value = convert(object.value(at));
        if (value != null || result.value(i) == null) {
          result.set(i, value);
        }
      }
    }
    return result;
  }
}
