package org.bitbeam.root;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.BooleanColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.OptionalColumn;
import org.bitbeam.columns.RecordColumn;
import org.bitbeam.columns.TextColumn;
import org.bitbeam.columns.VariantColumn;

/** Values of columns as objects, slow and plain, for comparisons in tests. */
final class Values {
  private Values() {}

  /** Numbers are doubles or longs, lists and arrays are lists, records are maps. */
  static Object at(Column column, int index) {
    if (column instanceof BooleanColumn booleans) {
      return booleans.get(index);
    } else if (column instanceof NumberColumn numbers) {
      return numbers.type().isFloating()
          ? (Object) numbers.getDouble(index)
          : (Object) numbers.getLong(index);
    } else if (column instanceof TextColumn text) {
      return text.get(index);
    } else if (column instanceof ListColumn list) {
      return all(list.get(index));
    } else if (column instanceof ArrayColumn array) {
      return all(array.get(index));
    } else if (column instanceof OptionalColumn optional) {
      return optional.isPresent(index)
          ? List.of(at(optional.content(), optional.position(index)))
          : List.of();
    } else if (column instanceof RecordColumn record) {
      Map<String, Object> members = new LinkedHashMap<>();
      for (String name : record.names()) {
        members.put(name, at(record.member(name), index));
      }
      return members;
    }
    throw new IllegalArgumentException(((VariantColumn) column).type().shape());
  }

  static List<Object> all(Column column) {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < column.length(); i++) {
      values.add(at(column, i));
    }
    return values;
  }
}
