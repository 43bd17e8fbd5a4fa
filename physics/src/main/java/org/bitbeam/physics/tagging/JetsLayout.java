package org.bitbeam.physics.tagging;

import java.util.List;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Schema;

/** One jet an entry: {@code jet_pt} and {@code Part_pt}. */
record JetsLayout(String jetPrefix) implements ConstituentLayout {
  static final JetsLayout DEFAULT = new JetsLayout("jet");

  private static final String PART = "Part";

  @Override
  public String name() {
    return "jets";
  }

  @Override
  public JetsLayout withJetPrefix(String prefix) {
    return new JetsLayout(prefix);
  }

  @Override
  public JetsLayout resolve(Schema dataset) {
    MissingColumnsException.check(name(), dataset, columns(dataset));
    return this;
  }

  @Override
  public boolean isOneJetAnEntry() {
    return true;
  }

  @Override
  public List<String> columns(Schema dataset) {
    return List.of(
        jetPrefix + "_pt",
        jetPrefix + "_eta",
        jetPrefix + "_phi",
        jetPrefix + "_mass",
        PART + "_pt",
        PART + "_eta",
        PART + "_phi",
        PART + "_pdgId");
  }

  @Override
  public JetConstituents read(EventBatch batch) {
    List<String> names = columns(batch.schema());
    float[][] jets = new float[4][];
    for (int i = 0; i < 4; i++) {
      jets[i] = ColumnReading.floats(ColumnReading.numbers(batch, names.get(i)));
    }
    JaggedGroup parts = JaggedGroup.read(batch, names.subList(4, 7));
    int[] pdgId = parts.integers(batch, names.get(4), names.get(7));
    int[] jetOffsets = new int[batch.entries() + 1];
    for (int i = 0; i < jetOffsets.length; i++) {
      jetOffsets[i] = i;
    }
    int[] members = new int[parts.size()];
    for (int i = 0; i < members.length; i++) {
      members[i] = i;
    }
    return JetConstituents.collect(
        jetOffsets, jets, parts.offsets(), members, parts.values(), pdgId);
  }
}
