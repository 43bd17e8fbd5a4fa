package org.bitbeam.root.internal.ntuple;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.bitbeam.root.RootFormatException;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Checksum;
import org.bitbeam.root.internal.bytes.LittleCursor;
import org.bitbeam.root.internal.bytes.LittleOutput;
import org.bitbeam.root.internal.file.Records;
import org.bitbeam.root.internal.write.FileBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Fields of one ntuple or of several one after the other, with their pages. The records that
 * describe them are copied byte for byte but for the numbers of fields and columns, so that nothing
 * of them is lost, known or not; pages stay compressed as they are.
 */
final class NtupleCopy {
  private static final int PARENT = 8;
  private static final int FLAGS = 14;
  private static final int COLUMN_FIELD = 4;
  private static final int COLUMN_FLAGS = 8;
  private static final int REPETITIVE = 1;
  private static final int PROJECTED = 2;
  private static final int DEFERRED = 1;

  /** Records of one blob of pages; a page of its own goes beyond it. */
  private static final int BLOB_BYTES = 64 << 20;

  private final Described chosen;
  private final String description;
  private final List<PageList.Cluster> clusters;

  private NtupleCopy(Described chosen, String description, List<PageList.Cluster> clusters) {
    this.chosen = chosen;
    this.description = description;
    this.clusters = clusters;
  }

  /**
   * The four lists of a header or an extension, each item without its frame; see {@link
   * Description}.
   */
  record Lists(
      List<byte[]> fields, List<byte[]> columns, List<byte[]> aliases, List<byte[]> extra) {

    static Lists read(LittleCursor in) {
      return new Lists(items(in), items(in), items(in), items(in));
    }

    void write(LittleOutput out) {
      for (List<byte[]> items : List.of(fields, columns, aliases, extra)) {
        int list = out.beginList();
        for (byte[] item : items) {
          int record = out.beginRecord();
          out.raw(item);
          out.endRecord(record);
        }
        out.endList(list, items.size());
      }
    }

    private static List<byte[]> items(LittleCursor in) {
      LittleCursor.Frame list = in.list(Long.BYTES);
      List<byte[]> all = new ArrayList<>();
      for (int i = 0; i < list.items(); i++) {
        LittleCursor.Frame frame = in.record();
        all.add(in.take(in.remaining()));
        in.leave(frame);
      }
      in.leave(list);
      return all;
    }
  }

  /**
   * The chosen part of an ntuple.
   *
   * @param all its lists, those of the extension behind those of the header
   * @param fields numbers of the chosen fields, ascending
   * @param columns numbers of the chosen columns, ascending
   * @param headerFields how many of the chosen fields the header describes
   * @param headerColumns how many of the chosen columns the header describes
   * @param headerAliases how many of all aliases the header describes
   * @param headerExtra how many of all class descriptions the header holds
   */
  private record Described(
      String context,
      Lists all,
      List<Integer> fields,
      List<Integer> columns,
      int headerFields,
      int headerColumns,
      int headerAliases,
      int headerExtra) {}

  /** Copies pages into the file; the sources must stay open until this returns. */
  static NtupleCopy of(FileBuilder file, List<NtupleDataset> sources, Predicate<String> topLevel)
      throws IOException {
    List<PageList.Cluster> clusters = new ArrayList<>();
    Described first = null;
    String description = "";
    long entries = 0;
    for (NtupleDataset source : sources) {
      Described described = describe(source, topLevel);
      if (first == null) {
        first = described;
        description = source.title();
      } else {
        checkSame(first, described);
      }
      if (sources.size() > 1) {
        checkNothingIsDeferred(described);
      }
      for (PageList.Cluster cluster : source.allClusters()) {
        if (cluster.entries() > 0) {
          clusters.add(
              new PageList.Cluster(
                  entries + cluster.firstEntry(),
                  cluster.entries(),
                  copyPages(file, source, described, cluster)));
        }
      }
      entries += source.entries();
    }
    if (first == null) {
      throw new IllegalArgumentException(file.name() + ": no ntuples to copy from");
    }
    return new NtupleCopy(first, description, clusters);
  }

