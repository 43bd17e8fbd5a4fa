package org.bitbeam.physics.tagging;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Schema;

/**
 * Picks a layout by the columns that are there.
 *
 * @param prefix of the jets; empty for the layout's own
 * @param ofStage the layout that a bundle's stage describes, tried first
 */
record AutoLayout(Optional<String> prefix, Optional<ConstituentLayout> ofStage)
    implements ConstituentLayout {
  static final AutoLayout DEFAULT = new AutoLayout(Optional.empty(), Optional.empty());

  private static final int NAMES_IN_MESSAGE = 60;

  @Override
  public String name() {
    return "auto";
  }

  @Override
  public AutoLayout withJetPrefix(String newPrefix) {
    return new AutoLayout(Optional.of(newPrefix), ofStage);
  }

  @Override
  public AutoLayout orOfStage(JsonNode stage) {
    JsonNode layout = stage.path("layout");
    return layout.isMissingNode()
        ? this
        : new AutoLayout(
            prefix,
            Optional.of(
                ConstituentLayout.of(layout.isTextual() ? layout.asText() : layout.toString())));
  }

  @Override
  public ConstituentLayout resolve(Schema dataset) {
    List<String> reasons = new ArrayList<>();
    List<ConstituentLayout> candidates = new ArrayList<>();
    ofStage.ifPresent(candidates::add);
    candidates.addAll(List.of(PfNanoLayout.DEFAULT, JetsLayout.DEFAULT, DelphesLayout.DEFAULT));
    for (ConstituentLayout layout : candidates) {
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
