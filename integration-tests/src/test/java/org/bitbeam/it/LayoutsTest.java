package org.bitbeam.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.bitbeam.root.RootWriter;
import org.bitbeam.root.TreeOptions;
import org.bitbeam.root.TreeWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bitbeam tag} on files of each layout. */
class LayoutsTest {
  @TempDir Path folder;

  private static EventBatch read(Path file, String... columns) throws IOException {
    try (RootFile root = RootFile.open(file)) {
      Dataset dataset = root.openAll().get(0);
      return dataset.read(List.of(columns), 0, dataset.entries());
    }
  }

  private JsonNode tag(Path input, String output, String... more) throws IOException {
    List<Object> words =
        new ArrayList<>(
            List.of("tag", "--input", input, "--output", folder.resolve(output), "--model=pfn"));
    words.addAll(List.of(more));
    Cli run = Cli.run(words.toArray());
    assertEquals(0, run.code(), run.err());
    return new ObjectMapper().readTree(folder.resolve(output).resolve("summary.json").toFile());
  }

  private static float[] floats(EventBatch batch, String name) {
    return ((FloatColumn) ((ListColumn) batch.column(name)).elements()).toArray();
  }

  /** As in derivations of ATLAS: MeV, positions relative to the jet's axis. */
  @Test
  void vectorsOfVectorsGiveTheScoresOfTheSameJetsInPfNano() throws IOException {
    EventBatch events =
        read(
            Cli.HOME.resolve("samples/events_sample.root"),
            "Jet_pt",
            "Jet_eta",
            "Jet_phi",
            "Jet_mass",
            "PFCands_pt",
            "PFCands_eta",
            "PFCands_phi",
            "PFCands_pdgId",
            "JetPFCands_jetIdx",
            "JetPFCands_pFCandsIdx");
    ListColumn jets = (ListColumn) events.column("Jet_pt");
    int[] jetOffsets = jets.elementOffsets();
    int[] partOffsets = new int[jetOffsets[events.entries()] + 1];
    List<float[]> parts = new ArrayList<>();
    List<Integer> types = new ArrayList<>();
    float[][] axis = {
      floats(events, "Jet_pt"), floats(events, "Jet_eta"), floats(events, "Jet_phi")
    };
    for (int entry = 0; entry < events.entries(); entry++) {
      NumberColumn jetIndex =
          (NumberColumn) ((ListColumn) events.column("JetPFCands_jetIdx")).get(entry);
      NumberColumn index =
          (NumberColumn) ((ListColumn) events.column("JetPFCands_pFCandsIdx")).get(entry);
      for (int jet = jetOffsets[entry]; jet < jetOffsets[entry + 1]; jet++) {
        for (int i = 0; i < index.length(); i++) {
          if (jetIndex.getLong(i) == jet - jetOffsets[entry]) {
            float[] part = new float[3];
            for (int v = 0; v < 3; v++) {
              String name = List.of("PFCands_pt", "PFCands_eta", "PFCands_phi").get(v);
              NumberColumn values = (NumberColumn) ((ListColumn) events.column(name)).get(entry);
              double value = values.getDouble((int) index.getLong(i));
              part[v] = (float) (v == 0 ? 1000 * value : value - axis[v][jet]);
            }
            parts.add(part);
            NumberColumn ids =
                (NumberColumn) ((ListColumn) events.column("PFCands_pdgId")).get(entry);
            types.add((int) ids.getLong((int) index.getLong(i)));
          }
        }
        partOffsets[jet + 1] = parts.size();
      }
    }
    Map<String, Column> columns = new LinkedHashMap<>();
    for (String quantity : List.of("pt", "mass")) {
      float[] mev = floats(events, "Jet_" + quantity).clone();
      for (int i = 0; i < mev.length; i++) {
        mev[i] *= 1000;
      }
      columns.put("AntiKt4_" + quantity, ListColumn.of(jetOffsets, FloatColumn.of(mev)));
    }
    columns.put("AntiKt4_eta", events.column("Jet_eta"));
    columns.put("AntiKt4_phi", events.column("Jet_phi"));
    for (int v = 0; v < 3; v++) {
      float[] values = new float[parts.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = parts.get(i)[v];
      }
      columns.put(
          List.of("clus_pt", "clus_deta", "clus_dphi").get(v),
          ListColumn.of(jetOffsets, ListColumn.of(partOffsets, FloatColumn.of(values))));
    }
    int[] ids = types.stream().mapToInt(Integer::intValue).toArray();
    columns.put(
        "clus_type", ListColumn.of(jetOffsets, ListColumn.of(partOffsets, IntColumn.of(ids))));
    Path file = folder.resolve("atlas.root");
    write(file, columns, events.entries());
    Path layout = folder.resolve("layout.json");
    Files.writeString(
        layout,
        "{\"prefix\": \"AntiKt4\", \"unit\": \"MeV\", \"jets\": {\"pt\": \"AntiKt4_pt\", \"eta\":"
            + " \"AntiKt4_eta\", \"phi\": \"AntiKt4_phi\", \"mass\": \"AntiKt4_mass\"}, \"constituents\": {\"pt\": \"clus_pt\","
            + " \"deta\": \"clus_deta\", \"dphi\": \"clus_dphi\", \"pdgId\": \"clus_type\"}}");
    JsonNode vectors = tag(file, "vectors", "--layout=" + layout);
    JsonNode pfnano =
        tag(Cli.HOME.resolve("samples/events_sample.root"), "pfnano", "--layout=pfnano");
    assertEquals(pfnano.at("/counters/jets"), vectors.at("/counters/jets"));
    float[] expected =
        floats(read(folder.resolve("pfnano/events_sample.root"), "Jet_qgLogit"), "Jet_qgLogit");
    EventBatch tagged = read(folder.resolve("vectors/atlas.root"), "AntiKt4_qgLogit");
    assertArrayEquals(jetOffsets, ((ListColumn) tagged.column("AntiKt4_qgLogit")).elementOffsets());
    // Values in MeV and relative ones are rounded differently.
    assertArrayEquals(expected, floats(tagged, "AntiKt4_qgLogit"), 1e-3f);
    assertTrue(expected.length > 500, expected.length + " jets");
  }

