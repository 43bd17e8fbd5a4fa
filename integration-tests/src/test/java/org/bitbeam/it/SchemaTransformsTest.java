package org.bitbeam.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.stream.IntStream;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.transforms.SchemaTransformProvider;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The transforms on rows, as Beam finds and configures them, against the command line. */
class SchemaTransformsTest {
  private static final String SAMPLE = Cli.HOME.resolve("samples/qg_sample.root").toString();

  @TempDir Path folder;

  private final Pipeline pipeline =
      Pipeline.create(PipelineOptionsFactory.fromArgs("--targetParallelism=2").create());

  /** As Beam's expansion service looks for one. */
  private static SchemaTransformProvider provider(String name) {
    String identifier = "beam:schematransform:org.bitbeam:" + name + ":v1";
    for (SchemaTransformProvider provider : ServiceLoader.load(SchemaTransformProvider.class)) {
      if (provider.identifier().equals(identifier)) {
        return provider;
      }
    }
    throw new AssertionError("Beam does not find " + identifier);
  }

  private static PCollectionRowTuple apply(
      String name, PCollectionRowTuple input, Map<String, Object> configuration) {
    SchemaTransformProvider provider = provider(name);
    Row.FieldValueBuilder row =
        Row.withSchema(provider.configurationSchema()).withFieldValues(Map.of());
    for (Map.Entry<String, Object> entry : configuration.entrySet()) {
      row = row.withFieldValue(entry.getKey(), entry.getValue());
    }
    for (Schema.Field field : provider.configurationSchema().getFields()) {
      if (!configuration.containsKey(field.getName())) {
        row = row.withFieldValue(field.getName(), null);
      }
    }
    return input.apply(name, provider.from(row.build()));
  }

  private PCollectionRowTuple read(String file, List<String> columns) {
    return apply(
        "root_read",
        PCollectionRowTuple.empty(pipeline),
        columns.isEmpty()
            ? Map.of("input", List.of(file))
            : Map.of("input", List.of(file), "columns", columns));
  }

  private static String model(String name) {
    return Cli.HOME.resolve("models").resolve(name).toString();
  }

  private static EventBatch content(Path file) throws IOException {
    try (RootFile root = RootFile.open(file)) {
      Dataset dataset = root.openAll().get(0);
      return dataset.read(dataset.schema().names(), 0, dataset.entries());
    }
  }

  @Test
  void everyTransformIsFoundAndDescribed() {
    for (String name :
        List.of("root_read", "root_write", "tag_jets", "estimate_eft", "simulate_showers")) {
      SchemaTransformProvider provider = provider(name);
      assertTrue(provider.description().endsWith("."), name);
      for (Schema.Field field : provider.configurationSchema().getFields()) {
        assertTrue(
            field.getDescription() != null && !field.getDescription().isEmpty(),
            name + " " + field.getName());
      }
    }
  }

