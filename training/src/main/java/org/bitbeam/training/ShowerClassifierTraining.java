package org.bitbeam.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bitbeam.physics.calo.CounterRandom;
import org.bitbeam.physics.metrics.IsotonicCalibration;
import org.bitbeam.physics.metrics.ShowerClassifier;
import org.bitbeam.physics.metrics.TaggingMetrics;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.NetworkQuantiser.Plan;

/**
 * The classifier test of the CaloChallenge (arXiv 2410.21611; specs/models.md section 6): a small
 * network learns to tell two samples apart, and what it reaches on showers it never saw says how
 * different they are. 60 % of the showers train, 20 % choose the epoch (by AUC; the challenge's
 * script: by accuracy) and calibrate, 20 % test. Batches of 1,000, Adam with 2e-4 as there; ReLU in
 * place of LeakyReLU(0.01). The same seed and number of threads give the same numbers.
 */
public final class ShowerClassifierTraining implements ShowerClassifier {
  private static final int BATCH = 1000;
  private static final double LEARNING_RATE = 2e-4;
  private static final double TRAINING_SHARE = 0.6;
  private static final double VALIDATION_SHARE = 0.2;
  private static final int LEAST_SHOWERS = 50;

  private final int width;
  private final int hidden;

  /** Hidden layers 3 x 512, as the challenge's. */
  public ShowerClassifierTraining() {
    this(512, 3);
  }

  ShowerClassifierTraining(int width, int hidden) {
    this.width = width;
    this.hidden = hidden;
  }

  /** Silent. */
  private static final class Quiet implements TrainingLoop.Listener {
    @Override
    public void step(long done, long total) {}

    @Override
    public void log(JsonNode line) {}

    @Override
    public void save(TrainingState state) {}
  }

  @Override
  public Run run(List<float[]> reference, List<float[]> other, int epochs, long seed)
      throws IOException {
    // Equal parts: else the entropy of the labels is not ln 2, and the divergence no divergence.
    int count = Math.min(reference.size(), other.size());
    if (count < LEAST_SHOWERS) {
      throw new IllegalArgumentException(
          "the classifier test needs at least "
              + LEAST_SHOWERS
              + " showers of each sample; there are "
              + reference.size()
              + " of the reference and "
              + other.size());
    }
    int training = (int) (TRAINING_SHARE * count);
    int validation = training + (int) (VALIDATION_SHARE * count);
    int[] a = shuffled(reference.size(), seed, 0);
    int[] b = shuffled(other.size(), seed, 1);
    FeatureStream train = part(reference, a, other, b, 0, training, seed);
    FeatureStream choose = part(reference, a, other, b, training, validation, seed);
    FeatureStream test = part(reference, a, other, b, validation, count, seed);
    TrainingOptions options =
        new TrainingOptions(epochs, BATCH, LEARNING_RATE, "constant", 0, 0, 0, 0, 0, seed);
    MultilayerPerceptron network = new MultilayerPerceptron(reference.get(0).length, width, hidden);
    TrainingLoop loop =
        new TrainingLoop(
            network,
            new ClassObjective(),
            new Plan(List.of(), LayerPrecision.FLOAT),
            options,
            train,
            choose,
            Optional.empty(),
            new Quiet());
    TrainingState state =
        new TrainingState(
            JsonNodeFactory.instance.objectNode(), Parameters.initial(network, seed), 0);
    loop.run(state, () -> false);
    IsotonicCalibration calibration =
        IsotonicCalibration.fit(probabilities(loop, state.best, choose), choose.signal());
    return result(seed, calibration.of(probabilities(loop, state.best, test)), test.signal());
  }

  private static Run result(long seed, double[] p, boolean[] isOther) {
    double crossEntropy = 0;
    int right = 0;
    double[] logits = new double[p.length];
    for (int i = 0; i < p.length; i++) {
      crossEntropy -= Math.log(isOther[i] ? p[i] : 1 - p[i]) / p.length;
      right += p[i] > 0.5 == isOther[i] ? 1 : 0;
      logits[i] = Math.log(p[i] / (1 - p[i]));
    }
    double auc = TaggingMetrics.of(logits, isOther).summary().auc();
    double divergence = (Math.log(2) - crossEntropy) / Math.log(2);
    return new Run(seed, (double) right / p.length, auc, divergence, p.length);
  }

  private static double[] probabilities(
      TrainingLoop loop, Parameters parameters, FeatureStream stream) throws IOException {
    double[] p = new double[stream.rows()];
    stream.inOrder(
        BATCH,
        (step, batch) -> {
          float[] logits = loop.outputs(parameters, batch);
          for (int i = 0; i < batch.jets(); i++) {
            double logit = (double) logits[2 * i + 1] - logits[2 * i];
            p[step * BATCH + i] = 1 / (1 + Math.exp(-logit));
          }
          return true;
        });
    return p;
  }

  private static int[] shuffled(int count, long seed, int sample) {
    CounterRandom random = new CounterRandom(seed ^ 0x5eed);
    double[] keys = new double[count];
    Arrays.setAll(keys, row -> random.uniform(row, sample));
    return IntStream.range(0, count)
        .boxed()
        .sorted(Comparator.comparingDouble(row -> keys[row]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static FeatureStream part(
      List<float[]> reference, int[] a, List<float[]> other, int[] b, int from, int to, long seed) {
    List<float[]> rows = new ArrayList<>();
    boolean[] isOther = new boolean[2 * (to - from)];
    for (int i = from; i < to; i++) {
      rows.add(reference.get(a[i]));
      isOther[rows.size()] = true;
      rows.add(other.get(b[i]));
    }
    return new FeatureStream(rows, isOther, seed);
  }
}
