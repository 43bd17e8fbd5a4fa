package org.bitbeam.training;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bitbeam.physics.tagging.ConstituentLayout;
import org.bitbeam.physics.tagging.Preprocessing;

/** The shipped sample of 2,000 jets. */
final class Samples {
  static final Path JETS = Path.of("../samples/qg_sample.root");
  static final JetSelection ALL =
      new JetSelection(
          "label",
          Optional.of(new JetSelection.Classes(Set.of(1L), Set.of(0L))),
          "eventNumber",
          0.3,
          JetSelection.Part.ALL);

  static final Path WZ_JETS = Path.of("../samples/wz_sample.root");
  private static final Path WZ_LAYOUT = Path.of("../samples/wz_layout.json");

  private Samples() {}

  static Preprocessing preprocessing() throws IOException {
    try (InputStream in = Samples.class.getResourceAsStream("qg-preprocess.json")) {
      return Preprocessing.parse("test", new ObjectMapper().readTree(in));
    }
  }

  static JetStream stream(JetSelection.Part part, long memoryBytes) throws IOException {
    return stream(List.of(JETS), part, memoryBytes);
  }

  static JetStream stream(List<Path> files, JetSelection.Part part, long memoryBytes)
      throws IOException {
    return JetStream.open(
        files,
        "jets",
        ConstituentLayout.jets(),
        new FeatureInputs(preprocessing()),
        ALL.of(part),
        memoryBytes,
        7);
  }

  static TrainingOptions options(int epochs, long seed) {
    return new TrainingOptions(epochs, 64, 0.003, "onecycle", 0.01, 1, 0.9, 0, 0, seed);
  }

  static TrainingJob job(Path bundle, String plan, int width, TrainingOptions options)
      throws IOException {
    return new TrainingJob(
        List.of(JETS),
        List.of(),
        "jets",
        "jets",
        "label",
        "eventNumber",
        0.3,
        TaggerTask.pfn(Set.of(1L), Set.of(0L), width),
        plan,
        options,
        Optional.empty(),
        Optional.empty(),
        64 << 20,
        "CC0-1.0",
        bundle);
  }

  /** P-DAT in a small size on the shipped sample of quark and gluon jets. */
  static TrainingJob pdat(
      Path bundle,
      String plan,
      boolean isMasked,
      Optional<Path> floatTwin,
      TrainingOptions options) {
    return pdat(bundle, plan, isMasked, floatTwin, PdatDropout.NONE, options);
  }

  /** The same with dropout. */
  static TrainingJob pdat(
      Path bundle,
      String plan,
      boolean isMasked,
      Optional<Path> floatTwin,
      PdatDropout dropout,
      TrainingOptions options) {
    PdatSizes sizes = new PdatSizes(16, 16, 2, List.of(4), 32, 16);
    return new TrainingJob(
        List.of(JETS),
        List.of(),
        "jets",
        "jets",
        "label",
        "eventNumber",
        0.3,
        TaggerTask.pdat(Set.of(1L), Set.of(0L), 32, 4, isMasked, sizes, dropout),
        plan,
        options,
        floatTwin,
        floatTwin,
        64 << 20,
        "CC0-1.0",
        bundle);
  }

  /** The shipped sample of 2,000 boosted W and Z jets, whose angles are learnt. */
  static TrainingJob angles(
      Path bundle, String plan, String form, Optional<Path> floatTwin, TrainingOptions options)
      throws IOException {
    return new TrainingJob(
        List.of(WZ_JETS),
        List.of(),
        "jets",
        Files.readString(WZ_LAYOUT),
        "lab_gamma",
        "eventNumber",
        0.2,
        new EftTask(
            12, new EftTask.Sizes(List.of(List.of(10, 10)), List.of(32, 32), "uniform", form)),
        plan,
        options,
        floatTwin,
        floatTwin,
        64 << 20,
        "CC0-1.0",
        bundle);
  }
}
