package org.bitbeam.runtime;

import java.util.List;

/**
 * How far a network's outputs are from the expected outputs in its bundle.
 *
 * @param outputs one entry for every output of every test
 */
public record SelfTestReport(List<Output> outputs) {
  public SelfTestReport {
    outputs = List.copyOf(outputs);
  }

  /**
   * Deviation of one output.
   *
   * @param test name of the test
   * @param output name of the output
   * @param values number of compared values
   * @param maxAbsolute largest |actual - expected|; NaN where both agree to be NaN counts as 0
   * @param overTolerance largest deviation in units of the declared tolerance; up to 1 is in order
   */
  public record Output(
      String test, String output, int values, double maxAbsolute, double overTolerance) {}

  /** Largest |actual - expected| of all outputs; 0 when there are none. */
  public double maxAbsolute() {
    return outputs.stream().mapToDouble(Output::maxAbsolute).max().orElse(0);
  }

  /** Whether every output is within its tolerance. */
  public boolean passed() {
    return outputs.stream().allMatch(o -> o.overTolerance() <= 1);
  }

  @Override
  public String toString() {
    if (outputs.isEmpty()) {
      return "no vectors";
    }
    return String.format(
        java.util.Locale.ROOT,
        "%d values of %d outputs, largest deviation %.3g, %.2g of what is allowed",
        outputs.stream().mapToLong(Output::values).sum(),
        outputs.size(),
        maxAbsolute(),
        outputs.stream().mapToDouble(Output::overTolerance).max().orElse(0));
  }
}
