package org.bitbeam.training.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.bitbeam.runtime.ModelBundle;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command, as a user gives it. */
class TrainCommandTest {
  private static final String JETS = "../samples/qg_sample.root";

  @TempDir private Path folder;

  private record Run(int code, String out, String err) {
    static Run of(Object... words) {
      StringWriter out = new StringWriter();
      StringWriter err = new StringWriter();
      String[] arguments = List.of(words).stream().map(Object::toString).toArray(String[]::new);
      int code = BitbeamTraining.run(new PrintWriter(out), new PrintWriter(err), arguments);
      return new Run(code, out.toString(), err.toString());
    }
  }

  @Test
  void saysWhatIsWrong() {
    assertTrue(Run.of("train", "tagger", "--help").out().contains("--plan"));
    assertTrue(Run.of("train", "eft", "--help").out().contains("bit70"));
    assertTrue(Run.of("train", "calo", "--help").out().contains("block-central"));
    Run plan =
        Run.of(
            "train", "tagger", "--data", JETS, "--plan", "bit3", "--output", folder.resolve("a"));
    assertEquals(1, plan.code());
    assertTrue(plan.err().contains("no plan \"bit3\"; there are: bit, float"), plan.err());
    assertEquals(2, Run.of("train").code());
    Run network =
        Run.of(
            "train", "tagger", "--data", JETS, "--network", "x", "--output", folder.resolve("a"));
    assertEquals(1, network.code());
    assertTrue(network.err().contains("there are: pfn, pdat, pdat-masked"), network.err());
    Run truth =
        Run.of("train", "tagger", "--data", JETS, "--truth", "x", "--output", folder.resolve("a"));
    assertEquals(1, truth.code());
    assertTrue(truth.err().contains("x"), truth.err());
    Run exists = Run.of("train", "tagger", "--data", JETS, "--output", folder);
    assertEquals(1, exists.code());
    assertTrue(exists.err().contains("not replaced"), exists.err());
  }

  @Test
  void optionsOfTheOtherShowerModelAreRefused() {
    Path output = folder.resolve("a");
    for (String[] wrong :
        new String[][] {
          {"calodream", "--bayesian", "subnet-*.3"},
          {"calodream", "--blocks", "3"},
          {"caloinn", "--solver-steps", "2"},
          {"caloinn", "--patch", "1,1,1"}
        }) {
      Run run =
          Run.of(
              "train",
              "calo",
              "--data",
              "none.hdf5",
              "--geometry",
              "ds2-small",
              "--network",
              wrong[0],
              wrong[1],
              wrong[2],
              "--output",
              output);
      assertEquals(1, run.code());
      assertTrue(run.err().contains(wrong[1] + " is of Calo"), run.err());
      assertTrue(run.err().contains("--network is " + wrong[0]), run.err());
    }
  }

  /** From generated showers to simulated ones, and what tells them apart. */
  @Test
  void aFlowSimulatesAndIsEvaluated() throws IOException {
    try {
      Engine.getInstance();
    } catch (EngineException | LinkageError e) {
      Assumptions.abort("PyTorch's native library cannot be loaded: " + e);
    }
    Path showers = folder.resolve("showers.hdf5");
    Run generate =
        Run.of(
            "generate",
            "showers",
            "--geometry",
            "tiny",
            "--count",
            500,
            "--energies",
            "log-uniform:1:50:GeV",
            "--output",
            showers);
    assertEquals(0, generate.code(), generate.err());
    Path bundle = folder.resolve("flow");
    Object[] words = {
      "train",
      "calo",
      "--data",
      showers,
      "--geometry",
      "tiny",
      "--plan",
      "block-central",
      "--sub-norm",
      "--blocks",
      5,
      "--width",
      8,
      "--hidden",
      2,
      "--epochs",
      1,
      "--output",
      bundle
    };
    Run train = Run.of(words);
    assertEquals(0, train.code(), train.err());
    assertTrue(train.err().contains("validationLogLikelihood"), train.err());
    JsonNode settings = ModelBundle.open(bundle).manifest().path("training").path("settings");
    assertTrue(settings.path("plan").path("subNorm").asBoolean(), settings.toString());
    assertTrue(settings.path("exchangesHalves").asBoolean(), settings.toString());
    Object[] check = Arrays.copyOf(words, words.length + 2);
    check[words.length] = "--check";
    check[words.length + 1] = "bit";
    Run checked = Run.of(check);
    assertEquals(0, checked.code(), checked.err());
    assertTrue(checked.out().contains("by PyTorch"), checked.out());
    check[3] = JETS;
    Run other = Run.of(check);
    assertEquals(1, other.code());
    assertTrue(other.err().contains("trained with other data: dataSha256"), other.err());
    Path simulated = folder.resolve("simulated.root");
    Run simulate =
        Run.of(
            "simulate",
            "--model",
            bundle,
            "--showers",
            200,
            "--energies",
            "log-uniform:2:40:GeV",
            "--backend",
            "bit",
            "--output",
            simulated);
    assertEquals(0, simulate.code(), simulate.err());
    Run evaluate =
        Run.of(
            "evaluate",
            "calo",
            "--input",
            simulated,
            "--reference",
            showers,
            "--geometry",
            bundle,
            "--json");
    assertEquals(0, evaluate.code(), evaluate.err());
    JsonNode powers = new ObjectMapper().readTree(evaluate.out()).path("separationPowers");
    assertTrue(powers.size() > 5, evaluate.out());
    words[words.length - 1] = folder.resolve("other");
    Object[] taught = Arrays.copyOf(words, words.length + 2);
    taught[words.length] = "--teacher";
    taught[words.length + 1] = folder.resolve("flow.checkpoint");
    Run density = Run.of(taught);
    assertEquals(1, density.code());
    assertTrue(density.err().contains("caloinn does not learn from a teacher"), density.err());
    words[5] = "ds1-photon";
    Run geometry = Run.of(words);
    assertEquals(1, geometry.code());
    assertTrue(geometry.err().contains("voxel"), geometry.err());
    words[5] = "tiny";
    words[7] = "most";
    Run plan = Run.of(words);
    assertEquals(1, plan.code());
    assertTrue(plan.err().contains("there are: all, block-central, default"), plan.err());
  }

