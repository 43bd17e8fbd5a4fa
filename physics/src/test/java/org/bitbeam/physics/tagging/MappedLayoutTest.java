package org.bitbeam.physics.tagging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.EventDataException;
import org.junit.jupiter.api.Test;

/** Layouts that a user describes, against the built-in ones on the same jets. */
class MappedLayoutTest {
  private static void assertSame(JetConstituents expected, JetConstituents actual) {
    assertArrayEquals(expected.jetOffsets(), actual.jetOffsets());
    assertArrayEquals(expected.constituentOffsets(), actual.constituentOffsets());
    assertArrayEquals(expected.jetPt(), actual.jetPt());
    assertArrayEquals(expected.jetMass(), actual.jetMass());
    assertArrayEquals(expected.pt(), actual.pt());
    assertArrayEquals(expected.eta(), actual.eta(), 1e-6f);
    assertArrayEquals(expected.phi(), actual.phi(), 1e-6f);
    assertArrayEquals(expected.pdgId(), actual.pdgId());
  }

  @Test
  void oneJetAnEntry() {
    EventBatch batch = Samples.qgSample();
    ConstituentLayout layout =
        ConstituentLayout.of(
            "{\"oneJetAnEntry\": true, \"jets\": {\"pt\": \"jet_pt\", \"eta\": \"jet_eta\","
                + " \"phi\": \"jet_phi\", \"mass\": \"jet_mass\"}, \"constituents\": {\"pt\": \"Part_pt\","
                + " \"eta\": \"Part_eta\", \"phi\": \"Part_phi\", \"pdgId\": \"Part_pdgId\"}}");
    assertSame(ConstituentLayout.jets().read(batch), layout.resolve(batch.schema()).read(batch));
    assertEquals("jet", layout.jetPrefix());
  }

  @Test
  void aTableOfLinks() {
    EventBatch batch = Samples.events();
    ConstituentLayout layout =
        ConstituentLayout.of(
            "{\"jets\": {\"pt\": \"Jet_pt\", \"eta\": \"Jet_eta\", \"phi\": \"Jet_phi\", \"mass\":"
                + " \"Jet_mass\"}, \"constituents\": {\"pt\": \"PFCands_pt\", \"eta\": \"PFCands_eta\","
                + " \"phi\": \"PFCands_phi\", \"pdgId\": \"PFCands_pdgId\"}, \"links\": {\"jet\":"
                + " \"JetPFCands_jetIdx\", \"candidate\": \"JetPFCands_pFCandsIdx\"}}");
    assertSame(ConstituentLayout.pfnano().read(batch), layout.resolve(batch.schema()).read(batch));
  }

  private static EventBatch batch(Map<String, Column> columns, int entries) {
    List<Schema.Field> fields = new ArrayList<>();
    columns.forEach((name, column) -> fields.add(Schema.Field.of(name, column.type())));
    return EventBatch.of(
        new Origin("a.root", "a", "CollectionTree", 0),
        new Schema(fields),
        List.copyOf(columns.values()),
        entries);
  }

  private static ListColumn nested(int[] jets, int[] parts, Column values) {
    return ListColumn.of(jets, ListColumn.of(parts, values));
  }

  private static final String ATLAS =
      "{\"prefix\": \"AntiKt10\", \"unit\": \"MeV\", \"jets\": {\"pt\": \"pt\", \"eta\": \"eta\","
          + " \"phi\": \"phi\"}, \"constituents\": {\"pt\": \"clus_pt\", \"deta\": \"clus_deta\","
          + " \"dphi\": \"clus_dphi\"}}";

  /** As in derivations of ATLAS: a vector of vectors, MeV, positions relative to the jet. */
  @Test
  void listsForEachJet() {
    int[] jets = {0, 2, 2, 3};
    int[] parts = {0, 1, 3, 3};
    EventBatch batch =
        batch(
            new java.util.TreeMap<>(
                Map.of(
                    "pt", ListColumn.of(jets, FloatColumn.of(500_000, 300_000, 200_000)),
                    "eta", ListColumn.of(jets, FloatColumn.of(0, 1, 2)),
                    "phi", ListColumn.of(jets, FloatColumn.of(3, 0, 0)),
                    "clus_pt", nested(jets, parts, FloatColumn.of(1000, 2000, 3000)),
                    "clus_deta", nested(jets, parts, FloatColumn.of(0.1f, 0.2f, 0.3f)),
                    "clus_dphi", nested(jets, parts, FloatColumn.of(0, 0, -0.5f)))),
            3);
    ConstituentLayout layout = ConstituentLayout.of(ATLAS).resolve(batch.schema());
    JetConstituents read = layout.read(batch);
    assertArrayEquals(jets, read.jetOffsets());
    assertArrayEquals(new float[] {500, 300, 200}, read.jetPt());
    assertArrayEquals(new int[] {0, 1, 3, 3}, read.constituentOffsets());
    assertArrayEquals(new float[] {1, 3, 2}, read.pt(), "by descending pT");
    assertArrayEquals(new float[] {0.1f, 1.3f, 1.2f}, read.eta(), 1e-6f);
    assertArrayEquals(new float[] {3, -0.5f, 0}, read.phi(), 1e-6f);
    assertEquals("AntiKt10", layout.jetPrefix());
  }

  @Test
  void contradictionsNameEntryAndColumn() {
    int[] jets = {0, 1, 2};
    EventBatch batch =
        batch(
            new java.util.TreeMap<>(
                Map.of(
                    "pt", ListColumn.of(jets, FloatColumn.of(1, 2)),
                    "eta", ListColumn.of(jets, FloatColumn.of(1, 2)),
                    "phi", ListColumn.of(jets, FloatColumn.of(1, 2)),
                    "clus_pt", nested(jets, new int[] {0, 1, 3}, FloatColumn.of(1, 2, 3)),
                    "clus_deta", nested(jets, new int[] {0, 1, 2}, FloatColumn.of(1, 2)),
                    "clus_dphi", ListColumn.of(jets, IntColumn.of(1, 2)))),
            2);
    String message =
        assertThrows(
                EventDataException.class,
                () -> ConstituentLayout.of(ATLAS).resolve(batch.schema()).read(batch))
            .getMessage();
    assertTrue(message.contains("entry 1") && message.contains("clus_deta"), message);
    String missing =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    ConstituentLayout.of(ATLAS.replace("clus_pt", "other")).resolve(batch.schema()))
            .getMessage();
    assertTrue(missing.contains("needs other"), missing);
    for (String bad :
        List.of("{", "{}", ATLAS.replace("MeV", "TeV"), ATLAS.replace("\"eta\": \"eta\",", ""))) {
      assertThrows(IllegalArgumentException.class, () -> ConstituentLayout.of(bad), bad);
    }
  }
}
