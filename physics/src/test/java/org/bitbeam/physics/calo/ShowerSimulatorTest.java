package org.bitbeam.physics.calo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.BooleanColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.EventDataException;
import org.bitbeam.physics.calo.CaloChallengeFile.Showers;
import org.bitbeam.physics.calo.ShowerOptions.OutOfRange;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.BundleLease;
import org.bitbeam.runtime.ModelBundle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Showers of the shipped bundles as columns, incident energies, geometry and HDF5 files. */
class ShowerSimulatorTest {
  @TempDir Path folder;

  private static ModelBundle bundle(String name) throws IOException {
    return ModelBundle.open(Path.of("..", "models", name));
  }

  private static EventBatch batch(Column energies, long first) {
    return EventBatch.of(
        new Origin("gen.root", "gen", "particles", first),
        new Schema(List.of(Schema.Field.of("E", energies.type()))),
        List.of(energies),
        energies.length());
  }

  private static ShowerOptions options(OutOfRange policy, boolean dense) {
    return new ShowerOptions("E", 1000, 5, policy, dense);
  }

  private static EventBatch simulate(
      String model,
      String backend,
      ShowerOptions options,
      EventBatch batch,
      Map<String, Long> counts)
      throws IOException {
    ModelBundle bundle = bundle(model);
    try (BundleLease lease =
        BundleLease.of(bundle, Backends.standard().get(backend), BackendOptions.DEFAULT)) {
      return new ShowerSimulator(ShowerModels.of(bundle, lease.networks()), options)
          .apply(batch, (name, amount) -> counts.merge(name, amount, Long::sum));
    }
  }

  @ParameterizedTest
  @CsvSource({"calo-tiny, ort", "calo-tiny, bit", "calo-tiny-bit, ort", "calo-tiny-bit, bit"})
  void columnsDoNotDependOnTheBatch(String model, String backend) throws IOException {
    DoubleColumn energies = DoubleColumn.of(0.3, 1, 5, 20, 100, 200, 0.256);
    ShowerOptions options = options(OutOfRange.ERROR, false);
    EventBatch whole = simulate(model, backend, options, batch(energies, 10), new TreeMap<>());
    List<EventBatch> parts = new ArrayList<>();
    for (int i = 0; i < 7; i += 2) {
      int to = Math.min(7, i + 2);
      parts.add(
          simulate(model, backend, options, batch(energies.slice(i, to), 10 + i), new TreeMap<>()));
    }
    assertEquals(whole, EventBatch.concatenate(parts));
    ListColumn values = (ListColumn) whole.column("shower_voxelEnergy");
    ArrayColumn layers = (ArrayColumn) whole.column("shower_layerEnergy");
    NumberColumn indices = (NumberColumn) ((ListColumn) whole.column("shower_voxel")).elements();
    int[] offsets = {0, 4, 28, 56, 59, 62};
    for (int i = 0; i < 7; i++) {
      double[] sums = new double[5];
      for (int k = values.start(i); k < values.end(i); k++) {
        int voxel = (int) indices.getLong(k);
        int layer = 0;
        while (offsets[layer + 1] <= voxel) {
          layer++;
        }
        sums[layer] += ((NumberColumn) values.content()).getDouble(k);
      }
      for (int layer = 0; layer < 5; layer++) {
        double expected = ((NumberColumn) layers.content()).getDouble(5 * i + layer);
        assertEquals(expected, sums[layer], 1e-5 * (1 + expected));
      }
    }
  }

  @Test
  void denseAndSparseAreTheSameShowers() throws IOException {
    EventBatch given = batch(DoubleColumn.of(1, 10, 100), 0);
    Map<String, Long> counts = new TreeMap<>();
    EventBatch sparse =
        simulate("calo-tiny", "ort", options(OutOfRange.ERROR, false), given, counts);
    EventBatch dense = simulate("calo-tiny", "ort", options(OutOfRange.ERROR, true), given, counts);
    assertEquals(6L, counts.get("showers"));
    ListColumn energies = (ListColumn) sparse.column("shower_voxelEnergy");
    NumberColumn indices = (NumberColumn) ((ListColumn) sparse.column("shower_voxel")).content();
    float[] expected = new float[3 * 62];
    for (int i = 0; i < 3; i++) {
      for (int k = energies.start(i); k < energies.end(i); k++) {
        float energy = ((FloatColumn) energies.content()).get(k);
        assertTrue(energy > 0);
        expected[62 * i + (int) indices.getLong(k)] = energy;
      }
    }
    Column all = ((ArrayColumn) dense.column("shower_voxelEnergy")).content();
    assertArrayEquals(expected, ((FloatColumn) all).toArray());
  }

