package org.bitbeam.report;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bitbeam.report.Block.Chart;
import org.bitbeam.report.Block.Column;
import org.bitbeam.report.Block.Fact;
import org.bitbeam.report.Block.LayerImages;
import org.bitbeam.report.Block.Series;
import org.bitbeam.report.Block.Style;
import org.bitbeam.report.Block.Table;

/**
 * Writes reports as HTML. The page, its style and its script are files beside this class; charts
 * are drawn by uPlot (MIT licence), which the page holds too. Nothing is loaded from elsewhere, and
 * a content security policy lets nothing run but the script that this class put in.
 */
public final class HtmlReport {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern PLACE = Pattern.compile("\\{\\{(\\w+)}}");
  private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/";

  /** More than that, and a table of numbers helps nobody. */
  private static final int MOST_NUMBERS = 200;

  private final HtmlText content = new HtmlText();
  private final HtmlText navigation = new HtmlText();
  private final ArrayNode charts = JSON.createArrayNode();
  private int figures;

  private HtmlReport() {}

  /** The whole page. */
  public static String render(Report report) {
    return new HtmlReport().page(report);
  }

  private String page(Report report) {
    for (int i = 0; i < report.sections().size(); i++) {
      Section section = report.sections().get(i);
      String id = "section-" + (i + 1);
      navigation.open("li").element("a", section.title(), "href", "#" + id).close("li");
      content.open("section", "aria-labelledby", id);
      content.element("h2", section.title(), "id", id);
      List<Block> blocks = section.blocks();
      for (int b = 0; b < blocks.size(); b++) {
        boolean starts = isInGrid(blocks, b) && !isInGrid(blocks, b - 1);
        boolean ends = isInGrid(blocks, b) && !isInGrid(blocks, b + 1);
        if (starts) {
          content.open("div", "class", "charts");
        }
        block(blocks.get(b));
        if (ends) {
          content.close("div");
        }
      }
      content.close("section");
    }
    String style = resource(UPLOT + "dist/uPlot.min.css") + resource("report.css");
    String script =
        "/*\nuPlot 1.6.30, https://github.com/leeoniya/uPlot\n"
            + resource(UPLOT + "LICENSE")
            + "*/\n"
            + resource(UPLOT + "dist/uPlot.iife.min.js")
            + resource("report.js");
    return fill(
        resource("report.html"),
        Map.of(
            "title", new HtmlText().text(report.title()).toString(),
            "subtitle", new HtmlText().text(report.subtitle()).toString(),
            "navigation", navigation.toString(),
            "content", content.toString(),
            "charts", inScript(charts.toString()),
            "style", style,
            "styleHash", hash(style),
            "script", script,
            "scriptHash", hash(script)));
  }

  /** Neighbouring charts share a grid, and so does the table behind them. */
  private static boolean isInGrid(List<Block> blocks, int at) {
    if (at < 0 || at >= blocks.size()) {
      return false;
    }
    return blocks.get(at) instanceof Chart
        || (blocks.get(at) instanceof Table && at > 0 && blocks.get(at - 1) instanceof Chart);
  }

  private void block(Block block) {
    if (block instanceof Block.Text text) {
      content.element("p", text.text());
    } else if (block instanceof Block.Warning warning) {
      content.element("p", warning.text(), "class", "warning");
    } else if (block instanceof Block.Tiles tiles) {
      facts("tiles", tiles.facts());
    } else if (block instanceof Block.Facts facts) {
      facts("facts", facts.facts());
    } else if (block instanceof Table table) {
      HtmlTable.add(content, table);
    } else if (block instanceof Chart chart) {
      chart(chart);
    } else if (block instanceof LayerImages images) {
      figures++;
      LayerPictures.add(content, images, "figure-" + figures);
    }
  }

  private void facts(String kind, List<Fact> facts) {
    content.open("dl", "class", kind);
    for (Fact fact : facts) {
      content.open("div").element("dt", fact.name()).element("dd", fact.value()).close("div");
    }
    content.close("dl");
  }

  private void chart(Chart chart) {
    figures++;
    String id = "figure-" + figures;
    content.open("figure", "aria-labelledby", id, "aria-describedby", id + "-caption");
    content.element("h3", chart.title(), "id", id);
    content.open(
        "div",
        "class",
        "plot",
        "data-chart",
        Integer.toString(charts.size()),
        "role",
        "img",
        "tabindex",
        "0",
        "aria-label",
        chart.title() + ". Arrow keys read out its values; the table below has them all.");
    content.close("div");
    content.open("p", "class", "readout", "aria-live", "polite").close("p");
    content.element("figcaption", chart.caption(), "id", id + "-caption");
    for (Table table : numbers(chart)) {
      HtmlTable.add(content, table);
    }
    content.close("figure");
    charts.add(data(chart));
  }

