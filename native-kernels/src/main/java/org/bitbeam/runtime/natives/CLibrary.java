package org.bitbeam.runtime.natives;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The C functions, loaded once. The library lies in the jar for one system; it is copied to a fresh
 * folder that only this user can read, loaded, and deleted again: nobody can put another one in its
 * place, and nothing stays behind. Calls read heap arrays where they are.
 */
final class CLibrary {
  private static final Library LIBRARY = load();
  // Static and final: so the JIT compiles the call itself.
  private static final @Nullable MethodHandle SUPPORTS =
      LIBRARY.function("bitbeam_supports", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final @Nullable MethodHandle LAYER =
      LIBRARY.function(
          "bitbeam_layer",
          FunctionDescriptor.ofVoid(
              JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS,
              ADDRESS, ADDRESS));

  private record Library(@Nullable SymbolLookup symbols, String whyNot) {
    @Nullable MethodHandle function(String name, FunctionDescriptor type) {
      return symbols == null
          ? null
          : Linker.nativeLinker()
              .downcallHandle(symbols.find(name).orElseThrow(), type, Linker.Option.critical(true));
    }
  }

  private CLibrary() {}

  static boolean isLoaded() {
    return LIBRARY.symbols() != null;
  }

  /** Why it is not loaded, in words. */
  static String whyNot() {
    return LIBRARY.whyNot();
  }

  private static Library load() {
    String name =
        System.getProperty("os.name")
            + "-"
            + System.getProperty("os.arch")
            + "/libbitbeam_kernels.so";
    try (InputStream in = CLibrary.class.getResourceAsStream(name)) {
      if (in == null) {
        return new Library(
            null, "the jar has no " + name + ": there was no C compiler (cc) when it was built");
      }
      Path folder = Files.createTempDirectory("bitbeam-kernels");
      Path file = folder.resolve("libbitbeam_kernels.so");
      try {
        Files.copy(in, file);
        return new Library(SymbolLookup.libraryLookup(file, Arena.global()), "");
      } finally {
        Files.deleteIfExists(file);
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      return new Library(null, name + " cannot be copied to java.io.tmpdir: " + e);
    } catch (IllegalArgumentException e) {
      return new Library(
          null, name + " cannot be loaded (is java.io.tmpdir mounted noexec?): " + e.getMessage());
    } catch (IllegalCallerException e) {
      return new Library(null, "needs --enable-native-access=ALL-UNNAMED: " + e.getMessage());
    }
  }

  static boolean supports(int instructions) {
    try {
      return (int) Objects.requireNonNull(SUPPORTS).invokeExact(instructions) != 0;
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** The C file says what the arguments are; sizes are the caller's duty. */
  static void layer(
      int instructions,
      int rows,
      int inputs,
      int outputs,
      MemorySegment weights,
      MemorySegment x,
      MemorySegment factors,
      MemorySegment bytes,
      MemorySegment scales,
      MemorySegment bias,
      MemorySegment y) {
    try {
      Objects.requireNonNull(LAYER)
          .invokeExact(
              instructions, rows, inputs, outputs, weights, x, factors, bytes, scales, bias, y);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  private static RuntimeException failed(Throwable e) {
    if (e instanceof RuntimeException unchecked) {
      return unchecked;
    }
    if (e instanceof Error error) {
      throw error;
    }
    return new IllegalStateException(e); // C throws nothing
  }
}
