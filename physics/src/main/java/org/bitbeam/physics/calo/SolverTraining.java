package org.bitbeam.physics.calo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;

/**
 * Learns the steps of solvers of few evaluations for the two velocities of a {@link CaloDream}:
 * bespoke solvers (Shaul et al., arXiv 2310.19075) and non-stationary ones (arXiv 2403.01329).
 *
 * <p>Minimised is the mean squared distance to fine solutions from the same noise at t = 1, in
 * units of the numbers' standard deviations, where the publications bound it by errors of single
 * steps or take its logarithm. As a solver has some ten parameters and the velocities need no
 * derivative that way, it is done by {@link LeastSquares}, so that ternary networks can be solved
 * for, too. Layer energies are solved for under the fine solutions of those before. Of the
 * iterations that one counts which is best for showers that were held out; the plain method if none
 * is better. For one thread.
 */
public final class SolverTraining {
  private final Problem[] energies; // to learn from, and held out
  private final Problem[] shapes;

  /**
   * What was learnt.
   *
   * @param solver as it stands in a bundle
   * @param before root mean square distance to fine solutions that were held out, of the plain
   *     method of as many equal steps
   * @param after the same of the learnt one, not larger: they choose the iteration
   * @param iterations of the fit
   */
  public record Learned(JsonNode solver, double before, double after, int iterations) {
    public Learned {
      solver = solver.deepCopy();
    }

    @Override
    public JsonNode solver() {
      return solver.deepCopy();
    }
  }

  /**
   * An equation for some rows, and where it leads.
   *
   * @param starts states at t = 0, row by row
   * @param ends the same at t = 1
   */
  record Problem(OdeSolver.Velocity velocity, int rows, double[] starts, double[] ends) {
    static Problem of(OdeSolver.Velocity velocity, int rows, double[] starts, OdeSolver fine) {
      double[] ends = starts.clone();
      fine.solve(velocity, ends, rows);
      return new Problem(velocity, rows, starts, ends);
    }

    /** Distances to the ends. */
    double[] distances(OdeSolver solver) {
      double[] states = starts.clone();
      solver.solve(velocity, states, rows);
      for (int i = 0; i < states.length; i++) {
        states[i] -= ends[i];
      }
      return states;
    }

    double rootMeanSquare(OdeSolver solver) {
      return Math.sqrt(Arrays.stream(distances(solver)).map(d -> d * d).average().orElse(0));
    }
  }

  /**
   * Solves for some showers with a fine solver: one half to learn from, the other one held out.
   *
   * @param fine a solver as {@link OdeSolver#ofJson} reads it
   * @param energies incident energies in MeV, an even number of at least 4, half of them {@link
   *     CaloDream#showersPerCall} at most
   * @param random noise; that of shower i is as {@link CaloDream#sample} takes it
   * @throws IllegalArgumentException when there are too few or too many showers, or a solution is
   *     not finite
   */
  public SolverTraining(CaloDream model, JsonNode fine, double[] energies, CounterRandom random) {
    int half = energies.length / 2;
    if (half < 2 || energies.length % 2 != 0 || half > model.showersPerCall()) {
      throw new IllegalArgumentException(
          "solvers cannot be learnt from "
              + half
              + " showers, expected 2 to "
              + model.showersPerCall()
              + " (as many are held out)");
    }
    OdeSolver solver = OdeSolver.ofJson("fine solver", fine);
    this.energies = new Problem[2];
    this.shapes = new Problem[2];
    for (int part = 0; part < 2; part++) {
      double[] some = Arrays.copyOfRange(energies, part * half, (part + 1) * half);
      solve(model, solver, some, random, part);
    }
  }

  private void solve(
      CaloDream model, OdeSolver fine, double[] incident, CounterRandom random, int part) {
    int rows = incident.length;
    int layers = model.geometry().layers().size();
    int voxels = model.geometry().voxels();
    double[] energyNoise = new double[rows * layers];
    double[] shapeNoise = new double[rows * voxels];
    model.noise(random, part * rows, energyNoise, shapeNoise);
    energies[part] = model.energyProblem(incident, energyNoise, fine);
    double[][] logits = new double[rows][];
    for (int row = 0; row < rows; row++) {
      double[] sampled = new double[layers];
      for (int layer = 0; layer < layers; layer++) {
        sampled[layer] = energies[part].ends()[layer * rows + row];
      }
      logits[row] = model.scaling().restore(sampled, 0);
    }
    shapes[part] = Problem.of(model.shapeVelocity(incident, logits), rows, shapeNoise, fine);
    for (Problem problem : new Problem[] {energies[part], shapes[part]}) {
      if (!Arrays.stream(problem.ends()).allMatch(Double::isFinite)) {
        throw new IllegalArgumentException("the fine solutions of " + model + " are not finite");
      }
    }
  }

  /**
   * A solver for the layer energies.
   *
   * @param method {@code bespoke-euler}, {@code bespoke-midpoint} or {@code non-stationary}
   * @param evaluations of the velocity, 1 to 64, even for midpoint
   * @param iterations of the fit at most
   * @throws IllegalArgumentException when there is no such solver
   */
  public Learned energies(String method, int evaluations, int iterations) {
    return learn(SolverFamily.of(method, evaluations), energies[0], energies[1], iterations);
  }

  /** The same for the voxels. */
  public Learned shapes(String method, int evaluations, int iterations) {
    return learn(SolverFamily.of(method, evaluations), shapes[0], shapes[1], iterations);
  }

  static Learned learn(SolverFamily family, Problem known, Problem held, int iterations) {
    LeastSquares.Fit fit =
        LeastSquares.minimise(
            parameters -> distances(family, known, parameters), family.plain(), iterations);
    double plain = held.rootMeanSquare(solver(family.json(family.plain())));
    double least = plain;
    JsonNode best = family.json(family.plain());
    for (double[] parameters : fit.path()) {
      JsonNode learned = family.json(parameters);
      double distance = held.rootMeanSquare(solver(learned));
      if (distance < least) {
        least = distance;
        best = learned;
      }
    }
    return new Learned(best, plain, least, fit.iterations());
  }

  private static double[] distances(SolverFamily family, Problem problem, double[] parameters) {
    try {
      return problem.distances(solver(family.json(parameters)));
    } catch (IllegalArgumentException e) { // an exponential was not finite
      double[] none = new double[problem.starts().length];
      Arrays.fill(none, Double.NaN);
      return none;
    }
  }

  private static OdeSolver solver(JsonNode json) {
    return OdeSolver.ofJson("learnt solver", json);
  }
}
