package org.bitbeam.physics.calo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.bitbeam.runtime.Npy;
import org.bitbeam.runtime.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Splines against PyTorch in double precision (fixtures/models/caloinn/splines). */
class SplineTest {
  private static Tensor array(String set, String name) throws IOException {
    try (InputStream in =
        SplineTest.class.getResourceAsStream("/calo/splines/" + set + "/" + name + ".npy")) {
      return Npy.parse(name, in.readAllBytes());
    }
  }

  private static Spline spline(boolean cubic, int bins, double bound) {
    return cubic ? new CubicSpline(bins, bound) : new RationalQuadraticSpline(bins, bound);
  }

  @ParameterizedTest
  @CsvSource({
    "rq_10, false, 10, 18",
    "rq_4, false, 4, 3",
    "cubic_10, true, 10, 15",
    "cubic_5, true, 5, 2"
  })
  void valuesAndDerivativesAreThoseOfPyTorch(String set, boolean cubic, int bins, double bound)
      throws IOException {
    Spline spline = spline(cubic, bins, bound);
    Tensor v = array(set, "v");
    float[] theta = array(set, "theta").floats();
    int events = v.axis(0);
    int count = v.axis(1);
    for (boolean inverse : new boolean[] {false, true}) {
      String direction = inverse ? "inverse" : "forward";
      Tensor expected = array(set, direction);
      Tensor logDeterminants = array(set, direction + "_logdet");
      for (int event = 0; event < events; event++) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
          values[i] = v.getDouble(event * count + i);
        }
        double logDeterminant =
            spline.transform(
                values,
                0,
                count,
                theta,
                event * count * spline.parameters(),
                inverse,
                spline.workspace(true));
        for (int i = 0; i < count; i++) {
          assertEquals(
              expected.getDouble(event * count + i),
              values[i],
              1e-9 * 2 * bound,
              direction + " of event " + event);
        }
        assertEquals(
            logDeterminants.getDouble(event),
            logDeterminant,
            1e-9 * 60,
            direction + " log-determinant of event " + event);
      }
    }
  }

  @Property(tries = 500)
  void inverseUndoesForward(
      @ForAll long seed,
      @ForAll boolean cubic,
      @ForAll @DoubleRange(min = 0.1, max = 6) double wild) {
    SplittableRandom random = new SplittableRandom(seed);
    Spline spline = spline(cubic, 2 + random.nextInt(12), 0.5 + random.nextInt(20));
    int count = 1 + random.nextInt(8);
    float[] theta = new float[count * spline.parameters()];
    for (int i = 0; i < theta.length; i++) {
      theta[i] = (float) random.nextDouble(-wild, wild);
    }
    double reach = random.nextBoolean() ? spline.bound() : 1.3 * spline.bound();
    double[] start = new double[count];
    for (int i = 0; i < count; i++) {
      start[i] = random.nextDouble(-reach, reach);
    }
    start[0] = random.nextInt(10) == 0 ? spline.bound() : start[0];
    double[] values = start.clone();
    Spline.Workspace bins = spline.workspace(true);
    double forward = spline.transform(values, 0, count, theta, 0, false, bins);
    boolean outside = Arrays.stream(start).anyMatch(x -> Math.abs(x) > spline.bound());
    if (outside) {
      assertTrue(Arrays.equals(start, values) && forward == 0, "left as it is");
      return;
    }
    for (double value : values) {
      assertTrue(Math.abs(value) <= spline.bound() * (1 + 1e-15));
    }
    double backward = spline.transform(values, 0, count, theta, 0, true, bins);
    for (int i = 0; i < count; i++) {
      assertEquals(start[i], values[i], 1e-7 * spline.bound());
    }
    assertEquals(0, forward + backward, 1e-5 * count);
  }

  /** The derivative is that of the function, and the function grows. */
  @Property(tries = 200)
  void derivativesAreThoseOfTheFunction(@ForAll long seed, @ForAll boolean cubic) {
    SplittableRandom random = new SplittableRandom(seed);
    Spline spline = spline(cubic, 8, 4);
    float[] theta = new float[spline.parameters()];
    for (int i = 0; i < theta.length; i++) {
      theta[i] = (float) random.nextDouble(-1, 1);
    }
    Spline.Workspace bins = spline.workspace(true);
    double x = random.nextDouble(-3.99, 3.99);
    double h = 1e-6;
    double[] points = {x + h, x - h, x};
    float[] same = new float[3 * theta.length];
    for (int i = 0; i < 3; i++) {
      System.arraycopy(theta, 0, same, i * theta.length, theta.length);
    }
    spline.transform(points, 0, 3, same, 0, false, bins);
    double up = points[0];
    double down = points[1];
    assertTrue(up > down);
    assertEquals((up - down) / (2 * h), bins.slope[2], 1e-3);
  }

  @Test
  void numbersThatAreNotFiniteLeaveTheVector() {
    Spline spline = new RationalQuadraticSpline(4, 3);
    double[] values = {Double.NaN, 1};
    assertEquals(
        0,
        spline.transform(
            values, 0, 2, new float[2 * spline.parameters()], 0, true, spline.workspace(true)));
    assertEquals(1, values[1]);
  }

  @Property(tries = 2000)
  void exponentialAndLogarithmAreCloseToThoseOfTheLibrary(
      @ForAll @DoubleRange(min = -707.9, max = 709) double x) {
    assertEquals(1, Elementary.exp(x) / StrictMath.exp(x), 4e-16);
    double positive = StrictMath.exp(x);
    assertEquals(StrictMath.log(positive), Elementary.log(positive), 3e-16 * (1 + Math.abs(x)));
    assertEquals(
        StrictMath.log1p(StrictMath.exp(-Math.abs(x))), Elementary.softplus(-Math.abs(x)), 3e-16);
    assertEquals(1 / (1 + StrictMath.exp(-x)), Elementary.sigmoid(x), 4e-16);
  }

  @Test
  void exponentialAndLogarithmAtTheirEnds() {
    assertEquals(0, Elementary.exp(-800));
    assertEquals(Double.POSITIVE_INFINITY, Elementary.exp(710));
    assertEquals(1, Elementary.exp(0));
    assertTrue(Double.isNaN(Elementary.exp(Double.NaN)));
    assertEquals(0, Elementary.log(1));
    assertEquals(Double.NEGATIVE_INFINITY, Elementary.log(0));
    assertTrue(Double.isNaN(Elementary.log(-1)));
    assertEquals(StrictMath.log(Double.MIN_VALUE), Elementary.log(Double.MIN_VALUE));
    assertEquals(1, Elementary.exp(709.7) / StrictMath.exp(709.7), 4e-16);
  }

  @Property(tries = 2000)
  void arraysOfExponentialsAreCloseToThoseOfTheLibrary(
      @ForAll @DoubleRange(min = -60, max = 0) double x, @ForAll boolean positive) {
    double[] values = {x + 3, 3, -37, x};
    double difference = (x + 3) - 3;
    Elementary.expOfDifferences(values, new double[] {3, 3, 3, 3}, 3);
    assertEquals(StrictMath.exp(Math.max(difference, -40)), values[0], 3e-14 * values[0]);
    assertEquals(1, values[1]);
    assertEquals(x, values[3], "beyond the count");
    double[] soft = {positive ? -x : x};
    double expected = Math.max(soft[0], 0) + StrictMath.log1p(StrictMath.exp(x));
    Elementary.softplus(soft, new double[1], 1);
    assertEquals(expected, soft[0], 3e-14 * expected + 5e-18);
  }

  /** A number's bits depend neither on its tile nor on whether the loops run compiled. */
  @ParameterizedTest
  @CsvSource({"false", "true"})
  void bitsAreThoseOfTheNumberAlone(boolean cubic) {
    SplittableRandom random = new SplittableRandom(5);
    Spline spline = spline(cubic, 10, 18);
    int count = 3 * Spline.TILE + 7;
    float[] theta = new float[count * spline.parameters()];
    double[] start = new double[count];
    for (int i = 0; i < theta.length; i++) {
      theta[i] = (float) random.nextDouble(-4, 4);
    }
    for (int i = 0; i < count; i++) {
      start[i] = random.nextDouble(-18, 18);
    }
    for (boolean inverse : new boolean[] {false, true}) {
      double[] alone = new double[count];
      for (int i = 0; i < count; i++) {
        double[] one = {start[i]};
        spline.transform(
            one, 0, 1, theta, i * spline.parameters(), inverse, spline.workspace(false));
        alone[i] = one[0];
      }
      for (int round = 0; round < 2000; round++) {
        double[] values = start.clone();
        spline.transform(values, 0, count, theta, 0, inverse, spline.workspace(round % 2 == 0));
        assertTrue(Arrays.equals(alone, values), "round " + round);
      }
    }
  }

  /** Both directions, with derivatives: a workspace is all the room they take. */
  @ParameterizedTest
  @CsvSource({"false", "true"})
  void nothingIsAllocated(boolean cubic) {
    SplittableRandom random = new SplittableRandom(6);
    Spline spline = spline(cubic, 10, 18);
    int count = Spline.TILE + 7;
    float[] theta = new float[count * spline.parameters()];
    double[] start = random.doubles(count, -18, 18).toArray();
    for (int i = 0; i < theta.length; i++) {
      theta[i] = (float) random.nextDouble(-4, 4);
    }
    double[] values = new double[count];
    Spline.Workspace room = spline.workspace(true);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = 0;
    // The first rounds load classes.
    for (int round = 0; round < 200; round++) {
      if (round == 100) {
        before = threads.getCurrentThreadAllocatedBytes();
      }
      System.arraycopy(start, 0, values, 0, count);
      spline.transform(values, 0, count, theta, 0, round % 2 == 0, room);
    }
    long bytes = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(bytes < 100, bytes + " bytes in 100 transformations");
  }
}
