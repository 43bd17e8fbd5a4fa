package org.bitbeam.root.internal.write;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.root.Efficiency;
import org.bitbeam.root.Graph;
import org.bitbeam.root.Histogram;
import org.bitbeam.root.RootObject;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.root.internal.bytes.Output;
import org.bitbeam.root.internal.streamer.ObjectList;
import org.bitbeam.root.internal.streamer.ObjectWriter;
import org.bitbeam.root.internal.streamer.RawCollection;
import org.bitbeam.root.internal.streamer.StreamedObject;

/** Writes histograms, graphs and small objects. */
public final class ObjectBuilder {
  private static final Map<String, Integer> PROFILES =
      Map.of("TProfile", 1, "TProfile2D", 2, "TProfile3D", 3);
  private static final Map<String, List<String>> GRAPHS =
      Map.of(
          "TGraph", List.of(),
          "TGraphErrors", List.of("ex", "ey"),
          "TGraphAsymmErrors", List.of("exlow", "exhigh", "eylow", "eyhigh"));
  private static final List<String> DESCRIBED =
      List.of("TObject", "TString", "TList", "TSeqCollection", "TCollection");
  private static final String AXES = "XYZ";

  /** ROOT's default level of confidence of an efficiency ({@code TEfficiency.cxx}). */
  private static final double ONE_SIGMA = 0.682689492137;

  /** No pairs of doubles: version of the collections, their number. */
  private static final byte[] NO_PAIRS = {0, 10, 0, 0, 0, 0};

  /** Where an object lies on the heap, in ROOT's bits. */
  private static final long ON_HEAP = 0x03000000;

  /** A maximum or minimum that was not set. */
  private static final double UNSET = -1111;

  private final FileBuilder file;

  /** Writes to {@code file}. */
  public ObjectBuilder(FileBuilder file) {
    this.file = file;
  }

  /** Writes an object and lists it. */
  public void write(String path, RootObject object) throws IOException {
    int slash = path.lastIndexOf('/');
    String name = path.substring(slash + 1);
    String context = file.name() + ": object " + path;
    String title = object.title();
    StreamedObject streamed;
    if (object instanceof Histogram histogram && axes(object.className()) > 0) {
      streamed = histogram(context, name, histogram);
    } else if (object instanceof Efficiency efficiency) {
      streamed = efficiency(context, name, efficiency);
    } else if (object instanceof Graph graph && GRAPHS.containsKey(object.className())) {
      streamed = graph(context, name, graph);
    } else if (object instanceof RootObject.Text text && text.className().equals("TObjString")) {
      streamed = RootObjects.create("TObjString").set("fString", text.value());
      title = "Collectable string class";
    } else if (object instanceof RootObject.Named && object.className().equals("TNamed")) {
      streamed = RootObjects.create("TNamed", name, title);
    } else {
      throw new UnsupportedRootException(
          context
              + ": objects of class "
              + object.className()
              + " are not written; written are TH1, TH2 and TH3 of C, S, I, F and D, TProfile,"
              + " TProfile2D, TProfile3D, TEfficiency, TGraph, TGraphErrors, TGraphAsymmErrors,"
              + " TObjString and TNamed");
    }
    RootObjects.describe(file, streamed, DESCRIBED);
    Output out = new Output(1 << 12);
    new ObjectWriter(out, file.objectKeyBytes(object.className(), name, title)).write(streamed);
    file.object(
        slash < 0 ? "" : path.substring(0, slash),
        object.className(),
        name,
        title,
        out.toByteArray());
  }

  // ---- histograms

  /** Number of axes of a class of histograms, 0 for others. */
  private static int axes(String className) {
    return className.matches("TH[123][CSIFD]")
        ? className.charAt(2) - '0'
        : PROFILES.getOrDefault(className, 0);
  }

