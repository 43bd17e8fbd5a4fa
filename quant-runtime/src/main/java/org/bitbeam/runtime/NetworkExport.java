package org.bitbeam.runtime;

import org.bitbeam.runtime.internal.rewrite.Export;
import org.bitbeam.runtime.internal.rewrite.PackedWeights;
import org.bitbeam.runtime.onnx.OnnxReader;
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
   * The network in plain ONNX: packed weights become floats; the same array if none are packed.
   *
   * @param label name of the network in messages
   * @throws ModelException when packed weights are malformed
   */
  public static byte[] unpacked(String label, byte[] onnx) {
    return PackedWeights.unpack(label, onnx);
  }
}
