package org.bitbeam.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.values.PCollection;
import org.bitbeam.beam.InputFile;
import org.bitbeam.beam.RootIO;
import org.bitbeam.beam.SimulateShowers;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.physics.calo.CaloChallengeFile;
import org.bitbeam.physics.calo.ShowerOptions;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.bitbeam.runtime.ModelBundle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bitbeam simulate}, and showers in a pipeline. */
class SimulateTest {
  @TempDir Path folder;

  private static EventBatch read(Path file, List<String> columns) throws IOException {
    try (RootFile root = RootFile.open(file)) {
      Dataset dataset = root.openAll().get(0);
      return dataset.read(columns, 0, dataset.entries());
    }
  }

  @Test
  void rootAndHdf5HoldTheSameShowers() throws IOException {
    Path rootFile = folder.resolve("showers.root");
    Path hdf5 = folder.resolve("showers.hdf5");
    for (Path file : List.of(rootFile, hdf5)) {
      Cli run =
          Cli.run(
              "simulate",
              "--model",
              "calo-tiny-bit",
              "--backend",
              "bit",
              "--showers",
              "1200",
              "--seed",
              "9",
              "--output",
              file,
              "--json");
      assertEquals(0, run.code(), run.err());
      JsonNode document = new ObjectMapper().readTree(run.out());
      assertEquals(1200, document.at("/counters/showers").asLong());
    }
    EventBatch tree =
        read(rootFile, List.of("incidentEnergy", "shower_voxel", "shower_voxelEnergy"));
    CaloChallengeFile.Showers flat = CaloChallengeFile.read(hdf5);
    NumberColumn incident = (NumberColumn) tree.column("incidentEnergy");
    ListColumn voxels = (ListColumn) tree.column("shower_voxel");
    NumberColumn index = (NumberColumn) voxels.content();
    NumberColumn energy = (NumberColumn) ((ListColumn) tree.column("shower_voxelEnergy")).content();
    for (int i = 0; i < 1200; i++) {
      assertEquals((float) incident.getDouble(i), flat.energies()[i]);
      double[] expected = new double[62];
      for (int k = voxels.start(i); k < voxels.end(i); k++) {
        expected[(int) index.getLong(k)] = energy.getDouble(k);
      }
      assertArrayEquals(
          expected, Arrays.copyOfRange(flat.voxels(), 62 * i, 62 * (i + 1)), "shower " + i);
    }
    // The second half on its own is the same.
    Path second = folder.resolve("second.h5");
    Cli run =
        Cli.run(
            "simulate",
            "--model",
            "calo-tiny-bit",
            "--backend",
            "bit",
            "--showers",
            "600",
            "--first",
            "600",
            "--seed",
            "9",
            "--output",
            second);
    assertEquals(0, run.code(), run.err());
    assertArrayEquals(
        Arrays.copyOfRange(flat.voxels(), 600 * 62, 1200 * 62),
        CaloChallengeFile.read(second).voxels());
  }

  @Test
  void showersAreComparedWithAReference() throws IOException {
    Path reference = folder.resolve("reference.root");
    Path same = folder.resolve("same.h5");
    Path other = folder.resolve("other.root");
    for (Path file : List.of(reference, same)) {
      Cli.run("simulate", "--model", "calo-tiny", "--showers", "1500", "--output", file);
    }
    Cli.run(
        "simulate", "--model", "calo-tiny-bit", "--showers", "1500", "--dense", "--output", other);
    double[] response = new double[2];
    for (int i = 0; i < 2; i++) {
      Cli run =
          Cli.run(
              "evaluate",
              "calo",
              "--input",
              i == 0 ? same : other,
              "--reference",
              reference,
              "--geometry",
              "calo-tiny",
              "--json");
      assertEquals(0, run.code(), run.err());
      JsonNode document = new ObjectMapper().readTree(run.out());
      response[i] = document.at("/separationPowers/response").asDouble();
      assertEquals(6, document.get("responses").size());
    }
    assertTrue(response[0] < 0.02, "float32 of the same showers: " + response[0]);
    assertTrue(response[1] > response[0] && response[1] <= 1, "ternary showers: " + response[1]);
    Cli wrong =
        Cli.run("evaluate", "calo", "--input", same, "--reference", reference, "--geometry", "pfn");
    assertEquals(1, wrong.code());
  }

  @Test
  void mistakesAreNamed() {
    Cli range =
        Cli.run(
            "simulate",
            "--model",
            "calo-tiny",
            "--energies",
            "list:1:TeV",
            "--output",
            folder.resolve("a.root"));
    assertEquals(1, range.code());
    assertTrue(
        range.err().contains("--out-of-range") || range.err().contains("clamp"), range.err());
    assertFalse(Files.exists(folder.resolve("a.root")));
    Cli law =
        Cli.run(
            "simulate",
            "--model",
            "calo-tiny",
            "--energies",
            "flat",
            "--output",
            folder.resolve("a.root"));
    assertEquals(2, law.code());
    assertTrue(law.err().contains("log-uniform:1:1000:GeV"), law.err());
    Cli kind = Cli.run("simulate", "--model", "pfn", "--output", folder.resolve("a.root"));
    assertEquals(1, kind.code());
    assertTrue(kind.err().contains("jet-tagger"), kind.err());
  }

  /** Showers for the particles of a file, in a pipeline, beside everything of the input. */
  @Test
  void pipelinesAddShowersToParticles() throws IOException {
    Path particles = folder.resolve("particles.root");
    Cli made =
        Cli.run(
            "simulate",
            "--model",
            "calo-tiny",
            "--showers",
            "50",
            "--seed",
            "3",
            "--output",
            particles);
    assertEquals(0, made.code(), made.err());
    ShowerOptions options =
        new ShowerOptions("incidentEnergy", 1, 3, ShowerOptions.OutOfRange.ERROR, false);
    SimulateShowers showers =
        SimulateShowers.with(ModelBundle.open(Cli.HOME.resolve("models/calo-tiny")), options);
    Path bare = folder.resolve("bare.root");
    Cli slim =
        Cli.run(
            "convert",
            particles,
            "--output",
            bare,
            "--columns",
            "incidentEnergy",
            "--format",
            "ttree");
    assertEquals(0, slim.code(), slim.err());
    Pipeline pipeline =
        Pipeline.create(PipelineOptionsFactory.fromArgs("--targetParallelism=1").create());
    PCollection<InputFile> files =
        pipeline.apply(RootIO.match(bare.toString()).withTree("showers"));
    files
        .apply(RootIO.read().withColumnsOf(showers.stageFactory()).withBatchEntries(7))
        .apply(showers)
        .apply(RootIO.write(files).to(folder.resolve("out").toString()));
    pipeline.run().waitUntilFinish();
    for (String column : List.of("shower_voxel", "shower_voxelEnergy", "shower_layerEnergy")) {
      assertEquals(
          read(particles, List.of(column)).column(column),
          read(folder.resolve("out/bare.root"), List.of(column)).column(column),
          column);
    }
  }
}
