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
import org.bitbeam.columns.EventBatch;
import org.bitbeam.physics.tagging.JetTagger;
import org.bitbeam.physics.tagging.Samples;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
    assertEquals(7, digests.size());
    digests.forEach((stage, different) -> assertEquals(1, different.size(), stage));
  }

  /** Jets of a batch go through the networks by their numbers of constituents, showers together. */
  @ParameterizedTest
  @CsvSource({"ort, pdat-bit", "bit, pdat-bit", "bit, pdat-masked-bit", "bit, part-bit"})
  void scoresDoNotDependOnTheBatch(String backend, String tagger) {
    ModelBundle bundle = Samples.bundle(tagger);
    EventBatch all = Samples.events().slice(0, 12);
    try (Network network = bundle.load(Backends.standard().get(backend), BackendOptions.DEFAULT)) {
      JetTagger stage = JetTagger.of(bundle, network, JetTagger.DEFAULTS);
      EventBatch whole = stage.apply(all, StageCounter.NONE);
      for (int entries : new int[] {1, 5}) {
        List<EventBatch> parts =
            Samples.split(all, entries).stream()
                .map(part -> stage.apply(part, StageCounter.NONE))
                .toList();
        assertEquals(whole, EventBatch.concatenate(parts), entries + " entries");
      }
    }
  }
}
