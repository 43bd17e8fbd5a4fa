package org.bitbeam.physics.calo;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Solves dy/dt = v(t, y) from t = 0 to t = 1 for many rows at a time, in double precision. What
 * becomes of a row depends on that row alone. Immutable.
 */
public sealed interface OdeSolver permits RungeKutta, DormandPrince, Bespoke, NonStationary {

  /** The right-hand side of an equation. */
  @FunctionalInterface
  interface Velocity {
    /**
     * The velocities of some rows.
     *
     * @param rows which rows are meant, ascending
     * @param times time of each of them
     * @param states their states, row by row
     * @param target takes their velocities, row by row
     */
    void at(int[] rows, double[] times, double[] states, double[] target);
  }

  /**
   * Moves states from t = 0 to t = 1.
   *
   * @param velocity the equation; called for all rows that are not finished at once
   * @param states the rows, one behind the other; replaced by the result
   * @param rows number of rows
   * @return how many times the velocity of each row was asked for
   */
  int[] solve(Velocity velocity, double[] states, int rows);

  /**
   * Reads a solver.
   *
   * <ul>
   *   <li>{@code {"method": "rk4-3/8", "step": 0.05}}: fixed steps, the last one shorter if need
   *       be; {@code euler}, {@code midpoint}, {@code rk4}, {@code rk4-3/8}
   *   <li>{@code {"method": "dormand-prince", "rtol": 1e-5, "atol": 1e-5}}
   *   <li>{@code {"method": "bespoke-euler", "times": [...], "timeRates": [...], "scales": [...],
   *       "scaleRates": [...]}}, {@code bespoke-midpoint} likewise: see {@link Bespoke}
   *   <li>{@code {"method": "non-stationary", "times": [...], "start": [...], "velocities": [[...],
   *       ...]}}: see {@link NonStationary}
   * </ul>
   *
   * @param label where it stands, for messages
   * @throws IllegalArgumentException when it describes no solver; says where and why
   */
  static OdeSolver ofJson(String label, JsonNode json) {
    String method = json.path("method").asText();
    try {
      return switch (method) {
        case "euler" -> RungeKutta.euler(step(json));
        case "midpoint" -> RungeKutta.midpoint(step(json));
        case "rk4" -> RungeKutta.classical(step(json));
        case "rk4-3/8" -> RungeKutta.threeEighths(step(json));
        case "dormand-prince" ->
            new DormandPrince(
                json.path("rtol").asDouble(Double.NaN), json.path("atol").asDouble(Double.NaN));
        case "bespoke-euler", "bespoke-midpoint" ->
            new Bespoke(
                method.endsWith("midpoint"),
                numbers(json, "times"),
                numbers(json, "timeRates"),
                numbers(json, "scales"),
                numbers(json, "scaleRates"));
        case "non-stationary" -> nonStationary(json);
        default ->
            throw new IllegalArgumentException(
                "no solver \""
                    + method
                    + "\"; there are: euler, midpoint, rk4, rk4-3/8, dormand-prince,"
                    + " bespoke-euler, bespoke-midpoint, non-stationary");
      };
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(label + ": " + e.getMessage(), e);
    }
  }

  private static double step(JsonNode json) {
    return json.path("step").asDouble(Double.NaN);
  }

  private static OdeSolver nonStationary(JsonNode json) {
    double[][] weights = new double[json.path("velocities").size()][];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = numbers(json.get("velocities").get(i), "velocities[" + i + "]");
    }
    return new NonStationary(numbers(json, "times"), numbers(json, "start"), weights);
  }

  private static double[] numbers(JsonNode json, String name) {
    JsonNode list = json.isArray() ? json : json.path(name);
    double[] numbers = new double[list.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = list.get(i).asDouble(Double.NaN);
      if (!Double.isFinite(numbers[i])) {
        throw new IllegalArgumentException(
            name + " has " + list.get(i) + " at " + i + ", expected a number");
      }
    }
    return numbers;
  }
}
