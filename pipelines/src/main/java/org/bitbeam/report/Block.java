package org.bitbeam.report;

import java.util.Arrays;
import java.util.List;

/** Something a section shows. All texts are plain: the page escapes them. */
public sealed interface Block {

  /** A paragraph. */
  record Text(String text) implements Block {}

  /** A paragraph that should not be overlooked. */
  record Warning(String text) implements Block {}

  /** A few numbers that matter most, shown large. */
  record Tiles(List<Fact> facts) implements Block {
    public Tiles {
      facts = List.copyOf(facts);
    }
  }

  /** Names and their values. */
  record Facts(List<Fact> facts) implements Block {
    public Facts {
      facts = List.copyOf(facts);
    }
  }

  /** A name and its value. */
  record Fact(String name, String value) {}

  /**
   * A table.
   *
   * @param caption what it lists; read out before it
   * @param columns headings
   * @param rows each with a text for each column
   * @param folded whether it is shown only when the reader asks for it
   */
  record Table(String caption, List<Column> columns, List<List<String>> rows, boolean folded)
      implements Block {
    public Table {
      columns = List.copyOf(columns);
      rows = List.copyOf(rows);
      for (List<String> row : rows) {
        if (row.size() != columns.size()) {
          throw new IllegalArgumentException(
              caption
                  + ": a row of "
                  + row.size()
                  + " texts under "
                  + columns.size()
                  + " headings");
        }
      }
    }
  }

  /** A column of a table; numbers stand to the right. */
  record Column(String heading, boolean numbers) {
    /** Of words. */
    static Column words(String heading) {
      return new Column(heading, false);
    }

    /** Of numbers. */
    static Column numbers(String heading) {
      return new Column(heading, true);
    }
  }

  /**
   * A chart. The page draws it, and lists its numbers in a table.
   *
   * @param title what it shows
   * @param caption a sentence for everybody: what to see, with the numbers that matter
   * @param x horizontal axis
   * @param y vertical axis
   * @param series what is drawn
   */
  record Chart(String title, String caption, Axis x, Axis y, List<Series> series) implements Block {
    public Chart {
      series = List.copyOf(series);
    }
  }

  /**
   * An axis.
   *
   * @param label quantity with its unit
   * @param logarithmic whether its scale is
   */
  record Axis(String label, boolean logarithmic) {
    /** One with a linear scale. */
    static Axis of(String label) {
      return new Axis(label, false);
    }

    /** One with a logarithmic scale: values that are not above zero are not drawn. */
    static Axis logarithmic(String label) {
      return new Axis(label, true);
    }
  }

  /** How a series is drawn. */
  enum Style {
    /** A histogram: x has the bins' edges, one more than y has contents. */
    STEPS,
    /** Points joined in the order of their x, which ascends. */
    LINE,
    /** The same, dashed: something to compare with. */
    GUIDE,
    /** Points with error bars. */
    POINTS,
    /** Pieces of curves, such as contours: points joined as they come, NaN between two pieces. */
    CURVE
  }

  /**
   * A series of a chart.
   *
   * @param name for the legend
   * @param x see {@link Style}
   * @param y NaN where there is nothing to draw
   * @param errors half lengths of vertical bars; empty without
   */
  record Series(String name, Style style, double[] x, double[] y, double[] errors) {
    public Series {
      int expected = style == Style.STEPS ? y.length + 1 : y.length;
      if (x.length != expected || (errors.length != 0 && errors.length != y.length)) {
        throw new IllegalArgumentException(
            name + ": " + x.length + " x, " + y.length + " y, " + errors.length + " errors");
      }
      x = x.clone();
      y = y.clone();
      errors = errors.clone();
    }

    /** One without errors. */
    static Series of(String name, Style style, double[] x, double[] y) {
      return new Series(name, style, x, y, new double[0]);
    }

    /** A histogram of equal bins. */
    static Series histogram(String name, double from, double to, double[] contents) {
      double[] edges = new double[contents.length + 1];
      Arrays.setAll(edges, i -> from + (to - from) * i / contents.length);
      return of(name, Style.STEPS, edges, contents);
    }
  }

  /**
   * Pictures of layers of a calorimeter, seen along the axis of the incident particle, with one
   * scale of colours for all.
   *
   * @param title what they show
   * @param caption a sentence for everybody
   * @param unit of the values
   * @param layers in their order
   */
  record LayerImages(String title, String caption, String unit, List<LayerImage> layers)
      implements Block {
    public LayerImages {
      layers = List.copyOf(layers);
    }
  }

  /**
   * A picture of a layer.
   *
   * @param name such as "layer 3"
   * @param radii edges of its rings, ascending
   * @param sectors number of sectors, from -pi to pi
   * @param values one for each voxel, the radius being the inner axis
   */
  record LayerImage(String name, double[] radii, int sectors, double[] values) {
    public LayerImage {
      if (values.length != (radii.length - 1) * sectors) {
        throw new IllegalArgumentException(
            name + ": " + values.length + " values for " + (radii.length - 1) + " x " + sectors);
      }
      radii = radii.clone();
      values = values.clone();
    }
  }
}
