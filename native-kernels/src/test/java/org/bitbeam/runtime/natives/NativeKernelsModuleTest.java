package org.bitbeam.runtime.natives;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.inject.CreationException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.CodeProducts;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The artefact as users see it: a module for the backends. */
class NativeKernelsModuleTest {
  private static final BackendOptions NATIVE =
      BackendOptions.DEFAULT.withCodeProducts(CodeProducts.NATIVE);

  @AfterEach
  void clear() {
    System.clearProperty(NativeKernelsModule.PROPERTY);
  }

  private static Network network(Backends backends) throws IOException {
    try (InputStream in =
        NativeKernelsModuleTest.class.getResourceAsStream("/onnx/ste_ternary_3d.script.onnx")) {
      return backends.get("bit").load("layer", in.readAllBytes(), NATIVE);
    }
  }

  private static String choices(Backends backends) throws IOException {
    try (Network network = network(backends)) {
      return String.join("\n", network.choices());
    }
  }

  private static Tensor run(Backends backends) throws IOException {
    try (Network network = network(backends)) {
      int size = network.inputs().get(0).shape().get(2);
      float[] x = new float[6 * size];
      for (int i = 0; i < x.length; i++) {
        x[i] = (float) Math.sin(i);
      }
      return network.run(Map.of("x", Tensor.of(x, 2, 3, size))).get("y");
    }
  }

  @Test
  void aLibraryIsThereWhereThereIsACompiler() {
    Assumptions.assumeTrue(CProductsTest.hasCompiler(), "no cc on this machine");
    assertTrue(CLibrary.isLoaded(), CLibrary::whyNot);
  }

  @Test
  void bringsTheNativeWayAndTheSameResult() throws IOException {
    Assumptions.assumeTrue(CLibrary.isLoaded(), CLibrary::whyNot);
    Backends with = Backends.standard(new NativeKernelsModule());
    assertTrue(choices(with).contains(": native"), choices(with));
    assertArrayEquals(run(Backends.standard()).floats(), run(with).floats());
  }

  @Test
  void withoutItNativeProductsAreMultiplied() throws IOException {
    assertTrue(choices(Backends.standard()).contains(": multiplied"));
  }

  @Test
  void canBeSwitchedOffAndToOtherInstructions() throws IOException {
    System.setProperty(NativeKernelsModule.PROPERTY, "off");
    assertTrue(choices(Backends.standard(new NativeKernelsModule())).contains(": multiplied"));
    Assumptions.assumeTrue(CLibrary.isLoaded(), CLibrary::whyNot);
    System.setProperty(NativeKernelsModule.PROPERTY, "plain");
    Backends plain = Backends.standard(new NativeKernelsModule());
    assertTrue(choices(plain).contains(": native"));
    assertArrayEquals(run(Backends.standard()).floats(), run(plain).floats());
  }

  @Test
  void unknownInstructionsAreRefusedWithTheKnownOnes() {
    System.setProperty(NativeKernelsModule.PROPERTY, "mmx");
    CreationException e =
        assertThrows(CreationException.class, () -> Backends.standard(new NativeKernelsModule()));
    assertEquals(
        "-Dbitbeam.native=mmx: expected off, best, plain, avx2, avx512-vnni, neon, neon-dot",
        e.getErrorMessages().iterator().next().getCause().getMessage());
  }

  @Test
  void instructionsOfOtherMachinesAreRefused() {
    Assumptions.assumeTrue(CLibrary.isLoaded(), CLibrary::whyNot);
    String other = Instructions.NEON.isSupported() ? "avx2" : "neon";
    System.setProperty(NativeKernelsModule.PROPERTY, other);
    Backends backends = Backends.standard(new NativeKernelsModule());
    RuntimeException e = assertThrows(RuntimeException.class, () -> network(backends));
    assertTrue(
        e.toString().contains("this machine has no " + other + ", only [plain"), e::toString);
  }
}
