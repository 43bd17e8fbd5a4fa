package org.bitbeam.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bitbeam.physics.calo.CounterRandom;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.NetworkQuantiser.Rule;

/**
 * Layers whose weights are independent normal variables (variational Bayes; specs/models.md 1.5):
 * the parameter {@code NAME.weight} holds their means, {@code NAME.logVariance} the logarithms of
 * their variances. The prior is normal around 0.
 *
 * @param which layers; those that are not float in this plan
 * @param priorPrecision 1 / variance of the prior
 */
record Bayesian(Plan which, double priorPrecision) {
  static final Bayesian NONE = new Bayesian(new Plan(List.of(), LayerPrecision.FLOAT), 1);
  static final String LOG_VARIANCE = ".logVariance";

  // As published for CaloINN: hardly any noise at first.
  private static final double FIRST_LOG_VARIANCE = -15;
  private static final double SPREAD = 1e-3;

  Bayesian {
    if (!(priorPrecision > 0) || Double.isInfinite(priorPrecision)) {
      throw new IllegalArgumentException(
          "precision of the prior " + priorPrecision + ": expected more than 0");
    }
  }

  /** Layers by their names, {@code *} stands for anything. */
  static Bayesian of(List<String> layers, double priorPrecision) {
    return new Bayesian(
        new Plan(
            layers.stream().map(name -> new Rule(name, LayerPrecision.TERNARY)).toList(),
            LayerPrecision.FLOAT),
        priorPrecision);
  }

  boolean has(String layer) {
    return which.of(layer) != LayerPrecision.FLOAT;
  }

  /** Logarithms of variances to begin with. */
  static float[] initial(CounterRandom random, int stream, int size) {
    double[] normals = new double[size];
    random.normals(0, stream, normals, 0, size);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (FIRST_LOG_VARIANCE + SPREAD * normals[i]);
    }
    return values;
  }

  private List<String> layers(Parameters parameters) {
    List<String> names = new ArrayList<>();
    for (Parameter parameter : parameters.trained()) {
      if (parameter.name().endsWith(LOG_VARIANCE)) {
        names.add(parameter.name().substring(0, parameter.name().length() - LOG_VARIANCE.length()));
      }
    }
    return names;
  }

  /**
   * Kullback-Leibler divergence of the weights from the prior: the sum of {@code (p (m^2 + s^2) -
   * ln s^2 - 1 - ln p) / 2}.
   */
  double divergence(Parameters parameters) {
    double sum = 0;
    for (String layer : layers(parameters)) {
      float[] means = parameters.get(layer + ".weight").values();
      float[] logVariances = parameters.get(layer + LOG_VARIANCE).values();
      for (int i = 0; i < means.length; i++) {
        double square = (double) means[i] * means[i] + Math.exp(logVariances[i]);
        sum += priorPrecision * square - logVariances[i] - 1 - Math.log(priorPrecision);
      }
    }
    return sum / 2;
  }

  /**
   * Adds the divergence's gradients.
   *
   * @param share of the divergence in the loss
   */
  void addGradients(Parameters parameters, Map<String, float[]> gradients, double share) {
    for (String layer : layers(parameters)) {
      float[] means = parameters.get(layer + ".weight").values();
      float[] logVariances = parameters.get(layer + LOG_VARIANCE).values();
      float[] ofMeans = Objects.requireNonNull(gradients.get(layer + ".weight"));
      float[] ofLogVariances = Objects.requireNonNull(gradients.get(layer + LOG_VARIANCE));
      for (int i = 0; i < means.length; i++) {
        ofMeans[i] += (float) (share * priorPrecision * means[i]);
        ofLogVariances[i] += (float) (share / 2 * (priorPrecision * Math.exp(logVariances[i]) - 1));
      }
    }
  }
}
