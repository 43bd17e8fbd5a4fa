package org.bitbeam.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.bitbeam.physics.calo.CaloChallengeFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code bitbeam generate}: the same bytes for the same seed, files that the other commands take.
 */
class GenerateTest {
  @TempDir Path folder;

  private Path generate(String kind, String file, Object... options) throws IOException {
    Path output = folder.resolve(file);
    List<Object> words = new ArrayList<>(List.of("generate", kind, "--output", output, "--json"));
    words.addAll(Arrays.asList(options));
    Cli run = Cli.run(words.toArray());
    assertEquals(0, run.code(), run.err());
    JsonNode document = new ObjectMapper().readTree(run.out());
    assertEquals(Files.size(output), document.get("bytes").asLong());
    return output;
  }

  private static String digest(Path file) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
  }

  @Test
  void aSeedGivesTheSameBytesWhateverTheThreads() throws Exception {
    for (String file : List.of("showers.root", "showers.hdf5")) {
      String name = "%d/" + file; // the name is in the file
      List<String> digests = new ArrayList<>();
      for (int threads : new int[] {1, 3}) {
        digests.add(
            digest(
                generate(
                    "showers",
                    name.formatted(threads),
                    "--geometry",
                    "tiny",
                    "--count",
                    2500,
                    "--threads",
                    threads)));
      }
      assertEquals(digests.get(0), digests.get(1));
      assertNotEquals(
          digests.get(0),
          digest(
              generate(
                  "showers",
                  name.formatted(9),
                  "--geometry",
                  "tiny",
                  "--count",
                  2500,
                  "--seed",
                  2)));
    }
  }

  @Test
  void jetsOfASeedHaveTheSameBytesWhateverTheThreadsAndAreTagged() throws Exception {
    List<String> digests = new ArrayList<>();
    for (int threads : new int[] {1, 3}) {
      digests.add(
          digest(generate("jets", threads + "/jets.root", "--count", 1200, "--threads", threads)));
    }
    assertEquals(digests.get(0), digests.get(1));
    assertNotEquals(
        digests.get(0), digest(generate("jets", "9/jets.root", "--count", 1200, "--seed", 2)));
    Cli tagged =
        Cli.run(
            "tag",
            "--input",
            folder.resolve("1/jets.root"),
            "--model",
            "pfn",
            "--output",
            folder.resolve("tagged"),
            "--mode",
            "enriched");
    assertEquals(0, tagged.code(), tagged.err());
    Cli evaluated =
        Cli.run(
            "evaluate",
            "tagger",
            "--input",
            folder.resolve("tagged/*.root"),
            "--truth",
            "label",
            "--signal",
            1,
            "--background",
            0,
            "--logit",
            "jet_qgLogit",
            "--json");
    assertEquals(0, evaluated.code(), evaluated.err());
    assertTrue(evaluated.out().contains("auc"), evaluated.out());
  }

  /** Jets at known coefficients, and the rate from jets of the Standard Model. */
  @Test
  void bosonJetsAreCombined() throws Exception {
    Path standard = generate("wz", "sm/wz.root", "--count", 2500);
    generate("wz", "sm3/wz.root", "--count", 2500, "--threads", 3);
    assertEquals(digest(standard), digest(folder.resolve("sm3/wz.root")));
    Path events = generate("wz", "eft/wz.root", "--count", 1000, "--cW", 0.04, "--seed", 7);
    Path basis =
        Files.writeString(
            folder.resolve("basis.json"), "{\"operators\": [\"cW\", \"cWtil\"], \"order\": 2}");
    Cli combined =
        Cli.run(
            "combine",
            "--input",
            events,
            "--basis",
            basis,
            "--coefficients",
            "eft_coeff",
            "--rate-from",
            standard,
            "--json");
    assertEquals(0, combined.code(), combined.err());
    JsonNode result = new ObjectMapper().readTree(combined.out());
    double error = Math.sqrt(result.at("/covariance/0/0").asDouble());
    assertTrue(error < 0.02, "error " + error);
    // The rate of 2,500 jets is no better than a fifth: allow as much for it.
    assertEquals(0.04, result.at("/values/0").asDouble(), 4 * error + 0.01);
    for (String wrong : List.of("NaN", "1e9")) {
      Cli refused = Cli.run("generate", "wz", "--output", "x.root", "--cW", wrong);
      assertEquals(2, refused.code());
      assertTrue(refused.err().contains("expected 1000.0 at most"), refused.err());
    }
  }

  @Test
  void showersOfALaterRangeAreThoseOfTheWhole() throws Exception {
    Path whole = generate("showers", "whole.h5", "--geometry", "ds1-photon", "--count", 300);
    Path part =
        generate("showers", "part.h5", "--geometry", "ds1-photon", "--count", 100, "--first", 200);
    double[] all = CaloChallengeFile.read(whole).voxels();
    assertArrayEquals(
        Arrays.copyOfRange(all, 200 * 368, 300 * 368), CaloChallengeFile.read(part).voxels());
  }

  @Test
  void showersAreEvaluatedBesideOthers() throws Exception {
    Path tree = generate("showers", "a.root", "--geometry", "tiny", "--count", 2000);
    Path flat = generate("showers", "a.hdf5", "--geometry", "tiny", "--count", 2000);
    Path ntuple =
        generate(
            "showers",
            "n.root",
            "--geometry",
            "tiny",
            "--count",
            2000,
            "--format",
            "rntuple",
            "--dense");
    Path electrons =
        generate(
            "showers", "e.hdf5", "--geometry", "tiny", "--count", 2000, "--particle", "electron");
    JsonNode same = evaluate(tree, flat);
    assertTrue(same.at("/separationPowers/response").asDouble() < 0.01, same.toString());
    assertEquals(same.get("separationPowers"), evaluate(ntuple, flat).get("separationPowers"));
    JsonNode other = evaluate(electrons, flat);
    assertTrue(
        other.at("/separationPowers/response").asDouble()
            > 10 * same.at("/separationPowers/response").asDouble(),
        other.toString());
  }

  private static JsonNode evaluate(Path input, Path reference) throws IOException {
    Cli run =
        Cli.run(
            "evaluate",
            "calo",
            "--input",
            input,
            "--reference",
            reference,
            "--geometry",
            "tiny",
            "--json");
    assertEquals(0, run.code(), run.err());
    return new ObjectMapper().readTree(run.out());
  }

  @Test
  void wrongOptionsAreRefusedWithASentence() {
    Path output = folder.resolve("x.root");
    Cli energies = Cli.run("generate", "showers", "--output", output, "--energies", "about:1:GeV");
    assertEquals(2, energies.code());
    assertTrue(energies.err().contains("possible are log-uniform"), energies.err());
    Cli low = Cli.run("generate", "showers", "--output", output, "--energies", "list:10:MeV");
    assertEquals(1, low.code());
    assertTrue(low.err().contains("incidentEnergy is 10.0 MeV"), low.err());
    assertEquals(2, Cli.run("generate", "showers", "--output", "x.txt").code());
    assertEquals(2, Cli.run("generate", "showers", "--output", output, "--count", "0").code());
    assertEquals(2, Cli.run("generate").code());
    assertFalse(Files.exists(output));
  }
}
