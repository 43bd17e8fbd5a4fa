package org.bitbeam.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;

/**
 * Inputs of quantised layers as the runtime sees them, with the straight-through estimator: the
 * value is quantised, the gradient is that of the identity, scales are constants (SciPost Phys. 20,
 * 038).
 */
final class FakeQuantisation {
  private static final float EPSILON = 1e-8f;

  private FakeQuantisation() {}

  /**
   * Codes of rows and what they are multiples of.
   *
   * @param codes whole numbers from -128 to 127
   * @param factor a value a row
   */
  record Rows(NDArray codes, NDArray factor) {}

  /**
   * Rows as 8-bit codes: {@code g = (1 / max(|x|, 1e-8)) * 127} in this order, {@code q =
   * clip(round(x g), -128, 127)}, half to even.
   *
   * @param x without gradient
   */
  static Rows rowCodes(NDArray x) {
    NDManager manager = x.getManager();
    NDArray most = x.abs().max(new int[] {-1}, true).maximum(Scalars.of(manager, EPSILON));
    NDArray factor = Scalars.of(manager, 1).div(most).mul(Scalars.of(manager, 127));
    return new Rows(x.mul(factor).round().clip(-128, 127), factor);
  }

  /** Input of a ternary or binary layer: {@code q / g}. */
  static NDArray rows(NDArray x) {
    NDArray value = x.stopGradient();
    Rows rows = rowCodes(value);
    return straightThrough(x, value, rows.codes().div(rows.factor()));
  }

  /**
   * Input of an int8 layer, quantised by the range of the whole tensor: ONNX's
   * DynamicQuantizeLinear.
   */
  static NDArray tensor(NDArray x) {
    NDManager manager = x.getManager();
    NDArray value = x.stopGradient();
    NDArray zero = Scalars.of(manager, 0);
    NDArray low = value.min().minimum(zero);
    NDArray high = value.max().maximum(zero);
    // All zeros stay zeros.
    NDArray scale =
        high.sub(low).div(Scalars.of(manager, 255)).maximum(Scalars.of(manager, Float.MIN_NORMAL));
    NDArray zeroPoint = zero.sub(low.div(scale)).clip(0, 255).round();
    NDArray codes = value.div(scale).round().add(zeroPoint).clip(0, 255);
    return straightThrough(x, value, codes.sub(zeroPoint).mul(scale));
  }

  /**
   * How many codes of each event would be others if their values were off by this much.
   *
   * @param x input of a ternary or binary layer, events outermost
   * @param distance from the next rounding boundary, in codes
   * @return a count an event
   */
  static NDArray atBoundaries(NDArray x, int events, float distance) {
    NDManager manager = x.getManager();
    NDArray value = x.stopGradient();
    NDArray scaled = value.mul(rowCodes(value).factor());
    NDArray off = scaled.sub(scaled.floor()).sub(Scalars.of(manager, 0.5f)).abs();
    return off.lt(Scalars.of(manager, distance))
        .toType(DataType.FLOAT32, false)
        .reshape(events, x.size() / events)
        .sum(new int[] {1});
  }

  private static NDArray straightThrough(NDArray x, NDArray value, NDArray quantised) {
    return x.add(quantised.sub(value));
  }
}