  private static StreamedObject histogram(String context, String name, Histogram histogram) {
    List<Histogram.Axis> axes = histogram.axes();
    if (axes.size() != axes(histogram.className())) {
      throw new IllegalArgumentException(
          context + ": a " + histogram.className() + " with " + axes.size() + " axes");
    }
    int cells = 1;
    for (Histogram.Axis axis : axes) {
      if (axis.bins() < 1
          || (axis.edges().length() > 0 && axis.edges().length() != axis.bins() + 1)) {
        throw new IllegalArgumentException(
            context
                + ": an axis of "
                + axis.bins()
                + " bins with "
                + axis.edges().length()
                + " edges");
      }
      cells = Math.multiplyExact(cells, axis.bins() + 2);
    }
    Histogram.Profile profile = histogram.profile();
    checkCells(context, "contents", histogram.sums(), cells, false);
    checkCells(context, "sums of squared weights", histogram.sumw2(), cells, true);
    StreamedObject object =
        styled(RootObjects.create(histogram.className(), name, histogram.title()))
            .set("fNcells", cells)
            .set("fBarWidth", 1000)
            .set("fEntries", histogram.entries())
            .set("fMaximum", UNSET)
            .set("fMinimum", UNSET)
            .set("fSumw2", histogram.sumw2().toArray())
            .set("fFunctions", emptyList())
            .set("fStatOverflows", 2);
    for (int i = 0; i < AXES.length(); i++) {
      object.set(
          "f" + AXES.charAt(i) + "axis",
          axis(
              Character.toLowerCase(AXES.charAt(i)) + "axis",
              i < axes.size()
                  ? axes.get(i)
                  : new Histogram.Axis("", 1, 0, 1, DoubleColumn.of(), Map.of())));
    }
    contents(context, object, histogram);
    if (axes.size() == 2) {
      object.set("fScalefactor", 1.0);
    }
    if (profile != null) {
      checkCells(context, "weights", profile.weights(), cells, false);
      checkCells(context, "squared weights", profile.weights2(), cells, true);
      object
          .set("fBinEntries", profile.weights().toArray())
          .set("fErrorMode", profile.errorOption().ordinal())
          .set("fBinSumw2", profile.weights2().toArray());
      if (histogram.sumw2().length() == 0) {
        object.set("fSumw2", new double[cells]);
      }
    } else if (PROFILES.containsKey(histogram.className())) {
      throw new IllegalArgumentException(
          context + ": a " + histogram.className() + " without its weights");
    }
    moments(object, histogram);
    return object;
  }

  private static void checkCells(
      String context, String what, DoubleColumn values, int cells, boolean mayBeEmpty) {
    if (values.length() != cells && !(mayBeEmpty && values.length() == 0)) {
      throw new IllegalArgumentException(
          context
              + ": "
              + values.length()
              + " "
              + what
              + ", expected one for each of "
              + cells
              + " bins, under- and overflows included");
    }
  }

  /** Bin contents are a base class of the histogram, or of the one that it extends. */
  private static void contents(String context, StreamedObject object, Histogram histogram) {
    String className = histogram.className();
    double[] values = histogram.sums().toArray();
    switch (PROFILES.containsKey(className) ? 'D' : className.charAt(className.length() - 1)) {
      case 'F' -> {
        float[] singles = new float[values.length];
        for (int i = 0; i < singles.length; i++) {
          singles[i] = (float) values[i];
        }
        object.set("TArrayF", singles);
      }
      case 'I' -> {
        int[] numbers = new int[values.length];
        for (int i = 0; i < numbers.length; i++) {
          numbers[i] = whole(context, values[i], Integer.MIN_VALUE, Integer.MAX_VALUE);
        }
        object.set("TArrayI", numbers);
      }
      case 'S' -> {
        short[] numbers = new short[values.length];
        for (int i = 0; i < numbers.length; i++) {
          numbers[i] = (short) whole(context, values[i], Short.MIN_VALUE, Short.MAX_VALUE);
        }
        object.set("TArrayS", numbers);
      }
      case 'C' -> {
        byte[] numbers = new byte[values.length];
        for (int i = 0; i < numbers.length; i++) {
          numbers[i] = (byte) whole(context, values[i], Byte.MIN_VALUE, Byte.MAX_VALUE);
        }
        object.set("TArrayC", numbers);
      }
      default -> object.set("TArrayD", values);
    }
  }

  private static int whole(String context, double content, int min, int max) {
    if (!(content >= min && content <= max) || content != Math.rint(content)) {
      throw new IllegalArgumentException(
          context
              + ": a content of "
              + content
              + ", but its bins hold whole numbers from "
              + min
              + " to "
              + max
              + "; choose another class");
    }
    return (int) content;
  }

  private static StreamedObject efficiency(String context, String name, Efficiency efficiency) {
    Histogram passed = efficiency.passed();
    Histogram total = efficiency.total();
    if (!passed.axes().equals(total.axes())) {
      throw new IllegalArgumentException(
          context + ": the axes of those that passed are not those of all");
    }
    return styled(RootObjects.create("TEfficiency", name, efficiency.title()))
        .set("fBeta_alpha", 1.0)
        .set("fBeta_beta", 1.0)
        .set("fBeta_bin_params", new RawCollection(NO_PAIRS.clone()))
        .set("fConfLevel", ONE_SIGMA)
        .set("fFunctions", emptyList())
        .set("fPassedHistogram", histogram(context + ", passed", passed.name(), passed))
        .set("fTotalHistogram", histogram(context + ", total", total.name(), total))
        .set("fWeight", 1.0);
  }

  private static StreamedObject styled(StreamedObject object) {
    return object
        .set("fLineColor", 602)
        .set("fLineStyle", 1)
        .set("fLineWidth", 1)
        .set("fFillStyle", 1001)
        .set("fMarkerColor", 1)
        .set("fMarkerStyle", 1)
        .set("fMarkerSize", 1f);
  }

  private static ObjectList emptyList() {
    return new ObjectList("TList", "", List.of(), List.of());
  }

