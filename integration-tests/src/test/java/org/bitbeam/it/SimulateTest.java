package org.bitbeam.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.values.PCollection;
import org.bitbeam.beam.InputFile;
import org.bitbeam.beam.RootIO;
import org.bitbeam.beam.SimulateShowers;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.Column;
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
      double spectrum = document.at("/furtherSeparationPowers/voxelSpectrum").asDouble();
      assertTrue(i == 0 ? spectrum < 0.001 : spectrum > 0.001 && spectrum < 1, "" + spectrum);
      // The profiles of a layer are the sum of its rings'; tiny has layers of 4 to 7 rings.
      JsonNode profiles = document.get("profiles");
      assertEquals(List.of(4, 6, 7, 3, 3), sizes(profiles.get("radial")));
      for (int layer = 0; layer < 5; layer++) {
        double sum = 0;
        for (JsonNode ring : profiles.get("radial").get(layer)) {
          sum += ring.asDouble();
        }
        double whole = profiles.get("longitudinal").get(layer).asDouble();
        assertEquals(whole, sum, 1e-9 * whole);
        double expected = document.at("/referenceProfiles/longitudinal/" + layer).asDouble();
        assertEquals(expected, whole, i == 0 ? 1e-6 * expected : expected);
      }
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

  /** Particles of a file with lists: energies from momenta, directions beside them. */
  @Test
  void showersOfTheParticlesOfAFile() throws IOException {
    Path events = Cli.HOME.resolve("samples/events_sample.root");
    String kinematics = "pt=Jet_pt,eta=Jet_eta,phi=Jet_phi,mass=Jet_mass";
    Path whole = folder.resolve("whole.root");
    Path flat = folder.resolve("flat.h5");
    for (Path output : List.of(whole, flat)) {
      Cli run =
          Cli.run(
              "simulate",
              "--model=calo-tiny-bit",
              "--backend=bit",
              "--particles=" + events,
              "--kinematics=" + kinematics,
              "--unit=GeV",
              "--out-of-range=clamp",
              "--seed=5",
              "--output=" + output,
              "--json");
      assertEquals(0, run.code(), run.err());
      assertTrue(
          new ObjectMapper().readTree(run.out()).at("/counters/showersOutOfRange").asLong() > 0);
    }
    EventBatch jets = read(events, List.of("Jet_pt", "Jet_eta", "Jet_phi", "Jet_mass"));
    EventBatch showers =
        read(
            whole,
            List.of(
                "incidentEnergy",
                "incidentEta",
                "incidentPhi",
                "incidentEntry",
                "incidentParticle",
                "shower_layerEnergy"));
    ListColumn pt = (ListColumn) jets.column("Jet_pt");
    assertEquals(((NumberColumn) pt.content()).length(), showers.entries());
    double[] values = new double[4];
    int at = 0;
    for (int entry = 0; entry < jets.entries(); entry++) {
      for (int jet = pt.start(entry); jet < pt.end(entry); jet++) {
        for (int v = 0; v < 4; v++) {
          Column column = ((ListColumn) jets.columns().get(v)).content();
          values[v] = ((NumberColumn) column).getDouble(jet);
        }
        double energy = 1e3 * Math.hypot(values[0] * Math.cosh(values[1]), values[3]);
        assertEquals(energy, number(showers, "incidentEnergy", at), 1e-9 * energy);
        assertEquals(values[1], number(showers, "incidentEta", at));
        assertEquals(values[2], number(showers, "incidentPhi", at));
        assertEquals(entry, number(showers, "incidentEntry", at));
        assertEquals(jet - pt.start(entry), number(showers, "incidentParticle", at));
        at++;
      }
    }
    assertEquals(showers.entries(), CaloChallengeFile.read(flat).energies().length);
    // A part of them is the same, and what is made is read again.
    Path part = folder.resolve("part.root");
    Cli again =
        Cli.run(
            "simulate",
            "--model=calo-tiny-bit",
            "--backend=bit",
            "--particles=" + whole,
            "--first=100",
            "--showers=50",
            "--out-of-range=clamp",
            "--seed=5",
            "--output=" + part);
    assertEquals(0, again.code(), again.err());
    assertEquals(
        ((ArrayColumn) showers.column("shower_layerEnergy")).slice(100, 150),
        read(part, List.of("shower_layerEnergy")).column("shower_layerEnergy"));
    for (String[] wrong :
        new String[][] {
          {"--kinematics=pt=Jet_pt", "px=COLUMN"},
          {"--kinematics=energy=Jet_e", "Jet_e"},
          {"--first=100000000", "fewer than are asked for"},
          {"--energies=list:1:GeV", "--particles have their energies"}
        }) {
      Cli run =
          Cli.run(
              "simulate",
              "--model=calo-tiny",
              "--particles=" + events,
              wrong[0].startsWith("--kinematics") ? "--seed=1" : "--kinematics=" + kinematics,
              wrong[0],
              "--output=" + folder.resolve("no.root"));
      assertTrue(run.code() != 0 && run.err().contains(wrong[1]), run.err());
    }
  }

  private static List<Integer> sizes(JsonNode lists) {
    List<Integer> sizes = new ArrayList<>();
    lists.forEach(list -> sizes.add(list.size()));
    return sizes;
  }

  private static double number(EventBatch batch, String column, int index) {
    return ((NumberColumn) batch.column(column)).getDouble(index);
  }

  /** The velocities that a shower of CaloDREAM takes are in the summary and in what is printed. */
  @Test
  void evaluationsOfVelocitiesAreReported() throws IOException {
    Path output = folder.resolve("dream.root");
    Cli run = Cli.run("simulate", "--model=calodream-bit", "--showers=4", "--output=" + output);
    assertEquals(0, run.code(), run.err());
    // 15 layers and the voxels: 8 steps of 4 evaluations each.
    assertTrue(run.out().contains("velocity evaluations a shower: 512.0"), run.out());
    JsonNode summary =
        new ObjectMapper().readTree(folder.resolve("dream.root.summary.json").toFile());
    assertEquals(4 * 15 * 32, summary.at("/counters/energyEvaluations").asLong());
    assertEquals(4 * 32, summary.at("/counters/shapeEvaluations").asLong());
    // Its layers are alike, so they have depths; those of the tiny geometry are not.
    Path other = folder.resolve("other.root");
    Cli.run("simulate", "--model=calodream-bit", "--showers=4", "--seed=2", "--output=" + other);
    for (Path file : List.of(output, other)) {
      Cli compared =
          Cli.run(
              "evaluate",
              "calo",
              "--input=" + file,
              "--reference=" + output,
              "--geometry=ds2-small",
              "--json");
      assertEquals(0, compared.code(), compared.err());
      JsonNode powers = new ObjectMapper().readTree(compared.out()).at("/furtherSeparationPowers");
      for (String name : List.of("depthByRing", "depthBySector")) {
        double power = powers.get(name).asDouble();
        assertTrue(file == output ? power == 0 : power > 0 && power <= 1, name + ": " + power);
      }
    }
  }

  /** Learnt steps go into another bundle, which simulates with them; damaged ones are refused. */
  @Test
  void solversAreLearntForABundle() throws IOException {
    Path few = folder.resolve("few");
    String[] learn = {
      "model",
      "solver",
      "calodream",
      "--energy-solver=bespoke-euler:2",
      "--shape-solver=non-stationary:2",
      "--fine=rk4:0.25",
      "--showers=4",
      "--iterations=2",
      "--output=" + few
    };
    Cli run = Cli.run(learn);
    assertEquals(0, run.code(), run.err());
    assertTrue(run.out().contains("energy: bespoke-euler of 2 evaluations, off by"), run.out());
    Path output = folder.resolve("few.root");
    Cli simulate = Cli.run("simulate", "--model=" + few, "--showers=4", "--output=" + output);
    assertEquals(0, simulate.code(), simulate.err());
    assertTrue(simulate.out().contains("velocity evaluations a shower: 32.0"), simulate.out());
    assertEquals(2, Cli.run(learn).code(), "it is there");
    assertEquals(2, Cli.run("model", "solver", "calodream", "--output=" + few + "2").code());
    Cli other =
        Cli.run(
            "model", "solver", "pfn", "--shape-solver=bespoke-euler:2", "--output=" + few + "2");
    assertTrue(other.code() == 1 && other.err().contains("calo-diffusion"), other.err());
    Path manifest = few.resolve("bundle.json");
    ObjectMapper json = new ObjectMapper();
    ObjectNode damaged = (ObjectNode) json.readTree(manifest.toFile());
    ((ObjectNode) damaged.at("/stage/energy/solver")).putArray("times").add(0).add(2).add(1);
    Files.write(manifest, json.writeValueAsBytes(damaged));
    Cli refused = Cli.run("simulate", "--model=" + few, "--showers=4", "--output=" + output);
    assertTrue(
        refused.code() != 0 && refused.err().contains("energy.solver: times do not ascend"),
        refused.err());
  }
}
