package org.bitbeam.runtime.internal.reference;

import java.util.List;
import java.util.Map;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;

/** LSTM and GRU with their default activations, forward, reverse or both. */
final class Recurrent {
  private Recurrent() {}

  static void register(Map<String, Operator> all) {
    all.put("LSTM", call -> run(call, 4));
    all.put("GRU", call -> run(call, 3));
  }

  private static List<NdArray> run(Call call, int gates) {
    FloatArray x = call.floats(0);
    FloatArray w = call.floats(1);
    FloatArray r = call.floats(2);
    String direction = call.text("direction", "forward");
    int directions = direction.equals("bidirectional") ? 2 : 1;
    if (x.rank() != 3 || w.rank() != 3 || r.rank() != 3) {
      throw call.wrong(
          "needs three axes each, got " + x.describe() + ", " + w.describe() + ", " + r.describe());
    }
    int steps = x.shape()[0];
    int batch = x.shape()[1];
    int width = x.shape()[2];
    int hidden = r.shape()[2];
    if (w.shape()[0] != directions
        || w.shape()[1] != gates * hidden
        || w.shape()[2] != width
        || r.shape()[0] != directions
        || r.shape()[1] != gates * hidden) {
      throw call.wrong(
          "weights "
              + w.describe()
              + " and "
              + r.describe()
              + " for "
              + x.describe()
              + ", "
              + direction);
    }
    for (String attribute : List.of("activations", "clip", "input_forget")) {
      if (call.node().attributes().containsKey(attribute)) {
        throw call.unsupported("attribute " + attribute);
      }
    }
    if (call.integer("layout", 0) != 0) {
      throw call.unsupported("layout 1");
    }
    if (call.has(4)) {
      for (int length : call.ints(4)) {
        if (length != steps) {
          throw call.unsupported("sequences of different lengths");
        }
      }
    }
    if (gates == 4 && call.has(7)) {
      throw call.unsupported("peepholes");
    }
    float[] bias =
        call.has(3) ? call.floats(3).values() : new float[directions * 2 * gates * hidden];
    float[] y = new float[steps * directions * batch * hidden];
    float[] lastH = initial(call, 5, directions * batch * hidden);
    float[] lastC = initial(call, gates == 4 ? 6 : 99, directions * batch * hidden);
    for (int d = 0; d < directions; d++) {
      boolean backwards = direction.equals("reverse") || d == 1;
      Cell cell =
          new Cell(
              w.values(),
              r.values(),
              bias,
              d,
              gates,
              hidden,
              width,
              call.integer("linear_before_reset", 0) != 0);
      for (int n = 0; n < batch; n++) {
        double[] h = new double[hidden];
        double[] c = new double[hidden];
        int state = (d * batch + n) * hidden;
        for (int i = 0; i < hidden; i++) {
          h[i] = lastH[state + i];
          c[i] = lastC[state + i];
        }
        for (int s = 0; s < steps; s++) {
          int step = backwards ? steps - 1 - s : s;
          int from = (step * batch + n) * width;
          if (gates == 4) {
            cell.lstm(x.values(), from, h, c);
          } else {
            cell.gru(x.values(), from, h);
          }
          for (int i = 0; i < hidden; i++) {
            y[((step * directions + d) * batch + n) * hidden + i] = (float) h[i];
          }
        }
        for (int i = 0; i < hidden; i++) {
          lastH[state + i] = (float) h[i];
          lastC[state + i] = (float) c[i];
        }
      }
    }
    int[] stateShape = {directions, batch, hidden};
    FloatArray all = new FloatArray(new int[] {steps, directions, batch, hidden}, y);
    FloatArray last = new FloatArray(stateShape, lastH);
    return gates == 4 ? List.of(all, last, new FloatArray(stateShape, lastC)) : List.of(all, last);
  }

  private static float[] initial(Call call, int input, int size) {
    if (!call.has(input)) {
      return new float[size];
    }
    float[] given = call.floats(input).values();
    if (given.length != size) {
      throw call.wrong("initial state " + call.input(input).describe());
    }
    return given.clone();
  }

  /** One direction's weights. */
  private record Cell(
      float[] w,
      float[] r,
      float[] bias,
      int direction,
      int gates,
      int hidden,
      int width,
      boolean linearBeforeReset) {

    /** W x + b of gate {@code g}, unit {@code i}. */
    private double input(int g, int i, float[] x, int from) {
      int row = (direction * gates + g) * hidden + i;
      double sum = bias[direction * 2 * gates * hidden + g * hidden + i];
      for (int k = 0; k < width; k++) {
        sum += (double) w[row * width + k] * x[from + k];
      }
      return sum;
    }

    /** R h + b. */
    private double recurrent(int g, int i, double[] h) {
      int row = (direction * gates + g) * hidden + i;
      double sum = bias[(direction * 2 + 1) * gates * hidden + g * hidden + i];
      for (int k = 0; k < hidden; k++) {
        sum += r[row * hidden + k] * h[k];
      }
      return sum;
    }

    /** Gates in the order input, output, forget, cell. */
    void lstm(float[] x, int from, double[] h, double[] c) {
      double[] next = new double[hidden];
      for (int i = 0; i < hidden; i++) {
        double in = Functions.sigmoid(input(0, i, x, from) + recurrent(0, i, h));
        double out = Functions.sigmoid(input(1, i, x, from) + recurrent(1, i, h));
        double forget = Functions.sigmoid(input(2, i, x, from) + recurrent(2, i, h));
        double candidate = StrictMath.tanh(input(3, i, x, from) + recurrent(3, i, h));
        c[i] = forget * c[i] + in * candidate;
        next[i] = out * StrictMath.tanh(c[i]);
      }
      System.arraycopy(next, 0, h, 0, hidden);
    }

    /** Gates in the order update, reset, hidden. */
    void gru(float[] x, int from, double[] h) {
      double[] update = new double[hidden];
      double[] reset = new double[hidden];
      double[] gated = new double[hidden];
      for (int i = 0; i < hidden; i++) {
        update[i] = Functions.sigmoid(input(0, i, x, from) + recurrent(0, i, h));
        reset[i] = Functions.sigmoid(input(1, i, x, from) + recurrent(1, i, h));
        gated[i] = reset[i] * h[i];
      }
      double[] next = new double[hidden];
      for (int i = 0; i < hidden; i++) {
        double past = linearBeforeReset ? reset[i] * recurrent(2, i, h) : recurrent(2, i, gated);
        double candidate = StrictMath.tanh(input(2, i, x, from) + past);
        next[i] = (1 - update[i]) * candidate + update[i] * h[i];
      }
      System.arraycopy(next, 0, h, 0, hidden);
    }
  }
}
