package org.bitbeam.runtime.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bitbeam.runtime.UnsafeModelException;
import org.jspecify.annotations.Nullable;

/**
 * Reads ONNX models ({@code onnx.proto}, IR versions 3 to 13). Every length is checked against the
 * bytes that are left before memory is taken; the number of parts and the nesting of graphs are
 * capped. Tensors with external data are refused wherever they stand: a model must not name files.
 */
public final class OnnxReader {
  private static final int EXTERNAL = 1;
  private static final int MIN_IR = 3;
  private static final int MAX_IR = 13;

  private final ReadContext context;

  private OnnxReader(String label) {
    this.context = new ReadContext(label);
  }

  /**
   * Reads a model.
   *
   * @param label names the file in messages
   * @param bytes the whole file
   * @throws OnnxFormatException if the bytes are damaged or no ONNX model
   * @throws UnsafeModelException if a tensor keeps its data in another file
   * @throws UnsupportedOnnxException if the model needs functions, sparse tensors, sequences, or an
   *     element type this library lacks
   */
  public static OnnxModel read(String label, byte[] bytes) {
    OnnxReader reader = new OnnxReader(label);
    try {
      return reader.model(new WireCursor(reader.context, bytes, 0, bytes.length));
    } catch (UnsupportedOnnxException e) {
      throw e.getMessage() != null && e.getMessage().startsWith(label)
          ? e
          : new UnsupportedOnnxException(label + ": " + e.getMessage());
    } catch (OnnxFormatException e) {
      throw e.getMessage() != null && e.getMessage().startsWith(label)
          ? e
          : new OnnxFormatException(label + ": " + e.getMessage());
    }
  }

  private OnnxModel model(WireCursor in) {
    long ir = 0;
    String producer = "";
    String producerVersion = "";
    Map<String, Long> opsets = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    OnnxGraph graph = null;
    for (int field; (field = in.next()) != 0; ) {
      switch (field) {
        case 1 -> ir = in.integer();
        case 2 -> producer = in.string();
        case 3 -> producerVersion = in.string();
        case 7 -> graph = graph(in.message());
        case 8 -> opset(in.message(), opsets);
        case 14 -> entry(in.message(), metadata);
        case 20 ->
            throw unsupported("the model carries training information; export it for inference");
        case 25 ->
            throw unsupported("the model defines functions; inline them (onnx.inliner) first");
        default -> in.skip();
      }
    }
    if (graph == null) {
      throw malformed("the model has no graph; the file is damaged or no ONNX model");
    }
    if (ir < MIN_IR || ir > MAX_IR) {
      throw unsupported("IR version " + ir + " is not between " + MIN_IR + " and " + MAX_IR);
    }
    checkNames(graph, Set.of());
    return new OnnxModel(ir, producer, producerVersion, opsets, graph, metadata);
  }

  private void opset(WireCursor in, Map<String, Long> opsets) {
    String domain = "";
    long version = 0;
    for (int field; (field = in.next()) != 0; ) {
      switch (field) {
        case 1 -> domain = in.string();
        case 2 -> version = in.integer();
        default -> in.skip();
      }
    }
    opsets.put(plainDomain(domain), version);
  }

  private static String plainDomain(String domain) {
    return domain.equals("ai.onnx") ? "" : domain;
  }

  private void entry(WireCursor in, Map<String, String> entries) {
    String key = "";
    String value = "";
    for (int field; (field = in.next()) != 0; ) {
      switch (field) {
        case 1 -> key = in.string();
        case 2 -> value = in.string();
        default -> in.skip();
      }
    }
    entries.put(key, value);
  }

  private OnnxGraph graph(WireCursor in) {
    context.enterGraph();
    String name = "";
    List<OnnxNode> nodes = new ArrayList<>();
    List<OnnxTensor> initializers = new ArrayList<>();
    List<OnnxValueInfo> inputs = new ArrayList<>();
    List<OnnxValueInfo> outputs = new ArrayList<>();
    for (int field; (field = in.next()) != 0; ) {
      switch (field) {
        case 1 -> nodes.add(node(in.message()));
        case 2 -> name = in.string();
        case 5 -> initializers.add(tensor(in.message()));
        case 11 -> inputs.add(valueInfo(in.message()));
        case 12 -> outputs.add(valueInfo(in.message()));
        case 15 -> throw unsupported("graph \"" + name + "\" has sparse initializers");
        default -> in.skip();
      }
    }
    context.leaveGraph();
    return new OnnxGraph(name, nodes, initializers, inputs, outputs);
  }

