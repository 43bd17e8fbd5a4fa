package org.bitbeam.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;

/**
 * Monotone splines with gradients: the functions of {@code org.bitbeam.physics.calo}
 * (specs/models.md 4.3), from data to the latent space. Arrays are (rows, pieces, numbers):
 * operations along the pieces then go through memory in order. What depends on the piece a number
 * lies in is a product with 0 or 1 for every piece.
 */
final class TorchSpline {
  private static final double LEAST = 1e-3;

  private final NDManager manager;
  private final SplineForm form;
  private final NDList theta; // parameters of widths, heights, derivatives; (rows, ., numbers)
  private final NDArray unit; // rows, 1, numbers: from 0 to 1
  private final NDArray widths;
  private final NDArray heights;
  private final NDArray above; // 1 where a number is not below an inner edge
  private final NDArray piece; // 1 for the piece it lies in

  /** Numbers and logarithms of their derivatives. */
  private record Values(NDArray unit, NDArray logSlope) {}

  /**
   * The function of {@link Operations#spline}. A row with a number outside stays as it is.
   *
   * @param x (rows, numbers)
   * @param theta (rows, numbers x parameters)
   */
  static NDArray of(NDArray x, NDArray theta, SplineForm form) {
    NDManager manager = x.getManager();
    NDArray bound = Scalars.of(manager, form.bound());
    NDArray twice = Scalars.of(manager, 2 * form.bound());
    NDArray inside =
        x.stopGradient().abs().lte(bound).toType(x.getDataType(), false).min(new int[] {1}, true);
    NDArray held = x.mul(inside);
    TorchSpline spline = new TorchSpline(held.add(bound).div(twice), theta, form);
    Values values =
        form.kind() == SplineForm.Kind.CUBIC ? spline.cubic() : spline.rationalQuadratic();
    long numbers = x.getShape().get(1);
    NDArray moved = values.unit().reshape(-1, numbers).mul(twice).sub(bound);
    NDArray y = moved.sub(held).mul(inside).add(x);
    NDArray logarithm = values.logSlope().reshape(-1, numbers).sum(new int[] {1}, true).mul(inside);
    return y.concat(logarithm, 1);
  }

  private TorchSpline(NDArray unit, NDArray theta, SplineForm form) {
    this.manager = unit.getManager();
    this.form = form;
    long rows = unit.getShape().get(0);
    long numbers = unit.getShape().get(1);
    int bins = form.bins();
    this.theta =
        theta
            .reshape(rows, numbers, form.parameters())
            .transpose(0, 2, 1)
            .split(new long[] {bins, 2L * bins}, 1);
    this.unit = unit.expandDims(1);
    this.widths = shares(0);
    this.heights = shares(1);
    NDArray edges = part(widths, 0, bins - 1).stopGradient().cumSum(1);
    this.above = this.unit.stopGradient().gte(edges).toType(unit.getDataType(), false);
    NDArray one = manager.ones(new Shape(rows, 1, numbers), unit.getDataType());
    NDArray none = manager.zeros(new Shape(rows, 1, numbers), unit.getDataType());
    this.piece = one.concat(above, 1).sub(above.concat(none, 1));
  }

  /** Elements of the second axis. */
  private static NDArray part(NDArray x, int from, int to) {
    return x.get(new NDIndex().addAllDim().addSliceDim(from, to));
  }

  /** Softmax of K parameters with a floor: shares of the pieces. */
  private NDArray shares(int which) {
    return theta
        .get(which)
        .softmax(1)
        .mul(Scalars.of(manager, 1 - LEAST * form.bins()))
        .add(Scalars.of(manager, LEAST));
  }

  /** The value of the piece each number lies in. */
  private NDArray chosen(NDArray ofPieces) {
    return sum(piece, ofPieces);
  }

  /** Sum of the shares before the piece. */
  private NDArray before(NDArray shares) {
    return sum(above, part(shares, 0, form.bins() - 1));
  }

