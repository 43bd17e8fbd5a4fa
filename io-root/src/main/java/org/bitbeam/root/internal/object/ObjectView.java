package org.bitbeam.root.internal.object;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.root.Efficiency;
import org.bitbeam.root.Graph;
import org.bitbeam.root.Histogram;
import org.bitbeam.root.RootFormatException;
import org.bitbeam.root.RootObject;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.streamer.ObjectList;
import org.bitbeam.root.internal.streamer.ObjectMap;
import org.bitbeam.root.internal.streamer.StreamedObject;
import org.jspecify.annotations.Nullable;

/** Makes typed values out of objects as the file describes them. */
public final class ObjectView {
  private static final Map<String, String> GRAPH_ERRORS = graphErrors();

  private final String context;

  private ObjectView(String context) {
    this.context = context;
  }

  private static Map<String, String> graphErrors() {
    Map<String, String> names = new LinkedHashMap<>();
    for (String name : List.of("EX", "EY", "EXlow", "EXhigh", "EYlow", "EYhigh")) {
      names.put("f" + name, name.toLowerCase(java.util.Locale.ROOT));
    }
    return names;
  }

  /**
   * The typed value of an object.
   *
   * @param context file and object, for messages
   * @param object as it was read
   * @param className of the object, as its key says
   */
  public static RootObject of(String context, @Nullable Object object, String className) {
    return new ObjectView(context).view(object, className);
  }

  private RootObject view(@Nullable Object object, String className) {
    if (object instanceof ObjectList list) {
      return new RootObject.Listing(
          list.className(), named(list.name(), list.className()), "", views(list.items()));
    }
    if (object instanceof ObjectMap map) {
      Map<String, RootObject> pairs = new LinkedHashMap<>();
      for (ObjectMap.Pair pair : map.pairs()) {
        if (pair.key() != null && pair.value() != null) {
          pairs.put(view(pair.key(), "").name(), view(pair.value(), ""));
        }
      }
      return new RootObject.Pairs("TMap", named(map.name(), "TMap"), pairs);
    }
    if (!(object instanceof StreamedObject streamed)) {
      return new RootObject.Other(className, "", "");
    }
    String name = streamed.className();
    if (streamed.isA("TH1")) {
      return histogram(streamed);
    } else if (streamed.isA("TGraph")) {
      return graph(streamed);
    } else if (name.equals("TEfficiency")) {
      return efficiency(streamed);
    } else if (name.equals("THStack")) {
      return new RootObject.Listing(
          name, streamed.text("fName"), streamed.text("fTitle"), views(streamed.list("fHists")));
    } else if (name.equals("TObjString")) {
      return new RootObject.Text(name, streamed.text("fString"));
    } else if (name.startsWith("TParameter<")) {
      return parameter(streamed);
    } else if (name.startsWith("TMatrixT<") || name.startsWith("TMatrixTSym<")) {
      int rows = (int) streamed.integer("fNrows", -1);
      int columns = (int) streamed.integer("fNcols", -1);
      return matrix(streamed, rows, columns);
    } else if (name.startsWith("TVectorT<")) {
      return matrix(streamed, (int) streamed.integer("fNrows", -1), 1);
    } else if (name.equals("TNamed")) {
      return new RootObject.Named(name, streamed.text("fName"), streamed.text("fTitle"));
    }
    return new RootObject.Other(name, named(streamed.text("fName"), name), streamed.text("fTitle"));
  }

  private static String named(String name, String className) {
    return name.isEmpty() ? className : name;
  }

  private List<RootObject> views(List<?> items) {
    List<RootObject> views = new ArrayList<>();
    for (Object item : items) {
      if (item != null) {
        views.add(view(item, "unknown"));
      }
    }
    return views;
  }

  private RootObject parameter(StreamedObject object) {
    Object value = object.get("fVal");
    Object plain =
        value instanceof Boolean flag
            ? (Object) flag
            : value instanceof Float || value instanceof Double
                ? (Object) ((Number) value).doubleValue()
                : value instanceof Number number ? (Object) number.longValue() : null;
    if (plain == null) {
      return new RootObject.Other(
          object.className(), named(object.text("fName"), object.className()), "");
    }
    return new RootObject.Parameter(object.className(), object.text("fName"), plain);
  }

  private RootObject matrix(StreamedObject object, int rows, int columns) {
    DoubleColumn elements = numbers(object.get("fElements"));
    if (rows < 0 || columns < 0 || (long) rows * columns != elements.length()) {
      throw malformed(
          object,
          rows + " rows of " + columns + " columns, but " + elements.length() + " elements");
    }
    return new RootObject.Matrix(object.className(), object.className(), rows, columns, elements);
  }

  private Efficiency efficiency(StreamedObject object) {
    StreamedObject passed = object.required(context, "fPassedHistogram");
    StreamedObject total = object.required(context, "fTotalHistogram");
    return new Efficiency(
        object.className(),
        object.text("fName"),
        object.text("fTitle"),
        histogram(passed),
        histogram(total));
  }