  private OnnxNode node(WireCursor in) {
    String name = "";
    String domain = "";
    String operator = "";
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    Map<String, OnnxAttribute> attributes = new LinkedHashMap<>();
    for (int field; (field = in.next()) != 0; ) {
      switch (field) {
        case 1 -> inputs.add(in.string());
        case 2 -> outputs.add(in.string());
        case 3 -> name = in.string();
        case 4 -> operator = in.string();
        case 5 -> attribute(in.message(), attributes);
        case 7 -> domain = in.string();
        default -> in.skip();
      }
    }
    if (operator.isEmpty()) {
      throw malformed("node \"" + name + "\" names no operator");
    }
    return new OnnxNode(name, plainDomain(domain), operator, inputs, outputs, attributes);
  }

  private void attribute(WireCursor in, Map<String, OnnxAttribute> attributes) {
    String name = "";
    long type = 0;
    float f = 0;
    long i = 0;
    String s = "";
    OnnxTensor t = null;
    OnnxGraph g = null;
    List<Float> floats = new ArrayList<>();
    List<Long> ints = new ArrayList<>();
    List<String> strings = new ArrayList<>();
    long seen = 0;
    for (int field; (field = in.next()) != 0; ) {
      switch (field) {
        case 1 -> name = in.string();
        case 2 -> {
          f = in.fixedFloat();
          seen = 1;
        }
        case 3 -> {
          i = in.integer();
          seen = 2;
        }
        case 4 -> {
          s = in.string();
          seen = 3;
        }
        case 5 -> {
          t = tensor(in.message());
          seen = 4;
        }
        case 6 -> {
          g = graph(in.message());
          seen = 5;
        }
        case 7 -> {
          if (in.wire() == WireCursor.BYTES) {
            WireCursor packed = in.message();
            while (!packed.atEnd()) {
              context.countMessage();
              floats.add(packed.rawFloat());
            }
          } else {
            context.countMessage();
            floats.add(in.fixedFloat());
          }
          seen = 6;
        }
        case 8 -> {
          integers(in, ints);
          seen = 7;
        }
        case 9 -> {
          strings.add(in.string());
          seen = 8;
        }
        case 10, 11, 14, 15, 22 ->
            throw unsupported(
                "attribute \""
                    + name
                    + "\" is a list of tensors or graphs, a type or a sparse tensor");
        case 20 -> type = in.integer();
        case 21 -> throw unsupported("attribute \"" + name + "\" refers to a function's attribute");
        default -> in.skip();
      }
    }
    // Files before IR version 3 leave the type out; then the value that is there decides.
    OnnxAttribute value =
        switch ((int) (type == 0 ? seen : Math.max(0, Math.min(type, 99)))) {
          case 1 -> new OnnxAttribute.FloatValue(f);
          case 2 -> new OnnxAttribute.IntValue(i);
          case 3 -> new OnnxAttribute.StringValue(s);
          case 4 -> new OnnxAttribute.TensorValue(present(t, name));
          case 5 -> new OnnxAttribute.GraphValue(present(g, name));
          case 6 -> new OnnxAttribute.FloatList(floats);
          case 7 -> new OnnxAttribute.IntList(ints);
          case 8 -> new OnnxAttribute.StringList(strings);
          default -> throw unsupported("attribute \"" + name + "\" has type " + type);
        };
    if (attributes.put(name, value) != null) {
      throw malformed("attribute \"" + name + "\" is given twice");
    }
  }

  private <T> T present(@Nullable T value, String attribute) {
    if (value == null) {
      throw malformed("attribute \"" + attribute + "\" lacks its value");
    }
    return value;
  }

  private void integers(WireCursor in, List<Long> values) {
    if (in.wire() == WireCursor.BYTES) {
      WireCursor packed = in.message();
      while (!packed.atEnd()) {
        context.countMessage();
        values.add(packed.varint());
      }
    } else {
      context.countMessage();
      values.add(in.integer());
    }
  }

