package org.bitbeam.report;

import java.util.List;

/**
 * A part of a page under a heading of its own.
 *
 * @param title heading
 * @param blocks in their order
 */
public record Section(String title, List<Block> blocks) {
  public Section {
    blocks = List.copyOf(blocks);
  }
}
