package org.bitbeam.runtime;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Name, type and shape of an input or output of a network.
 *
 * @param name as the network has it
 * @param elementType type of the values
 * @param shape size of each axis; -1 where any size is possible
 */
public record TensorInfo(String name, ElementType elementType, List<Integer> shape) {
  /** Marks an axis of any size. */
  public static final int DYNAMIC = -1;

  public TensorInfo {
    shape = List.copyOf(shape);
  }

  /**
   * Checks that a tensor has this type and shape.
   *
   * @param network name of the network, for the message
   * @throws IllegalArgumentException when it has not; the message names network and input
   */
  public void check(String network, Tensor tensor) {
    boolean fits = tensor.elementType() == elementType && tensor.rank() == shape.size();
    for (int axis = 0; fits && axis < shape.size(); axis++) {
      fits = shape.get(axis) == DYNAMIC || shape.get(axis) == tensor.axis(axis);
    }
    if (!fits) {
      throw new IllegalArgumentException(
          network + ": input " + this + " cannot take " + tensor + " (-1 is any size)");
    }
  }

  /**
   * Checks that exactly the expected inputs are there, with the right types and shapes.
   *
   * @param network name of the network, for the message
   * @throws IllegalArgumentException when an input is missing, unknown, or of another type or shape
   */
  public static void checkAll(
      String network, List<TensorInfo> expected, Map<String, Tensor> inputs) {
    for (TensorInfo info : expected) {
      Tensor tensor = inputs.get(info.name());
      if (tensor == null) {
        throw new IllegalArgumentException(
            network
                + ": input "
                + info
                + " is missing; given are: "
                + inputs.keySet().stream().sorted().collect(Collectors.joining(", ")));
      }
      info.check(network, tensor);
    }
    if (inputs.size() != expected.size()) {
      List<String> names = expected.stream().map(TensorInfo::name).toList();
      String unknown =
          inputs.keySet().stream()
              .filter(name -> !names.contains(name))
              .sorted()
              .collect(Collectors.joining(", "));
      throw new IllegalArgumentException(
          network + ": no input " + unknown + "; there are: " + String.join(", ", names));
    }
  }

  @Override
  public String toString() {
    return "\"" + name + "\" " + elementType + shape;
  }
}
