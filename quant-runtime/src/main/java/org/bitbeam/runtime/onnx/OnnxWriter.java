package org.bitbeam.runtime.onnx;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes models in the ONNX format. What {@link OnnxReader} reads back equals what was written. */
public final class OnnxWriter {
  private OnnxWriter() {}

  /** The model as the bytes of an {@code .onnx} file; the same model gives the same bytes. */
  public static byte[] write(OnnxModel model) {
    Message out = new Message();
    out.integer(1, model.irVersion());
    out.string(2, model.producerName());
    out.string(3, model.producerVersion());
    out.message(7, graph(model.graph()));
    byName(model.opsets())
        .forEach(
            (domain, version) -> {
              Message opset = new Message();
              opset.string(1, domain);
              opset.integer(2, version);
              out.message(8, opset);
            });
    for (Map.Entry<String, String> entry : byName(model.metadata()).entrySet()) {
      Message pair = new Message();
      pair.string(1, entry.getKey());
      pair.string(2, entry.getValue());
      out.message(14, pair);
    }
    return out.bytes();
  }

  /** Maps may come in any order, also in another one in each JVM. */
  private static <V> Map<String, V> byName(Map<String, V> map) {
    return new TreeMap<>(map);
  }

  private static Message graph(OnnxGraph graph) {
    Message out = new Message();
    for (OnnxNode node : graph.nodes()) {
      out.message(1, node(node));
    }
    out.string(2, graph.name());
    for (OnnxTensor tensor : graph.initializers()) {
      out.message(5, tensor(tensor));
    }
    for (OnnxValueInfo input : graph.inputs()) {
      out.message(11, valueInfo(input));
    }
    for (OnnxValueInfo output : graph.outputs()) {
      out.message(12, valueInfo(output));
    }
    return out;
  }

  private static Message node(OnnxNode node) {
    Message out = new Message();
    for (String input : node.inputs()) {
      out.string(1, input);
    }
    for (String output : node.outputs()) {
      out.string(2, output);
    }
    out.string(3, node.name());
    out.string(4, node.operator());
    byName(node.attributes()).forEach((name, value) -> out.message(5, attribute(name, value)));
    if (!node.domain().isEmpty()) {
      out.string(7, node.domain());
    }
    return out;
  }

  private static Message attribute(String name, OnnxAttribute value) {
    Message out = new Message();
    out.string(1, name);
    int type;
    if (value instanceof OnnxAttribute.FloatValue f) {
      out.fixedFloat(2, f.value());
      type = 1;
    } else if (value instanceof OnnxAttribute.IntValue i) {
      out.integer(3, i.value());
      type = 2;
    } else if (value instanceof OnnxAttribute.StringValue s) {
      out.string(4, s.value());
      type = 3;
    } else if (value instanceof OnnxAttribute.TensorValue t) {
      out.message(5, tensor(t.value()));
      type = 4;
    } else if (value instanceof OnnxAttribute.GraphValue g) {
      out.message(6, graph(g.value()));
      type = 5;
    } else if (value instanceof OnnxAttribute.FloatList floats) {
      for (float f : floats.values()) {
        out.fixedFloat(7, f);
      }
      type = 6;
    } else if (value instanceof OnnxAttribute.IntList ints) {
      for (long i : ints.values()) {
        out.integer(8, i);
      }
      type = 7;
    } else {
      for (String s : ((OnnxAttribute.StringList) value).values()) {
        out.string(9, s);
      }
      type = 8;
    }
    out.integer(20, type);
    return out;
  }

  private static Message tensor(OnnxTensor tensor) {
    Message out = new Message();
    for (long dim : tensor.dims()) {
      out.integer(1, dim);
    }
    out.integer(2, tensor.type().code());
    out.string(8, tensor.name());
    out.bytes(9, tensor.bytes());
    return out;
  }

  private static Message valueInfo(OnnxValueInfo info) {
    Message tensorType = new Message();
    tensorType.integer(1, info.type().code());
    if (info.shape().isPresent()) {
      tensorType.message(2, shape(info.shape().get()));
    }
    Message type = new Message();
    type.message(1, tensorType);
    Message out = new Message();
    out.string(1, info.name());
    out.message(2, type);
    return out;
  }

  private static Message shape(List<OnnxDimension> dimensions) {
    Message out = new Message();
    for (OnnxDimension dimension : dimensions) {
      Message dim = new Message();
      if (dimension instanceof OnnxDimension.Fixed fixed) {
        dim.integer(1, fixed.size());
      } else if (dimension instanceof OnnxDimension.Symbolic symbolic
          && !symbolic.name().isEmpty()) {
        dim.string(2, symbolic.name());
      }
      out.message(1, dim);
    }
    return out;
  }

  /** A protobuf message under construction. */
  private static final class Message {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    void integer(int field, long value) {
      tag(field, WireCursor.VARINT);
      varint(value);
    }

    void fixedFloat(int field, float value) {
      tag(field, WireCursor.FIXED32);
      out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
    }

    void string(int field, String value) {
      bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    void bytes(int field, byte[] value) {
      tag(field, WireCursor.BYTES);
      varint(value.length);
      out.writeBytes(value);
    }

    void message(int field, Message message) {
      bytes(field, message.bytes());
    }

    byte[] bytes() {
      return out.toByteArray();
    }

    private void tag(int field, int wire) {
      varint((long) field << 3 | wire);
    }

    private void varint(long value) {
      long rest = value;
      while ((rest & ~0x7FL) != 0) {
        out.write((int) (rest & 0x7F | 0x80));
        rest >>>= 7;
      }
      out.write((int) rest);
    }
  }
}
