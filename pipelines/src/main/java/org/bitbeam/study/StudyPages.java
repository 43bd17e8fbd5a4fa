package org.bitbeam.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** A study as a table in Markdown and as pictures. */
public final class StudyPages {
  /** Engines whose speed is shown beside quality. */
  private static final SortedMap<String, ScatterSvg.Mark> MARKS =
      new TreeMap<>(
          Map.of(
              Study.BIT,
              ScatterSvg.Mark.FILLED,
              Study.ORT,
              ScatterSvg.Mark.HOLLOW,
              Study.ORT_INT8,
              ScatterSvg.Mark.CROSS,
              Study.TORCH,
              ScatterSvg.Mark.PLUS));

  private StudyPages() {}

  /**
   * All files of a study but its JSON.
   *
   * @return contents by file name: {@code study.md}, {@code roofline.svg}, {@code speed-METRIC.svg}
   */
  public static Map<String, String> of(StudyResult result) {
    Map<String, String> pages = new LinkedHashMap<>();
    int batch = largestBatch(result);
    pages.put("roofline.svg", roofline(result, batch));
    for (String metric : sharedMetrics(result)) {
      pages.put("speed-" + metric + ".svg", speedAgainst(result, metric, batch));
    }
    pages.put("study.md", markdown(result, pages.keySet()));
    return pages;
  }

  /** The largest batch that every network was measured with, for pictures that show all of them. */
  private static int largestBatch(StudyResult result) {
    Set<Integer> common = new TreeSet<>();
    for (StudyResult.Row row : result.networks()) {
      Set<Integer> here = new TreeSet<>();
      row.times().forEach(time -> here.add(time.batch()));
      if (common.isEmpty()) {
        common.addAll(here);
      } else {
        common.retainAll(here);
      }
    }
    return common.stream().mapToInt(Integer::intValue).max().orElse(1);
  }

  /** Metrics that at least two networks have: one point is no picture. */
  private static List<String> sharedMetrics(StudyResult result) {
    Map<String, Integer> found = new LinkedHashMap<>();
    result
        .networks()
        .forEach(row -> row.metrics().keySet().forEach(name -> found.merge(name, 1, Integer::sum)));
    return found.entrySet().stream()
        .filter(entry -> entry.getValue() > 1 && !entry.getKey().endsWith("_error"))
        .map(Map.Entry::getKey)
        .toList();
  }

  private static String roofline(StudyResult result, int batch) {
    StudyResult.Peaks peaks = result.peaks();
    List<ScatterSvg.Point> points = new ArrayList<>();
    for (StudyResult.Row row : result.networks()) {
      double ms = row.milliseconds(Study.BIT, batch, 1);
      if (Double.isFinite(ms) && ms > 0) {
        points.add(
            new ScatterSvg.Point(
                row.name(),
                "",
                row.intensity(batch),
                (row.flops() + row.intOps()) / ms / 1e6,
                ScatterSvg.Mark.FILLED));
      }
    }
    double most = Math.max(peaks.gigaflops(), peaks.gigaIntOps());
    double[] xs = points.stream().mapToDouble(ScatterSvg.Point::x).toArray();
    double[] ys = points.stream().mapToDouble(ScatterSvg.Point::y).toArray();
    ScatterSvg.Axis x =
        ScatterSvg.Axis.around(
            "operations / byte of weights and inputs",
            true,
            with(xs, peaks.gigaflops() / peaks.gigabytes(), 10 * most / peaks.gigabytes()));
    ScatterSvg.Axis y =
        ScatterSvg.Axis.around(
            "operations, 10⁹/s", true, with(ys, most, peaks.gigabytes() * x.from()));
    List<ScatterSvg.Line> roofs = new ArrayList<>();
    roofs.add(
        new ScatterSvg.Line(
            "memory", x.from(), peaks.gigabytes() * x.from(), most / peaks.gigabytes(), most));
    roofs.add(new ScatterSvg.Line("float", x.from(), peaks.gigaflops(), x.to(), peaks.gigaflops()));
    roofs.add(
        new ScatterSvg.Line("ternary", x.from(), peaks.gigaIntOps(), x.to(), peaks.gigaIntOps()));
    return new ScatterSvg(
            "Operations a second of one core on backend bit, batch " + batch, x, y, points, roofs)
        .render();
  }

  private static double[] with(double[] values, double... others) {
    double[] all = java.util.Arrays.copyOf(values, values.length + others.length);
    System.arraycopy(others, 0, all, values.length, others.length);
    return all;
  }

