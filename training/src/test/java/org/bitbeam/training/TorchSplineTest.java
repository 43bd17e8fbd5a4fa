package org.bitbeam.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Values against PyTorch's in double precision, gradients against finite differences. */
class TorchSplineTest {
  @BeforeAll
  static void torch() {
    Torch.assume();
  }

  private static double[] evaluate(double[] x, double[] theta, int rows, SplineForm form) {
    try (NDManager manager = NDManager.newBaseManager()) {
      return TorchSpline.of(
              manager.create(x).reshape(rows, x.length / rows),
              manager.create(theta).reshape(rows, theta.length / rows),
              form)
          .toDoubleArray();
    }
  }

  @TestFactory
  Stream<DynamicTest> valuesAreThoseOfPyTorch() throws IOException {
    FlowFixtures fixtures = FlowFixtures.find();
    return StreamSupport.stream(fixtures.index().get("splines").spliterator(), false)
        .map(
            node ->
                DynamicTest.dynamicTest(
                    node.get("kind").asText() + " " + node.get("bins"),
                    () -> check(fixtures, node)));
  }

  private static void check(FlowFixtures fixtures, JsonNode node) throws IOException {
    SplineForm form =
        new SplineForm(
            node.get("kind").asText().equals("rq")
                ? SplineForm.Kind.RATIONAL_QUADRATIC
                : SplineForm.Kind.CUBIC,
            node.get("bins").asInt(),
            node.get("bound").asDouble());
    double[] x = fixtures.array(node, "v");
    double[] logarithms = fixtures.array(node, "forward_logdet");
    int rows = logarithms.length;
    int numbers = x.length / rows;
    double[] found = evaluate(x, fixtures.array(node, "theta"), rows, form);
    double[] y = new double[x.length];
    double[] logDeterminants = new double[rows];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(found, row * (numbers + 1), y, row * numbers, numbers);
      logDeterminants[row] = found[row * (numbers + 1) + numbers];
    }
    assertTrue(FlowFixtures.deviation(fixtures.array(node, "forward"), y) < 1e-9);
    assertTrue(FlowFixtures.deviation(logarithms, logDeterminants) < 1e-9);
  }

  /** Random parameters and all zeros (those at the start), numbers within and one row outside. */
  @ParameterizedTest
  @EnumSource
  void gradientsAreThoseOfFiniteDifferences(SplineForm.Kind kind) {
    SplineForm form = new SplineForm(kind, 4, 3);
    int rows = 5;
    int numbers = 3;
    int each = numbers * form.parameters();
    SplittableRandom random = new SplittableRandom(5);
    double[] x = random.doubles(rows * numbers, -2.9, 2.9).toArray();
    x[0] = 3.5; // the first row stays as it is
    double[] theta = random.doubles(rows * each, -2, 2).toArray();
    java.util.Arrays.fill(theta, each, 2 * each, 0);
    double[] weights = random.doubles(rows * (numbers + 1), -1, 1).toArray();
    double[] ofX;
    double[] ofTheta;
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDArray a = manager.create(x).reshape(rows, numbers);
      NDArray b = manager.create(theta).reshape(rows, each);
      assertEquals(DataType.FLOAT64, a.getDataType());
      a.setRequiresGradient(true);
      b.setRequiresGradient(true);
      NDArray factors = manager.create(weights).reshape(new Shape(rows, numbers + 1));
      collector.backward(TorchSpline.of(a, b, form).mul(factors).sum());
      ofX = a.getGradient().toDoubleArray();
      ofTheta = b.getGradient().toDoubleArray();
    }
    for (int i = 0; i < x.length; i++) {
      // A cubic spline's derivative has a corner where two slopes are the same: all zeros.
      boolean isCorner = kind == SplineForm.Kind.CUBIC && i / numbers == 1;
      assertEquals(difference(x, i, x, theta, rows, form, weights), ofX[i], 1e-6, "x " + i);
      for (int k = 0; k < (isCorner ? 0 : form.parameters()); k++) {
        int at = i * form.parameters() + k;
        double expected = difference(theta, at, x, theta, rows, form, weights);
        assertEquals(expected, ofTheta[at], 1e-6, "parameter " + k + " of number " + i);
      }
    }
  }

  private static double difference(
      double[] changed,
      int at,
      double[] x,
      double[] theta,
      int rows,
      SplineForm form,
      double[] weights) {
    double old = changed[at];
    double step = 1e-5;
    changed[at] = old + step;
    double up = dot(weights, evaluate(x, theta, rows, form));
    changed[at] = old - step;
    double down = dot(weights, evaluate(x, theta, rows, form));
    changed[at] = old;
    return (up - down) / (2 * step);
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
