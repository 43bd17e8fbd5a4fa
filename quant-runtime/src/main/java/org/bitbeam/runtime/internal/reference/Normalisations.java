package org.bitbeam.runtime.internal.reference;

import static org.bitbeam.runtime.internal.reference.Elementwise.one;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/** Normalisations and softmax. */
final class Normalisations {
  private Normalisations() {}

  static void register(Map<String, Operator> all) {
    all.put("BatchNormalization", Normalisations::batchNormalization);
    all.put("InstanceNormalization", Normalisations::instanceNormalization);
    all.put("LayerNormalization", Normalisations::layerNormalization);
    all.put("RMSNormalization", Normalisations::rmsNormalization);
    all.put("LpNormalization", Normalisations::lpNormalization);
    all.put("Softmax", call -> softmax(call, false));
    all.put("LogSoftmax", call -> softmax(call, true));
  }

  private static List<NdArray> batchNormalization(Call call) {
    FloatArray x = call.floats(0);
    if (call.integer("training_mode", 0) != 0) {
      throw call.unsupported("training mode");
    }
    int channels = x.rank() < 2 ? 1 : x.shape()[1];
    double epsilon = call.real("epsilon", 1e-5f);
    float[] scale = channel(call, 1, channels);
    float[] shift = channel(call, 2, channels);
    float[] mean = channel(call, 3, channels);
    float[] variance = channel(call, 4, channels);
    int inner = x.rank() < 2 ? 1 : Shapes.size(x.shape(), 2, x.rank());
    float[] y = new float[x.size()];
    for (int i = 0; i < y.length; i++) {
      int c = i / inner % channels;
      y[i] =
          (float)
              ((x.values()[i] - mean[c]) / Math.sqrt(variance[c] + epsilon) * scale[c] + shift[c]);
    }
    return one(new FloatArray(x.shape(), y));
  }

  private static float[] channel(Call call, int input, int channels) {
    float[] values = call.floats(input).values();
    if (values.length != channels) {
      throw call.wrong(
          "input " + input + " has " + values.length + " values for " + channels + " channels");
    }
    return values;
  }

  private static List<NdArray> instanceNormalization(Call call) {
    FloatArray x = call.floats(0);
    int channels = x.shape()[1];
    float[] scale = channel(call, 1, channels);
    float[] shift = channel(call, 2, channels);
    int inner = Shapes.size(x.shape(), 2, x.rank());
    float[] y = new float[x.size()];
    for (int i = 0; i < y.length; i += inner) {
      int c = i / inner % channels;
      float[] row = Arrays.copyOfRange(x.values(), i, i + inner);
      double[] moments = moments(row, call.real("epsilon", 1e-5f));
      for (int j = 0; j < inner; j++) {
        y[i + j] = (float) ((row[j] - moments[0]) * moments[1] * scale[c] + shift[c]);
      }
    }
    return one(new FloatArray(x.shape(), y));
  }

  /** Mean and 1 / sqrt(variance + epsilon). */
  private static double[] moments(float[] row, double epsilon) {
    double mean = 0;
    for (float v : row) {
      mean += v;
    }
    mean /= row.length;
    double variance = 0;
    for (float v : row) {
      variance += (v - mean) * (v - mean);
    }
    return new double[] {mean, 1 / Math.sqrt(variance / row.length + epsilon)};
  }

  private static List<NdArray> layerNormalization(Call call) {
    FloatArray x = call.floats(0);
    int axis = call.axis(call.integer("axis", -1), x.rank());
    int inner = Shapes.size(x.shape(), axis, x.rank());
    int[] normalised = Arrays.copyOfRange(x.shape(), axis, x.rank());
    float[] scale = spread(call, 1, normalised);
    float[] shift = call.has(2) ? spread(call, 2, normalised) : new float[inner];
    int rows = Shapes.size(x.shape(), 0, axis);
    int[] momentShape = x.shape().clone();
    Arrays.fill(momentShape, axis, x.rank(), 1);
    float[] y = new float[x.size()];
    float[] means = new float[rows];
    float[] inverses = new float[rows];
    for (int r = 0; r < rows; r++) {
      float[] row = Arrays.copyOfRange(x.values(), r * inner, (r + 1) * inner);
      double[] moments = moments(row, call.real("epsilon", 1e-5f));
      for (int j = 0; j < inner; j++) {
        y[r * inner + j] = (float) ((row[j] - moments[0]) * moments[1] * scale[j] + shift[j]);
      }
      means[r] = (float) moments[0];
      inverses[r] = (float) moments[1];
    }
    return List.of(
        new FloatArray(x.shape(), y),
        new FloatArray(momentShape, means),
        new FloatArray(momentShape, inverses));
  }

