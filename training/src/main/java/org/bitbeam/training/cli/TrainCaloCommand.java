package org.bitbeam.training.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.bitbeam.cli.Geometries;
import org.bitbeam.cli.LocalFiles;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.report.ShowerFile;
import org.bitbeam.training.ShowerTask;
import org.bitbeam.training.ShowerTrainingJob;
import org.bitbeam.training.TrainingCheck;
import org.bitbeam.training.TrainingJob;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bitbeam train calo}. */
@Command(
    name = "calo",
    description = {
      "Trains CaloINN or CaloDREAM on showers and writes a bundle for 'bitbeam simulate'.",
      "Files are HDF5 of the CaloChallenge, or .root as 'bitbeam generate showers' and 'simulate' write them. Beside the bundle lie"
          + " BUNDLE.checkpoint and BUNDLE.log.jsonl. Ctrl-C ends it after the step and saves; the same command continues from the"
          + " checkpoint, to the same result."
    })
final class TrainCaloCommand extends TrainingConduct {
  @Option(
      names = "--geometry",
      required = true,
      paramLabel = "NAME|FILE|BUNDLE",
      description = Geometries.DESCRIPTION)
  private String geometry = "";

  @Option(
      names = "--particle",
      defaultValue = "",
      paramLabel = "NAME",
      description = "Which binning of an XML file, such as photon.")
  private String particle = "";

  @Option(
      names = "--network",
      defaultValue = "caloinn",
      paramLabel = "caloinn|calodream",
      description =
          "What is trained; default ${DEFAULT-VALUE}. CaloDREAM needs layers that are alike, such as ds2-small.")
  private String network = "";

  @Mixin private CaloFlowOptions flow = new CaloFlowOptions();

  @Mixin private CaloDreamOptions dream = new CaloDreamOptions();

  @Option(
      names = "--plan",
      defaultValue = "default",
      paramLabel = "NAME|FILE.json",
      description = {
        "Precision of the layers; default ${DEFAULT-VALUE} (float). The publication's for CaloINN: exchange-permutation (float,"
            + " see --permutation), nn-central (ternary, but the first and last layer of each network), block-central (ternary, but"
            + " the first and last two blocks), all. For CaloDREAM, ENERGY-SHAPE: float or bit (layers of the velocity network but the"
            + " first and last), float, noemb (qkv, proj, fc1, fc2) or aggressive (also patch, time, condition, final). FILE: as of"
            + " 'bitbeam model quantise', layers subnet-BLOCK.LAYER, or energy.* and shape.*."
      })
  private String plan = "";

  @Option(
      names = "--packed",
      description =
          "Ternary and binary weights take 1.6 bits each in the bundle; other programs cannot read such networks.")
  private boolean isPacked;

  @Override
  TrainingJob.Result run(TrainingJob.Progress progress, BooleanSupplier stop) throws IOException {
    return job().run(progress, stop);
  }

  @Override
  TrainingCheck check(String backend) throws IOException {
    return job().check(backend);
  }

  private ShowerTrainingJob job() throws IOException {
    if (network.equals("calodream")) {
      refuse("flow", "is of CaloINN, and --network is calodream");
    } else if (network.equals("caloinn")) {
      refuse("dream", "is of CaloDREAM, and --network is caloinn");
    }
    CaloGeometry voxels = Geometries.open(geometry, particle);
    ShowerTask task =
        switch (network) {
          case "caloinn" -> flow.task(voxels, planOf(plan));
          case "calodream" -> dream.task(voxels, planOf(plan));
          default ->
              throw new IllegalArgumentException(
                  "no network \"" + network + "\"; there are: caloinn, calodream");
        };
    return new ShowerTrainingJob(
        LocalFiles.of(data),
        LocalFiles.of(validation),
        share,
        (Path file) -> ShowerFile.read(file, voxels, Integer.MAX_VALUE),
        task,
        options(),
        start,
        teacher,
        memory << 20,
        licence,
        isPacked,
        output);
  }
}
