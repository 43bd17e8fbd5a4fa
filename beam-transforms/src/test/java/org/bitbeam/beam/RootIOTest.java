package org.bitbeam.beam;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.runners.direct.DirectRunner;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.CoderException;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Count;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.util.CoderUtils;
import org.apache.beam.sdk.values.PCollection;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.LongColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.Compression;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.bitbeam.root.RootWriter;
import org.bitbeam.root.TreeOptions;
import org.bitbeam.root.TreeWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RootIOTest {
  private static final Schema JETS =
      new Schema(
          List.of(
              Schema.Field.of("event", ColumnType.Primitive.INT64),
              Schema.Field.of("Jet_pt", new ColumnType.ListOf(ColumnType.Primitive.FLOAT32)),
              Schema.Field.of("Jet_eta", new ColumnType.ListOf(ColumnType.Primitive.FLOAT32)),
              Schema.Field.of("weights", new ColumnType.ListOf(ColumnType.Primitive.FLOAT32))));

  @TempDir Path folder;

  private static EventBatch events(long seed, int entries) {
    Random random = new Random(seed);
    int[] offsets = new int[entries + 1];
    long[] numbers = new long[entries];
    for (int i = 0; i < entries; i++) {
      offsets[i + 1] = offsets[i] + random.nextInt(6);
      numbers[i] = 1000 * seed + i;
    }
    float[] pt = new float[offsets[entries]];
    float[] eta = new float[offsets[entries]];
    for (int i = 0; i < pt.length; i++) {
      pt[i] = 20 + 100 * random.nextFloat();
      eta[i] = random.nextFloat();
    }
    return EventBatch.of(
        Origin.MEMORY,
        JETS,
        List.of(
            LongColumn.of(numbers),
            ListColumn.of(offsets, FloatColumn.of(pt)),
            ListColumn.of(offsets, FloatColumn.of(eta)),
            ListColumn.of(new int[entries + 1], FloatColumn.of())),
        entries);
  }

  private static void write(Path path, EventBatch batch, Compression compression)
      throws IOException {
    TreeOptions options =
        TreeOptions.DEFAULT
            .withClusterBytes(3_000)
            .withCompression(compression)
            .withCounters(Map.of("Jet_pt", "nJet", "Jet_eta", "nJet"));
    try (RootWriter writer = RootWriter.create(path, "", compression)) {
      TreeWriter tree = writer.tree("Events", "events", batch.schema(), options);
      tree.write(batch);
      tree.finish();
      TreeWriter runs =
          writer.tree(
              "Runs",
              "",
              new Schema(List.of(Schema.Field.of("run", ColumnType.Primitive.INT64))),
              TreeOptions.DEFAULT);
      runs.write(
          EventBatch.of(
              Origin.MEMORY,
              new Schema(List.of(Schema.Field.of("run", ColumnType.Primitive.INT64))),
              List.of(LongColumn.of(1L)),
              1));
      runs.finish();
      writer.commit();
    }
  }

  /** With all of the DirectRunner's checks on: batches must be codable and stay as they are. */
  private static Pipeline pipeline() {
    DirectOptions options = PipelineOptionsFactory.create().as(DirectOptions.class);
    options.setRunner(DirectRunner.class);
    options.setTargetParallelism(2);
    return Pipeline.create(options);
  }

  private void run(String pattern, Path out, OutputMode mode, int batchEntries, List<String> kept) {
    Pipeline pipeline = pipeline();
    PCollection<InputFile> files = pipeline.apply(RootIO.match(pattern).withTree("Events"));
    files
        .apply(RootIO.read().withColumnsOf(CountStage.factory()).withBatchEntries(batchEntries))
        .apply(ParDo.of(new StageFn(CountStage.factory(), null)))
        .setCoder(EventBatchCoder.of())
        .apply(RootIO.write(files).to(out.toString()).withMode(mode).withKept(kept));
    pipeline.run().waitUntilFinish();
  }

  private static void assertRight(EventBatch expected, Dataset actual, boolean withInput)
      throws IOException {
    int entries = expected.entries();
    assertEquals(entries, actual.entries());
    LongColumn numbers = (LongColumn) actual.read(List.of("entry"), 0, entries).columns().get(0);
    for (int i = 0; i < entries; i++) {
      assertEquals(i, numbers.get(i));
    }
    ListColumn twice = (ListColumn) actual.read(List.of("Jet_twice"), 0, entries).columns().get(0);
    ListColumn pt = (ListColumn) expected.column("Jet_pt");
    assertArrayEquals(pt.elementOffsets(), twice.elementOffsets());
    for (int i = 0; i < pt.elements().length(); i++) {
      assertEquals(
          2 * ((FloatColumn) pt.elements()).get(i), ((FloatColumn) twice.elements()).get(i));
    }
    if (withInput) {
      for (int c = 0; c < expected.schema().size(); c++) {
        Column copied =
            actual.read(List.of(expected.schema().names().get(c)), 0, entries).columns().get(0);
        assertEquals(expected.columns().get(c), copied);
      }
    }
  }

  @Test
  void everyOutputModeHoldsWhatItPromises() throws IOException {
    EventBatch events = events(1, 200);
    write(folder.resolve("in.root"), events, Compression.ZSTD);
    for (OutputMode mode : OutputMode.values()) {
      Path out = folder.resolve(mode.name());
      run(folder.resolve("in.root").toString(), out, mode, 64, List.of("Jet_e*"));
      try (RootFile root = RootFile.open(out.resolve("in.root"))) {
        Dataset tree = root.dataset("Events");
        assertRight(events, tree, mode == OutputMode.ENRICHED);
        Set<String> names = new HashSet<>(tree.schema().names());
        Set<String> expected =
            switch (mode) {
              case FRIEND -> Set.of("nJet", "Jet_twice", "entry");
              case SLIM -> Set.of("nJet", "Jet_eta", "Jet_twice", "entry");
              case ENRICHED ->
                  Set.of(
                      "nJet",
                      "nweights",
                      "event",
                      "Jet_pt",
                      "Jet_eta",
                      "weights",
                      "Jet_twice",
                      "entry");
            };
        assertEquals(expected, names);
        assertEquals(mode == OutputMode.ENRICHED ? 2 : 1, root.datasets().size());
        assertEquals("twice the pT [GeV]", tree.schema().field("Jet_twice").get().description());
      }
      try (Stream<Path> left = Files.list(out)) {
        assertEquals(
            List.of("in.root"),
            left.map(p -> p.getFileName().toString())
                .filter(n -> !n.equals(".bitbeam-parts"))
                .toList());
      }
    }
  }

  @Test
  void outputBytesDoNotDependOnBatchSizes() throws IOException {
    write(folder.resolve("in.root"), events(2, 300), Compression.parse("zlib:1"));
    byte[] first = null;
    for (int batchEntries : new int[] {1, 7, 1000}) {
      Path out = folder.resolve("out" + batchEntries);
      run(folder.resolve("in.root").toString(), out, OutputMode.ENRICHED, batchEntries, List.of());
      byte[] bytes = Files.readAllBytes(out.resolve("in.root"));
      if (first == null) {
        first = bytes;
      }
      assertArrayEquals(first, bytes);
    }
  }

  @Test
  void smallPlansShareAFileAndWriteTheSameBytes() throws IOException {
    String input = folder.resolve("in.root").toString();
    write(folder.resolve("in.root"), events(2, 300), Compression.parse("zlib:1"));
    List<byte[]> outputs = new ArrayList<>();
    for (int[] cut : new int[][] {{4 << 20, 64, 1}, {1, 64, 4}, {1, 2, 2}}) {
      long planBytes = cut[0];
      int plansPerFile = cut[1];
      long expected = cut[2];
      Pipeline pipeline = pipeline();
      pipeline.getOptions().as(RootOptions.class).setRootPlanBytes(planBytes);
      pipeline.getOptions().as(RootOptions.class).setRootPlansPerFile(plansPerFile);
      PCollection<InputFile> files = pipeline.apply(RootIO.match(input).withTree("Events"));
      PAssert.thatSingleton(
              files
                  .apply(ParDo.of(new PlanFn(List.of("Jet_pt"), null, null)))
                  .apply(Count.globally()))
          .satisfies(
              count -> {
                assertEquals(expected, count);
                return null;
              });
      Path out = folder.resolve("out" + planBytes + "-" + plansPerFile);
      files
          .apply(RootIO.read().withColumnsOf(CountStage.factory()))
          .apply(ParDo.of(new StageFn(CountStage.factory(), null)))
          .setCoder(EventBatchCoder.of())
          .apply(RootIO.write(files).to(out.toString()).withMode(OutputMode.ENRICHED));
      pipeline.run().waitUntilFinish();
      outputs.add(Files.readAllBytes(out.resolve("in.root")));
    }
    assertArrayEquals(outputs.get(0), outputs.get(1));
    assertArrayEquals(outputs.get(0), outputs.get(2));
  }

  @Test
  void manyFilesOfEveryCodecAndAnEmptyOneGiveOneOutputEach() throws IOException {
    List<EventBatch> all = new ArrayList<>();
    String[] codecs = {"none", "zlib:1", "lzma:1", "lz4:4", "zstd:5"};
    for (int i = 0; i < codecs.length; i++) {
      EventBatch events = events(i, i == 3 ? 0 : 40 + i);
      write(folder.resolve("in" + i + ".root"), events, Compression.parse(codecs[i]));
      all.add(events);
    }
    run(
        folder.resolve("in*.root").toString(),
        folder.resolve("out"),
        OutputMode.ENRICHED,
        16,
        List.of());
    for (int i = 0; i < codecs.length; i++) {
      try (RootFile root = RootFile.open(folder.resolve("out/in" + i + ".root"))) {
        assertRight(all.get(i), root.dataset("Events"), true);
      }
    }
  }

  @Test
  void everyEntryIsReadOnce() throws IOException {
    EventBatch events = events(4, 500);
    write(folder.resolve("in.root"), events, Compression.ZSTD);
    Pipeline pipeline = pipeline();
    PCollection<EventBatch> batches =
        pipeline
            .apply(RootIO.match(folder.resolve("in.root").toString()))
            .apply(RootIO.read().withColumns("event").withBatchEntries(33));
    PAssert.that(batches)
        .satisfies(
            read -> {
              Set<Long> seen = new HashSet<>();
              for (EventBatch batch : read) {
                assertTrue(batch.entries() <= 33);
                LongColumn numbers = (LongColumn) batch.column("event");
                for (int i = 0; i < numbers.length(); i++) {
                  assertEquals(4000 + batch.origin().firstEntry() + i, numbers.get(i));
                  assertTrue(seen.add(numbers.get(i)));
                }
              }
              assertEquals(500, seen.size());
              return null;
            });
    pipeline.run().waitUntilFinish();
  }

  @Test
  void inputsOfOneNameAreRefusedWithBothNames() throws IOException {
    Files.createDirectories(folder.resolve("a"));
    Files.createDirectories(folder.resolve("b"));
    write(folder.resolve("a/in.root"), events(1, 5), Compression.ZSTD);
    write(folder.resolve("b/in.root"), events(2, 5), Compression.ZSTD);
    RuntimeException error =
        assertThrows(
            RuntimeException.class,
            () ->
                run(
                    folder.resolve("*/in.root").toString(),
                    folder.resolve("out"),
                    OutputMode.FRIEND,
                    10,
                    List.of()));
    assertTrue(error.getMessage().contains("several input files"), error.getMessage());
    assertFalse(Files.exists(folder.resolve("out/in.root")));
  }

  @Test
  void anOutputNeverReplacesItsOwnInput() throws IOException {
    write(folder.resolve("in.root"), events(1, 5), Compression.ZSTD);
    byte[] before = Files.readAllBytes(folder.resolve("in.root"));
    RuntimeException error =
        assertThrows(
            RuntimeException.class,
            () ->
                run(
                    folder.resolve("in.root").toString(),
                    folder,
                    OutputMode.FRIEND,
                    10,
                    List.of()));
    assertTrue(error.getMessage().contains("overwrite its own input"), error.getMessage());
    assertArrayEquals(before, Files.readAllBytes(folder.resolve("in.root")));
  }

  /** Replaces the input file as soon as a part of it was read. */
  private static final class ReplaceInputFn
      extends org.apache.beam.sdk.transforms.DoFn<EventBatch, EventBatch> {
    private static final long serialVersionUID = 1L;

    @ProcessElement
    public void process(@Element EventBatch batch, OutputReceiver<EventBatch> out)
        throws IOException {
      write(Path.of(batch.origin().file()), events(99, 30), Compression.ZSTD);
      out.output(batch);
    }
  }

  @Test
  void anInputThatChangesMeanwhileGivesNoOutput() throws IOException {
    write(folder.resolve("in.root"), events(1, 30), Compression.ZSTD);
    Pipeline pipeline = pipeline();
    PCollection<InputFile> files =
        pipeline.apply(RootIO.match(folder.resolve("in.root").toString()));
    files
        .apply(RootIO.read().withColumnsOf(CountStage.factory()).withBatchEntries(100_000))
        .apply(ParDo.of(new StageFn(CountStage.factory(), null)))
        .setCoder(EventBatchCoder.of())
        .apply("Replace", ParDo.of(new ReplaceInputFn()))
        .setCoder(EventBatchCoder.of())
        .apply(
            RootIO.write(files).to(folder.resolve("out").toString()).withMode(OutputMode.ENRICHED));
    RuntimeException error =
        assertThrows(RuntimeException.class, () -> pipeline.run().waitUntilFinish());
    assertTrue(error.getMessage().contains("was changed while"), error.getMessage());
    assertFalse(Files.exists(folder.resolve("out/in.root")));
  }

  @Test
  void aMissingColumnEndsThePipelineByName() throws IOException {
    write(folder.resolve("in.root"), events(1, 5), Compression.ZSTD);
    Pipeline pipeline = pipeline();
    pipeline
        .apply(RootIO.match(folder.resolve("in.root").toString()))
        .apply(RootIO.read().withColumns("Jet_pz"));
    RuntimeException error =
        assertThrows(RuntimeException.class, () -> pipeline.run().waitUntilFinish());
    assertTrue(error.getMessage().contains("Jet_pz"), error.getMessage());
    assertTrue(error.getMessage().contains("Jet_pt"), error.getMessage());
  }

  @Test
  void addressesWithSecretsDoNotGetIntoPipelines() {
    for (String bad : List.of("https://h/x.root?sig=geheim", "root://h//data/..", "http://h/")) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> RootIO.match(bad));
      assertFalse(e.getMessage().contains("geheim"), e.getMessage());
    }
  }

  @Test
  void everySettingShowsInTheDisplayData() {
    assertTrue(
        DisplayData.from(RootIO.match("x").withTree("t")).asMap().values().stream()
            .anyMatch(item -> "t".equals(item.getValue())));
    assertTrue(
        DisplayData.from(RootIO.read().withColumns("c").withBatchEntries(17))
            .asMap()
            .values()
            .stream()
            .anyMatch(item -> item.getValue().equals(17L)));
    assertThrows(IllegalArgumentException.class, () -> RootIO.read().withBatchEntries(0));
  }

  @Test
  void codedBatchesComeBackAndDamagedOnesAreRefused() throws Exception {
    EventBatch batch = events(9, 30);
    byte[] bytes = CoderUtils.encodeToByteArray(EventBatchCoder.of(), batch);
    assertEquals(batch, CoderUtils.decodeFromByteArray(EventBatchCoder.of(), bytes));
    bytes[bytes.length / 2] ^= 1;
    assertThrows(
        CoderException.class, () -> CoderUtils.decodeFromByteArray(EventBatchCoder.of(), bytes));
  }
}
