package org.bitbeam.root.internal.tree;

import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.bytes.Output;
import org.bitbeam.root.internal.file.Records;
import org.bitbeam.root.internal.streamer.BuiltInClasses;
import org.bitbeam.root.internal.streamer.ClassCatalog;
import org.bitbeam.root.internal.streamer.ClassLayout;
import org.bitbeam.root.internal.streamer.EmbeddedBasket;
import org.bitbeam.root.internal.streamer.ObjectList;
import org.bitbeam.root.internal.streamer.StreamedObject;
import org.bitbeam.root.internal.streamer.StreamerInfoReader;
import org.bitbeam.root.internal.streamer.StreamerInfoWriter;
import org.jspecify.annotations.Nullable;

/**
 * What of a tree's description is needed to read some columns of a range of entries: the branches,
 * those that count their items, the baskets of the range, and the classes that values can be of.
 */
public final class TreeExcerpt {
  /** Members of branches and leaves that say how values are read. */
  private static final List<String> MEMBERS =
      List.of(
          "fName",
          "fTitle",
          "fType",
          "fID",
          "fClassName",
          "fClonesName",
          "fClassVersion",
          "fCheckSum",
          "fStreamerType",
          "fEntryOffsetLen",
          "fLen",
          "fIsUnsigned",
          "fVirtual",
          "fIsRange",
          "fMaximum",
          "fLeaves",
          "fLeafCount",
          "fBranchCount",
          "fBranchCount2",
          "fContName");

  /** Values of these can be of any class of the file. */
  private static final List<String> OF_ANYTHING =
      List.of(
          "TObject",
          "TObjArray",
          "TList",
          "THashList",
          "TSortedList",
          "TClonesArray",
          "TMap",
          "TOrdCollection",
          "TBtree");

  private static final int MAX_DEPTH = 20;
  private static final int NUMBER = 0;
  private static final int TEXT = 1;
  private static final int OBJECT = 2;
  private static final int LIST = 3;

  private final TreeDataset tree;
  private final List<TreeBranch> columns = new ArrayList<>();
  private final byte[] classes;

  private TreeExcerpt(TreeDataset tree, Collection<TreeBranch> columns) {
    this.tree = tree;
    this.columns.addAll(columns);
    List<ClassLayout> layouts = classesOf(tree.catalog(), this.columns);
    this.classes = layouts.isEmpty() ? new byte[0] : StreamerInfoWriter.write(layouts, 0);
  }

  /**
   * Prepares excerpts for these columns; null when only values of the first entry tell the type of
   * one, or when one lies in another file.
   */
  public static @Nullable TreeExcerpt of(TreeDataset tree, List<String> columns) {
    Set<TreeBranch> chosen = new LinkedHashSet<>();
    for (String column : columns) {
      TreeBranch branch = tree.branch(column);
      if (branch == null
          || branch.isElsewhere()
          || BranchInterpreter.isArrayOfUnknownClass(branch.object())) {
        return null;
      }
      chosen.add(branch);
    }
    return new TreeExcerpt(tree, chosen);
  }

  // ---- classes

  /** The described classes that values of these branches can be of; more rather than fewer. */
  private static List<ClassLayout> classesOf(ClassCatalog catalog, List<TreeBranch> branches) {
    StringBuilder types = new StringBuilder();
    for (TreeBranch branch : branches) {
      types.append(branch.object().text("fClassName")).append('\n');
      types.append(branch.object().text("fClonesName")).append('\n');
    }
    Set<ClassLayout> found = new LinkedHashSet<>();
    int before = -1;
    while (found.size() > before) {
      before = found.size();
      String named = types.toString().replace(" ", "");
      boolean isAnything = OF_ANYTHING.stream().anyMatch(named::contains);
      for (ClassLayout layout : catalog.layouts()) {
        if ((isAnything || named.contains(layout.name().replace(" ", ""))) && found.add(layout)) {
          for (ClassLayout.Element element : layout.elements()) {
            types.append(element.isBase() ? element.name() : element.typeName()).append('\n');
          }
          types.append(String.join("\n", catalog.withDerived(layout.name(), false))).append('\n');
        }
      }
    }
    ClassCatalog builtIn = BuiltInClasses.catalog();
    List<ClassLayout> own = new ArrayList<>();
    for (ClassLayout layout : found) {
      if (!layout.equals(builtIn.find(layout.name(), layout.version()))) {
        own.add(layout);
      }
    }
    return own;
  }

  // ---- writing