  private static Described describe(NtupleDataset source, Predicate<String> topLevel)
      throws IOException {
    String context = source.context();
    Anchor anchor = source.anchor();
    LittleCursor header =
        source.blobs().envelope(context + ", header", Blobs.Kind.HEADER, anchor.header()).in();
    Description.checkFeatures(header);
    header.string();
    header.string();
    header.string();
    Lists own = Lists.read(header);
    LittleCursor footer =
        source.blobs().envelope(context + ", footer", Blobs.Kind.FOOTER, anchor.footer()).in();
    Description.checkFeatures(footer);
    footer.i64();
    footer.record();
    Lists extension = Lists.read(footer);
    Lists all =
        new Lists(
            joined(own.fields, extension.fields),
            joined(own.columns, extension.columns),
            joined(own.aliases, extension.aliases),
            joined(own.extra, extension.extra));
    return choose(context, all, own, topLevel);
  }

  private static List<byte[]> joined(List<byte[]> first, List<byte[]> second) {
    List<byte[]> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  /**
   * Chosen fields of an ntuple, those of the extension behind those of the header.
   *
   * @param columns numbers that their columns have in the ntuple
   */
  record Selection(Lists lists, List<Integer> columns) {}

  /** Chooses fields, and those that they show. */
  static Selection select(NtupleDataset source, Predicate<String> topLevel) throws IOException {
    Described described = describe(source, topLevel);
    return new Selection(lists(described, 0, 0, true, true), described.columns);
  }

  /** Chooses fields, of which the header describes {@code own}. */
  private static Described choose(
      String context, Lists all, Lists own, Predicate<String> topLevel) {
    int[] top = new int[all.fields.size()];
    boolean[] isChosen = new boolean[top.length];
    for (int i = 0; i < top.length; i++) {
      int parent = words(all.fields.get(i)).getInt(PARENT);
      // The reader has checked that parents come first.
      top[i] = parent == i ? i : top[parent];
      LittleCursor in = afterNumbers(context, all.fields.get(i));
      isChosen[i] = parent == i ? topLevel.test(in.string()) : isChosen[parent];
    }
    // What a projected field shows has to be there.
    for (byte[] alias : all.aliases) {
      ByteBuffer numbers = words(alias);
      int shown = words(all.columns.get(numbers.getInt(0))).getInt(COLUMN_FIELD);
      if (isChosen[top[numbers.getInt(4)]]) {
        isChosen[top[shown]] = true;
      }
    }
    List<Integer> fields = new ArrayList<>();
    int chosenHeaderFields = 0;
    for (int i = 0; i < top.length; i++) {
      if (isChosen[top[i]]) {
        fields.add(i);
        chosenHeaderFields += i < own.fields.size() ? 1 : 0;
      }
    }
    List<Integer> columns = new ArrayList<>();
    int chosenHeaderColumns = 0;
    for (int i = 0; i < all.columns.size(); i++) {
      if (isChosen[top[words(all.columns.get(i)).getInt(COLUMN_FIELD)]]) {
        columns.add(i);
        chosenHeaderColumns += i < own.columns.size() ? 1 : 0;
      }
    }
    return new Described(
        context,
        all,
        fields,
        columns,
        chosenHeaderFields,
        chosenHeaderColumns,
        own.aliases.size(),
        own.extra.size());
  }

  private static ByteBuffer words(byte[] item) {
    return ByteBuffer.wrap(item).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static LittleCursor afterNumbers(String context, byte[] field) {
    LittleCursor in =
        new LittleCursor(context + ", description of a field", field, 0, field.length);
    in.skip(FLAGS + 2);
    return in;
  }

  private static void checkNothingIsDeferred(Described described) {
    for (int column : described.columns) {
      if ((words(described.all.columns.get(column)).getShort(COLUMN_FLAGS) & DEFERRED) != 0) {
        throw new UnsupportedRootException(
            described.context
                + ": it has columns that begin after its first entry; such ntuples cannot be"
                + " joined by copying, read and write them instead");
      }
    }
  }

  private static void checkSame(Described first, Described other) {
    Lists a = lists(first, 0, 0, true, true);
    Lists b = lists(other, 0, 0, true, true);
    if (!same(a.fields, b.fields) || !same(a.aliases, b.aliases)) {
      throw new IllegalArgumentException(
          other.context
              + ": its fields differ from those of "
              + first.context
              + "; such ntuples cannot be joined by copying");
    }
    if (!same(a.columns, b.columns)) {
      throw new IllegalArgumentException(
          other.context
              + ": its columns are encoded otherwise than those of "
              + first.context
              + "; such ntuples cannot be joined by copying, read and write them instead");
    }
  }

  private static boolean same(List<byte[]> a, List<byte[]> b) {
    boolean same = a.size() == b.size();
    for (int i = 0; same && i < a.size(); i++) {
      same = Arrays.equals(a.get(i), b.get(i));
    }
    return same;
  }

  private static List<PageList.Pages> copyPages(
      FileBuilder file, NtupleDataset source, Described described, PageList.Cluster cluster)
      throws IOException {
    List<PageList.Pages> all = new ArrayList<>();
    Map<Long, Long> known = new HashMap<>();
    for (int id : described.columns) {
      PageList.Pages pages = cluster.pages(id);
      if (pages != null) {
        all.add(copyPages(file, source, cluster, id, pages, known));
      }
    }
    return all;
  }

  /**
   * Copies the pages of a column in a cluster.
   *
   * @param known new positions of pages, by their old ones: columns may share pages
   */
  private static PageList.Pages copyPages(
      FileBuilder file,
      NtupleDataset source,
      PageList.Cluster cluster,
      int id,
      PageList.Pages pages,
      Map<Long, Long> known)
      throws IOException {
    long[] positions = new long[pages.count()];
    List<Records.Extent> extents = new ArrayList<>();
    for (int page = 0; page < positions.length; page++) {
      extents.add(new Records.Extent(pages.positions()[page], storedBytes(pages, page)));
    }
    Blobs blobs = source.blobs().gathered(extents);
    for (int from = 0; from < positions.length; ) {
      Long copied = known.get(pages.positions()[from]);
      if (copied != null && pages.stored()[from] > 0) {
        positions[from++] = copied;
        continue;
      }
      int to = from;
      int bytes = 0;
      do {
        bytes = Math.addExact(bytes, storedBytes(pages, to++));
      } while (to < positions.length && bytes + (long) storedBytes(pages, to) <= BLOB_BYTES);
      byte[] blob = new byte[bytes];
      int at = 0;
      for (int page = from; page < to; page++) {
        String where =
            source.context()
                + ", cluster of entry "
                + cluster.firstEntry()
                + ", page "
                + page
                + " of column "
                + id;
        int length = storedBytes(pages, page);
        byte[] stored = blobs.bytes(where, pages.positions()[page], length);
        if (pages.hasChecksum()[page] && !Checksum.follows(stored, 0, pages.stored()[page])) {
          throw new RootFormatException(
              where
                  + ": it does not have the checksum that is stored with it; fetch the file again");
        }
        System.arraycopy(stored, 0, blob, at, length);
        positions[page] = at;
        at += length;
      }
      long start = file.unlisted("RBlob", blob, blob.length);
      for (int page = from; page < to; page++) {
        positions[page] += start;
        known.put(pages.positions()[page], positions[page]);
      }
      from = to;
    }
    return new PageList.Pages(
        pages.isSuppressed(),
        pages.firstElements(),
        positions,
        pages.stored(),
        pages.hasChecksum(),
        pages.compression());
  }

  private static int storedBytes(PageList.Pages pages, int page) {
    return pages.stored()[page] + (pages.hasChecksum()[page] ? Checksum.BYTES : 0);
  }

  /** What the first of the ntuples is, for people. */
  String description() {
    return description;
  }

  /** The clusters with the new positions of their pages; columns are those that were chosen. */
  List<PageList.Cluster> clusters() {
    return clusters;
  }

  /** How many of the chosen fields the header describes. */
  int headerFields() {
    return chosen.headerFields;
  }

  /** How many of the chosen columns the header describes. */
  int headerColumns() {
    return chosen.headerColumns;
  }

  /** The chosen part of the header. */
  Lists header() {
    return lists(chosen, 0, 0, true, false);
  }

  /**
   * The chosen part of the extension.
   *
   * @param newFields how many fields were added to the header
   * @param newColumns how many columns were added to the header
   */
  Lists extension(int newFields, int newColumns) {
    return lists(chosen, newFields, newColumns, false, true);
  }

  /** Whether there is a top-level field of that name among the chosen ones. */
  boolean hasField(String name) {
    for (int id : chosen.fields) {
      byte[] field = chosen.all.fields.get(id);
      if (words(field).getInt(PARENT) == id
          && afterNumbers(chosen.context, field).string().equals(name)) {
        return true;
      }
    }
    return false;
  }

  private static Lists lists(
      Described from, int newFields, int newColumns, boolean header, boolean extension) {
    Map<Integer, Integer> fieldNumbers = new HashMap<>();
    for (int i = 0; i < from.fields.size(); i++) {
      fieldNumbers.put(from.fields.get(i), i < from.headerFields ? i : i + newFields);
    }
    Map<Integer, Integer> columnNumbers = new HashMap<>();
    for (int i = 0; i < from.columns.size(); i++) {
      columnNumbers.put(from.columns.get(i), i < from.headerColumns ? i : i + newColumns);
    }
    List<byte[]> fields = new ArrayList<>();
    for (int i = 0; i < from.fields.size(); i++) {
      if (i < from.headerFields ? header : extension) {
        fields.add(
            renumberedField(from.context, from.all.fields.get(from.fields.get(i)), fieldNumbers));
      }
    }
    List<byte[]> columns = new ArrayList<>();
    for (int i = 0; i < from.columns.size(); i++) {
      if (i < from.headerColumns ? header : extension) {
        byte[] column = from.all.columns.get(from.columns.get(i)).clone();
        renumber(words(column), COLUMN_FIELD, fieldNumbers);
        columns.add(column);
      }
    }
    List<byte[]> aliases = new ArrayList<>();
    for (int i = 0; i < from.all.aliases.size(); i++) {
      byte[] alias = from.all.aliases.get(i).clone();
      if ((i < from.headerAliases ? header : extension)
          && fieldNumbers.containsKey(words(alias).getInt(4))) {
        renumber(words(alias), 0, columnNumbers);
        renumber(words(alias), 4, fieldNumbers);
        aliases.add(alias);
      }
    }
    // Descriptions of classes name no fields; all of them stay.
    List<byte[]> extra =
        from.all.extra.subList(
            header ? 0 : from.headerExtra, extension ? from.all.extra.size() : from.headerExtra);
    return new Lists(fields, columns, aliases, extra);
  }

  private static byte[] renumberedField(
      String context, byte[] original, Map<Integer, Integer> fieldNumbers) {
    byte[] field = original.clone();
    renumber(words(field), PARENT, fieldNumbers);
    int flags = words(field).getShort(FLAGS);
    if ((flags & PROJECTED) != 0) {
      LittleCursor in = afterNumbers(context, field);
      for (int i = 0; i < 4; i++) {
        in.string();
      }
      in.skip((flags & REPETITIVE) != 0 ? Long.BYTES : 0);
      renumber(words(field), field.length - in.remaining(), fieldNumbers);
    }
    return field;
  }

  private static void renumber(ByteBuffer item, int at, Map<Integer, Integer> numbers) {
    @Nullable Integer number = numbers.get(item.getInt(at));
    if (number == null) {
      throw new UnsupportedRootException(
          "a field refers to field or column " + item.getInt(at) + ", which is not copied");
    }
    item.putInt(at, number);
  }
}