  @Test
  void listsOfParticlesGiveListsOfShowers() throws IOException {
    ListColumn energies = ListColumn.of(new int[] {0, 2, 2, 3}, DoubleColumn.of(1, 10, 100));
    EventBatch result =
        simulate(
            "calo-tiny",
            "ort",
            options(OutOfRange.ERROR, true),
            batch(energies, 0),
            new TreeMap<>());
    ListColumn showers = (ListColumn) result.column("shower_voxelEnergy");
    assertArrayEquals(new int[] {0, 2, 2, 3}, showers.elementOffsets());
    // The first particle of entry 0 is the shower of a single particle in that entry.
    EventBatch single =
        simulate(
            "calo-tiny",
            "ort",
            options(OutOfRange.ERROR, true),
            batch(DoubleColumn.of(1), 0),
            new TreeMap<>());
    assertEquals(
        ((ArrayColumn) single.column("shower_voxelEnergy")).get(0),
        ((ArrayColumn) showers.elements()).get(0));
  }

  @Test
  void energiesOutOfRangeFollowThePolicy() throws IOException {
    EventBatch given = batch(DoubleColumn.of(1, 5000), 0);
    String message =
        assertThrows(
                EventDataException.class,
                () ->
                    simulate(
                        "calo-tiny",
                        "ort",
                        options(OutOfRange.ERROR, true),
                        given,
                        new TreeMap<>()))
            .getMessage();
    assertTrue(message.contains("entry 1") && message.contains("262144"), message);
    Map<String, Long> counts = new TreeMap<>();
    EventBatch clamped =
        simulate("calo-tiny", "ort", options(OutOfRange.CLAMP, true), given, counts);
    EventBatch largest =
        simulate(
            "calo-tiny",
            "ort",
            options(OutOfRange.ERROR, true),
            batch(DoubleColumn.of(1, 262.144), 0),
            new TreeMap<>());
    assertEquals(largest.column("shower_voxelEnergy"), clamped.column("shower_voxelEnergy"));
    assertEquals(1L, counts.get("showersOutOfRange"));
    EventBatch flagged =
        simulate("calo-tiny", "ort", options(OutOfRange.FLAG, true), given, new TreeMap<>());
    BooleanColumn flags = (BooleanColumn) flagged.column("shower_outOfRange");
    assertFalse(flags.getLong(0) != 0);
    assertTrue(flags.getLong(1) != 0);
    for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThrows(
          EventDataException.class,
          () ->
              simulate(
                  "calo-tiny",
                  "ort",
                  options(OutOfRange.FLAG, true),
                  batch(DoubleColumn.of(bad), 0),
                  new TreeMap<>()));
    }
  }

  @Test
  void energiesFollowTheirLaw() {
    IncidentEnergies law = IncidentEnergies.parse("log-uniform:1:1000:GeV", 3);
    double[] logs = new double[20_000];
    Arrays.setAll(logs, i -> Math.log10(law.get(i) / 1e3));
    assertTrue(Arrays.stream(logs).allMatch(x -> x >= 0 && x <= 3));
    assertEquals(1.5, Arrays.stream(logs).average().orElseThrow(), 4 * 3 / Math.sqrt(12 * 20_000));
    assertEquals(law.get(7), IncidentEnergies.parse("log-uniform:1:1000:GeV", 3).get(7));
    IncidentEnergies grid = IncidentEnergies.parse("grid:256:4194304:15:MeV", 0);
    for (int i = 0; i < 15; i++) {
      assertEquals(256 << i, grid.get(15 + i), 1e-6);
    }
    assertEquals(1e6, IncidentEnergies.parse("list:1,2:TeV", 0).get(4));
    for (String bad :
        List.of(
            "", "log-uniform", "uniform:1:2", "uniform:2:1:GeV", "list:-1:GeV", "grid:1:2:1:GeV")) {
      assertThrows(IllegalArgumentException.class, () -> IncidentEnergies.parse(bad, 0), bad);
    }
  }

  @ParameterizedTest
  @CsvSource({"300, true, 1e-15", "300, false, 1e-7", "9001, true, 1e-15", "9001, false, 1e-7"})
  void hdf5FilesKeepTheShowers(int count, boolean doublePrecision, double relative)
      throws IOException {
    double[] energies = new double[count];
    double[] voxels = new double[count * 62]; // 9001 take several chunks, the last one not full
    Arrays.setAll(energies, i -> 256 + i);
    Arrays.setAll(voxels, i -> i % 3 == 0 ? 0 : Math.sqrt(i));
    Path file = folder.resolve("showers.hdf5");
    CaloChallengeFile.write(file, new Showers(energies, voxels), doublePrecision);
    Showers back = CaloChallengeFile.read(file);
    assertEquals(62, back.voxelsPerShower());
    for (int i = 0; i < voxels.length; i++) {
      assertEquals(voxels[i], back.voxels()[i], relative * voxels[i]);
    }
    assertArrayEquals(energies, back.energies());
    int some = count / 2 + 1; // 4501 end within a chunk
    Showers first = CaloChallengeFile.read(file, some);
    assertArrayEquals(Arrays.copyOf(back.energies(), some), first.energies());
    assertArrayEquals(Arrays.copyOf(back.voxels(), 62 * some), first.voxels());
    assertEquals(1, Files.list(folder).count(), "no draft is left");
    byte[] bytes = Files.readAllBytes(file);
    try (CaloChallengeWriter writer = new CaloChallengeWriter(file, count, 62, doublePrecision)) {
      writer.add(1, voxels, 0);
      String missing = assertThrows(IllegalStateException.class, writer::commit).getMessage();
      assertTrue(missing.contains("1 of " + count + " rows"), missing);
    }
    assertEquals(1, Files.list(folder).count(), "no draft is left");
    assertArrayEquals(bytes, Files.readAllBytes(file), "what was there before stays");
    Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
    String message =
        assertThrows(IOException.class, () -> CaloChallengeFile.read(file)).getMessage();
    assertTrue(message.contains("showers.hdf5"), message);
  }

  @Test
  void geometriesOfTheCaloChallenge() {
    String xml =
        "<?xml version='1.0'?><Bins><Bin pid='22' name='photon'>"
            + "<Layer id='0' r_edges='0,5,10,30,50,100,200,400,600' n_bin_alpha='1'/>"
            + "<Layer id='1' r_edges='0,2,4,6,8,10,12,15,20,30,40,50,70,90,120,150,200' n_bin_alpha='10'/>"
            + "<Layer id='4' r_edges='0' n_bin_alpha='1'/></Bin><Bin pid='211' name='pion'/></Bins>";
    CaloGeometry geometry =
        CaloGeometry.ofXml("bins.xml", xml.getBytes(StandardCharsets.UTF_8), "photon");
    assertEquals(8 + 160, geometry.voxels());
    assertArrayEquals(new int[] {0, 8, 168}, geometry.offsets());
    String missing =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    CaloGeometry.ofXml(
                        "bins.xml", xml.getBytes(StandardCharsets.UTF_8), "electron"))
            .getMessage();
    assertTrue(missing.contains("[photon, pion]"), missing);
    String hostile =
        "<?xml version='1.0'?><!DOCTYPE b [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><Bins>&x;</Bins>";
    String refused =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    CaloGeometry.ofXml(
                        "bins.xml", hostile.getBytes(StandardCharsets.UTF_8), "photon"))
            .getMessage();
    assertTrue(refused.contains("DOCTYPE"), refused);
    for (String bad :
        List.of(
            "{}",
            "{\"layers\": [{\"radii\": [0, 5, 5], \"sectors\": 1}]}",
            "{\"layers\": [{\"radii\": [0, 5], \"sectors\": 2000000000}]}")) {
      assertThrows(
          IllegalArgumentException.class,
          () -> CaloGeometry.ofJson("g.json", new ObjectMapper().readTree(bad)),
          bad);
    }
  }
}
