package org.bitbeam.training.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.training.CaloDreamTask;
import picocli.CommandLine.Option;

/** Sizes and solvers of CaloDREAM. */
final class CaloDreamOptions {
  @Option(
      names = "--patch",
      defaultValue = "3,8,1",
      paramLabel = "L,A,R",
      description =
          "CaloDREAM: Layers, sectors and rings of a patch, divisors of the geometry's; default ${DEFAULT-VALUE}, published 3,16,1.")
  private String patch = "";

  @Option(
      names = "--dim",
      defaultValue = "48",
      paramLabel = "N",
      description =
          "CaloDREAM: Width of a patch's token, a multiple of 6 and of the heads; default ${DEFAULT-VALUE}, published 480.")
  private int dim;

  @Option(
      names = "--heads",
      defaultValue = "4",
      paramLabel = "N",
      description =
          "CaloDREAM: Of the attention of patches; default ${DEFAULT-VALUE}, published 6.")
  private int heads;

  @Option(
      names = "--depth",
      defaultValue = "2",
      paramLabel = "N",
      description =
          "CaloDREAM: Blocks of the shape network; default ${DEFAULT-VALUE}, published 6.")
  private int depth;

  @Option(
      names = "--feed",
      defaultValue = "192",
      paramLabel = "N",
      description = "CaloDREAM: Width inside the blocks; default ${DEFAULT-VALUE}, published 1920.")
  private int feed;

  @Option(
      names = "--energy-dim",
      defaultValue = "32",
      paramLabel = "N",
      description =
          "CaloDREAM: Width of a layer energy's token, even, at least the layers and 2; default ${DEFAULT-VALUE}, published 64.")
  private int energyDim;

  @Option(
      names = "--energy-heads",
      defaultValue = "4",
      paramLabel = "N",
      description = "CaloDREAM: Of its attention; default ${DEFAULT-VALUE}, published 4.")
  private int energyHeads;

  @Option(
      names = "--energy-depth",
      defaultValue = "2",
      paramLabel = "N",
      description =
          "CaloDREAM: Layers of its encoder and decoder; default ${DEFAULT-VALUE}, published 4.")
  private int energyDepth;

  @Option(
      names = "--energy-feed",
      defaultValue = "64",
      paramLabel = "N",
      description = "CaloDREAM: Width inside these; default ${DEFAULT-VALUE}, published 512.")
  private int energyFeed;

  @Option(
      names = "--velocity-dim",
      defaultValue = "64",
      paramLabel = "N",
      description =
          "CaloDREAM: Width of the velocity network of energies; default ${DEFAULT-VALUE}, published 512.")
  private int velocityDim;

  @Option(
      names = "--velocity-hidden",
      defaultValue = "6",
      paramLabel = "N",
      description =
          "CaloDREAM: Its layers of that width and inputs; default ${DEFAULT-VALUE}, published 6.")
  private int velocityHidden;

  @Option(
      names = "--energy-solver",
      defaultValue = "rk4-3/8:0.02",
      paramLabel = "METHOD:STEP",
      description =
          "CaloDREAM: How the bundle solves for layer energies: euler, midpoint, rk4 or rk4-3/8; the training does not depend on it; default ${DEFAULT-VALUE}, as published.")
  private String energySolver = "";

  @Option(
      names = "--shape-solver",
      defaultValue = "rk4-3/8:0.05",
      paramLabel = "METHOD:STEP",
      description = "CaloDREAM: The same for the voxels; default ${DEFAULT-VALUE}, as published.")
  private String shapeSolver = "";

  @Option(
      names = "--solver-steps",
      defaultValue = "0",
      paramLabel = "N",
      description = {
        "CaloDREAM: Learns from a --teacher with --distillation 1 to solve in N Euler steps (progressive distillation), with which the"
            + " bundle is simulated in place of --energy-solver and --shape-solver. A teacher that learnt M steps is followed through M / N of"
            + " them, any other by the 3/8 rule. Default none."
      })
  private int solverSteps;

  CaloDreamTask task(CaloGeometry geometry, String plan) throws IOException {
    List<Integer> sizes = new ArrayList<>();
    for (String size : patch.split(",", -1)) {
      try {
        sizes.add(Integer.parseInt(size.strip()));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "--patch " + patch + ": expected three numbers, such as 3,8,1", e);
      }
    }
    return new CaloDreamTask(
        geometry,
        new CaloDreamTask.Sizes(
            sizes,
            dim,
            heads,
            depth,
            feed,
            energyDim,
            energyHeads,
            energyDepth,
            energyFeed,
            velocityDim,
            velocityHidden),
        new CaloDreamTask.Solvers(energySolver, shapeSolver),
        plan,
        solverSteps);
  }
}
