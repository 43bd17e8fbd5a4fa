package org.bitbeam.cli;

import java.io.IOException;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.DatasetWriter;
import org.bitbeam.root.NtupleOptions;
import org.bitbeam.root.RootWriter;
import org.bitbeam.root.TreeOptions;

/** What a dataset is in a ROOT file. */
enum DatasetFormat {
  TTREE,
  RNTUPLE;

  /** Begins a dataset with clusters of about this many bytes. */
  DatasetWriter begin(RootWriter file, String name, String title, Schema schema, long clusterBytes)
      throws IOException {
    return switch (this) {
      case TTREE ->
          file.tree(name, title, schema, TreeOptions.DEFAULT.withClusterBytes(clusterBytes));
      case RNTUPLE ->
          file.ntuple(name, title, schema, NtupleOptions.DEFAULT.withClusterBytes(clusterBytes));
    };
  }
}
