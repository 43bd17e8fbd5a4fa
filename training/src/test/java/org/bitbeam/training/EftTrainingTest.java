package org.bitbeam.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole trainings of SMEFTNet on the shipped sample of W and Z jets. */
class EftTrainingTest {
  private static final TrainingJob.Progress QUIET =
      new TrainingJob.Progress() {
        @Override
        public void step(long done, long total) {}

        @Override
        public void log(JsonNode line) {}
      };

  @TempDir private Path folder;

  @BeforeAll
  static void torch() {
    Torch.assume();
  }

  private static TrainingOptions options(int epochs, int batch, double distillation) {
    return new TrainingOptions(epochs, batch, 0.002, "onecycle", 0, 1, 0.9, 0, distillation, 1);
  }

  private static BooleanSupplier after(int steps) {
    AtomicInteger done = new AtomicInteger();
    return () -> done.incrementAndGet() >= steps;
  }

  private static List<String> log(TrainingJob job) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(job.log())) {
      JsonNode json = new ObjectMapper().readTree(line);
      lines.add(json.path("loss") + " " + json.path("validationMeanSinSquared"));
    }
    return lines;
  }

  private static JsonNode network(Path bundle) throws IOException {
    return ModelBundle.open(bundle).manifest().path("files").path("model.onnx");
  }

  /** With running statistics, a moving average, a warm start and a teacher. */
  @Test
  void resumedEqualsUninterruptedAndTheFloatTwinTeaches() throws IOException {
    TrainingJob twin =
        Samples.angles(
            folder.resolve("float"), "float", "published", Optional.empty(), options(1, 64, 0));
    assertTrue(twin.run(QUIET, () -> false).finished());
    // The readout's parameters are the same in all precisions: the twin's form is that of bit70.
    Optional<Path> start = Optional.of(twin.checkpoint());
    TrainingJob whole =
        Samples.angles(folder.resolve("a"), "bit70", "published", start, options(2, 64, 0.5));
    assertTrue(whole.run(QUIET, () -> false).finished());
    TrainingJob parts =
        Samples.angles(folder.resolve("b"), "bit70", "published", start, options(2, 64, 0.5));
    assertFalse(parts.run(QUIET, after(7)).finished());
    assertFalse(Files.exists(folder.resolve("b")));
    assertTrue(parts.run(QUIET, () -> false).finished());
    assertEquals(log(whole), log(parts));
    assertEquals(network(folder.resolve("a")), network(folder.resolve("b")));
    TrainingJob taughtLess =
        Samples.angles(folder.resolve("c"), "bit70", "published", start, options(2, 64, 0));
    taughtLess.run(QUIET, () -> false);
    assertNotEquals(log(whole), log(taughtLess));
    // Published ternary messages have no normalisation: other parameters, said so.
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Samples.angles(folder.resolve("d"), "bit30", "published", start, options(1, 64, 0))
                    .run(QUIET, () -> false));
    assertTrue(error.getMessage().contains("different network"), error.getMessage());
  }

  /** Any constant angle has a mean of 0.5, with an error of 0.018 for the 400 validation jets. */
  @Test
  void aMinuteOfTrainingBeatsAnyConstantAngle() throws IOException {
    TrainingJob twin =
        Samples.angles(
            folder.resolve("twin"), "float", "float", Optional.empty(), options(8, 16, 0));
    double before = twin.run(QUIET, () -> false).validation();
    Path bundle = folder.resolve("smoke");
    TrainingJob job =
        Samples.angles(
            bundle, "bit30", "float", Optional.of(twin.checkpoint()), options(4, 16, 0.5));
    TrainingJob.Result result = job.run(QUIET, () -> false);
    System.out.printf(
        "mean sin^2: any constant angle 0.5, float %.4f, messages ternary then %.4f%n",
        before, result.validation());
    assertTrue(before < 0.43, "float: " + before);
    assertTrue(result.validation() < 0.43, result.toString());
    ModelBundle trained = ModelBundle.open(bundle);
    assertEquals("eft", trained.stageKind());
    JsonNode range = trained.stage().path("trainedFor").path("jetPtGeV");
    assertTrue(range.path("minimum").asDouble() >= 500, range.toString());
    assertTrue(range.path("maximum").asDouble() > 600, range.toString());
    JsonNode exported = trained.manifest().path("training").path("exported").path("smeftnet");
    System.out.println("exported: " + exported);
    assertTrue(exported.path("events").asInt() > 300, exported.toString());
    assertEquals(0, exported.path("offBy1e-5WithoutSuchCodes").asInt(), exported.toString());
    for (String backend : List.of("reference", "bit", "ort")) {
      try (Network network =
          trained.load(Backends.standard().get(backend), BackendOptions.DEFAULT)) {
        trained.selfTest(network); // throws when it does not reproduce the training's outputs
      }
      int events = trained.training().at("/settings/validationJets").asInt();
      Checks.same(job.check(backend), result.validation(), events, 0.05);
    }
  }
}
