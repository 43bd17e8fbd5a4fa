package org.bitbeam.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.bitbeam.runtime.ElementType;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.TensorInfo;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxGraph;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxReader;
import org.bitbeam.runtime.onnx.OnnxTensor;
import org.bitbeam.runtime.onnx.OnnxType;
import org.bitbeam.runtime.onnx.OnnxWriter;
import org.bitbeam.runtime.published.PublishedNetworks;

/**
 * A model of the study: one network, or several that all run for an event.
 *
 * @param name what it is called in tables
 * @param networks ONNX
 * @param parameters numbers they hold, without single ones, which are the constants of patterns
 * @param metrics what the bundle says of its quality, by name; empty for random weights
 * @param whole what an event takes around the networks, such as splines and solvers: given the
 *     loaded networks in their order, makes so many events; absent for passes of the networks alone
 */
public record Subject(
    String name,
    List<byte[]> networks,
    long parameters,
    Map<String, Double> metrics,
    Optional<Function<List<Network>, IntConsumer>> whole) {
  private static final int LENGTH = 50; // constituents, where a network leaves the number open

  public Subject {
    networks = List.copyOf(networks);
  }

  /** Networks alone. */
  public Subject(String name, List<byte[]> networks, long parameters, Map<String, Double> metrics) {
    this(name, networks, parameters, metrics, Optional.empty());
  }

  /**
   * The same networks with what is around them; networks are in the order of the bundle's roles.
   */
  public Subject withWhole(String what, Function<List<Network>, IntConsumer> whole) {
    return new Subject(name + " (" + what + ")", networks, parameters, metrics, Optional.of(whole));
  }

  /** An ONNX network that is no bundle, such as an export with random weights. */
  public static Subject ofNetwork(String name, byte[] onnx) {
    long parameters = numbers(OnnxReader.read(name, onnx).graph());
    return new Subject(name, List.of(onnx), parameters, Map.of());
  }

  /** The networks of a bundle, each once. */
  public static Subject ofBundle(ModelBundle bundle) {
    Map<String, Double> metrics = new TreeMap<>();
    bundle
        .metrics()
        .properties()
        .forEach(
            metric -> {
              if (metric.getValue().isNumber()) {
                metrics.put(metric.getKey(), metric.getValue().doubleValue());
              }
            });
    List<byte[]> networks = new ArrayList<>();
    long parameters = 0;
    for (String role : bundle.roles()) {
      byte[] onnx = bundle.onnx(role);
      networks.add(onnx);
      parameters += numbers(OnnxReader.read(bundle.name() + "/" + role, onnx).graph());
    }
    return new Subject(bundle.name(), networks, parameters, metrics);
  }

  /** A network of {@link PublishedNetworks}. */
  public static Subject ofPublished(String name) {
    PublishedNetworks.Built built = PublishedNetworks.of(name);
    return new Subject(
        "published/" + name,
        List.of(OnnxWriter.write(built.model())),
        built.parameters(),
        Map.of());
  }

  private static long numbers(OnnxGraph graph) {
    List<OnnxTensor> constants = new ArrayList<>(graph.initializers());
    for (OnnxNode node : graph.nodes()) {
      if (node.attributes().get("value") instanceof OnnxAttribute.TensorValue constant) {
        constants.add(constant.value());
      }
    }
    return constants.stream()
        .filter(constant -> constant.type() == OnnxType.FLOAT && constant.size() > 1)
        .mapToLong(OnnxTensor::size)
        .sum();
  }

  /**
   * Made-up inputs without padding, no two rows alike: equal rows would be computed once.
   *
   * @throws IllegalArgumentException when an input is not float
   */
  static Map<String, Tensor> inputs(List<TensorInfo> infos, int batch) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    SplittableRandom random = new SplittableRandom(1);
    for (TensorInfo info : infos) {
      if (info.elementType() != ElementType.FLOAT32) {
        throw new IllegalArgumentException(
            "input \"" + info.name() + "\" is " + info.elementType() + ", expected FLOAT32");
      }
      int[] shape = new int[info.shape().size()];
      int size = 1;
      for (int axis = 0; axis < shape.length; axis++) {
        int given = info.shape().get(axis);
        shape[axis] = given != TensorInfo.DYNAMIC ? given : axis == 0 ? batch : LENGTH;
        size = Math.multiplyExact(size, shape[axis]);
      }
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = (float) random.nextDouble(0.1, 1);
      }
      inputs.put(info.name(), Tensor.of(values, shape));
    }
    return inputs;
  }

  static int length() {
    return LENGTH;
  }
}