  /** Read, tagged and written through rows: the bytes of the command line's file. */
  @ParameterizedTest
  @CsvSource({
    "tag_jets,     tag, pfn-bit,  qg_sample.root, friend",
    "tag_jets,     tag, pfn,      events_sample.root, enriched",
    "estimate_eft, eft, smeftnet-bit100,  wz_sample.root, friend"
  })
  void rowsGiveTheBytesOfTheCommandLine(
      String transform, String command, String model, String sample, String mode)
      throws IOException {
    Path input = Cli.HOME.resolve("samples").resolve(sample);
    Cli run =
        Cli.run(
            command,
            "--model",
            model,
            "--input",
            input,
            "--output",
            folder.resolve("cli"),
            "--mode",
            mode,
            "--no-report");
    assertEquals(0, run.code(), run.err());

    PCollectionRowTuple rows =
        apply(transform, read(input.toString(), List.of()), Map.of("model", model(model)));
    apply(
        "root_write",
        rows,
        Map.of(
            "folder",
            folder.resolve("rows").toString(),
            "inputs",
            List.of(input.toString()),
            "mode",
            mode));
    pipeline.run().waitUntilFinish();
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("cli").resolve(sample)),
        Files.readAllBytes(folder.resolve("rows").resolve(sample)));
  }

  @Test
  void showersAreThoseOfTheCommandLine() throws IOException {
    Path showers = folder.resolve("showers.root");
    Cli run =
        Cli.run(
            "simulate",
            "--model",
            "calo-tiny-bit",
            "--showers",
            "300",
            "--seed",
            "7",
            "--output",
            showers,
            "--no-report");
    assertEquals(0, run.code(), run.err());
    List<String> made = List.of("shower_voxel", "shower_voxelEnergy", "shower_layerEnergy");

    PCollectionRowTuple rows =
        apply(
            "simulate_showers",
            read(showers.toString(), List.of("incidentEnergy")),
            Map.of("model", model("calo-tiny-bit"), "energies", "incidentEnergy", "seed", 7L));
    apply(
        "root_write",
        rows,
        Map.of("folder", folder.resolve("rows").toString(), "shards", 1, "tree", "showers"));
    pipeline.run().waitUntilFinish();

    EventBatch expected = content(showers);
    EventBatch simulated = content(folder.resolve("rows").resolve("part-00000-of-00001.root"));
    assertEquals(expected.entries(), simulated.entries());
    // Rows come in no particular order; energies are different numbers and tell them apart.
    var energy = (NumberColumn) expected.column("incidentEnergy");
    var energyHere = (NumberColumn) simulated.column("incidentEnergy");
    for (int i = 0; i < expected.entries(); i++) {
      int here = -1;
      for (int j = 0; j < simulated.entries(); j++) {
        here = energyHere.getDouble(j) == energy.getDouble(i) ? j : here;
      }
      for (String column : made) {
        assertEquals(
            values(expected.column(column).slice(i, i + 1)),
            values(simulated.column(column).slice(here, here + 1)),
            column + " of entry " + i);
      }
    }
  }

  /** Numbers of a column of one entry. */
  private static List<Double> values(Column column) {
    Column elements =
        column instanceof ListColumn list
            ? list.elements()
            : column instanceof ArrayColumn array ? array.content() : column;
    var numbers = (NumberColumn) elements;
    return IntStream.range(0, numbers.length()).mapToObj(numbers::getDouble).toList();
  }

  /** All fields of all rows of a sample, against io-root's own reading of it. */
  @Test
  void newFilesHoldTheRowsThatWereRead() throws IOException {
    PCollectionRowTuple rows = read(SAMPLE, List.of("jet_*"));
    apply(
        "root_write",
        rows,
        Map.of("folder", folder.resolve("rows").toString(), "compression", "none", "shards", 1));
    pipeline.run().waitUntilFinish();
    EventBatch copy = content(folder.resolve("rows").resolve("part-00000-of-00001.root"));
    EventBatch original = content(Path.of(SAMPLE)).select(copy.schema().names());
    assertEquals(original.entries(), copy.entries());
    assertTrue(original.schema().size() > 3, copy.schema().names().toString());
    for (String name : original.schema().names()) {
      assertEquals(
          Arrays.stream(texts(original.column(name))).sorted().toList(),
          Arrays.stream(texts(copy.column(name))).sorted().toList(),
          name);
    }
  }

  private static String[] texts(Column column) {
    String[] texts = new String[column.length()];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = values(column.slice(i, i + 1)).toString();
    }
    return texts;
  }

  private static final class KeepEven extends DoFn<Row, Row> {
    private static final long serialVersionUID = 1L;

    @ProcessElement
    public void process(@Element Row row, OutputReceiver<Row> out) {
      Row origin = Objects.requireNonNull(row.getRow("bitbeam_origin"));
      if (origin.<Long>getValue("entry") % 2 == 0) {
        out.output(row);
      }
    }
  }

  /** An entry that got lost on the way gives no output, not one that lacks it. */
  @Test
  void alignedOutputNeedsEveryEntry() {
    var rows = read(SAMPLE, List.of("jet_pt")).get("output");
    var even = rows.apply(ParDo.of(new KeepEven())).setRowSchema(rows.getSchema());
    apply(
        "root_write",
        PCollectionRowTuple.of("input", even),
        Map.of("folder", folder.resolve("rows").toString(), "inputs", List.of(SAMPLE)));
    var failure = assertThrows(RuntimeException.class, () -> pipeline.run().waitUntilFinish());
    assertTrue(failure.getMessage().contains("entr"), failure.getMessage());
    assertTrue(Files.notExists(folder.resolve("rows").resolve("qg_sample.root")));
  }

  @Test
  void mistakesAreNamed() {
    assertMessage(
        "input",
        () -> apply("root_read", PCollectionRowTuple.empty(pipeline), Map.of("input", List.of())));
    assertMessage("no_such", () -> read(SAMPLE, List.of("no_such")));
    assertMessage(
        "mode sideways",
        () ->
            apply(
                "root_write",
                PCollectionRowTuple.empty(pipeline),
                Map.of("folder", "x", "inputs", List.of(SAMPLE), "mode", "sideways")));
    assertMessage(
        "out_of_range never",
        () ->
            apply(
                "tag_jets",
                PCollectionRowTuple.empty(pipeline),
                Map.of("model", model("pfn-bit"), "out_of_range", "never")));
    assertMessage(
        "bitbeam_origin",
        () -> {
          var energies =
              Create.of(
                      Row.withSchema(Schema.builder().addFloatField("e").build())
                          .addValue(1f)
                          .build())
                  .withRowSchema(Schema.builder().addFloatField("e").build());
          apply(
              "simulate_showers",
              PCollectionRowTuple.of("input", pipeline.apply(energies)),
              Map.of("model", model("calo-tiny-bit"), "energies", "e"));
        });
  }

  private static void assertMessage(String part, Executable wrong) {
    var error = assertThrows(RuntimeException.class, wrong);
    assertTrue(String.valueOf(error.getMessage()).contains(part), error.getMessage());
  }
}