  private OnnxTensor tensor(WireCursor in) {
    String name = "";
    long typeCode = 0;
    List<Long> dims = new ArrayList<>();
    byte[] raw = null;
    Elements typed = new Elements();
    for (int field; (field = in.next()) != 0; ) {
      switch (field) {
        case 1 -> integers(in, dims);
        case 2 -> typeCode = in.integer();
        case 4, 5, 7, 10, 11 -> typed.read(field, in);
        case 6 -> throw unsupported("tensor \"" + name + "\" holds strings");
        case 8 -> name = in.string();
        case 9 -> raw = in.bytes();
        case 13 -> throw external(name);
        case 14 -> {
          if (in.integer() == EXTERNAL) {
            throw external(name);
          }
        }
        default -> in.skip();
      }
    }
    OnnxType type = OnnxType.of(typeCode);
    long size = OnnxTensor.elements(dims, context.label() + ": tensor \"" + name + "\"");
    byte[] data = raw != null ? raw : typed.bytes(type, name, size);
    if (data.length != size * type.bytes()) {
      throw malformed(
          "tensor \""
              + name
              + "\" of type "
              + type
              + " and shape "
              + dims
              + " has "
              + data.length
              + " bytes of data instead of "
              + size * type.bytes());
    }
    return OnnxTensor.wrap(name, type, dims, data);
  }

  private UnsafeModelException external(String tensor) {
    return new UnsafeModelException(
        context.label()
            + ": tensor \""
            + tensor
            + "\" keeps its data in another file; save the model with its weights inside");
  }

  /** The typed data fields of a tensor, collected as 8-byte words. */
  private final class Elements {
    private int field;
    private long[] words = new long[0];
    private int count;

    void read(int ofField, WireCursor in) {
      if (field != 0 && field != ofField) {
        throw malformed("a tensor has data of two types");
      }
      field = ofField;
      if (in.wire() == WireCursor.BYTES) {
        WireCursor packed = in.message();
        // Each element takes at least a byte, so this is bounded by the file.
        ensure(packed.remaining() / (field == 4 ? 4 : field == 10 ? 8 : 1));
        while (!packed.atEnd()) {
          add(word(packed));
        }
      } else {
        int wanted =
            field == 4 ? WireCursor.FIXED32 : field == 10 ? WireCursor.FIXED64 : WireCursor.VARINT;
        if (in.wire() != wanted) {
          throw in.malformed("wire type " + in.wire() + " in the data of a tensor");
        }
        add(word(in));
      }
    }

    private long word(WireCursor in) {
      return switch (field) {
        case 4 -> Float.floatToRawIntBits(in.rawFloat());
        case 10 -> Double.doubleToRawLongBits(in.rawDouble());
        default -> in.varint();
      };
    }

    private void ensure(int more) {
      long needed = (long) count + more;
      if (needed > Integer.MAX_VALUE - 8) {
        throw unsupported("a tensor has more than 2^31 elements");
      }
      if (needed > words.length) {
        words =
            Arrays.copyOf(
                words, (int) Math.min(Integer.MAX_VALUE - 8, Math.max(needed, 2L * words.length)));
      }
    }

    private void add(long word) {
      if (count == words.length) {
        ensure(Math.max(8, 1));
      }
      words[count++] = word;
    }

    byte[] bytes(OnnxType type, String name, long size) {
      int expectedField =
          switch (type) {
            case FLOAT -> 4;
            case DOUBLE -> 10;
            case INT64 -> 7;
            case UINT32, UINT64 -> 11;
            case INT32, INT16, INT8, UINT16, UINT8, BOOL, FLOAT16, BFLOAT16 -> 5;
          };
      if (count != size || (count > 0 && field != expectedField)) {
        throw malformed(
            "tensor \""
                + name
                + "\" of type "
                + type
                + " needs "
                + size
                + " elements, but "
                + count
                + " are stored"
                + (count > 0 ? " in field " + field : ""));
      }
      if (size * type.bytes() > Integer.MAX_VALUE - 8) {
        throw unsupported("tensor \"" + name + "\" is larger than 2 GiB");
      }
      ByteBuffer out = ByteBuffer.allocate(count * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
      for (int k = 0; k < count; k++) {
        switch (type.bytes()) {
          case 1 -> out.put((byte) words[k]);
          case 2 -> out.putShort((short) words[k]);
          case 4 -> out.putInt((int) words[k]);
          default -> out.putLong(words[k]);
        }
      }
      return out.array();
    }
  }

