package org.bitbeam.runtime.internal.reference;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.DoubleArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.internal.graph.Shapes;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.UnsupportedOnnxException;
import org.jspecify.annotations.Nullable;

/**
 * A node with the values of its inputs, and the scope its bodies may look into.
 *
 * @param node what to compute
 * @param inputs values in the node's order; null where the node leaves one out
 * @param opset version of the operator set
 * @param scope values of the surrounding graph, for control flow
 */
public record Call(
    OnnxNode node, List<@Nullable NdArray> inputs, long opset, Map<String, NdArray> scope) {

  /** Number of inputs, left-out ones in between included. */
  int count() {
    return inputs.size();
  }

  @Nullable NdArray optional(int index) {
    return index < inputs.size() ? inputs.get(index) : null;
  }

  boolean has(int index) {
    return optional(index) != null;
  }

  NdArray input(int index) {
    NdArray value = optional(index);
    if (value == null) {
      throw wrong("input " + index + " is missing");
    }
    return value;
  }

  FloatArray floats(int index) {
    if (input(index) instanceof FloatArray array) {
      return array;
    }
    throw unsupported("input " + index + " of type " + input(index).type() + " instead of FLOAT");
  }

  IntegerArray integers(int index) {
    if (input(index) instanceof IntegerArray array) {
      return array;
    }
    throw wrong("input " + index + " has type " + input(index).type() + ", not an integer type");
  }

  /** All values of an integer input as ints. */
  int[] ints(int index) {
    return Arrays.stream(integers(index).values()).mapToInt(this::toInt).toArray();
  }

  /** The single number an input holds. */
  double number(int index) {
    NdArray value = input(index);
    if (value.size() != 1) {
      throw wrong(
          "input " + index + " has shape " + Arrays.toString(value.shape()) + ", not one number");
    }
    return value instanceof FloatArray f
        ? f.values()[0]
        : value instanceof DoubleArray d ? d.values()[0] : ((IntegerArray) value).values()[0];
  }

  int toInt(long value) {
    if ((int) value != value) {
      throw wrong("the number " + value + " is out of range");
    }
    return (int) value;
  }

  /** An axis of an input, counted from the front. */
  int axis(long axis, int rank) {
    try {
      return Shapes.axis(axis, rank);
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    }
  }

  long integer(String name, long otherwise) {
    OnnxAttribute value = node.attributes().get(name);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof OnnxAttribute.IntValue i) {
      return i.value();
    }
    throw wrong("attribute " + name + " is no integer");
  }

  float real(String name, float otherwise) {
    OnnxAttribute value = node.attributes().get(name);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof OnnxAttribute.FloatValue f) {
      return f.value();
    }
    throw wrong("attribute " + name + " is no float");
  }

  String text(String name, String otherwise) {
    OnnxAttribute value = node.attributes().get(name);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof OnnxAttribute.StringValue s) {
      return s.value();
    }
    throw wrong("attribute " + name + " is no string");
  }

  int @Nullable [] list(String name) {
    OnnxAttribute value = node.attributes().get(name);
    if (value == null) {
      return null;
    }
    if (value instanceof OnnxAttribute.IntList ints) {
      return ints.values().stream().mapToInt(this::toInt).toArray();
    }
    throw wrong("attribute " + name + " is no list of integers");
  }

  int[] list(String name, int... otherwise) {
    int[] value = list(name);
    return value == null ? otherwise : value;
  }

  /** Numbers that older operator sets give as an attribute and newer ones as an input. */
  int @Nullable [] listOrInput(String name, int index) {
    return has(index) ? ints(index) : list(name);
  }

  /** The caller's arrays or the model do not fit together. */
  IllegalArgumentException wrong(@Nullable String what) {
    return new IllegalArgumentException(node.describe() + ": " + what);
  }

  /** The model may be right, this library lacks it. */
  UnsupportedOnnxException unsupported(String what) {
    return new UnsupportedOnnxException(node.describe() + ": " + what + " is not supported");
  }
}
