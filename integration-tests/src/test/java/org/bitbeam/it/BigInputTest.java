package org.bitbeam.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.Compression;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.DatasetWriter;
import org.bitbeam.root.RootFile;
import org.bitbeam.root.RootWriter;
import org.bitbeam.root.TreeOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of 2,000 clusters and 1 GiB of columns, processed in a JVM of 512 MiB. */
class BigInputTest {
  private static final int CLUSTERS = 2_000;
  private static final int CLUSTER_ENTRIES = 8;
  private static final int ENTRIES = CLUSTERS * CLUSTER_ENTRIES;
  private static final int PARTICLES = 5;

  /** Floats of an entry that no network reads: 64 KiB. */
  private static final int PAYLOAD = 16_384;

  @TempDir private Path folder;

  @Test
  void memoryDoesNotGrowWithTheFile() throws Exception {
    Path input = folder.resolve("big.root");
    write(input);
    try (RootFile file = RootFile.open(input)) {
      assertEquals(CLUSTERS, file.dataset("jets").clusters().size());
    }
    for (String[] options :
        new String[][] {{"--mode=enriched"}, {"--mode=enriched", "--where=number % 2 == 1"}}) {
      Path out = folder.resolve("out" + options.length + options[0]);
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1", "-Dbitbeam.home=" + Cli.HOME));
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.addAll(List.of("org.bitbeam.cli.Bitbeam", "tag", "--input", input.toString()));
      command.addAll(List.of("--output", out.toString(), "--model", "pfn"));
      command.addAll(List.of(options));
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), text);
      check(out.resolve("big.root"), options);
    }
  }

  private static void check(Path output, String[] options) throws IOException {
    boolean filtered = options.length > 1;
    try (RootFile file = RootFile.open(output)) {
      Dataset jets = file.dataset("jets");
      assertEquals(filtered ? ENTRIES / 2 : ENTRIES, jets.entries());
      FloatColumn scores =
          (FloatColumn) jets.read(List.of("jet_qgQuarkScore"), 0, jets.entries()).columns().get(0);
      for (int i = 0; i < scores.length(); i++) {
        assertTrue(scores.get(i) > 0 && scores.get(i) < 1, "entry " + i + ": " + scores.get(i));
      }
      if (!options[0].equals("--mode=friend")) {
        long last = jets.entries() - 1;
        ListColumn payload =
            (ListColumn) jets.read(List.of("payload"), last, last + 1).columns().get(0);
        assertEquals(payload(ENTRIES - 1), payload.content());
      }
    }
  }

  private static FloatColumn payload(int... entries) {
    float[] values = new float[entries.length * PAYLOAD];
    for (int i = 0; i < values.length; i++) {
      values[i] = entries[i / PAYLOAD] + (i % 64) * 0.25f;
    }
    return FloatColumn.of(values);
  }

  private static void write(Path path) throws IOException {
    List<Long> borders = new ArrayList<>();
    for (int cluster = 1; cluster <= CLUSTERS; cluster++) {
      borders.add((long) cluster * CLUSTER_ENTRIES);
    }
    try (RootWriter writer = RootWriter.create(path)) {
      DatasetWriter tree = null;
      for (int cluster = 0; cluster < CLUSTERS; cluster++) {
        int[] numbers = new int[CLUSTER_ENTRIES];
        int first = cluster * CLUSTER_ENTRIES;
        Arrays.setAll(numbers, i -> first + i);
        EventBatch batch = batch(numbers);
        if (tree == null) {
          tree =
              writer.tree(
                  "jets",
                  "",
                  batch.schema(),
                  TreeOptions.DEFAULT
                      .withBorders(borders)
                      .withCompression(Compression.parse("lz4:1")));
        }
        tree.write(batch);
      }
      tree.finish();
      writer.commit();
    }
  }

  private static EventBatch batch(int[] numbers) {
    int n = numbers.length;
    float[] jetPt = new float[n];
    Arrays.fill(jetPt, 520);
    int[] perJet = new int[n + 1];
    Arrays.setAll(perJet, i -> i * PARTICLES);
    int[] perEntry = new int[n + 1];
    Arrays.setAll(perEntry, i -> i * PAYLOAD);
    float[] pt = new float[n * PARTICLES];
    float[] angle = new float[n * PARTICLES];
    int[] id = new int[n * PARTICLES];
    for (int i = 0; i < pt.length; i++) {
      pt[i] = 200f / (1 + i % PARTICLES);
      angle[i] = 0.02f * (numbers[i / PARTICLES] % 7) * (i % PARTICLES);
      id[i] = i % 2 == 0 ? 211 : 22;
    }
    FloatColumn zero = FloatColumn.of(new float[n]);
    List<String> names = new ArrayList<>();
    List<Column> columns = new ArrayList<>();
    Collections.addAll(names, "number", "jet_pt", "jet_eta", "jet_phi", "jet_mass", "payload");
    Collections.addAll(
        columns,
        IntColumn.of(numbers),
        FloatColumn.of(jetPt),
        zero,
        zero,
        zero,
        ListColumn.of(perEntry, payload(numbers)));
    Collections.addAll(names, "Part_pt", "Part_eta", "Part_phi", "Part_pdgId");
    Collections.addAll(
        columns,
        ListColumn.of(perJet, FloatColumn.of(pt)),
        ListColumn.of(perJet, FloatColumn.of(angle)),
        ListColumn.of(perJet, FloatColumn.of(angle)),
        ListColumn.of(perJet, IntColumn.of(id)));
    List<Schema.Field> fields = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      fields.add(Schema.Field.of(names.get(i), columns.get(i).type()));
    }
    return EventBatch.of(Origin.MEMORY, new Schema(fields), columns, n);
  }
}
