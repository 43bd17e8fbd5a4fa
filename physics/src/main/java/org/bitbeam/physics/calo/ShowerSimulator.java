package org.bitbeam.physics.calo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.BooleanColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.EventDataException;
import org.bitbeam.physics.Stage;
import org.bitbeam.physics.StageCounter;
import org.bitbeam.physics.calo.ShowerOptions.OutOfRange;

/**
 * Adds a shower for each incident particle, energies in MeV as {@code float32}:
 *
 * <ul>
 *   <li>{@code shower_layerEnergy}: an array with the energy of each layer;
 *   <li>dense: {@code shower_voxelEnergy}, an array of all voxels; sparse: lists {@code
 *       shower_voxel} of indices and {@code shower_voxelEnergy} of the voxels that are not zero;
 *   <li>{@code shower_outOfRange} with the policy {@link OutOfRange#FLAG}.
 * </ul>
 *
 * Lists of them where an entry has a list of particles. Energies that are not finite or not above
 * zero are an error whatever the policy. A shower depends on the seed, the number of the entry in
 * its dataset, the place of the particle in its list, and the energy alone. Safe to use from
 * several threads.
 */
public final class ShowerSimulator implements Stage {
  /** Column of the energies of layers. */
  public static final String LAYER_ENERGY = "shower_layerEnergy";

  /** Column of the indices of voxels. */
  public static final String VOXEL = "shower_voxel";

  /** Column of the energies of voxels. */
  public static final String VOXEL_ENERGY = "shower_voxelEnergy";

  /** Column of the flags of energies out of range. */
  public static final String OUT_OF_RANGE = "shower_outOfRange";

  /** Counter: showers. */
  public static final String SHOWERS = "showers";

  /** Counter: showers whose incident energy was out of range. */
  public static final String SHOWERS_OUT_OF_RANGE = "showersOutOfRange";

  private final ShowerModel model;
  private final ShowerOptions options;
  private final CounterRandom random;

  /** A simulator with a model and options. */
  public ShowerSimulator(ShowerModel model, ShowerOptions options) {
    this.model = model;
    this.options = options;
    this.random = new CounterRandom(options.seed());
  }

  @Override
  public List<String> inputs(Schema dataset) {
    energyType(dataset);
    return List.of(options.energyColumn());
  }

