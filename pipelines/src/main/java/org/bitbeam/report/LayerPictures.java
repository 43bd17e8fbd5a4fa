package org.bitbeam.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.bitbeam.report.Block.Column;
import org.bitbeam.report.Block.LayerImage;
import org.bitbeam.report.Block.LayerImages;
import org.bitbeam.report.Block.Table;

/**
 * Draws layers as SVG: rings cut into sectors, coloured by the logarithm of their values; radii on
 * a square-root scale.
 */
final class LayerPictures {
  /** From the lowest to the highest: viridis (CC0), even in lightness and safe for colour-blind. */
  private static final List<String> COLOURS =
      List.of(
          "#440154", "#482475", "#414487", "#355f8d", "#2a788e", "#21918c", "#22a884", "#44bf70",
          "#7ad151", "#bddf26", "#fde725");

  /** Colours cover at most so many powers of ten below the highest value. */
  private static final double DECADES = 4;

  /** Of a layer in the units of its picture. */
  private static final double RADIUS = 100;

  private LayerPictures() {}

  static void add(HtmlText html, LayerImages images, String id) {
    double[] values =
        images.layers().stream()
            .flatMapToDouble(layer -> Arrays.stream(layer.values()))
            .filter(value -> value > 0 && Double.isFinite(value))
            .sorted()
            .toArray();
    double highest = values.length == 0 ? 1 : values[values.length - 1];
    double lowest = Math.max(highest * Math.pow(10, -DECADES), values.length == 0 ? 0 : values[0]);
    html.open(
        "figure", "class", "wide", "aria-labelledby", id, "aria-describedby", id + "-caption");
    html.element("h3", images.title(), "id", id);
    html.open("div", "class", "layers");
    for (LayerImage layer : images.layers()) {
      html.open("div");
      picture(html, layer, lowest, highest, images.unit());
      html.element("p", layer.name());
      html.close("div");
    }
    html.close("div");
    scale(html, lowest, highest, images.unit());
    html.element("figcaption", images.caption(), "id", id + "-caption");
    HtmlTable.add(
        html,
        new Table(
            "Numbers: mean over the sectors of each ring",
            List.of(
                Column.words("layer"),
                Column.numbers("r from, mm"),
                Column.numbers("to"),
                Column.numbers(images.unit())),
            rows(images),
            true));
    html.close("figure");
  }

  private static void picture(
      HtmlText html, LayerImage layer, double lowest, double highest, String unit) {
    double peak = Arrays.stream(layer.values()).max().orElse(0);
    html.open(
        "svg",
        "viewBox",
        "-102 -102 204 204",
        "role",
        "img",
        "aria-label",
        layer.name() + ": highest value " + Numbers.rounded(peak, 3) + " " + unit);
    html.open("circle", "r", "100", "class", "empty").close("circle");
    double[] radii = layer.radii();
    int rings = radii.length - 1;
    double[] drawn =
        Arrays.stream(radii).map(r -> RADIUS * Math.sqrt(Math.max(0, r / radii[rings]))).toArray();
    for (int v = 0; v < layer.values().length; v++) {
      int colour = colour(layer.values()[v], lowest, highest);
      if (colour >= 0) {
        html.open(
            "path",
            "d",
            cell(drawn[v % rings], drawn[v % rings + 1], v / rings, layer.sectors()),
            "fill",
            COLOURS.get(colour),
            "stroke", // no seams between cells of one colour
            COLOURS.get(colour));
        html.close("path");
      }
    }
    html.close("svg");
  }

  /** -1 for what is too small to be shown. */
  private static int colour(double value, double lowest, double highest) {
    if (!(value >= lowest)) {
      return -1;
    }
    if (lowest == highest) {
      return COLOURS.size() - 1;
    }
    double share = Math.log10(value / lowest) / Math.log10(highest / lowest);
    return Math.min(COLOURS.size() - 1, (int) (share * COLOURS.size()));
  }

  /** A ring, or the piece of it in a sector; angles run from -pi. Up is up, so y is turned. */
  private static String cell(double inner, double outer, int sector, int sectors) {
    if (sectors == 1) {
      return circle(outer) + (inner > 0 ? circle(-inner) : "");
    }
    double from = Math.PI * (2. * sector / sectors - 1);
    double to = Math.PI * (2. * (sector + 1) / sectors - 1);
    int large = sectors == 2 ? 1 : 0;
    return String.format(
        Locale.ROOT,
        "M%.1f %.1fA%.1f %.1f 0 %d 0 %.1f %.1fL%.1f %.1fA%.1f %.1f 0 %d 1 %.1f %.1fZ",
        outer * Math.cos(from),
        -outer * Math.sin(from),
        outer,
        outer,
        large,
        outer * Math.cos(to),
        -outer * Math.sin(to),
        inner * Math.cos(to),
        -inner * Math.sin(to),
        inner,
        inner,
        large,
        inner * Math.cos(from),
        -inner * Math.sin(from));
  }

  /** A whole circle; a negative radius runs the other way round, and so cuts a hole. */
  private static String circle(double radius) {
    double r = Math.abs(radius);
    int way = radius > 0 ? 0 : 1;
    return String.format(
        Locale.ROOT,
        "M%.1f 0A%.1f %.1f 0 0 %d %.1f 0A%.1f %.1f 0 0 %d %.1f 0Z",
        r,
        r,
        r,
        way,
        -r,
        r,
        r,
        way,
        r);
  }

  private static void scale(HtmlText html, double lowest, double highest, String unit) {
    html.open("div", "class", "scale");
    html.element("span", Numbers.rounded(lowest, 2) + " " + unit);
    html.open("svg", "viewBox", "0 0 " + COLOURS.size() + " 1", "aria-hidden", "true");
    for (int i = 0; i < COLOURS.size(); i++) {
      html.open(
          "rect", "x", Integer.toString(i), "width", "1.02", "height", "1", "fill", COLOURS.get(i));
      html.close("rect");
    }
    html.close("svg");
    html.element("span", Numbers.rounded(highest, 2) + " " + unit);
    html.close("div");
  }

  private static List<List<String>> rows(LayerImages images) {
    List<List<String>> rows = new ArrayList<>();
    for (LayerImage layer : images.layers()) {
      int rings = layer.radii().length - 1;
      for (int ring = 0; ring < rings; ring++) {
        double sum = 0;
        for (int sector = 0; sector < layer.sectors(); sector++) {
          sum += layer.values()[sector * rings + ring];
        }
        rows.add(
            List.of(
                layer.name(),
                Numbers.rounded(layer.radii()[ring]),
                Numbers.rounded(layer.radii()[ring + 1]),
                Numbers.rounded(sum / layer.sectors())));
      }
    }
    return rows;
  }
}
