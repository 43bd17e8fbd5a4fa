package org.bitbeam.runtime.internal.reference;

import static org.bitbeam.runtime.internal.reference.Elementwise.one;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/** Operators on neighbourhoods: convolution, pooling, resizing; any number of spatial axes. */
final class Convolutions {
  private Convolutions() {}

  static void register(Map<String, Operator> all) {
    all.put("Conv", Convolutions::conv);
    all.put("MaxPool", call -> pool(call, true));
    all.put("AveragePool", call -> pool(call, false));
    all.put("GlobalAveragePool", call -> globalPool(call, false));
    all.put("GlobalMaxPool", call -> globalPool(call, true));
    all.put("Resize", Convolutions::resize);
  }

  /** Where a window of a convolution or a pooling stands. */
  private record Window(int[] kernel, int[] strides, int[] dilations, int[] before, int[] output) {
    static Window of(Call call, int[] spatial, int[] kernel) {
      int rank = spatial.length;
      int[] ones = new int[rank];
      Arrays.fill(ones, 1);
      int[] strides = call.list("strides", ones);
      int[] dilations = call.list("dilations", ones);
      int[] pads = call.list("pads", new int[2 * rank]);
      String auto = call.text("auto_pad", "NOTSET");
      if (kernel.length != rank
          || strides.length != rank
          || dilations.length != rank
          || pads.length != 2 * rank) {
        throw call.wrong("kernel, strides, dilations or pads do not fit " + rank + " spatial axes");
      }
      int[] before = new int[rank];
      int[] output = new int[rank];
      for (int i = 0; i < rank; i++) {
        if (strides[i] < 1 || dilations[i] < 1 || kernel[i] < 1) {
          throw call.wrong("strides, dilations and kernel sizes must be positive");
        }
        int reach = Math.addExact(Math.multiplyExact(kernel[i] - 1, dilations[i]), 1);
        int padding;
        switch (auto) {
          case "NOTSET" -> {
            before[i] = pads[i];
            padding = Math.addExact(pads[i], pads[rank + i]);
          }
          case "VALID" -> padding = 0;
          case "SAME_UPPER", "SAME_LOWER" -> {
            int wanted = (spatial[i] + strides[i] - 1) / strides[i];
            padding = Math.max(0, (wanted - 1) * strides[i] + reach - spatial[i]);
            before[i] = auto.equals("SAME_UPPER") ? padding / 2 : padding - padding / 2;
          }
          default -> throw call.unsupported("auto_pad=" + auto);
        }
        int room = Math.addExact(spatial[i], padding) - reach;
        boolean ceil = call.integer("ceil_mode", 0) == 1;
        output[i] =
            room < 0 ? 0 : (ceil ? (room + strides[i] - 1) / strides[i] : room / strides[i]) + 1;
      }
      return new Window(kernel, strides, dilations, before, output);
    }

    /** Flat input position under tap {@code tap} of output {@code index}, -1 in the padding. */
    int position(int[] spatial, int[] index, int[] tap) {
      int position = 0;
      for (int i = 0; i < spatial.length; i++) {
        int at = index[i] * strides[i] - before[i] + tap[i] * dilations[i];
        if (at < 0 || at >= spatial[i]) {
          return -1;
        }
        position = position * spatial[i] + at;
      }
      return position;
    }
  }

  private static int[] spatial(Call call, NdArray x) {
    if (x.rank() < 3) {
      throw call.wrong("needs batch, channels and spatial axes, got " + x.describe());
    }
    return Arrays.copyOfRange(x.shape(), 2, x.rank());
  }

  private static int[] resultShape(int batch, int channels, int[] spatial) {
    int[] shape = new int[spatial.length + 2];
    shape[0] = batch;
    shape[1] = channels;
    System.arraycopy(spatial, 0, shape, 2, spatial.length);
    return shape;
  }

  /** For each output place and tap the input position, taps fastest. */
  private static int[] places(Window window, int[] spatial) {
    int taps = Shapes.size(window.kernel());
    int[] places = new int[Math.multiplyExact(Shapes.size(window.output()), taps)];
    int[] index = new int[spatial.length];
    for (int place = 0; place < places.length; place += taps) {
      int[] tap = new int[spatial.length];
      for (int t = 0; t < taps; t++) {
        places[place + t] = window.position(spatial, index, tap);
        ShapeOperators.increment(tap, window.kernel());
      }
      ShapeOperators.increment(index, window.output());
    }
    return places;
  }

