package org.bitbeam.beam;

import java.util.SortedMap;
import java.util.function.Function;
import org.bitbeam.physics.Stage;
import org.bitbeam.runtime.Backend;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.BundleLease;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;

/** A stage with the networks it uses. */
record LeasedStage(Stage stage, BundleLease lease) implements StageFactory.OpenStage {

  /** Leases the networks of a bundle and makes a stage of them. */
  static LeasedStage open(
      ModelBundle bundle, Backend backend, Function<SortedMap<String, Network>, Stage> maker) {
    BundleLease lease = BundleLease.of(bundle, backend, BackendOptions.DEFAULT);
    try {
      return new LeasedStage(maker.apply(lease.networks()), lease);
    } catch (RuntimeException e) {
      lease.close();
      throw e;
    }
  }

  @Override
  public void close() {
    lease.close();
  }
}
