package org.bitbeam.beam.rows;

import java.util.List;
import java.util.Locale;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldDescription;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldName;
import org.apache.beam.sdk.schemas.transforms.SchemaTransform;
import org.apache.beam.sdk.schemas.transforms.TypedSchemaTransformProvider;
import org.bitbeam.beam.SimulateShowers;
import org.bitbeam.physics.calo.ShowerOptions;
import org.jspecify.annotations.Nullable;

/**
 * Adds to rows what {@link SimulateShowers} adds to batches: the calorimeter showers of incident
 * particles. A shower is a function of seed, entry and energy, so rows need {@code bitbeam_origin}.
 */
public final class SimulateShowersProvider
    extends TypedSchemaTransformProvider<SimulateShowersProvider.Configuration> {

  /** What is simulated. */
  @DefaultSchema(JavaFieldSchema.class)
  public static final class Configuration {
    /** Path of the model bundle. */
    @SchemaFieldDescription("Model bundle: a folder or zip where the pipeline is made")
    public String model = "";

    /** Field with the energies. */
    @SchemaFieldDescription("Field with incident energies: a number or an array of them")
    public String energies = "";

    /** {@code MeV} or {@code GeV}; absent: {@code MeV}. */
    @SchemaFieldDescription("Unit of the energies: MeV (default) or GeV")
    public @Nullable String unit;

    /** Of the noise; absent: 1. */
    @SchemaFieldDescription("Seed of the noise; default 1")
    public @Nullable Long seed;

    /** {@code error}, {@code clamp} or {@code flag}; absent: {@code error}. */
    @SchemaFieldDescription(
        "For energies the model was not trained for: error (default), clamp or flag")
    @SchemaFieldName("out_of_range")
    public @Nullable String outOfRange;

    /** All voxels, or those with energy; absent: the latter. */
    @SchemaFieldDescription("Whether to give all voxels; default is those with energy")
    public @Nullable Boolean dense;

    /** What runs the networks; absent: {@code ort}. */
    @SchemaFieldDescription("What runs the networks: ort (default), bit or reference")
    public @Nullable String backend;
  }

  @Override
  public String identifier() {
    return "beam:schematransform:org.bitbeam:simulate_showers:v1";
  }

  @Override
  public String description() {
    return "Simulates calorimeter showers for the incident particles of rows.";
  }

  @Override
  public List<String> inputCollectionNames() {
    return List.of(Ports.INPUT);
  }

  @Override
  public List<String> outputCollectionNames() {
    return List.of(Ports.OUTPUT);
  }

  @Override
  protected SchemaTransform from(Configuration configuration) {
    if (configuration.energies == null || configuration.energies.isEmpty()) {
      throw new IllegalArgumentException(
          "simulate_showers needs energies: the field with incident energies");
    }
    ShowerOptions options =
        new ShowerOptions(
            configuration.energies,
            mevPerUnit(configuration.unit),
            configuration.seed == null ? 1 : configuration.seed,
            policy(configuration.outOfRange),
            Boolean.TRUE.equals(configuration.dense));
    SimulateShowers showers =
        SimulateShowers.with(Bundles.open("simulate_showers", configuration.model), options)
            .withBackend(configuration.backend == null ? "ort" : configuration.backend);
    return new StageRows("simulate_showers", showers.stageFactory(), true);
  }

  private static double mevPerUnit(@Nullable String unit) {
    return switch (unit == null ? "MeV" : unit) {
      case "MeV" -> 1;
      case "GeV" -> 1000;
      default -> throw new IllegalArgumentException("unit " + unit + ": there are: MeV, GeV");
    };
  }

  private static ShowerOptions.OutOfRange policy(@Nullable String name) {
    return switch (name == null ? "error" : name.toLowerCase(Locale.ROOT)) {
      case "error" -> ShowerOptions.OutOfRange.ERROR;
      case "clamp" -> ShowerOptions.OutOfRange.CLAMP;
      case "flag" -> ShowerOptions.OutOfRange.FLAG;
      default ->
          throw new IllegalArgumentException(
              "out_of_range " + name + ": there are: error, clamp, flag");
    };
  }
}
