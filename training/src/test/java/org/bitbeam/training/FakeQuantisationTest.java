package org.bitbeam.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.Npy;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.WeightQuantiser;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Single layers: against PyTorch's golden vectors, the analytic gradient, the runtime. */
class FakeQuantisationTest {
  @BeforeAll
  static void torch() {
    Torch.assume();
  }

  private static Tensor golden(String folder, String name) throws IOException {
    String path = "bitlinear/" + folder + "/" + name + ".npy";
    try (InputStream in = FakeQuantisationTest.class.getResourceAsStream(path)) {
      return Npy.parse(path, in.readAllBytes());
    }
  }

  private static Shape shape(int... axes) {
    return new Shape(Arrays.stream(axes).asLongStream().toArray());
  }

  private static float[] transposed(float[] values, int rows, int columns) {
    float[] result = new float[values.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        result[c * rows + r] = values[r * columns + c];
      }
    }
    return result;
  }

  @Test
  void codesAtBoundariesAreCountedByEvent() {
    // Of rows with a largest value of 1 the codes are 127 times the values.
    float[] x = new float[4 * 3];
    double[] codes = {127, 3.5, -8.5, 127, 3.502, 0.25, 127, 0, 7, -127, 12.4995, 2.5};
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (codes[i] / 127);
    }
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray rows = manager.create(x, new Shape(2, 2, 3));
      assertArrayEquals(
          new float[] {2, 1}, FakeQuantisation.atBoundaries(rows, 2, 1e-4f).toFloatArray());
      assertArrayEquals(
          new float[] {2, 0, 0, 2},
          FakeQuantisation.atBoundaries(rows.reshape(4, 3), 4, 1e-3f).toFloatArray());
      assertArrayEquals(
          new float[] {3, 2}, FakeQuantisation.atBoundaries(rows, 2, 5e-3f).toFloatArray());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ternary_k5_n11_m100",
        "binary_k5_n11_m100",
        "ternary_k64_n1_m4",
        "binary_k64_n1_m4",
        "activation_ties",
        "weight_ties",
        "zero_rows",
        "binary_with_zeros",
        "three_axes"
      })
  void codesAndOutputsAreThoseOfTheGoldenVectors(String folder) throws IOException {
    LayerPrecision precision =
        folder.startsWith("binary") ? LayerPrecision.BINARY : LayerPrecision.TERNARY;
    Tensor weight = golden(folder, "weight");
    int n = weight.axis(0);
    int k = weight.axis(1);
    float[] w = transposed(weight.floats(), n, k);
    float[] effective = WeightQuantiser.quantise(w, n, precision);
    Tensor signs = golden(folder, "T");
    double beta = golden(folder, "beta").getDouble(0);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < k; j++) {
        assertEquals((long) signs.getDouble(i * k + j), (long) Math.signum(effective[j * n + i]));
        assertEquals(
            Math.abs(signs.getDouble(i * k + j)) * beta,
            Math.abs(effective[j * n + i]),
            2e-7 * beta);
      }
    }
    Tensor x = golden(folder, "x");
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray input = manager.create(x.floats(), shape(x.shape()));
      FakeQuantisation.Rows rows = FakeQuantisation.rowCodes(input);
      Tensor codes = golden(folder, "q");
      float[] computed = rows.codes().toFloatArray();
      for (int i = 0; i < codes.size(); i++) {
        assertEquals((long) codes.getDouble(i), (long) computed[i], "code " + i);
      }
      assertArrayEquals(golden(folder, "g").floats(), rows.factor().toFloatArray());
      float[] bias = golden(folder, "bias").floats();
      Parameters parameters =
          Parameters.of(
              List.of(
                  new Parameter("l.weight", new int[] {k, n}, w, true),
                  new Parameter("l.bias", new int[] {n}, bias, true)));
      float[] y =
          new TorchOperations(manager, parameters, new Plan(List.of(), precision), false)
              .linear("l", input, k, n)
              .toFloatArray();
      float[] eager = golden(folder, "y").floats();
      double most = 0;
      for (float value : eager) {
        most = Math.max(most, Math.abs(value));
      }
      for (int i = 0; i < y.length; i++) {
        assertEquals(eager[i], y[i], 1e-5 * Math.abs(eager[i]) + 1e-6 * most);
      }
    }
  }

  /** dL/dx = dL/dy W', dL/dW = x' dL/dy, dL/db = sum dL/dy, with quantised x' and W'. */
  @ParameterizedTest
  @EnumSource(LayerPrecision.class)
  void gradientsAreThoseOfTheStraightThroughRule(LayerPrecision precision) {
    int m = 6;
    int k = 9;
    int n = 5;
    Random random = new Random(3);
    float[] x = floats(random, m * k);
    float[] w = floats(random, k * n);
    float[] out = floats(random, m * n);
    Parameters parameters =
        Parameters.of(
            List.of(
                new Parameter("l.weight", new int[] {k, n}, w, true),
                new Parameter("l.scale", new int[] {1}, new float[1], true),
                new Parameter("l.bias", new int[] {n}, floats(random, n), true)));
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray input = manager.create(x, shape(m, k));
      input.setRequiresGradient(true);
      TorchOperations operations =
          new TorchOperations(manager, parameters, new Plan(List.of(), precision), true);
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray y = operations.linear("l", input, k, n);
        System.gc(); // Memory that only the backward pass needs must survive this.
        collector.backward(y.mul(manager.create(out, shape(m, n))).sum());
      }
      NDArray value = input.stopGradient();
      float[] quantised =
          switch (precision) {
            case FLOAT -> x;
            case INT8 -> FakeQuantisation.tensor(value).toFloatArray();
            case TERNARY, TERNARY_MEDIAN, TERNARY_LEARNED, BINARY ->
                FakeQuantisation.rows(value).toFloatArray();
          };
      float[] effective = WeightQuantiser.quantise(w, n, precision);
      float[] dx = input.getGradient().toFloatArray();
      float[] dw = operations.gradient("l.weight");
      float[] db = operations.gradient("l.bias");
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < k; j++) {
          double sum = 0;
          for (int o = 0; o < n; o++) {
            sum += (double) out[i * n + o] * effective[j * n + o];
          }
          assertEquals(sum, dx[i * k + j], 1e-5);
        }
      }
      for (int o = 0; o < n; o++) {
        double bias = 0;
        for (int i = 0; i < m; i++) {
          bias += out[i * n + o];
        }
        assertEquals(bias, db[o], 1e-5);
        for (int j = 0; j < k; j++) {
          double sum = 0;
          for (int i = 0; i < m; i++) {
            sum += (double) quantised[i * k + j] * out[i * n + o];
          }
          assertEquals(sum, dw[j * n + o], 1e-5);
        }
      }
    }
  }

  private static float[] floats(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** One layer of inputs that have an axis of length 1. */
  private record OneLayer(int size, int outputs) implements TrainableNetwork {
    @Override
    public String name() {
      return "one";
    }

    @Override
    public String description() {
      return "";
    }

    @Override
    public List<Input> inputs() {
      return List.of(new Input("x", List.of(size, FREE)));
    }

    @Override
    public String output() {
      return "y";
    }

    @Override
    public <T> T apply(Operations<T> operations, Map<String, T> inputs) {
      return operations.linear("l", operations.sum(inputs.get("x"), 2), size, outputs);
    }
  }

  /** From the same inputs, the exported layer gives what training computes; also int8. */
  @ParameterizedTest
  @EnumSource(LayerPrecision.class)
  void exportedLayersComputeWhatTrainingComputes(LayerPrecision precision) {
    OneLayer network = new OneLayer(64, 48);
    Plan plan = new Plan(List.of(), precision);
    Parameters parameters = Parameters.initial(network, Bayesian.NONE, plan, 5);
    float[] x = floats(new Random(1), 1000 * 64);
    byte[] onnx = TrainingTask.onnx(network, parameters, plan);
    try (NDManager manager = NDManager.newBaseManager()) {
      float[] expected =
          network
              .apply(
                  new TorchOperations(manager, parameters, plan, false),
                  Map.of("x", manager.create(x, shape(1000, 64, 1))))
              .toFloatArray();
      for (String backend : List.of("reference", "bit", "ort")) {
        try (Network loaded =
            Backends.standard().get(backend).load("one", onnx, BackendOptions.DEFAULT)) {
          float[] y = loaded.run(Map.of("x", Tensor.of(x, 1000, 64, 1))).get("y").floats();
          for (int i = 0; i < y.length; i++) {
            assertEquals(expected[i], y[i], 1e-5, backend + ", value " + i);
          }
        }
      }
    }
  }

  @Test
  void int8OfZerosIsZero() {
    try (NDManager manager = NDManager.newBaseManager()) {
      assertArrayEquals(
          new float[4], FakeQuantisation.tensor(manager.zeros(new Shape(4))).toFloatArray());
    }
  }
}
