package org.bitbeam.report;

/** HTML under construction: whatever texts hold, they stay texts. */
final class HtmlText {
  private final StringBuilder html = new StringBuilder();

  /** Opens an element; attributes are pairs of name and value. */
  HtmlText open(String element, String... attributes) {
    html.append('<').append(element);
    for (int i = 0; i < attributes.length; i += 2) {
      html.append(' ').append(attributes[i]).append("=\"");
      escape(attributes[i + 1]);
      html.append('"');
    }
    html.append('>');
    return this;
  }

  /** Closes an element. */
  HtmlText close(String element) {
    html.append("</").append(element).append('>');
    return this;
  }

  /** A text. */
  HtmlText text(String text) {
    escape(text);
    return this;
  }

  /** An element that holds a text. */
  HtmlText element(String element, String text, String... attributes) {
    return open(element, attributes).text(text).close(element);
  }

  private void escape(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> html.append("&amp;");
        case '<' -> html.append("&lt;");
        case '>' -> html.append("&gt;");
        case '"' -> html.append("&quot;");
        case '\'' -> html.append("&#39;");
        // Characters no HTML document may hold; a reader should see that there was one.
        default -> html.append(c < ' ' && c != '\n' && c != '\t' ? '\uFFFD' : c);
      }
    }
  }

  @Override
  public String toString() {
    return html.toString();
  }
}
