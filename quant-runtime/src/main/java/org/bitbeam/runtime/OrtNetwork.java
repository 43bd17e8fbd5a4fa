package org.bitbeam.runtime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.bitbeam.runtime.internal.OrtGate;

/** A session of ONNX Runtime. */
final class OrtNetwork implements Network {
  private final String label;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final List<TensorInfo> inputs;
  private final List<TensorInfo> outputs;
  // Native memory behind a closed session must not be touched: closing waits for running passes.
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  OrtNetwork(String label, OrtEnvironment environment, OrtSession session) throws OrtException {
    this.label = label;
    this.environment = environment;
    this.session = session;
    this.inputs = infos(session.getInputInfo().values());
    this.outputs = infos(session.getOutputInfo().values());
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
    TensorInfo.checkAll(label, inputs, given);
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException(label + ": the network is closed");
      }
      Lock inside = OrtGate.enter();
      try {
        return runOpen(given);
      } finally {
        inside.unlock();
      }
    } finally {
      lock.readLock().unlock();
    }
  }

  private Map<String, Tensor> runOpen(Map<String, Tensor> given) {
    Map<String, OnnxTensor> feed = new HashMap<>();
    try {
      for (TensorInfo input : inputs) {
        Tensor tensor = given.get(input.name());
        if (tensor != null) {
          feed.put(input.name(), toOrt(tensor));
        }
      }
      Map<String, Tensor> result = new LinkedHashMap<>();
      try (OrtSession.Result values = session.run(feed)) {
        for (Map.Entry<String, OnnxValue> value : values) {
          result.put(value.getKey(), fromOrt(value.getKey(), value.getValue()));
        }
      }
      return result;
    } catch (OrtException e) {
      throw new ModelException(
          label + ": ONNX Runtime failed on inputs " + given + ": " + e.getMessage(), e);
    } finally {
      feed.values().forEach(OnnxTensor::close);
    }
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        Lock inside = OrtGate.enter();
        try {
          session.close();
        } finally {
          inside.unlock();
        }
      }
    } catch (OrtException e) {
      throw new ModelException(label + ": ONNX Runtime cannot close the model", e);
    } finally {
      lock.writeLock().unlock();
    }
  }

  @Override
  public String toString() {
    return label + " on ONNX Runtime";
  }

  private OnnxTensor toOrt(Tensor tensor) throws OrtException {
    long[] shape = new long[tensor.rank()];
    for (int axis = 0; axis < shape.length; axis++) {
      shape[axis] = tensor.axis(axis);
    }
    return switch (tensor.elementType()) {
      case FLOAT32 ->
          OnnxTensor.createTensor(environment, FloatBuffer.wrap(tensor.floats()), shape);
      case FLOAT64 ->
          OnnxTensor.createTensor(environment, DoubleBuffer.wrap(tensor.doubles()), shape);
      case INT64 -> OnnxTensor.createTensor(environment, LongBuffer.wrap(tensor.longs()), shape);
      case INT32 -> OnnxTensor.createTensor(environment, IntBuffer.wrap(tensor.ints()), shape);
      case INT8 -> bytes(tensor.bytes(), shape, OnnxJavaType.INT8);
      case UINT8 -> bytes(tensor.bytes(), shape, OnnxJavaType.UINT8);
      case BOOL -> {
        boolean[] values = tensor.booleans();
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
          bytes[i] = (byte) (values[i] ? 1 : 0);
        }
        yield bytes(bytes, shape, OnnxJavaType.BOOL);
      }
    };
  }

  private OnnxTensor bytes(byte[] values, long[] shape, OnnxJavaType type) throws OrtException {
    return OnnxTensor.createTensor(environment, ByteBuffer.wrap(values), shape, type);
  }

  private Tensor fromOrt(String name, OnnxValue value) throws OrtException {
    if (!(value instanceof OnnxTensor tensor)) {
      throw new ModelException(label + ": output \"" + name + "\" is no tensor");
    }
    ElementType type = elementType(name, tensor.getInfo().type);
    long[] sizes = tensor.getInfo().getShape();
    int[] shape = new int[sizes.length];
    int size;
    try {
      for (int axis = 0; axis < shape.length; axis++) {
        shape[axis] = Math.toIntExact(sizes[axis]);
      }
      size = Tensor.sizeOf(shape);
    } catch (ArithmeticException | IllegalArgumentException e) {
      throw new ModelException(
          label + ": output \"" + name + "\" is too large: " + Arrays.toString(sizes), e);
    }
    switch (type) {
      case FLOAT32 -> {
        return Tensor.of(floats(tensor.getFloatBuffer(), size), shape);
      }
      case FLOAT64 -> {
        double[] values = new double[size];
        tensor.getDoubleBuffer().get(values);
        return Tensor.of(values, shape);
      }
      case INT64 -> {
        long[] values = new long[size];
        tensor.getLongBuffer().get(values);
        return Tensor.of(values, shape);
      }
      case INT32 -> {
        int[] values = new int[size];
        tensor.getIntBuffer().get(values);
        return Tensor.of(values, shape);
      }
      case INT8, UINT8, BOOL -> {
        byte[] values = new byte[size];
        tensor.getByteBuffer().get(values);
        if (type == ElementType.INT8) {
          return Tensor.of(values, shape);
        } else if (type == ElementType.UINT8) {
          return Tensor.ofUnsigned(values, shape);
        }
        boolean[] flags = new boolean[size];
        for (int i = 0; i < size; i++) {
          flags[i] = values[i] != 0;
        }
        return Tensor.of(flags, shape);
      }
    }
    throw new AssertionError(type);
  }

  /** All of a buffer, which is a copy of native memory already, made for the caller. */
  private static float[] floats(FloatBuffer copy, int size) {
    if (copy.hasArray() && copy.array().length == size) {
      return copy.array();
    }
    float[] values = new float[size];
    copy.get(values);
    return values;
  }

  private List<TensorInfo> infos(Collection<NodeInfo> nodes) {
    List<TensorInfo> infos = new ArrayList<>();
    for (NodeInfo node : nodes) {
      if (!(node.getInfo() instanceof ai.onnxruntime.TensorInfo tensor)) {
        throw new ModelException(
            label + ": \"" + node.getName() + "\" is no tensor, but " + node.getInfo());
      }
      List<Integer> shape = new ArrayList<>();
      for (long axis : tensor.getShape()) {
        shape.add(axis < 0 ? TensorInfo.DYNAMIC : Math.toIntExact(axis));
      }
      infos.add(new TensorInfo(node.getName(), elementType(node.getName(), tensor.type), shape));
    }
    return List.copyOf(infos);
  }

  private ElementType elementType(String name, OnnxJavaType type) {
    return switch (type) {
      case FLOAT -> ElementType.FLOAT32;
      case DOUBLE -> ElementType.FLOAT64;
      case INT64 -> ElementType.INT64;
      case INT32 -> ElementType.INT32;
      case INT8 -> ElementType.INT8;
      case UINT8 -> ElementType.UINT8;
      case BOOL -> ElementType.BOOL;
      default ->
          throw new ModelException(
              label + ": \"" + name + "\" holds " + type + ", which tensors cannot");
    };
  }
}
