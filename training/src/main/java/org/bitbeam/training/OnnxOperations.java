package org.bitbeam.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxDimension;
import org.bitbeam.runtime.onnx.OnnxGraph;
import org.bitbeam.runtime.onnx.OnnxModel;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxTensor;
import org.bitbeam.runtime.onnx.OnnxType;
import org.bitbeam.runtime.onnx.OnnxValueInfo;
import org.bitbeam.runtime.onnx.OnnxWriter;

/** Writes a network as a float ONNX graph (operator set 18); its layers keep their names. */
final class OnnxOperations implements Operations<String> {
  private static final long IR_VERSION = 8;
  private static final long OPSET = 18;
  private static final float EPSILON = 1e-5f;

  private final Parameters parameters;
  private final List<OnnxNode> nodes = new ArrayList<>();
  private final Map<String, OnnxTensor> constants = new LinkedHashMap<>();
  private int values;

  private OnnxOperations(Parameters parameters) {
    this.parameters = parameters;
  }

  /** The network with its parameters, float. */
  static byte[] write(TrainableNetwork network, Parameters parameters) {
    OnnxOperations operations = new OnnxOperations(parameters);
    Map<String, String> names = new LinkedHashMap<>();
    List<OnnxValueInfo> inputs = new ArrayList<>();
    for (TrainableNetwork.Input input : network.inputs()) {
      names.put(input.name(), input.name());
      inputs.add(
          floats(
              input.name(),
              new OnnxDimension.Symbolic("batch"),
              new OnnxDimension.Fixed(input.variables()),
              new OnnxDimension.Symbolic("length")));
    }
    String last = network.apply(operations, names);
    operations.nodes.add(node("output", "Identity", List.of(last), network.output(), Map.of()));
    return OnnxWriter.write(
        new OnnxModel(
            IR_VERSION,
            "bitbeam",
            "",
            Map.of("", OPSET),
            new OnnxGraph(
                network.name(),
                operations.nodes,
                List.copyOf(operations.constants.values()),
                inputs,
                List.of(new OnnxValueInfo(network.output(), OnnxType.FLOAT, Optional.empty()))),
            Map.of()));
  }

  private static OnnxValueInfo floats(String name, OnnxDimension... shape) {
    return new OnnxValueInfo(name, OnnxType.FLOAT, Optional.of(List.of(shape)));
  }

  private static OnnxNode node(
      String name,
      String operator,
      List<String> inputs,
      String output,
      Map<String, OnnxAttribute> attributes) {
    return new OnnxNode(name, "", operator, inputs, List.of(output), attributes);
  }

  private String add(
      String name, String operator, Map<String, OnnxAttribute> attributes, String... inputs) {
    String output = "value." + values++;
    nodes.add(node(name.isEmpty() ? output : name, operator, List.of(inputs), output, attributes));
    return output;
  }

  private String parameter(String name) {
    Parameter p = parameters.get(name);
    List<Long> shape = Arrays.stream(p.shape()).asLongStream().boxed().toList();
    constants.put(name, OnnxTensor.ofFloats(name, shape, p.values()));
    return name;
  }

  @Override
  public String linear(String name, String x, int inputs, int outputs) {
    String product = add(name, "MatMul", Map.of(), x, parameter(name + ".weight"));
    return add(name + ".add", "Add", Map.of(), product, parameter(name + ".bias"));
  }

  @Override
  public String relu(String x) {
    return add("", "Relu", Map.of(), x);
  }

  @Override
  public String multiply(String a, String b) {
    return add("", "Mul", Map.of(), a, b);
  }

  @Override
  public String scale(String x, float factor) {
    String constant = "constant." + constants.size();
    constants.put(constant, OnnxTensor.ofFloats(constant, List.of(), factor));
    return add("", "Mul", Map.of(), x, constant);
  }

  @Override
  public String sum(String x, int axis) {
    String constant = "constant." + constants.size();
    constants.put(constant, OnnxTensor.ofLongs(constant, List.of(1L), axis));
    return add("", "ReduceSum", Map.of("keepdims", new OnnxAttribute.IntValue(0)), x, constant);
  }

  @Override
  public String transposeLast(String x) {
    return add("", "Transpose", Map.of("perm", new OnnxAttribute.IntList(List.of(0L, 2L, 1L))), x);
  }

  @Override
  public String layerNorm(String name, String x, int size) {
    return add(
        name,
        "LayerNormalization",
        Map.of(
            "axis", new OnnxAttribute.IntValue(-1),
            "epsilon", new OnnxAttribute.FloatValue(EPSILON)),
        x,
        parameter(name + ".weight"),
        parameter(name + ".bias"));
  }
}
