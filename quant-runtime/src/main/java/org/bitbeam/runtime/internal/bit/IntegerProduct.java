package org.bitbeam.runtime.internal.bit;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.bitbeam.runtime.internal.OrtGate;
import org.bitbeam.runtime.internal.lowering.TernaryWeights;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxDimension;
import org.bitbeam.runtime.onnx.OnnxGraph;
import org.bitbeam.runtime.onnx.OnnxModel;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxType;
import org.bitbeam.runtime.onnx.OnnxValueInfo;
import org.bitbeam.runtime.onnx.OnnxWriter;
import org.jspecify.annotations.Nullable;

/**
 * Codes times signs by ONNX Runtime: a network of one MatMulInteger, UINT8 codes with zero point
 * 128 times INT8 signs, which is exact and reaches the machine's int8 dot products. The session is
 * made at the first call.
 */
final class IntegerProduct implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(IntegerProduct.class.getName());

  private final TernaryWeights weights;
  private final ReadWriteLock lock = new ReentrantReadWriteLock(); // written by open and close
  private @Nullable OrtSession session;
  private boolean usable = true;

  IntegerProduct(TernaryWeights weights) {
    this.weights = weights;
  }

  /**
   * Fills rows of sums, one behind the other.
   *
   * @return whether it could; otherwise nothing was written
   */
  boolean multiply(Frame frame, int rows, float[] codes, float[] y, int to) {
    open();
    lock.readLock().lock();
    try {
      OrtSession opened = session;
      if (opened == null) {
        return false;
      }
      Lock inside = OrtGate.enter();
      try {
        run(opened, frame, rows, codes, y, to);
      } finally {
        inside.unlock();
      }
      return true;
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime failed at a product: " + e.getMessage(), e);
    } finally {
      lock.readLock().unlock();
    }
  }

  private void run(OrtSession opened, Frame frame, int rows, float[] codes, float[] y, int to)
      throws OrtException {
    int inputs = weights.inputs();
    int outputs = weights.outputs();
    int size = rows * inputs;
    ByteBuffer in = frame.direct(0, size);
    byte[] bytes = frame.bytes(size);
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) ((int) codes[i] + 128);
    }
    in.put(0, bytes, 0, size);
    IntBuffer out = frame.direct(1, 4 * rows * outputs).asIntBuffer();
    int[] sums = frame.ints(0, rows * outputs);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OnnxTensor a =
            OnnxTensor.createTensor(
                environment, in, new long[] {rows, inputs}, OnnxJavaType.UINT8);
        OnnxTensor c = OnnxTensor.createTensor(environment, out, new long[] {rows, outputs});
        OrtSession.Result result = opened.run(Map.of("codes", a), Map.of("sums", c))) {
      if (result.size() != 1) {
        throw new IllegalStateException("ONNX Runtime returned " + result.size() + " results");
      }
    }
    out.get(0, sums, 0, rows * outputs);
    for (int i = 0; i < rows * outputs; i++) {
      y[to + i] = sums[i];
    }
  }

  private void open() {
    lock.readLock().lock();
    try {
      if (session != null || !usable) {
        return;
      }
    } finally {
      lock.readLock().unlock();
    }
    lock.writeLock().lock();
    try {
      if (session == null && usable) {
        usable = false;
        session = load().orElse(null);
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  private Optional<OrtSession> load() {
    Lock inside = OrtGate.enter();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      return Optional.of(OrtEnvironment.getEnvironment().createSession(model(), options));
    } catch (OrtException | LinkageError e) {
      LOG.log(System.Logger.Level.INFO, () -> "ONNX Runtime forms no products here: " + e);
      return Optional.empty();
    } finally {
      inside.unlock();
    }
  }

  private byte[] model() {
    int inputs = weights.inputs();
    int outputs = weights.outputs();
    byte[] signs = new byte[inputs * outputs];
    for (int n = 0; n < outputs; n++) {
      for (int k = 0; k < inputs; k++) {
        signs[k * outputs + n] = weights.signs()[n * inputs + k];
      }
    }
    Map<String, OnnxAttribute> none = Map.of();
    OnnxGraph graph =
        new OnnxGraph(
            "product",
            List.of(
                new OnnxNode(
                    "product",
                    "",
                    "MatMulInteger",
                    List.of("codes", "signs", "zero"),
                    List.of("sums"),
                    none)),
            List.of(
                org.bitbeam.runtime.onnx.OnnxTensor.ofBytes(
                    "signs", OnnxType.INT8, List.of((long) inputs, (long) outputs), signs),
                org.bitbeam.runtime.onnx.OnnxTensor.ofBytes(
                    "zero", OnnxType.UINT8, List.of(), new byte[] {(byte) 128})),
            List.of(
                new OnnxValueInfo(
                    "codes",
                    OnnxType.UINT8,
                    Optional.of(
                        List.of(
                            new OnnxDimension.Symbolic("rows"), new OnnxDimension.Fixed(inputs))))),
            List.of(new OnnxValueInfo("sums", OnnxType.INT32, Optional.empty())));
    return OnnxWriter.write(new OnnxModel(9, "bitbeam", "", Map.of("", 17L), graph, Map.of()));
  }

  /** Waits for products under way; later ones are refused. */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      usable = false;
      if (session != null) {
        Lock inside = OrtGate.enter();
        try {
          session.close();
        } finally {
          inside.unlock();
        }
        session = null;
      }
    } catch (OrtException e) {
      LOG.log(System.Logger.Level.WARNING, "ONNX Runtime did not close a session", e);
    } finally {
      lock.writeLock().unlock();
    }
  }
}
