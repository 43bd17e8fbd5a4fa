package org.bitbeam.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.calo.CaloChallengeWriter;
import org.bitbeam.physics.calo.IncidentEnergies;
import org.bitbeam.physics.calo.ShowerModel;
import org.bitbeam.physics.calo.ShowerOptions;
import org.bitbeam.physics.calo.ShowerOptions.OutOfRange;
import org.bitbeam.physics.calo.ShowerSimulator;
import org.bitbeam.report.ShowerFile;
import org.bitbeam.root.DatasetWriter;
import org.bitbeam.root.RootWriter;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Showers of a model in a file: a dataset "showers" (.root), or the form of the CaloChallenge
 * (.hdf5, .h5). Memory does not grow with their number.
 *
 * @param incident their particles
 * @param seed of the noise
 */
record ShowerWriter(ShowerModel model, Incident incident, long seed, OutOfRange outOfRange) {
  private static final int SHOWERS_PER_BATCH = 1000;
  private static final int BATCH_BYTES = 8 << 20;

  /** Smaller than usual: the writer has twice a cluster in memory, and showers are large. */
  private static final long CLUSTER_BYTES = 4 << 20;

  private static final Schema GIVEN =
      new Schema(
          List.of(
              new Schema.Field(
                  ShowerFile.ENERGY,
                  ColumnType.Primitive.FLOAT64,
                  "energy of the incident particle",
                  "MeV")));

  /** Incident particles, one an entry. */
  interface Incident {
    /** Their columns; {@link ShowerFile#ENERGY} is among them. */
    Schema schema();

    /** The particles {@code from} to {@code from + count - 1}; called in order. */
    EventBatch batch(long from, int count);
  }

  /** Particles of which nothing but the energy is known. */
  static Incident of(IncidentEnergies law) {
    return new Incident() {
      @Override
      public Schema schema() {
        return GIVEN;
      }

      @Override
      public EventBatch batch(long from, int count) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
          values[i] = law.get(from + i);
        }
        return EventBatch.of(
            new Origin("", "", "showers", from), GIVEN, List.of(DoubleColumn.of(values)), count);
      }
    };
  }

  /** Whether the name of a file asks for HDF5. */
  private static boolean isHdf5(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".hdf5") || name.endsWith(".h5");
  }

  /** Refuses names that say nothing about the form of the file. */
  static void checkName(CommandSpec spec, Path output) {
    if (!isHdf5(output) && !output.toString().toLowerCase(Locale.ROOT).endsWith(".root")) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "--output " + output + ": expected a name that ends in .root, .hdf5 or .h5");
    }
  }

  /**
   * Writes showers; an existing file is replaced when the new one is complete.
   *
   * @param title of the dataset
   * @param dense whether all voxels are written; in HDF5 they always are
   * @param first number of the first shower
   * @param threads that make showers; they change nothing else
   * @return the counters of the simulator
   */
  Map<String, Long> write(
      Path output,
      DatasetFormat format,
      String title,
      boolean dense,
      long first,
      long showers,
      int threads,
      Progress progress)
      throws IOException {
    Path folder = output.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    boolean hdf5 = isHdf5(output);
    Map<String, Long> counters = new TreeMap<>();
    ShowerSimulator simulator =
        new ShowerSimulator(
            model, new ShowerOptions(ShowerFile.ENERGY, 1, seed, outOfRange, dense || hdf5));
    OrderedBatches.Maker maker = (from, count) -> batch(simulator, from, count, counters);
    int size = model.geometry().voxels();
    // Showers whose voxels take 8 MiB in double precision; results do not depend on it.
    int perBatch = Math.max(1, Math.min(SHOWERS_PER_BATCH, BATCH_BYTES / Double.BYTES / size));
    if (hdf5) {
      try (CaloChallengeWriter writer = new CaloChallengeWriter(output, showers, size, false)) {
        OrderedBatches.run(
            first,
            showers,
            perBatch,
            threads,
            maker,
            batch -> {
              add(writer, batch, size);
              progress.update(batch.origin().firstEntry() + batch.entries() - first);
            });
        writer.commit();
      }
      return counters;
    }
    Schema schema = incident.schema();
    for (Schema.Field field : simulator.outputs(schema)) {
      schema = schema.with(field);
    }
    try (RootWriter writer = RootWriter.create(output)) {
      DatasetWriter dataset =
          format.begin(writer, ShowerFile.TREE, title, schema, Map.of(), CLUSTER_BYTES);
      OrderedBatches.run(
          first,
          showers,
          perBatch,
          threads,
          maker,
          batch -> {
            dataset.write(batch);
            progress.update(batch.origin().firstEntry() + batch.entries() - first);
          });
      dataset.finish();
      writer.commit();
    }
    return counters;
  }

  private EventBatch batch(
      ShowerSimulator simulator, long from, int count, Map<String, Long> counters) {
    return simulator.apply(
        incident.batch(from, count),
        (name, amount) -> {
          synchronized (counters) {
            counters.merge(name, amount, Long::sum);
          }
        });
  }

  private static void add(CaloChallengeWriter writer, EventBatch batch, int size)
      throws IOException {
    double[] shower = new double[size];
    NumberColumn energy = (NumberColumn) batch.column(ShowerFile.ENERGY);
    NumberColumn values =
        (NumberColumn) ((ArrayColumn) batch.column(ShowerSimulator.VOXEL_ENERGY)).content();
    for (int i = 0; i < batch.entries(); i++) {
      for (int v = 0; v < size; v++) {
        shower[v] = values.getDouble(i * size + v);
      }
      writer.add(energy.getDouble(i), shower, 0);
    }
  }
}
