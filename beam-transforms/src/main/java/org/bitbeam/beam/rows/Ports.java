package org.bitbeam.beam.rows;

import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;

/** Inputs and outputs of schema transforms under the names that Beam YAML expects. */
final class Ports {
  static final String INPUT = "input";
  static final String OUTPUT = "output";

  private Ports() {}

  /** The only input, whatever its name: Python calls it otherwise than YAML. */
  static PCollection<Row> only(String transform, PCollectionRowTuple tuple) {
    if (tuple.getAll().size() != 1) {
      throw new IllegalArgumentException(
          transform + " has " + tuple.getAll().size() + " inputs, expected one of rows");
    }
    return tuple.getSinglePCollection();
  }

  static PCollectionRowTuple output(PCollection<Row> rows) {
    return PCollectionRowTuple.of(OUTPUT, rows);
  }
}
