package org.bitbeam.beam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.runners.direct.DirectRunner;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.Stage;
import org.bitbeam.physics.StageCounter;
import org.bitbeam.root.Compression;
import org.bitbeam.root.DatasetWriter;
import org.bitbeam.root.RootWriter;
import org.bitbeam.root.TreeOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each way in which a file can be bad gives a letter; the other files are done. */
class DeadLettersTest {
  private static final int ENTRIES = 300;

  @TempDir Path folder;

  /** Refuses some entries of some files. */
  private record PickyStage(CountStage stage) implements Stage {
    @Override
    public List<String> inputs(Schema dataset) {
      return stage.inputs(dataset);
    }

    @Override
    public List<Schema.Field> outputs(Schema dataset) {
      return stage.outputs(dataset);
    }

    @Override
    public EventBatch apply(EventBatch batch, StageCounter counter) {
      if (batch.origin().file().endsWith("refused.root") && batch.origin().firstEntry() >= 100) {
        throw new IllegalStateException("no such candidate");
      }
      return stage.apply(batch, counter);
    }

    static StageFactory factory() {
      return () ->
          new StageFactory.OpenStage() {
            @Override
            public Stage stage() {
              return new PickyStage(new CountStage());
            }

            @Override
            public void close() {}
          };
    }
  }

  private void write(String name, String column) throws IOException {
    float[] values = new float[ENTRIES];
    int[] offsets = new int[ENTRIES + 1];
    for (int i = 0; i < ENTRIES; i++) {
      values[i] = 20 + i % 7;
      offsets[i + 1] = i + 1;
    }
    EventBatch events =
        EventBatch.of(
            Origin.MEMORY,
            new Schema(
                List.of(
                    Schema.Field.of(column, new ColumnType.ListOf(ColumnType.Primitive.FLOAT32)))),
            List.of(ListColumn.of(offsets, FloatColumn.of(values))),
            ENTRIES);
    try (RootWriter writer =
        RootWriter.create(folder.resolve(name), "", Compression.parse("zlib:1"))) {
      DatasetWriter tree =
          writer.tree(
              "Events",
              "",
              events.schema(),
              TreeOptions.DEFAULT
                  .withCompression(Compression.parse("zlib:1"))
                  .withBorders(List.of(100L, 200L, (long) ENTRIES)));
      tree.write(events);
      tree.finish();
      writer.commit();
    }
  }

  /** Damages the baskets of the second of three clusters, all compressed with zlib. */
  private void damage(String name) throws IOException {
    byte[] bytes = Files.readAllBytes(folder.resolve(name));
    List<Integer> baskets = new ArrayList<>();
    for (int i = 0; i + 9 < bytes.length; i++) {
      boolean frame = bytes[i] == 'Z' && bytes[i + 1] == 'L' && bytes[i + 2] == 8;
      int unpacked = (bytes[i + 6] & 0xff) | (bytes[i + 7] & 0xff) << 8;
      // A hundred numbers, with or without their hundred offsets.
      if (frame && unpacked >= 400 && unpacked < 900) {
        baskets.add(i);
      }
    }
    assertEquals(6, baskets.size(), "counts and jets of three clusters");
    for (int b = 2; b < 4; b++) {
      bytes[baskets.get(b) + 14] ^= 0x55;
    }
    Files.write(folder.resolve(name), bytes);
  }

  private Map<String, List<DeadLetters.Letter>> run(Path out) throws IOException {
    return run(new DeadLetters(out.toString()), out);
  }

  private Map<String, List<DeadLetters.Letter>> run(DeadLetters letters, Path out)
      throws IOException {
    DirectOptions options = PipelineOptionsFactory.create().as(DirectOptions.class);
    options.setRunner(DirectRunner.class);
    options.setTargetParallelism(2);
    Pipeline pipeline = Pipeline.create(options);
    PCollection<InputFile> files =
        pipeline.apply(
            RootIO.match(folder + "/*.root").withTree("Events").withDeadLetters(letters));
    files
        .apply(
            RootIO.read()
                .withColumnsOf(CountStage.factory())
                .withBatchEntries(50)
                .withDeadLetters(letters))
        .apply(ParDo.of(new StageFn(PickyStage.factory(), letters)))
        .setCoder(EventBatchCoder.of())
        .apply(RootIO.write(files).to(out.toString()).withDeadLetters(letters));
    pipeline.run().waitUntilFinish();
    return letters.read().stream()
        .collect(Collectors.groupingBy(l -> InputFile.baseName(l.input())));
  }

  @Test
  void everyKindOfBadFileHasItsLettersAndNoOutput() throws IOException {
    for (String name : List.of("good.root", "damaged.root", "refused.root")) {
      write(name, "Jet_pt");
    }
    write("otherColumns.root", "Muon_pt");
    Files.writeString(folder.resolve("text.root"), "not a ROOT file");
    damage("damaged.root");
    Path out = folder.resolve("out");

    Map<String, List<DeadLetters.Letter>> letters = run(out);
    assertEquals(
        List.of("damaged.root", "otherColumns.root", "refused.root", "text.root"),
        letters.keySet().stream().sorted().toList());
    assertOne(letters.get("text.root"), "describe", "text.root");
    assertOne(letters.get("otherColumns.root"), "plan", "Jet_pt");
    // The first and the third cluster are fine.
    assertEquals(
        List.of("read 100 150", "read 150 200"),
        letters.get("damaged.root").stream()
            .map(l -> l.step() + " " + l.firstEntry() + " " + l.endEntry())
            .toList());
    assertTrue(letters.get("damaged.root").get(0).cause().contains("damaged"));
    assertEquals(
        List.of("stage 100", "stage 150", "stage 200", "stage 250"),
        letters.get("refused.root").stream().map(l -> l.step() + " " + l.firstEntry()).toList());
    try (Stream<Path> all = Files.list(out)) {
      assertEquals(
          List.of("good.root"),
          all.map(f -> f.getFileName().toString()).filter(n -> !n.startsWith(".")).toList());
    }

    // The same letters again from a second run, and none about files that are mended.
    assertEquals(letters, run(out));
    new DeadLetters(out.toString())
        .forget(letters.get("damaged.root").stream().map(DeadLetters.Letter::input).toList());
    write("damaged.root", "Jet_pt");
    assertFalse(run(out).containsKey("damaged.root"));
    assertTrue(Files.exists(out.resolve("damaged.root")));
  }

  /** What two workers have at hand is done to its end, and then nothing more is read. */
  @Test
  void tooManyBadFilesEndTheReading() throws IOException {
    for (int i = 0; i < 50; i++) {
      write("otherColumns" + i + ".root", "Muon_pt");
    }
    Path out = folder.resolve("out");
    int bad = run(new DeadLetters(out.toString()).withMostFiles(3), out).size();
    assertTrue(bad >= 4 && bad <= 5, bad + " files with letters");
    assertEquals(50, run(new DeadLetters(out.toString()).withMostFiles(50), out).size());
  }

  private static void assertOne(List<DeadLetters.Letter> letters, String step, String cause) {
    assertEquals(1, letters.size());
    assertEquals(step, letters.get(0).step());
    assertEquals(-1, letters.get(0).firstEntry());
    assertTrue(letters.get(0).cause().contains(cause), letters.get(0).cause());
  }
}
