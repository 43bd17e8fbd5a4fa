package org.bitbeam.root;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.ColumnType.Primitive;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.OptionalColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.RecordColumn;
import org.bitbeam.columns.Schema;
import org.bitbeam.columns.TextColumn;
import org.bitbeam.columns.VariantColumn;

/** Columns of types nested at random, of all that an ntuple is written with. */
final class RandomBatches {
  private static final int LEVELS = 4;

  private final Random random;
  private final boolean forPeers;

  /**
   * Columns that follow from a seed.
   *
   * @param forPeers only types that uproot reads: it mixes up variants, and has no optional values
   *     in optional ones
   */
  RandomBatches(long seed, boolean forPeers) {
    this.random = new Random(seed);
    this.forPeers = forPeers;
  }

  EventBatch of(int columns, int entries) {
    List<Schema.Field> fields = new ArrayList<>();
    List<Column> values = new ArrayList<>();
    for (int i = 0; i < columns; i++) {
      ColumnType type = type(LEVELS, true);
      fields.add(Schema.Field.of("column_" + i, type));
      values.add(values(type, entries));
    }
    return EventBatch.of(Origin.MEMORY, new Schema(fields), values, entries);
  }

  /** A type; ROOT has no name for arrays, optional values and variants of records with names. */
  private ColumnType type(int levels, boolean mayHaveNames) {
    return switch (random.nextInt(levels == 0 ? 2 : forPeers ? 7 : 8)) {
      case 0 -> Primitive.values()[random.nextInt(Primitive.values().length)];
      case 1 -> new ColumnType.Text();
      case 2, 3 -> new ColumnType.ListOf(type(levels - 1, mayHaveNames));
      case 4 -> new ColumnType.ArrayOf(type(levels - 1, false), 1 + random.nextInt(3));
      case 5 -> {
        boolean isTuple = !mayHaveNames || random.nextBoolean();
        List<ColumnType.Member> members = new ArrayList<>();
        int size = 1 + random.nextInt(3);
        for (int i = 0; i < size; i++) {
          ColumnType member = type(levels - 1, mayHaveNames);
          members.add(new ColumnType.Member((isTuple ? "_" : "member") + i, member));
        }
        yield new ColumnType.RecordOf(members);
      }
      case 6 -> {
        ColumnType element = type(levels - 1, false);
        yield forPeers && element instanceof ColumnType.OptionalOf
            ? element
            : new ColumnType.OptionalOf(element);
      }
      default -> {
        List<ColumnType> alternatives = new ArrayList<>();
        int size = 1 + random.nextInt(3);
        for (int i = 0; i < size; i++) {
          alternatives.add(type(levels - 1, false));
        }
        yield new ColumnType.VariantOf(alternatives);
      }
    };
  }

  private Column values(ColumnType type, int n) {
    if (type instanceof Primitive number) {
      return new WritableBatches(random.nextLong()).numbers(number, n);
    }
    if (type instanceof ColumnType.ListOf list) {
      int[] offsets = offsets(n, 3);
      return ListColumn.of(offsets, values(list.element(), offsets[n]));
    }
    if (type instanceof ColumnType.OptionalOf optional) {
      int[] offsets = offsets(n, 1);
      return OptionalColumn.of(offsets, values(optional.element(), offsets[n]));
    }
    if (type instanceof ColumnType.ArrayOf array) {
      return ArrayColumn.of(array.size(), n, values(array.element(), n * array.size()));
    }
    if (type instanceof ColumnType.RecordOf record) {
      return RecordColumn.of(
          record.members().stream().map(ColumnType.Member::name).toList(),
          record.members().stream().map(member -> values(member.type(), n)).toList(),
          n);
    }
    if (type instanceof ColumnType.VariantOf variant) {
      byte[] tags = new byte[n];
      int[] counts = new int[variant.alternatives().size()];
      for (int i = 0; i < n; i++) {
        tags[i] = (byte) (random.nextInt(counts.length + 1) - 1);
        if (tags[i] >= 0) {
          counts[tags[i]]++;
        }
      }
      List<Column> alternatives = new ArrayList<>();
      for (int i = 0; i < counts.length; i++) {
        alternatives.add(values(variant.alternatives().get(i), counts[i]));
      }
      return VariantColumn.of(tags, alternatives);
    }
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      texts.add("é".repeat(random.nextInt(3)) + "y".repeat(random.nextInt(5)));
    }
    return TextColumn.of(texts);
  }

  private int[] offsets(int n, int most) {
    int[] offsets = new int[n + 1];
    for (int i = 0; i < n; i++) {
      offsets[i + 1] = offsets[i] + random.nextInt(most + 1);
    }
    return offsets;
  }
}
