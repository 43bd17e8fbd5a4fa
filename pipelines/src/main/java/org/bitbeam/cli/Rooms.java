package org.bitbeam.cli;

import java.util.Map;
import java.util.Optional;
import org.bitbeam.beam.BackendSource;
import org.bitbeam.physics.metrics.ShowerClassifier;
import org.bitbeam.runtime.Backends;

/**
 * What modules above the command line bring along.
 *
 * @param commands further commands, by name
 * @param classifier for {@code evaluate calo --classifier}
 * @param backends what networks run on
 */
public record Rooms(
    Map<String, ?> commands, Optional<ShowerClassifier> classifier, BackendSource backends) {
  /** Nothing. */
  public static final Rooms NONE = new Rooms(Map.of(), Optional.empty(), Backends::standard);

  /** The same with other backends. */
  public Rooms withBackends(BackendSource other) {
    return new Rooms(commands, classifier, other);
  }
}
