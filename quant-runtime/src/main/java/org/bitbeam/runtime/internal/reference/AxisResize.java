package org.bitbeam.runtime.internal.reference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/**
 * Resize along one axis: each new place is a mean of two old ones.
 *
 * @param shape of the result
 * @param outer number of pieces before the axis
 * @param length old size
 * @param inner elements behind each place
 * @param low for each new place the first of the two
 * @param weight of the second
 */
public record AxisResize(
    int[] shape, int outer, int length, int inner, int[] low, double[] weight) {

  /**
   * The axes that a Resize node changes, in order.
   *
   * @throws IllegalArgumentException if shapes do not fit
   */
  public static List<AxisResize> of(Call call) {
    FloatArray x = call.floats(0);
    String mode = call.text("mode", "nearest");
    if (!mode.equals("nearest") && !mode.equals("linear")) {
      throw call.unsupported("mode=" + mode);
    }
    if (call.integer("antialias", 0) == 1) {
      throw call.unsupported("antialias");
    }
    if (call.opset() < 11) {
      throw call.unsupported("operator set " + call.opset());
    }
    if (!call.text("keep_aspect_ratio_policy", "stretch").equals("stretch")) {
      throw call.unsupported("keep_aspect_ratio_policy");
    }
    int rank = x.rank();
    int[] axes = call.list("axes");
    int named = axes == null ? rank : axes.length;
    double[] scales = new double[rank];
    int[] shape = x.shape().clone();
    Arrays.fill(scales, 1);
    boolean bySizes = call.has(3) && call.input(3).size() > 0;
    for (int i = 0; i < named; i++) {
      int axis = call.axis(axes == null ? i : axes[i], rank);
      if (bySizes) {
        int[] sizes = call.ints(3);
        if (sizes.length != named || sizes[i] < 1) {
          throw call.wrong("sizes " + Arrays.toString(sizes) + " for " + named + " axes");
        }
        shape[axis] = sizes[i];
        scales[axis] = (double) sizes[i] / x.shape()[axis];
      } else {
        float[] given = call.floats(2).values();
        if (given.length != named || !(given[i] > 0)) {
          throw call.wrong("scales " + Arrays.toString(given) + " for " + named + " axes");
        }
        scales[axis] = given[i];
        double size = Math.floor(x.shape()[axis] * scales[axis]);
        if (size > Shapes.MAX_ELEMENTS) {
          throw call.wrong("a scale of " + given[i]);
        }
        shape[axis] = (int) size;
      }
    }
    List<AxisResize> changed = new ArrayList<>();
    int[] now = x.shape();
    for (int axis = 0; axis < rank; axis++) {
      if (shape[axis] != now[axis] || scales[axis] != 1) {
        AxisResize resize =
            along(call, now, axis, shape[axis], scales[axis], mode.equals("linear"));
        changed.add(resize);
        now = resize.shape();
      }
    }
    return changed;
  }

  private static AxisResize along(
      Call call, int[] given, int axis, int size, double scale, boolean linear) {
    int length = given[axis];
    int[] low = new int[size];
    double[] weight = new double[size];
    for (int p = 0; p < size; p++) {
      double at = coordinate(call, p, length, size, scale);
      if (linear) {
        double clamped = Math.max(0, Math.min(length - 1, at));
        low[p] = (int) Math.min(Math.floor(clamped), Math.max(0, length - 2));
        weight[p] = clamped - low[p];
      } else {
        low[p] = Math.max(0, Math.min(length - 1, nearest(call, at)));
      }
    }
    int[] shape = given.clone();
    shape[axis] = size;
    Shapes.size(shape); // refuses what is too large
    int outer = Shapes.size(given, 0, axis);
    int inner = Shapes.size(given, axis + 1, given.length);
    return new AxisResize(shape, outer, length, inner, low, weight);
  }

  /** Fills {@code y}, which has the result's shape. */
  public void run(float[] x, float[] y) {
    int size = low.length;
    for (int p = 0; p < size; p++) {
      int first = low[p];
      int second = Math.min(length - 1, first + 1);
      double w = weight[p];
      for (int i = 0; i < outer; i++) {
        for (int j = 0; j < inner; j++) {
          double a = x[(i * length + first) * inner + j];
          double b = x[(i * length + second) * inner + j];
          y[(i * size + p) * inner + j] = (float) (w == 0 ? a : a * (1 - w) + b * w);
        }
      }
    }
  }

  private static double coordinate(Call call, int p, int length, int size, double scale) {
    return switch (call.text("coordinate_transformation_mode", "half_pixel")) {
      case "half_pixel" -> (p + 0.5) / scale - 0.5;
      case "pytorch_half_pixel" -> size > 1 ? (p + 0.5) / scale - 0.5 : 0;
      case "asymmetric" -> p / scale;
      case "align_corners" -> size == 1 ? 0 : p * (length - 1.0) / (size - 1.0);
      default ->
          throw call.unsupported(
              "coordinate_transformation_mode=" + call.text("coordinate_transformation_mode", ""));
    };
  }

  private static int nearest(Call call, double at) {
    return (int)
        switch (call.text("nearest_mode", "round_prefer_floor")) {
          case "floor" -> Math.floor(at);
          case "ceil" -> Math.ceil(at);
          case "round_prefer_floor" -> Math.ceil(at - 0.5);
          case "round_prefer_ceil" -> Math.floor(at + 0.5);
          default -> throw call.unsupported("nearest_mode=" + call.text("nearest_mode", ""));
        };
  }
}