  private static List<NdArray> conv(Call call) {
    FloatArray x = call.floats(0);
    FloatArray w = call.floats(1);
    int[] spatial = spatial(call, x);
    if (w.rank() != x.rank()) {
      throw call.wrong("weights " + w.describe() + " for " + x.describe());
    }
    int group = call.toInt(call.integer("group", 1));
    int outputs = w.shape()[0];
    int inputs = w.shape()[1];
    if (group < 1 || outputs % group != 0 || inputs * group != x.shape()[1]) {
      throw call.wrong("weights " + w.describe() + " in " + group + " groups for " + x.describe());
    }
    int[] kernel = Arrays.copyOfRange(w.shape(), 2, w.rank());
    Window window = Window.of(call, spatial, call.list("kernel_shape", kernel));
    if (!Arrays.equals(window.kernel(), kernel)) {
      throw call.wrong(
          "kernel_shape " + Arrays.toString(window.kernel()) + " for weights " + w.describe());
    }
    float[] bias = call.has(2) ? call.floats(2).values() : new float[outputs];
    if (bias.length != outputs) {
      throw call.wrong(bias.length + " biases for " + outputs + " outputs");
    }
    int[] places = places(window, spatial);
    int taps = Shapes.size(kernel);
    int area = Shapes.size(window.output());
    int inArea = Shapes.size(spatial);
    int[] shape = resultShape(x.shape()[0], outputs, window.output());
    float[] y = new float[Shapes.size(shape)];
    int to = 0;
    for (int n = 0; n < x.shape()[0]; n++) {
      for (int o = 0; o < outputs; o++) {
        int firstInput = o / (outputs / group) * inputs;
        for (int place = 0; place < area; place++) {
          double sum = bias[o];
          for (int c = 0; c < inputs; c++) {
            int from = (n * x.shape()[1] + firstInput + c) * inArea;
            for (int t = 0; t < taps; t++) {
              int at = places[place * taps + t];
              if (at >= 0) {
                sum += (double) w.values()[(o * inputs + c) * taps + t] * x.values()[from + at];
              }
            }
          }
          y[to++] = (float) sum;
        }
      }
    }
    return one(new FloatArray(shape, y));
  }

  private static List<NdArray> pool(Call call, boolean max) {
    FloatArray x = call.floats(0);
    int[] spatial = spatial(call, x);
    if (call.node().outputs().size() > 1) {
      throw call.unsupported("the second output");
    }
    Window window = Window.of(call, spatial, call.list("kernel_shape", new int[0]));
    boolean countPadding = call.integer("count_include_pad", 0) == 1;
    int[] places = places(window, spatial);
    int taps = Shapes.size(window.kernel());
    int area = Shapes.size(window.output());
    int inArea = Shapes.size(spatial);
    int[] shape = resultShape(x.shape()[0], x.shape()[1], window.output());
    float[] y = new float[Shapes.size(shape)];
    for (int to = 0; to < y.length; to++) {
      int from = to / area * inArea;
      double best = Double.NEGATIVE_INFINITY;
      double sum = 0;
      int count = 0;
      for (int t = 0; t < taps; t++) {
        int at = places[to % area * taps + t];
        if (at >= 0) {
          best = Math.max(best, x.values()[from + at]);
          sum += x.values()[from + at];
          count++;
        }
      }
      y[to] = (float) (max ? best : sum / (countPadding ? taps : count));
    }
    return one(new FloatArray(shape, y));
  }

  private static List<NdArray> globalPool(Call call, boolean max) {
    FloatArray x = call.floats(0);
    int[] spatial = spatial(call, x);
    int area = Shapes.size(spatial);
    int[] ones = new int[spatial.length];
    Arrays.fill(ones, 1);
    int[] shape = resultShape(x.shape()[0], x.shape()[1], ones);
    float[] y = new float[Shapes.size(shape)];
    for (int to = 0; to < y.length; to++) {
      double best = Double.NEGATIVE_INFINITY;
      double sum = 0;
      for (int i = to * area; i < (to + 1) * area; i++) {
        best = Math.max(best, x.values()[i]);
        sum += x.values()[i];
      }
      y[to] = (float) (max ? best : sum / area);
    }
    return one(new FloatArray(shape, y));
  }

  /** One axis after the other; each is a weighted sum of at most two neighbours. */
  private static List<NdArray> resize(Call call) {
    FloatArray y = call.floats(0);
    for (AxisResize axis : AxisResize.of(call)) {
      float[] resized = new float[Shapes.size(axis.shape())];
      axis.run(y.values(), resized);
      y = new FloatArray(axis.shape(), resized);
    }
    return one(y);
  }
}
