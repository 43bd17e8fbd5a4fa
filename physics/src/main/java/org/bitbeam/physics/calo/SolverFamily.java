package org.bitbeam.physics.calo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Solvers of few evaluations as functions of free parameters: {@link Bespoke} and {@link
 * NonStationary}. Times follow from logarithms of their distances, rates of times and scales are
 * exponentials, so that all parameters make a solver; those of {@link #plain} make the plain method
 * of equal steps.
 *
 * @param kind which
 * @param evaluations n, of the velocity
 */
record SolverFamily(Kind kind, int evaluations) {
  private static final int MOST = 64;

  enum Kind {
    BESPOKE_EULER("bespoke-euler"),
    BESPOKE_MIDPOINT("bespoke-midpoint"),
    NON_STATIONARY("non-stationary");

    private final String method;

    Kind(String method) {
      this.method = method;
    }
  }

  SolverFamily {
    if (evaluations < 1
        || evaluations > MOST
        || (kind == Kind.BESPOKE_MIDPOINT && evaluations % 2 != 0)) {
      throw new IllegalArgumentException(
          kind.method
              + " with "
              + evaluations
              + " evaluations, expected 1 to "
              + MOST
              + (kind == Kind.BESPOKE_MIDPOINT ? ", an even number" : ""));
    }
  }

  /** The family of a method as {@link OdeSolver#ofJson} names it. */
  static SolverFamily of(String method, int evaluations) {
    for (Kind kind : Kind.values()) {
      if (kind.method.equals(method)) {
        return new SolverFamily(kind, evaluations);
      }
    }
    throw new IllegalArgumentException(
        "no solver \""
            + method
            + "\" to learn; there are: bespoke-euler, bespoke-midpoint, non-stationary");
  }

  /** Parameters of Euler's method or the midpoint rule with equal steps. */
  double[] plain() {
    int n = evaluations;
    if (kind != Kind.NON_STATIONARY) {
      return new double[4 * n - 1]; // as published: 4 n - 1 for Euler, 8 for each midpoint step
    }
    double[] plain = new double[n - 1 + n + n * (n + 1) / 2];
    for (int i = n - 1; i < plain.length; i++) {
      plain[i] = i < 2 * n - 1 ? 1 : 1. / n;
    }
    return plain;
  }

  /** The solver as it stands in a bundle. */
  ObjectNode json(double[] parameters) {
    int n = evaluations;
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("method", kind.method);
    double[] sums = new double[n + 1];
    for (int k = 0; k < n; k++) {
      sums[k + 1] = sums[k] + (k == 0 ? 1 : Math.exp(parameters[k - 1]));
    }
    ArrayNode times = json.putArray("times");
    for (int k = 0; k < (kind == Kind.NON_STATIONARY ? n : n + 1); k++) {
      times.add(sums[k] / sums[n]);
    }
    int at = n - 1;
    if (kind == Kind.NON_STATIONARY) {
      ArrayNode start = json.putArray("start");
      for (int i = 0; i < n; i++) {
        start.add(parameters[at++]);
      }
      ArrayNode velocities = json.putArray("velocities");
      for (int i = 0; i < n; i++) {
        ArrayNode row = velocities.addArray();
        for (int j = 0; j <= i; j++) {
          row.add(parameters[at++]);
        }
      }
      return json;
    }
    ArrayNode timeRates = json.putArray("timeRates");
    ArrayNode scales = json.putArray("scales").add(1.0);
    ArrayNode scaleRates = json.putArray("scaleRates");
    for (int k = 0; k < n; k++) {
      timeRates.add(Math.exp(parameters[at + k]));
      scales.add(Math.exp(parameters[at + n + k]));
      scaleRates.add(parameters[at + 2 * n + k]);
    }
    return json;
  }
}
