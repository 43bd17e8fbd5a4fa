package org.bitbeam.runtime.natives;

import ai.onnxruntime.OrtException;
import java.util.Arrays;
import java.util.Optional;
import org.bitbeam.runtime.NativeProducts;
import org.bitbeam.runtime.internal.bit.InstructionTimes;
import org.bitbeam.runtime.internal.bit.SpeedAgainstOrt;

/**
 * {@link SpeedAgainstOrt} and, behind the word {@code instructions}, {@link InstructionTimes} with
 * native products among the ways that are measured. Run from the module's folder on the test class
 * path, arguments as there.
 */
public final class NativeSpeed {
  private NativeSpeed() {}

  /** Prints the tables. */
  public static void main(String[] args) throws OrtException {
    Optional<NativeProducts> natives = Optional.of(CProducts.named(CProducts.BEST));
    if (args.length > 0 && args[0].equals("instructions")) {
      InstructionTimes.print(Arrays.copyOfRange(args, 1, args.length), natives);
    } else {
      SpeedAgainstOrt.print(args, natives);
    }
  }
}
