package org.bitbeam.runtime.internal.bit;

import java.util.Optional;

/**
 * Which kernels this JVM can run, and why not the others. Safe to ask without the incubator module.
 */
final class KernelChoice {
  /** Width of the vectors in bits: 128, 256 or 512; the machine's preference if it is not set. */
  static final String WIDTH_PROPERTY = "bitbeam.vector.bits";

  /** Set to {@code scalar} to do without the Vector API. */
  static final String KERNELS_PROPERTY = "bitbeam.kernels";

  private KernelChoice() {}

  /** Empty if the Vector API can be used here, otherwise the reason in words. */
  static Optional<String> whyNoVectors() {
    if ("scalar".equals(System.getProperty(KERNELS_PROPERTY))) {
      return Optional.of("-D" + KERNELS_PROPERTY + "=scalar");
    }
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return Optional.of("needs --add-modules jdk.incubator.vector");
    }
    if (!System.getProperty("java.vm.name", "").contains("HotSpot")
        && !System.getProperty("java.vm.name", "").contains("OpenJDK")) {
      return Optional.of("made for the HotSpot JVM, this is " + System.getProperty("java.vm.name"));
    }
    return Optional.empty();
  }

  /** The fastest kernels that can be used. */
  static Kernels best() {
    return whyNoVectors().isPresent() ? new ScalarKernels() : Vectors.kernels();
  }

  /** Apart, so that the vector classes are loaded on demand only. */
  private static final class Vectors {
    static Kernels kernels() {
      return new VectorKernels();
    }
  }
}
