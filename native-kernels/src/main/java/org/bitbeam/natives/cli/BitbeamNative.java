package org.bitbeam.natives.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.bitbeam.cli.Bitbeam;
import org.bitbeam.cli.Rooms;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.natives.NativeKernelsModule;

/** {@code bitbeam} with native products for the backend {@code bit}. */
public final class BitbeamNative {
  private BitbeamNative() {}

  /** Runs a command and ends the JVM with its exit code. */
  public static void main(String[] arguments) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    System.exit(run(out, err, arguments));
  }

  /** Runs a command; returns its exit code. */
  public static int run(PrintWriter out, PrintWriter err, String... arguments) {
    return Bitbeam.run(
        out,
        err,
        Rooms.NONE.withBackends(() -> Backends.standard(new NativeKernelsModule())),
        arguments);
  }
}
