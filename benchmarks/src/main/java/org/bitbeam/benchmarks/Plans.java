package org.bitbeam.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.bitbeam.root.ByteSource;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.PlanReader;
import org.bitbeam.root.ReadPlan;
import org.bitbeam.root.RootFile;

/**
 * How large read plans are, and how long a worker takes from opening a file to the first entry with
 * a plan and without. Arguments: {@code FILE TREE COLUMNS}, the columns separated by commas or
 * {@code *} for all.
 */
public final class Plans {
  private static final int WARM = 50;
  private static final int SAMPLES = 200;

  private Plans() {}

  /** Prints a line. */
  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[0]);
    List<ReadPlan> plans;
    int all;
    try (RootFile root = RootFile.open(file)) {
      Dataset dataset = root.dataset(args[1]);
      all = dataset.columns().size();
      List<String> columns =
          args[2].equals("*") ? dataset.schema().names() : List.of(args[2].split(","));
      plans = ReadPlan.of(root, dataset, columns, 1);
    }
    ReadPlan plan = plans.get(0);
    byte[] bytes = plan.toBytes();
    double[] parsed = new double[SAMPLES];
    double[] planned = new double[SAMPLES];
    double[] ratio = new double[SAMPLES];
    for (int i = -WARM; i < SAMPLES; i++) {
      long start = System.nanoTime();
      try (RootFile root = RootFile.open(file)) {
        root.dataset(args[1]).read(plan.columns(), plan.first(), plan.first() + 1);
      }
      long middle = System.nanoTime();
      try (PlanReader reader = ReadPlan.ofBytes(bytes).open(ByteSource.ofFile(file))) {
        reader.read(plan.first(), plan.first() + 1);
      }
      long end = System.nanoTime();
      if (i >= 0) {
        parsed[i] = (middle - start) / 1e6;
        planned[i] = (end - middle) / 1e6;
        ratio[i] = parsed[i] / planned[i];
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%d of %d columns, %d plans of %d to %d bytes%s; first entry: parsed %.2f ms, planned %.2f"
            + " ms, median of ratios %.1f%n",
        plan.columns().size(),
        all,
        plans.size(),
        plans.stream().mapToInt(p -> p.toBytes().length).min().orElse(0),
        plans.stream().mapToInt(p -> p.toBytes().length).max().orElse(0),
        plan.hasExcerpt() ? "" : ", without excerpt",
        median(parsed),
        median(planned),
        median(ratio));
  }

  private static double median(double[] samples) {
    Arrays.sort(samples);
    return samples[samples.length / 2];
  }
}
