package org.bitbeam.beam.rows;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.io.FileIO;
import org.apache.beam.sdk.values.Row;
import org.bitbeam.beam.RootIO;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.Compression;
import org.bitbeam.root.RootWriter;
import org.bitbeam.root.TreeOptions;
import org.bitbeam.root.TreeWriter;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows to a tree of a new file. Beam keeps the file under another name until it is complete;
 * its header is written last, so it is made in a local temporary file first.
 */
final class RootSink implements FileIO.Sink<Row> {
  private static final long serialVersionUID = 1L;

  private final String tree;
  private final List<String> columns;
  private final org.apache.beam.sdk.schemas.Schema rowSchema;
  private final String compression;
  private transient @Nullable Open open;

  RootSink(
      String tree,
      List<String> columns,
      org.apache.beam.sdk.schemas.Schema rowSchema,
      String compression) {
    this.tree = tree;
    this.columns = List.copyOf(columns);
    this.rowSchema = rowSchema;
    this.compression = compression;
  }

  private record Open(
      WritableByteChannel target,
      Path folder,
      Path file,
      RootWriter writer,
      TreeWriter tree,
      Schema schema,
      List<Row> gathered) {}

  @Override
  public void open(WritableByteChannel channel) throws IOException {
    Compression how = Compression.parse(compression);
    Schema schema =
        new Schema(
            RowTypes.columns(rowSchema).fields().stream()
                .filter(field -> columns.contains(field.name()))
                .toList());
    Path folder = Files.createTempDirectory("bitbeam-rows");
    Path file = folder.resolve("rows.root");
    RootWriter writer = RootWriter.create(file, "", how);
    TreeOptions options = TreeOptions.DEFAULT.withCompression(how).withCounters(counters(schema));
    open =
        new Open(
            channel,
            folder,
            file,
            writer,
            writer.tree(tree, tree, schema, options),
            schema,
            new ArrayList<>());
  }

  /** {@code Jet_pt} is counted by {@code nJet}, as in NanoAOD, if the rows have that. */
  private static Map<String, String> counters(Schema schema) {
    Map<String, String> counters = new HashMap<>();
    for (Schema.Field field : schema.fields()) {
      int underscore = field.name().indexOf('_');
      String counter = "n" + field.name().substring(0, Math.max(0, underscore));
      if (underscore > 0
          && field.type() instanceof ColumnType.ListOf
          && schema.indexOf(counter) >= 0) {
        counters.put(field.name(), counter);
      }
    }
    return counters;
  }

  @Override
  public void write(Row row) throws IOException {
    Open current = current();
    current.gathered().add(row);
    if (current.gathered().size() >= RootIO.Read.DEFAULT_BATCH_ENTRIES) {
      pass(current);
    }
  }

  @Override
  public void flush() throws IOException {
    Open current = current();
    try {
      try (RootWriter writer = current.writer()) {
        pass(current);
        current.tree().finish();
        writer.commit();
      }
      // The channel is Beam's to close.
      Files.copy(current.file(), Channels.newOutputStream(current.target()));
    } finally {
      Files.deleteIfExists(current.file());
      Files.deleteIfExists(current.folder());
      open = null;
    }
  }

  private Open current() {
    Open current = open;
    if (current == null) {
      throw new IllegalStateException("used before it was opened");
    }
    return current;
  }

  private static void pass(Open current) throws IOException {
    if (!current.gathered().isEmpty()) {
      current.tree().write(RowBatches.batch(Origin.MEMORY, current.schema(), current.gathered()));
      current.gathered().clear();
    }
  }
}
