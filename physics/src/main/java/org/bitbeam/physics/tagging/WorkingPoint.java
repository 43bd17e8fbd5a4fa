package org.bitbeam.physics.tagging;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A cut on the logit whose efficiencies were measured on a sample; a bundle's stage has a list of
 * them, {@code "workingPoints"}, which {@code bitbeam evaluate tagger --working-points} prints.
 *
 * @param name letters and digits, such as {@code tight}
 * @param minimumLogit jets with this logit or a larger one pass
 * @param signalEfficiency share of the sample's signal jets that pass
 * @param signalError its statistical error
 * @param backgroundEfficiency share of the sample's background jets that pass
 * @param backgroundError its statistical error
 * @param sample what it was measured on
 */
public record WorkingPoint(
    String name,
    double minimumLogit,
    double signalEfficiency,
    double signalError,
    double backgroundEfficiency,
    double backgroundError,
    String sample) {

  public WorkingPoint {
    if (!name.matches("[A-Za-z][A-Za-z0-9]*")) {
      throw new IllegalArgumentException(
          "working point \"" + name + "\": expected a name of letters and digits");
    }
    if (!Double.isFinite(minimumLogit)) {
      throw new IllegalArgumentException(
          "working point " + name + ": minimumLogit is " + minimumLogit + ", expected a number");
    }
    for (double efficiency : new double[] {signalEfficiency, backgroundEfficiency}) {
      if (!(efficiency >= 0 && efficiency <= 1)) {
        throw new IllegalArgumentException(
            "working point " + name + ": efficiency " + efficiency + ", expected 0 to 1");
      }
    }
    if (!(signalError >= 0) || !(backgroundError >= 0)) {
      throw new IllegalArgumentException(
          "working point " + name + ": errors " + signalError + " and " + backgroundError);
    }
  }

  /** The end of its column's name, such as {@code qgTight}. */
  public String columnSuffix() {
    return "qg" + name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
  }

  /** What it means, for the description of its column. */
  String describe(String signal, String background) {
    return String.format(
        Locale.ROOT,
        "logit of %.6g or more: %.4g +- %.2g of %s and %.4g +- %.2g of %s jets in %s",
        minimumLogit,
        signalEfficiency,
        signalError,
        signal,
        backgroundEfficiency,
        backgroundError,
        background,
        sample);
  }

  /**
   * Reads a list.
   *
   * @param label name of the bundle, for messages
   * @throws IllegalArgumentException when it is incomplete, or two have one column
   */
  static List<WorkingPoint> parse(String label, JsonNode list) {
    List<WorkingPoint> points = new ArrayList<>();
    Set<String> columns = new HashSet<>(Set.of("qgQuarkScore", "qgLogit", "qgEmbedding"));
    for (JsonNode node : list) {
      WorkingPoint point;
      try {
        point =
            new WorkingPoint(
                text(node, "name"),
                number(node, "minimumLogit"),
                number(node, "signalEfficiency"),
                number(node, "signalError"),
                number(node, "backgroundEfficiency"),
                number(node, "backgroundError"),
                text(node, "sample"));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(label + ": " + e.getMessage(), e);
      }
      if (!columns.add(point.columnSuffix())) {
        throw new IllegalArgumentException(
            label + ": there is a column " + point.columnSuffix() + " already");
      }
      points.add(point);
    }
    return List.copyOf(points);
  }

  private static String text(JsonNode node, String key) {
    if (!node.path(key).isTextual()) {
      throw new IllegalArgumentException(
          "working point: \"" + key + "\" is " + node.path(key) + ", expected a text");
    }
    return node.path(key).asText();
  }

  private static double number(JsonNode node, String key) {
    if (!node.path(key).isNumber()) {
      throw new IllegalArgumentException(
          "working point "
              + node.path("name")
              + ": \""
              + key
              + "\" is "
              + node.path(key)
              + ", expected a number");
    }
    return node.path(key).asDouble();
  }
}