  // ---- the numbers of a chart

  private static List<Table> numbers(Chart chart) {
    List<Table> tables = new ArrayList<>();
    // Of contours and single points, the caption has the numbers.
    List<Series> left =
        new ArrayList<>(
            chart.series().stream()
                .filter(one -> one.style() != Style.CURVE && one.y().length > 1)
                .toList());
    while (!left.isEmpty()) {
      // Those with the same x share a table.
      Series first = left.get(0);
      List<Series> alike =
          left.stream()
              .filter(s -> isSteps(s) == isSteps(first) && Arrays.equals(s.x(), first.x()))
              .toList();
      left.removeAll(alike);
      tables.add(numbers(chart, alike));
    }
    return tables;
  }

  private static Table numbers(Chart chart, List<Series> series) {
    Series first = series.get(0);
    List<Column> columns = new ArrayList<>();
    columns.add(Column.numbers(isSteps(first) ? chart.x().label() + ", from" : chart.x().label()));
    if (isSteps(first)) {
      columns.add(Column.numbers("to"));
    }
    for (Series one : series) {
      columns.add(Column.numbers(one.name()));
    }
    int count = first.y().length;
    List<List<String>> rows = new ArrayList<>();
    int step = (count + MOST_NUMBERS - 1) / MOST_NUMBERS;
    for (int i = 0; i < count; i += step) {
      List<String> row = new ArrayList<>();
      row.add(Numbers.rounded(first.x()[i]));
      if (isSteps(first)) {
        row.add(Numbers.rounded(first.x()[i + 1]));
      }
      for (Series one : series) {
        row.add(
            one.errors().length == 0
                ? Numbers.rounded(one.y()[i])
                : Numbers.withError(one.y()[i], one.errors()[i]));
      }
      rows.add(row);
    }
    String names = String.join(", ", series.stream().map(Series::name).toList());
    String caption = "Numbers: " + names + (step > 1 ? ", one of " + step : "");
    return new Table(caption, columns, rows, true);
  }

  private static boolean isSteps(Series series) {
    return series.style() == Style.STEPS;
  }

  private static ObjectNode data(Chart chart) {
    ObjectNode data = JSON.createObjectNode();
    data.set("x", axis(chart.x()));
    data.set("y", axis(chart.y()));
    ArrayNode all = data.putArray("series");
    for (Series series : chart.series()) {
      ObjectNode one = all.addObject();
      one.put("name", series.name());
      one.put("style", series.style().name().toLowerCase(Locale.ROOT));
      one.set("x", numbers(series.x()));
      one.set("y", numbers(series.y()));
      if (series.errors().length > 0) {
        one.set("errors", numbers(series.errors()));
      }
    }
    return data;
  }

  private static ObjectNode axis(Block.Axis axis) {
    return JSON.createObjectNode()
        .put("label", axis.label())
        .put("logarithmic", axis.logarithmic());
  }

  /** Seven digits: more than a screen shows. Null for what is no number. */
  private static ArrayNode numbers(double[] values) {
    ArrayNode numbers = JSON.createArrayNode();
    for (double value : values) {
      if (Double.isFinite(value)) {
        numbers.add((float) value);
      } else {
        numbers.addNull();
      }
    }
    return numbers;
  }

  // ---- the page

  /** JSON that cannot end the element it is in, or begin another one. */
  private static String inScript(String json) {
    return json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026");
  }

  /** Fills places once: what is filled in is not looked into again. */
  private static String fill(String template, Map<String, String> values) {
    Matcher matcher = PLACE.matcher(template);
    StringBuilder page = new StringBuilder();
    while (matcher.find()) {
      String value = values.get(matcher.group(1));
      if (value == null) {
        throw new IllegalStateException("nothing for " + matcher.group());
      }
      matcher.appendReplacement(page, Matcher.quoteReplacement(value));
    }
    return matcher.appendTail(page).toString();
  }

  private static String hash(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  /** A file of the class path, its line ends as a browser sees them. */
  private static String resource(String name) {
    try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("not on the class path: " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
