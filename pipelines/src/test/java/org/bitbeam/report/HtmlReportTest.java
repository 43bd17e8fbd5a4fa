package org.bitbeam.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.bitbeam.report.Block.Axis;
import org.bitbeam.report.Block.Chart;
import org.bitbeam.report.Block.Column;
import org.bitbeam.report.Block.Fact;
import org.bitbeam.report.Block.LayerImage;
import org.bitbeam.report.Block.LayerImages;
import org.bitbeam.report.Block.Series;
import org.bitbeam.report.Block.Style;
import org.bitbeam.report.Block.Table;
import org.junit.jupiter.api.Test;

class HtmlReportTest {
  private static final String HOSTILE =
      "</script><script>alert(1)</script>\"><img src=x onerror='alert(2)'>{{script}}&amp;\u2028\u0000";

  private static Report page(String text) {
    return new Report(
        text,
        text,
        List.of(
            new Section(
                text,
                List.of(
                    new Block.Text(text),
                    new Block.Warning(text),
                    new Block.Tiles(List.of(new Fact(text, text))),
                    new Block.Facts(List.of(new Fact(text, text))),
                    new Table(text, List.of(Column.words(text)), List.of(List.of(text)), false),
                    new Table(text, List.of(Column.numbers(text)), List.of(List.of(text)), true),
                    new Chart(
                        text,
                        text,
                        Axis.of(text),
                        Axis.logarithmic(text),
                        List.of(
                            Series.of(text, Style.LINE, new double[] {0, 1}, new double[] {1, 2}))),
                    new LayerImages(
                        text,
                        text,
                        text,
                        List.of(
                            new LayerImage(text, new double[] {0, 1}, 1, new double[] {5})))))));
  }

  private static String element(String page, String pattern) {
    Matcher matcher = Pattern.compile(pattern, Pattern.DOTALL).matcher(page);
    assertTrue(matcher.find(), pattern);
    String found = matcher.group(1);
    assertFalse(matcher.find(), "there is one of them");
    return found;
  }

  private static long count(String text, String part) {
    return text.split(Pattern.quote(part), -1).length - 1L;
  }

  @Test
  void hostileTextsStayTexts() throws Exception {
    String hostile = HtmlReport.render(page(HOSTILE));
    String harmless = HtmlReport.render(page("text"));
    for (String opening :
        List.of("<script", "</script", "<img", "<svg", "<style", "<meta", "<div", "<a ")) {
      assertEquals(count(harmless, opening), count(hostile, opening), opening);
    }
    assertFalse(hostile.contains("\u0000"));
    assertEquals(count(harmless, "{{"), 0);
    JsonNode charts =
        new ObjectMapper()
            .readTree(
                element(hostile, "<script type=\"application/json\" id=\"charts\">(.*?)</script>"));
    assertEquals(HOSTILE, charts.at("/0/series/0/name").asText());
    assertEquals(HOSTILE, charts.at("/0/x/label").asText());
  }

  @Property(tries = 200)
  void anyTextIsReadBackAsItIs(@ForAll String text) {
    String html = new HtmlText().text(text).toString();
    assertEquals(-1, html.indexOf('<'));
    assertEquals(-1, html.indexOf('>'));
    assertEquals(-1, html.indexOf('"'));
    String back =
        html.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&amp;", "&");
    assertEquals(text.replaceAll("[\\x00-\\x08\\x0b-\\x1f]", "\uFFFD"), back);
  }

  @Test
  void nothingIsLoadedAndOnlyTheScriptInThePageRuns() throws Exception {
    String page = HtmlReport.render(page("text"));
    String policy = element(page, "http-equiv=\"Content-Security-Policy\" content=\"([^\"]*)\"");
    assertTrue(policy.startsWith("default-src 'none'; "), policy);
    for (String kind : List.of("script", "style")) {
      String text = element(page, "<" + kind + ">(.*?)</" + kind + ">");
      String hash =
          Base64.getEncoder()
              .encodeToString(
                  MessageDigest.getInstance("SHA-256")
                      .digest(text.getBytes(StandardCharsets.UTF_8)));
      assertTrue(policy.contains(kind + "-src 'sha256-" + hash + "'"), kind + " in " + policy);
    }
    for (String reference :
        List.of("<link", "<iframe", " src=", "@import", "url(", "href=\"http")) {
      assertFalse(page.contains(reference), reference);
    }
    assertTrue(page.contains("The MIT License"), "the licence of uPlot goes with it");
  }

