package org.bitbeam.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.physics.tagging.JetTagger;
import org.bitbeam.report.Values;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.NetworkQuantiser;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.NetworkQuantiser.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code model sensitivity} against tagging and evaluating with networks quantised one by one. */
class SensitivityTest {
  private static final int JETS = 120;
  private static final Path QG = Cli.HOME.resolve("samples/qg_sample.root");

  @TempDir private Path folder = Path.of("");

  @Test
  void costsOfLayersAreThoseOfTaggingWithThem() throws IOException {
    Path plan = folder.resolve("plan.json");
    JsonNode scan =
        json(
            "model",
            "sensitivity",
            "pfn",
            "--input",
            QG,
            "--truth",
            "label",
            "--signal",
            "1",
            "--background",
            "0",
            "--entries",
            JETS,
            "--share",
            "0.5",
            "--plan-output",
            plan,
            "--json");
    assertEquals(JETS, scan.get("events").asInt());
    double exact = crossEntropy(List.of());
    assertEquals(exact, scan.get("loss").asDouble(), 1e-5);
    JsonNode layers = scan.get("layers");
    assertEquals(6, layers.size(), layers.toString());
    double last = Double.NEGATIVE_INFINITY;
    for (JsonNode layer : layers) {
      double increase = layer.get("alone").get("increase").asDouble();
      assertTrue(increase >= last, layers.toString());
      last = increase;
    }
    List<Rule> all =
        layers.findValuesAsText("layer").stream()
            .map(name -> new Rule(name, LayerPrecision.TERNARY))
            .toList();
    JsonNode worst = layers.get(5);
    assertEquals(
        crossEntropy(all.subList(5, 6)) - exact,
        worst.get("alone").get("increase").asDouble(),
        1e-4);
    assertEquals(crossEntropy(all) - exact, worst.get("together").get("increase").asDouble(), 1e-4);
    assertEquals(1, worst.get("shareTogether").asDouble(), 1e-9);

    Plan read = Plan.parse("plan", new ObjectMapper().readTree(plan.toFile()));
    int count = read.rules().size();
    assertTrue(layers.get(count - 1).get("shareTogether").asDouble() >= 0.5, layers.toString());
    assertTrue(
        count == 1 || layers.get(count - 2).get("shareTogether").asDouble() < 0.5,
        layers.toString());
    byte[] onnx = ModelBundle.open(Cli.HOME.resolve("models/pfn")).onnx("tagger");
    assertTrue(NetworkQuantiser.quantise("pfn", onnx, read).length > 0, "the plan fits");
  }

  @Test
  void lossOfAnglesIsThatOfEvaluateEft() throws IOException {
    Path wz = Cli.HOME.resolve("samples/wz_sample.root");
    Path layout = Cli.HOME.resolve("samples/wz_layout.json");
    JsonNode scan =
        json(
            "model",
            "sensitivity",
            "smeftnet",
            "--input",
            wz,
            "--layout",
            layout,
            "--truth",
            "lab_gamma",
            "--entries",
            "1000000",
            "--precision",
            "int8",
            "--backend",
            "ort",
            "--json");
    Path out = folder.resolve("eft");
    Cli eft =
        Cli.run(
            "eft",
            "--input",
            wz,
            "--layout",
            layout,
            "--model",
            "smeftnet",
            "--mode",
            "enriched",
            "--output",
            out);
    assertEquals(0, eft.code(), eft.err());
    JsonNode evaluated =
        json(
            "evaluate",
            "eft",
            "--input",
            out.resolve("wz_sample.root"),
            "--truth",
            "lab_gamma",
            "--json");
    assertEquals(evaluated.get("meanSinSquared").asDouble(), scan.get("loss").asDouble(), 1e-6);
  }

  @Test
  void everyBlockOfFlowIsScanned() throws IOException {
    Path showers = folder.resolve("showers.root");
    Cli made = Cli.run("simulate", "--model", "calo-tiny", "--showers", "40", "--output", showers);
    assertEquals(0, made.code(), made.err());
    JsonNode scan =
        json(
            "model",
            "sensitivity",
            "calo-tiny",
            "--input",
            showers,
            "--entries",
            "30",
            "--budget",
            "0.5",
            "--json");
    assertEquals(30, scan.get("events").asInt());
    ModelBundle bundle = ModelBundle.open(Cli.HOME.resolve("models/calo-tiny"));
    Set<String> names = new TreeSet<>();
    for (String role : bundle.roles()) {
      names.addAll(NetworkQuantiser.layers(role, bundle.onnx(role)));
    }
    assertEquals(names, new TreeSet<>(scan.get("layers").findValuesAsText("layer")));
    int chosen = scan.get("plan").get("layers").size();
    if (chosen > 0) {
      JsonNode last = scan.get("layers").get(chosen - 1);
      assertTrue(last.get("together").get("increase").asDouble() <= 0.5, last.toString());
    }
  }

