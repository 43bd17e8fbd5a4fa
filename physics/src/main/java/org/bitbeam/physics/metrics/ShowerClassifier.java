package org.bitbeam.physics.metrics;

import java.io.IOException;
import java.util.List;

/**
 * A classifier that is trained to tell showers from reference showers; the room training has one.
 */
public interface ShowerClassifier {
  /**
   * What it reached on showers it was not trained with.
   *
   * @param seed of its parameters, and of what it was trained with
   * @param accuracy fraction of right answers; 0.5 for equal samples
   * @param auc area under the ROC curve; about 0.5 for equal samples, 1 for samples told apart
   * @param divergence Jensen-Shannon divergence over its largest value: (ln 2 - cross-entropy) / ln
   *     2; about 0 for equal samples, 1 for samples told apart
   * @param showers it was tested with
   */
  record Run(long seed, double accuracy, double auc, double divergence, int showers) {}

  /**
   * Trains and tests.
   *
   * @param reference rows of features
   * @param other rows of as many features
   * @throws IllegalArgumentException when there are too few rows
   */
  Run run(List<float[]> reference, List<float[]> other, int epochs, long seed) throws IOException;
}