  private OnnxValueInfo valueInfo(WireCursor in) {
    String name = "";
    Optional<OnnxValueInfo> type = Optional.empty();
    for (int field; (field = in.next()) != 0; ) {
      switch (field) {
        case 1 -> name = in.string();
        case 2 -> type = Optional.of(typeOf(in.message()));
        default -> in.skip();
      }
    }
    if (type.isEmpty()) {
      // Bodies of control flow may leave the type of their outputs to inference.
      return new OnnxValueInfo(name, OnnxType.FLOAT, Optional.empty());
    }
    return new OnnxValueInfo(name, type.get().type(), type.get().shape());
  }

  private OnnxValueInfo typeOf(WireCursor in) {
    long elementType = -1;
    Optional<List<OnnxDimension>> shape = Optional.empty();
    for (int field; (field = in.next()) != 0; ) {
      switch (field) {
        case 1 -> {
          WireCursor tensor = in.message();
          elementType = 0;
          for (int inner; (inner = tensor.next()) != 0; ) {
            switch (inner) {
              case 1 -> elementType = tensor.integer();
              case 2 -> shape = Optional.of(shape(tensor.message()));
              default -> tensor.skip();
            }
          }
        }
        case 4, 5, 8, 9 ->
            throw unsupported("an input or output is a sequence, map, optional or sparse tensor");
        default -> in.skip();
      }
    }
    if (elementType < 0) {
      throw malformed("an input or output has no tensor type");
    }
    return new OnnxValueInfo("", OnnxType.of(elementType), shape);
  }

  private List<OnnxDimension> shape(WireCursor in) {
    List<OnnxDimension> dims = new ArrayList<>();
    for (int field; (field = in.next()) != 0; ) {
      if (field == 1) {
        dims.add(dimension(in.message()));
      } else {
        in.skip();
      }
    }
    return dims;
  }

  private OnnxDimension dimension(WireCursor in) {
    OnnxDimension dimension = new OnnxDimension.Symbolic("");
    for (int field; (field = in.next()) != 0; ) {
      switch (field) {
        case 1 -> {
          long size = in.integer();
          if (size < -1 || size > Integer.MAX_VALUE) {
            throw malformed("a declared dimension is " + size);
          }
          // Some writers mark an unknown size by -1.
          dimension = size < 0 ? new OnnxDimension.Symbolic("") : new OnnxDimension.Fixed(size);
        }
        case 2 -> dimension = new OnnxDimension.Symbolic(in.string());
        default -> in.skip();
      }
    }
    return dimension;
  }

  /** Every name is defined once and before its use. */
  private void checkNames(OnnxGraph graph, Set<String> outer) {
    Set<String> known = new HashSet<>(outer);
    Set<String> own = new HashSet<>();
    for (OnnxTensor tensor : graph.initializers()) {
      if (!own.add(tensor.name())) {
        throw malformed("two initializers are named \"" + tensor.name() + "\"");
      }
    }
    Set<String> inputs = new HashSet<>();
    for (OnnxValueInfo input : graph.inputs()) {
      if (!inputs.add(input.name())) {
        throw malformed("two inputs are named \"" + input.name() + "\"");
      }
    }
    own.addAll(inputs);
    known.addAll(own);
    for (OnnxNode node : graph.nodes()) {
      for (String input : node.inputs()) {
        if (!input.isEmpty() && !known.contains(input)) {
          throw malformed(node.describe() + " uses \"" + input + "\" before anything produces it");
        }
      }
      for (OnnxAttribute attribute : node.attributes().values()) {
        if (attribute instanceof OnnxAttribute.GraphValue body) {
          checkNames(body.value(), known);
        }
      }
      for (String output : node.outputs()) {
        if (!output.isEmpty()) {
          if (!own.add(output)) {
            throw malformed(node.describe() + " produces \"" + output + "\", which exists already");
          }
          known.add(output);
        }
      }
    }
    for (OnnxValueInfo output : graph.outputs()) {
      if (!known.contains(output.name())) {
        throw malformed("nothing produces the output \"" + output.name() + "\"");
      }
    }
  }

  private OnnxFormatException malformed(String what) {
    return new OnnxFormatException(context.label() + ": " + what);
  }

  private UnsupportedOnnxException unsupported(String what) {
    return new UnsupportedOnnxException(context.label() + ": " + what);
  }
}
