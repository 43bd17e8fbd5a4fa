package org.bitbeam.root;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType.Primitive;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.OptionalColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.RecordColumn;
import org.bitbeam.columns.Schema;
import org.bitbeam.columns.TextColumn;
import org.bitbeam.columns.VariantColumn;

/** Batches of every kind of column that an ntuple is written with, from a seed. */
final class NtupleBatches {
  private final long seed;
  private final Random random;
  private boolean variantsMayBeEmpty = true;

  NtupleBatches(long seed) {
    this.seed = seed;
    this.random = new Random(seed);
  }

  /** The same without variants: uproot 5.7 mixes up their values behind the first page. */
  EventBatch withoutVariants(int entries) {
    EventBatch all = everyKind(entries);
    return all.select(
        all.schema().names().stream().filter(name -> !name.startsWith("either")).toList());
  }

  /** Variants alone, all with a value: the Python layer of ROOT cannot deliver those without. */
  EventBatch variants(int entries) {
    variantsMayBeEmpty = false;
    return everyKind(entries).select(List.of("either", "eithers"));
  }

  /** The lists of lists and of strings. */
  EventBatch vectors(int entries) {
    return everyKind(entries).select(List.of("nested", "deep", "words"));
  }

  /** All that a tree is written with, and lists of lists, records, optional values and variants. */
  EventBatch everyKind(int entries) {
    EventBatch flat = new WritableBatches(seed).everyKind(entries);
    List<Schema.Field> fields = new ArrayList<>(flat.schema().fields());
    List<Column> columns = new ArrayList<>(flat.columns());
    add(fields, columns, "nested", lists(entries, 1, Primitive.FLOAT32));
    add(fields, columns, "deep", lists(entries, 2, Primitive.BOOL));
    int[] offsets = offsets(entries, 4);
    add(fields, columns, "words", ListColumn.of(offsets, texts(offsets[entries])));
    add(fields, columns, "point", point(entries));
    offsets = offsets(entries, 4);
    add(fields, columns, "hits", ListColumn.of(offsets, point(offsets[entries])));
    offsets = offsets(entries, 4);
    add(fields, columns, "map", ListColumn.of(offsets, pair(offsets[entries])));
    add(
        fields,
        columns,
        "triple",
        RecordColumn.of(
            List.of("_0", "_1", "_2"),
            List.of(
                numbers(Primitive.UINT8, entries),
                texts(entries),
                lists(entries, 0, Primitive.INT64)),
            entries));
    offsets = offsets(entries, 1);
    add(
        fields,
        columns,
        "maybe",
        OptionalColumn.of(offsets, numbers(Primitive.FLOAT64, offsets[entries])));
    offsets = offsets(entries, 1);
    add(
        fields,
        columns,
        "maybe_list",
        OptionalColumn.of(offsets, lists(offsets[entries], 0, Primitive.UINT16)));
    add(fields, columns, "either", variant(entries));
    offsets = offsets(entries, 3);
    add(fields, columns, "eithers", ListColumn.of(offsets, variant(offsets[entries])));
    add(fields, columns, "words_2", ArrayColumn.of(2, entries, texts(2 * entries)));
    add(
        fields,
        columns,
        "lists_2",
        ArrayColumn.of(2, entries, lists(2 * entries, 0, Primitive.INT32)));
    return EventBatch.of(Origin.MEMORY, new Schema(fields), columns, entries);
  }

  private static void add(
      List<Schema.Field> fields, List<Column> columns, String name, Column column) {
    fields.add(new Schema.Field(name, column.type(), "what " + name + " means", "GeV"));
    columns.add(column);
  }

  private Column numbers(Primitive type, int n) {
    return new WritableBatches(random.nextLong()).numbers(type, n);
  }

  private int[] offsets(int n, int most) {
    int[] offsets = new int[n + 1];
    for (int i = 0; i < n; i++) {
      offsets[i + 1] = offsets[i] + random.nextInt(most + 1);
    }
    return offsets;
  }

  private Column lists(int n, int levelsInside, Primitive type) {
    int[] offsets = offsets(n, 3);
    return ListColumn.of(
        offsets,
        levelsInside == 0 ? numbers(type, offsets[n]) : lists(offsets[n], levelsInside - 1, type));
  }

  private Column texts(int n) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      texts.add("é".repeat(random.nextInt(3)) + "y".repeat(random.nextInt(5)));
    }
    return TextColumn.of(texts);
  }

  private Column point(int n) {
    return RecordColumn.of(
        List.of("x", "id", "tags"),
        List.of(
            numbers(Primitive.FLOAT32, n),
            numbers(Primitive.INT16, n),
            lists(n, 0, Primitive.UINT32)),
        n);
  }

  private Column pair(int n) {
    return RecordColumn.of(List.of("_0", "_1"), List.of(texts(n), numbers(Primitive.INT32, n)), n);
  }

  private Column variant(int n) {
    byte[] tags = new byte[n];
    int[] counts = new int[2];
    for (int i = 0; i < n; i++) {
      tags[i] = (byte) (variantsMayBeEmpty ? random.nextInt(3) - 1 : random.nextInt(2));
      if (tags[i] >= 0) {
        counts[tags[i]]++;
      }
    }
    return VariantColumn.of(tags, List.of(numbers(Primitive.INT32, counts[0]), texts(counts[1])));
  }
}
