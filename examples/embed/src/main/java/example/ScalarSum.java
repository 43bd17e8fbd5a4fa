package example;

import java.util.List;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.Stage;
import org.bitbeam.physics.StageCounter;

/** H_T: the sum of the pT of an event's jets above a threshold, in GeV, as the column {@code HT}. */
record ScalarSum(float minimumPt) implements Stage {
  private static final Schema.Field HT =
      new Schema.Field("HT", ColumnType.Primitive.FLOAT32, "scalar sum of jet pT", "GeV");

  @Override
  public List<String> inputs(Schema dataset) {
    if (dataset.field("Jet_pt").isEmpty()) {
      throw new IllegalArgumentException("it has no Jet_pt; its columns are " + dataset.names());
    }
    return List.of("Jet_pt");
  }

  @Override
  public List<Schema.Field> outputs(Schema dataset) {
    return List.of(HT);
  }

  @Override
  public EventBatch apply(EventBatch batch, StageCounter counter) {
    ListColumn jets = (ListColumn) batch.column("Jet_pt");
    FloatColumn pt = (FloatColumn) jets.content();
    float[] sums = new float[batch.entries()];
    for (int entry = 0; entry < sums.length; entry++) {
      for (int jet = jets.start(entry); jet < jets.end(entry); jet++) {
        if (pt.get(jet) > minimumPt) {
          sums[entry] += pt.get(jet);
        }
      }
      if (sums[entry] == 0) {
        counter.add("eventsWithoutJets", 1);
      }
    }
    return batch.with(HT, FloatColumn.of(sums));
  }
}
