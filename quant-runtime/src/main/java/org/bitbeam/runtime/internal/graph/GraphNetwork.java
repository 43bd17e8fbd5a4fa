package org.bitbeam.runtime.internal.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bitbeam.runtime.ElementType;
import org.bitbeam.runtime.ModelException;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.TensorInfo;
import org.bitbeam.runtime.internal.graph.NdArray.DoubleArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.onnx.OnnxDimension;
import org.bitbeam.runtime.onnx.OnnxType;
import org.bitbeam.runtime.onnx.OnnxValueInfo;
import org.bitbeam.runtime.onnx.UnsupportedOnnxException;

/** A network of this library's own engines: tensors at the border, {@link NdArray} inside. */
public final class GraphNetwork implements Network {

  /** What computes the outputs; safe to use from several threads. */
  @FunctionalInterface
  public interface Engine {
    /**
     * One forward pass.
     *
     * @throws IllegalArgumentException if the arrays do not fit the graph
     */
    Map<String, NdArray> run(Map<String, NdArray> inputs);

    /** As {@link Network#choices}. */
    default List<String> choices() {
      return List.of();
    }

    /** Frees what is not left to the garbage collector; passes under way still finish. */
    default void close() {}
  }

  private final String label;
  private final List<TensorInfo> inputs;
  private final List<TensorInfo> outputs;
  private final Engine engine;
  private volatile boolean closed;

  /** A network with the inputs and outputs of {@code graph}, computed by {@code engine}. */
  public GraphNetwork(String label, Graph graph, Engine engine) {
    this.label = label;
    this.inputs = graph.inputs().stream().map(this::info).toList();
    this.outputs = graph.outputs().stream().map(this::info).toList();
    this.engine = engine;
  }

  /**
   * Loads a network; every refusal names it.
   *
   * @throws ModelException also where constants of the model do not fit together
   */
  public static Network load(String label, Supplier<Network> loader) {
    try {
      return loader.get();
    } catch (ModelException e) {
      throw named(label, e);
    } catch (IllegalArgumentException e) {
      throw new ModelException(label + ": " + e.getMessage(), e);
    } catch (IndexOutOfBoundsException
        | ArithmeticException
        | ClassCastException
        | NegativeArraySizeException e) {
      throw new ModelException(
          label + ": the model's constants and attributes do not fit together", e);
    }
  }

  private static ModelException named(String label, ModelException e) {
    String message = String.valueOf(e.getMessage());
    if (message.startsWith(label)) {
      return e;
    }
    return e instanceof UnsupportedOnnxException
        ? new UnsupportedOnnxException(label + ": " + message)
        : new ModelException(label + ": " + message, e);
  }

  private TensorInfo info(OnnxValueInfo value) {
    List<Integer> shape = new ArrayList<>();
    for (OnnxDimension dimension : value.shape().orElse(List.of())) {
      shape.add(
          dimension instanceof OnnxDimension.Fixed fixed
              ? Math.toIntExact(fixed.size())
              : TensorInfo.DYNAMIC);
    }
    return new TensorInfo(value.name(), elementType(value), shape);
  }

  private ElementType elementType(OnnxValueInfo value) {
    return switch (value.type()) {
      case FLOAT -> ElementType.FLOAT32;
      case DOUBLE -> ElementType.FLOAT64;
      case INT64 -> ElementType.INT64;
      case INT32 -> ElementType.INT32;
      case INT8 -> ElementType.INT8;
      case UINT8 -> ElementType.UINT8;
      case BOOL -> ElementType.BOOL;
      default ->
          throw new UnsupportedOnnxException(
              label
                  + ": \""
                  + value.name()
                  + "\" holds "
                  + value.type()
                  + ", which tensors cannot");
    };
  }

  @Override
  public List<TensorInfo> inputs() {
    return inputs;
  }

  @Override
  public List<TensorInfo> outputs() {
    return outputs;
  }

  @Override
  public Map<String, Tensor> run(Map<String, Tensor> given) {
    if (closed) {
      throw new IllegalStateException(label + ": the network is closed");
    }
    TensorInfo.checkAll(label, inputs, given);
    Map<String, NdArray> arrays = new LinkedHashMap<>();
    given.forEach((name, tensor) -> arrays.put(name, array(tensor)));
    Map<String, Tensor> results = new LinkedHashMap<>();
    try {
      Map<String, NdArray> computed = engine.run(arrays);
      for (TensorInfo output : outputs) {
        NdArray value = computed.get(output.name());
        if (value == null) {
          throw new ModelException(label + ": output \"" + output.name() + "\" was not computed");
        }
        results.put(output.name(), tensor(value));
      }
    } catch (IllegalArgumentException e) {
      throw new ModelException(label + ": " + e.getMessage() + "; the inputs were " + given, e);
    } catch (ModelException e) {
      throw named(label, e);
    } catch (IndexOutOfBoundsException
        | ArithmeticException
        | ClassCastException
        | NegativeArraySizeException e) {
      throw new ModelException(
          label + ": the model's parts do not fit together; the inputs were " + given, e);
    }
    return results;
  }

  @Override
  public List<String> choices() {
    return engine.choices();
  }

  @Override
  public void close() {
    closed = true;
    engine.close();
  }

  @Override
  public String toString() {
    return label;
  }

  private static NdArray array(Tensor tensor) {
    int[] shape = tensor.shape();
    return switch (tensor.elementType()) {
      case FLOAT32 -> new FloatArray(shape, tensor.floats());
      case FLOAT64 -> new DoubleArray(shape, tensor.doubles());
      case INT64 -> new IntegerArray(OnnxType.INT64, shape, tensor.longs());
      case INT32 ->
          new IntegerArray(
              OnnxType.INT32, shape, Arrays.stream(tensor.ints()).asLongStream().toArray());
      case INT8, UINT8, BOOL -> {
        long[] values = new long[tensor.size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = (long) tensor.getDouble(i);
        }
        yield new IntegerArray(OnnxType.valueOf(tensor.elementType().name()), shape, values);
      }
    };
  }

  private Tensor tensor(NdArray array) {
    if (array instanceof FloatArray f) {
      return Tensor.of(f.values(), f.shape());
    }
    if (array instanceof DoubleArray d) {
      return Tensor.of(d.values(), d.shape());
    }
    IntegerArray n = (IntegerArray) array;
    switch (n.type()) {
      case INT64 -> {
        return Tensor.of(n.values(), n.shape());
      }
      case INT32 -> {
        return Tensor.of(Arrays.stream(n.values()).mapToInt(v -> (int) v).toArray(), n.shape());
      }
      case INT8, UINT8 -> {
        byte[] bytes = new byte[n.size()];
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = (byte) n.values()[i];
        }
        return n.type() == OnnxType.INT8
            ? Tensor.of(bytes, n.shape())
            : Tensor.ofUnsigned(bytes, n.shape());
      }
      case BOOL -> {
        boolean[] flags = new boolean[n.size()];
        for (int i = 0; i < flags.length; i++) {
          flags[i] = n.values()[i] != 0;
        }
        return Tensor.of(flags, n.shape());
      }
      default ->
          throw new UnsupportedOnnxException(
              label + ": an output holds " + n.type() + ", which tensors cannot");
    }
  }
}
