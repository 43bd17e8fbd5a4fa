package org.bitbeam.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files by numpy lie in the resources, see make_npy.py. */
class NpyTest {
  private static final long SEED = 20261125;

  @Test
  void readsEveryTypeAsNumpyWroteIt() throws IOException {
    assertEquals(Tensor.of(new float[] {1, -2.5f, 0, Float.NaN, 4, 5}, 2, 3), numpy("f4"));
    assertEquals(Tensor.of(new double[] {1e300, -1}, 2), numpy("f8"));
    assertEquals(Tensor.of(new long[] {Long.MIN_VALUE, 7}, 2), numpy("i8"));
    assertEquals(Tensor.of(new int[] {Integer.MIN_VALUE, 7}, 2), numpy("i4"));
    assertEquals(Tensor.of(new byte[] {-128, 127}, 2), numpy("i1"));
    assertEquals(Tensor.ofUnsigned(new byte[] {-1, 0}, 2), numpy("u1"));
    assertEquals(Tensor.of(new boolean[] {true, false}, 2), numpy("b1"));
    assertEquals(Tensor.of(new float[] {3}), numpy("scalar"));
    assertEquals(Tensor.of(new float[0], 0, 5), numpy("empty"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"version2", "version3"})
  void readsLaterFormatVersions(String name) throws IOException {
    assertEquals(Tensor.of(new float[] {1, 2}, 2), numpy(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"f4", "f8", "i8", "i4", "i1", "u1", "b1", "scalar", "empty"})
  void writesTheBytesThatNumpyWrites(String name) throws IOException {
    assertArrayEquals(bytes(name), Npy.format(numpy(name)));
  }

  @Property(tries = 200)
  void whatIsWrittenIsRead(
      @ForAll @Size(max = 4) @IntRange(max = 5) java.util.List<@IntRange(max = 5) Integer> axes,
      @ForAll long seed)
      throws IOException {
    int[] shape = axes.stream().mapToInt(Integer::intValue).toArray();
    float[] values = new float[Tensor.sizeOf(shape)];
    Random random = new Random(seed);
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.intBitsToFloat(random.nextInt());
    }
    Tensor tensor = Tensor.of(values, shape);
    assertEquals(tensor, Npy.parse("x", Npy.format(tensor)));
  }

  @Test
  void fileGoesThroughTheDisk(@TempDir Path folder) throws IOException {
    Tensor tensor = Tensor.of(new long[] {1, 2, 3, 4}, 2, 2);
    Npy.write(folder.resolve("x.npy"), tensor);
    assertEquals(tensor, Npy.read(folder.resolve("x.npy")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"fortran", "big_endian", "f2", "object", "structured"})
  void unsupportedKindsAreRefusedWithARemedy(String name) {
    NpyFormatException e = assertThrows(NpyFormatException.class, () -> numpy(name));
    assertTrue(
        e.getMessage().startsWith(name + ".npy: ")
            && (e.getMessage().contains("save ") || e.getMessage().contains("the header lacks")),
        e.getMessage());
  }

  @Test
  void lengthsAreCheckedBeforeAnythingIsAllocated() throws IOException {
    assertTrue(
        refusal("{'descr': '<f8', 'fortran_order': False, 'shape': (2000000000,), }")
            .contains("needs 16000000000 bytes, but 0 follow"));
    assertTrue(
        refusal("{'descr': '<f8', 'fortran_order': False, 'shape': (99999, 99999), }")
            .contains("more than 2^31 - 1 values"));
    assertTrue(
        refusal("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999,), }")
            .contains("is not understood"));
    assertTrue(
        refusal("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }").contains("negative"));
    byte[] cut = bytes("f4");
    assertThrows(
        NpyFormatException.class, () -> Npy.parse("cut", Arrays.copyOf(cut, cut.length - 1)));
    assertThrows(
        NpyFormatException.class, () -> Npy.parse("long", Arrays.copyOf(cut, cut.length + 1)));
  }

  @Test
  void damagedFilesAreReadOrRefusedPolitely() throws IOException {
    Random random = new Random(SEED);
    int refused = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = bytes(round % 2 == 0 ? "f4" : "version3");
      for (int i = random.nextInt(3); i >= 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      if (random.nextInt(4) == 0) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      }
      try {
        Npy.parse("damaged", bytes);
      } catch (NpyFormatException e) {
        assertTrue(e.getMessage().startsWith("damaged: "), e.getMessage());
        refused++;
      }
    }
    assertTrue(refused > 5_000, "seed " + SEED + ": only " + refused + " refused");
  }

  private static String refusal(String header) {
    byte[] text = (header + "\n").getBytes(StandardCharsets.ISO_8859_1);
    byte[] bytes = new byte[10 + text.length];
    byte[] start = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) text.length, 0};
    System.arraycopy(start, 0, bytes, 0, 10);
    System.arraycopy(text, 0, bytes, 10, text.length);
    return assertThrows(NpyFormatException.class, () -> Npy.parse("x", bytes)).getMessage();
  }

  private static Tensor numpy(String name) throws IOException {
    return Npy.parse(name + ".npy", bytes(name));
  }

  private static byte[] bytes(String name) throws IOException {
    try (InputStream in = NpyTest.class.getResourceAsStream("/npy/" + name + ".npy")) {
      return in.readAllBytes();
    }
  }
}
