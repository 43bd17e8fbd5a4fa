package org.bitbeam.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.runtime.Backend;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.BundleWriter;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.NetworkExport;
import org.bitbeam.runtime.NetworkQuantiser;
import org.bitbeam.runtime.Npy;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.TensorInfo;
import org.bitbeam.runtime.onnx.OnnxWriter;
import org.bitbeam.runtime.published.PublishedNetworks;

/**
 * A network as a user names it: an ONNX file, a bundle, a shipped bundle by its name, or {@code
 * published/NAME} for one of {@link PublishedNetworks}.
 *
 * @param label for messages
 * @param onnx the network
 */
record NetworkFile(String label, byte[] onnx) {
  /** What names of {@link PublishedNetworks} begin with. */
  static final String PUBLISHED = "published/";

  /**
   * Opens it.
   *
   * @param role which network of a bundle; empty for its only one
   */
  static NetworkFile open(String model, String role) throws IOException {
    Path path = Path.of(model);
    if (Files.isRegularFile(path) && model.endsWith(".onnx")) {
      return new NetworkFile(model, NetworkExport.unpacked(model, Files.readAllBytes(path)));
    }
    if (model.startsWith(PUBLISHED) && !Files.exists(path)) {
      String name = model.substring(PUBLISHED.length());
      return new NetworkFile(model, OnnxWriter.write(PublishedNetworks.of(name).model()));
    }
    ModelBundle bundle = ModelBundle.open(Home.bundle(model));
    if (role.isEmpty() && bundle.roles().size() != 1) {
      throw new IllegalArgumentException(
          model + " has several networks; name one by --role: " + bundle.roles());
    }
    return new NetworkFile(
        bundle.toString(), bundle.onnx(role.isEmpty() ? bundle.roles().first() : role));
  }

  /** The network with its float layers in int8, activations by the range of the whole tensor. */
  byte[] int8() {
    return NetworkQuantiser.quantise(
        label, onnx, new NetworkQuantiser.Plan(List.of(), LayerPrecision.INT8));
  }

  /** What the network needs, as a backend sees it. */
  List<TensorInfo> inputs(Backend backend) {
    try (Network network = backend.load(label, onnx, BackendOptions.DEFAULT)) {
      return network.inputs();
    }
  }

  /**
   * Reads {@code <name>.npy} for every input or output.
   *
   * @throws IllegalArgumentException if one is missing
   */
  static Map<String, Tensor> arrays(Path folder, List<TensorInfo> infos) throws IOException {
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    for (TensorInfo info : infos) {
      Path file = folder.resolve(BundleWriter.fileName(info.name()) + ".npy");
      if (!Files.isRegularFile(file)) {
        throw new IllegalArgumentException(
            file + ": no such file; it should hold " + info + " (-1 is any size)");
      }
      arrays.put(info.name(), Npy.read(file));
    }
    return arrays;
  }

  /** The first rows of every array whose first axis the network leaves open. */
  static Map<String, Tensor> leadingRows(
      Map<String, Tensor> arrays, List<TensorInfo> infos, int rows) {
    Map<String, Tensor> leading = new LinkedHashMap<>(arrays);
    for (TensorInfo info : infos) {
      Tensor array = arrays.get(info.name());
      if (array != null
          && !info.shape().isEmpty()
          && info.shape().get(0) == TensorInfo.DYNAMIC
          && array.axis(0) > rows) {
        leading.put(info.name(), array.rows(0, rows));
      }
    }
    return leading;
  }
}
