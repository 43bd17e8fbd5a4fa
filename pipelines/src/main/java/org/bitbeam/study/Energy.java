package org.bitbeam.study;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Energy counters of the processor's packages as Linux shows them (RAPL, {@code
 * /sys/class/powercap/intel-rapl:N/energy_uj}). Most machines let only root read them, virtual ones
 * have none.
 */
record Energy(List<Path> counters) {
  private static final Path FOLDER = Path.of("/sys/class/powercap");

  static Energy find() {
    return find(FOLDER);
  }

  /**
   * Counters of the packages in a folder laid out as Linux does; their parts have none of their
   * own.
   */
  static Energy find(Path folder) {
    if (!Files.isDirectory(folder)) {
      return new Energy(List.of());
    }
    try (Stream<Path> zones = Files.list(folder)) {
      return new Energy(
          zones
              .filter(zone -> zone.getFileName().toString().matches("intel-rapl:\\d+"))
              .map(zone -> zone.resolve("energy_uj"))
              .filter(Files::isReadable)
              .toList());
    } catch (IOException e) {
      return new Energy(List.of());
    }
  }

  boolean readable() {
    return !counters.isEmpty();
  }

  /**
   * Joules that the whole package takes while a pass runs again and again, over what it takes
   * without; NaN if a counter began anew meanwhile.
   *
   * @param seconds for the passes, and as many for the machine at rest
   * @return joules a pass
   */
  double joulesOfPass(Contestant contestant, double seconds)
      throws IOException, InterruptedException {
    double idle = read();
    Thread.sleep((long) (seconds * 1e3));
    idle = read() - idle;
    double busy = read();
    long start = System.nanoTime();
    int passes = contestant.passes(0, (long) (seconds * 1e9));
    busy = read() - busy;
    double elapsed = (System.nanoTime() - start) / 1e9;
    return idle < 0 || busy < 0 ? Double.NaN : (busy - idle * elapsed / seconds) / passes;
  }

  private double read() throws IOException {
    double joules = 0;
    for (Path counter : counters) {
      joules += Long.parseLong(Files.readString(counter).strip()) / 1e6;
    }
    return joules;
  }
}
