package org.bitbeam.beam;

import java.util.List;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.LongColumn;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.Stage;
import org.bitbeam.physics.StageCounter;

/** A small stage: doubles the jets' pT, and says which entry of the file each one is. */
final class CountStage implements Stage {

  static StageFactory factory() {
    return () ->
        new StageFactory.OpenStage() {
          @Override
          public Stage stage() {
            return new CountStage();
          }

          @Override
          public void close() {}
        };
  }

  @Override
  public List<String> inputs(Schema dataset) {
    if (dataset.indexOf("Jet_pt") < 0) {
      throw new IllegalArgumentException("needs Jet_pt; there are: " + dataset.names());
    }
    return List.of("Jet_pt");
  }

  @Override
  public List<Schema.Field> outputs(Schema dataset) {
    return List.of(
        new Schema.Field(
            "Jet_twice",
            new ColumnType.ListOf(ColumnType.Primitive.FLOAT32),
            "twice the pT",
            "GeV"),
        Schema.Field.of("entry", ColumnType.Primitive.INT64));
  }

  @Override
  public EventBatch apply(EventBatch batch, StageCounter counter) {
    ListColumn pt = (ListColumn) batch.column("Jet_pt");
    FloatColumn values = (FloatColumn) pt.elements();
    float[] twice = new float[values.length()];
    for (int i = 0; i < twice.length; i++) {
      twice[i] = 2 * values.get(i);
    }
    long[] entries = new long[batch.entries()];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = batch.origin().firstEntry() + i;
    }
    counter.add("jets", twice.length);
    List<Schema.Field> fields = outputs(batch.schema());
    return batch
        .with(fields.get(0), ListColumn.of(pt.elementOffsets(), FloatColumn.of(twice)))
        .with(fields.get(1), LongColumn.of(entries));
  }
}
