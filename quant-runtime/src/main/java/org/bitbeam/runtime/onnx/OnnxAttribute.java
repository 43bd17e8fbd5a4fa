package org.bitbeam.runtime.onnx;

import java.util.List;

/** Value of a node's attribute. Graph lists, sparse tensors and types are refused by the reader. */
public sealed interface OnnxAttribute {
  /** FLOAT. */
  record FloatValue(float value) implements OnnxAttribute {}

  /** INT. */
  record IntValue(long value) implements OnnxAttribute {}

  /** STRING, decoded from UTF-8. */
  record StringValue(String value) implements OnnxAttribute {}

  /** TENSOR. */
  record TensorValue(OnnxTensor value) implements OnnxAttribute {}

  /** GRAPH: the body of a control-flow node. */
  record GraphValue(OnnxGraph value) implements OnnxAttribute {}

  /** FLOATS. */
  record FloatList(List<Float> values) implements OnnxAttribute {
    public FloatList {
      values = List.copyOf(values);
    }
  }

  /** INTS. */
  record IntList(List<Long> values) implements OnnxAttribute {
    public IntList {
      values = List.copyOf(values);
    }
  }

  /** STRINGS. */
  record StringList(List<String> values) implements OnnxAttribute {
    public StringList {
      values = List.copyOf(values);
    }
  }
}
