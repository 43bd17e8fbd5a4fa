package org.bitbeam.cli;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/** When and on what a job ran, for its summary. Results do not depend on it. */
final class Circumstances {
  private Circumstances() {}

  /** {@code finished} (ISO 8601), {@code jdk}, {@code system}. */
  static Map<String, String> now() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("finished", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    facts.put("jdk", Runtime.version().toString());
    facts.put(
        "system",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.arch")
            + ", "
            + Runtime.getRuntime().availableProcessors()
            + " processors");
    return facts;
  }
}
