package org.bitbeam.physics.tagging;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;

/** Small batches written down by hand. */
final class TestColumns {
  private TestColumns() {}

  /** A list of floats an entry. */
  static ListColumn floats(float[]... entries) {
    int[] offsets = new int[entries.length + 1];
    for (int i = 0; i < entries.length; i++) {
      offsets[i + 1] = offsets[i] + entries[i].length;
    }
    float[] values = new float[offsets[entries.length]];
    for (int i = 0; i < entries.length; i++) {
      System.arraycopy(entries[i], 0, values, offsets[i], entries[i].length);
    }
    return ListColumn.of(offsets, FloatColumn.of(values));
  }

  /** A list of integers an entry. */
  static ListColumn ints(int[]... entries) {
    int[] offsets = new int[entries.length + 1];
    for (int i = 0; i < entries.length; i++) {
      offsets[i + 1] = offsets[i] + entries[i].length;
    }
    int[] values = new int[offsets[entries.length]];
    for (int i = 0; i < entries.length; i++) {
      System.arraycopy(entries[i], 0, values, offsets[i], entries[i].length);
    }
    return ListColumn.of(offsets, IntColumn.of(values));
  }

  static EventBatch batch(Map<String, Column> columns) {
    List<Column> values = new ArrayList<>();
    Schema schema = new Schema(List.of());
    for (Map.Entry<String, Column> column : columns.entrySet()) {
      schema = schema.with(Schema.Field.of(column.getKey(), column.getValue().type()));
      values.add(column.getValue());
    }
    Origin origin = new Origin("file.root", "id", "Events", 1000);
    return EventBatch.of(origin, schema, values, values.get(0).length());
  }

  /** The same batch with one column exchanged. */
  static EventBatch replace(EventBatch batch, String name, Column column) {
    List<Column> columns = new ArrayList<>(batch.columns());
    columns.set(batch.schema().indexOf(name), column);
    List<Schema.Field> fields = new ArrayList<>(batch.schema().fields());
    fields.set(batch.schema().indexOf(name), Schema.Field.of(name, column.type()));
    return EventBatch.of(batch.origin(), new Schema(fields), columns, batch.entries());
  }

  /** The same batch with columns renamed. */
  static EventBatch rename(EventBatch batch, String from, String to) {
    List<Schema.Field> fields = new ArrayList<>();
    for (Schema.Field field : batch.schema().fields()) {
      fields.add(Schema.Field.of(field.name().replace(from, to), field.type()));
    }
    return EventBatch.of(batch.origin(), new Schema(fields), batch.columns(), batch.entries());
  }

  /** A jet an entry along the x axis, of photons along its axis. */
  static EventBatch jets(float[]... constituentPts) {
    int entries = constituentPts.length;
    float[] jetPt = new float[entries];
    float[][] zeros = new float[entries][];
    int[][] photons = new int[entries][];
    for (int i = 0; i < entries; i++) {
      for (float pt : constituentPts[i]) {
        jetPt[i] += pt;
      }
      zeros[i] = new float[constituentPts[i].length];
      photons[i] = new int[constituentPts[i].length];
      Arrays.fill(photons[i], 22);
    }
    Map<String, Column> columns = new TreeMap<>();
    columns.put("jet_pt", FloatColumn.of(jetPt));
    for (String name : List.of("jet_eta", "jet_phi", "jet_mass")) {
      columns.put(name, FloatColumn.of(new float[entries]));
    }
    columns.put("Part_pt", floats(constituentPts));
    columns.put("Part_eta", floats(zeros));
    columns.put("Part_phi", floats(zeros));
    columns.put("Part_pdgId", ints(photons));
    return batch(columns);
  }
}
