package org.bitbeam.it;

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
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bitbeam.cli.Geometries;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.report.ShowerFile;
import org.bitbeam.root.RootWriter;
import org.bitbeam.root.TreeOptions;
import org.bitbeam.root.TreeWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code bitbeam report}, and the pages that jobs write: their numbers are those of other commands.
 */
class ReportTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path EVENTS = Cli.HOME.resolve("samples/events_sample.root");

  @TempDir Path folder;

  private static JsonNode json(Object... arguments) throws IOException {
    Cli run = Cli.run(arguments);
    assertEquals(0, run.code(), run.err());
    return JSON.readTree(run.out());
  }

  /** The page as a reader without a browser sees it: texts, one space between cells. */
  private static String text(Path file) throws IOException {
    return Files.readString(file)
        .replaceAll("(?s)<script.*?</script>|<style.*?</style>", "")
        .replaceAll("<[^>]*>", " ")
        .replaceAll("\\s+", " ");
  }

  private static JsonNode charts(Path file) throws IOException {
    Matcher data = Pattern.compile("id=\"charts\">(.*?)</script>").matcher(Files.readString(file));
    assertTrue(data.find());
    return JSON.readTree(data.group(1));
  }

  private static void assertContains(String text, String part) {
    assertTrue(text.contains(part), "\"" + part + "\" expected in: " + text);
  }

  private Path tag(Path input, String... more) {
    Path out = folder.resolve("out");
    Object[] arguments =
        java.util.stream.Stream.concat(
                java.util.stream.Stream.of(
                    "tag", "--input", input, "--output", out, "--model", "pfn-bit"),
                java.util.stream.Stream.of(more))
            .toArray();
    Cli run = Cli.run(arguments);
    assertEquals(0, run.code(), run.err());
    return out;
  }

  /** What {@code bitbeam evaluate tagger} says of the scores in a folder. */
  private static JsonNode evaluated(Path out, String signal) throws IOException {
    return json(
        "evaluate",
        "tagger",
        "--input",
        out.resolve("events_sample.root"),
        "--truth",
        "Jet_partonFlavour",
        "--signal",
        signal,
        "--json");
  }

  @Test
  void theDemoEndsWithOnePageAboutAllItDid() throws IOException {
    Path out = folder.resolve("demo");
    JsonNode demo = json("demo", "--output", out, "--json");
    Path report = out.resolve("report.html");
    assertEquals(report.toString(), demo.get("report").asText());
    String text = text(report);
    JsonNode evaluated = evaluated(out, "1,2,3,-1,-2,-3");
    assertContains(
        text,
        String.format(
            Locale.ROOT,
            "AUC %.3f ± %.3f",
            evaluated.at("/summary/auc").asDouble(),
            evaluated.at("/errors/auc").asDouble()));
    assertContains(
        text,
        String.format(
            "%d signal and %d background jets by Jet_partonFlavour in all 500 entries",
            demo.get("quarkJets").asLong(), demo.get("gluonJets").asLong()));
    assertContains(text, "1,785 jets are outside of the range the model was trained for");
    assertContains(text, "Measured: auc 0.8926");
    assertContains(text, "Showers: showers.root");
    JsonNode charts = charts(report);
    assertEquals(13, charts.size());
    double sum = 0;
    for (JsonNode share : charts.at("/0/series/0/y")) {
      sum += share.asDouble();
    }
    assertEquals(1, sum, 1e-5, "shares of the quarks");
    JsonNode summary = JSON.readTree(Files.readString(out.resolve("summary.json")));
    assertEquals(
        List.of("read", "network", "write parts", "assemble outputs"),
        summary.findValuesAsText("name"));
    summary
        .get("steps")
        .forEach(step -> assertTrue(step.get("seconds").asDouble() > 0, step.toString()));
    assertEquals(
        Files.size(out.resolve("events_sample.root")), summary.at("/steps/3/bytes").asLong());
  }

  @Test
  void theTruthOfAFriendIsInItsInput() throws IOException {
    Path input = Files.copy(EVENTS, folder.resolve("events.root"));
    Path out = tag(input);
    assertContains(text(out.resolve("report.html")), "by Jet_partonFlavour in all 500 entries");
    // Its input is gone, and so is the truth; then the output itself.
    Files.delete(input);
    assertEquals(0, Cli.run("report", out).code());
    String text = text(out.resolve("report.html"));
    assertContains(text, "No column of the true flavours was found");
    assertContains(text, "jets in all 500 entries; the mean score is");
    Files.delete(out.resolve("events.root"));
    assertEquals(0, Cli.run("report", out).code());
    text = text(out.resolve("report.html"));
    assertContains(text, "The results could not be looked into");
    assertContains(text, "complete, but the output is gone");
  }

  @Test
  void classesAndTruthAreTheUsersChoice() throws IOException {
    Path out = tag(EVENTS, "--mode", "enriched", "--no-report");
    assertFalse(Files.exists(out.resolve("report.html")));
    Path report = folder.resolve("other.html");
    JsonNode written =
        json(
            "report",
            out,
            "--truth",
            "Jet_partonFlavour",
            "--signal",
            "4,-4",
            "--output",
            report,
            "--json");
    assertEquals(Files.size(report), written.get("bytes").asLong());
    JsonNode evaluated = evaluated(out, "4,-4");
    assertContains(
        text(report),
        evaluated.get("signalJets").asLong()
            + " signal and 964 background jets by Jet_partonFlavour");
    assertEquals(0, Cli.run("report", out, "--truth", "event").code());
    assertContains(text(out.resolve("report.html")), "could not be looked into");
    assertEquals(0, Cli.run("report", out, "--signal", "77").code());
    assertContains(text(out.resolve("report.html")), "there are 0 signal and 964 background jets");
  }

  @Test
  void scoresStandBesideThoseOfTheFloatTagger() throws IOException {
    Path out = tag(EVENTS, "--no-report");
    Path report = out.resolve("report.html");
    assertEquals(0, Cli.run("report", out, "--against-model", "pfn").code());
    Path floats = folder.resolve("floats");
    json(
        "tag",
        "--input",
        EVENTS,
        "--output",
        floats,
        "--model",
        "pfn",
        "--mode",
        "enriched",
        "--json");
    JsonNode evaluated = evaluated(floats, "1,2,3,-1,-2,-3");
    String text = text(report);
    assertContains(text, "Against pfn 1.0.0 on ort");
    assertContains(
        text,
        String.format(
            Locale.ROOT, "AUC, pfn 1.0.0 on ort %.4f", evaluated.at("/summary/auc").asDouble()));
    // The same network on another backend: no jet changes sides.
    assertEquals(0, Cli.run("report", out, "--against", "bit").code());
    assertContains(text(report), "on different sides of 0.5 0 %");
    assertContains(text(report), "Against pfn-bit 1.0.0 on bit");
  }

  @Test
  void filesThatFailedAreFirstAndTheirTextsHarmless() throws IOException {
    Path good = Files.copy(EVENTS, folder.resolve("a.root"));
    Path bad = folder.resolve("<img src=x onerror=alert(1)>.root");
    byte[] bytes = Files.readAllBytes(EVENTS);
    Files.write(bad, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    Path out = folder.resolve("out");
    Cli run =
        Cli.run(
            "tag",
            "--input",
            bad,
            "--input",
            good,
            "--output",
            out,
            "--model",
            "pfn",
            "--max-bad-files",
            "1");
    assertEquals(0, run.code(), run.err());
    String page = Files.readString(out.resolve("report.html"));
    assertFalse(page.contains("<img"));
    String text = text(out.resolve("report.html"));
    assertContains(text, "Status incomplete Files 1 of 2");
    assertContains(text, "&lt;img src=x onerror=alert(1)&gt;.root failed");
    assertContains(text, "1 dead letter");
    assertTrue(text.indexOf("failed") < text.indexOf("a.root complete"), text);
    // Nothing but dead letters.
    Path none = folder.resolve("none");
    run =
        Cli.run("tag", "--input", bad, "--output", none, "--model", "pfn", "--max-bad-files", "1");
    assertEquals(0, run.code(), run.err());
    assertContains(
        text(none.resolve("report.html")), "Status incomplete Files 0 of 1 Entries in 0");
  }

  @Test
  void aReportThatCannotBeWrittenDoesNotFailTheJob() throws IOException {
    Path out = folder.resolve("out");
    Files.createDirectories(out.resolve("report.html").resolve("full"));
    Cli run = Cli.run("tag", "--input", EVENTS, "--output", out, "--model", "pfn");
    assertEquals(0, run.code(), run.err());
    assertContains(run.err(), "no report was written, the results are complete");
    assertTrue(Files.exists(out.resolve("events_sample.root")));
    assertFalse(Files.exists(out.resolve(".report.html.tmp")));
  }

  @Test
  void placesWithoutResultsAreRefused() {
    Cli empty = Cli.run("report", folder);
    assertEquals(1, empty.code());
    assertContains(empty.err(), "no job of tag, eft or simulate has written to this folder");
    Cli missing = Cli.run("report", folder.resolve("missing"));
    assertEquals(1, missing.code());
    assertContains(missing.err(), "no such file");
    Cli unknown = Cli.run("report", EVENTS);
    assertEquals(1, unknown.code());
    assertContains(unknown.err(), "give --geometry");
  }

  @Test
  void showersStandBesideTheirReference() throws IOException {
    Path reference = folder.resolve("reference.root");
    Path showers = folder.resolve("showers.hdf5");
    json("simulate", "--model", "calo-tiny", "--showers", "700", "--output", reference, "--json");
    json("simulate", "--model", "calo-tiny-bit", "--showers", "800", "--output", showers, "--json");
    Path own = folder.resolve("showers.hdf5.report.html");
    assertEquals(10, charts(own).size());
    assertContains(text(own), "Mean energy of the voxels of each layer over 800 showers");
    // Elsewhere, without its summary, and beside a reference.
    Path alone =
        Files.copy(showers, Files.createDirectories(folder.resolve("else")).resolve("s.h5"));
    Path report = folder.resolve("compared.html");
    json(
        "report",
        alone,
        "--geometry",
        "calo-tiny",
        "--reference",
        reference,
        "--output",
        report,
        "--json");
    JsonNode powers =
        json(
                "evaluate",
                "calo",
                "--input",
                showers,
                "--reference",
                reference,
                "--geometry",
                "calo-tiny",
                "--json")
            .get("separationPowers");
    String text = text(report);
    powers
        .fields()
        .forEachRemaining(
            power -> {
              Matcher found = Pattern.compile(" " + power.getKey() + " ([0-9.e-]+) ").matcher(text);
              assertTrue(found.find(), power.getKey());
              double expected = power.getValue().asDouble();
              assertEquals(expected, Double.parseDouble(found.group(1)), 6e-3 * expected);
            });
    assertEquals(2, charts(report).at("/0/series").size());
  }

  @Test
  void manyLayersAreSpreadAndOneShowerIsTypical() throws IOException {
    Path showers = folder.resolve("showers.root");
    assertEquals(
        0,
        Cli.run("generate", "showers", "--geometry", "ds2-small", "--count", 5, "--output", showers)
            .code());
    double[] energies =
        ShowerFile.read(showers, Geometries.open("ds2-small", ""), 5).energies().clone();
    Arrays.sort(energies);
    Path report = folder.resolve("report.html");
    assertEquals(
        0, Cli.run("report", showers, "--geometry", "ds2-small", "--output", report).code());
    String text = text(report);
    assertContains(text, "6 of 15 layers, spread over those");
    Matcher found = Pattern.compile("median incident energy, ([0-9.]+) GeV").matcher(text);
    assertTrue(found.find(), text);
    assertEquals(energies[2] / 1e3, Double.parseDouble(found.group(1)), 6e-3 * energies[2] / 1e3);
    List<Integer> layers = new ArrayList<>();
    Matcher layer = Pattern.compile("layer (\\d+), r to").matcher(text);
    while (layer.find()) {
      layers.add(Integer.valueOf(layer.group(1)));
    }
    assertTrue(layers.size() >= 6 && layers.get(5) - layers.get(0) >= 15, layers.toString());
  }

  /**
   * Events of amplitudes 1 + c u + d v, whose coefficients are chosen; as if a network had found
   * them.
   */
  @Test
  void contoursAndPullsAreThoseOfTheCombination() throws IOException {
    Path stage =
        Files.writeString(
            folder.resolve("stage.json"),
            "{\"kind\": \"eft\", \"variables\": [\"jet_pt\"], \"coefficients\": {\"output\": \"features\","
                + " \"operators\": [\"cW\", \"cHq\"], \"order\": 2, \"rate\": [0, 0, 0.25, 0, 0.16]}}");
    Path bundle = folder.resolve("smeftnet");
    json(
        "model",
        "import",
        Cli.HOME.resolve("physics/src/test/resources/eft/2x10_float.script.onnx"),
        "--stage",
        stage,
        "--licence",
        "CC0-1.0",
        "--length",
        "40",
        "--output",
        bundle,
        "--json");
    Path out = folder.resolve("out");
    json(
        "eft",
        "--input",
        EVENTS,
        "--output",
        out,
        "--model",
        bundle,
        "--min-pt",
        "50",
        "--no-report",
        "--json");
    Path output = out.resolve("events_sample.root");
    int events = writePolynomials(output, new double[] {0.2, -0.1});
    Path entry = out.resolve(".bitbeam/ledger/events_sample.root.json");
    ObjectNode ledger = (ObjectNode) JSON.readTree(Files.readString(entry));
    ledger
        .put("entriesRead", events)
        .put("entriesWritten", events)
        .put("bytes", Files.size(output));
    Files.writeString(entry, ledger.toString());

    Path report = out.resolve("report.html");
    assertEquals(0, Cli.run("report", out).code());
    String text = text(report);
    Path basis = folder.resolve("basis.json");
    Files.writeString(
        basis, "{\"operators\": [\"cW\", \"cHq\"], \"order\": 2, \"rate\": [0, 0, 0.25, 0, 0.16]}");
    JsonNode combined = json("combine", "--input", output, "--basis", basis, "--json");
    double[] value = new double[2];
    double[] error = new double[2];
    for (int i = 0; i < 2; i++) {
      value[i] = combined.at("/values/" + i).asDouble();
      error[i] = Math.sqrt(combined.at("/covariance/" + i + "/" + i).asDouble());
    }
    assertContains(text, String.format(Locale.ROOT, "cW = %.3f ± %.3f", value[0], error[0]));
    JsonNode charts = charts(report);
    JsonNode contours = charts.get(0);
    assertEquals("95.4 %", contours.at("/series/1/name").asText());
    // Of an almost Gaussian likelihood, the contour reaches sqrt(6.18) errors from the estimate.
    double highest = Double.NEGATIVE_INFINITY;
    for (JsonNode x : contours.at("/series/1/x")) {
      highest = x.isNull() ? highest : Math.max(highest, x.asDouble());
    }
    assertEquals(value[0] + Math.sqrt(6.18) * error[0], highest, 0.1 * error[0]);
    assertEquals(value[0], contours.at("/series/2/x/0").asDouble(), 1e-4 * error[0] + 1e-6);
    Matcher width =
        Pattern.compile("cW mean [-0-9.e]+, standard deviation ([0-9.]+)").matcher(text);
    assertTrue(width.find(), text);
    assertEquals(1, Double.parseDouble(width.group(1)), 0.4, "of 40 pulls");
    Matcher others = Pattern.compile("log-likelihood lower by").matcher(text);
    assertEquals(combined.get("otherMaxima").size(), others.results().count(), text);
  }

  private static int writePolynomials(Path file, double[] truth) throws IOException {
    SplittableRandom random = new SplittableRandom(5);
    float[] values = new float[5 * 4000];
    int events = 0;
    while (events < 4000) {
      double u = 0.5 * gauss(random);
      double v = 0.4 * gauss(random);
      double amplitude = 1 + truth[0] * u + truth[1] * v;
      if (random.nextDouble() * 4 > amplitude * amplitude) {
        continue;
      }
      double[] polynomial = {2 * u, 2 * v, u * u, 2 * u * v, v * v};
      for (int i = 0; i < 5; i++) {
        values[5 * events + i] = (float) polynomial[i];
      }
      events++;
    }
    Schema.Field field =
        Schema.Field.of(
            "eft_coefficients", new ColumnType.ArrayOf(ColumnType.Primitive.FLOAT32, 5));
    Schema schema = new Schema(List.of(field));
    try (RootWriter writer = RootWriter.create(file)) {
      TreeWriter tree = writer.tree("Events", "", schema, TreeOptions.DEFAULT);
      tree.write(
          EventBatch.of(
              new Origin("", "", "Events", 0),
              schema,
              List.of(ArrayColumn.of(5, events, FloatColumn.of(values))),
              events));
      tree.finish();
      writer.commit();
    }
    return events;
  }

  private static double gauss(SplittableRandom random) {
    return Math.sqrt(-2 * Math.log(1 - random.nextDouble()))
        * Math.cos(2 * Math.PI * random.nextDouble());
  }
}
