package org.bitbeam.beam.rows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.bitbeam.runtime.ModelBundle;

/** Model bundles that configurations name. */
final class Bundles {
  private Bundles() {}

  /** Opens one where the pipeline is made; from there it travels to the workers. */
  static ModelBundle open(String transform, String model) {
    if (model == null || model.isEmpty()) {
      throw new IllegalArgumentException(transform + " needs model: the path of a bundle");
    }
    try {
      return ModelBundle.open(Path.of(model));
    } catch (IOException e) {
      throw new UncheckedIOException(transform + ": " + model + ": " + e.getMessage(), e);
    }
  }
}
