package org.bitbeam.physics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stages with backend bit write the same columns, bit for bit, whatever computes the networks. */
class StageIdentityTest {
  private static Map<String, String> here = Map.of();
  @TempDir private Path folder;

  @BeforeAll
  static void digestsOfThisProcess() throws IOException {
    here = StageDigests.all();
  }

  /** Vectors of each width (the widest there is, where that is not there), and the plain loops. */
  @ParameterizedTest
  @ValueSource(strings = {"128", "256", "512", "none"})
  void columnsDoNotDependOnTheWidth(String width) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (!width.equals("none")) {
      command.addAll(
          List.of("--add-modules", "jdk.incubator.vector", "-Dbitbeam.vector.bits=" + width));
    }
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), StageDigests.class.getName()));
    Path log = folder.resolve("digests.txt");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    int status = process.waitFor();
    String text = Files.readString(log);
    assertEquals(0, status, text);
    Map<String, String> found = new LinkedHashMap<>();
    for (String line : text.split("\\R")) {
      int equals = line.lastIndexOf('=');
      if (equals > 0 && here.containsKey(line.substring(0, equals))) {
        found.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    assertEquals(here, found);
  }

  @Test
  void columnsDoNotDependOnTheWayOfTheSums() {
    Map<String, Set<String>> digests = new LinkedHashMap<>();
    here.forEach(
        (name, digest) ->
            digests
                .computeIfAbsent(name.substring(0, name.lastIndexOf(' ')), stage -> new HashSet<>())
                .add(digest));
    assertEquals(4, digests.size());
    digests.forEach((stage, different) -> assertEquals(1, different.size(), stage));
  }
}
