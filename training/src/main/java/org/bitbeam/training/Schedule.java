package org.bitbeam.training;

/** Learning rate by step, as factor of the given one; formulas as in PyTorch. Immutable. */
public sealed interface Schedule {
  /**
   * Factor for a step.
   *
   * @param step from 0
   * @param epochSteps steps of an epoch
   * @param totalSteps steps of all epochs
   */
  double factor(long step, long epochSteps, long totalSteps);

  /** Always 1. */
  record Constant() implements Schedule {
    @Override
    public double factor(long step, long epochSteps, long totalSteps) {
      return 1;
    }
  }

  /** {@code gamma^(epoch / epochs)}, the quotient rounded down. */
  record Steps(int epochs, double gamma) implements Schedule {
    public Steps {
      if (epochs < 1 || !(gamma > 0)) {
        throw new IllegalArgumentException(
            "step schedule of " + epochs + " epochs, factor " + gamma + ": both must be positive");
      }
    }

    @Override
    public double factor(long step, long epochSteps, long totalSteps) {
      long times = step / epochSteps / epochs;
      return Math.pow(gamma, (double) times);
    }
  }

  /** Half a cosine from 1 to 0. */
  record Cosine() implements Schedule {
    @Override
    public double factor(long step, long epochSteps, long totalSteps) {
      return 0.5 * (1 + Math.cos(Math.PI * step / totalSteps));
    }
  }

  /**
   * Cosine from 1/25 up to 1 in the first 30 % of the steps, then down to 1/250,000 (Smith and
   * Topin, arXiv 1708.07120, with PyTorch's defaults).
   */
  record OneCycle() implements Schedule {
    private static final double START = 1 / 25.0;
    private static final double END = START / 1e4;
    private static final double WARM_UP = 0.3;

    @Override
    public double factor(long step, long epochSteps, long totalSteps) {
      double top = WARM_UP * totalSteps - 1;
      double last = totalSteps - 1;
      return step <= top
          ? anneal(START, 1, step / top)
          : anneal(1, END, Math.min(1, (step - top) / (last - top)));
    }

    private static double anneal(double from, double to, double share) {
      return to + (from - to) / 2 * (1 + Math.cos(Math.PI * share));
    }
  }

  /**
   * Reads {@code constant}, {@code cosine}, {@code onecycle} or {@code step:EPOCHS:FACTOR}.
   *
   * @throws IllegalArgumentException when it is none of them
   */
  static Schedule parse(String text) {
    String[] parts = text.split(":", -1);
    try {
      switch (parts[0]) {
        case "constant" -> {
          if (parts.length == 1) {
            return new Constant();
          }
        }
        case "cosine" -> {
          if (parts.length == 1) {
            return new Cosine();
          }
        }
        case "onecycle" -> {
          if (parts.length == 1) {
            return new OneCycle();
          }
        }
        case "step" -> {
          if (parts.length == 3) {
            return new Steps(Integer.parseInt(parts[1]), Double.parseDouble(parts[2]));
          }
        }
        default -> {}
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("schedule \"" + text + "\": " + e.getMessage(), e);
    }
    throw new IllegalArgumentException(
        "no schedule \""
            + text
            + "\"; there are: constant, cosine, onecycle, step:EPOCHS:FACTOR such as step:10:0.5");
  }
}
