package org.bitbeam.physics.tagging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.RecordColumn;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.EventDataException;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConstituentLayoutTest {

  @Test
  void constituentsAreSortedByDescendingPtAndTiesKeepTheFileOrder() {
    EventBatch batch =
        TestColumns.replace(
            TestColumns.jets(new float[] {1, 3, 2, 3, 1}),
            "Part_pdgId",
            TestColumns.ints(new int[] {10, 11, 12, 13, 14}));
    JetConstituents jets = ConstituentLayout.jets().read(batch);
    assertArrayEquals(new float[] {3, 3, 2, 1, 1}, jets.pt());
    assertArrayEquals(new int[] {11, 13, 12, 10, 14}, jets.pdgId());
  }

  @Test
  void constituentsWithoutMomentumAreLeftOut() {
    JetConstituents jets =
        ConstituentLayout.jets().read(TestColumns.jets(new float[] {0, 1, -2, -0f, 2}));
    assertArrayEquals(new float[] {2, 1}, jets.pt());
    assertEquals(3, jets.dropped());
    assertEquals(2, jets.count(0));
  }

  @Test
  void constituentWithoutNumberIsKeptInFront() {
    JetConstituents jets =
        ConstituentLayout.jets()
            .read(
                TestColumns.jets(
                    new float[] {1, -Float.NaN, 2}, new float[] {Float.POSITIVE_INFINITY, 1}));
    assertTrue(Float.isNaN(jets.pt()[0]));
    assertEquals(3, jets.count(0));
    assertArrayEquals(
        new float[] {Float.POSITIVE_INFINITY, 1}, Arrays.copyOfRange(jets.pt(), 3, 5));
    assertTrue(!jets.isFinite(0) && !jets.isFinite(1));
  }

  @Test
  void slicesGiveTheSameJetsAsTheWhole() {
    EventBatch batch = Samples.events();
    JetConstituents all = ConstituentLayout.pfnano().read(batch);
    int jet = 0;
    int constituent = 0;
    for (EventBatch part : Samples.split(batch, 33)) {
      JetConstituents jets = ConstituentLayout.pfnano().read(part);
      assertArrayEquals(Arrays.copyOfRange(all.jetPt(), jet, jet + jets.jets()), jets.jetPt());
      assertArrayEquals(
          Arrays.copyOfRange(all.pt(), constituent, constituent + jets.pt().length), jets.pt());
      jet += jets.jets();
      constituent += jets.pt().length;
    }
    assertEquals(all.jets(), jet);
    assertEquals(all.pt().length, constituent);
  }

  @Test
  void jetsArePutTogetherFromTheirConstituents() {
    // In the samples, a jet's transverse momentum is the vector sum of its constituents'.
    for (EventBatch batch : List.of(Samples.events(), Samples.qgSample())) {
      JetConstituents jets = ConstituentLayout.auto().resolve(batch.schema()).read(batch);
      for (int jet = 0; jet < jets.jets(); jet++) {
        double x = 0;
        double y = 0;
        for (int i = jets.constituentOffsets()[jet]; i < jets.constituentOffsets()[jet + 1]; i++) {
          x += jets.pt()[i] * Math.cos(jets.phi()[i]);
          y += jets.pt()[i] * Math.sin(jets.phi()[i]);
        }
        assertEquals(jets.jetPt()[jet], Math.hypot(x, y), 1e-4 * jets.jetPt()[jet]);
      }
    }
  }

  @Test
  void columnsOfOtherNumberTypesAreTaken() {
    EventBatch batch = TestColumns.jets(new float[] {1, 3});
    batch = TestColumns.replace(batch, "jet_pt", DoubleColumn.of(4.0));
    batch =
        TestColumns.replace(
            batch, "Part_pt", ListColumn.of(new int[] {0, 2}, DoubleColumn.of(1.0, 3.0)));
    JetConstituents jets = ConstituentLayout.jets().read(batch);
    assertArrayEquals(new float[] {3, 1}, jets.pt());
    EventBatch wrong = TestColumns.replace(batch, "Part_pt", DoubleColumn.of(4.0));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> ConstituentLayout.jets().read(wrong));
    assertEquals(
        "file.root: Events, from entry 1000: column Part_pt is float64, expected a list of numbers"
            + " an entry",
        e.getMessage());
    EventBatch floatIds =
        TestColumns.replace(batch, "Part_pdgId", TestColumns.floats(new float[] {22, 22}));
    e = assertThrows(IllegalArgumentException.class, () -> ConstituentLayout.jets().read(floatIds));
    assertTrue(e.getMessage().endsWith("expected integers"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"pFCandsIdx", "pfcandIdx", "pfCandIdx", "candIdx"})
  void spellingsOfTheLinkTableAreTaken(String index) {
    EventBatch batch = Samples.events().slice(0, 20);
    JetConstituents expected = ConstituentLayout.pfnano().read(batch);
    EventBatch renamed = TestColumns.rename(batch, "JetPFCands_pFCandsIdx", "JetPFCands_" + index);
    assertArrayEquals(expected.pt(), ConstituentLayout.pfnano().read(renamed).pt());
    renamed = TestColumns.rename(renamed, "PFCands_", "PFCand_");
    assertArrayEquals(
        expected.pt(), ConstituentLayout.auto().resolve(renamed.schema()).read(renamed).pt());
  }

  @Test
  void jetPrefixMayBeAnother() {
    EventBatch batch = TestColumns.rename(Samples.events().slice(0, 5), "Jet", "FatJet");
    ConstituentLayout layout =
        ConstituentLayout.auto().withJetPrefix("FatJet").resolve(batch.schema());
    assertEquals("FatJet", layout.jetPrefix());
    assertEquals("pfnano", layout.name());
    assertTrue(layout.read(batch).jets() > 0);
    EventBatch jets = TestColumns.rename(TestColumns.jets(new float[] {1}), "jet_", "fj_");
    layout = ConstituentLayout.auto().withJetPrefix("fj").resolve(jets.schema());
    assertEquals("jets", layout.name());
    assertEquals("fj", layout.jetPrefix());
  }

  @Test
  void autoSaysWhatItLookedForAndWhatIsThere() {
    Schema schema = TestColumns.batch(Map.of("Muon_pt", TestColumns.floats(new float[0]))).schema();
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> ConstituentLayout.auto().resolve(schema));
    assertTrue(
        e.getMessage().startsWith("no jets with constituents found. layout pfnano needs Jet_pt, "));
    assertTrue(e.getMessage().contains("layout jets needs jet_pt, "), e.getMessage());
    assertTrue(
        e.getMessage().contains("layout delphes needs Jet/Jet.Constituents"), e.getMessage());
    assertTrue(e.getMessage().endsWith("The dataset has 1 columns: Muon_pt"), e.getMessage());
    e = assertThrows(IllegalArgumentException.class, () -> ConstituentLayout.of("nano"));
    assertEquals(
        "no layout \"nano\"; there are: auto, jets, pfnano, delphes, and descriptions in JSON",
        e.getMessage());
  }

  @Test
  void missingColumnIsNamed() {
    EventBatch batch =
        TestColumns.rename(Samples.events().slice(0, 1), "PFCands_pdgId", "PFCands_id");
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> ConstituentLayout.pfnano().resolve(batch.schema()));
    assertTrue(
        e.getMessage().startsWith("layout pfnano needs PFCands_pdgId; there are: "),
        e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 3, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void linkToACandidateThatIsNotThereNamesEntryAndColumn(int index) {
    EventBatch bad =
        TestColumns.replace(
            handMade(),
            "JetPFCands_pFCandsIdx",
            TestColumns.ints(new int[] {0}, new int[] {1, index}));
    EventDataException e =
        assertThrows(EventDataException.class, () -> ConstituentLayout.pfnano().read(bad));
    assertEquals(
        "file.root: Events, entry 1001: JetPFCands_pFCandsIdx[1] is "
            + index
            + ", but the entry has 3 candidates; was the link table written for another selection"
            + " of them?",
        e.getMessage());
    assertEquals(1001, e.entry());
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1, Integer.MAX_VALUE})
  void linkToAJetThatIsNotThereNamesEntryAndColumn(int index) {
    EventBatch bad =
        TestColumns.replace(
            handMade(), "JetPFCands_jetIdx", TestColumns.ints(new int[] {index}, new int[] {0, 0}));
    EventDataException e =
        assertThrows(EventDataException.class, () -> ConstituentLayout.pfnano().read(bad));
    assertTrue(
        e.getMessage()
            .startsWith("file.root: Events, entry 1000: JetPFCands_jetIdx[0] is " + index),
        e.getMessage());
  }

  @Test
  void columnsOfDifferentLengthsNameEntryAndColumns() {
    EventBatch bad =
        TestColumns.replace(
            handMade(), "PFCands_eta", TestColumns.floats(new float[2], new float[2]));
    EventDataException e =
        assertThrows(EventDataException.class, () -> ConstituentLayout.pfnano().read(bad));
    assertEquals(
        "file.root: Events, entry 1001: PFCands_eta has 2 elements, but PFCands_pt has 3",
        e.getMessage());
  }

  @Test
  void delphesEventsGiveTheSameJetsAsTheSameEventsInPfNano() {
    EventBatch pfnano = Samples.events().slice(0, 50);
    EventBatch delphes = asDelphes(pfnano, false);
    JetConstituents expected = ConstituentLayout.pfnano().read(pfnano);
    for (EventBatch batch : List.of(delphes, asDelphes(pfnano, true))) {
      ConstituentLayout layout = ConstituentLayout.auto().resolve(batch.schema());
      assertEquals("delphes", layout.name());
      assertEquals("Jet", layout.jetPrefix());
      JetConstituents actual = layout.read(batch.select(layout.columns(batch.schema())));
      assertArrayEquals(expected.jetOffsets(), actual.jetOffsets());
      assertArrayEquals(expected.constituentOffsets(), actual.constituentOffsets());
      assertArrayEquals(expected.pt(), actual.pt());
      assertArrayEquals(expected.eta(), actual.eta());
      assertArrayEquals(expected.phi(), actual.phi());
      assertArrayEquals(expected.pdgId(), actual.pdgId());
      assertArrayEquals(expected.jetMass(), actual.jetMass());
    }
  }

  @Test
  void delphesReferenceToNothingNamesEntryAndObject() {
    EventBatch delphes = asDelphes(Samples.events().slice(0, 3), false);
    ListColumn references = (ListColumn) delphes.column("Jet/Jet.Constituents");
    ListColumn perJet = (ListColumn) references.elements();
    int[] ids = ((IntColumn) perJet.elements()).toArray();
    ids[0] = -2;
    Column changed =
        ListColumn.of(
            references.elementOffsets(),
            ListColumn.of(perJet.elementOffsets(), IntColumn.ofUnsigned(ids)));
    EventBatch bad = TestColumns.replace(delphes, "Jet/Jet.Constituents", changed);
    EventDataException e =
        assertThrows(EventDataException.class, () -> ConstituentLayout.delphes().read(bad));
    assertTrue(
        e.getMessage().contains("Jet/Jet.Constituents of jet 0 refers to object 4294967294"),
        e.getMessage());
    ids[0] = 0; // an empty slot
    assertEquals(ids.length - 1, ConstituentLayout.delphes().read(bad).pt().length);
  }

  @Test
  void delphesWithoutReferencesIsMatchedByDistanceOnlyWhenAsked() {
    EventBatch delphes = asDelphes(Samples.events().slice(0, 50), false);
    List<String> others =
        delphes.schema().names().stream().filter(n -> !n.equals("Jet/Jet.Constituents")).toList();
    EventBatch without = delphes.select(others);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> ConstituentLayout.delphes().read(without));
    assertTrue(e.getMessage().contains("or the option to match"), e.getMessage());
    ConstituentLayout matching = ConstituentLayout.delphesMatchedByDistance();
    assertTrue(!matching.columns(without.schema()).contains("EFlowTrack/EFlowTrack.fUniqueID"));
    JetConstituents byDistance = matching.read(without.select(matching.columns(without.schema())));
    JetConstituents byReference = matching.read(delphes);
    // Clustered with R = 0.4: the objects within 0.5 are nearly all of the jet, and few more.
    int same = 0;
    for (int jet = 0; jet < byReference.jets(); jet++) {
      for (int i = 0; i < byDistance.count(jet); i++) {
        int at = byDistance.constituentOffsets()[jet] + i;
        double deta = byDistance.eta()[at] - byDistance.jetEta()[jet];
        double dphi = Angles.difference(byDistance.phi()[at], byDistance.jetPhi()[jet]);
        assertTrue(Math.hypot(deta, dphi) < 0.5);
      }
      float leading = byReference.pt()[byReference.constituentOffsets()[jet]];
      same += byDistance.pt()[byDistance.constituentOffsets()[jet]] == leading ? 1 : 0;
    }
    assertTrue(same > 0.95 * byReference.jets(), same + " of " + byReference.jets());
  }

  @Test
  void twoObjectsOfOneIdentifierAreRefused() {
    EventBatch delphes = asDelphes(Samples.events().slice(0, 1), false);
    ListColumn ids = (ListColumn) delphes.column("EFlowTrack/EFlowTrack.fUniqueID");
    int[] same = new int[ids.elements().length()];
    Arrays.fill(same, 7);
    EventBatch bad =
        TestColumns.replace(
            delphes,
            "EFlowTrack/EFlowTrack.fUniqueID",
            ListColumn.of(ids.elementOffsets(), IntColumn.ofUnsigned(same)));
    EventDataException e =
        assertThrows(EventDataException.class, () -> ConstituentLayout.delphes().read(bad));
    assertTrue(e.getMessage().endsWith("have the fUniqueID 7"), e.getMessage());
  }

  @Test
  void fileByDelphesIsRead() throws IOException {
    String shared = System.getProperty("bitbeam.shared", "../../shared");
    Path file = Path.of(shared, "corpus", "root", "uproot-issue513.root");
    Assumptions.assumeTrue(Files.exists(file), "no " + file + ", so no file by Delphes is read");
    try (RootFile root = RootFile.open(file)) {
      Dataset dataset = root.dataset("Delphes");
      ConstituentLayout layout = ConstituentLayout.auto().resolve(dataset.schema());
      assertEquals("delphes", layout.name());
      EventBatch batch = dataset.read(layout.columns(dataset.schema()), 0, dataset.entries());
      JetConstituents jets = layout.read(batch);
      assertEquals(10, batch.entries());
      // Numbers of constituents as uproot has them: 8 jets in the first event.
      assertEquals(8, jets.jetOffsets()[1]);
      int[] counts = new int[8];
      for (int jet = 0; jet < 8; jet++) {
        counts[jet] = jets.count(jet);
      }
      assertArrayEquals(new int[] {6, 15, 6, 10, 10, 8, 9, 9}, counts);
      assertEquals(68.99266f, jets.jetPt()[0]);
      // Delphes scales jets up by a few per cent after clustering, so their constituents fall
      // short.
      for (int jet = 0; jet < jets.jets(); jet++) {
        double x = 0;
        double y = 0;
        for (int i = jets.constituentOffsets()[jet]; i < jets.constituentOffsets()[jet + 1]; i++) {
          x += jets.pt()[i] * Math.cos(jets.phi()[i]);
          y += jets.pt()[i] * Math.sin(jets.phi()[i]);
        }
        double share = Math.hypot(x, y) / jets.jetPt()[jet];
        assertTrue(share > 0.85 && share < 1, "jet " + jet + ": " + share);
        double turn = Angles.difference(Math.atan2(y, x), jets.jetPhi()[jet]);
        assertEquals(0, turn, 1e-4, "jet " + jet);
      }
    }
  }

  /** An event with one jet and one candidate, and one with a jet of two of three candidates. */
  private static EventBatch handMade() {
    Map<String, Column> columns = new LinkedHashMap<>();
    for (String name : List.of("Jet_pt", "Jet_eta", "Jet_phi", "Jet_mass")) {
      columns.put(name, TestColumns.floats(new float[] {30}, new float[] {40}));
    }
    for (String name : List.of("PFCands_pt", "PFCands_eta", "PFCands_phi")) {
      columns.put(name, TestColumns.floats(new float[] {1, 2}, new float[] {3, 4, 5}));
    }
    columns.put("PFCands_pdgId", TestColumns.ints(new int[] {22, 22}, new int[] {22, 22, 22}));
    columns.put("JetPFCands_jetIdx", TestColumns.ints(new int[] {0}, new int[] {0, 0}));
    columns.put("JetPFCands_pFCandsIdx", TestColumns.ints(new int[] {1}, new int[] {2, 0}));
    return TestColumns.batch(columns);
  }

  /** The same events as Delphes would write them; candidates become energy flow objects. */
  private static EventBatch asDelphes(EventBatch pfnano, boolean withRecords) {
    Map<String, List<float[]>> floats = new TreeMap<>();
    Map<String, List<int[]>> ints = new TreeMap<>();
    List<int[]> references = new ArrayList<>();
    int[] jetOffsets = ((ListColumn) pfnano.column("Jet_pt")).elementOffsets();
    for (int entry = 0; entry < pfnano.entries(); entry++) {
      int[] pdgId = intsOf(pfnano, "PFCands_pdgId", entry);
      for (String branch : List.of("EFlowTrack", "EFlowPhoton", "EFlowNeutralHadron")) {
        int[] chosen =
            IntStream.range(0, pdgId.length)
                .filter(i -> branch.equals(branchOf(pdgId[i])))
                .toArray();
        String prefix = branch + "/" + branch + ".";
        String pt = branch.equals("EFlowTrack") ? "PT" : "ET";
        for (String[] names :
            new String[][] {{pt, "PFCands_pt"}, {"Eta", "PFCands_eta"}, {"Phi", "PFCands_phi"}}) {
          float[] values = floatsOf(pfnano, names[1], entry);
          float[] picked = new float[chosen.length];
          for (int i = 0; i < chosen.length; i++) {
            picked[i] = values[chosen[i]];
          }
          floats.computeIfAbsent(prefix + names[0], k -> new ArrayList<>()).add(picked);
        }
        ints.computeIfAbsent(prefix + "fUniqueID", k -> new ArrayList<>())
            .add(Arrays.stream(chosen).map(i -> i + 100).toArray());
        if (branch.equals("EFlowTrack")) {
          ints.computeIfAbsent(prefix + "PID", k -> new ArrayList<>())
              .add(Arrays.stream(chosen).map(i -> pdgId[i]).toArray());
        }
      }
      int[] jetIdx = intsOf(pfnano, "JetPFCands_jetIdx", entry);
      int[] candIdx = intsOf(pfnano, "JetPFCands_pFCandsIdx", entry);
      for (int jet = 0; jet < jetOffsets[entry + 1] - jetOffsets[entry]; jet++) {
        int number = jet;
        references.add(
            IntStream.range(0, jetIdx.length)
                .filter(i -> jetIdx[i] == number)
                .map(i -> candIdx[i] + 100)
                .toArray());
      }
    }
    Map<String, Column> columns = new TreeMap<>();
    floats.forEach((name, v) -> columns.put(name, TestColumns.floats(v.toArray(float[][]::new))));
    ints.forEach((name, v) -> columns.put(name, TestColumns.ints(v.toArray(int[][]::new))));
    for (String[] names :
        new String[][] {
          {"PT", "Jet_pt"}, {"Eta", "Jet_eta"}, {"Phi", "Jet_phi"}, {"Mass", "Jet_mass"}
        }) {
      columns.put("Jet/Jet." + names[0], pfnano.column(names[1]));
    }
    ListColumn signed = TestColumns.ints(references.toArray(int[][]::new));
    Column ids =
        ListColumn.of(
            signed.elementOffsets(),
            IntColumn.ofUnsigned(((IntColumn) signed.elements()).toArray()));
    if (withRecords) {
      Column sizes = IntColumn.of(new int[ids.length()]);
      ids = RecordColumn.of(List.of("fSize", "refs"), List.of(sizes, ids), ids.length());
    }
    columns.put("Jet/Jet.Constituents", ListColumn.of(jetOffsets, ids));
    return TestColumns.batch(columns);
  }

  private static String branchOf(int pdgId) {
    return switch (pdgId) {
      case 22 -> "EFlowPhoton";
      case 130 -> "EFlowNeutralHadron";
      default -> "EFlowTrack";
    };
  }

  private static int[] intsOf(EventBatch batch, String name, int entry) {
    return ((IntColumn) ((ListColumn) batch.column(name)).get(entry)).toArray();
  }

  private static float[] floatsOf(EventBatch batch, String name, int entry) {
    return ((FloatColumn) ((ListColumn) batch.column(name)).get(entry)).toArray();
  }
}