  private static void write(Path file, Map<String, Column> columns, int entries)
      throws IOException {
    List<Schema.Field> fields = new ArrayList<>();
    columns.forEach((name, column) -> fields.add(Schema.Field.of(name, column.type())));
    EventBatch batch =
        EventBatch.of(
            new Origin("", "", "CollectionTree", 0),
            new Schema(fields),
            List.copyOf(columns.values()),
            entries);
    try (RootWriter writer = RootWriter.create(file)) {
      // Branches of vector<float> and vector<vector<float>>.
      TreeOptions options = TreeOptions.DEFAULT.withVectors(columns.keySet());
      TreeWriter dataset = writer.tree("CollectionTree", "", batch.schema(), options);
      dataset.write(batch);
      dataset.finish();
      writer.commit();
    }
  }

  /** Events of Delphes itself, whose jets refer to energy-flow objects. */
  @Test
  void eventsOfDelphesAreTagged() throws IOException {
    Path file = Shared.require("corpus/root/uproot-issue513.root");
    JsonNode summary = tag(file, "delphes");
    EventBatch tagged = read(folder.resolve("delphes/uproot-issue513.root"), "Jet_qgLogit");
    float[] logits = floats(tagged, "Jet_qgLogit");
    assertEquals(10, tagged.entries());
    assertEquals(8, ((ListColumn) tagged.column("Jet_qgLogit")).count(0));
    assertEquals(logits.length, summary.at("/counters/jets").asInt());
    long without = summary.at("/counters/jetsWithoutConstituents").asLong();
    assertEquals(logits.length - without, finite(logits));
  }

  private static long finite(float[] values) {
    long finite = 0;
    for (float value : values) {
      finite += Float.isFinite(value) ? 1 : 0;
    }
    return finite;
  }
}
