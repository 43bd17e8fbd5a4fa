package org.bitbeam.training.cli;

import java.io.IOException;
import java.util.List;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.training.CaloFlowTask;
import picocli.CommandLine.Option;

/** Sizes of CaloINN. */
final class CaloFlowOptions {
  @Option(
      names = "--permutation",
      defaultValue = "published",
      paramLabel = "published|random|exchange",
      description = {
        "CaloINN: Behind the blocks: random, with an ActNorm before all blocks but the first; exchange: the halves change places behind the first"
            + " and last two blocks, which have no ActNorm; published: exchange for exchange-permutation and block-central, else random;"
            + " default ${DEFAULT-VALUE}."
      })
  private String permutation = "";

  @Option(
      names = "--permutation-seed",
      defaultValue = "1",
      description =
          "CaloINN: Of random permutations; a warm start needs that of its float twin; default ${DEFAULT-VALUE}.")
  private long permutationSeed;

  @Option(
      names = "--blocks",
      defaultValue = "6",
      paramLabel = "N",
      description = "CaloINN: Coupling blocks; default ${DEFAULT-VALUE}, published 12.")
  private int blocks;

  @Option(
      names = "--width",
      defaultValue = "64",
      paramLabel = "N",
      description = "CaloINN: Of the hidden layers; default ${DEFAULT-VALUE}, published 256.")
  private int width;

  @Option(
      names = "--hidden",
      defaultValue = "3",
      paramLabel = "N",
      description = "CaloINN: Hidden layers of the network of a block; default ${DEFAULT-VALUE}.")
  private int hidden;

  @Option(
      names = "--layers",
      defaultValue = "silu",
      paramLabel = "silu|leaky",
      description =
          "CaloINN: Behind hidden layers: batch normalisation and SiLU, or LeakyReLU as published for data set 2; default ${DEFAULT-VALUE}.")
  private String layers = "";

  @Option(
      names = "--spline",
      defaultValue = "rational-quadratic",
      paramLabel = "rational-quadratic|cubic",
      description = "CaloINN: Default ${DEFAULT-VALUE}.")
  private String spline = "";

  @Option(
      names = "--bins",
      defaultValue = "5",
      paramLabel = "N",
      description = "CaloINN: Of the splines; default ${DEFAULT-VALUE}, published 10.")
  private int bins;

  @Option(
      names = "--bound",
      defaultValue = "18",
      paramLabel = "B",
      description =
          "CaloINN: Splines act from -B to B; a shower with a number outside passes the block as it is; default ${DEFAULT-VALUE}.")
  private double bound;

  @Option(
      names = "--noise",
      defaultValue = "5e-6",
      paramLabel = "WIDTH",
      description = "CaloINN: Width of the uniform noise on shares; default ${DEFAULT-VALUE}.")
  private double noise;

  @Option(
      names = "--bayesian",
      split = ",",
      paramLabel = "LAYER",
      description =
          "CaloINN: Layers whose weights are learnt as normal distributions, drawn anew in every step; * stands for anything, such as"
              + " subnet-*.3, the last layers. The bundle has the means. Default none.")
  private List<String> bayesian = List.of();

  @Option(
      names = "--prior-precision",
      defaultValue = "5000",
      paramLabel = "P",
      description = "CaloINN: 1 / variance of the prior of such weights; default ${DEFAULT-VALUE}.")
  private double priorPrecision;

  CaloFlowTask task(CaloGeometry geometry, String plan) throws IOException {
    return new CaloFlowTask(
        geometry,
        noise,
        new CaloFlowTask.Sizes(
            blocks, width, hidden, layers, spline, bins, bound, permutation, permutationSeed),
        plan,
        bayesian,
        priorPrecision);
  }
}
