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
import org.bitbeam.columns.EventBatch;
import org.bitbeam.physics.metrics.TaggingMetrics;
import org.bitbeam.physics.tagging.ConstituentLayout;
import org.bitbeam.physics.tagging.JetConstituents;
import org.bitbeam.physics.tagging.JetOptions;
import org.bitbeam.physics.tagging.JetTagger;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole trainings of P-DAT on the shipped sample of jets. */
class PdatTrainingTest {
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
    return new TrainingOptions(epochs, batch, 0.005, "onecycle", 0.01, 1, 0.9, 0, distillation, 1);
  }

  private static BooleanSupplier after(int steps) {
    AtomicInteger done = new AtomicInteger();
    return () -> done.incrementAndGet() >= steps;
  }

  private static List<String> log(TrainingJob job) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(job.log())) {
      JsonNode json = new ObjectMapper().readTree(line);
      lines.add(json.path("loss") + " " + json.path("validationAuc"));
    }
    return lines;
  }

  private static JsonNode network(Path bundle) throws IOException {
    return ModelBundle.open(bundle).manifest().path("files").path("model.onnx");
  }

  /** Without padding, with ternary edge convolutions, a warm start, a teacher and dropout. */
  @Test
  void resumedEqualsUninterruptedAndTheFloatTwinTeaches() throws IOException {
    TrainingJob twin =
        Samples.pdat(folder.resolve("float"), "float", true, Optional.empty(), options(1, 128, 0));
    assertTrue(twin.run(QUIET, () -> false).finished());
    Optional<Path> start = Optional.of(twin.checkpoint());
    PdatDropout dropout = new PdatDropout(0.1, 0.5);
    TrainingOptions options = options(2, 128, 0.5);
    TrainingJob whole =
        Samples.pdat(folder.resolve("a"), "bit-edges", true, start, dropout, options);
    assertTrue(whole.run(QUIET, () -> false).finished());
    TrainingJob parts =
        Samples.pdat(folder.resolve("b"), "bit-edges", true, start, dropout, options);
    assertFalse(parts.run(QUIET, after(4)).finished());
    assertFalse(Files.exists(folder.resolve("b")));
    assertTrue(parts.run(QUIET, () -> false).finished());
    assertEquals(log(whole), log(parts));
    assertEquals(network(folder.resolve("a")), network(folder.resolve("b")));
    TrainingJob taughtLess =
        Samples.pdat(folder.resolve("c"), "bit-edges", true, start, dropout, options(2, 128, 0));
    taughtLess.run(QUIET, () -> false);
    assertNotEquals(log(whole), log(taughtLess));
    TrainingJob nothingDropped =
        Samples.pdat(folder.resolve("e"), "bit-edges", true, start, options);
    nothingDropped.run(QUIET, () -> false);
    assertNotEquals(log(whole), log(nothingDropped));
    // The padded network has other inputs, though the same parameters.
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Samples.pdat(folder.resolve("d"), "bit", false, start, options(1, 128, 0.5))
                    .run(QUIET, () -> false));
    assertTrue(error.getMessage().contains("takes other inputs"), error.getMessage());
  }

  /**
   * A minute of training beats the number of constituents, of the 32 that the network sees; and the
   * stage that tags jets takes the bundle.
   */
  @Test
  void aMinuteOfTrainingBeatsTheMultiplicityThatItSees() throws IOException {
    Path bundle = folder.resolve("smoke");
    TrainingJob job = Samples.pdat(bundle, "bit", false, Optional.empty(), options(12, 32, 0));
    TrainingJob.Result result = job.run(QUIET, () -> false);
    double baseline = multiplicity();
    System.out.printf("AUC %.4f, multiplicity alone %.4f%n", result.validation(), baseline);
    assertTrue(result.validation() > baseline + 0.05, result + ", multiplicity " + baseline);
    ModelBundle trained = ModelBundle.open(bundle);
    for (String backend : List.of("reference", "bit", "ort")) {
      try (Network network =
          trained.load(Backends.standard().get(backend), BackendOptions.DEFAULT)) {
        trained.selfTest(network); // throws when it does not reproduce the training's logits
      }
    }
    for (String backend : List.of("bit", "ort")) {
      Checks.same(job.check(backend), result.validation(), 625, 0.05);
    }
    try (Network network = trained.load(Backends.standard().get("bit"), BackendOptions.DEFAULT);
        RootFile file = RootFile.open(Samples.JETS)) {
      JetTagger tagger = JetTagger.of(trained, network, JetOptions.ofAll(512));
      JsonNode range = trained.stage().path("trainedFor").path("jetPtGeV");
      assertEquals(500, range.path("minimum").asDouble(), 1);
      assertEquals(550, range.path("maximum").asDouble(), 1);
      Dataset jets = file.dataset("jets");
      assertTrue(tagger.inputs(jets.schema()).contains("Part_pdgId"));
    }
  }

  /** Area under the curve of the number of constituents of the validation jets, at most 32. */
  private static double multiplicity() throws IOException {
    List<JetBatch> validation = new ArrayList<>();
    Samples.stream(JetSelection.Part.VALIDATION, 64 << 20)
        .inOrder(
            10_000,
            (step, batch) -> {
              validation.add(batch);
              return true;
            });
    List<Double> few = new ArrayList<>();
    List<Boolean> signal = new ArrayList<>();
    for (JetBatch batch : validation) {
      Tensor mask = batch.input(ParticleFlowNetwork.MASK);
      int length = mask.size() / batch.jets();
      for (int jet = 0; jet < batch.jets(); jet++) {
        double count = 0;
        for (int i = 0; i < length; i++) {
          count += mask.getDouble(jet * length + i);
        }
        few.add(-Math.min(count, 32));
        signal.add(batch.truth()[jet] == 1);
      }
    }
    boolean[] classes = new boolean[signal.size()];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = signal.get(i);
    }
    return TaggingMetrics.of(few.stream().mapToDouble(Double::doubleValue).toArray(), classes)
        .summary()
        .auc();
  }

  /** Kept values give the features that the stage makes of the file's jets, bit for bit. */
  @Test
  void featuresOfTheTrainingAreThoseOfTheStage() throws IOException {
    try (RootFile file = RootFile.open(Samples.JETS)) {
      Dataset dataset = file.dataset("jets");
      ConstituentLayout layout = ConstituentLayout.jets().resolve(dataset.schema());
      List<String> columns = List.copyOf(layout.columns(dataset.schema()));
      EventBatch batch = dataset.read(columns, 0, 100);
      JetConstituents jets = layout.read(batch);
      for (boolean isMasked : new boolean[] {false, true}) {
        PdatSystem system =
            PdatSystem.of(
                32, 4, isMasked, new PdatSizes(16, 16, 2, List.of(4), 32, 16), PdatDropout.NONE);
        JetInputs inputs = system.inputs();
        List<float[]> kept = new ArrayList<>();
        int[] all = new int[jets.jets()];
        int longest = 0;
        for (int jet = 0; jet < all.length; jet++) {
          all[jet] = jet;
          kept.add(inputs.values(jets, jet));
          longest = Math.max(longest, jets.count(jet));
        }
        assertEquals(
            system
                .features()
                .tensors(
                    jets,
                    all,
                    system.features().paddedLength(longest),
                    java.util.Set.copyOf(system.features().inputNames())),
            inputs.batch(kept));
      }
    }
  }
}
