package org.bitbeam.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

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
  private static final double LETTER = 6.8; // width of a letter, about
  private static final int MOST_STEPS = 24;

  /** Shapes of points, one an engine: never told apart by colour alone. */
  enum Mark {
    FILLED,
    HOLLOW,
    CROSS,
    PLUS
  }

  /**
   * A point.
   *
   * @param name what is written beside it, once for all points of a name
   * @param kind what its mark means, for the legend; empty: without
   */
  record Point(String name, String kind, double x, double y, Mark mark) {}

  /** What a text or a mark covers. */
  private record Box(double x1, double y1, double x2, double y2) {
    boolean meets(Box other) {
      return x1 < other.x2 && other.x1 < x2 && y1 < other.y2 && other.y1 < y2;
    }
  }

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
      String kind = point.kind().isEmpty() ? "" : " (" + point.kind() + ")";
      svg.append("<g><title>").append(escaped(point.name() + kind)).append("</title>\n");
      mark(svg, point.mark(), horizontal(point.x()), vertical(point.y()));
      svg.append("</g>\n");
    }
    legend(svg);
    names(svg);
    return svg.append("</svg>\n").toString();
  }

  /** Kinds and their marks, above the right end of the picture. */
  private void legend(StringBuilder svg) {
    Map<String, Mark> kinds = new TreeMap<>();
    points.stream()
        .filter(point -> !point.kind().isEmpty())
        .forEach(point -> kinds.put(point.kind(), point.mark()));
    double at = WIDTH - RIGHT;
    for (Map.Entry<String, Mark> kind : kinds.entrySet()) {
      text(svg, at, TOP - 8, "end", kind.getKey());
      at -= LETTER * kind.getKey().length() + 10;
      mark(svg, kind.getValue(), at, TOP - 12);
      at -= 16;
    }
  }

  /** Each name once, beside one of its points, where it covers no mark and no other name. */
  private void names(StringBuilder svg) {
    List<Box> taken = new ArrayList<>();
    Map<String, List<Point>> byName = new LinkedHashMap<>();
    for (Point point : points) {
      double at = horizontal(point.x());
      double height = vertical(point.y());
      taken.add(new Box(at - 5, height - 5, at + 5, height + 5));
      byName.computeIfAbsent(point.name(), name -> new ArrayList<>()).add(point);
    }
    for (Line bound : lines) {
      double end = horizontal(bound.x2());
      double height = vertical(bound.y2());
      taken.add(new Box(end - LETTER * bound.name().length() - 4, height - 18, end, height + 2));
    }
    for (List<Point> same : byName.values()) {
      name(svg, same, taken);
    }
  }

  private void name(StringBuilder svg, List<Point> same, List<Box> taken) {
    String name = same.get(0).name();
    double width = LETTER * name.length();
    for (int steps = 0; steps < MOST_STEPS; steps++) {
      for (Point point : same) {
        double at = horizontal(point.x());
        for (int side = 0; side < 4; side++) {
          boolean left = side % 2 == 1;
          double height = vertical(point.y()) + (side < 2 ? -6 - 7 * steps : 14 + 7 * steps);
          double from = left ? at - 8 - width : at + 8;
          Box box = new Box(from, height - 10, from + width, height + 2);
          boolean inside =
              box.x1 >= LEFT
                  && box.x2 <= WIDTH - RIGHT
                  && box.y1 >= TOP
                  && box.y2 <= HEIGHT - BOTTOM;
          if (inside && taken.stream().noneMatch(box::meets)) {
            taken.add(box);
            if (steps > 1) { // far away: a line says whose name it is
              double near = height > vertical(point.y()) ? box.y1 : box.y2;
              line(svg, "grid", at, vertical(point.y()), left ? at - 8 : at + 8, near, "");
            }
            text(svg, left ? at - 8 : at + 8, height, left ? "end" : "start", name);
            return;
          }
        }
      }
    }
    text(svg, horizontal(same.get(0).x()) + 8, vertical(same.get(0).y()) - 6, "start", name);
  }

  private static void mark(StringBuilder svg, Mark mark, double at, double height) {
    switch (mark) {
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
