package org.bitbeam.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.NetworkQuantiser.Plan;

/** A quark/gluon tagger, for {@code bitbeam tag}. Immutable. */
public final class TaggerTask extends TrainingTask {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Set<Long> signal;
  private final Set<Long> background;
  private final TaggerSystem system;

  private TaggerTask(Set<Long> signal, Set<Long> background, TaggerSystem system) {
    this.signal = Set.copyOf(signal);
    this.background = Set.copyOf(background);
    this.system = system;
  }

  /**
   * A particle flow network.
   *
   * @param signal values of the truth for quarks
   * @param background its values for gluons
   * @param width of its hidden layers
   */
  public static TaggerTask pfn(Set<Long> signal, Set<Long> background, int width)
      throws IOException {
    return new TaggerTask(signal, background, PfnSystem.of(width));
  }

  /** P-DAT without dropout. */
  public static TaggerTask pdat(
      Set<Long> signal,
      Set<Long> background,
      int constituents,
      int neighbours,
      boolean isMasked,
      PdatSizes sizes) {
    return pdat(signal, background, constituents, neighbours, isMasked, sizes, PdatDropout.NONE);
  }

  /**
   * P-DAT.
   *
   * @param signal values of the truth for quarks
   * @param background its values for gluons
   * @param constituents of a jet that are used, the hardest
   * @param neighbours of a constituent, itself among them
   * @param isMasked whether it is the variant without padding
   * @param sizes of its layers
   * @param dropout in training
   */
  public static TaggerTask pdat(
      Set<Long> signal,
      Set<Long> background,
      int constituents,
      int neighbours,
      boolean isMasked,
      PdatSizes sizes,
      PdatDropout dropout) {
    return new TaggerTask(
        signal, background, PdatSystem.of(constituents, neighbours, isMasked, sizes, dropout));
  }

  @Override
  ObjectNode settings() {
    return system.settings();
  }

  @Override
  Map<String, String> plans() {
    return system.plans();
  }

  @Override
  TrainableNetwork network(Plan plan) {
    return system.network();
  }

  @Override
  TrainableNetwork networkOf(JsonNode settings, Plan plan) {
    return system.network(settings);
  }

  @Override
  JetInputs inputs() {
    return system.inputs();
  }

  @Override
  Optional<JetSelection.Classes> classes() {
    return Optional.of(new JetSelection.Classes(signal, background));
  }

  @Override
  Objective objective() {
    return new ClassObjective();
  }

  @Override
  Card card(TrainableNetwork trained) throws IOException {
    ObjectNode stage = JSON.createObjectNode();
    stage.put("kind", "jet-tagger").put("preprocess", "preprocess.json");
    stage.put("logits", trained.output()).put("signal", "quark").put("background", "gluon");
    JsonNode labels = JSON.readTree(system.preprocess()).path("output_labels");
    return new Card(
        stage,
        "tagger",
        Map.of("preprocess.json", system.preprocess()),
        new ModelBundle.OutputInfo(
            trained.output(),
            "unnormalised log-likelihoods of the classes",
            "",
            List.of(labels.path(0).asText(), labels.path(1).asText())));
  }
}
