package org.bitbeam.physics.tagging;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.runtime.ElementType;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Npy;
import org.bitbeam.runtime.Tensor;

/** Test inputs: the resources that make_inputs.py made, and the shipped bundles. */
public final class Samples {
  private static final String OFFSETS = ".offsets";

  private Samples() {}

  static EventBatch qgSample() {
    return batch("jets_qg_sample", "jets");
  }

  static EventBatch qgTest() {
    return batch("jets_qg_test_first2000", "jets");
  }

  public static EventBatch events() {
    return batch("events_sample", "Events");
  }

  static Map<String, Tensor> arrays(String name) {
    Map<String, Tensor> arrays = new TreeMap<>();
    try (ZipInputStream zip = new ZipInputStream(resource(name + ".zip"))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        arrays.put(
            entry.getName().replace(".npy", ""), Npy.parse(entry.getName(), zip.readAllBytes()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return arrays;
  }

  static float[] expectedLogits(String model, String sample) {
    String name = "expected/" + model + "/" + sample + ".logits.npy";
    try (InputStream in = resource(name)) {
      return Npy.parse(name, in.readAllBytes()).floats();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static ModelBundle bundle(String name) {
    try {
      return ModelBundle.open(Path.of("..", "models", name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Consecutive batches of at most {@code entries} entries. */
  public static List<EventBatch> split(EventBatch batch, int entries) {
    List<EventBatch> parts = new ArrayList<>();
    for (int from = 0; from < batch.entries(); from += entries) {
      parts.add(batch.slice(from, Math.min(batch.entries(), from + entries)));
    }
    return parts;
  }

  private static EventBatch batch(String name, String dataset) {
    Map<String, Tensor> arrays = arrays(name);
    Set<String> names = new TreeSet<>();
    arrays.keySet().forEach(key -> names.add(key.replace(OFFSETS, "")));
    Schema schema = new Schema(List.of());
    List<Column> columns = new ArrayList<>();
    for (String column : names) {
      Column made = column(arrays, column, "");
      columns.add(made);
      schema = schema.with(Schema.Field.of(column, made.type()));
    }
    Origin origin = new Origin(name + ".root", name, dataset, 0);
    return EventBatch.of(origin, schema, columns, columns.get(0).length());
  }

  private static Column column(Map<String, Tensor> arrays, String name, String level) {
    Tensor offsets = arrays.get(name + level + OFFSETS);
    if (offsets != null) {
      return ListColumn.of(offsets.ints(), column(arrays, name, level + OFFSETS));
    }
    Tensor values = arrays.get(name);
    return values.elementType() == ElementType.FLOAT32
        ? FloatColumn.of(values.floats())
        : IntColumn.of(values.ints());
  }

  private static InputStream resource(String name) {
    InputStream in = Samples.class.getResourceAsStream("/tagging/" + name);
    if (in == null) {
      throw new IllegalStateException("no test resource " + name);
    }
    return in;
  }
}
