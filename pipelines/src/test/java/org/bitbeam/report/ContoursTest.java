package org.bitbeam.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import org.junit.jupiter.api.Test;

class ContoursTest {
  private static Contours of(DoubleBinaryOperator function, int points) {
    double[] axis = new double[points];
    Arrays.setAll(axis, i -> -2 + 4. * i / (points - 1));
    double[][] values = new double[points][points];
    for (int i = 0; i < points; i++) {
      for (int j = 0; j < points; j++) {
        values[i][j] = function.applyAsDouble(axis[i], axis[j]);
      }
    }
    return new Contours(axis, axis, values);
  }

  @Test
  void aRoundFunctionHasACircle() {
    double[][] line = of((x, y) -> x * x + y * y, 81).at(1);
    double length = 0;
    for (int i = 0; i < line[0].length; i += 3) {
      for (int k = 0; k < 2; k++) {
        assertEquals(1, Math.hypot(line[0][i + k], line[1][i + k]), 1e-3);
      }
      length += Math.hypot(line[0][i + 1] - line[0][i], line[1][i + 1] - line[1][i]);
      assertTrue(Double.isNaN(line[0][i + 2]) && Double.isNaN(line[1][i + 2]));
    }
    assertEquals(2 * Math.PI, length, 0.01);
  }

  @Test
  void bothBranchesOfASaddleAreThere() {
    double[][] line = of((x, y) -> x * y, 81).at(0.5);
    long left = Arrays.stream(line[0]).filter(x -> x < 0).count();
    long right = Arrays.stream(line[0]).filter(x -> x > 0).count();
    assertTrue(left > 20);
    assertEquals(left, right);
    for (int i = 0; i < line[0].length; i++) {
      if (!Double.isNaN(line[0][i])) {
        assertEquals(0.5, line[0][i] * line[1][i], 1e-3);
      }
    }
  }

  @Test
  void aLevelThatIsNotReachedHasNoLine() {
    assertEquals(0, of((x, y) -> x * x + y * y, 9).at(100)[0].length);
  }
}
