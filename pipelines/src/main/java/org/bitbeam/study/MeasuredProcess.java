package org.bitbeam.study;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A process that ran to its end, and what it took. Processor time and memory are read from {@code
 * /proc} every few milliseconds, so the last few are missing; elsewhere than on Linux they are NaN.
 *
 * @param exitCode 0 when all went well
 * @param seconds from start to end
 * @param cpuSeconds of all its threads, and of children it waited for
 * @param peakBytes most memory in use at once (peak resident set)
 * @param out what it printed on standard output
 * @param err on standard error
 */
public record MeasuredProcess(
    int exitCode, double seconds, double cpuSeconds, double peakBytes, String out, String err) {
  private static final int POLL_MILLISECONDS = 5;
  private static final double TICKS_PER_SECOND = 100; // USER_HZ: the same on every Linux

  /**
   * Runs a command.
   *
   * @param scratch a folder for two files with its output
   * @throws IOException when it cannot be started
   * @throws InterruptedException after the process was stopped
   */
  public static MeasuredProcess run(ProcessBuilder command, Path scratch)
      throws IOException, InterruptedException {
    Path out = scratch.resolve("out");
    Path err = scratch.resolve("err");
    command.redirectOutput(out.toFile()).redirectError(err.toFile());
    double cpuSeconds = Double.NaN;
    double peakBytes = Double.NaN;
    long start = System.nanoTime();
    Process process = command.start();
    try {
      Path proc = Path.of("/proc", String.valueOf(process.pid()));
      do {
        try {
          cpuSeconds = cpuSeconds(Files.readString(proc.resolve("stat")));
          peakBytes = peakBytes(Files.readAllLines(proc.resolve("status")), peakBytes);
        } catch (IOException e) {
          // It has ended, or this is no Linux.
        }
      } while (!process.waitFor(POLL_MILLISECONDS, TimeUnit.MILLISECONDS));
    } finally {
      process.destroyForcibly();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return new MeasuredProcess(
        process.exitValue(),
        seconds,
        cpuSeconds,
        peakBytes,
        Files.readString(out),
        Files.readString(err));
  }

  /**
   * User and system time, its own and that of its children: the numbers behind the name, proc(5).
   */
  private static double cpuSeconds(String stat) {
    String[] numbers = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    double ticks = 0;
    for (int field = 11; field < 15; field++) {
      ticks += Double.parseDouble(numbers[field]);
    }
    return ticks / TICKS_PER_SECOND;
  }

  private static double peakBytes(List<String> status, double before) {
    for (String line : status) {
      if (line.startsWith("VmHWM:")) {
        return 1024 * Double.parseDouble(line.replaceAll("[^0-9]", ""));
      }
    }
    return before; // a process that is ending has no memory any more
  }
}
