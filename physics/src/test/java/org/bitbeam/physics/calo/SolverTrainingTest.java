package org.bitbeam.physics.calo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.bitbeam.physics.calo.SolverTraining.Learned;
import org.bitbeam.physics.calo.SolverTraining.Problem;
import org.bitbeam.runtime.BundleWriter;
import org.bitbeam.runtime.ModelBundle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Learnt solvers against solutions in closed form, and from a shipped bundle into another one. */
class SolverTrainingTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path SHIPPED = Path.of("../models/calodream");

  @TempDir private Path folder;

  /**
   * Flow matching of normal numbers of mean m and deviation s: x moves with m + (t s^2 - (1 - t)) /
   * ((1 - t)^2 + t^2 s^2) (x - t m), and from x0 to m + s x0. Every row has another m from -2 to 2
   * and another s from 0.1 to 2.
   */
  private static Problem normals(int rows, long seed) {
    CounterRandom random = new CounterRandom(seed);
    double[] mean = new double[rows];
    double[] deviation = new double[rows];
    Arrays.setAll(mean, row -> 4 * random.uniform(row, 1) - 2);
    Arrays.setAll(deviation, row -> 0.1 + 1.9 * random.uniform(row, 2));
    double[] starts = new double[rows];
    double[] ends = new double[rows];
    random.normals(0, 0, starts, 0, rows);
    Arrays.setAll(ends, row -> mean[row] + deviation[row] * starts[row]);
    return new Problem(
        (which, times, x, target) -> {
          for (int i = 0; i < x.length; i++) {
            double t = times[i];
            double m = mean[which[i]];
            double variance = deviation[which[i]] * deviation[which[i]];
            double rate = (t * variance - (1 - t)) / ((1 - t) * (1 - t) + t * t * variance);
            target[i] = m + rate * (x[i] - t * m);
          }
        },
        rows,
        starts,
        ends);
  }

  @Test
  void finestPlainSolversFindTheClosedForm() {
    Problem problem = normals(20, 1);
    ObjectNode fine = JSON.createObjectNode().put("method", "rk4-3/8").put("step", 0.005);
    assertEquals(0, problem.rootMeanSquare(OdeSolver.ofJson("fine", fine)), 1e-5);
  }

  @ParameterizedTest
  @CsvSource({
    "bespoke-euler, 4, euler, 4", "bespoke-euler, 8, euler, 8",
    "bespoke-midpoint, 4, midpoint, 2", "bespoke-midpoint, 8, midpoint, 4",
    "non-stationary, 4, euler, 4", "non-stationary, 6, euler, 6",
  })
  void learntStepsBeatEqualOnesOfAsManyEvaluations(
      String method, int evaluations, String plain, int steps) throws IOException {
    SolverFamily family = SolverFamily.of(method, evaluations);
    Problem held = normals(300, 2);
    Learned learned = SolverTraining.learn(family, normals(300, 1), held, 50);
    ObjectNode equal = JSON.createObjectNode().put("method", plain).put("step", 1. / steps);
    double before = held.rootMeanSquare(OdeSolver.ofJson("equal steps", equal));
    System.out.printf(
        Locale.ROOT,
        "%s, %d evaluations: off by %.5f, with equal steps %.5f (%d iterations)%n",
        method,
        evaluations,
        learned.after(),
        before,
        learned.iterations());
    assertEquals(before, learned.before(), 1e-12);
    assertTrue(learned.after() < 0.1 * before, learned.after() + " of " + before);
    // The text in a bundle is the solver, bit for bit, and another fit is the same.
    JsonNode read = JSON.readTree(JSON.writeValueAsBytes(learned.solver()));
    OdeSolver solver = OdeSolver.ofJson("read", read);
    assertEquals(learned.after(), held.rootMeanSquare(solver));
    int[] asked = solver.solve(held.velocity(), held.starts().clone(), 300);
    assertArrayEquals(new int[] {evaluations}, Arrays.stream(asked).distinct().toArray());
    Learned again = SolverTraining.learn(family, normals(300, 1), held, 50);
    assertEquals(learned.solver(), again.solver());
  }

  @Test
  void leastSquaresFindWhatMadeTheNumbers() {
    // a e^(-b x) with a parameter that has no effect
    LeastSquares.Residuals residuals =
        p -> {
          double[] off = new double[30];
          Arrays.setAll(off, i -> p[0] * Math.exp(-p[1] * i / 10.) - 3 * Math.exp(-0.7 * i / 10.));
          return off;
        };
    LeastSquares.Fit fit = LeastSquares.minimise(residuals, new double[] {1, 0, 5}, 100);
    assertArrayEquals(new double[] {3, 0.7, 5}, fit.parameters(), 1e-3);
    assertThrows(
        ArithmeticException.class,
        () -> LeastSquares.minimise(p -> new double[] {Double.NaN}, new double[1], 1));
  }

  @Test
  void whatCannotBeLearntIsRefused() {
    for (String method : new String[] {"bespoke-euler", "bespoke-midpoint", "non-stationary"}) {
      assertThrows(IllegalArgumentException.class, () -> SolverFamily.of(method, 0));
      assertThrows(IllegalArgumentException.class, () -> SolverFamily.of(method, 65));
    }
    assertThrows(IllegalArgumentException.class, () -> SolverFamily.of("bespoke-midpoint", 3));
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> SolverFamily.of("euler", 4))
            .getMessage()
            .contains("there are: bespoke-euler"));
  }

  private static ObjectNode fine(double step) {
    return JSON.createObjectNode().put("method", "rk4-3/8").put("step", step);
  }

  private static double[] energies(int count) {
    double[] energies = new double[count];
    Arrays.setAll(energies, i -> 2e3 + 1e3 * i);
    return energies;
  }

  /** Both networks of a trained model: nearer to the fine solution, and the same from a bundle. */
  @Test
  void aBundleSimulatesWithWhatWasLearnt() throws IOException {
    ModelBundle shipped = ModelBundle.open(SHIPPED);
    ObjectNode stage = (ObjectNode) shipped.stage();
    try (CaloFixtures.Networks networks = CaloFixtures.load(shipped, "ort")) {
      CaloDream model = CaloDream.of(shipped, networks.byRole());
      SolverTraining training =
          new SolverTraining(model, fine(0.1), energies(32), new CounterRandom(1));
      Learned energy = training.energies("bespoke-euler", 4, 4);
      Learned shape = training.shapes("bespoke-midpoint", 4, 2);
      for (Learned learned : new Learned[] {energy, shape}) {
        System.out.printf(
            Locale.ROOT, "off by %.4f, with equal steps %.4f%n", learned.after(), learned.before());
        assertTrue(learned.after() < 0.9 * learned.before());
      }
      ((ObjectNode) stage.get("energy")).set("solver", energy.solver());
      ((ObjectNode) stage.get("shape")).set("solver", shape.solver());
      BundleWriter copy = BundleWriter.copyOf(shipped, "few", stage);
      copy.write(folder.resolve("few"));
      long[] numbers = {0, 1, 2};
      CaloDream memory = CaloDream.of(copy.bundle(), networks.byRole());
      CaloDream disk = CaloDream.of(ModelBundle.open(folder.resolve("few")), networks.byRole());
      double[] showers = memory.sample(energies(3), new CounterRandom(5), numbers, new int[3]);
      assertArrayEquals(
          showers, disk.sample(energies(3), new CounterRandom(5), numbers, new int[3]));
      assertEquals(15 * 4 + 4, disk.evaluations().perShower());
      for (int count : new int[] {2, 5, 2002}) {
        assertThrows(
            IllegalArgumentException.class,
            () -> new SolverTraining(model, fine(0.5), energies(count), new CounterRandom(1)));
      }
      ((ObjectNode) stage.at("/shape/solver")).putArray("times").add(0).add(0.5).add(1);
      ModelBundle damaged = BundleWriter.copyOf(shipped, "damaged", stage).bundle();
      assertTrue(
          assertThrows(
                  IllegalArgumentException.class,
                  () -> CaloDream.of(damaged, networks.byRole()).geometry())
              .getMessage()
              .contains("shape.solver: a bespoke solver with 3 times"));
    }
  }
}
