package org.bitbeam.report;

import java.util.Arrays;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;

/** Numbers of columns. */
public final class Values {
  private Values() {}

  /**
   * Numbers of a column; lists and arrays are strung together.
   *
   * @throws IllegalArgumentException when it holds no numbers
   */
  public static double[] of(EventBatch batch, String name) {
    Column column = batch.column(name);
    if (column instanceof ListColumn list) {
      column = list.elements();
    } else if (column instanceof ArrayColumn array) {
      column = array.content();
    }
    if (!(column instanceof NumberColumn numbers)) {
      throw new IllegalArgumentException(
          "column \"" + name + "\" holds no numbers, but " + column.type());
    }
    double[] values = new double[numbers.length()];
    Arrays.setAll(values, numbers::getDouble);
    return values;
  }
}