  private ColumnType energyType(Schema dataset) {
    ColumnType type =
        dataset
            .field(options.energyColumn())
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "no column \""
                            + options.energyColumn()
                            + "\" of incident energies; there are: "
                            + dataset.names()))
            .type();
    ColumnType element = type instanceof ColumnType.ListOf list ? list.element() : type;
    if (!(element instanceof ColumnType.Primitive)) {
      throw new IllegalArgumentException(
          "column \"" + options.energyColumn() + "\" holds " + type + ", expected energies");
    }
    return type;
  }

  @Override
  public List<Schema.Field> outputs(Schema dataset) {
    boolean lists = energyType(dataset) instanceof ColumnType.ListOf;
    int voxels = model.geometry().voxels();
    ColumnType real = ColumnType.Primitive.FLOAT32;
    List<Schema.Field> fields = new ArrayList<>();
    fields.add(
        field(
            LAYER_ENERGY,
            new ColumnType.ArrayOf(real, model.geometry().layers().size()),
            lists,
            "energies of the layers of the shower by " + model,
            "MeV"));
    if (options.dense()) {
      fields.add(
          field(
              VOXEL_ENERGY,
              new ColumnType.ArrayOf(real, voxels),
              lists,
              "energies of all voxels",
              "MeV"));
    } else {
      fields.add(
          field(
              VOXEL,
              new ColumnType.ListOf(ColumnType.Primitive.INT32),
              lists,
              "voxels with energy, of " + voxels,
              ""));
      fields.add(field(VOXEL_ENERGY, new ColumnType.ListOf(real), lists, "their energies", "MeV"));
    }
    if (options.outOfRange() == OutOfRange.FLAG) {
      fields.add(
          field(
              OUT_OF_RANGE,
              ColumnType.Primitive.BOOL,
              lists,
              "the model was not trained for this energy: " + model.trainedFor(),
              ""));
    }
    return fields;
  }

  private static Schema.Field field(
      String name, ColumnType type, boolean lists, String description, String unit) {
    return new Schema.Field(name, lists ? new ColumnType.ListOf(type) : type, description, unit);
  }

  @Override
  public EventBatch apply(EventBatch batch, StageCounter counter) {
    Column column = batch.column(options.energyColumn());
    int[] offsets = null;
    Column content = column;
    if (column instanceof ListColumn list) {
      offsets = list.elementOffsets();
      content = list.elements();
    }
    if (!(content instanceof NumberColumn numbers)) {
      throw new IllegalArgumentException(
          "column \"" + options.energyColumn() + "\" holds no numbers, but " + content.type());
    }
    int showers = numbers.length();
    double[] energies = new double[showers];
    long[] entries = new long[showers];
    int[] particles = new int[showers];
    boolean[] outside = new boolean[showers];
    int entry = 0;
    int outOfRange = 0;
    for (int i = 0; i < showers; i++) {
      while (offsets != null && offsets[entry + 1] <= i) {
        entry++;
      }
      int index = offsets == null ? i : entry;
      entries[i] = batch.origin().firstEntry() + index;
      particles[i] = offsets == null ? 0 : i - offsets[entry];
      energies[i] = energy(batch, index, numbers.getDouble(i) * options.mevPerUnit());
      outside[i] = !model.trainedFor().contains(energies[i]);
      if (outside[i]) {
        outOfRange++;
        energies[i] = allowed(batch, index, energies[i]);
      }
    }
    double[] voxels = sample(energies, entries, particles, counter);
    counter.add(SHOWERS, showers);
    counter.add(SHOWERS_OUT_OF_RANGE, outOfRange);
    List<Column> columns = columns(voxels, outside);
    List<Schema.Field> fields = outputs(batch.schema());
    EventBatch result = batch;
    for (int i = 0; i < columns.size(); i++) {
      Column made = columns.get(i);
      result = result.with(fields.get(i), offsets == null ? made : ListColumn.of(offsets, made));
    }
    return result;
  }

  private double energy(EventBatch batch, int index, double energy) {
    if (!(energy > 0) || Double.isInfinite(energy)) {
      throw new EventDataException(
          batch.origin(),
          index,
          options.energyColumn() + " is " + energy + " MeV, expected a finite energy above 0");
    }
    return energy;
  }

  private double allowed(EventBatch batch, int index, double energy) {
    ShowerModel.EnergyRange range = model.trainedFor();
    return switch (options.outOfRange()) {
      case FLAG -> energy;
      case CLAMP -> Math.min(range.maximum(), Math.max(range.minimum(), energy));
      case ERROR ->
          throw new EventDataException(
              batch.origin(),
              index,
              options.energyColumn()
                  + " is "
                  + energy
                  + " MeV, the model was trained from "
                  + range.minimum()
                  + " to "
                  + range.maximum()
                  + " MeV; other policies are clamp and flag");
    };
  }

  private double[] sample(
      double[] energies, long[] entries, int[] particles, StageCounter counter) {
    int voxels = model.geometry().voxels();
    double[] all = new double[Math.multiplyExact(energies.length, voxels)];
    for (int from = 0; from < energies.length; from += model.showersPerCall()) {
      int to = Math.min(energies.length, from + model.showersPerCall());
      double[] some =
          model.sample(
              Arrays.copyOfRange(energies, from, to),
              random,
              Arrays.copyOfRange(entries, from, to),
              Arrays.copyOfRange(particles, from, to),
              counter);
      System.arraycopy(some, 0, all, from * voxels, some.length);
    }
    return all;
  }

  private List<Column> columns(double[] voxels, boolean[] outside) {
    int[] layers = model.geometry().offsets();
    int count = layers.length - 1;
    int size = model.geometry().voxels();
    int showers = outside.length;
    float[] layerEnergies = new float[showers * count];
    for (int shower = 0; shower < showers; shower++) {
      for (int layer = 0; layer < count; layer++) {
        double sum = 0;
        for (int v = layers[layer]; v < layers[layer + 1]; v++) {
          sum += voxels[shower * size + v];
        }
        layerEnergies[shower * count + layer] = (float) sum;
      }
    }
    List<Column> columns = new ArrayList<>();
    columns.add(ArrayColumn.of(count, showers, FloatColumn.of(layerEnergies)));
    float[] energies = new float[voxels.length];
    for (int i = 0; i < energies.length; i++) {
      energies[i] = (float) voxels[i];
    }
    if (options.dense()) {
      columns.add(ArrayColumn.of(size, showers, FloatColumn.of(energies)));
    } else {
      int[] offsets = new int[showers + 1];
      int[] indices = new int[energies.length];
      int kept = 0;
      for (int shower = 0; shower < showers; shower++) {
        for (int v = 0; v < size; v++) {
          float energy = energies[shower * size + v];
          if (energy != 0) {
            indices[kept] = v;
            energies[kept++] = energy; // kept is never ahead of the position that is read
          }
        }
        offsets[shower + 1] = kept;
      }
      columns.add(ListColumn.of(offsets, IntColumn.of(Arrays.copyOf(indices, kept))));
      columns.add(ListColumn.of(offsets, FloatColumn.of(Arrays.copyOf(energies, kept))));
    }
    if (options.outOfRange() == OutOfRange.FLAG) {
      columns.add(BooleanColumn.of(outside));
    }
    return columns;
  }

  @Override
  public String toString() {
    return "shower simulator " + model;
  }
}
