package org.bitbeam.study;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The same job done by several programs in turns.
 *
 * @param machine processor, JDK, date and the like
 * @param job what was done
 * @param rows a program each; the others are compared with the first one
 * @param omitted what was not measured, and why
 */
public record PipelineResult(
    Map<String, String> machine, Job job, List<Row> rows, List<String> omitted) {

  /**
   * A job.
   *
   * @param input file
   * @param model bundle
   * @param entries of the input
   * @param jets in them
   * @param bytesRead compressed bytes of the columns that are needed, as BitBeam reads them; MB/s
   *     of every program are of these
   */
  public record Job(String input, String model, long entries, long jets, long bytesRead) {}

  /**
   * A program.
   *
   * @param name what it is called in the table
   * @param rounds one a turn, all programs have as many
   * @param scores beside those of the first program
   */
  public record Row(String name, List<Round> rounds, Scores scores) {
    /** Median over the rounds. */
    public double median(ToDoubleFunction<Round> what) {
      return PipelineResult.median(rounds.stream().mapToDouble(what).toArray());
    }
  }

  /**
   * One run of a program.
   *
   * @param seconds of the whole process, with its start
   * @param cpuSeconds processor time of it; NaN where it cannot be read
   * @param peakBytes peak resident set; NaN where it cannot be read
   * @param jobSeconds as the program says itself: without loading Java's classes, Python's modules
   */
  public record Round(double seconds, double cpuSeconds, double peakBytes, double jobSeconds) {}

  /**
   * Scores beside those of the first program.
   *
   * @param compared how many; both must have as many
   * @param differing how many differ by more than the tolerance
   * @param largestDifference of a pair; infinite when only one of them is a number
   */
  public record Scores(long compared, long differing, double largestDifference) {}

  /**
   * Median over the rounds of (time of the row / time of the first row): above 1 the first wins.
   */
  public double ratio(Row row, ToDoubleFunction<Round> time) {
    double[] ratios = new double[row.rounds().size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] =
          time.applyAsDouble(row.rounds().get(i)) / time.applyAsDouble(rows.get(0).rounds().get(i));
    }
    return median(ratios);
  }

  /** A page in Markdown. */
  public String page() {
    StringBuilder page = new StringBuilder("# ROOT to ROOT: the same job by several programs\n\n");
    page.append(
        String.format(
            Locale.ROOT,
            "%s, model %s: %,d entries, %,d jets, %.2f MB read. Medians of %d rounds, in turns; whole processes with their start.%n"
                + "Ratio: time of the row / time of the first row in the same round; **below 1 the first row loses**.%n%n",
            job.input(),
            job.model(),
            job.entries(),
            job.jets(),
            job.bytesRead() / 1e6,
            rows.get(0).rounds().size()));
    machine.forEach(
        (name, value) -> page.append("* ").append(name).append(": ").append(value).append('\n'));
    page.append(
        "\n| program | s | CPU s | job alone, s | entries/s | MB/s | peak RSS, MB | ratio | ratio, CPU | ratio, job"
            + " | largest difference of a score |\n|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (Row row : rows) {
      double seconds = row.median(Round::seconds);
      page.append(
          String.format(
              Locale.ROOT,
              "| %s | %.2f | %s | %.2f | %,.0f | %.2f | %s | %s | %s | %s | %s |%n",
              row.name(),
              seconds,
              number("%.2f", row.median(Round::cpuSeconds)),
              row.median(Round::jobSeconds),
              job.entries() / seconds,
              job.bytesRead() / 1e6 / seconds,
              number("%.0f", row.median(Round::peakBytes) / 1e6),
              cell(row, Round::seconds),
              cell(row, Round::cpuSeconds),
              cell(row, Round::jobSeconds),
              row == rows.get(0)
                  ? ""
                  : String.format(
                      Locale.ROOT,
                      "%.1e%s",
                      row.scores().largestDifference(),
                      row.scores().differing() == 0
                          ? ""
                          : String.format(
                              Locale.ROOT,
                              " (%,d of %,d beyond the tolerance)",
                              row.scores().differing(),
                              row.scores().compared()))));
    }
    if (!omitted.isEmpty()) {
      page.append("\nNot measured:\n\n");
      omitted.forEach(why -> page.append("* ").append(why.replace('\n', ' ')).append('\n'));
    }
    return page.toString();
  }

  private String cell(Row row, ToDoubleFunction<Round> time) {
    double ratio = row == rows.get(0) ? Double.NaN : ratio(row, time);
    return number(ratio < 1 ? "**%.2f**" : "%.2f", ratio);
  }

  private static String number(String format, double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, format, value) : "";
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
