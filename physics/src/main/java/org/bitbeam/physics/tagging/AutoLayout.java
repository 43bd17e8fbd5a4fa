package org.bitbeam.physics.tagging;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Schema;

/** Picks a layout by the columns that are there. */
record AutoLayout(Optional<String> prefix) implements ConstituentLayout {
  static final AutoLayout DEFAULT = new AutoLayout(Optional.empty());

  private static final int NAMES_IN_MESSAGE = 60;

  @Override
  public String name() {
    return "auto";
  }

  @Override
  public AutoLayout withJetPrefix(String newPrefix) {
    return new AutoLayout(Optional.of(newPrefix));
  }

  @Override
  public ConstituentLayout resolve(Schema dataset) {
    List<String> reasons = new ArrayList<>();
    for (ConstituentLayout layout :
        List.of(PfNanoLayout.DEFAULT, JetsLayout.DEFAULT, DelphesLayout.DEFAULT)) {
      ConstituentLayout candidate = prefix.map(layout::withJetPrefix).orElse(layout);
      try {
        return candidate.resolve(dataset);
      } catch (MissingColumnsException e) {
        reasons.add(e.missing());
      }
    }
    List<String> names = dataset.names();
    String there =
        names.size() <= NAMES_IN_MESSAGE
            ? String.join(", ", names)
            : String.join(", ", names.subList(0, NAMES_IN_MESSAGE)) + ", ...";
    throw new IllegalArgumentException(
        "no jets with constituents found. "
            + String.join("; ", reasons)
            + ". The dataset has "
            + names.size()
            + " columns: "
            + there);
  }

  @Override
  public String jetPrefix() {
    throw unresolved();
  }

  @Override
  public boolean isOneJetAnEntry() {
    throw unresolved();
  }

  @Override
  public List<String> columns(Schema dataset) {
    throw unresolved();
  }

  @Override
  public JetConstituents read(EventBatch batch) {
    throw unresolved();
  }

  private static IllegalStateException unresolved() {
    return new IllegalStateException("the layout \"auto\" has to be resolved first");
  }
}
