package org.bitbeam.runtime.internal;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.onnx.OnnxType;

/** ONNX Runtime, one thread: the independent implementation. */
public final class Ort implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  public Ort(byte[] model) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      session = environment.createSession(model, options);
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  public Map<String, NdArray> run(Map<String, NdArray> inputs) {
    Map<String, OnnxTensor> given = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, NdArray> e : inputs.entrySet()) {
        given.put(e.getKey(), tensor(e.getValue()));
      }
      Map<String, NdArray> outputs = new LinkedHashMap<>();
      try (OrtSession.Result result = session.run(given)) {
        for (Map.Entry<String, OnnxValue> e : result) {
          outputs.put(e.getKey(), array((OnnxTensor) e.getValue()));
        }
      }
      return outputs;
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    } finally {
      given.values().forEach(OnnxTensor::close);
    }
  }

  public OnnxTensor tensor(NdArray x) throws OrtException {
    long[] shape = Arrays.stream(x.shape()).asLongStream().toArray();
    if (x instanceof FloatArray f) {
      return OnnxTensor.createTensor(environment, FloatBuffer.wrap(f.values()), shape);
    }
    if (x instanceof NdArray.DoubleArray d) {
      return OnnxTensor.createTensor(environment, java.nio.DoubleBuffer.wrap(d.values()), shape);
    }
    IntegerArray n = (IntegerArray) x;
    return switch (n.type()) {
      case INT64 -> OnnxTensor.createTensor(environment, LongBuffer.wrap(n.values()), shape);
      case INT32 ->
          OnnxTensor.createTensor(
              environment,
              IntBuffer.wrap(Arrays.stream(n.values()).mapToInt(v -> (int) v).toArray()),
              shape);
      case BOOL, INT8, UINT8 -> {
        ByteBuffer bytes = ByteBuffer.allocateDirect(n.size()).order(ByteOrder.nativeOrder());
        for (long v : n.values()) {
          bytes.put((byte) v);
        }
        bytes.rewind();
        yield OnnxTensor.createTensor(
            environment,
            bytes,
            shape,
            switch (n.type()) {
              case BOOL -> ai.onnxruntime.OnnxJavaType.BOOL;
              case INT8 -> ai.onnxruntime.OnnxJavaType.INT8;
              default -> ai.onnxruntime.OnnxJavaType.UINT8;
            });
      }
      default -> throw new IllegalArgumentException("no " + n.type());
    };
  }

  public OrtSession session() {
    return session;
  }

  private static NdArray array(OnnxTensor tensor) {
    TensorInfo info = tensor.getInfo();
    int[] shape = Arrays.stream(info.getShape()).mapToInt(Math::toIntExact).toArray();
    ByteBuffer bytes = tensor.getByteBuffer().order(ByteOrder.nativeOrder());
    int size = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    if (info.type == ai.onnxruntime.OnnxJavaType.FLOAT) {
      float[] values = new float[size];
      bytes.asFloatBuffer().get(values);
      return new FloatArray(shape, values);
    }
    if (info.type == ai.onnxruntime.OnnxJavaType.DOUBLE) {
      double[] values = new double[size];
      bytes.asDoubleBuffer().get(values);
      return new NdArray.DoubleArray(shape, values);
    }
    long[] values = new long[size];
    OnnxType type =
        switch (info.type) {
          case INT64 -> OnnxType.INT64;
          case INT32 -> OnnxType.INT32;
          case INT8 -> OnnxType.INT8;
          case UINT8 -> OnnxType.UINT8;
          case BOOL -> OnnxType.BOOL;
          default -> throw new IllegalArgumentException("no " + info.type);
        };
    for (int i = 0; i < size; i++) {
      values[i] =
          switch (type) {
            case INT64 -> bytes.getLong(8 * i);
            case INT32 -> bytes.getInt(4 * i);
            case INT8 -> bytes.get(i);
            default -> bytes.get(i) & 0xFF;
          };
    }
    return new IntegerArray(type, shape, values);
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
