package org.bitbeam.root;

import java.util.ArrayList;
import java.util.List;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;

/** Batches of every kind of column that a tree is written with as a vector or string of C++. */
final class VectorBatches {
  private VectorBatches() {}

  static EventBatch of(long seed, int entries) {
    EventBatch flat = new WritableBatches(seed).everyKind(entries);
    List<String> lists =
        flat.schema().names().stream()
            .filter(name -> name.endsWith("_list") || name.equals("text"))
            .toList();
    EventBatch nested = new NtupleBatches(seed).vectors(entries);
    List<Schema.Field> fields = new ArrayList<>(flat.select(lists).schema().fields());
    fields.addAll(nested.schema().fields());
    List<Column> columns = new ArrayList<>(flat.select(lists).columns());
    columns.addAll(nested.columns());
    return EventBatch.of(Origin.MEMORY, new Schema(fields), columns, entries);
  }
}
