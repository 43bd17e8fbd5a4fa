package org.bitbeam.runtime.internal.bit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;
import org.bitbeam.runtime.internal.reference.AxisResize;
import org.bitbeam.runtime.internal.reference.Call;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.jspecify.annotations.Nullable;

/** Resize to a size that follows from shapes, axis by axis. */
record Resize(OnnxNode node, int[] in, int out, long opset, Instruction fallback)
    implements Instruction {
  @Override
  public void bind(Frame frame) {
    FloatArray x = frame.floats(in[0]);
    List<@Nullable NdArray> inputs = new ArrayList<>();
    for (int slot : in) {
      inputs.add(slot < 0 ? null : frame.get(slot));
    }
    List<AxisResize> axes =
        x == null ? List.of() : AxisResize.of(new Call(node, inputs, opset, Map.of()));
    if (x == null || axes.isEmpty()) {
      fallback.bind(frame);
      return;
    }
    float[] from = x.values();
    for (int i = 0; i < axes.size(); i++) {
      AxisResize axis = axes.get(i);
      boolean last = i == axes.size() - 1;
      float[] before = from;
      float[] y = last ? frame.allocate(out, axis.shape()) : new float[Shapes.size(axis.shape())];
      frame.perform(() -> axis.run(before, y));
      from = y;
    }
  }
}
