package org.bitbeam.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.root.Compression;

/**
 * The Java side of {@code tools/bench_root.py}: takes one job a line from standard input, does it,
 * and answers with a line of JSON. So one warm process stands beside the Python processes of the
 * others, and samples are taken in turn.
 *
 * <p>Jobs, with tabs between the words: {@code read FILE TREE COLUMNS BATCH}; {@code decompress},
 * with the same words, only the decompression of the baskets that reading takes, which are in
 * memory before the clock starts; {@code write FILE TREE COLUMNS TARGET ttree|rntuple COMPRESSION},
 * where the values are read before the clock starts. With words on the command line that one job is
 * done instead.
 */
public final class Samples {
  private final Map<List<String>, EventBatch> loaded = new HashMap<>();
  private final Map<List<String>, StoredBaskets> stored = new HashMap<>();

  private Samples() {}

  /** Runs jobs until the input ends. */
  public static void main(String[] args) throws IOException {
    Samples samples = new Samples();
    if (args.length > 0) {
      System.out.println(samples.run(List.of(args)));
      return;
    }
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(samples.run(List.of(line.split("\t"))));
    }
  }

  private String run(List<String> job) throws IOException {
    Path file = Path.of(job.get(1));
    String tree = job.get(2);
    List<String> columns = List.of(job.get(3).split(","));
    switch (job.get(0)) {
      case "read" -> {
        long batch = Long.parseLong(job.get(4));
        Clock start = new Clock();
        Work.Totals totals = Work.read(file, tree, columns, batch);
        return answer(start, totals);
      }
      case "decompress" -> {
        StoredBaskets baskets = stored.get(job);
        if (baskets == null) {
          stored.clear();
          baskets = StoredBaskets.of(file, tree, columns, Long.parseLong(job.get(4)));
          stored.put(job, baskets);
        }
        Clock start = new Clock();
        Work.Totals totals = baskets.decompress();
        return answer(start, totals);
      }
      case "write" -> {
        List<String> source = job.subList(1, 4);
        EventBatch events = loaded.get(source);
        if (events == null) {
          loaded.clear();
          events = Work.load(file, tree, columns);
          loaded.put(source, events);
        }
        boolean asTree = job.get(5).equals("ttree");
        Clock start = new Clock();
        Work.write(Path.of(job.get(4)), asTree, Compression.parse(job.get(6)), events);
        return answer(start, new Work.Totals(events.entries(), 0, 0));
      }
      default -> throw new IllegalArgumentException("no job " + job);
    }
  }

  /** Wall time and processor time of the process, from its creation on. */
  private static final class Clock {
    private final long wall = System.nanoTime();
    private final long cpu = cpu();

    private static long cpu() {
      return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
          ? system.getProcessCpuTime()
          : 0;
    }

    double wallSeconds() {
      return (System.nanoTime() - wall) / 1e9;
    }

    double cpuSeconds() {
      return (cpu() - cpu) / 1e9;
    }
  }

  private static String answer(Clock clock, Work.Totals totals) {
    return String.format(
        Locale.ROOT,
        "{\"wall_s\": %.6f, \"cpu_s\": %.6f, \"entries\": %d, \"values\": %d, \"sum\": %s}",
        clock.wallSeconds(),
        clock.cpuSeconds(),
        totals.entries(),
        totals.values(),
        totals.sum());
  }
}