  /** The excerpt for entries {@code [first, end)}. */
  public byte[] bytes(long first, long end) {
    Map<TreeBranch, long[]> ranges = new LinkedHashMap<>();
    for (TreeBranch column : columns) {
      ranges.put(column, new long[] {first, end}); // before those that only count
    }
    for (TreeBranch column : columns) {
      widen(ranges, column, first, end);
    }
    Output out = new Output(1 << 12);
    out.varint(classes.length).raw(classes);
    out.varint(columns.size()).varint(ranges.size());
    Map<Object, Integer> known = new IdentityHashMap<>();
    for (Map.Entry<TreeBranch, long[]> range : ranges.entrySet()) {
      TreeBranch branch = range.getKey();
      out.string(branch.path());
      out.u8(TreeDataset.isColumn(branch.object()) ? 1 : 0);
      write(out, branch.object(), known);
      write(out, branch.baskets(range.getValue()[0], range.getValue()[1]));
    }
    return out.toByteArray();
  }

  /** Adds a branch and those that count its items, with all entries of the baskets in the range. */
  private static void widen(
      Map<TreeBranch, long[]> ranges, TreeBranch branch, long first, long end) {
    long[] range = ranges.computeIfAbsent(branch, b -> new long[] {first, end});
    range[0] = Math.min(range[0], first);
    range[1] = Math.max(range[1], end);
    TreeBranch counter = branch.counter();
    TreeBranch sizes = branch.sizes();
    if (sizes != null) {
      widen(ranges, sizes, range[0], range[1]);
    }
    List<Basket> baskets = branch.baskets(range[0], range[1]);
    if (counter != null && !baskets.isEmpty()) {
      widen(
          ranges, counter, baskets.get(0).firstEntry(), baskets.get(baskets.size() - 1).endEntry());
    }
  }

  private static void write(Output out, StreamedObject object, Map<Object, Integer> known) {
    Integer number = known.get(object);
    if (number != null) {
      out.varint(number + 1);
      return;
    }
    known.put(object, known.size());
    out.varint(0).string(object.className());
    for (int i = 0; i < MEMBERS.size(); i++) {
      Object value = object.get(MEMBERS.get(i));
      if (value instanceof Number || value instanceof Boolean) {
        out.u8(i + 1).u8(NUMBER).i64(object.integer(MEMBERS.get(i), 0));
      } else if (value instanceof String text) {
        out.u8(i + 1).u8(TEXT).string(text);
      } else if (value instanceof StreamedObject inner) {
        out.u8(i + 1).u8(OBJECT);
        write(out, inner, known);
      } else if (value instanceof ObjectList list) {
        List<StreamedObject> items = new ArrayList<>();
        for (Object item : list.items()) {
          if (item instanceof StreamedObject inner) {
            items.add(inner);
          }
        }
        out.u8(i + 1).u8(LIST).varint(items.size());
        for (StreamedObject item : items) {
          write(out, item, known);
        }
      }
    }
    out.u8(0);
  }

  private static void write(Output out, List<Basket> baskets) {
    out.varint(baskets.size());
    if (!baskets.isEmpty()) {
      out.varint(baskets.get(0).firstEntry());
    }
    for (Basket basket : baskets) {
      out.varint(basket.entries()).varint(basket.position());
      EmbeddedBasket embedded = basket.embedded();
      if (embedded == null) {
        out.varint(basket.storedBytes());
        continue;
      }
      int[] offsets = embedded.offsets();
      out.varint(embedded.keyBytes()).u8(embedded.generateOffsets() ? 1 : 0);
      out.varint(embedded.data().length).raw(embedded.data());
      out.varint(offsets == null ? 0 : offsets.length + 1);
      for (int i = 0; offsets != null && i < offsets.length; i++) {
        out.i32(offsets[i]);
      }
    }
  }

  // ---- reading

