package org.bitbeam.physics.tagging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.BooleanColumn;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.physics.EventDataException;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.BundleWriter;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.NetworkExport;
import org.bitbeam.runtime.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A tagger with four input groups in the manner of CMS, an embedding, working points and a layout
 * in its bundle, against {@code make_groups.py} (numpy and ONNX Runtime in Python).
 */
class TaggerOutputsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int HIDDEN = 6;
  private static final String TIGHT =
      "{'name': 'tight', 'minimumLogit': 0.3, 'signalEfficiency': 0.4, 'signalError': 0.01,"
          + " 'backgroundEfficiency': 0.1, 'backgroundError': 0.005, 'sample': 'qg test'}";

  private final Map<String, Long> counts = new TreeMap<>();

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = TaggerOutputsTest.class.getResourceAsStream("/tagging/" + name)) {
      return in.readAllBytes();
    }
  }

  private static ModelBundle bundle(String more) throws IOException {
    return bundle(more, "groups_preprocess.json");
  }

  private static ModelBundle bundle(String more, String preprocess) throws IOException {
    ObjectNode stage =
        (ObjectNode) JSON.readTree(("{'kind': 'jet-tagger'" + more + "}").replace('\'', '"'));
    return new BundleWriter("groups", "1.0.0", "", "CC0-1.0", stage)
        .model(
            "tagger",
            "model.onnx",
            NetworkExport.withOutput("groups", resource("groups.onnx"), "hidden"))
        .file("preprocess.json", resource(preprocess))
        .bundle();
  }

  private EventBatch tag(ModelBundle bundle, String backend, EventBatch batch) {
    return tag(bundle, backend, batch, JetTagger.DEFAULTS);
  }

  private EventBatch tag(ModelBundle bundle, String backend, EventBatch batch, JetOptions options) {
    try (Network network = bundle.load(Backends.standard().get(backend), BackendOptions.DEFAULT)) {
      return JetTagger.of(bundle, network, options)
          .apply(batch, (name, amount) -> counts.merge(name, amount, Long::sum));
    }
  }

  private static float[] floats(EventBatch batch, String name) {
    return ((FloatColumn) batch.column(name)).toArray();
  }

  private static float[] embedding(EventBatch batch) {
    return ((FloatColumn) ((ArrayColumn) batch.column("jet_qgEmbedding")).content()).toArray();
  }

  private static final String EMBEDDING =
      ", 'embedding': {'output': 'hidden', 'size': 6}, 'workingPoints': [" + TIGHT + "]";

  @ParameterizedTest
  @ValueSource(strings = {"ort", "bit", "reference"})
  void severalGroupsOfOtherLengthsGiveThePythonJobsNumbers(String backend) throws IOException {
    EventBatch tagged = tag(bundle(EMBEDDING), backend, Samples.qgSample());
    Map<String, Tensor> expected = Samples.arrays("groups");
    float[] logit = floats(tagged, "jet_qgLogit");
    float[] hidden = embedding(tagged);
    BooleanColumn tight = (BooleanColumn) tagged.column("jet_qgTight");
    int passing = 0;
    for (int jet = 0; jet < logit.length; jet++) {
      double want =
          expected.get("logits").getDouble(2 * jet + 1) - expected.get("logits").getDouble(2 * jet);
      assertEquals(want, logit[jet], 2e-5, "jet " + jet);
      for (int i = jet * HIDDEN; i < (jet + 1) * HIDDEN; i++) {
        assertEquals(expected.get("hidden").getDouble(i), hidden[i], 2e-5, "jet " + jet);
      }
      assertEquals(logit[jet] >= 0.3, tight.get(jet));
      passing += tight.get(jet) ? 1 : 0;
    }
    assertTrue(passing > 20 && passing < logit.length - 20, passing + " of " + logit.length);
    assertTrue(counts.get(JetTagger.TRUNCATED_JETS) > 0);
    String description = tagged.schema().field("jet_qgTight").orElseThrow().description();
    assertEquals(
        "groups 1.0.0, logit of 0.300000 or more: 0.4000 +- 0.010 of quark and 0.1000 +- 0.0050 of"
            + " gluon jets in qg test",
        description);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ort", "bit"})
  void jetsAreTheSameInAnyBatch(String backend) throws IOException {
    ModelBundle bundle = bundle(EMBEDDING);
    EventBatch all = Samples.qgSample().slice(0, 60);
    EventBatch whole = tag(bundle, backend, all);
    for (int entries : new int[] {1, 7, 59}) {
      int from = 0;
      for (EventBatch part : Samples.split(all, entries)) {
        assertEquals(
            whole.slice(from, from + part.entries()), tag(bundle, backend, part), "" + entries);
        from += part.entries();
      }
    }
  }

  @Test
  void noneOneAndTooManyConstituents() throws IOException {
    float[] many = new float[75];
    for (int i = 0; i < many.length; i++) {
      many[i] = 100 - i;
    }
    EventBatch batch =
        TestColumns.jets(new float[0], new float[] {7}, many, Arrays.copyOf(many, 60));
    batch = TestColumns.replace(batch, "jet_pt", FloatColumn.of(1, 7, 5000, 5000));
    EventBatch tagged = tag(bundle(EMBEDDING), "ort", batch);
    float[] logit = floats(tagged, "jet_qgLogit");
    float[] hidden = embedding(tagged);
    BooleanColumn tight = (BooleanColumn) tagged.column("jet_qgTight");
    assertTrue(Float.isNaN(logit[0]) && Float.isNaN(hidden[0]) && Float.isNaN(hidden[HIDDEN - 1]));
    assertFalse(tight.get(0));
    assertTrue(Float.isFinite(logit[1]) && Float.isFinite(hidden[HIDDEN]));
    assertEquals(logit[3], logit[2]);
    assertArrayEquals(
        Arrays.copyOfRange(hidden, 3 * HIDDEN, 4 * HIDDEN),
        Arrays.copyOfRange(hidden, 2 * HIDDEN, 3 * HIDDEN));
    assertEquals(1, counts.get(JetTagger.JETS_WITHOUT_CONSTITUENTS));
    assertEquals(1, counts.get(JetTagger.TRUNCATED_JETS));
  }

  @Test
  void jetsTheNetworkWasNotTrainedForAreScoredAndCountedOrRefused() throws IOException {
    ModelBundle bundle =
        bundle(
            ", 'trainedFor': {'jetPtGeV': {'minimum': 15, 'maximum': 30},"
                + " 'jetAbsEta': {'minimum': 0, 'maximum': 2}}");
    EventBatch batch =
        TestColumns.jets(
            new float[] {10, 5},
            new float[] {20, 10},
            new float[] {20, 10},
            new float[] {10, 4},
            new float[0],
            new float[] {31});
    batch = TestColumns.replace(batch, "jet_eta", FloatColumn.of(2, -2, -2.1f, 0, 0, 0));
    float[] logit = floats(tag(bundle, "ort", batch), "jet_qgLogit");
    assertEquals(3, counts.get(JetTagger.JETS_OUT_OF_RANGE));
    assertArrayEquals(floats(tag(bundle(""), "ort", batch), "jet_qgLogit"), logit);
    assertEquals(3, counts.get(JetTagger.JETS_OUT_OF_RANGE), "no range, none outside");
    JetOptions strict = JetTagger.DEFAULTS.withOutOfRange(TrainedRange.Policy.ERROR);
    EventBatch inside = batch.slice(0, 2);
    assertEquals(tag(bundle, "ort", inside), tag(bundle, "ort", inside, strict));
    EventBatch outside = batch.slice(1, 3);
    EventDataException refused =
        assertThrows(EventDataException.class, () -> tag(bundle, "ort", outside, strict));
    assertEquals(
        "file.root: Events, entry 1002: jetAbsEta of jet 0 is 2.0999999046325684, the model was"
            + " trained from 0.0 to 2.0; the other policy is flag",
        refused.getMessage());
  }

  @Test
  void rangesThatAreNoneAreRefused() {
    for (String range : List.of("{'jetPt': {'minimum': 1, 'maximum': 2}}", "{'jetPtGeV': 5}")) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () ->
                      tag(
                          bundle(", 'trainedFor': " + range),
                          "ort",
                          TestColumns.jets(new float[] {1})))
              .getMessage();
      assertTrue(message.contains("trainedFor"), message);
    }
  }

  @Test
  void eventsGetListsOfEmbeddingsAndFlags() throws IOException {
    EventBatch tagged = tag(bundle(EMBEDDING), "ort", Samples.events().slice(0, 5));
    ListColumn logits = (ListColumn) tagged.column("Jet_qgLogit");
    ListColumn hidden = (ListColumn) tagged.column("Jet_qgEmbedding");
    assertEquals("list<array<float32,6>>", hidden.type().shape());
    assertArrayEquals(logits.elementOffsets(), hidden.elementOffsets());
    assertEquals("list<bool>", tagged.column("Jet_qgTight").type().shape());
  }

  @Test
  void layoutOfTheBundleIsTakenUnlessTheUserChoosesOne() throws IOException {
    String layout =
        ", 'layout': {'prefix': 'Cluster', 'oneJetAnEntry': true, 'jets': {'pt': 'c_pt', 'eta':"
            + " 'c_eta', 'phi': 'c_phi', 'mass': 'c_mass'}, 'constituents': {'pt': 'Part_pt',"
            + " 'eta': 'Part_eta', 'phi': 'Part_phi', 'pdgId': 'Part_pdgId'}}";
    EventBatch jets = Samples.qgSample().slice(0, 20);
    EventBatch named = TestColumns.rename(jets, "jet_", "c_");
    float[] expected = floats(tag(bundle(""), "ort", jets), "jet_qgLogit");
    assertArrayEquals(expected, floats(tag(bundle(layout), "ort", named), "Cluster_qgLogit"));
    // Where the bundle's columns are not there, the usual ones are looked for.
    assertArrayEquals(expected, floats(tag(bundle(layout), "ort", jets), "jet_qgLogit"));
    JetOptions chosen = JetTagger.DEFAULTS.withLayout(ConstituentLayout.jets());
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> tag(bundle(layout), "ort", named, chosen));
    assertTrue(e.getMessage().contains("jet_pt"), e.getMessage());
  }

  @Test
  void whatDoesNotFitIsRefused() throws IOException {
    for (String[] wrong :
        new String[][] {
          {", 'embedding': {'output': 'pooled'}", "has no output \"pooled\""},
          {", 'embedding': {'output': 'hidden', 'size': 0}", "its size is not known"},
          {", 'embedding': {'output': 'logits', 'size': 3}", "its size is not known"},
          {", 'workingPoints': [{'name': 'tight'}]", "\"minimumLogit\" is , expected a number"},
          {", 'workingPoints': [" + TIGHT + ", " + TIGHT + "]", "column qgTight already"},
          {", 'workingPoints': [" + TIGHT.replace("tight", "logit") + "]", "qgLogit already"},
          {", 'workingPoints': [" + TIGHT.replace("tight", "a b") + "]", "letters and digits"},
          {", 'workingPoints': [" + TIGHT.replace("0.1,", "1.1,") + "]", "expected 0 to 1"},
          {", 'layout': {'jets': {}}", "\"jets\" has no \"pt\""},
          {", 'layout': 'cms'", "no layout \"cms\""},
        }) {
      ModelBundle bundle = bundle(wrong[0]);
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> tag(bundle, "ort", Samples.qgSample().slice(0, 1)));
      assertTrue(e.getMessage().contains(wrong[1]), e.getMessage());
    }
  }

  @Test
  void valuesThatAreNotFiniteAreReplacedAsDeclared() throws IOException {
    Preprocessing replaced =
        Preprocessing.parse(
            "p.json",
            JSON.readTree(
                ("{'input_names': ['x'], 'x': {'var_names': ['log_ptrel'], 'var_length': 2,"
                        + " 'var_infos': {'log_ptrel': {'median': 1, 'norm_factor': 2,"
                        + " 'replace_inf_value': 3, 'lower_bound': -9, 'upper_bound': 9}}}}")
                    .replace('\'', '"')));
    EventBatch batch = TestColumns.jets(new float[] {4});
    batch = TestColumns.replace(batch, "jet_pt", FloatColumn.of(0)); // ln(4 / 0)
    JetConstituents jets = ConstituentLayout.jets().read(batch);
    float[] values =
        replaced.tensors(jets, new int[] {0}, 2, java.util.Set.of("x")).get("x").floats();
    assertArrayEquals(new float[] {(3 - 1) * 2, 0}, values);
    assertEquals(List.of("x"), replaced.inputNames());
  }
}
