package org.bitbeam.beam.rows;

import java.util.Locale;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldDescription;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldName;
import org.bitbeam.physics.tagging.TrainedRange;
import org.jspecify.annotations.Nullable;

/** What the transforms for jets take; the options of {@code bitbeam tag} and {@code eft}. */
@DefaultSchema(JavaFieldSchema.class)
public final class JetConfiguration {
  /** Path of the model bundle. */
  @SchemaFieldDescription("Model bundle: a folder or zip where the pipeline is made")
  public String model = "";

  /** What runs the network; absent: {@code ort}. */
  @SchemaFieldDescription("What runs the network: ort (default), bit or reference")
  public @Nullable String backend;

  /** Where jets and constituents are; absent: {@code auto}. */
  @SchemaFieldDescription(
      "Where jets and constituents are: auto (default), jets, pfnano, delphes, or a JSON"
          + " description")
  public @Nullable String layout;

  /** Prefix of the jets; absent: the layout's own. */
  @SchemaFieldDescription("Use other jets than the layout's own, such as FatJet")
  public @Nullable String jets;

  /** Least pT, GeV; absent: 0. */
  @SchemaFieldDescription("Jets below this pT in GeV are left out; default 0")
  @SchemaFieldName("min_pt")
  public @Nullable Double minPt;

  /** {@code flag} or {@code error}; absent: {@code flag}. */
  @SchemaFieldDescription("For jets the model was not trained for: flag (default) or error")
  @SchemaFieldName("out_of_range")
  public @Nullable String outOfRange;

  String backend() {
    return backend == null ? "ort" : backend;
  }

  String layout() {
    return layout == null ? "auto" : layout;
  }

  String jets() {
    return jets == null ? "" : jets;
  }

  double minPt() {
    double least = minPt == null ? 0 : minPt;
    if (!(least >= 0)) {
      throw new IllegalArgumentException("min_pt " + least + ": expected 0 or more, in GeV");
    }
    return least;
  }

  TrainedRange.Policy outOfRange() {
    return switch (outOfRange == null ? "flag" : outOfRange.toLowerCase(Locale.ROOT)) {
      case "flag" -> TrainedRange.Policy.FLAG;
      case "error" -> TrainedRange.Policy.ERROR;
      default ->
          throw new IllegalArgumentException(
              "out_of_range " + outOfRange + ": there are: flag, error");
    };
  }
}
