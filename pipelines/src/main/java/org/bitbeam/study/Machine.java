package org.bitbeam.study;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What numbers were measured on. */
public final class Machine {
  private Machine() {}

  /** Processor, how many of it, JDK, date, and how busy it was in the last minute. */
  public static Map<String, String> describe() throws IOException {
    Map<String, String> machine = new LinkedHashMap<>();
    machine.put("processor", processor());
    machine.put("processors", String.valueOf(Runtime.getRuntime().availableProcessors()));
    machine.put("jdk", Runtime.version().toString());
    machine.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    if (load >= 0) {
      machine.put("load average", String.format(Locale.ROOT, "%.1f", load));
    }
    return machine;
  }

  private static String processor() throws IOException {
    Path file = Path.of("/proc/cpuinfo");
    if (Files.isReadable(file)) {
      for (String line : Files.readAllLines(file)) {
        if (line.startsWith("model name")) {
          return line.substring(line.indexOf(':') + 1).strip();
        }
      }
    }
    return System.getProperty("os.arch");
  }
}
