package org.bitbeam.natives.cli;

import java.io.PrintWriter;
import org.bitbeam.cli.Bitbeam;
import org.bitbeam.cli.Rooms;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.natives.NativeKernelsModule;

/** {@code bitbeam} with native products for the backend {@code bit}. */
public final class BitbeamNative {
  private BitbeamNative() {}

  private static Rooms rooms() {
    return Rooms.NONE.withBackends(() -> Backends.standard(new NativeKernelsModule()));
  }

  /** Runs a command and ends the JVM with its exit code. */
  public static void main(String[] arguments) {
    Bitbeam.main(rooms(), arguments);
  }

  /** Runs a command; returns its exit code. */
  public static int run(PrintWriter out, PrintWriter err, String... arguments) {
    return Bitbeam.run(out, err, rooms(), arguments);
  }
}
