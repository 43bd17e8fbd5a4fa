package org.bitbeam.training;

import java.io.IOException;
import org.bitbeam.runtime.ModelBundle;

/**
 * What a backend makes of a finished bundle on the validation sample of its training.
 *
 * @param metric what the training chose its best epoch by, as {@link TrainingJob.Result} has it
 * @param training its value as the training found it, by PyTorch
 * @param backend what ran the bundle's networks
 * @param found the value by it
 * @param error statistical error of either, one standard deviation: what other samples of as many
 *     events would give
 * @param events jets or showers
 */
public record TrainingCheck(
    String metric, double training, String backend, double found, double error, int events) {

  /** Whether both are the same within the statistical error. */
  public boolean agrees() {
    return Math.abs(found - training) <= error;
  }

  static TrainingCheck of(
      Objective objective,
      ModelBundle bundle,
      String backend,
      BatchStream sample,
      Validated.Rows network)
      throws IOException {
    Validated found = Validated.of(sample, network);
    return new TrainingCheck(
        objective.metric(),
        bundle.manifest().path("metrics").path(objective.metric()).asDouble(Double.NaN),
        backend,
        objective.score(found.outputs(), found.truth()),
        objective.error(found.outputs(), found.truth()),
        sample.rows());
  }
}