  private Graph graph(StreamedObject object) {
    DoubleColumn x = numbers(object.get("fX"));
    DoubleColumn y = numbers(object.get("fY"));
    Map<String, DoubleColumn> errors = new LinkedHashMap<>();
    for (Map.Entry<String, String> error : GRAPH_ERRORS.entrySet()) {
      Object values = object.get(error.getKey());
      if (values != null) {
        errors.put(error.getValue(), numbers(values));
      }
    }
    if (x.length() != y.length()
        || errors.values().stream().anyMatch(column -> column.length() != x.length())) {
      throw malformed(object, "its arrays have different lengths");
    }
    return new Graph(object.className(), object.text("fName"), object.text("fTitle"), x, y, errors);
  }

  private Histogram histogram(StreamedObject object) {
    int dimensions = object.isA("TH3") ? 3 : object.isA("TH2") ? 2 : 1;
    List<Histogram.Axis> axes = new ArrayList<>();
    long cells = 1;
    for (String name : List.of("fXaxis", "fYaxis", "fZaxis").subList(0, dimensions)) {
      Histogram.Axis axis = axis(object.required(context, name));
      axes.add(axis);
      cells = Math.multiplyHigh(cells, axis.bins() + 2L) != 0 ? -1 : cells * (axis.bins() + 2L);
    }
    Object array = object.arrayBase();
    if (array == null) {
      throw new UnsupportedRootException(
          context + ": a " + object.className() + " has no array of bins and cannot be read");
    }
    DoubleColumn sums = numbers(array);
    DoubleColumn sumw2 = numbers(object.get("fSumw2"));
    if (sums.length() != cells || (sumw2.length() != 0 && sumw2.length() != cells)) {
      throw malformed(
          object,
          "its axes make "
              + cells
              + " bins, but there are "
              + sums.length()
              + " contents and "
              + sumw2.length()
              + " squared weights");
    }
    if (object.get("fBuffer") instanceof double[] buffer && buffer.length > 0 && buffer[0] > 0) {
      throw new UnsupportedRootException(
          context
              + ": histogram "
              + object.text("fName")
              + " was written with entries still in its buffer; call BufferEmpty before writing");
    }
    List<String> functions = new ArrayList<>();
    for (Object function : object.list("fFunctions")) {
      if (function instanceof StreamedObject streamed) {
        functions.add(streamed.text("fName"));
      }
    }
    return new Histogram(
        object.className(),
        object.text("fName"),
        object.text("fTitle"),
        object.real("fEntries", 0),
        axes,
        sums,
        sumw2,
        profile(object, sums.length()),
        functions);
  }

  private Histogram.@Nullable Profile profile(StreamedObject object, int cells) {
    Object entries = object.get("fBinEntries");
    if (entries == null) {
      return null;
    }
    DoubleColumn weights = numbers(entries);
    DoubleColumn weights2 = numbers(object.get("fBinSumw2"));
    long option = object.integer("fErrorMode", 0);
    if (weights.length() != cells
        || (weights2.length() != 0 && weights2.length() != cells)
        || option < 0
        || option >= Histogram.ErrorOption.values().length) {
      throw malformed(
          object,
          weights.length() + " sums of weights for " + cells + " bins, error option " + option);
    }
    return new Histogram.Profile(weights, weights2, Histogram.ErrorOption.values()[(int) option]);
  }

  private Histogram.Axis axis(StreamedObject axis) {
    long bins = axis.integer("fNbins", -1);
    DoubleColumn edges = numbers(axis.get("fXbins"));
    if (bins < 1
        || bins > Integer.MAX_VALUE - 2
        || (edges.length() != 0 && edges.length() != bins + 1)) {
      throw malformed(axis, bins + " bins with " + edges.length() + " edges");
    }
    Map<Integer, String> labels = new LinkedHashMap<>();
    for (Object item : axis.list("fLabels")) {
      if (item instanceof StreamedObject label && label.get("TObject") instanceof Long part) {
        labels.put((int) (part >>> 32), label.text("fString"));
      }
    }
    return new Histogram.Axis(
        axis.text("fTitle"),
        (int) bins,
        axis.real("fXmin", 0),
        axis.real("fXmax", 0),
        edges,
        labels);
  }

  private RootFormatException malformed(StreamedObject object, String what) {
    return new RootFormatException(
        context + ": " + object.className() + " \"" + object.text("fName") + "\": " + what);
  }

  /** Numbers of any kind in double precision; none for null. */
  private static DoubleColumn numbers(@Nullable Object array) {
    if (array instanceof double[] doubles) {
      return DoubleColumn.of(doubles);
    }
    double[] values = new double[0];
    if (array instanceof float[] floats) {
      values = new double[floats.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = floats[i];
      }
    } else if (array instanceof long[] longs) {
      values = new double[longs.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = longs[i];
      }
    } else if (array instanceof int[] ints) {
      values = new double[ints.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = ints[i];
      }
    } else if (array instanceof short[] shorts) {
      values = new double[shorts.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = shorts[i];
      }
    } else if (array instanceof byte[] bytes) {
      values = new double[bytes.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = bytes[i];
      }
    }
    return DoubleColumn.of(values);
  }
}
