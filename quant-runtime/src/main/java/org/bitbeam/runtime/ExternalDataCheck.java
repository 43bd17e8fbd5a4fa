package org.bitbeam.runtime;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Walks an ONNX file's protobuf messages and refuses every tensor that keeps its values in another
 * file, wherever a tensor may be: initializers, sparse initializers, attributes, subgraphs,
 * functions and training information. Engines open such files by paths that the model chooses.
 *
 * <p>The walker reads the wire format by itself, checks every length against what is left,
 * allocates nothing, and goes no deeper than {@value #MAX_DEPTH} messages. Field numbers are those
 * of {@code onnx.proto} (IR version 13); unknown fields are skipped, as protobuf does.
 */
final class ExternalDataCheck {
  /** Protobuf's own limit in C++, so that no engine reads deeper than this check. */
  static final int MAX_DEPTH = 100;

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private static final int TENSOR_EXTERNAL_DATA = 13;
  private static final int TENSOR_DATA_LOCATION = 14;
  private static final int MODEL_GRAPH = 7;

  /** ONNX messages that hold tensors, with the fields that lead to them. */
  private enum Message {
    MODEL,
    TRAINING,
    FUNCTION,
    GRAPH,
    NODE,
    ATTRIBUTE,
    SPARSE_TENSOR,
    TENSOR;

    Map<Integer, Message> children() {
      return switch (this) {
        case MODEL -> MODEL_FIELDS;
        case TRAINING -> TRAINING_FIELDS;
        case FUNCTION -> FUNCTION_FIELDS;
        case GRAPH -> GRAPH_FIELDS;
        case NODE -> NODE_FIELDS;
        case ATTRIBUTE -> ATTRIBUTE_FIELDS;
        case SPARSE_TENSOR -> SPARSE_FIELDS;
        case TENSOR -> Map.of();
      };
    }
  }

  private static final Map<Integer, Message> MODEL_FIELDS =
      Map.of(MODEL_GRAPH, Message.GRAPH, 20, Message.TRAINING, 25, Message.FUNCTION);
  private static final Map<Integer, Message> TRAINING_FIELDS =
      Map.of(1, Message.GRAPH, 2, Message.GRAPH);
  private static final Map<Integer, Message> FUNCTION_FIELDS =
      Map.of(7, Message.NODE, 11, Message.ATTRIBUTE);
  private static final Map<Integer, Message> GRAPH_FIELDS =
      Map.of(1, Message.NODE, 5, Message.TENSOR, 15, Message.SPARSE_TENSOR);
  private static final Map<Integer, Message> NODE_FIELDS = Map.of(5, Message.ATTRIBUTE);
  private static final Map<Integer, Message> ATTRIBUTE_FIELDS =
      Map.of(
          5, Message.TENSOR,
          6, Message.GRAPH,
          10, Message.TENSOR,
          11, Message.GRAPH,
          22, Message.SPARSE_TENSOR,
          23, Message.SPARSE_TENSOR);
  private static final Map<Integer, Message> SPARSE_FIELDS =
      Map.of(1, Message.TENSOR, 2, Message.TENSOR);

  private final String label;
  private final byte[] bytes;
  private int at;
  private boolean hasGraph;

  private ExternalDataCheck(String label, byte[] bytes) {
    this.label = label;
    this.bytes = bytes;
  }

  /**
   * Accepts a model that keeps all of its data inside of itself.
   *
   * @param label name of the model, for the message
   * @throws UnsafeModelException when it does not, or is no protobuf message with a graph
   */
  static void check(String label, byte[] onnx) {
    // ONNX Runtime recognises its own format by these bytes and would read it past this check.
    if (onnx.length >= 8 && new String(onnx, 4, 4, StandardCharsets.ISO_8859_1).equals("ORTM")) {
      throw new UnsafeModelException(
          label + ": this is a model in ONNX Runtime's own format, expected ONNX");
    }
    ExternalDataCheck walk = new ExternalDataCheck(label, onnx);
    walk.message(Message.MODEL, onnx.length, "model", 1);
    if (!walk.hasGraph) {
      throw new UnsafeModelException(label + ": no graph inside, so this is no ONNX model");
    }
  }

  private void message(Message kind, int end, String path, int depth) {
    if (depth > MAX_DEPTH) {
      throw malformed(path, "messages are nested deeper than " + MAX_DEPTH);
    }
    Map<Integer, Message> children = kind.children();
    while (at < end) {
      long tag = varint(end, path);
      int wire = (int) (tag & 7);
      long field = tag >>> 3;
      if (field == 0 || field > 0x1fffffff) {
        throw malformed(path, "field number " + field + " does not exist");
      }
      Message child = children.get((int) field);
      if (child != null && wire != BYTES) {
        throw malformed(path, "field " + field + " has wire type " + wire + ", expected 2");
      }
      if (kind == Message.TENSOR && field == TENSOR_EXTERNAL_DATA) {
        throw external(path);
      }
      switch (wire) {
        case VARINT -> {
          long value = varint(end, path);
          if (kind == Message.TENSOR && field == TENSOR_DATA_LOCATION && value != 0) {
            throw external(path);
          }
        }
        case FIXED64 -> skip(8, end, path);
        case FIXED32 -> skip(4, end, path);
        case BYTES -> {
          int length = length(end, path);
          if (kind == Message.TENSOR && field == TENSOR_DATA_LOCATION) {
            throw malformed(path, "the data location is no number");
          }
          if (child == null) {
            at += length;
          } else {
            hasGraph |= kind == Message.MODEL && field == MODEL_GRAPH;
            message(child, at + length, step(path, child, field), depth + 1);
          }
        }
        default -> throw malformed(path, "wire type " + wire + " does not occur in ONNX");
      }
    }
  }

  // Paths are only built as deep as messages nest, which is capped.
  private static String step(String path, Message child, long field) {
    String name =
        switch (child) {
          case GRAPH -> "graph";
          case TRAINING -> "training info";
          case FUNCTION -> "function";
          case NODE -> "node";
          case ATTRIBUTE -> "attribute";
          case SPARSE_TENSOR -> "sparse tensor";
          case TENSOR -> "tensor";
          case MODEL -> "model";
        };
    return path + " > " + name + " (field " + field + ")";
  }

  private void skip(int count, int end, String path) {
    if (count > end - at) {
      throw malformed(path, count + " bytes expected, but only " + (end - at) + " are left");
    }
    at += count;
  }

  private int length(int end, String path) {
    long length = varint(end, path);
    if (length < 0 || length > end - at) {
      throw malformed(
          path,
          "a length of "
              + Long.toUnsignedString(length)
              + " bytes, but only "
              + (end - at)
              + " are left");
    }
    return (int) length;
  }

  private long varint(int end, String path) {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at >= end) {
        throw malformed(path, "a number is cut off");
      }
      byte b = bytes[at++];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw malformed(path, "a number is longer than 10 bytes");
  }

  private UnsafeModelException external(String path) {
    return new UnsafeModelException(
        label
            + ": "
            + path
            + ", byte "
            + at
            + ": the tensor keeps its data in another file, which is refused; save the model with"
            + " all data inside");
  }

  private UnsafeModelException malformed(String path, String what) {
    return new UnsafeModelException(
        label + ": " + path + ", byte " + at + ": malformed ONNX: " + what);
  }
}