  private static float[] spread(Call call, int input, int[] shape) {
    FloatArray values = call.floats(input);
    try {
      if (!Arrays.equals(Shapes.broadcast(values.shape(), shape), shape)) {
        throw new IllegalArgumentException("it is larger");
      }
      return values.take(Shapes.broadcastPositions(values.shape(), shape), shape).values();
    } catch (IllegalArgumentException e) {
      throw call.wrong(
          "input "
              + input
              + " of shape "
              + Arrays.toString(values.shape())
              + " for "
              + Arrays.toString(shape));
    }
  }

  private static List<NdArray> rmsNormalization(Call call) {
    FloatArray x = call.floats(0);
    int axis = call.axis(call.integer("axis", -1), x.rank());
    int inner = Shapes.size(x.shape(), axis, x.rank());
    float[] scale = spread(call, 1, Arrays.copyOfRange(x.shape(), axis, x.rank()));
    double epsilon = call.real("epsilon", 1e-5f);
    float[] y = new float[x.size()];
    for (int i = 0; i < y.length; i += inner) {
      double squares = 0;
      for (int j = 0; j < inner; j++) {
        squares += (double) x.values()[i + j] * x.values()[i + j];
      }
      double factor = 1 / Math.sqrt(squares / inner + epsilon);
      for (int j = 0; j < inner; j++) {
        y[i + j] = (float) (x.values()[i + j] * factor * scale[j]);
      }
    }
    return one(new FloatArray(x.shape(), y));
  }

  private static List<NdArray> lpNormalization(Call call) {
    FloatArray x = call.floats(0);
    int axis = call.axis(call.integer("axis", -1), x.rank());
    long p = call.integer("p", 2);
    int length = x.shape()[axis];
    int inner = Shapes.size(x.shape(), axis + 1, x.rank());
    float[] y = new float[x.size()];
    for (int start = 0; start < y.length; start++) {
      if (start / inner % length != 0) {
        continue;
      }
      double norm = 0;
      for (int k = 0; k < length; k++) {
        double v = x.values()[start + k * inner];
        norm += p == 1 ? Math.abs(v) : v * v;
      }
      norm = p == 1 ? norm : Math.sqrt(norm);
      for (int k = 0; k < length; k++) {
        int at = start + k * inner;
        y[at] = norm == 0 ? 0 : (float) (x.values()[at] / norm);
      }
    }
    return one(new FloatArray(x.shape(), y));
  }

  private static List<NdArray> softmax(Call call, boolean logarithm) {
    FloatArray x = call.floats(0);
    int axis = call.axis(call.integer("axis", call.opset() < 13 ? 1 : -1), x.rank());
    // Before operator set 13, all axes from the named one on were taken together.
    int length = call.opset() < 13 ? Shapes.size(x.shape(), axis, x.rank()) : x.shape()[axis];
    int inner = call.opset() < 13 ? 1 : Shapes.size(x.shape(), axis + 1, x.rank());
    float[] y = new float[x.size()];
    for (int start = 0; start < y.length; start++) {
      if (start / inner % length != 0) {
        continue;
      }
      double max = Double.NEGATIVE_INFINITY;
      for (int k = 0; k < length; k++) {
        max = Math.max(max, x.values()[start + k * inner]);
      }
      double sum = 0;
      for (int k = 0; k < length; k++) {
        sum += StrictMath.exp(x.values()[start + k * inner] - max);
      }
      for (int k = 0; k < length; k++) {
        int at = start + k * inner;
        double shifted = x.values()[at] - max;
        y[at] = (float) (logarithm ? shifted - StrictMath.log(sum) : StrictMath.exp(shifted) / sum);
      }
    }
    return one(new FloatArray(x.shape(), y));
  }
}
