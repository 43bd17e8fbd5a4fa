package org.bitbeam.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Map;
import org.bitbeam.physics.calo.OdeSolver;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.Tensor;

/**
 * What a trained CaloDREAM says of batches for {@link VelocityErrors}: L + V numbers for each row.
 *
 * @param parameters the trained ones
 * @param plan of its layers
 */
record VelocityTeacher(VelocityErrors network, Parameters parameters, Plan plan) {

  /** Its velocities at the batch's states. */
  float[] velocities(JetBatch batch) {
    try (NDManager manager = NDManager.newBaseManager()) {
      VelocityErrors.Velocities<NDArray> v =
          network.velocities(operations(manager), TorchOperations.arrays(manager, batch.inputs()));
      return joined(batch, v.energyVelocity().toFloatArray(), v.shapeVelocity().toFloatArray());
    }
  }

  /**
   * Its mean velocities over a step from the batch's states and times: n times the way that its
   * solution moves within 1 / n.
   *
   * @param steps n
   * @param solver of the step, whose time goes from 0 to 1
   */
  float[] overStep(JetBatch batch, int steps, OdeSolver solver) {
    Tensor embedding;
    float[][] states;
    float[][] times;
    try (NDManager manager = NDManager.newBaseManager()) {
      VelocityErrors.States<NDArray> s =
          network.states(operations(manager), TorchOperations.arrays(manager, batch.inputs()));
      embedding = TorchOperations.tensor(s.embedding());
      states = new float[][] {s.energyState().toFloatArray(), s.shapeState().toFloatArray()};
      times = new float[][] {s.energyTime().toFloatArray(), s.shapeTime().toFloatArray()};
    }
    TrainableNetwork energies = network.energies();
    Map<String, Tensor> under = Map.of(EnergyVelocity.EMBEDDING, embedding);
    float[] energyWays = overStep(energies, under, states[0], times[0], steps, solver);
    TrainableNetwork shape = network.shape();
    under = Map.of(ShapeVelocity.CONDITION, batch.input(VelocityErrors.CONDITION));
    return joined(batch, energyWays, overStep(shape, under, states[1], times[1], steps, solver));
  }

  private float[] overStep(
      TrainableNetwork velocity,
      Map<String, Tensor> under,
      float[] from,
      float[] times,
      int steps,
      OdeSolver solver) {
    int rows = times.length;
    int columns = from.length / rows;
    double[] states = new double[from.length];
    for (int i = 0; i < states.length; i++) {
      states[i] = from[i];
    }
    solver.solve(
        (all, at, y, target) -> {
          float[] x = new float[y.length];
          float[] t = new float[rows];
          for (int i = 0; i < x.length; i++) {
            x[i] = (float) y[i];
          }
          for (int i = 0; i < rows; i++) {
            t[i] = (float) (times[i] + at[i] / steps);
          }
          try (NDManager manager = NDManager.newBaseManager()) {
            Map<String, NDArray> arrays = TorchOperations.arrays(manager, under);
            arrays.putAll(
                TorchOperations.arrays(
                    manager,
                    Map.of(
                        EnergyVelocity.STATE,
                        Tensor.of(x, rows, columns),
                        EnergyVelocity.TIME,
                        Tensor.of(t, rows, 1))));
            float[] v = velocity.apply(operations(manager), arrays).toFloatArray();
            for (int i = 0; i < v.length; i++) {
              target[i] = v[i] / steps;
            }
          }
        },
        states,
        rows);
    float[] ways = new float[from.length];
    for (int i = 0; i < ways.length; i++) {
      ways[i] = (float) ((states[i] - from[i]) * steps);
    }
    return ways;
  }

  private TorchOperations operations(NDManager manager) {
    return new TorchOperations(manager, parameters, plan, false);
  }

  private static float[] joined(JetBatch batch, float[] energies, float[] voxels) {
    int rows = batch.jets();
    float[] joined = new float[energies.length + voxels.length];
    int layers = energies.length / rows;
    int size = voxels.length / rows;
    for (int row = 0; row < rows; row++) {
      System.arraycopy(energies, row * layers, joined, row * (layers + size), layers);
      System.arraycopy(voxels, row * size, joined, row * (layers + size) + layers, size);
    }
    return joined;
  }
}