  private static String speedAgainst(StudyResult result, String metric, int batch) {
    List<ScatterSvg.Point> points = new ArrayList<>();
    for (StudyResult.Row row : result.networks()) {
      Double quality = row.metrics().get(metric);
      if (quality == null) {
        continue;
      }
      for (Map.Entry<String, ScatterSvg.Mark> engine : MARKS.entrySet()) {
        double ms = row.milliseconds(engine.getKey(), batch, 1);
        if (Double.isFinite(ms)) {
          points.add(
              new ScatterSvg.Point(row.name(), engine.getKey(), ms, quality, engine.getValue()));
        }
      }
    }
    return new ScatterSvg(
            metric + " against time, batch " + batch,
            ScatterSvg.Axis.around(
                "ms an event, one core",
                true,
                points.stream().mapToDouble(ScatterSvg.Point::x).toArray()),
            ScatterSvg.Axis.around(
                metric, false, points.stream().mapToDouble(ScatterSvg.Point::y).toArray()),
            points,
            List.of())
        .render();
  }

  private static String markdown(StudyResult result, Set<String> pictures) {
    StringBuilder page = new StringBuilder("# Cost of networks\n\n");
    result
        .machine()
        .forEach(
            (key, value) -> page.append("* ").append(key).append(": ").append(value).append('\n'));
    page.append(
        String.format(
            Locale.ROOT,
            "* peaks of one core: %.1f Gflop/s, %.1f G ternary additions/s, %.1f GB/s%n%n",
            result.peaks().gigaflops(),
            result.peaks().gigaIntOps(),
            result.peaks().gigabytes()));
    page.append(
        "Counts of one event; length 50 where a network leaves it open; bytes of weights.\n\n"
            + "| network | parameters | MAC | ternary or binary, % | float ops | integer ops | fp32 | int8 | 2 bit | 1.6 bit | in and out | quality |\n"
            + "|---|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (StudyResult.Row row : result.networks()) {
      page.append(
          String.format(
              Locale.ROOT,
              "| %s | %,d | %,d | %.1f | %,d | %,d | %,d | %,d | %,d | %,d | %,d | %s |%n",
              row.name(),
              row.parameters(),
              row.macs(),
              100.0 * row.bitMacs() / Math.max(1, row.macs()),
              row.flops(),
              row.intOps(),
              row.bytes().getOrDefault("fp32", 0L),
              row.bytes().getOrDefault("int8", 0L),
              row.bytes().getOrDefault("2 bit", 0L),
              row.bytes().getOrDefault("1.6 bit", 0L),
              row.bytesOfEvent(),
              quality(row)));
    }
    Set<String> engines = new LinkedHashSet<>();
    result.networks().forEach(row -> row.times().forEach(time -> engines.add(time.engine())));
    boolean joules =
        result.networks().stream()
            .flatMap(row -> row.times().stream())
            .anyMatch(time -> Double.isFinite(time.joulesPer1000()));
    page.append(
        "\nMilliseconds an event; one core: processor time, several: wall time with as many callers. Medians, engines in turns.\n\n");
    page.append("| network | batch | cores |");
    engines.forEach(engine -> page.append(' ').append(engine).append(" |"));
    if (joules) {
      page.append(" J / 1,000 on bit |");
    }
    page.append("\n|---|---|---|")
        .append("---|".repeat(engines.size() + (joules ? 1 : 0)))
        .append('\n');
    for (StudyResult.Row row : result.networks()) {
      Set<List<Integer>> sizes = new LinkedHashSet<>();
      row.times().forEach(time -> sizes.add(List.of(time.batch(), time.cores())));
      for (List<Integer> size : sizes) {
        page.append(
            String.format(Locale.ROOT, "| %s | %d | %d |", row.name(), size.get(0), size.get(1)));
        for (String engine : engines) {
          double ms = row.milliseconds(engine, size.get(0), size.get(1));
          page.append(Double.isFinite(ms) ? String.format(Locale.ROOT, " %.4g |", ms) : " |");
        }
        if (joules) {
          page.append(joulesOfBit(row, size)).append(" |");
        }
        page.append('\n');
      }
    }
    List<String> omitted = new ArrayList<>();
    result
        .networks()
        .forEach(row -> row.omitted().forEach(why -> omitted.add(row.name() + ": " + why)));
    if (!omitted.isEmpty()) {
      page.append("\nNot measured:\n\n");
      omitted.forEach(why -> page.append("* ").append(why.replace('\n', ' ')).append('\n'));
    }
    page.append('\n');
    pictures.forEach(
        picture -> page.append("![").append(picture).append("](").append(picture).append(")\n"));
    return page.toString();
  }

  private static String quality(StudyResult.Row row) {
    return String.join(
        ", ",
        row.metrics().entrySet().stream()
            .map(
                metric -> String.format(Locale.ROOT, "%s %.4g", metric.getKey(), metric.getValue()))
            .toList());
  }

  private static String joulesOfBit(StudyResult.Row row, List<Integer> size) {
    return row.times().stream()
        .filter(
            time ->
                time.engine().equals(Study.BIT)
                    && time.batch() == size.get(0)
                    && time.cores() == size.get(1)
                    && Double.isFinite(time.joulesPer1000()))
        .map(time -> String.format(Locale.ROOT, " %.3g", time.joulesPer1000()))
        .findFirst()
        .orElse("");
  }
}
