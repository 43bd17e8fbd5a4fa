package org.bitbeam.physics.eft;

import java.util.List;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.EventDataException;
import org.bitbeam.physics.Stage;
import org.bitbeam.physics.StageCounter;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.SingularValueDecomposition;

/**
 * Turns event weights that a generator computed at several points of the Wilson coefficients (such
 * as {@code LHEReweightingWeight} of NanoAOD) into each event's polynomial: w(c) = w(0) r(c) holds
 * at every point, in the sense of least squares if there are more points than coefficients. Adds
 * {@code eft_weight} = w(0), a {@code float64}, and {@code eft_coefficients}, {@code float64}
 * arrays as {@link WilsonBasis} orders them; NaN where the weights are not finite or w(0) is zero,
 * counted. Immutable.
 */
public final class WeightPolynomials implements Stage {
  /** Column of the weights of the Standard Model. */
  public static final String WEIGHT = "eft_weight";

  /** Counter: entries without a polynomial. */
  public static final String ENTRIES_WITHOUT_POLYNOMIAL = "entriesWithoutPolynomial";

  private static final double SINGULAR = 1e-10;

  private final WilsonBasis basis;
  private final String column;
  private final int points;
  private final RealMatrix inverse;

  /**
   * A stage for weights in one column.
   *
   * @param column list or array with one weight a point
   * @param points where they were computed, one number for each operator
   * @throws IllegalArgumentException when the points do not determine a polynomial
   */
  public WeightPolynomials(WilsonBasis basis, String column, List<double[]> points) {
    this.basis = basis;
    this.column = column;
    this.points = points.size();
    int unknowns = basis.size() + 1;
    if (points.size() < unknowns) {
      throw new IllegalArgumentException(
          points.size() + " points, but w(0) and " + basis.size() + " coefficients are unknown");
    }
    double[][] design = new double[points.size()][unknowns];
    for (int p = 0; p < points.size(); p++) {
      design[p][0] = 1;
      System.arraycopy(basis.monomials(points.get(p)), 0, design[p], 1, basis.size());
    }
    SingularValueDecomposition values =
        new SingularValueDecomposition(new Array2DRowRealMatrix(design));
    if (!(values.getInverseConditionNumber() > SINGULAR)) {
      throw new IllegalArgumentException(
          "the points do not determine the coefficients "
              + basis.terms()
              + ": the smallest over the largest singular value is "
              + values.getInverseConditionNumber());
    }
    this.inverse = values.getSolver().getInverse();
  }

  @Override
  public List<String> inputs(Schema dataset) {
    if (dataset.field(column).isEmpty()) {
      throw new IllegalArgumentException(
          "no column \"" + column + "\" of weights; there are: " + dataset.names());
    }
    return List.of(column);
  }

  @Override
  public List<Schema.Field> outputs(Schema dataset) {
    return List.of(
        new Schema.Field(
            WEIGHT, ColumnType.Primitive.FLOAT64, "weight at c = 0, from " + column, ""),
        new Schema.Field(
            EftEstimator.COEFFICIENTS,
            new ColumnType.ArrayOf(ColumnType.Primitive.FLOAT64, basis.size()),
            "from " + column + ": " + basis.describe(),
            ""));
  }

  @Override
  public EventBatch apply(EventBatch batch, StageCounter counter) {
    Column weights = batch.column(column);
    double[] sm = new double[batch.entries()];
    double[] coefficients = new double[batch.entries() * basis.size()];
    long without = 0;
    for (int entry = 0; entry < batch.entries(); entry++) {
      double[] w = weights(batch, weights, entry);
      double[] solution = inverse.operate(w);
      boolean none = !Double.isFinite(solution[0]) || solution[0] == 0;
      without += none ? 1 : 0;
      sm[entry] = solution[0];
      for (int i = 0; i < basis.size(); i++) {
        coefficients[entry * basis.size() + i] = none ? Double.NaN : solution[i + 1] / solution[0];
      }
    }
    counter.add(ENTRIES_WITHOUT_POLYNOMIAL, without);
    List<Schema.Field> fields = outputs(batch.schema());
    return batch
        .with(fields.get(0), DoubleColumn.of(sm))
        .with(
            fields.get(1),
            ArrayColumn.of(basis.size(), batch.entries(), DoubleColumn.of(coefficients)));
  }

  private double[] weights(EventBatch batch, Column weights, int entry) {
    int from;
    int count;
    Column content;
    if (weights instanceof ListColumn list) {
      from = list.start(entry);
      count = list.end(entry) - from;
      content = list.content();
    } else if (weights instanceof ArrayColumn array) {
      from = entry * array.size();
      count = array.size();
      content = array.content();
    } else {
      throw new IllegalArgumentException(
          "column \"" + column + "\" is no list or array of weights, but " + weights.type());
    }
    if (!(content instanceof NumberColumn numbers)) {
      throw new IllegalArgumentException(
          "column \"" + column + "\" holds no numbers, but " + content.type());
    }
    if (count != points) {
      throw new EventDataException(
          batch.origin(),
          entry,
          column + " has " + count + " weights, expected one for each of " + points + " points");
    }
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = numbers.getDouble(from + i);
    }
    return values;
  }
}
