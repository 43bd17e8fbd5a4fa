package org.bitbeam.cli;

import java.io.IOException;
import java.util.Map;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.DatasetWriter;
import org.bitbeam.root.NtupleOptions;
import org.bitbeam.root.RootWriter;
import org.bitbeam.root.TreeOptions;

/** What a dataset is in a ROOT file. */
enum DatasetFormat {
  TTREE,
  RNTUPLE;

  /**
   * Begins a dataset.
   *
   * @param counters columns with the lengths of lists, by the lists' names; of a tree alone
   * @param clusterBytes about the size of a cluster
   */
  DatasetWriter begin(
      RootWriter file,
      String name,
      String title,
      Schema schema,
      Map<String, String> counters,
      long clusterBytes)
      throws IOException {
    return switch (this) {
      case TTREE ->
          file.tree(
              name,
              title,
              schema,
              TreeOptions.DEFAULT.withCounters(counters).withClusterBytes(clusterBytes));
      case RNTUPLE ->
          file.ntuple(name, title, schema, NtupleOptions.DEFAULT.withClusterBytes(clusterBytes));
    };
  }
}