  /**
   * The float network's loss on the training's validation showers is about its validation error.
   */
  @Test
  void everyNetworkOfDiffusionIsScanned() throws IOException {
    Path showers = folder.resolve("showers.hdf5");
    Cli made =
        Cli.run(
            "generate",
            "showers",
            "--geometry",
            "ds2-small",
            "--count",
            "60",
            "--seed",
            "9",
            "--energies",
            "log-uniform:1:100:GeV",
            "--output",
            showers);
    assertEquals(0, made.code(), made.err());
    JsonNode scan =
        json(
            "model",
            "sensitivity",
            "calodream",
            "--input",
            showers,
            "--entries",
            "60",
            "--share",
            "0.5",
            "--json");
    assertEquals(60, scan.get("events").asInt());
    ModelBundle bundle = ModelBundle.open(Cli.HOME.resolve("models/calodream"));
    double validation = bundle.metrics().get("velocityError").asDouble();
    assertEquals(validation, scan.get("loss").asDouble(), 0.25);
    Set<String> names = new TreeSet<>();
    for (String role : bundle.roles()) {
      names.addAll(NetworkQuantiser.layers(role, bundle.onnx(role)));
    }
    names.removeIf(name -> name.contains("#"));
    assertEquals(names, new TreeSet<>(scan.get("layers").findValuesAsText("layer")));
    // As tools/zoo_calo.py counts them from the sizes: 44,089,344 of 63,320,064 a shower.
    double shape = 0;
    double all = 0;
    for (JsonNode layer : scan.get("layers")) {
      double share = layer.get("share").asDouble();
      all += share;
      shape += layer.get("layer").asText().startsWith("shape") ? share : 0;
    }
    assertEquals(1, all, 1e-9);
    assertEquals(44_089_344. / 63_320_064, shape, 1e-9);
    assertTrue(scan.get("plan").get("layers").size() > 0);
  }

  @Test
  void saysWhatIsMissing() {
    Cli classes =
        Cli.run(
            "model", "sensitivity", "pfn", "--input", QG, "--truth", "label", "--entries", "20");
    assertEquals(1, classes.code());
    assertTrue(classes.err().contains("label: "), classes.err());
    assertTrue(classes.err().contains("--signal and --background"), classes.err());
    Cli truth = Cli.run("model", "sensitivity", "pfn", "--input", QG);
    assertEquals(2, truth.code());
    assertTrue(truth.err().contains("--truth"), truth.err());
    Cli plan =
        Cli.run("model", "sensitivity", "pfn", "--input", QG, "--plan-output", folder.resolve("p"));
    assertEquals(2, plan.code());
    assertTrue(plan.err().contains("--budget and --share"), plan.err());
  }

  /** Cross entropy by way of the score's softmax, networks by ONNX Runtime. */
  private static double crossEntropy(List<Rule> rules) throws IOException {
    ModelBundle bundle = ModelBundle.open(Cli.HOME.resolve("models/pfn"));
    byte[] onnx = bundle.onnx("tagger");
    byte[] quantised =
        NetworkQuantiser.quantise("pfn", onnx, new Plan(rules, LayerPrecision.FLOAT));
    try (Network network =
            Backends.standard().get("ort").load("pfn", quantised, BackendOptions.DEFAULT);
        RootFile file = RootFile.open(QG)) {
      Dataset dataset = file.dataset("jets");
      EventBatch jets = dataset.read(dataset.schema().names(), 0, JETS);
      EventBatch tagged = JetTagger.of(bundle, network, JetTagger.DEFAULTS).apply(jets);
      double[] logits = Values.of(tagged, "jet_qgLogit");
      double[] labels = Values.of(tagged, "label");
      double sum = 0;
      for (int i = 0; i < JETS; i++) {
        double quark = 1 / (1 + Math.exp(-logits[i]));
        sum -= Math.log(labels[i] == 1 ? quark : 1 - quark);
      }
      return sum / JETS;
    }
  }

  private static JsonNode json(Object... arguments) throws IOException {
    Cli run = Cli.run(arguments);
    assertEquals(0, run.code(), run.err());
    return new ObjectMapper().readTree(run.out());
  }
}
