package org.bitbeam.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.concurrent.locks.Lock;
import org.bitbeam.runtime.internal.OrtGate;

/** ONNX Runtime on the CPU: sequential execution, the asked number of threads inside of a pass. */
final class OrtBackend implements Backend {
  static final String NAME = "ort";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Network load(String label, byte[] onnx, BackendOptions options) {
    ExternalDataCheck.check(label, onnx);
    Lock inside = OrtGate.enter();
    try {
      return open(label, onnx, options);
    } catch (OrtException e) {
      throw new ModelException(
          label + ": ONNX Runtime cannot load the model: " + e.getMessage(), e);
    } finally {
      inside.unlock();
    }
  }

  private static Network open(String label, byte[] onnx, BackendOptions options)
      throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions session = new OrtSession.SessionOptions()) {
      session.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
      session.setInterOpNumThreads(1);
      session.setIntraOpNumThreads(options.intraOpThreads());
      OrtSession loaded = environment.createSession(onnx, session);
      try {
        return new OrtNetwork(label, environment, loaded);
      } catch (OrtException | RuntimeException e) {
        loaded.close();
        throw e;
      }
    }
  }
}
