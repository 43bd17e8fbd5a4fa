package org.bitbeam.study;

import java.util.List;
import java.util.Locale;

/**
 * A picture of named points and lines over two axes, as SVG for pages in light or dark colours.
 *
 * @param title heading, also the text for those who cannot see it
 * @param x horizontal axis
 * @param y vertical axis
 * @param points what is shown
 * @param lines bounds behind the points
 */
record ScatterSvg(String title, Axis x, Axis y, List<Point> points, List<Line> lines) {
  private static final int WIDTH = 760;
  private static final int HEIGHT = 480;
  private static final int LEFT = 80;
  private static final int RIGHT = 20;
  private static final int TOP = 40;
  private static final int BOTTOM = 60;

  /** Shapes of points, one an engine: never told apart by colour alone. */
  enum Mark {
    FILLED,
    HOLLOW,
    CROSS,
    PLUS
  }

  record Point(String name, double x, double y, Mark mark) {}

  /** Straight on the picture between its two ends. */
  record Line(String name, double x1, double y1, double x2, double y2) {}

  /**
   * An axis.
   *
   * @param label with unit
   * @param logarithmic whether steps are factors
   * @param from smallest value
   * @param to largest value
   */
  record Axis(String label, boolean logarithmic, double from, double to) {
    /** An axis that holds these values with some room. */
    static Axis around(String label, boolean logarithmic, double... values) {
      double least = Double.POSITIVE_INFINITY;
      double most = Double.NEGATIVE_INFINITY;
      for (double value : values) {
        if (Double.isFinite(value) && (value > 0 || !logarithmic)) {
          least = Math.min(least, value);
          most = Math.max(most, value);
        }
      }
      if (least > most) {
        throw new IllegalArgumentException(label + ": no value to show");
      }
      if (logarithmic) {
        return new Axis(
            label,
            true,
            Math.pow(10, Math.floor(Math.log10(least) - 0.05)),
            Math.pow(10, Math.ceil(Math.log10(most) + 0.05)));
      }
      double room = Math.max((most - least) * 0.15, 1e-3 * Math.max(1, Math.abs(most)));
      return new Axis(label, false, least - room, most + room);
    }

    /** Where a value lies, from 0 to 1. */
    double part(double value) {
      return logarithmic
          ? Math.log(value / from) / Math.log(to / from)
          : (value - from) / (to - from);
    }

    double[] ticks() {
      if (logarithmic) {
        int decades = (int) Math.round(Math.log10(to / from));
        double[] steps = decades > 2 ? new double[] {1} : new double[] {1, 2, 5};
        double[] ticks = new double[decades * steps.length + 1];
        for (int i = 0; i < ticks.length; i++) {
          ticks[i] = from * Math.pow(10, i / steps.length) * steps[i % steps.length];
        }
        return ticks;
      }
      double[] ticks = new double[6];
      for (int i = 0; i < ticks.length; i++) {
        ticks[i] = from + (to - from) * i / (ticks.length - 1);
      }
      return ticks;
    }
  }

  String render() {
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" font-family=\"sans-serif\" font-size=\"12\">%n"
                + "<title>%s</title>%n"
                + "<style>svg{color:#222;background:#fff}.grid{stroke:currentColor;stroke-opacity:.18}"
                + "@media (prefers-color-scheme: dark){svg{color:#ddd;background:#181818}}</style>%n"
                + "<text x=\"%d\" y=\"22\" font-size=\"15\" fill=\"currentColor\">%s</text>%n",
            WIDTH,
            HEIGHT,
            escaped(title),
            LEFT,
            escaped(title)));
    for (double tick : x.ticks()) {
      double at = horizontal(tick);
      line(svg, "grid", at, TOP, at, HEIGHT - BOTTOM, "");
      text(svg, at, HEIGHT - BOTTOM + 18, "middle", number(tick));
    }
    for (double tick : y.ticks()) {
      double at = vertical(tick);
      line(svg, "grid", LEFT, at, WIDTH - RIGHT, at, "");
      text(svg, LEFT - 8, at + 4, "end", number(tick));
    }
    text(svg, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 18, "middle", x.label());
    svg.append(
        String.format(
            Locale.ROOT,
            "<text transform=\"translate(18 %d) rotate(-90)\" text-anchor=\"middle\" fill=\"currentColor\">%s</text>%n",
            (TOP + HEIGHT - BOTTOM) / 2,
            escaped(y.label())));
    for (Line bound : lines) {
      line(
          svg,
          "",
          horizontal(bound.x1()),
          vertical(bound.y1()),
          horizontal(bound.x2()),
          vertical(bound.y2()),
          " stroke=\"currentColor\" stroke-dasharray=\"6 4\"");
      text(svg, horizontal(bound.x2()) - 4, vertical(bound.y2()) - 6, "end", bound.name());
    }
    for (Point point : points) {
      mark(svg, point);
      double at = horizontal(point.x());
      boolean left = at > WIDTH - 200;
      text(
          svg,
          left ? at - 8 : at + 8,
          vertical(point.y()) - 6,
          left ? "end" : "start",
          point.name());
    }
    return svg.append("</svg>\n").toString();
  }

  private void mark(StringBuilder svg, Point point) {
    double at = horizontal(point.x());
    double height = vertical(point.y());
    switch (point.mark()) {
      case FILLED -> circle(svg, at, height, "fill=\"currentColor\"");
      case HOLLOW -> circle(svg, at, height, "fill=\"none\" stroke=\"currentColor\"");
      case CROSS -> {
        line(svg, "", at - 4, height - 4, at + 4, height + 4, " stroke=\"currentColor\"");
        line(svg, "", at - 4, height + 4, at + 4, height - 4, " stroke=\"currentColor\"");
      }
      case PLUS -> {
        line(svg, "", at - 5, height, at + 5, height, " stroke=\"currentColor\"");
        line(svg, "", at, height - 5, at, height + 5, " stroke=\"currentColor\"");
      }
    }
  }

  private double horizontal(double value) {
    return LEFT + x.part(value) * (WIDTH - LEFT - RIGHT);
  }

  private double vertical(double value) {
    return HEIGHT - BOTTOM - y.part(value) * (HEIGHT - TOP - BOTTOM);
  }

  private static void circle(StringBuilder svg, double x, double y, String how) {
    svg.append(
        String.format(Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" %s/>%n", x, y, how));
  }

  private static void line(
      StringBuilder svg, String kind, double x1, double y1, double x2, double y2, String how) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"%s/>%n",
            kind,
            x1,
            y1,
            x2,
            y2,
            how));
  }

  private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"currentColor\">%s</text>%n",
            x,
            y,
            anchor,
            escaped(text)));
  }

  private static String number(double value) {
    return value == 0 || Math.abs(value) >= 1e-3 && Math.abs(value) < 1e5
        ? String.format(Locale.ROOT, "%.4g", value)
            .replaceAll("(\\.\\d*?)0+$", "$1")
            .replaceAll("\\.$", "")
        : String.format(Locale.ROOT, "%.0e", value);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
