package org.bitbeam.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.bitbeam.runtime.internal.rewrite.Export;
import org.bitbeam.runtime.internal.rewrite.PackedWeights;
import org.bitbeam.runtime.onnx.OnnxGraph;
import org.bitbeam.runtime.onnx.OnnxModel;
import org.bitbeam.runtime.onnx.OnnxReader;
import org.bitbeam.runtime.onnx.OnnxType;
import org.bitbeam.runtime.onnx.OnnxValueInfo;
import org.bitbeam.runtime.onnx.OnnxWriter;

/** Writes networks with ternary or binary layers for other engines, and for small files. */
public final class NetworkExport {
  private NetworkExport() {}

  /**
   * Portable ONNX (operators of ONNX alone) whose ternary and binary layers are integer products
   * ({@code MatMulInteger}, UINT8 codes times INT8 signs). Any engine computes the same integer
   * codes and sums from the same float inputs; it may round the last line of a layer, {@code sum *
   * (beta / g) + bias}, once more than the backend {@code bit} does.
   *
   * @param label name of the network in messages
   * @throws UnsafeModelException when the model refers to other files
   * @throws ModelException when it is no valid model, or older than operator set 11
   */
  public static byte[] integerProducts(String label, byte[] onnx) {
    return OnnxWriter.write(Export.integerProducts(OnnxReader.read(label, unpacked(label, onnx))));
  }

  /**
   * A network whose ternary and binary weights take 1.6 bits each. {@link ModelBundle} and {@link
   * #unpacked} turn it back into ONNX; other programs cannot read it.
   *
   * @param label name of the network in messages
   * @throws UnsafeModelException when the model refers to other files
   * @throws ModelException when it is no valid model, or older than operator set 11
   */
  public static byte[] packed(String label, byte[] onnx) {
    return OnnxWriter.write(Export.packed(OnnxReader.read(label, unpacked(label, onnx))));
  }

  /**
   * The network with one of its intermediate values as a further output, such as the values a
   * tagger's last layer sees.
   *
   * @param label name of the network in messages
   * @param value name of a float value that a node of the graph makes
   * @throws IllegalArgumentException when no node makes it, or it is an output already
   * @throws ModelException when the model is not valid
   */
  public static byte[] withOutput(String label, byte[] onnx, String value) {
    OnnxModel model = OnnxReader.read(label, onnx);
    OnnxGraph graph = model.graph();
    if (graph.outputs().stream().anyMatch(o -> o.name().equals(value))) {
      throw new IllegalArgumentException(label + ": \"" + value + "\" is an output already");
    }
    if (graph.nodes().stream().noneMatch(n -> n.outputs().contains(value))) {
      List<String> last =
          graph.nodes().stream().flatMap(n -> n.outputs().stream()).collect(Collectors.toList());
      throw new IllegalArgumentException(
          label
              + ": no node makes \""
              + value
              + "\"; the last values are "
              + last.subList(Math.max(0, last.size() - 20), last.size()));
    }
    List<OnnxValueInfo> outputs = new ArrayList<>(graph.outputs());
    outputs.add(new OnnxValueInfo(value, OnnxType.FLOAT, Optional.empty()));
    return OnnxWriter.write(
        new OnnxModel(
            model.irVersion(),
            model.producerName(),
            model.producerVersion(),
            model.opsets(),
            new OnnxGraph(
                graph.name(), graph.nodes(), graph.initializers(), graph.inputs(), outputs),
            model.metadata()));
  }

  /**
   * The network in plain ONNX: packed weights become floats; the same array if none are packed.
   *
   * @param label name of the network in messages
   * @throws ModelException when packed weights are malformed
   */
  public static byte[] unpacked(String label, byte[] onnx) {
    return PackedWeights.unpack(label, onnx);
  }
}
