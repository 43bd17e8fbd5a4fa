package org.bitbeam.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.ModelReport;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.NetworkExport;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.NetworkQuantiser.Rule;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.WeightQuantiser;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Inputs of quantised layers that are normalised first. */
class SubNormTest {
  private static final float[] NO_BIAS = new float[5];

  @BeforeAll
  static void torch() {
    Torch.assume();
  }

  private static float[] floats(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (2 * random.nextGaussian() + 1);
    }
    return values;
  }

  /** A row as it is normalised, in double precision; the deviation stands behind it. */
  private static double[] normalised(float[] x, int from, int size) {
    double mean = 0;
    for (int k = 0; k < size; k++) {
      mean += x[from + k] / (double) size;
    }
    double variance = 0;
    for (int k = 0; k < size; k++) {
      variance += (x[from + k] - mean) * (x[from + k] - mean) / size;
    }
    double[] z = new double[size + 1];
    z[size] = Math.sqrt(variance + 1e-6);
    for (int k = 0; k < size; k++) {
      z[k] = (x[from + k] - mean) / z[size];
    }
    return z;
  }

  private static double[] quantised(double[] z, int size) {
    double most = 0;
    for (int k = 0; k < size; k++) {
      most = Math.max(most, Math.abs(z[k]));
    }
    double[] q = new double[size];
    for (int k = 0; k < size; k++) {
      q[k] = Math.rint(z[k] * 127 / most) * most / 127;
    }
    return q;
  }

  /**
   * With z = (x - mean) / s, its quantised values q and g = dL/dy W': dL/dW = q dL/dy, dL/dx = (g -
   * mean g - z mean(g z)) / s.
   */
  @ParameterizedTest
  @EnumSource(LayerPrecision.class)
  void outputsAndGradientsAreThoseOfTheFormulas(LayerPrecision precision) {
    int m = 6;
    int k = 9;
    int n = 5;
    Random random = new Random(8);
    float[] x = floats(random, m * k);
    float[] w = floats(random, k * n);
    float[] out = floats(random, m * n);
    Parameters parameters =
        Parameters.of(
            List.of(
                new Parameter("l.weight", new int[] {k, n}, w, true),
                new Parameter("l.scale", new int[] {1}, new float[1], true),
                new Parameter("l.bias", new int[] {n}, NO_BIAS.clone(), true)));
    if (!precision.quantisesRows()) {
      assertFalse(new Plan(List.of(), precision, true).normalises("l", k));
      return;
    }
    float[] effective = WeightQuantiser.quantise(w, n, precision);
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray input = manager.create(x, new Shape(m, k));
      input.setRequiresGradient(true);
      TorchOperations operations =
          new TorchOperations(manager, parameters, new Plan(List.of(), precision, true), true);
      float[] y;
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray output = operations.linear("l", input, k, n);
        y = output.toFloatArray();
        System.gc(); // Memory that only the backward pass needs must survive this.
        collector.backward(output.mul(manager.create(out, new Shape(m, n))).sum());
      }
      float[] dx = input.getGradient().toFloatArray();
      float[] dw = operations.gradient("l.weight");
      double[] expectedDw = new double[k * n];
      for (int i = 0; i < m; i++) {
        double[] z = normalised(x, i * k, k);
        double[] q = quantised(z, k);
        double[] g = new double[k];
        double meanG = 0;
        double meanGz = 0;
        for (int j = 0; j < k; j++) {
          for (int o = 0; o < n; o++) {
            g[j] += (double) out[i * n + o] * effective[j * n + o];
            expectedDw[j * n + o] += q[j] * out[i * n + o];
          }
          meanG += g[j] / k;
          meanGz += g[j] * z[j] / k;
        }
        for (int j = 0; j < k; j++) {
          assertEquals((g[j] - meanG - z[j] * meanGz) / z[k], dx[i * k + j], 2e-5);
        }
        for (int o = 0; o < n; o++) {
          double sum = 0;
          for (int j = 0; j < k; j++) {
            sum += q[j] * effective[j * n + o];
          }
          assertEquals(sum, y[i * n + o], 2e-5);
        }
      }
      for (int i = 0; i < dw.length; i++) {
        assertEquals(expectedDw[i], dw[i], 2e-5);
      }
    }
  }

  /** Two layers of the same input, which is normalised once, and one of a single number. */
  private record Layers(int size) implements TrainableNetwork {
    @Override
    public String name() {
      return "layers";
    }

    @Override
    public String description() {
      return "";
    }

    @Override
    public List<Input> inputs() {
      return List.of(new Input("x", List.of(size)));
    }

    @Override
    public String output() {
      return "y";
    }

    @Override
    public <T> T apply(Operations<T> ops, Map<String, T> inputs) {
      T x = Objects.requireNonNull(inputs.get("x"));
      T first = ops.slice(x, 0, 1);
      return ops.add(
          ops.add(ops.linear("a", x, size, 8), ops.linear("b", x, size, 8)),
          ops.linear("single", first, 1, 8));
    }
  }

  /** Every form and backend gives what training computes, and the layers are recognised. */
  @ParameterizedTest
  @EnumSource(LayerPrecision.class)
  void exportedLayersComputeWhatTrainingComputes(LayerPrecision precision) {
    if (!precision.quantisesRows()) {
      return;
    }
    int rows = 1000;
    int size = 32;
    Layers network = new Layers(size);
    Plan plan = new Plan(List.of(), precision, true);
    Parameters parameters = Parameters.initial(network, Bayesian.NONE, plan, 5);
    byte[] onnx = TrainingTask.onnx(network, parameters, plan);
    assertEquals(3, ModelReport.of("layers", onnx, rows, 1).bitLayers());
    float[] x = floats(new Random(1), rows * size);
    try (NDManager manager = NDManager.newBaseManager()) {
      TorchOperations operations =
          new TorchOperations(manager, parameters, plan, false).counting(rows, 1e-4f, 1e-4f);
      NDArray input = manager.create(x, new Shape(rows, size));
      float[] expected = network.apply(operations, Map.of("x", input)).toFloatArray();
      float[] atBoundaries = operations.atBoundaries();
      int clear = 0;
      for (byte[] form :
          List.of(
              onnx,
              NetworkExport.integerProducts("layers", onnx),
              NetworkExport.unpacked("layers", NetworkExport.packed("layers", onnx)))) {
        for (String backend : List.of("reference", "bit", "ort")) {
          try (Network loaded =
              Backends.standard().get(backend).load("layers", form, BackendOptions.DEFAULT)) {
            float[] y =
                Objects.requireNonNull(loaded.run(Map.of("x", Tensor.of(x, rows, size))).get("y"))
                    .floats();
            for (int i = 0; i < y.length; i++) {
              if (atBoundaries[i / 8] == 0) {
                clear++;
                assertEquals(expected[i], y[i], 1e-5, backend + ", value " + i);
              }
            }
          }
        }
      }
      assertTrue(clear > 0.9 * 9 * rows * 8, clear + " clear");
    }
  }

  /** It is said behind any plan, and refused where it would do nothing. */
  @Test
  void plansSayIt() throws IOException {
    Map<String, String> named = Map.of("bit", "{\"otherwise\":\"ternary\"}", "float", "{}");
    for (String plan : List.of("bit", "{ \"otherwise\": \"ternary\" }\n")) {
      String normalised = TrainingTask.withSubNorm(plan);
      assertTrue(Plan.parse("p", TrainingTask.planJson(named, normalised)).subNorm());
      assertFalse(Plan.parse("p", TrainingTask.planJson(named, plan)).subNorm());
    }
    IllegalArgumentException none =
        assertThrows(
            IllegalArgumentException.class,
            () -> TrainingTask.planJson(named, TrainingTask.withSubNorm("float")));
    assertTrue(none.getMessage().contains("no ternary or binary layer"), none.getMessage());
    Plan mixed =
        new Plan(
            List.of(
                new Rule("a", LayerPrecision.FLOAT),
                new Rule("b", LayerPrecision.INT8),
                new Rule("c", LayerPrecision.BINARY)),
            LayerPrecision.TERNARY,
            true);
    assertEquals(
        List.of(false, false, true, true),
        List.of("a", "b", "c", "d").stream().map(layer -> mixed.normalises(layer, 2)).toList());
    assertFalse(mixed.normalises("d", 1));
  }
}
