package org.bitbeam.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.physics.eft.EftEstimator;
import org.bitbeam.physics.filter.FilteredStage;
import org.bitbeam.physics.tagging.JetTagger;

/** What a user should know of what a stage has met. */
public final class CounterNotes {
  private CounterNotes() {}

  /**
   * Sentences about what was counted.
   *
   * @param counters of a job
   * @param result what jets get: a score, an estimate
   */
  public static List<String> of(Map<String, Long> counters, String result) {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put(FilteredStage.FILTERED, "entries were left out, --where is false for them");
    texts.put(
        JetTagger.JETS_WITHOUT_CONSTITUENTS,
        "jets without constituents have no " + result + " (NaN)");
    texts.put(
        JetTagger.JETS_BELOW_MINIMUM_PT, "jets below the minimum pT have no " + result + " (NaN)");
    texts.put(
        JetTagger.NON_FINITE_JETS,
        "jets with values that are not finite have no " + result + " (NaN)");
    texts.put(
        JetTagger.TRUNCATED_JETS,
        "jets had more constituents than the network takes: the hardest were used");
    texts.put(
        JetTagger.JETS_OUT_OF_RANGE,
        "jets are outside of the range the model was trained for: their "
            + result
            + "s are extrapolations");
    texts.put(JetTagger.CONSTITUENTS_WITHOUT_PT, "constituents without pT were left out");
    texts.put(
        JetTagger.CONSTITUENTS_OF_UNKNOWN_SPECIES,
        "constituents of a species that the model has no code for count as photons");
    texts.put(EftEstimator.ENTRIES_WITHOUT_JET, "entries without a jet that can be used (NaN)");
    List<String> notes = new ArrayList<>();
    texts.forEach(
        (counter, text) -> {
          long count = counters.getOrDefault(counter, 0L);
          if (count > 0) {
            notes.add(Numbers.count(count) + " " + text);
          }
        });
    return notes;
  }
}
