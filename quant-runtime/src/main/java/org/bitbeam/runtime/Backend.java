package org.bitbeam.runtime;

/**
 * An engine that runs ONNX networks. Backends are stateless and safe to share between threads. A
 * module adds one by its name:
 *
 * <pre>{@code
 * MapBinder.newMapBinder(binder(), String.class, Backend.class)
 *     .addBinding("mine").toInstance(new MyBackend());
 * }</pre>
 */
public interface Backend {

  /** The name under which it is bound, such as {@code ort}. */
  String name();

  /**
   * Loads a network.
   *
   * <p>Callers who hold bytes of unknown origin go through {@link ModelBundle#load}, or expect the
   * backend to refuse them itself, as the backends of this library do.
   *
   * @param label name of the network in messages
   * @param onnx an ONNX model without external data; not changed, not kept
   * @throws UnsafeModelException when the model refers to other files
   * @throws ModelException when it is no valid model, or the engine cannot run it
   */
  Network load(String label, byte[] onnx, BackendOptions options);
}
