package org.bitbeam.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import org.bitbeam.beam.InputFile;
import org.bitbeam.beam.RootIO;
import org.bitbeam.beam.StageFactory;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.Stage;
import org.bitbeam.root.Compression;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.DatasetWriter;
import org.bitbeam.root.RootFile;
import org.bitbeam.root.RootWriter;

/**
 * The main job without Beam, to measure it against: the same classes read batches, apply the stage
 * and write friend files, a file a thread at a time. No parts, no ledger, no checksum, no second
 * attempt.
 *
 * @param files inputs, with different names
 * @param output folder that exists
 * @param tree as {@code --tree} takes it
 * @param batchEntries most entries at a time
 */
record PlainLoop(
    List<Path> files,
    Path output,
    String tree,
    int batchEntries,
    Compression compression,
    int threads) {

  /** Nanoseconds of each step, summed over threads. */
  private static final class Steps {
    private final LongAdder read = new LongAdder();
    private final LongAdder network = new LongAdder();
    private final LongAdder write = new LongAdder();
  }

  /** Writes all outputs; returns the seconds of each step, summed over threads. */
  Map<String, Double> run(StageFactory factory) throws IOException, InterruptedException {
    Steps steps = new Steps();
    ExecutorService workers = Executors.newFixedThreadPool(threads);
    try (StageFactory.OpenStage open = factory.open()) {
      List<Future<?>> running = new ArrayList<>();
      for (Path file : files) {
        running.add(
            workers.submit(
                () -> {
                  process(file, open.stage(), steps);
                  return null;
                }));
      }
      for (Future<?> file : running) {
        file.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("the plain loop failed: " + Failures.rootOf(e).getMessage(), e);
    } finally {
      workers.shutdownNow();
    }
    Map<String, Double> seconds = new LinkedHashMap<>();
    seconds.put("read", steps.read.sum() / 1e9);
    seconds.put("network", steps.network.sum() / 1e9);
    seconds.put("write", steps.write.sum() / 1e9);
    return seconds;
  }

  private void process(Path file, Stage stage, Steps steps) throws IOException {
    Path target = output.resolve(InputFile.baseName(file.toString()));
    Files.deleteIfExists(target);
    try (RootFile root = RootIO.open(file.toString());
        RootWriter writer = RootWriter.create(target, "", compression)) {
      Dataset dataset = root.dataset(InputFile.of(root, tree).dataset());
      List<String> columns = stage.check(dataset.schema());
      Schema added = new Schema(stage.outputs(dataset.schema()));
      DatasetWriter friend = RootIO.friendOf(writer, dataset, added, compression);
      for (Dataset.Cluster cluster : dataset.clusters()) {
        for (long from = cluster.first(); from < cluster.end(); from += batchEntries) {
          long start = System.nanoTime();
          EventBatch batch =
              dataset.read(columns, from, Math.min(cluster.end(), from + batchEntries));
          long read = System.nanoTime();
          EventBatch result = stage.apply(batch);
          long applied = System.nanoTime();
          friend.write(result.select(added.names()));
          steps.read.add(read - start);
          steps.network.add(applied - read);
          steps.write.add(System.nanoTime() - applied);
        }
      }
      long start = System.nanoTime();
      friend.finish();
      writer.commit();
      steps.write.add(System.nanoTime() - start);
    }
  }
}
