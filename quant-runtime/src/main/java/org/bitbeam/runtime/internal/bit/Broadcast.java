package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/**
 * Walks over an array and over others that are broadcast to its shape, in blocks without gaps: what
 * does not lie so is copied, block by block. Axes along which all advance evenly are one.
 */
final class Broadcast {
  /**
   * Element i of operand p is {@code operands[p][at[p] + i]}, that of the result {@code y[to + i]}.
   */
  interface Block {
    void run(float[][] operands, int[] at, float[] y, int to, int count);
  }

  /** Elements of a block, so that all operands' stay in the first cache. */
  private static final int BLOCK = 2048;

  private static final int COPIES = 17; // key of the frame's working memory

  private final float[][] values;
  private final int[] sizes;
  private final int[][] steps; // the result's come last
  private final int axes;
  private final float[] copies;
  private final int room; // elements of a copy
  private final float[][] parts;
  private final int[] from;
  private final int[] copied; // where the operand's copy comes from
  private final int[] lengths;
  private final int[] at;
  private final int[] index;
  private final int cut; // a block has some steps along this axis, and all of the axes after it
  private final int inner;
  private final boolean[] isDense;

  private Broadcast(Frame frame, int[] shape, FloatArray... operands) {
    this.values = new float[operands.length][];
    int[][] shapes = new int[operands.length][];
    for (int p = 0; p < operands.length; p++) {
      values[p] = operands[p].values();
      shapes[p] = operands[p].shape();
    }
    this.sizes = new int[shape.length + 1];
    this.steps = new int[operands.length + 1][shape.length + 1];
    this.axes = merged(shape, shapes, sizes, steps);
    this.room = Math.min(Shapes.size(shape), BLOCK);
    this.copies = frame.scratch(COPIES, operands.length * room);
    this.parts = new float[operands.length][];
    this.from = new int[operands.length];
    this.copied = new int[operands.length];
    this.lengths = new int[operands.length];
    this.at = new int[operands.length];
    this.index = new int[axes];
    int last = axes - 1;
    int length = 1;
    while (last > 0 && (long) length * sizes[last] <= BLOCK / 2) {
      length *= sizes[last--];
    }
    this.cut = last;
    this.inner = length;
    this.isDense = new boolean[operands.length];
    for (int p = 0; p < isDense.length; p++) {
      isDense[p] = isDense(p, cut);
    }
  }

  /** What runs over all of {@code y}, which has that shape. */
  static Step over(Frame frame, int[] shape, float[] y, Block block, FloatArray... operands) {
    if (y.length == 0) {
      return () -> {};
    }
    boolean isEven = true;
    for (FloatArray operand : operands) {
      isEven &= Arrays.equals(operand.shape(), shape);
    }
    if (!isEven) {
      Broadcast walk = new Broadcast(frame, shape, operands);
      return () -> walk.run(y, block);
    }
    float[][] values = new float[operands.length][];
    for (int p = 0; p < values.length; p++) {
      values[p] = operands[p].values();
    }
    int[] starts = new int[values.length];
    return () -> block.run(values, starts, y, 0, y.length);
  }

  private void run(float[] y, Block block) {
    int most = Math.max(1, BLOCK / inner);
    Arrays.fill(copied, -1);
    Arrays.fill(at, 0);
    Arrays.fill(index, 0);
    int to = 0;
    while (to < y.length) {
      for (int first = 0; first < sizes[cut]; first += most) {
        int count = Math.min(most, sizes[cut] - first);
        for (int p = 0; p < parts.length; p++) {
          int start = at[p] + first * steps[p][cut];
          if (isDense[p]) {
            parts[p] = values[p];
            from[p] = start;
          } else {
            parts[p] = copies;
            from[p] = p * room;
            if (copied[p] != start || lengths[p] != count) {
              copy(p, start, cut, count, from[p]);
              copied[p] = start;
              lengths[p] = count;
            }
          }
        }
        block.run(parts, from, y, to, count * inner);
        to += count * inner;
      }
      next();
    }
  }

  /** To the next place of the axes before {@code cut}. */
  private void next() {
    for (int axis = cut - 1; axis >= 0; axis--) {
      boolean more = ++index[axis] < sizes[axis];
      for (int p = 0; p < at.length; p++) {
        at[p] += more ? steps[p][axis] : steps[p][axis] * (1 - sizes[axis]);
      }
      if (more) {
        return;
      }
      index[axis] = 0;
    }
  }

  /** Whether an operand lies as the result does, from an axis on. */
  private boolean isDense(int p, int axis) {
    for (int i = axis; i < axes; i++) {
      if (steps[p][i] != steps[values.length][i]) {
        return false;
      }
    }
    return true;
  }

  /** Copies {@code count} steps along an axis with all of the axes after it. */
  private int copy(int p, int start, int axis, int count, int to) {
    float[] x = values[p];
    int step = steps[p][axis];
    if (axis == axes - 1) {
      if (step == 0) {
        Arrays.fill(copies, to, to + count, x[start]);
      } else {
        for (int i = 0; i < count; i++) {
          copies[to + i] = x[start + i * step];
        }
      }
      return count;
    }
    int part = copy(p, start, axis + 1, sizes[axis + 1], to);
    int all = count * part;
    if (step == 0) {
      for (int done = part; done < all; done *= 2) {
        System.arraycopy(copies, to, copies, to + done, Math.min(done, all - done));
      }
    } else {
      for (int i = 1; i < count; i++) {
        copy(p, start + i * step, axis + 1, sizes[axis + 1], to + i * part);
      }
    }
    return all;
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
