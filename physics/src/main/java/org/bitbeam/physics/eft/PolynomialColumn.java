package org.bitbeam.physics.eft;

import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.NumberColumn;

/** Reads polynomials and weights of events. */
final class PolynomialColumn {
  private PolynomialColumn() {}

  /** Takes an event. */
  @FunctionalInterface
  interface Events {
    /**
     * An event.
     *
     * @param coefficients of its polynomial; filled anew for the next event
     * @param weight its weight
     */
    void add(double[] coefficients, double weight);
  }

  /**
   * Gives all events of a batch.
   *
   * @param name column of the polynomials; arrays that have one number more begin with the weight
   *     of the Standard Model, which the others are divided by and which multiplies the weight
   * @param weight column of the weights; empty for weights of 1
   * @throws IllegalArgumentException when a column is missing or of another type or size
   */
  static void forEach(
      EventBatch batch, WilsonBasis basis, String name, String weight, Events events) {
    Column column = batch.column(name);
    int size = basis.size();
    if (!(column instanceof ArrayColumn array)
        || (array.size() != size && array.size() != size + 1)
        || !(array.content() instanceof NumberColumn numbers)) {
      throw new IllegalArgumentException(
          batch.origin()
              + ": column "
              + name
              + " holds "
              + column.type()
              + ", expected arrays of "
              + size
              + " numbers: "
              + basis.terms()
              + ", or one more with the weight of the Standard Model in front");
    }
    NumberColumn weights = null;
    if (!weight.isEmpty()) {
      if (!(batch.column(weight) instanceof NumberColumn given)) {
        throw new IllegalArgumentException(
            batch.origin() + ": column \"" + weight + "\" holds no weights");
      }
      weights = given;
    }
    int constant = array.size() - size;
    double[] coefficients = new double[size];
    for (int entry = 0; entry < batch.entries(); entry++) {
      int at = entry * array.size();
      double standardModel = constant == 0 ? 1 : numbers.getDouble(at);
      for (int i = 0; i < size; i++) {
        coefficients[i] = numbers.getDouble(at + constant + i) / standardModel;
      }
      events.add(coefficients, standardModel * (weights == null ? 1 : weights.getDouble(entry)));
    }
  }
}
