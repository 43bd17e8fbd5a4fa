package org.bitbeam.beam;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.CoderRegistry;
import org.apache.beam.sdk.coders.CustomCoder;
import org.apache.beam.sdk.transforms.Combine;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.physics.eft.EftFit;
import org.bitbeam.physics.eft.LikelihoodSums;
import org.bitbeam.physics.eft.WilsonBasis;

/**
 * Sums the log-likelihood of the Wilson coefficients at chosen points over all events, with its
 * derivatives: {@code Combine.globally(CombineLikelihood.of(...))}. The sums are exact, so results
 * are the same bits however a runner bundles batches and merges accumulators. {@link EftFit} says
 * which points a fit wants next.
 */
public final class CombineLikelihood
    extends Combine.CombineFn<EventBatch, LikelihoodSums, LikelihoodSums> {
  private static final long serialVersionUID = 1L;

  private final Empty empty;
  private final String column;
  private final String weight;

  private CombineLikelihood(Empty empty, String column, String weight) {
    this.empty = empty;
    this.column = column;
    this.weight = weight;
  }

  /**
   * Sums over events.
   *
   * @param rate polynomial of the total rate in the selection
   * @param points where to evaluate
   * @param column of the polynomials, such as {@code eft_coefficients}
   * @param weight column of event weights; empty for weights of 1
   */
  public static CombineLikelihood of(
      WilsonBasis basis, double[] rate, List<double[]> points, String column, String weight) {
    Empty empty = new Empty(basis, rate.clone(), new ArrayList<>(points));
    empty.sums();
    return new CombineLikelihood(empty, column, weight);
  }

  @Override
  public LikelihoodSums createAccumulator() {
    return empty.sums();
  }

  @Override
  public LikelihoodSums addInput(LikelihoodSums sums, EventBatch batch) {
    sums.add(batch, column, weight);
    return sums;
  }

  @Override
  public LikelihoodSums mergeAccumulators(Iterable<LikelihoodSums> accumulators) {
    LikelihoodSums all = empty.sums();
    accumulators.forEach(all::add);
    return all;
  }

  @Override
  public LikelihoodSums extractOutput(LikelihoodSums sums) {
    return sums;
  }

  @Override
  public Coder<LikelihoodSums> getAccumulatorCoder(
      CoderRegistry registry, Coder<EventBatch> inputCoder) {
    return empty;
  }

  @Override
  public Coder<LikelihoodSums> getDefaultOutputCoder(
      CoderRegistry registry, Coder<EventBatch> inputCoder) {
    return empty;
  }

  /** Makes empty sums, and codes filled ones; what they are over does not travel with each. */
  private static final class Empty extends CustomCoder<LikelihoodSums> {
    private static final long serialVersionUID = 1L;

    private final WilsonBasis basis;
    private final double[] rate;
    private final ArrayList<double[]> points;

    Empty(WilsonBasis basis, double[] rate, ArrayList<double[]> points) {
      this.basis = basis;
      this.rate = rate;
      this.points = points;
    }

    LikelihoodSums sums() {
      return new LikelihoodSums(basis, rate, points);
    }

    @Override
    public void encode(LikelihoodSums sums, OutputStream out) throws IOException {
      sums.write(new DataOutputStream(out));
    }

    @Override
    public LikelihoodSums decode(InputStream in) throws IOException {
      LikelihoodSums sums = sums();
      sums.addWritten(new DataInputStream(in));
      return sums;
    }

    @Override
    public void verifyDeterministic() {
      // The sums are exact: equal sums have equal bytes.
    }
  }
}
