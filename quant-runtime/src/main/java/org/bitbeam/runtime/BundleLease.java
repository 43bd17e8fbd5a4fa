package org.bitbeam.runtime;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** All networks of a bundle, leased together; see {@link ModelRegistry}. */
public final class BundleLease implements AutoCloseable {
  private final SortedMap<String, ModelLease> leases = new TreeMap<>();

  /**
   * Leases every network of a bundle.
   *
   * @throws BundleException when a self-test fails
   * @throws ModelException when the backend cannot load a network; nothing stays leased then
   */
  public static BundleLease of(ModelBundle bundle, Backend backend, BackendOptions options) {
    BundleLease all = new BundleLease();
    try {
      for (String role : bundle.roles()) {
        all.leases.put(role, ModelRegistry.lease(bundle, role, backend, options));
      }
      return all;
    } catch (RuntimeException e) {
      all.close();
      throw e;
    }
  }

  private BundleLease() {}

  /** The networks by role. */
  public SortedMap<String, Network> networks() {
    SortedMap<String, Network> networks = new TreeMap<>();
    leases.forEach((role, lease) -> networks.put(role, lease.network()));
    return Collections.unmodifiableSortedMap(networks);
  }

  /** Gives all of them back. */
  @Override
  public void close() {
    leases.values().forEach(ModelLease::close);
  }
}
