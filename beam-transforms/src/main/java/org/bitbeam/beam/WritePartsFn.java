package org.bitbeam.beam;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.MoveOptions.StandardMoveOptions;
import org.apache.beam.sdk.io.fs.ResolveOptions.StandardResolveOptions;
import org.apache.beam.sdk.io.fs.ResourceId;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Distribution;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.util.MimeTypes;
import org.apache.beam.sdk.values.KV;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.EventBatchCodec;
import org.bitbeam.columns.Origin;
import org.bitbeam.root.RootFile;
import org.jspecify.annotations.Nullable;

/**
 * Writes the new columns of every batch as a part file under a name that follows from what is in
 * it, so that a second attempt writes the same file again, and says so in a manifest.
 */
final class WritePartsFn extends DoFn<EventBatch, KV<String, PartManifest>> {
  private static final long serialVersionUID = 1L;
  private static final int REMEMBERED_FILES = 100;

  private final String partsFolder;
  private final Counter bytes = Metrics.counter("bitbeam", "partBytes");
  private final Distribution nanosPerBatch = Metrics.distribution("bitbeam", "partNanosPerBatch");
  private transient @Nullable Map<String, Set<String>> inputColumns;

  WritePartsFn(String partsFolder) {
    this.partsFolder = partsFolder;
  }

  @ProcessElement
  public void process(@Element EventBatch batch, OutputReceiver<KV<String, PartManifest>> out)
      throws IOException {
    long start = System.nanoTime();
    Set<String> known = inputColumns(batch);
    List<String> added =
        batch.schema().names().stream().filter(name -> !known.contains(name)).toList();
    byte[] content = EventBatchCodec.encode(batch.select(added));
    ResourceId folder =
        FileSystems.matchNewResource(partsFolder, true)
            .resolve(folderOf(batch.origin()), StandardResolveOptions.RESOLVE_DIRECTORY);
    ResourceId part =
        folder.resolve(
            batch.origin().firstEntry() + "-" + batch.entries() + ".part",
            StandardResolveOptions.RESOLVE_FILE);
    SmallFiles.write(
        part, content, MimeTypes.BINARY, StandardMoveOptions.SKIP_IF_DESTINATION_EXISTS);
    bytes.inc(content.length);
    nanosPerBatch.update(System.nanoTime() - start);
    PartManifest manifest =
        new PartManifest(
            batch.origin().file(),
            batch.origin().fingerprint(),
            batch.origin().firstEntry(),
            batch.entries(),
            part.toString(),
            content.length);
    out.output(KV.of(InputFile.baseName(batch.origin().file()), manifest));
  }

  /** Copies of one file have one fingerprint, so their names count too. */
  private static String folderOf(Origin origin) {
    return Ledger.shortHash(origin.file() + "\n" + origin.fingerprint());
  }

  private Set<String> inputColumns(EventBatch batch) throws IOException {
    if (inputColumns == null) {
      inputColumns = new LinkedHashMap<>();
    }
    Set<String> known = inputColumns.get(batch.origin().file());
    if (known == null) {
      try (RootFile root = RootIO.open(batch.origin().file())) {
        known =
            root.dataset(batch.origin().dataset()).columns().stream()
                .map(column -> column.name())
                .collect(Collectors.toSet());
      }
      if (inputColumns.size() >= REMEMBERED_FILES) {
        inputColumns.clear();
      }
      inputColumns.put(batch.origin().file(), known);
    }
    return known;
  }
}
