package org.bitbeam.training;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import org.junit.jupiter.api.Assumptions;

/** Skips tests where PyTorch's native library cannot be had. */
final class Torch {
  private Torch() {}

  static void assume() {
    try {
      Engine.getInstance();
    } catch (EngineException | LinkageError e) {
      Assumptions.abort("PyTorch's native library cannot be loaded: " + e);
    }
  }
}