  private static StreamedObject axis(String name, Histogram.Axis axis) {
    StreamedObject object =
        RootObjects.create("TAxis", name, axis.title())
            .set("fNdivisions", 510)
            .set("fAxisColor", 1)
            .set("fLabelColor", 1)
            .set("fLabelFont", 42)
            .set("fLabelOffset", 0.005f)
            .set("fLabelSize", 0.035f)
            .set("fTickLength", 0.03f)
            .set("fTitleOffset", 1f)
            .set("fTitleSize", 0.035f)
            .set("fTitleColor", 1)
            .set("fTitleFont", 42)
            .set("fNbins", axis.bins())
            .set("fXmin", axis.min())
            .set("fXmax", axis.max())
            .set("fXbins", axis.edges().toArray());
    if (!axis.labels().isEmpty()) {
      List<StreamedObject> labels = new ArrayList<>();
      for (Map.Entry<Integer, String> label : axis.labels().entrySet()) {
        labels.add(
            RootObjects.create("TObjString")
                .set("TObject", (long) label.getKey() << 32 | ON_HEAP)
                .set("fString", label.getValue()));
      }
      object.set("fLabels", new ObjectList("THashList", "", labels, List.of()));
    }
    return object;
  }

  /**
   * Sums over the bins of the axes, without under- and overflows ({@code GetStats} of TH1, TH2, TH3
   * and the profiles).
   */
  private static void moments(StreamedObject object, Histogram histogram) {
    List<Histogram.Axis> axes = histogram.axes();
    int dimensions = axes.size();
    Histogram.Profile profile = histogram.profile();
    DoubleColumn weights = profile == null ? histogram.sums() : profile.weights();
    DoubleColumn squares = profile == null ? histogram.sumw2() : profile.weights2();
    double sumw = 0;
    double sumw2 = 0;
    double sums = 0;
    double sums2 = 0;
    double[] first = new double[dimensions];
    double[][] second = new double[dimensions][dimensions];
    double[] at = new double[dimensions];
    for (int bin = 0; bin < histogram.cells(); bin++) {
      boolean isInside = true;
      int rest = bin;
      for (int a = 0; a < dimensions; a++) {
        int bins = axes.get(a).bins();
        int along = rest % (bins + 2);
        rest /= bins + 2;
        isInside &= along >= 1 && along <= bins;
        at[a] = isInside ? centre(axes.get(a), along) : 0;
      }
      if (!isInside) {
        continue;
      }
      double w = weights.get(bin);
      sumw += w;
      sumw2 += squares.length() > 0 ? squares.get(bin) : Math.abs(w);
      sums += histogram.sums().get(bin);
      sums2 += histogram.sumw2().length() > 0 ? histogram.sumw2().get(bin) : 0;
      for (int a = 0; a < dimensions; a++) {
        first[a] += w * at[a];
        for (int b = 0; b <= a; b++) {
          second[b][a] += w * at[b] * at[a];
        }
      }
    }
    object.set("fTsumw", sumw).set("fTsumw2", sumw2);
    String names = "xyzt";
    for (int a = 0; a < dimensions; a++) {
      object.set("fTsumw" + names.charAt(a), first[a]);
      object.set("fTsumw" + names.charAt(a) + "2", second[a][a]);
      for (int b = 0; b < a; b++) {
        object.set("fTsumw" + names.charAt(b) + names.charAt(a), second[b][a]);
      }
    }
    if (profile != null) {
      object.set("fTsumw" + names.charAt(dimensions), sums);
      object.set("fTsumw" + names.charAt(dimensions) + "2", sums2);
    }
  }

  private static double centre(Histogram.Axis axis, int bin) {
    return axis.edges().length() > 0
        ? (axis.edges().get(bin - 1) + axis.edges().get(bin)) / 2
        : axis.min() + (bin - 0.5) * (axis.max() - axis.min()) / axis.bins();
  }

  // ---- graphs

  private static StreamedObject graph(String context, String name, Graph graph) {
    List<String> errors = GRAPHS.getOrDefault(graph.className(), List.of());
    int points = graph.x().length();
    StreamedObject object =
        styled(RootObjects.create(graph.className(), name, graph.title()))
            .set("fNpoints", points)
            .set("fX", graph.x().toArray())
            .set("fY", values(context, "y", graph.y(), points))
            .set("fFunctions", emptyList())
            .set("fMinimum", UNSET)
            .set("fMaximum", UNSET);
    if (!graph.errors().keySet().equals(Set.copyOf(errors))) {
      throw new IllegalArgumentException(
          context
              + ": a "
              + graph.className()
              + " with errors "
              + graph.errors().keySet()
              + ", expected "
              + errors);
    }
    for (Map.Entry<String, DoubleColumn> error : graph.errors().entrySet()) {
      String member = "fE" + error.getKey().substring(1, 2).toUpperCase(java.util.Locale.ROOT);
      object.set(
          member + error.getKey().substring(2),
          values(context, error.getKey(), error.getValue(), points));
    }
    return object;
  }

  private static double[] values(String context, String what, DoubleColumn values, int points) {
    if (values.length() != points) {
      throw new IllegalArgumentException(
          context + ": " + values.length() + " values of " + what + " for " + points + " points");
    }
    return values.toArray();
  }
}
