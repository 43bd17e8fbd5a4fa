package org.bitbeam.physics.tagging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.Schema;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.ElementType;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.ModelException;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.TensorInfo;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class JetTaggerTest {
  private static final long SEED = 20261125;
  private static final ModelBundle PFN = Samples.bundle("pfn");
  private static Network network;

  private final Map<String, Long> counts = new TreeMap<>();

  @BeforeAll
  static void load() {
    network = PFN.load(Backends.standard().get("ort"), BackendOptions.DEFAULT);
  }

  @AfterAll
  static void unload() {
    network.close();
  }

  /** Answers with made-up logits; the shapes are those of a tagger. */
  private record Scripted(List<TensorInfo> inputs, String output, float gluon, float quark)
      implements Network {
    @Override
    public List<TensorInfo> outputs() {
      return List.of(new TensorInfo(output, ElementType.FLOAT32, List.of(-1, 2)));
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> given) {
      int jets = given.values().iterator().next().axis(0);
      float[] values = new float[2 * jets];
      for (int i = 0; i < jets; i++) {
        values[2 * i] = gluon;
        values[2 * i + 1] = quark;
      }
      return Map.of(output, Tensor.of(values, jets, 2));
    }

    @Override
    public void close() {}
  }

  private static Scripted scripted(Integer jets, Integer variables, Integer length) {
    TensorInfo input =
        new TensorInfo("pf_features", ElementType.FLOAT32, List.of(jets, variables, length));
    return new Scripted(List.of(input), "logits", 1, 3);
  }

  @Test
  void outputColumnsAreDescribedAndNamedAfterTheJets() {
    JetTagger tagger = tagger(JetTagger.DEFAULTS.withMinimumJetPt(20));
    List<Schema.Field> fields = tagger.outputs(Samples.events().schema());
    assertEquals("Jet_qgQuarkScore", fields.get(0).name());
    assertEquals("Jet_qgLogit", fields.get(1).name());
    assertEquals("list<float32>", fields.get(0).type().shape());
    assertEquals(
        "quark score of pfn 1.0.0: 1 / (1 + exp(gluon - quark)); NaN for jets without constituents"
            + " or with pT below 20.0 GeV",
        fields.get(0).description());
    assertEquals("", fields.get(0).unit());
    fields = tagger.outputs(Samples.qgSample().schema());
    assertEquals("jet_qgQuarkScore", fields.get(0).name());
    assertEquals("float32", fields.get(0).type().shape());
    assertEquals(
        List.of(
            "Jet_pt",
            "Jet_eta",
            "Jet_phi",
            "Jet_mass",
            "PFCands_pt",
            "PFCands_eta",
            "PFCands_phi",
            "PFCands_pdgId",
            "JetPFCands_jetIdx",
            "JetPFCands_pFCandsIdx"),
        tagger.inputs(Samples.events().schema()));
  }

  @Test
  void inputColumnsAreLeftAsTheyAre() {
    EventBatch batch = Samples.events().slice(3, 20);
    EventBatch tagged = tagger().apply(batch);
    assertEquals(batch, tagged.select(batch.schema().names()));
    assertEquals(batch.origin(), tagged.origin());
    int[] offsets = ((ListColumn) batch.column("Jet_pt")).elementOffsets();
    assertArrayEquals(offsets, ((ListColumn) tagged.column("Jet_qgLogit")).elementOffsets());
  }

  @Test
  void scoreAndLogitBelongTogether() {
    EventBatch tagged = tagger().apply(Samples.qgSample());
    FloatColumn score = (FloatColumn) tagged.column("jet_qgQuarkScore");
    FloatColumn logit = (FloatColumn) tagged.column("jet_qgLogit");
    for (int i = 0; i < tagged.entries(); i++) {
      assertEquals(1 / (1 + Math.exp(-logit.get(i))), score.get(i), 1e-7);
    }
  }

  @Test
  void batchWithoutEntriesGetsEmptyColumns() {
    for (EventBatch batch : List.of(Samples.events(), Samples.qgSample())) {
      EventBatch tagged = apply(tagger(), batch.slice(5, 5));
      assertEquals(0, tagged.entries());
      assertEquals(batch.schema().size() + 2, tagged.schema().size());
      assertEquals(0, counts.get(JetTagger.JETS));
    }
  }

  @Test
  void entryWithoutJetsGetsAnEmptyList() {
    Map<String, Column> columns = new TreeMap<>();
    for (String name :
        List.of(
            "Jet_pt",
            "Jet_eta",
            "Jet_phi",
            "Jet_mass",
            "PFCands_pt",
            "PFCands_eta",
            "PFCands_phi")) {
      columns.put(name, TestColumns.floats(new float[0], new float[] {50}, new float[0]));
    }
    columns.put("PFCands_pdgId", TestColumns.ints(new int[0], new int[] {22}, new int[0]));
    columns.put("JetPFCands_jetIdx", TestColumns.ints(new int[0], new int[] {0}, new int[0]));
    columns.put("JetPFCands_pFCandsIdx", TestColumns.ints(new int[0], new int[] {0}, new int[0]));
    EventBatch tagged = apply(tagger(), TestColumns.batch(columns));
    ListColumn score = (ListColumn) tagged.column("Jet_qgQuarkScore");
    assertArrayEquals(new int[] {0, 0, 1, 1}, score.elementOffsets());
    assertTrue(((FloatColumn) score.elements()).get(0) > 0);
    assertEquals(1, counts.get(JetTagger.JETS));
  }

  @Test
  void jetsWithoutConstituentsAreNaNAndCounted() {
    float[] scores = scores(TestColumns.jets(new float[0], new float[] {10}, new float[] {0, 0}));
    assertTrue(Float.isNaN(scores[0]));
    assertTrue(scores[1] > 0 && scores[1] < 1);
    assertTrue(Float.isNaN(scores[2]));
    assertEquals(2, counts.get(JetTagger.JETS_WITHOUT_CONSTITUENTS));
    assertEquals(2, counts.get(JetTagger.CONSTITUENTS_WITHOUT_PT));
    assertEquals(3, counts.get(JetTagger.JETS));
  }

  @Test
  void longJetsAreTruncatedToTheConstituentsOfHighestPt() {
    float[] many = new float[150];
    for (int i = 0; i < many.length; i++) {
      many[i] = 1 + (i * 37 % 150);
    }
    float[] sorted = many.clone();
    Arrays.sort(sorted);
    float[] kept = Arrays.copyOfRange(sorted, 50, 150);
    EventBatch both = TestColumns.jets(many, kept, Arrays.copyOfRange(sorted, 49, 150));
    // The jet's own momentum stays that of all constituents.
    both = TestColumns.replace(both, "jet_pt", FloatColumn.of(11325, 11325, 11325));
    float[] scores = scores(both);
    assertEquals(scores[1], scores[0]);
    assertEquals(scores[1], scores[2]);
    assertEquals(2, counts.get(JetTagger.TRUNCATED_JETS));
  }

  @Test
  void jetsThatAreNotFiniteAreNaNAndCountedAndHarmNoOthers() {
    EventBatch good = TestColumns.jets(new float[] {10, 5}, new float[] {20, 1, 1});
    float[] expected = scores(good);
    EventBatch batch =
        TestColumns.jets(
            new float[] {10, 5},
            new float[] {10, Float.NaN},
            new float[] {Float.POSITIVE_INFINITY, 2},
            new float[] {10, 5},
            new float[] {20, 1, 1});
    batch =
        TestColumns.replace(batch, "jet_eta", FloatColumn.of(0, 0, 0, Float.NEGATIVE_INFINITY, 0));
    counts.clear();
    float[] scores = scores(batch);
    assertEquals(expected[0], scores[0]);
    assertEquals(expected[1], scores[4]);
    for (int jet = 1; jet < 4; jet++) {
      assertTrue(Float.isNaN(scores[jet]), "jet " + jet);
    }
    assertEquals(3, counts.get(JetTagger.NON_FINITE_JETS));
  }

  @Test
  void scoresThatAreNotFiniteBecomeNaNAndAreCounted() {
    Scripted broken = new Scripted(scripted(-1, 13, -1).inputs(), "logits", Float.NaN, 1);
    float[] scores = scores(tagger(broken), TestColumns.jets(new float[] {1}, new float[] {2}));
    assertTrue(Float.isNaN(scores[0]) && Float.isNaN(scores[1]));
    assertEquals(2, counts.get(JetTagger.NON_FINITE_JETS));
  }

  @Test
  void jetsBelowTheMinimumPtAreNaNAndCounted() {
    JetTagger tagger = tagger(JetTagger.DEFAULTS.withMinimumJetPt(20));
    float[] scores =
        scores(tagger, TestColumns.jets(new float[] {20}, new float[] {19.99f}, new float[] {21}));
    assertTrue(scores[0] > 0 && scores[2] > 0);
    assertTrue(Float.isNaN(scores[1]));
    assertEquals(1, counts.get(JetTagger.JETS_BELOW_MINIMUM_PT));
  }

  @Test
  void anyNumbersGiveAScoreOrNaN() {
    Random random = new Random(SEED);
    EventBatch all = Samples.events();
    for (int round = 0; round < 200; round++) {
      EventBatch batch = all.slice(round, round + 3);
      for (String name :
          List.of("Jet_pt", "Jet_eta", "Jet_phi", "Jet_mass", "PFCands_pt", "PFCands_eta")) {
        if (random.nextInt(3) == 0) {
          ListColumn column = (ListColumn) batch.column(name);
          float[] values = ((FloatColumn) column.elements()).toArray();
          for (int i = random.nextInt(4); i >= 0 && values.length > 0; i--) {
            values[random.nextInt(values.length)] = Float.intBitsToFloat(random.nextInt());
          }
          Column changed = ListColumn.of(column.elementOffsets(), FloatColumn.of(values));
          batch = TestColumns.replace(batch, name, changed);
        }
      }
      EventBatch tagged = apply(tagger(), batch);
      FloatColumn scores =
          (FloatColumn) ((ListColumn) tagged.column("Jet_qgQuarkScore")).elements();
      for (int i = 0; i < scores.length(); i++) {
        float score = scores.get(i);
        assertTrue((score >= 0 && score <= 1) || Float.isNaN(score), "seed " + SEED + ": " + score);
      }
    }
    assertTrue(counts.get(JetTagger.NON_FINITE_JETS) > 0);
    assertTrue(counts.get(JetTagger.JETS) > 3 * counts.get(JetTagger.NON_FINITE_JETS));
  }

  @Test
  void networkMayWantTheFeaturesOfPdat() throws Exception {
    ModelBundle bundle =
        pdat(
            "{'features': 'pdat', 'constituents': 24, 'neighbours': 6, 'wraps_azimuth': true,"
                + " 'signs_jet_azimuth': false, 'wraps_differences': false, 'output_labels':"
                + " ['gluon', 'quark']}");
    EventBatch batch = Samples.qgSample().slice(0, 40);
    try (Network pdat = bundle.load(Backends.standard().get("ort"), BackendOptions.DEFAULT)) {
      JetTagger tagger = JetTagger.of(bundle, pdat, JetTagger.DEFAULTS);
      FloatColumn logit = (FloatColumn) apply(tagger, batch).column("jet_qgLogit");
      JetConstituents jets = ConstituentLayout.jets().read(batch);
      PdatFeatures features =
          PdatFeatures.of(new PdatOptions(24, 6, true, false, false, false, false));
      for (int jet = 0; jet < 40; jet++) {
        Map<String, Tensor> inputs =
            features.tensors(jets, new int[] {jet, jet}, 24, Set.copyOf(features.inputNames()));
        float[] logits = pdat.run(inputs).get("logits").floats();
        assertEquals(logits[1] - logits[0], logit.get(jet), 1e-5);
      }
      assertEquals(
          IntStream.range(0, 40).filter(j -> jets.count(j) > 24).count(),
          counts.get(JetTagger.TRUNCATED_JETS));
      ModelBundle other =
          pdat(
              "{'features': 'pdat', 'constituents': 25, 'neighbours': 6, 'wraps_azimuth': true,"
                  + " 'signs_jet_azimuth': false, 'wraps_differences': false}");
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> JetTagger.of(other, pdat, JetTagger.DEFAULTS));
      assertTrue(e.getMessage().contains("cannot take [-1, 25, "), e.getMessage());
    }
    for (String[] wrong :
        new String[][] {
          {"{'features': 'lund'}", "no features \"lund\"; there are: variables, pdat"},
          {"{'features': 'pdat', 'neighbours': 6}", "constituents is , expected a number"},
          {
            "{'features': 'pdat', 'constituents': 24, 'neighbours': 6, 'wraps_azimuth': 1}",
            "wraps_azimuth is 1, expected true or false"
          }
        }) {
      ModelBundle broken = pdat(wrong[0]);
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> JetTagger.of(broken, network, JetTagger.DEFAULTS));
      assertTrue(e.getMessage().endsWith(wrong[1]), e.getMessage());
    }
  }

  @Test
  void jetsOfPdatWithNoneOneAndTooManyConstituents() throws Exception {
    String features =
        "{'features': 'pdat', 'constituents': 24, 'neighbours': 6, 'wraps_azimuth': true,"
            + " 'signs_jet_azimuth': true, 'wraps_differences': true, 'rapidity': true}";
    float[] many = new float[30];
    for (int i = 0; i < many.length; i++) {
      many[i] = 100 - i;
    }
    EventBatch batch =
        TestColumns.jets(
            new float[0], new float[] {5}, many, Arrays.copyOf(many, 24), new float[] {0, -1});
    ModelBundle bundle = pdat(features);
    for (String backend : List.of("ort", "bit")) {
      counts.clear();
      try (Network pdat = bundle.load(Backends.standard().get(backend), BackendOptions.DEFAULT)) {
        JetTagger tagger = JetTagger.of(bundle, pdat, JetTagger.DEFAULTS);
        float[] logit = ((FloatColumn) apply(tagger, batch).column("jet_qgLogit")).toArray();
        assertTrue(Float.isNaN(logit[0]) && Float.isNaN(logit[4]));
        assertTrue(Float.isFinite(logit[1]));
        assertEquals(logit[3], logit[2]);
        assertEquals(2, counts.get(JetTagger.JETS_WITHOUT_CONSTITUENTS));
        assertEquals(1, counts.get(JetTagger.TRUNCATED_JETS));
        assertEquals(0, counts.get(JetTagger.CONSTITUENTS_OF_UNKNOWN_SPECIES));
        counts.clear();
        EventBatch strange =
            TestColumns.replace(
                TestColumns.jets(new float[] {5, 3, 2}, new float[] {1}),
                "Part_pdgId",
                TestColumns.ints(new int[] {22, 3122, 0}, new int[] {-310}));
        apply(tagger, strange);
        assertEquals(3, counts.get(JetTagger.CONSTITUENTS_OF_UNKNOWN_SPECIES));
      }
    }
  }

  @Test
  void networkOfFixedLengthGetsThatLength() {
    JetTagger tagger = tagger(scripted(-1, 13, 50));
    float[] long51 = new float[51];
    Arrays.fill(long51, 2);
    float[] scores = scores(tagger, TestColumns.jets(new float[] {1}, long51));
    assertEquals((float) (1 / (1 + Math.exp(-2))), scores[0]);
    assertEquals(1, counts.get(JetTagger.TRUNCATED_JETS));
  }

  @Test
  void networkThatDoesNotFitIsRefused() {
    assertTrue(
        refusal(scripted(-1, 12, -1)).contains("FLOAT32[-1, 12, -1] cannot take 13 variables"));
    assertTrue(refusal(scripted(-1, 13, 101)).contains("up to 100 constituents"));
    assertTrue(refusal(scripted(4, 13, -1)).contains("cannot take"));
    TensorInfo other = new TensorInfo("sv_features", ElementType.FLOAT32, List.of(-1, 2, -1));
    assertTrue(
        refusal(new Scripted(List.of(other), "logits", 0, 0))
            .contains("the network needs input \"sv_features\""));
    assertTrue(
        refusal(new Scripted(scripted(-1, 13, -1).inputs(), "scores", 0, 0))
            .contains("no output \"logits\""));
  }

  @Test
  void networkThatReturnsAnotherShapeIsRefused() {
    Network wrong =
        new Network() {
          @Override
          public List<TensorInfo> inputs() {
            return network.inputs();
          }

          @Override
          public List<TensorInfo> outputs() {
            return network.outputs();
          }

          @Override
          public Map<String, Tensor> run(Map<String, Tensor> inputs) {
            return Map.of("logits", Tensor.of(new float[2], 1, 2));
          }

          @Override
          public void close() {}
        };
    ModelException e =
        assertThrows(
            ModelException.class,
            () -> tagger(wrong).apply(TestColumns.jets(new float[] {1}, new float[] {1})));
    assertEquals(
        "pfn 1.0.0: output \"logits\" is FLOAT32[1, 2], expected shape [2, 2]", e.getMessage());
  }

  @Test
  void optionsAreChecked() {
    JetOptions options = JetTagger.DEFAULTS;
    assertThrows(IllegalArgumentException.class, () -> options.withMaxJetsPerCall(0));
    assertThrows(IllegalArgumentException.class, () -> options.withMinimumJetPt(-1));
    assertThrows(IllegalArgumentException.class, () -> options.withMinimumJetPt(Double.NaN));
  }

  private static JetTagger tagger() {
    return tagger(JetTagger.DEFAULTS);
  }

  private static JetTagger tagger(JetOptions options) {
    return JetTagger.of(PFN, network, options);
  }

  private static JetTagger tagger(Network other) {
    return JetTagger.of(PFN, other, JetTagger.DEFAULTS);
  }

  private static String refusal(Network other) {
    return assertThrows(IllegalArgumentException.class, () -> tagger(other)).getMessage();
  }

  private EventBatch apply(JetTagger tagger, EventBatch batch) {
    return tagger.apply(batch, (name, amount) -> counts.merge(name, amount, Long::sum));
  }

  private float[] scores(EventBatch batch) {
    return scores(tagger(), batch);
  }

  private float[] scores(JetTagger tagger, EventBatch batch) {
    return ((FloatColumn) apply(tagger, batch).column("jet_qgQuarkScore")).toArray();
  }

  /** A bundle of the small P-DAT network of the reference models. */
  private static ModelBundle pdat(String preprocess) throws Exception {
    Map<String, byte[]> files = new TreeMap<>();
    try (InputStream in =
        JetTaggerTest.class.getResourceAsStream("/pdat/small/float.script.onnx")) {
      files.put("model.onnx", in.readAllBytes());
    }
    files.put("preprocess.json", preprocess.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    StringBuilder listed = new StringBuilder();
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(file.getValue());
      listed.append(listed.length() == 0 ? "" : ", ");
      listed.append('"' + file.getKey() + "\": \"" + HexFormat.of().formatHex(hash) + '"');
    }
    String manifest =
        "{'schemaVersion': 1, 'name': 'pdat', 'version': '1', 'licence': 'CC0-1.0', 'stage':"
            + " {'kind': 'jet-tagger'}, 'models': {'tagger': 'model.onnx'}, 'outputs': [{'name':"
            + " 'logits', 'labels': ['gluon', 'quark']}], 'files': {";
    files.put(
        ModelBundle.MANIFEST,
        (manifest.replace('\'', '"') + listed + "}}").getBytes(StandardCharsets.UTF_8));
    ByteArrayOutputStream zip = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(zip)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        out.putNextEntry(new ZipEntry(file.getKey()));
        out.write(file.getValue());
      }
    }
    return ModelBundle.ofZip("pdat.zip", zip.toByteArray(), 1 << 20);
  }
}