  private static NDArray sum(NDArray weights, NDArray values) {
    return weights.mul(values).sum(new int[] {1}, true);
  }

  private NDArray number(double value) {
    return Scalars.of(manager, value);
  }

  private Values rationalQuadratic() {
    int bins = form.bins();
    NDArray inner = theta.get(2);
    NDArray width = chosen(widths);
    NDArray height = chosen(heights);
    NDArray first = part(piece, 0, 1);
    NDArray last = part(piece, bins - 1, bins);
    NDArray d0 = derivative(sum(part(piece, 1, bins), inner), first);
    NDArray d1 = derivative(sum(part(piece, 0, bins - 1), inner), last);
    NDArray s = height.div(width);
    NDArray twice = s.add(s);
    NDArray xi = unit.sub(before(widths)).div(width);
    NDArray left = number(1).sub(xi);
    NDArray rest = xi.mul(left);
    NDArray denominator = d0.add(d1).sub(twice).mul(rest).add(s);
    NDArray y =
        s.mul(xi).mul(xi).add(d0.mul(rest)).mul(height).div(denominator).add(before(heights));
    NDArray numerator =
        d1.mul(xi).mul(xi).add(twice.mul(rest)).add(d0.mul(left).mul(left)).mul(s).mul(s);
    return new Values(y, numerator.div(denominator.mul(denominator)).log());
  }

  /** 1e-3 + softplus, and 1 at the ends of the interval. */
  private NDArray derivative(NDArray parameter, NDArray isEnd) {
    // ln(1 + e^x) = m + ln(e^(x - m) + e^(-m)): finite for all x, with the right gradient at 0.
    NDArray m = Activation.relu(parameter.stopGradient());
    NDArray softplus = parameter.sub(m).exp().add(m.neg().exp()).log().add(m);
    NDArray inner = softplus.add(number(LEAST));
    return inner.add(isEnd.mul(number(1).sub(inner)));
  }

  private Values cubic() {
    int bins = form.bins();
    NDArray slopes = heights.div(widths);
    NDArray slopeBefore = part(slopes, 0, bins - 1);
    NDArray slopeAfter = part(slopes, 1, bins);
    NDArray widthBefore = part(widths, 0, bins - 1);
    NDArray widthAfter = part(widths, 1, bins);
    NDArray sum = widthBefore.add(widthAfter);
    NDArray mean =
        widthAfter.mul(slopeBefore).add(widthBefore.mul(slopeAfter)).div(sum).mul(number(0.5));
    NDArray inner = slopeBefore.minimum(slopeAfter).minimum(mean).mul(number(2));
    NDArray start = end(0, part(slopes, 0, 1));
    NDArray stop = end(1, part(slopes, bins - 1, bins));
    NDArray edges = NDArrays.concat(new NDList(start, inner, stop), 1);
    NDArray width = chosen(widths);
    NDArray s = chosen(slopes);
    NDArray d0 = chosen(part(edges, 0, bins));
    NDArray d1 = chosen(part(edges, 1, bins + 1));
    NDArray t = unit.sub(before(widths));
    NDArray a = d0.add(d1).sub(s.add(s)).div(width.mul(width));
    NDArray b = s.mul(number(3)).sub(d0.add(d0)).sub(d1).div(width);
    NDArray y = a.mul(t).add(b).mul(t).add(d0).mul(t).add(before(heights));
    NDArray slope = a.mul(number(3)).mul(t).add(b.add(b)).mul(t).add(d0);
    return new Values(y, slope.log());
  }

  /** Derivative at an end of the interval. */
  private NDArray end(int which, NDArray slope) {
    NDArray share = Activation.sigmoid(part(theta.get(2), which, which + 1));
    return slope.mul(number(3)).sub(number(2 * LEAST)).mul(share).add(number(LEAST));
  }
}
