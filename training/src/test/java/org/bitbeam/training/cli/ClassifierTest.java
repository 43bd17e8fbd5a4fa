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
import java.nio.file.Path;
import java.util.stream.Stream;
import org.bitbeam.physics.calo.CaloChallengeFile;
import org.bitbeam.physics.calo.CaloChallengeFile.Showers;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code evaluate calo --classifier}, as a user gives it, of showers of a shipped model. */
class ClassifierTest {
  private static final String MODEL = "../models/calo-tiny";
  private static final int SHOWERS = 2000;

  @TempDir private Path folder;

  @BeforeEach
  void torch() {
    try {
      Engine.getInstance();
    } catch (EngineException | LinkageError e) {
      Assumptions.abort("PyTorch's native library cannot be loaded: " + e);
    }
  }

  private static String run(Object... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] arguments = Stream.of(words).map(Object::toString).toArray(String[]::new);
    int code = BitbeamTraining.run(new PrintWriter(out), new PrintWriter(err), arguments);
    assertEquals(0, code, err.toString());
    return out.toString();
  }

  private Path showers(long seed) {
    Path file = folder.resolve("showers" + seed + ".hdf5");
    run(
        "simulate",
        "--model",
        MODEL,
        "--showers",
        SHOWERS,
        "--seed",
        seed,
        "--energies",
        "log-uniform:1:100:GeV",
        "--output",
        file);
    return file;
  }

  private static JsonNode evaluate(Path showers, Path reference, String inputs, int runs)
      throws IOException {
    String json =
        run(
            "evaluate",
            "calo",
            "--input",
            showers,
            "--reference",
            reference,
            "--geometry",
            MODEL,
            "--classifier",
            inputs,
            "--classifier-runs",
            runs,
            "--classifier-epochs",
            20,
            "--json");
    return new ObjectMapper().readTree(json).get("classifier");
  }

  /** The AUC's standard deviation for equal samples is 0.02 (400 test showers of each). */
  @Test
  void cannotTellTwoSamplesOfTheSameModel() throws IOException {
    JsonNode found = evaluate(showers(2), showers(1), "high,low_normalised", 2);
    assertEquals(2, found.size());
    for (JsonNode runs : found) {
      assertEquals(2, runs.size());
      for (JsonNode run : runs) {
        assertEquals(0.5, run.get("auc").asDouble(), 0.1, found.toString());
        assertTrue(run.get("divergence").asDouble() < 0.1, found.toString());
        assertEquals(2 * SHOWERS / 5, run.get("showers").asInt());
      }
    }
  }

  @Test
  void tellsShowersWhoseVoxelsWereChanged() throws IOException {
    Path reference = showers(1);
    Showers showers = CaloChallengeFile.read(showers(2));
    int size = showers.voxelsPerShower();
    double[] voxels = new double[showers.voxels().length];
    for (int i = 0; i < voxels.length; i++) { // back to front, and a wrong calibration
      voxels[i] = 3 * showers.voxels()[i - i % size + size - 1 - i % size];
    }
    Path changed = folder.resolve("changed.hdf5");
    CaloChallengeFile.write(changed, new Showers(showers.energies(), voxels), false);
    JsonNode found = evaluate(changed, reference, "low,high", 2);
    for (JsonNode runs : found) {
      for (JsonNode run : runs) {
        assertTrue(run.get("auc").asDouble() > 0.95, found.toString());
        assertTrue(run.get("accuracy").asDouble() > 0.85, found.toString());
        assertTrue(run.get("divergence").asDouble() > 0.5, found.toString());
      }
    }
    JsonNode again = evaluate(changed, reference, "high", 1);
    assertEquals(found.at("/high/0"), again.at("/high/0"), "same seed, same numbers");
  }
}
