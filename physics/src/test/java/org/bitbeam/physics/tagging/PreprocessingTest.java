package org.bitbeam.physics.tagging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.runtime.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreprocessingTest {
  private static final Set<String> ALL = Set.of("pf_features", "pf_vectors", "pf_mask");

  @ParameterizedTest
  @CsvSource({"jets", "events"})
  void tensorsAreThoseOfTheSameJobInPython(String sample) {
    EventBatch batch = sample.equals("jets") ? Samples.qgSample() : Samples.events();
    JetConstituents jets = ConstituentLayout.auto().resolve(batch.schema()).read(batch);
    Map<String, Tensor> expected = Samples.arrays("features");
    int count = expected.get(sample + ".pf_mask").axis(0);
    int length = expected.get(sample + ".pf_mask").axis(2);
    Map<String, Tensor> actual =
        pfn().tensors(jets, IntStream.range(0, count).toArray(), length, ALL);
    assertEquals(3, actual.size());
    for (Map.Entry<String, Tensor> tensor : actual.entrySet()) {
      Tensor want = expected.get(sample + "." + tensor.getKey());
      assertArrayEquals(want.shape(), tensor.getValue().shape(), tensor.getKey());
      for (int i = 0; i < want.size(); i++) {
        double value = want.getDouble(i);
        assertEquals(
            value,
            tensor.getValue().getDouble(i),
            1e-6 * Math.abs(value),
            tensor.getKey() + " at " + i);
      }
    }
  }

  @Test
  void onlyWantedInputsAreMade() {
    EventBatch batch = Samples.qgSample().slice(0, 2);
    JetConstituents jets = ConstituentLayout.jets().read(batch);
    assertEquals(
        Set.of("pf_mask"), pfn().tensors(jets, new int[] {1}, 8, Set.of("pf_mask")).keySet());
  }

  @Test
  void lengthFollowsFromTheJetAlone() {
    Preprocessing pfn = pfn();
    assertEquals(100, pfn.maxConstituents());
    int[] lengths =
        IntStream.of(0, 1, 8, 9, 96, 97, 100, 101, 5000).map(pfn::paddedLength).toArray();
    assertArrayEquals(new int[] {8, 8, 8, 16, 96, 100, 100, 100, 100}, lengths);
    Preprocessing fixed = parse("{'var_names': ['pt'], 'var_length': 30, 'min_length': 20}");
    assertArrayEquals(
        new int[] {20, 24, 30}, IntStream.of(1, 21, 30).map(fixed::paddedLength).toArray());
  }

  @Test
  void placesWithoutConstituentGetThePaddingThatIsDeclared() {
    Preprocessing padded =
        parse(
            "{'var_names': ['pt', 'log_pt'], 'var_length': 8, 'var_infos': {'log_pt':"
                + " {'median': 1, 'norm_factor': 2, 'lower_bound': -3, 'upper_bound': 3, 'pad':"
                + " -9}}}");
    JetConstituents jets =
        ConstituentLayout.jets().read(TestColumns.jets(new float[] {1, 100, 0.001f}));
    float[] values = padded.tensors(jets, new int[] {0}, 5, Set.of("x")).get("x").floats();
    float[] expected = {100, 1, 0.001f, 0, 0, 3, -2, -3, -9, -9};
    assertArrayEquals(expected, values);
  }

  @Test
  void chargeAndKindFollowFromThePdgIdentifier() {
    int[] ids = {
      11,
      -11,
      13,
      -13,
      22,
      211,
      -211,
      321,
      -321,
      2212,
      -2212,
      3222,
      3112,
      -3112,
      3312,
      3334,
      130,
      2112,
      310,
      1,
      0,
      Integer.MIN_VALUE
    };
    double[] charges = {-1, 1, -1, 1, 0, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, -1, 0, 0, 0, 0, 0, 0};
    ConstituentVariable.Constituent c = new ConstituentVariable.Constituent();
    for (int i = 0; i < ids.length; i++) {
      c.set(1, 0, 0, ids[i]);
      assertEquals(charges[i], ConstituentVariable.CHARGE.of(c), "PDG " + ids[i]);
      double kinds =
          ConstituentVariable.IS_ELECTRON.of(c)
              + ConstituentVariable.IS_MUON.of(c)
              + ConstituentVariable.IS_PHOTON.of(c)
              + ConstituentVariable.IS_CHARGED_HADRON.of(c)
              + ConstituentVariable.IS_NEUTRAL_HADRON.of(c);
      assertEquals(ids[i] == 0 ? 0 : 1, kinds, "PDG " + ids[i]);
    }
  }

  @Property
  void azimuthDifferenceIsInsideOfOneTurn(
      @ForAll @FloatRange(min = -10, max = 10) float a,
      @ForAll @FloatRange(min = -10, max = 10) float b) {
    double difference = Angles.difference(a, b);
    assertTrue(difference >= -Math.PI && difference <= Math.PI, a + " - " + b);
    double turns = ((double) a - b - difference) / (2 * Math.PI);
    assertEquals(Math.rint(turns), turns, 1e-12);
  }

  @Test
  void unknownVariableIsRefusedWithTheNamesThereAre() {
    assertEquals(
        "p.json: x: no variable \"log_mass\"; there are: pt, eta, phi, energy, mask, log_pt, log_e,"
            + " log_ptrel, log_erel, deta, dphi, dr, charge, is_electron, is_muon, is_photon,"
            + " is_charged_hadron, is_neutral_hadron, abs_eta, jet_pt, jet_log_pt, jet_eta, jet_phi,"
            + " jet_mass",
        refusal("{'input_names': ['x'], 'x': {'var_names': ['log_mass'], 'var_length': 1}}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|\"input_names\" is",
        "{'input_names': []}|input_names is empty",
        "{'input_names': ['x']}|\"var_names\" is",
        "{'input_names': ['x'], 'x': {'var_names': ['pt']}}|var_length is",
        "{'input_names': ['x'], 'x': {'var_names': ['pt'], 'var_length': 2000000}}|expected 1 to"
            + " 100000",
        "{'input_names': ['x'], 'x': {'var_names': ['pt'], 'var_length': 2, 'min_length': 3}}|"
            + "min_length is 3",
        "{'input_names': ['x'], 'x': {'var_names': ['pt'], 'max_length': 0, 'var_length': 3}}|"
            + "max_length is 0",
        "{'input_names': ['x'], 'x': {'var_names': ['pt'], 'var_length': 2, 'var_infos': {'pt':"
            + " {'median': 0, 'norm_factor': 1, 'lower_bound': 1}}}}|upper_bound is",
        "{'input_names': ['x'], 'x': {'var_names': ['pt'], 'var_length': 2, 'var_infos': {'pt':"
            + " {'median': 0, 'norm_factor': 1, 'lower_bound': 1, 'upper_bound': 0}}}}|is above",
        "{'input_names': ['x'], 'x': {'var_names': ['pt'], 'var_length': 2, 'var_infos': {'pt':"
            + " {'median': 0, 'norm_factor': 1, 'lower_bound': 1, 'upper_bound': 2, 'log': 1}}}}|"
            + "[log] is not known",
      })
  void incompleteDeclarationIsRefused(String json, String reason) {
    String message = refusal(json);
    assertTrue(message.contains(reason), message);
  }

  private static String refusal(String json) {
    return assertThrows(
            IllegalArgumentException.class, () -> Preprocessing.parse("p.json", json(json)))
        .getMessage();
  }

  private static Preprocessing parse(String group) {
    return Preprocessing.parse("p.json", json("{'input_names': ['x'], 'x': " + group + "}"));
  }

  private static Preprocessing pfn() {
    return Preprocessing.parse("pfn", Samples.bundle("pfn").json("preprocess.json"));
  }

  static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text.replace('\'', '"'));
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IllegalArgumentException(text, e);
    }
  }
}
