package org.bitbeam.report;

import java.util.List;

/**
 * What a page says.
 *
 * @param title of the page
 * @param subtitle a sentence below the title
 * @param sections in their order
 */
public record Report(String title, String subtitle, List<Section> sections) {
  public Report {
    sections = List.copyOf(sections);
  }
}
