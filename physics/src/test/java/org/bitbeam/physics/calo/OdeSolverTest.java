package org.bitbeam.physics.calo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** ODE solvers against PyTorch (torchdiffeq's rk4), scipy's RK45 and solutions in closed form. */
class OdeSolverTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static JsonNode resource(String name) throws IOException {
    try (InputStream in = OdeSolverTest.class.getResourceAsStream("/calo/" + name)) {
      return JSON.readTree(in);
    }
  }

  private static OdeSolver solver(String json) {
    try {
      return OdeSolver.ofJson("test", JSON.readTree(json.replace('\'', '"')));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** dy/dt = -3 y + sin(5 t), every number by itself. */
  private static void driven(int[] rows, double[] times, double[] states, double[] target) {
    int columns = states.length / rows.length;
    for (int i = 0; i < states.length; i++) {
      target[i] = -3 * states[i] + StrictMath.sin(5 * times[i / columns]);
    }
  }

  /** Van der Pol, mu = 3, in units of t / 12. */
  private static void oscillator(int[] rows, double[] times, double[] y, double[] target) {
    for (int i = 0; i < y.length; i += 2) {
      target[i] = 12 * y[i + 1];
      target[i + 1] = 12 * (3 * (1 - y[i] * y[i]) * y[i + 1] - y[i]);
    }
  }

  private static double[] doubles(JsonNode list) {
    return IntStream.range(0, list.size()).mapToDouble(i -> list.get(i).asDouble()).toArray();
  }

  private static double[] numbers(int count, IntToDoubleFunction of) {
    return IntStream.range(0, count).mapToDouble(of).toArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.05", "0.3"})
  void threeEighthsRuleIsThatOfPyTorch(String step) throws IOException {
    JsonNode golden = resource("ode_golden.json");
    double[] states = doubles(golden.get("start"));
    int[] evaluations =
        solver("{'method': 'rk4-3/8', 'step': " + step + "}")
            .solve(OdeSolverTest::driven, states, 3);
    assertArrayEquals(doubles(golden.get("step_" + step)), states, 1e-12);
    int steps = step.equals("0.3") ? 4 : 20;
    assertArrayEquals(new int[] {4 * steps, 4 * steps, 4 * steps}, evaluations);
  }

  @Test
  void timesAreThoseOfPyTorch() throws IOException {
    JsonNode golden = resource("ode_golden.json");
    for (String name : new String[] {"time_grid", "grid_0.3"}) {
      double[] grid = doubles(golden.get(name));
      List<Double> asked = new ArrayList<>();
      solver("{'method': 'euler', 'step': " + (name.equals("time_grid") ? 0.05 : 0.3) + "}")
          .solve((rows, times, states, target) -> asked.add(times[0]), new double[1], 1);
      assertArrayEquals(
          Arrays.copyOf(grid, grid.length - 1),
          asked.stream().mapToDouble(Double::doubleValue).toArray());
    }
  }

  @Test
  void dormandPrinceIsThatOfScipy() throws IOException {
    for (JsonNode peer : resource("ode_peer.json")) {
      boolean driven = peer.get("equation").asText().equals("driven");
      double[] states = doubles(peer.get("start"));
      int[] evaluations =
          solver(
                  "{'method': 'dormand-prince', 'rtol': "
                      + peer.get("rtol")
                      + ", 'atol': "
                      + peer.get("atol")
                      + "}")
              .solve(driven ? OdeSolverTest::driven : OdeSolverTest::oscillator, states, 1);
      assertEquals(peer.get("evaluations").asInt(), evaluations[0], peer.toString());
      assertArrayEquals(doubles(peer.get("end")), states, 1e-9, peer.toString());
    }
  }

  private static double[] driven(double lambda, double omega, double start, OdeSolver solver) {
    double[] state = {start};
    solver.solve(
        (rows, times, y, target) -> target[0] = lambda * y[0] + StrictMath.sin(omega * times[0]),
        state,
        1);
    // y = C e^(lambda t) - (lambda sin + omega cos)(omega t) / (lambda^2 + omega^2)
    double norm = lambda * lambda + omega * omega;
    double constant = start + omega / norm;
    double exact =
        constant * Math.exp(lambda) - (lambda * Math.sin(omega) + omega * Math.cos(omega)) / norm;
    return new double[] {state[0], exact};
  }

  @Property(tries = 100)
  void errorsFallWithTheOrder(
      @ForAll @DoubleRange(min = -3, max = 3) double lambda,
      @ForAll @DoubleRange(min = 1, max = 6) double omega,
      @ForAll @DoubleRange(min = -2, max = 2) double start) {
    String[] methods = {"euler", "midpoint", "rk4", "rk4-3/8"};
    int[] orders = {1, 2, 4, 4};
    for (int m = 0; m < methods.length; m++) {
      double[] errors = new double[2];
      for (int i = 0; i < 2; i++) {
        OdeSolver solver =
            solver("{'method': '" + methods[m] + "', 'step': " + 1 / (i == 0 ? 16. : 64.) + "}");
        double[] both = driven(lambda, omega, start, solver);
        errors[i] = Math.abs(both[0] - both[1]);
      }
      // Four times as many steps: 4^order times less, unless the leading terms cancel at random.
      double bound = Math.pow(4, -orders[m]) * 20;
      assertTrue(
          errors[1] <= Math.max(bound * errors[0], 0.02 * Math.pow(4, -2 * orders[m])),
          methods[m] + ": " + errors[0] + ", " + errors[1]);
    }
  }

  @ParameterizedTest
  @CsvSource({"euler, 1", "midpoint, 2", "rk4, 4", "rk4-3/8, 4"})
  void orderIsThatOfTheMethod(String method, double order) {
    double[] errors = new double[2];
    for (int i = 0; i < 2; i++) {
      double[] both =
          driven(
              -1.5,
              3,
              0.7,
              solver("{'method': '" + method + "', 'step': " + (i == 0 ? 1 / 32. : 1 / 64.) + "}"));
      errors[i] = Math.abs(both[0] - both[1]);
    }
    assertEquals(order, Math.log(errors[0] / errors[1]) / Math.log(2), 0.15);
  }

  @Property(tries = 50)
  void dormandPrinceKeepsItsTolerance(
      @ForAll @DoubleRange(min = -20, max = 2) double lambda,
      @ForAll @DoubleRange(min = 1, max = 30) double omega,
      @ForAll @DoubleRange(min = -2, max = 2) double start) {
    double[] both =
        driven(lambda, omega, start, solver("{'method':'dormand-prince','rtol':1e-8,'atol':1e-8}"));
    assertEquals(both[1], both[0], 1e-5 * (1 + Math.abs(both[1])));
  }

  private static String bespoke(String method, int points, DoubleUnaryOperator[] functions) {
    return "{'method': '"
        + method
        + "', 'times': "
        + Arrays.toString(numbers(points + 1, i -> functions[0].applyAsDouble((double) i / points)))
        + ", 'timeRates': "
        + Arrays.toString(numbers(points, i -> functions[1].applyAsDouble((double) i / points)))
        + ", 'scales': "
        + Arrays.toString(numbers(points + 1, i -> functions[2].applyAsDouble((double) i / points)))
        + ", 'scaleRates': "
        + Arrays.toString(numbers(points, i -> functions[3].applyAsDouble((double) i / points)))
        + "}";
  }

  private static DoubleUnaryOperator[] functions(DoubleUnaryOperator... functions) {
    return functions;
  }

  @Test
  void bespokeSolversOnPlainGridsAreThePlainOnes() {
    DoubleUnaryOperator[] plain = functions(r -> r, r -> 1, r -> 1, r -> 0);
    for (String method : new String[] {"euler", "midpoint"}) {
      int points = method.equals("euler") ? 10 : 20;
      double[] expected = {1, -2, 0.5, 3};
      double[] actual = expected.clone();
      OdeSolver solver = solver(bespoke("bespoke-" + method, points, plain));
      solver("{'method': '" + method + "', 'step': 0.1}").solve(OdeSolverTest::driven, expected, 2);
      assertArrayEquals(new int[] {points, points}, solver.solve(OdeSolverTest::driven, actual, 2));
      assertArrayEquals(expected, actual, 1e-14);
    }
  }

  @ParameterizedTest
  @CsvSource({"bespoke-euler, 1", "bespoke-midpoint, 2"})
  void bespokeSolversHaveTheirOrderOnLearnedGrids(String method, int order) {
    // t = (r + r^2) / 2, s = e^(r / 2)
    DoubleUnaryOperator[] learned =
        functions(
            r -> (r + r * r) / 2, r -> 0.5 + r, r -> Math.exp(r / 2), r -> Math.exp(r / 2) / 2);
    double[] errors = new double[2];
    for (int i = 0; i < 2; i++) {
      OdeSolver solver = solver(bespoke(method, (i == 0 ? 64 : 128) * order, learned));
      double[] both = driven(-1.5, 3, 0.7, solver);
      errors[i] = Math.abs(both[0] - both[1]);
    }
    assertEquals(order, Math.log(errors[0] / errors[1]) / Math.log(2), 0.15);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bespoke-euler", "bespoke-midpoint"})
  void bespokeSolversAreExactWhereTheScaleUndoesTheEquation(String method) {
    // dy/dt = 2 y and s = e^(-2 t): s y is constant.
    DoubleUnaryOperator[] learned =
        functions(r -> r, r -> 1, r -> Math.exp(-2 * r), r -> -2 * Math.exp(-2 * r));
    double[] state = {0.3};
    solver(bespoke(method, 4, learned))
        .solve((rows, times, y, target) -> target[0] = 2 * y[0], state, 1);
    assertEquals(0.3 * Math.exp(2), state[0], 1e-13);
  }

  @Test
  void nonStationarySolversAreTheLinearMethodsTheyHold() {
    int n = 64;
    double h = 1. / n;
    // Adams and Bashforth of two steps, the first one by Euler, written as sums over all velocities
    double[][] b = new double[n][];
    for (int i = 0; i < n; i++) {
      b[i] = i == 0 ? new double[] {h} : Arrays.copyOf(b[i - 1], i + 1);
      if (i > 0) {
        b[i][i] += 1.5 * h;
        b[i][i - 1] -= 0.5 * h;
      }
    }
    OdeSolver solver =
        solver(
            "{'method': 'non-stationary', 'times': "
                + Arrays.toString(numbers(n, i -> i * h))
                + ", 'start': "
                + Arrays.toString(numbers(n, i -> 1))
                + ", 'velocities': "
                + Arrays.deepToString(b)
                + "}");
    double[] both = driven(-1.5, 3, 0.7, solver);
    double expected = 0.7;
    double before = 0;
    for (int i = 0; i < n; i++) {
      double v = -1.5 * expected + StrictMath.sin(3 * i * h);
      expected += i == 0 ? h * v : h * (1.5 * v - 0.5 * before);
      before = v;
    }
    assertEquals(expected, both[0], 1e-13);
    assertEquals(both[1], both[0], 1e-3);
  }

  private static List<OdeSolver> all() {
    DoubleUnaryOperator[] learned =
        functions(r -> (r + r * r) / 2, r -> 0.5 + r, r -> 1 + r, r -> 1);
    return List.of(
        solver("{'method': 'euler', 'step': 0.1}"),
        solver("{'method': 'midpoint', 'step': 0.1}"),
        solver("{'method': 'rk4', 'step': 0.1}"),
        solver("{'method': 'rk4-3/8', 'step': 0.1}"),
        solver("{'method': 'dormand-prince', 'rtol': 1e-5, 'atol': 1e-5}"),
        solver(bespoke("bespoke-euler", 8, learned)),
        solver(bespoke("bespoke-midpoint", 8, learned)),
        solver(
            "{'method': 'non-stationary', 'times': [0, 0.4], 'start': [1, 0.9], 'velocities':"
                + " [[0.4], [0.3, 0.5]]}"));
  }

  @Test
  void rowsDependOnThemselvesAlone() {
    OdeSolver.Velocity velocity =
        (rows, times, y, target) -> {
          for (int i = 0; i < y.length; i++) {
            // Each row is another equation; that of row 2 is not finite.
            int row = rows[i / 2];
            target[i] = row == 2 ? Double.NaN : Math.sin((row + 1) * 5 * y[i]) + times[i / 2];
          }
        };
    for (OdeSolver solver : all()) {
      double[] states = {1, 2, -1, 0.5, 3, 4, 0, 0.1, -7, 2};
      double[] start = states.clone();
      int[] evaluations = solver.solve(velocity, states, 5);
      for (int row = 0; row < 5; row++) {
        int which = row;
        double[] one = Arrays.copyOfRange(start, 2 * row, 2 * row + 2);
        int[] alone =
            solver.solve(
                (rows, times, y, target) -> velocity.at(new int[] {which}, times, y, target),
                one,
                1);
        assertArrayEquals(Arrays.copyOfRange(states, 2 * row, 2 * row + 2), one, solver.toString());
        assertEquals(evaluations[row], alone[0], solver.toString());
        assertEquals(row == 2, Double.isNaN(one[0]), solver.toString());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'method': 'rk5', 'step': 0.1}",
        "{'method': 'rk4'}",
        "{'method': 'rk4', 'step': 0}",
        "{'method': 'rk4', 'step': 1e-9}",
        "{'method': 'rk4', 'step': 2}",
        "{'method': 'dormand-prince'}",
        "{'method': 'dormand-prince', 'rtol': 0, 'atol': 0}",
        "{'method': 'dormand-prince', 'rtol': 1e-3, 'atol': -1}",
        "{'method': 'bespoke-euler', 'times': [0, 1], 'timeRates': [1], 'scales': [1],"
            + " 'scaleRates': [0]}",
        "{'method': 'bespoke-euler', 'times': [0, 1], 'timeRates': [1], 'scales': [1, 0],"
            + " 'scaleRates': [0]}",
        "{'method': 'bespoke-midpoint', 'times': [0, 1], 'timeRates': [1], 'scales': [1, 1],"
            + " 'scaleRates': [0]}",
        "{'method': 'bespoke-euler', 'times': [1, 0], 'timeRates': [1], 'scales': [1, 1],"
            + " 'scaleRates': [0]}",
        "{'method': 'bespoke-euler', 'times': [0, 'x'], 'timeRates': [1], 'scales': [1, 1],"
            + " 'scaleRates': [0]}",
        "{'method': 'bespoke-euler', 'times': [0, 0.9], 'timeRates': [1], 'scales': [1, 1],"
            + " 'scaleRates': [0]}",
        "{'method': 'bespoke-euler', 'times': [0, 1], 'timeRates': [1e999], 'scales': [1, 1],"
            + " 'scaleRates': [0]}",
        "{'method': 'non-stationary', 'times': [0], 'start': [1], 'velocities': [[1e999]]}",
        "{'method': 'non-stationary'}",
        "{'method': 'non-stationary', 'times': [0], 'start': [1], 'velocities': [[1, 2]]}",
        "{'method': 'non-stationary', 'times': [0, 0.5], 'start': [1, 1], 'velocities': [[1]]}"
      })
  void whatIsNoSolverIsRefused(String json) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> solver(json));
    assertTrue(e.getMessage().startsWith("test: "), e.getMessage());
  }

  @Test
  void stepsThatBecomeTooSmallAreAnError() {
    OdeSolver solver = solver("{'method': 'dormand-prince', 'rtol': 1e-8, 'atol': 1e-8}");
    RuntimeException e =
        assertThrows(
            RuntimeException.class,
            () ->
                solver.solve(
                    (rows, times, y, target) -> target[0] = 1 / Math.abs(times[0] - 0.3),
                    new double[] {1},
                    1));
    assertTrue(e.getMessage().contains("too small"), e.getMessage());
  }
}
