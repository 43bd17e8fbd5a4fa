package org.bitbeam.runtime.natives;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What the C file can compute with; the order is that of its numbers, the best ones come last. */
enum Instructions {
  PLAIN,
  AVX2,
  AVX512_VNNI,
  NEON,
  NEON_DOT;

  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether this machine has them; the library must be loaded. */
  boolean isSupported() {
    return CLibrary.supports(ordinal());
  }

  static Instructions best() {
    Instructions best = PLAIN;
    for (Instructions candidate : values()) {
      best = candidate.isSupported() ? candidate : best;
    }
    return best;
  }

  /**
   * By its label.
   *
   * @throws IllegalArgumentException when there is none; says which there are
   */
  static Instructions named(String label) {
    List<String> labels = Arrays.stream(values()).map(Instructions::label).toList();
    if (!labels.contains(label)) {
      throw new IllegalArgumentException(
          "-D"
              + NativeKernelsModule.PROPERTY
              + "="
              + label
              + ": expected off, best, "
              + String.join(", ", labels));
    }
    return values()[labels.indexOf(label)];
  }

  static List<String> supportedNames() {
    return Arrays.stream(values())
        .filter(Instructions::isSupported)
        .map(Instructions::label)
        .toList();
  }
}
