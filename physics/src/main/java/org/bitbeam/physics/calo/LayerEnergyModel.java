package org.bitbeam.physics.calo;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.bitbeam.runtime.Network;

/**
 * CaloDREAM's energy network (specs/models.md 5.2): u_0 to u_(L-1), one after the other. A
 * transformer makes an embedding of those before u_i, under which the velocity network moves a
 * normal number to u_i. Safe to use from several threads.
 */
final class LayerEnergyModel {
  private final TokenEmbedding embedding;
  private final VelocityNetwork velocity;
  private final OdeSolver solver;
  private final int layers;

  LayerEnergyModel(Network embedding, Network velocity, OdeSolver solver, int layers) {
    this.embedding = new TokenEmbedding(embedding, layers);
    this.velocity = new VelocityNetwork(velocity, 1, this.embedding.width());
    this.solver = solver;
    this.layers = layers;
    if (this.embedding.width() < layers + 2) {
      throw new IllegalArgumentException(
          embedding
              + " has tokens of "
              + this.embedding.width()
              + " numbers, expected "
              + (layers + 2)
              + " at least: u and the position among "
              + (layers + 1));
    }
  }

  /**
   * Standardised u_0 to u_(L-1) for rows of given conditions.
   *
   * @param conditions one a row
   * @param values a normal number for each u, row by row; replaced by the result
   * @return velocities evaluated for each row
   */
  int[] sample(float[] conditions, double[] values) {
    return sample(
        conditions,
        values,
        (embeddings, u) -> solver.solve(velocity.under(embeddings, u.length), u, u.length));
  }

  /** Moves the numbers of one layer from noise, under the embeddings of what is before. */
  private interface Mover {
    int[] move(float[] embeddings, double[] u);
  }

  /**
   * The equations of all u, layer by layer, under the fine solutions of those before.
   *
   * @param values as {@link #sample}, two rows at least
   */
  SolverTraining.Problem problem(float[] conditions, double[] values, OdeSolver fine) {
    int rows = conditions.length;
    int width = embedding.width();
    float[] under = new float[rows * layers * width];
    double[] starts = new double[rows * layers];
    double[] ends = new double[rows * layers];
    int[] layer = {0};
    sample(
        conditions,
        values.clone(),
        (embeddings, u) -> {
          int at = layer[0]++ * rows;
          System.arraycopy(embeddings, 0, under, at * width, rows * width);
          System.arraycopy(u, 0, starts, at, rows);
          int[] evaluations = fine.solve(velocity.under(embeddings, rows), u, rows);
          System.arraycopy(u, 0, ends, at, rows);
          return evaluations;
        });
    return new SolverTraining.Problem(
        velocity.under(under, starts.length), starts.length, starts, ends);
  }

  /**
   * Squared errors of the velocities between noise and true u, each under the embedding of the true
   * ones before it.
   *
   * @param conditions one a row
   * @param values the true u; as noise, times and velocities L a row
   * @return their mean for each row
   */
  double[] errors(
      float[] conditions, double[] values, double[] noise, double[] times, double[] expected) {
    int rows = conditions.length;
    int[] sent = VelocityNetwork.sent(RungeKutta.all(rows));
    List<float[]> tokens = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      int before = layer - 1;
      tokens.add(tokens(sent, layer, row -> values[row * layers + before]));
    }
    List<float[]> embeddings = sequences(conditions, sent).appendAll(tokens);
    double[] errors = new double[rows];
    for (int layer = 0; layer < layers; layer++) {
      double[] t = new double[rows];
      double[] x = new double[rows];
      double[] v = new double[rows];
      for (int row = 0; row < rows; row++) {
        int at = row * layers + layer;
        t[row] = times[at];
        x[row] = noise[at] + times[at] * (values[at] - noise[at]);
      }
      velocity.under(embeddings.get(layer), rows).at(RungeKutta.all(rows), t, x, v);
      for (int row = 0; row < rows; row++) {
        double off = v[row] - expected[row * layers + layer];
        errors[row] += off * off / layers;
      }
    }
    return errors;
  }

  /** Embeddings are made of the rows that are sent: a single one goes twice. */
  private TokenEmbedding.Sequences sequences(float[] conditions, int[] sent) {
    int width = embedding.width();
    float[] source = new float[sent.length * width];
    for (int i = 0; i < sent.length; i++) {
      source[i * width] = conditions[sent[i]];
      source[i * width + 1] = 1;
    }
    return embedding.new Sequences(source, sent.length);
  }

  /**
   * Tokens of a layer for the rows that are sent.
   *
   * @param before u of the layer before, by row
   */
  private float[] tokens(int[] sent, int layer, IntToDoubleFunction before) {
    int width = embedding.width();
    float[] tokens = new float[sent.length * width];
    for (int i = 0; i < sent.length; i++) {
      tokens[i * width] = layer == 0 ? 0 : (float) before.applyAsDouble(sent[i]);
      tokens[i * width + 1 + layer] = 1;
    }
    return tokens;
  }

  private int[] sample(float[] conditions, double[] values, Mover mover) {
    int rows = conditions.length;
    int[] sent = VelocityNetwork.sent(RungeKutta.all(rows));
    TokenEmbedding.Sequences sequences = sequences(conditions, sent);
    int[] evaluations = new int[rows];
    double[] u = new double[rows];
    for (int layer = 0; layer < layers; layer++) {
      float[] embeddings = sequences.append(tokens(sent, layer, row -> u[row]));
      for (int row = 0; row < rows; row++) {
        u[row] = values[row * layers + layer];
      }
      int[] more = mover.move(embeddings, u);
      for (int row = 0; row < rows; row++) {
        values[row * layers + layer] = u[row];
        evaluations[row] += more[row];
      }
    }
    return evaluations;
  }
}
