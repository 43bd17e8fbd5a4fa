package org.bitbeam.runtime.internal.bit;

import org.bitbeam.runtime.internal.graph.Shapes;

/**
 * Walks over an array and over others that are broadcast to its shape, in straight lines: axes
 * along which all advance evenly are walked as one, and lines run along the longer of the last two.
 */
final class Broadcast {
  /**
   * A line: element i of operand p is at {@code at[p] + i * steps[p]}, that of the result alike.
   */
  interface Line {
    void run(int[] at, int[] steps, int to, int step, int count);
  }

  private Broadcast() {}

  static void lines(int[] shape, Line line, int[]... operands) {
    int[] sizes = new int[shape.length + 1];
    int[][] steps = new int[operands.length + 1][shape.length + 1]; // the result's come last
    int axes = merged(shape, operands, sizes, steps);
    int total = Shapes.size(shape);
    if (total == 0) {
      return;
    }
    int along = axes > 1 && sizes[axes - 1] < 8 && sizes[axes - 2] > sizes[axes - 1] ? 2 : 1;
    along = axes - along;
    int count = sizes[along];
    int[] at = new int[steps.length];
    int[] step = new int[steps.length];
    for (int p = 0; p < steps.length; p++) {
      step[p] = steps[p][along];
    }
    int[] index = new int[axes];
    for (int rest = total / count; rest > 0; rest--) {
      line.run(at, step, at[operands.length], step[operands.length], count);
      for (int axis = axes - 1; axis >= 0; axis--) {
        if (axis == along) {
          continue;
        }
        boolean more = ++index[axis] < sizes[axis];
        for (int p = 0; p < at.length; p++) {
          at[p] += more ? steps[p][axis] : steps[p][axis] * (1 - sizes[axis]);
        }
        if (more) {
          break;
        }
        index[axis] = 0;
      }
    }
  }

  private static int merged(int[] shape, int[][] operands, int[] sizes, int[][] steps) {
    int[][] strides = new int[steps.length][];
    for (int p = 0; p < operands.length; p++) {
      strides[p] = strides(operands[p], shape);
    }
    strides[operands.length] = strides(shape, shape);
    int axes = 0;
    for (int i = 0; i < shape.length; i++) {
      boolean joins = axes > 0;
      for (int p = 0; p < steps.length && joins; p++) {
        joins = steps[p][axes - 1] == strides[p][i] * shape[i];
      }
      axes += joins ? 0 : 1;
      sizes[axes - 1] = joins ? sizes[axes - 1] * shape[i] : shape[i];
      for (int p = 0; p < steps.length; p++) {
        steps[p][axes - 1] = strides[p][i];
      }
    }
    sizes[0] = axes == 0 ? 1 : sizes[0];
    return Math.max(axes, 1);
  }

  /** Steps of an operand along the axes of the result; 0 where it stands still. */
  static int[] strides(int[] from, int[] to) {
    int[] own = Shapes.strides(from);
    int[] strides = new int[to.length];
    for (int i = 0; i < from.length; i++) {
      strides[to.length - from.length + i] = from[i] == 1 ? 0 : own[i];
    }
    return strides;
  }
}
