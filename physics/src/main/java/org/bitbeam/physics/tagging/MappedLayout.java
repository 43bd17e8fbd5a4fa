package org.bitbeam.physics.tagging;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.EventDataException;

/**
 * A layout that a user describes by the names of columns; docs/tagging.md has the form.
 *
 * @param jetPrefix of new columns
 * @param isOneJetAnEntry whether an entry is a jet
 * @param jets columns of pT, eta, phi and, if there is one, mass
 * @param constituents columns of pT, eta and phi
 * @param relative whether eta and phi of constituents count from the jet's axis
 * @param pdgId column of particle types
 * @param links columns of a table: number of the jet, number of the candidate
 * @param gevPerUnit 0.001 for momenta and masses in MeV
 */
record MappedLayout(
    String jetPrefix,
    boolean isOneJetAnEntry,
    List<String> jets,
    List<String> constituents,
    boolean relative,
    Optional<String> pdgId,
    Optional<List<String>> links,
    double gevPerUnit)
    implements ConstituentLayout {

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads a description.
   *
   * @throws IllegalArgumentException when it is incomplete; says what is missing
   */
  static MappedLayout parse(String text) {
    JsonNode json;
    try {
      json = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("layout: malformed JSON: " + e.getOriginalMessage(), e);
    }
    JsonNode jet = json.path("jets");
    JsonNode part = json.path("constituents");
    List<String> jets = new ArrayList<>();
    for (String name : List.of("pt", "eta", "phi")) {
      jets.add(column(jet, "jets", name));
    }
    if (jet.has("mass")) {
      jets.add(column(jet, "jets", "mass"));
    }
    boolean relative = part.has("deta");
    List<String> constituents =
        List.of(
            column(part, "constituents", "pt"),
            column(part, "constituents", relative ? "deta" : "eta"),
            column(part, "constituents", relative ? "dphi" : "phi"));
    JsonNode links = json.path("links");
    boolean single = json.path("oneJetAnEntry").asBoolean(false);
    if (single && !links.isMissingNode()) {
      throw new IllegalArgumentException("layout: \"links\" with one jet an entry");
    }
    return new MappedLayout(
        json.path("prefix").asText(single ? "jet" : "Jet"),
        single,
        List.copyOf(jets),
        constituents,
        relative,
        part.has("pdgId") ? Optional.of(column(part, "constituents", "pdgId")) : Optional.empty(),
        links.isMissingNode()
            ? Optional.empty()
            : Optional.of(
                List.of(column(links, "links", "jet"), column(links, "links", "candidate"))),
        unit(json.path("unit").asText("GeV")));
  }

  private static double unit(String name) {
    return switch (name) {
      case "GeV" -> 1;
      case "MeV" -> 1e-3;
      default ->
          throw new IllegalArgumentException("layout: unit \"" + name + "\"; there are: GeV, MeV");
    };
  }

  private static String column(JsonNode node, String part, String name) {
    if (!node.path(name).isTextual()) {
      throw new IllegalArgumentException(
          "layout: \"" + part + "\" has no \"" + name + "\", the name of a column");
    }
    return node.path(name).asText();
  }

  @Override
  public String name() {
    return "of the user";
  }

  @Override
  public MappedLayout withJetPrefix(String prefix) {
    return new MappedLayout(
        prefix, isOneJetAnEntry, jets, constituents, relative, pdgId, links, gevPerUnit);
  }

  @Override
  public MappedLayout resolve(Schema dataset) {
    MissingColumnsException.check(name(), dataset, columns(dataset));
    return this;
  }

  @Override
  public List<String> columns(Schema dataset) {
    List<String> columns = new ArrayList<>(jets);
    columns.addAll(constituents);
    pdgId.ifPresent(columns::add);
    links.ifPresent(columns::addAll);
    return List.copyOf(columns);
  }

  @Override
  public JetConstituents read(EventBatch batch) {
    JaggedGroup jetGroup = isOneJetAnEntry ? singleJets(batch) : JaggedGroup.read(batch, jets);
    float[][] jetValues = new float[4][jetGroup.size()];
    for (int v = 0; v < jets.size(); v++) {
      jetValues[v] = scaled(jetGroup.values()[v], v == 0 || v == 3);
    }
    JaggedGroup all = new JaggedGroup(jetGroup.offsets(), jetValues);
    if (links.isPresent()) {
      JaggedGroup candidates = inGeV(JaggedGroup.read(batch, constituents));
      return LinkTable.join(
          batch, all, candidates, types(batch, candidates), links.get().get(0), links.get().get(1));
    }
    JaggedGroup parts =
        inGeV(
            isOneJetAnEntry
                ? JaggedGroup.read(batch, constituents)
                : nested(batch, jetGroup.offsets()));
    if (relative) {
      parts = absolute(parts, all);
    }
    int[] members = new int[parts.size()];
    for (int i = 0; i < members.length; i++) {
      members[i] = i;
    }
    return JetConstituents.collect(
        all.offsets(), all.values(), parts.offsets(), members, parts.values(), types(batch, parts));
  }

  private JaggedGroup singleJets(EventBatch batch) {
    float[][] values = new float[jets.size()][];
    for (int v = 0; v < values.length; v++) {
      values[v] = ColumnReading.floats(ColumnReading.numbers(batch, jets.get(v)));
    }
    int[] offsets = new int[batch.entries() + 1];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = i;
    }
    return new JaggedGroup(offsets, values);
  }

  private float[] scaled(float[] values, boolean momentum) {
    if (!momentum || gevPerUnit == 1) {
      return values;
    }
    float[] result = new float[values.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (float) (values[i] * gevPerUnit);
    }
    return result;
  }

  private JaggedGroup inGeV(JaggedGroup parts) {
    float[][] values = parts.values().clone();
    values[0] = scaled(values[0], true);
    return new JaggedGroup(parts.offsets(), values);
  }

  /** Lists of lists: for each jet of an entry its constituents. */
  private JaggedGroup nested(EventBatch batch, int[] jetOffsets) {
    int[] offsets = {};
    float[][] values = new float[3][];
    for (int v = 0; v < 3; v++) {
      ListColumn inner = inner(batch, constituents.get(v), jetOffsets);
      if (v == 0) {
        offsets = inner.elementOffsets();
      } else {
        sameCounts(batch, constituents.get(v), offsets, inner, jetOffsets);
      }
      values[v] = ColumnReading.floats((NumberColumn) inner.elements());
    }
    return new JaggedGroup(offsets, values);
  }

  private ListColumn inner(EventBatch batch, String name, int[] jetOffsets) {
    if (!(batch.column(name) instanceof ListColumn outer)
        || !(outer.elements() instanceof ListColumn inner)
        || !(inner.elements() instanceof NumberColumn)) {
      throw ColumnReading.wrongType(batch, name, "for each jet of an entry a list of numbers");
    }
    ColumnReading.sameCounts(batch, jets.get(0), jetOffsets, name, outer);
    return inner;
  }

  private void sameCounts(
      EventBatch batch, String name, int[] offsets, ListColumn inner, int[] jetOffsets) {
    int entry = 0;
    for (int jet = 0; jet < offsets.length - 1; jet++) {
      while (jetOffsets[entry + 1] <= jet) {
        entry++;
      }
      if (inner.count(jet) != offsets[jet + 1] - offsets[jet]) {
        throw new EventDataException(
            batch.origin(),
            entry,
            name
                + " has "
                + inner.count(jet)
                + " elements for jet "
                + (jet - jetOffsets[entry])
                + ", but "
                + constituents.get(0)
                + " has "
                + (offsets[jet + 1] - offsets[jet]));
      }
    }
  }

  private static JaggedGroup absolute(JaggedGroup parts, JaggedGroup jets) {
    float[][] values = parts.values().clone();
    for (int v = 1; v < 3; v++) {
      float[] sums = new float[parts.size()];
      for (int jet = 0; jet < jets.size(); jet++) {
        for (int i = parts.offsets()[jet]; i < parts.offsets()[jet + 1]; i++) {
          sums[i] = values[v][i] + jets.values()[v][jet];
        }
      }
      values[v] = sums;
    }
    return new JaggedGroup(parts.offsets(), values);
  }

  private int[] types(EventBatch batch, JaggedGroup parts) {
    if (pdgId.isEmpty()) {
      return new int[parts.size()];
    }
    String name = pdgId.get();
    if (isOneJetAnEntry || links.isPresent()) {
      return parts.integers(batch, constituents.get(0), name);
    }
    if (!(batch.column(name) instanceof ListColumn outer)
        || !(outer.elements() instanceof ListColumn inner)
        || !(inner.elements() instanceof NumberColumn numbers)
        || numbers.length() != parts.size()) {
      throw ColumnReading.wrongType(batch, name, "a type for each constituent of each jet");
    }
    return ColumnReading.ints(batch, name, numbers);
  }
}