  @Test
  void chartsHaveTheirNumbersInTables() throws Exception {
    Chart chart =
        new Chart(
            "title",
            "caption",
            Axis.of("mass"),
            Axis.of("jets"),
            List.of(
                Series.histogram("a", 0, 2, new double[] {3, Double.NaN}),
                Series.histogram("b", 0, 2, new double[] {1, 1234567}),
                new Series(
                    "c",
                    Style.POINTS,
                    new double[] {0.5, 1.5},
                    new double[] {1, 2},
                    new double[] {0.25, 0.5})));
    String page =
        HtmlReport.render(new Report("t", "s", List.of(new Section("x", List.of(chart)))));
    assertTrue(page.contains("Numbers: a, b<"), "the same bins, one table");
    assertTrue(page.contains("Numbers: c<"));
    String rows = page.replaceAll("<td class=\"number\">", "|").replaceAll("<[^>]*>", "");
    assertTrue(rows.contains("|0|1|3|1"), "a row of the bins");
    assertTrue(rows.contains("|1|2|–|1,235,000"), "no number, and rounded");
    assertTrue(rows.contains("|1.50|2.00 ± 0.50") || rows.contains("|1.5|2.00 ± 0.50"), "errors");
    JsonNode data =
        new ObjectMapper()
            .readTree(element(page, "id=\"charts\">(.*?)</script>"))
            .at("/0/series/0");
    assertEquals("[0.0,1.0,2.0]", data.get("x").toString());
    assertEquals("[3.0,null]", data.get("y").toString());
  }

  @Test
  void longSeriesAreCutInTheTableOnly() throws Exception {
    double[] x = new double[5000];
    java.util.Arrays.setAll(x, i -> i);
    Chart chart =
        new Chart("t", "c", Axis.of("x"), Axis.of("y"), List.of(Series.of("s", Style.LINE, x, x)));
    String page =
        HtmlReport.render(new Report("t", "s", List.of(new Section("x", List.of(chart)))));
    assertTrue(page.contains("Numbers: s, one of 25<"));
    assertEquals(201, count(page, "<tr>"));
    assertEquals(
        5000,
        new ObjectMapper()
            .readTree(element(page, "id=\"charts\">(.*?)</script>"))
            .at("/0/series/0/y")
            .size());
  }

  @Test
  void layersAreDrawnCellByCell() {
    LayerImages images =
        new LayerImages(
            "t",
            "c",
            "MeV",
            List.of(
                new LayerImage("rings", new double[] {0, 2.5, 10}, 1, new double[] {100, 1}),
                new LayerImage(
                    "sectors", new double[] {0, 10}, 4, new double[] {100, 0, 0.001, 10})));
    HtmlText html = new HtmlText();
    LayerPictures.add(html, images, "figure-1");
    String svg = html.toString();
    assertEquals(2 + 2, count(svg, "<path"), "what is four powers of ten below, or zero, is empty");
    assertTrue(
        svg.contains("M50.0 0A50.0 50.0 0 0 0 -50.0 0A50.0 50.0 0 0 0 50.0 0Z"), "inner ring");
    // The first sector runs from -pi to -pi/2: left to bottom on a screen.
    assertTrue(svg.contains("M-100.0 0.0A100.0 100.0 0 0 0 0.0 100.0L0.0 0.0"), svg);
    assertTrue(svg.contains("aria-label=\"sectors: highest value 100 MeV\""));
  }

  @Test
  void wrongSizesAreRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> Series.of("s", Style.LINE, new double[2], new double[3]));
    assertThrows(
        IllegalArgumentException.class,
        () -> Series.of("s", Style.STEPS, new double[3], new double[3]));
    assertThrows(
        IllegalArgumentException.class,
        () -> new LayerImage("l", new double[] {0, 1}, 2, new double[1]));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Table("t", List.of(Column.words("a")), List.of(List.of("b", "c")), false));
  }
}
