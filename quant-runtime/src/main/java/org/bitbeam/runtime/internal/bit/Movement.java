package org.bitbeam.runtime.internal.bit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.internal.reference.Call;
import org.bitbeam.runtime.internal.reference.Interpreter;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxType;
import org.jspecify.annotations.Nullable;

/**
 * An operator that only puts elements of its first input to other places, which follow from shapes:
 * where they come from is found once, by the interpreter's operator on the elements' numbers.
 */
record Movement(OnnxNode node, int[] in, int out, long opset, Instruction fallback)
    implements Instruction {
  @Override
  public void bind(Frame frame) {
    FloatArray x = frame.floats(in[0]);
    if (x == null) {
      fallback.bind(frame);
      return;
    }
    long[] numbers = new long[x.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = i;
    }
    List<@Nullable NdArray> inputs = new ArrayList<>();
    inputs.add(new IntegerArray(OnnxType.INT64, x.shape(), numbers));
    for (int i = 1; i < in.length; i++) {
      inputs.add(in[i] < 0 ? null : frame.get(in[i]));
    }
    Call call = new Call(node, inputs, opset, Map.of());
    IntegerArray places = (IntegerArray) Interpreter.evaluate(call).get(0);
    float[] y = frame.allocate(out, places.shape());
    int run = run(places.values());
    int[] from = new int[y.length / run];
    for (int i = 0; i < from.length; i++) {
      from[i] = (int) places.values()[i * run];
    }
    frame.perform(() -> move(x.values(), from, run, y));
  }

  /** The longest stretch such that all elements come in stretches of that length. */
  private static int run(long[] places) {
    int run = 0;
    for (int i = 1; i <= places.length; i++) {
      if (i == places.length || places[i] != places[i - 1] + 1) {
        run = divisor(run, i);
      }
    }
    return Math.max(run, 1);
  }

  private static int divisor(int a, int b) {
    return b == 0 ? a : divisor(b, a % b);
  }

  private static void move(float[] x, int[] from, int run, float[] y) {
    if (run < 8) {
      for (int i = 0; i < from.length; i++) {
        for (int k = 0; k < run; k++) {
          y[i * run + k] = x[from[i] + k];
        }
      }
    } else {
      for (int i = 0; i < from.length; i++) {
        System.arraycopy(x, from[i], y, i * run, run);
      }
    }
  }
}
