package org.bitbeam.runtime.internal.lowering;

import java.util.List;

/**
 * What became of the matrix products and quantisers of a graph.
 *
 * @param entries one per product with constant weights, in graph order
 * @param foldedNodes nodes that were computed once and for all
 * @param sharedQuantisers layers that use the codes of another one
 */
public record LoweringReport(List<Entry> entries, int foldedNodes, int sharedQuantisers) {
  public LoweringReport {
    entries = List.copyOf(entries);
  }

  /** What a product became. */
  public enum Kind {
    TERNARY,
    BINARY,
    FLOAT
  }

  /**
   * One product.
   *
   * @param node its name
   * @param kind what it became
   * @param inputs K
   * @param outputs N
   * @param remark scale and coding of what was recognised, the reason for what was not
   */
  public record Entry(String node, Kind kind, int inputs, int outputs, String remark) {}

  /** Number of ternary and binary layers. */
  public int bitLayers() {
    return (int) entries.stream().filter(entry -> entry.kind() != Kind.FLOAT).count();
  }
}