  /**
   * A dataset of the columns of an excerpt, which can be read from {@code first} to {@code end}
   * only.
   */
  public static TreeDataset read(
      Records records,
      Cursor in,
      String fingerprint,
      String path,
      String className,
      int cycle,
      long first,
      long end) {
    String context = records.name() + ": tree " + path;
    byte[] described = in.take(in.varint(in.remaining(), "the length of class descriptions"));
    List<ClassLayout> layouts =
        described.length == 0
            ? List.of()
            : StreamerInfoReader.read(
                new Cursor(context + ", class descriptions of its plan", described),
                records.limits());
    ClassCatalog catalog = new ClassCatalog(layouts).or(BuiltInClasses.catalog());
    BranchInterpreter interpreter = new BranchInterpreter(catalog);
    int columns = in.varint(in.remaining(), "the number of columns");
    int count = in.varint(in.remaining(), "the number of branches");
    if (columns > count) {
      throw in.malformed(columns + " columns in " + count + " branches");
    }
    List<TreeBranch> branches = new ArrayList<>();
    Map<Object, TreeBranch> byObject = new IdentityHashMap<>();
    List<StreamedObject> known = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String branchPath = in.string();
      boolean isColumn = in.u8() != 0;
      StreamedObject object = readObject(in, known, 0);
      List<Basket> baskets = readBaskets(in);
      Supplier<BranchInterpreter.Decision> decide =
          () -> isColumn ? interpreter.decide(object) : interpreter.decideCounter(object);
      TreeBranch branch =
          TreeBranch.ofBaskets(records, context, branchPath, object, decide, baskets);
      if (i < columns && first < end) {
        checkCovers(in, branch, first, end);
      }
      branches.add(branch);
      TreeDataset.index(object, branch, byObject);
    }
    for (TreeBranch branch : branches) {
      TreeBranch counter = TreeDataset.counterOf(branch.object(), byObject);
      branch.setCounter(counter);
      branch.setSizes(TreeDataset.sizesOf(branch, interpreter, byObject, branches));
      List<Basket> baskets = branch.baskets();
      if (counter != null && !baskets.isEmpty()) {
        checkCovers(
            in, counter, baskets.get(0).firstEntry(), baskets.get(baskets.size() - 1).endEntry());
      }
    }
    StreamedObject nothing = new StreamedObject(ClassLayout.of(className, 0, 0, "", List.of()));
    return new TreeDataset(
        records,
        catalog,
        fingerprint,
        path,
        className,
        cycle,
        nothing,
        end,
        List.copyOf(branches.subList(0, columns)),
        List.of());
  }

  private static void checkCovers(Cursor in, TreeBranch branch, long first, long end) {
    List<Basket> baskets = branch.baskets();
    if (baskets.isEmpty()
        || baskets.get(0).firstEntry() > first
        || baskets.get(baskets.size() - 1).endEntry() < end) {
      throw in.malformed(
          "the baskets of branch "
              + branch.path()
              + " do not hold entries "
              + first
              + " to "
              + end);
    }
  }

  private static StreamedObject readObject(Cursor in, List<StreamedObject> known, int depth) {
    int number = in.varint(known.size(), "the number of an object");
    if (number > 0) {
      return known.get(number - 1);
    }
    if (depth > MAX_DEPTH) {
      throw in.malformed("objects are nested deeper than " + MAX_DEPTH);
    }
    int at = known.size();
    String className = in.string();
    List<ClassLayout.Element> elements = new ArrayList<>();
    List<Object> values = new ArrayList<>();
    known.add(new StreamedObject(ClassLayout.of(className, 0, 0, "", List.of())));
    for (int member = in.u8(); member != 0; member = in.u8()) {
      if (member > MEMBERS.size()) {
        throw in.malformed("member " + member + " of " + className + " is not known");
      }
      elements.add(element(MEMBERS.get(member - 1)));
      int kind = in.u8();
      switch (kind) {
        case NUMBER -> values.add(in.i64());
        case TEXT -> values.add(in.string());
        case OBJECT -> values.add(readObject(in, known, depth + 1));
        case LIST -> {
          int items = in.varint(in.remaining(), "the length of a list");
          List<Object> list = new ArrayList<>();
          for (int i = 0; i < items; i++) {
            list.add(readObject(in, known, depth + 1));
          }
          values.add(ObjectList.array(list));
        }
        default -> throw in.malformed("a value of kind " + kind);
      }
    }
    StreamedObject object =
        new StreamedObject(ClassLayout.of(className, 0, 0, "", List.copyOf(elements)));
    for (int i = 0; i < values.size(); i++) {
      object.set(i, values.get(i));
    }
    known.set(at, object);
    return object;
  }

  private static ClassLayout.Element element(String name) {
    return new ClassLayout.Element(
        "", 0, name, "", 0, 0, 0, 0, List.of(), "", List.of(), null, null);
  }

  private static List<Basket> readBaskets(Cursor in) {
    int count = in.varint(in.remaining(), "the number of baskets");
    long next = count == 0 ? 0 : in.varint();
    List<Basket> baskets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int entries = in.varint(Integer.MAX_VALUE - 1, "the number of entries of a basket");
      long position = in.varint();
      EmbeddedBasket embedded = null;
      int stored = 0;
      if (position == 0) {
        embedded = readEmbedded(in, entries);
      } else {
        stored = in.varint(Integer.MAX_VALUE, "the length of a basket");
      }
      if (entries == 0 || next > Long.MAX_VALUE - entries) {
        throw in.malformed("a basket of " + entries + " entries from " + next + " on");
      }
      baskets.add(new Basket(next, entries, position, stored, embedded));
      next += entries;
    }
    return List.copyOf(baskets);
  }

  private static EmbeddedBasket readEmbedded(Cursor in, int entries) {
    int keyBytes = in.varint(Integer.MAX_VALUE, "the length of a key");
    boolean generateOffsets = in.u8() != 0;
    byte[] data = in.take(in.varint(in.remaining(), "the length of a basket"));
    int room = in.varint(in.remaining() / Integer.BYTES + 1, "the number of offsets");
    if (room != 0 && room - 1 < entries) {
      throw in.malformed((room - 1) + " offsets for " + entries + " entries");
    }
    int[] offsets = room == 0 ? null : new int[room - 1];
    for (int i = 0; offsets != null && i < offsets.length; i++) {
      offsets[i] = in.i32();
    }
    return new EmbeddedBasket(entries, keyBytes, data, offsets, generateOffsets);
  }
}
