package org.bitbeam.runtime.internal.bit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.bitbeam.runtime.internal.Fixtures;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.lowering.Lowered;
import org.bitbeam.runtime.internal.lowering.Lowering;
import org.bitbeam.runtime.internal.lowering.OperationCount;
import org.bitbeam.runtime.internal.lowering.OperationCount.Kind;
import org.bitbeam.runtime.internal.reference.ReferenceFixturesTest;
import org.bitbeam.runtime.onnx.OnnxModel;
import org.bitbeam.runtime.onnx.OnnxReader;
import org.bitbeam.runtime.published.PublishedNetworks;
import org.junit.jupiter.api.Test;

/** Operation counts and parameters of the published networks (models.md 4.3, 5.3, 5.4, 8). */
class PublishedSizesTest {
  private static OperationCount count(OnnxModel model) {
    Lowered lowered = Lowering.lower(Graph.of(model));
    return OperationCount.of(lowered, Plan.shapes(lowered, ReferenceFixturesTest.random(model, 1)));
  }

  @Test
  void caloInnOfDataSet1() {
    int[] photon = {188, 256, 256, 256, 5394};
    PublishedNetworks.Built all = PublishedNetworks.caloInn(photon, 12, 12, true);
    assertEquals(18_720_768, count(all.model()).macs(Kind.BIT_LAYER));
    assertEquals(18_821_350, all.parameters() + 11 * 2 * 373); // and the ActNorms between blocks
    PublishedNetworks.Built central = PublishedNetworks.caloInn(photon, 12, 8, true);
    OperationCount part = count(central.model());
    assertEquals(18_720_768 * 2 / 3, part.macs(Kind.BIT_LAYER));
    assertEquals(18_720_768 / 3, part.macs(Kind.FLOAT_LAYER));
    int[] pion = {271, 256, 256, 256, 7830};
    PublishedNetworks.Built one = PublishedNetworks.caloInn(pion, 1, 1, true);
    assertEquals(26_459_136, 12 * count(one.model()).macs(Kind.BIT_LAYER));
    assertEquals(26_592_624, 12 * one.parameters() + 11 * 2 * 540);
  }

  @Test
  void caloInnOfDataSet2() {
    int[] sizes = {3264, 256, 256, 71764};
    PublishedNetworks.Built one = PublishedNetworks.caloInn(sizes, 1, 1, false);
    assertEquals(269_817_856, 14 * count(one.model()).macs(Kind.BIT_LAYER));
    assertEquals(270_999_370, 14 * one.parameters() + 13 * 2 * 6525);
  }

  @Test
  void caloDreamShapeNetwork() {
    PublishedNetworks.Built vit = PublishedNetworks.vit(true);
    assertEquals(26_042_688, vit.parameters());
    OperationCount count = count(vit.model());
    long bit = count.macs(Kind.BIT_LAYER);
    long all = bit + count.macs(Kind.FLOAT_LAYER) + count.macs(Kind.ATTENTION);
    assertEquals(2.360e9, all, 0.0005e9);
    assertEquals(0.949, (double) bit / all, 0.0005);
  }

  @Test
  void pdatAsCoded() {
    Path shared = Fixtures.shared();
    String file = "fixtures/models/pdat/published/bit.script.onnx";
    OnnxModel model = OnnxReader.read(file, Fixtures.bytes(shared.resolve(file)));
    OperationCount count = count(model);
    long bit = count.macs(Kind.BIT_LAYER);
    long graph = bit + count.macs(Kind.FLOAT_LAYER) + count.macs(Kind.ATTENTION);
    assertEquals(9_011_200, bit);
    assertEquals(102_577_408, graph);
    // The authors' code computes the second edge convolution for 20 copies of each particle, and
    // the
    // bias of the pairs twice; the exported graph does not.
    long coded = graph + 19 * 1_638_400 + 8_320_000;
    assertEquals(142.0e6, coded, 0.05e6);
    assertEquals(0.063, (double) bit / coded, 0.0005);
  }

  private static OnnxModel exported(String file) {
    return OnnxReader.read(file, Fixtures.bytes(Fixtures.shared().resolve(file)));
  }

  /**
   * What PyTorch made of the authors' classes has the same nodes, and the same products.
   *
   * @param more nodes that only the export has
   */
  private static void isExported(String name, String file, Map<String, Long> more) {
    OnnxModel built = PublishedNetworks.of(name).model();
    OnnxModel exported = exported("fixtures/models/" + file);
    for (Kind kind : List.of(Kind.FLOAT_LAYER, Kind.BIT_LAYER, Kind.ATTENTION)) {
      assertEquals(count(exported).macs(kind), count(built).macs(kind), name + ": " + kind);
    }
    Map<String, Long> operators = operators(built);
    more.forEach((operator, number) -> operators.merge(operator, number, Long::sum));
    assertEquals(operators(exported), operators, name);
  }

  /** Without those that only move or repeat numbers: the exporter has other ways to do it. */
  private static Map<String, Long> operators(OnnxModel model) {
    Set<String> moving = Set.of("Shape", "Expand", "Reshape", "Unsqueeze", "Gather", "Transpose");
    return model.graph().nodes().stream()
        .map(node -> node.operator())
        .filter(operator -> !moving.contains(operator))
        .collect(Collectors.groupingBy(o -> o, TreeMap::new, Collectors.counting()));
  }

  @Test
  void pdat() {
    assertEquals(214_728, PublishedNetworks.of("pdat/float").parameters());
    assertEquals(214_728, PublishedNetworks.of("pdat/bit").parameters());
    OnnxModel bit = PublishedNetworks.of("pdat/bit").model();
    assertEquals(9_011_200, count(bit).macs(Kind.BIT_LAYER));
    // The exporter writes a sum of each particle attention twice, and has scores beside logits.
    Map<String, Long> more = Map.of("Add", 2L, "Concat", 1L, "Softmax", 1L);
    isExported("pdat/bit", "pdat/published/bit.dynamo.onnx", more);
  }

  @Test
  void smeftNet() {
    int normalisation = 2 * (1 + 2 * 32);
    int ofMessages = 2 * 2 * 10;
    int layers = 632 + 1537;
    assertEquals(
        layers + normalisation + ofMessages, PublishedNetworks.of("smeftnet/float").parameters());
    assertEquals(layers + normalisation, PublishedNetworks.of("smeftnet/bit30").parameters());
    long messages = 590L * 40 * 40;
    assertEquals(
        messages + 1472,
        count(PublishedNetworks.of("smeftnet/bit100").model()).macs(Kind.BIT_LAYER));
    assertEquals(
        messages, count(PublishedNetworks.of("smeftnet/bit30").model()).macs(Kind.BIT_LAYER));
    assertEquals(1472, count(PublishedNetworks.of("smeftnet/bit70").model()).macs(Kind.BIT_LAYER));
    for (String variant : List.of("float", "bit30", "bit70", "bit100")) {
      isExported("smeftnet/" + variant, "smeftnet/2x10_" + variant + ".dynamo.onnx", Map.of());
    }
  }
}
