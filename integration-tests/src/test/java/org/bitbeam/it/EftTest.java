package org.bitbeam.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.Columns;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.Histogram;
import org.bitbeam.root.RootFile;
import org.bitbeam.root.RootWriter;
import org.bitbeam.root.TreeOptions;
import org.bitbeam.root.TreeWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The EFT commands: from jets to an estimate of the Wilson coefficients. */
class EftTest {
  private static final Path SMEFTNET =
      Cli.HOME.resolve("physics/src/test/resources/eft/2x10_float.script.onnx");

  @TempDir Path folder;

  private Path bundle(String stage) throws IOException {
    Path file = Files.writeString(folder.resolve("stage.json"), stage);
    Path bundle = folder.resolve("smeftnet");
    Cli run =
        Cli.run(
            "model",
            "import",
            SMEFTNET,
            "--stage",
            file,
            "--licence",
            "CC0-1.0",
            "--length",
            "40",
            "--output",
            bundle);
    assertEquals(0, run.code(), run.err());
    return bundle;
  }

  private static EventBatch read(RootFile file) throws IOException {
    Dataset events = file.dataset("Events");
    return events.read(List.of("nJet", "eft_coefficients"), 0, events.entries());
  }

  @Test
  void writesAnglesAndPolynomialsAndCombinesThem() throws IOException {
    Path bundle =
        bundle(
            "{\"kind\": \"eft\", \"variables\": [\"jet_pt\"], \"angle\": {\"output\": \"output\"},"
                + " \"coefficients\": {\"output\": \"features\", \"operators\": [\"cW\"],"
                + " \"order\": 2, \"basis\": \"Warsaw\", \"lambdaTeV\": 2, \"rate\": [0, 0.3]}}");
    Path sample = Cli.HOME.resolve("samples/events_sample.root");
    Cli run =
        Cli.run(
            "eft",
            "--input",
            sample,
            "--output",
            folder.resolve("out"),
            "--model",
            bundle,
            "--min-pt",
            "50",
            "--mode",
            "enriched",
            "--json");
    assertEquals(0, run.code(), run.err());
    JsonNode document = new ObjectMapper().readTree(run.out());
    assertEquals(1792, document.at("/eft/counters/jets").asLong());
    long with = document.at("/combined/events").asLong();
    assertEquals(
        500, with + document.at("/eft/counters/entriesWithoutJet").asLong(), "one jet an entry");
    try (RootFile file = RootFile.open(folder.resolve("out/events_sample.root"))) {
      Schema schema = file.dataset("Events").schema();
      assertEquals(
          "ArrayOf[element=FLOAT32, size=2]",
          schema.field("eft_coefficients").orElseThrow().type().toString());
      assertEquals(
          "smeftnet 1.0.0, hardest jet: coefficients of cW, cW*cW in r = 1 + sum of coefficient *"
              + " term; basis Warsaw, Lambda = 2.0 TeV",
          schema.field("eft_coefficients").orElseThrow().description());
      assertTrue(schema.field("Jet_decayAngle").isPresent());
      assertTrue(schema.field("Jet_partonFlavour").isPresent(), "the input's branches are there");
    }
    Cli some =
        Cli.run(
            "eft",
            "--input",
            sample,
            "--output",
            folder.resolve("some"),
            "--model",
            bundle,
            "--min-pt",
            "50",
            "--mode",
            "enriched",
            "--where",
            "nJet >= 4",
            "--json");
    assertEquals(0, some.code(), some.err());
    try (RootFile all = RootFile.open(folder.resolve("out/events_sample.root"));
        RootFile kept = RootFile.open(folder.resolve("some/events_sample.root"))) {
      EventBatch whole = read(all);
      BitSet chosen = new BitSet();
      NumberColumn jets = (NumberColumn) whole.column("nJet");
      for (int i = 0; i < whole.entries(); i++) {
        chosen.set(i, jets.getLong(i) >= 4);
      }
      EventBatch part = read(kept);
      assertTrue(chosen.cardinality() > 0 && chosen.cardinality() < 500);
      assertEquals(chosen.cardinality(), part.entries());
      assertEquals(
          500 - chosen.cardinality(),
          new ObjectMapper().readTree(some.out()).at("/eft/counters/entriesFiltered").asInt());
      assertEquals(
          Columns.choose(whole.column("eft_coefficients"), chosen),
          part.column("eft_coefficients"));
    }
    Path basis =
        Files.writeString(
            folder.resolve("basis.json"),
            "{\"operators\": [\"cW\"], \"order\": 2, \"rate\": [0, 0.3]}");
    JsonNode again =
        new ObjectMapper()
            .readTree(
                Cli.run(
                        "combine",
                        "--input",
                        folder.resolve("out/*.root"),
                        "--basis",
                        basis,
                        "--grid",
                        "cW=-1:1:3",
                        "--json")
                    .out());
    assertEquals(document.at("/combined/values"), again.get("values"));
    assertEquals(3, again.get("grid").size());
    List<String> keys = new ArrayList<>();
    again.at("/grid/1").fieldNames().forEachRemaining(keys::add);
    assertEquals(List.of("at", "logLikelihood"), keys, "in this order each time");
    assertEquals(0, again.at("/grid/1/logLikelihood").asDouble(), "the Standard Model");
  }

