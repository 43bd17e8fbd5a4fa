package org.bitbeam.physics.tagging;

import java.util.List;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.ListColumn;

/** Columns that describe the same objects: float lists of equal lengths. */
record JaggedGroup(int[] offsets, float[][] values) {

  /** Reads the columns and checks that they agree in the number of objects of every entry. */
  static JaggedGroup read(EventBatch batch, List<String> names) {
    float[][] values = new float[names.size()][];
    int[] offsets = {};
    for (int i = 0; i < values.length; i++) {
      ListColumn list = ColumnReading.numberLists(batch, names.get(i));
      if (i == 0) {
        offsets = list.elementOffsets();
      } else {
        ColumnReading.sameCounts(batch, names.get(0), offsets, names.get(i), list);
      }
      values[i] = ColumnReading.floats(ColumnReading.elements(list));
    }
    return new JaggedGroup(offsets, values);
  }

  /** One more column of the same objects, of integers. */
  int[] integers(EventBatch batch, String first, String name) {
    ListColumn list = ColumnReading.numberLists(batch, name);
    ColumnReading.sameCounts(batch, first, offsets, name, list);
    return ColumnReading.ints(batch, name, ColumnReading.elements(list));
  }

  int size() {
    return offsets[offsets.length - 1];
  }
}
