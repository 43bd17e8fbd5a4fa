package org.bitbeam.training.cli;

import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;
import org.bitbeam.cli.Bitbeam;
import org.bitbeam.cli.Rooms;
import org.bitbeam.runtime.Backends;
import org.bitbeam.training.ShowerClassifierTraining;

/**
 * {@code bitbeam} with what needs PyTorch on the class path: {@code train}, and the classifier of
 * {@code evaluate calo}.
 */
public final class BitbeamTraining {
  private BitbeamTraining() {}

  /** What this room adds to the command line. */
  public static Rooms rooms() {
    return new Rooms(
        Map.of("train", new TrainCommand()),
        Optional.of(new ShowerClassifierTraining()),
        Backends::standard);
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
