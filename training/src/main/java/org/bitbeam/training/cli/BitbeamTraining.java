package org.bitbeam.training.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
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
        new Rooms(
            Map.of("train", new TrainCommand()),
            Optional.of(new ShowerClassifierTraining()),
            Backends::standard),
        arguments);
  }
}