  /** From the command line to angles in a file, and back to a number. */
  @Test
  void anAngleNetworkEstimatesAndIsEvaluated() throws IOException {
    try {
      Engine.getInstance();
    } catch (EngineException | LinkageError e) {
      Assumptions.abort("PyTorch's native library cannot be loaded: " + e);
    }
    String jets = "../samples/wz_sample.root";
    Path layout = Path.of("../samples/wz_layout.json");
    Path bundle = folder.resolve("angle");
    Run train =
        Run.of(
            "train",
            "eft",
            "--data",
            jets,
            "--truth",
            "lab_gamma",
            "--layout",
            layout,
            "--plan",
            "bit100",
            "--messages",
            "4x4",
            "--readout",
            "8",
            "--constituents",
            8,
            "--epochs",
            1,
            "--output",
            bundle);
    assertEquals(0, train.code(), train.err());
    assertTrue(train.err().contains("validationMeanSinSquared"), train.err());
    // The layout goes along with the bundle.
    Run eft =
        Run.of(
            "eft",
            "--input",
            jets,
            "--output",
            folder.resolve("out"),
            "--model",
            bundle,
            "--mode",
            "slim",
            "--keep",
            "lab_gamma");
    assertEquals(0, eft.code(), eft.err());
    Run evaluate =
        Run.of(
            "evaluate",
            "eft",
            "--input",
            folder.resolve("out/wz_sample.root"),
            "--tree",
            "jets",
            "--angle",
            "jet_decayAngle",
            "--truth",
            "lab_gamma",
            "--json");
    assertEquals(0, evaluate.code(), evaluate.err());
    double loss = new ObjectMapper().readTree(evaluate.out()).path("meanSinSquared").asDouble();
    assertTrue(loss > 0 && loss < 0.6, evaluate.out());
    Run sizes =
        Run.of(
            "train",
            "eft",
            "--data",
            jets,
            "--truth",
            "lab_gamma",
            "--layout",
            layout,
            "--messages",
            "4xx",
            "--output",
            folder.resolve("b"));
    assertEquals(1, sizes.code());
    assertTrue(sizes.err().contains("4xx"), sizes.err());
    Run absolute =
        Run.of(
            "train",
            "eft",
            "--data",
            jets,
            "--truth",
            "lab_gamma",
            "--output",
            folder.resolve("b"));
    assertEquals(1, absolute.code(), "constituents relative to the axis, not told so");
  }

  @Test
  void aFloatNetworkTeachesATernaryOneAndTheBundleTags() {
    try {
      Engine.getInstance();
    } catch (EngineException | LinkageError e) {
      Assumptions.abort("PyTorch's native library cannot be loaded: " + e);
    }
    Path teacher = folder.resolve("float");
    Path student = folder.resolve("ternary");
    Run first =
        Run.of("train", "tagger", "--data", JETS, "--width", 8, "--epochs", 1, "--output", teacher);
    assertEquals(0, first.code(), first.err());
    assertTrue(first.err().contains("epoch 0: loss 0."), first.err());
    Path checkpoint = folder.resolve("float.checkpoint");
    Run second =
        Run.of(
            "train",
            "tagger",
            "--data",
            JETS,
            "--width",
            8,
            "--epochs",
            1,
            "--plan",
            "bit",
            "--start",
            checkpoint,
            "--teacher",
            checkpoint,
            "--output",
            student);
    assertEquals(0, second.code(), second.err());
    Run wider =
        Run.of(
            "train",
            "tagger",
            "--data",
            JETS,
            "--width",
            16,
            "--start",
            checkpoint,
            "--output",
            folder.resolve("wider"));
    assertEquals(1, wider.code());
    assertTrue(wider.err().contains("different network"), wider.err());
    Run tag = Run.of("tag", "--input", JETS, "--output", folder.resolve("out"), "--model", student);
    assertEquals(0, tag.code(), tag.err());
    assertTrue(Files.exists(folder.resolve("out").resolve("qg_sample.root")), tag.out());
  }
}