  /** Events of amplitude 1 + 0.3 x: the estimate is 0.3 within its error, in one file or two. */
  @Test
  void combinesWrittenPolynomials() throws IOException {
    SplittableRandom random = new SplittableRandom(21);
    double[] polynomials = new double[2 * 5000];
    for (int e = 0; e < 5000; ) {
      double x = random.nextDouble(-1, 1);
      double amplitude = 1 + 0.3 * x;
      if (random.nextDouble() * 1.69 < amplitude * amplitude) {
        polynomials[2 * e] = 2 * x;
        polynomials[2 * e + 1] = x * x;
        e++;
      }
    }
    Path data = folder.resolve("data");
    Files.createDirectories(data);
    ArrayColumn column = ArrayColumn.of(2, 5000, DoubleColumn.of(polynomials));
    write(data.resolve("b.root"), "eft_coefficients", column.slice(0, 2000));
    write(data.resolve("a.root"), "eft_coefficients", column.slice(2000, 5000));
    write(folder.resolve("all.root"), "eft_coefficients", column);
    Path basis =
        Files.writeString(
            folder.resolve("basis.json"),
            "{\"operators\": [\"cW\"], \"order\": 2, \"rate\": [0, 0.3333333333333333]}");
    List<String> results = new ArrayList<>();
    for (Path input : List.of(data.resolve("?.root"), folder.resolve("all.root"))) {
      Path histograms = folder.resolve("histograms" + results.size() + ".root");
      Cli run =
          Cli.run(
              "combine",
              "--input",
              input,
              "--basis",
              basis,
              "--histogram",
              "cW=-2:2:8",
              "--histogram",
              "cW*cW=0:0.5:10",
              "--histograms-to",
              histograms,
              "--json");
      checkHistograms(histograms, polynomials);
      assertEquals(0, run.code(), run.err());
      results.add(run.out());
    }
    assertEquals(results.get(0), results.get(1), "to the last digit");
    JsonNode result = new ObjectMapper().readTree(results.get(0));
    double error = Math.sqrt(result.at("/covariance/0/0").asDouble());
    assertEquals(0.3, result.at("/values/0").asDouble(), 4 * error);
    assertTrue(error < 0.03, "error " + error);
    Cli missing =
        Cli.run(
            "combine",
            "--input",
            folder.resolve("all.root"),
            "--basis",
            Files.writeString(folder.resolve("other.json"), "{\"operators\": [\"cW\"]}"));
    assertEquals(1, missing.code());
    assertTrue(missing.err().contains("\"rate\" needs the 2 coefficients"), missing.err());
  }

  private static void write(Path file, String name, Column column) throws IOException {
    Schema schema = new Schema(List.of(Schema.Field.of(name, column.type())));
    try (RootWriter writer = RootWriter.create(file)) {
      TreeWriter tree = writer.tree("Events", "", schema, TreeOptions.DEFAULT);
      tree.write(
          EventBatch.of(new Origin("", "", "Events", 0), schema, List.of(column), column.length()));
      tree.finish();
      writer.commit();
    }
  }

  @Test
  void evaluatesAnglesAndScores() throws IOException {
    Path file = folder.resolve("angles.root");
    Schema schema =
        new Schema(
            List.of(
                Schema.Field.of("angle", org.bitbeam.columns.ColumnType.Primitive.FLOAT32),
                Schema.Field.of("truth", org.bitbeam.columns.ColumnType.Primitive.FLOAT32),
                Schema.Field.of("class", org.bitbeam.columns.ColumnType.Primitive.INT32)));
    float half = (float) (Math.PI / 2);
    try (RootWriter writer = RootWriter.create(file)) {
      TreeWriter tree = writer.tree("jets", "", schema, TreeOptions.DEFAULT);
      tree.write(
          EventBatch.of(
              new Origin("", "", "jets", 0),
              schema,
              List.of(
                  FloatColumn.of(1, 1 + half, 3, Float.NaN),
                  FloatColumn.of(1, 1, (float) (3 - Math.PI), 0),
                  IntColumn.of(1, 1, 0, 5)),
              4));
      tree.finish();
      writer.commit();
    }
    JsonNode eft =
        new ObjectMapper()
            .readTree(
                Cli.run(
                        "evaluate",
                        "eft",
                        "--input",
                        file,
                        "--angle",
                        "angle",
                        "--truth",
                        "truth",
                        "--json")
                    .out());
    assertEquals(3, eft.get("jets").asInt());
    assertEquals(1, eft.get("jetsWithoutEstimateOrTruth").asInt());
    assertEquals(1 / 3., eft.get("meanSinSquared").asDouble(), 1e-6);
    JsonNode tagger =
        new ObjectMapper()
            .readTree(
                Cli.run(
                        "evaluate",
                        "tagger",
                        "--input",
                        file,
                        "--logit",
                        "angle",
                        "--truth",
                        "class",
                        "--signal",
                        "1",
                        "--background",
                        "0",
                        "--json")
                    .out());
    assertEquals(1, tagger.get("jetsOfOtherClasses").asInt());
    // Signal at 1 and 2.57, background at 3.
    assertEquals(0, tagger.at("/summary/auc").asDouble());
  }

  private static void checkHistograms(Path file, double[] polynomials) throws IOException {
    double[][] expected = {new double[10], new double[12]};
    for (int e = 0; e < polynomials.length / 2; e++) {
      expected[0][1 + (int) Math.floor((polynomials[2 * e] + 2) / 0.5)]++;
      double square = polynomials[2 * e + 1];
      expected[1][square >= 0.5 ? 11 : 1 + (int) (square * 20)]++;
    }
    try (RootFile root = RootFile.open(file)) {
      for (int h = 0; h < 2; h++) {
        Histogram histogram = (Histogram) root.object(h == 0 ? "cW" : "cW_cW");
        assertEquals("TH1D", histogram.className());
        assertEquals(5000, histogram.entries());
        for (int bin = 0; bin < expected[h].length; bin++) {
          assertEquals(expected[h][bin], histogram.content(bin));
          assertEquals(Math.sqrt(expected[h][bin]), histogram.error(bin), 1e-12);
        }
      }
    }
  }
}
