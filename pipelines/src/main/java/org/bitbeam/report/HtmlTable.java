package org.bitbeam.report;

import java.util.List;
import org.bitbeam.report.Block.Column;
import org.bitbeam.report.Block.Table;

/** Writes tables. They can be scrolled sideways, also by keyboard. */
final class HtmlTable {
  private HtmlTable() {}

  static void add(HtmlText html, Table table) {
    if (table.folded()) {
      html.open("details").element("summary", table.caption());
    }
    html.open(
        "div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", table.caption());
    html.open("table");
    if (!table.folded()) {
      html.element("caption", table.caption());
    }
    html.open("thead").open("tr");
    for (Column column : table.columns()) {
      html.element("th", column.heading(), "scope", "col", "class", kind(column));
    }
    html.close("tr").close("thead").open("tbody");
    for (List<String> row : table.rows()) {
      html.open("tr");
      for (int i = 0; i < row.size(); i++) {
        html.element("td", row.get(i), "class", kind(table.columns().get(i)));
      }
      html.close("tr");
    }
    html.close("tbody").close("table").close("div");
    if (table.folded()) {
      html.close("details");
    }
  }

  private static String kind(Column column) {
    return column.numbers() ? "number" : "word";
  }
}
