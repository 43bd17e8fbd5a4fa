package org.bitbeam.training.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.bitbeam.cli.Geometries;
import org.bitbeam.cli.LocalFiles;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.report.ShowerFile;
import org.bitbeam.training.CaloFlowTask;
import org.bitbeam.training.ShowerTrainingJob;
import org.bitbeam.training.TrainingJob;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bitbeam train calo}. */
@Command(
    name = "calo",
    description = {
      "Trains CaloINN on showers and writes a bundle for 'bitbeam simulate'.",
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
      names = "--plan",
      defaultValue = "default",
      paramLabel = "NAME|FILE.json",
      description = {
        "Precision of the layers subnet-BLOCK.LAYER; default ${DEFAULT-VALUE} (float). The publication's: exchange-permutation (float,"
            + " see --permutation), nn-central (ternary, but the first and last layer of each network), block-central (ternary, but"
            + " the first and last two blocks), all. FILE: as of 'bitbeam model quantise'."
      })
  private String plan = "";

  @Option(
      names = "--permutation",
      defaultValue = "published",
      paramLabel = "published|random|exchange",
      description = {
        "Behind the blocks: random, with an ActNorm before all blocks but the first; exchange: the halves change places behind the first"
            + " and last two blocks, which have no ActNorm; published: exchange for exchange-permutation and block-central, else random;"
            + " default ${DEFAULT-VALUE}."
      })
  private String permutation = "";

  @Option(
      names = "--permutation-seed",
      defaultValue = "1",
      description =
          "Of random permutations; a warm start needs that of its float twin; default ${DEFAULT-VALUE}.")
  private long permutationSeed;

  @Option(
      names = "--blocks",
      defaultValue = "6",
      paramLabel = "N",
      description = "Coupling blocks; default ${DEFAULT-VALUE}, published 12.")
  private int blocks;

  @Option(
      names = "--width",
      defaultValue = "64",
      paramLabel = "N",
      description = "Of the hidden layers; default ${DEFAULT-VALUE}, published 256.")
  private int width;

  @Option(
      names = "--hidden",
      defaultValue = "3",
      paramLabel = "N",
      description = "Hidden layers of the network of a block; default ${DEFAULT-VALUE}.")
  private int hidden;

  @Option(
      names = "--layers",
      defaultValue = "silu",
      paramLabel = "silu|leaky",
      description =
          "Behind hidden layers: batch normalisation and SiLU, or LeakyReLU as published for data set 2; default ${DEFAULT-VALUE}.")
  private String layers = "";

  @Option(
      names = "--spline",
      defaultValue = "rational-quadratic",
      paramLabel = "rational-quadratic|cubic",
      description = "Default ${DEFAULT-VALUE}.")
  private String spline = "";

  @Option(
      names = "--bins",
      defaultValue = "5",
      paramLabel = "N",
      description = "Of the splines; default ${DEFAULT-VALUE}, published 10.")
  private int bins;

  @Option(
      names = "--bound",
      defaultValue = "18",
      paramLabel = "B",
      description =
          "Splines act from -B to B; a shower with a number outside passes the block as it is; default ${DEFAULT-VALUE}.")
  private double bound;

  @Option(
      names = "--noise",
      defaultValue = "5e-6",
      paramLabel = "WIDTH",
      description = "Width of the uniform noise on shares; default ${DEFAULT-VALUE}.")
  private double noise;

  @Option(
      names = "--packed",
      description =
          "Ternary and binary weights take 1.6 bits each in the bundle; other programs cannot read such networks.")
  private boolean isPacked;

  @Override
  TrainingJob.Result run(TrainingJob.Progress progress, BooleanSupplier stop) throws IOException {
    CaloGeometry voxels = Geometries.open(geometry, particle);
    CaloFlowTask task =
        new CaloFlowTask(
            voxels,
            noise,
            new CaloFlowTask.Sizes(
                blocks, width, hidden, layers, spline, bins, bound, permutation, permutationSeed),
            planOf(plan));
    return new ShowerTrainingJob(
            LocalFiles.of(data),
            LocalFiles.of(validation),
            share,
            (Path file) -> ShowerFile.read(file, voxels, Integer.MAX_VALUE),
            task,
            options(0),
            start,
            memory << 20,
            licence,
            isPacked,
            output)
        .run(progress, stop);
  }
}
