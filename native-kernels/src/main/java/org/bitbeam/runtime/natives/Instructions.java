package org.bitbeam.runtime.natives;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

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

  static Optional<Instructions> named(String label) {
    return Arrays.stream(values()).filter(i -> i.label().equals(label)).findFirst();
  }

  static List<String> supportedNames() {
    return Arrays.stream(values())
        .filter(Instructions::isSupported)
        .map(Instructions::label)
        .toList();
  }
}
