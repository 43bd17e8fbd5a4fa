package org.bitbeam.runtime.natives;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.bitbeam.runtime.NativeProducts;
import org.jspecify.annotations.Nullable;

/**
 * Products by the C file.
 *
 * @param asked the instructions; null for the best ones of the machine
 */
record CProducts(@Nullable Instructions asked) implements NativeProducts {
  /** What stands for the best instructions where their name is expected. */
  static final String BEST = "best";

  private static final int PANEL = 64; // columns
  private static final int GROUP = 64; // bytes of four inputs of a panel
  private static final int MAX_INPUTS = (1 << 24) / 127; // of the C file; lowered layers keep to it
  private static final int BLOCK = 64; // rows whose codes are held as bytes

  static CProducts named(String label) {
    return new CProducts(label.equals(BEST) ? null : Instructions.named(label));
  }

  @Override
  public String name() {
    return CLibrary.isLoaded() ? used().label() : "none: " + CLibrary.whyNot();
  }

  private Instructions used() {
    if (asked == null) {
      return Instructions.best();
    }
    if (!asked.isSupported()) {
      throw new IllegalArgumentException(
          "this machine has no " + asked.label() + ", only " + Instructions.supportedNames());
    }
    return asked;
  }

  /** Two bits a weight, in the order that the C file describes; outside of the heap. */
  @Override
  public Optional<Signs> pack(int inputs, int outputs, byte[] signs) {
    if (!CLibrary.isLoaded() || inputs > MAX_INPUTS) {
      return Optional.empty();
    }
    int groups = (inputs + 3) / 4;
    int panels = (outputs + PANEL - 1) / PANEL;
    byte[] packed = new byte[Math.multiplyExact(Math.multiplyExact(panels, groups), GROUP)];
    Arrays.fill(packed, (byte) 0b01010101); // sign 0
    for (int n = 0; n < outputs; n++) {
      int from = n / PANEL * groups * GROUP + n % 16 * 4;
      int shift = n % PANEL / 16 * 2;
      for (int k = 0; k < inputs; k++) {
        // Bits 01 become 00, 01 or 10.
        packed[from + k / 4 * GROUP + k % 4] += (byte) (signs[n * inputs + k] << shift);
      }
    }
    MemorySegment weights = Arena.ofAuto().allocate(Math.max(1, packed.length), GROUP);
    MemorySegment.copy(packed, 0, weights, ValueLayout.JAVA_BYTE, 0, packed.length);
    return Optional.of(new Packed(used().ordinal(), inputs, outputs, weights));
  }

  private record Packed(int instructions, int inputs, int outputs, MemorySegment weights)
      implements Signs {
    @Override
    public int scratch(int rows) {
      return Math.min(rows, BLOCK) * ((inputs + 3) / 4 * 4);
    }

    @Override
    public void multiply(
        int rows,
        float[] x,
        int at,
        float[] factors,
        byte[] scratch,
        float @Nullable [] scales,
        float[] bias,
        float[] y,
        int to) {
      // C looks at no bounds.
      Objects.checkFromIndexSize(at, Math.multiplyExact(rows, inputs), x.length);
      Objects.checkFromIndexSize(0, rows, factors.length);
      Objects.checkFromIndexSize(to, Math.multiplyExact(rows, outputs), y.length);
      Objects.checkFromIndexSize(0, scratch(rows), scratch.length);
      MemorySegment scale = MemorySegment.NULL;
      if (scales != null) {
        Objects.checkFromIndexSize(0, rows, scales.length);
        Objects.checkFromIndexSize(0, outputs, bias.length);
        scale = MemorySegment.ofArray(scales);
      }
      CLibrary.layer(
          instructions,
          rows,
          inputs,
          outputs,
          weights,
          MemorySegment.ofArray(x).asSlice(4L * at),
          MemorySegment.ofArray(factors),
          MemorySegment.ofArray(scratch),
          scale,
          MemorySegment.ofArray(bias),
          MemorySegment.ofArray(y).asSlice(4L * to));
    }
  }
}
