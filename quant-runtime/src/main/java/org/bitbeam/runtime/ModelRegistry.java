package org.bitbeam.runtime;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.bitbeam.runtime.internal.OrtGate;
import org.jspecify.annotations.Nullable;

/**
 * The networks in use in this JVM, loaded and self-tested once for all users. Workers of a pipeline
 * come and go in any number; memory holds each network once. This, with the gate before ONNX
 * Runtime, is the library's one piece of static state. Safe to use from several threads; loading
 * one network does not hold up another.
 */
public final class ModelRegistry {
  // Guarded by itself. Values are counted under this lock, and loaded under their own.
  private static final Map<Key, Shared> SHARED = new HashMap<>();

  private static final System.Logger LOG = System.getLogger(ModelRegistry.class.getName());

  private record Key(
      String fingerprint,
      String role,
      String backend,
      Class<? extends Backend> backendClass,
      BackendOptions options) {}

  private record Loaded(Network network, SelfTestReport selfTest, long nanos) {}

  private static final class Shared {
    int leases;
    @Nullable Loaded loaded;
  }

  private ModelRegistry() {}

  /** A lease of the bundle's only network. */
  public static ModelLease lease(ModelBundle bundle, Backend backend, BackendOptions options) {
    if (bundle.roles().size() != 1) {
      throw new BundleException(bundle + " has several models, name the role: " + bundle.roles());
    }
    return lease(bundle, bundle.roles().first(), backend, options);
  }

  /**
   * A lease of a network; loads it and runs its self-test unless somebody in this JVM has it
   * already.
   *
   * @throws BundleException when the self-test is out of tolerance
   * @throws UnsafeModelException when the model refers to other files
   * @throws ModelException when the backend cannot load it
   */
  public static ModelLease lease(
      ModelBundle bundle, String role, Backend backend, BackendOptions options) {
    Key key = new Key(bundle.fingerprint(), role, backend.name(), backend.getClass(), options);
    Shared shared;
    synchronized (SHARED) {
      shared = SHARED.computeIfAbsent(key, k -> new Shared());
      shared.leases++;
    }
    try {
      Loaded loaded;
      synchronized (shared) {
        if (shared.loaded == null) {
          shared.loaded = load(bundle, role, backend, options);
        }
        loaded = shared.loaded;
      }
      return new ModelLease(
          loaded.network(), loaded.selfTest(), loaded.nanos(), () -> giveBack(key, shared));
    } catch (RuntimeException | Error e) {
      giveBack(key, shared);
      throw e;
    }
  }

  /** Number of networks that are leased at the moment. */
  public static int networks() {
    synchronized (SHARED) {
      return SHARED.size();
    }
  }

  /**
   * Before the JVM ends while others may still use networks: waits up to 10 s for what runs in ONNX
   * Runtime, whose shutdown hook would crash it, and lets nothing more begin there: its callers
   * wait for the JVM's end. {@code bitbeam} does it at its end and at SIGTERM and SIGINT.
   */
  public static void awaitEndOfPasses() {
    try {
      if (!OrtGate.close(10, TimeUnit.SECONDS)) {
        LOG.log(System.Logger.Level.WARNING, "ONNX Runtime is still busy at the end of the JVM");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Loaded load(
      ModelBundle bundle, String role, Backend backend, BackendOptions options) {
    long start = System.nanoTime();
    Network network = bundle.load(role, backend, options);
    try {
      SelfTestReport report = bundle.selfTest(role, network);
      long nanos = System.nanoTime() - start;
      LOG.log(
          System.Logger.Level.INFO,
          () ->
              bundle
                  + " ("
                  + role
                  + ") loaded for "
                  + backend.name()
                  + " in "
                  + nanos / 1_000_000
                  + " ms");
      return new Loaded(network, report, nanos);
    } catch (RuntimeException | Error e) {
      network.close();
      throw e;
    }
  }

  private static void giveBack(Key key, Shared shared) {
    synchronized (SHARED) {
      shared.leases--;
      if (shared.leases > 0) {
        return;
      }
      SHARED.remove(key);
    }
    // Nobody can reach it any more, so nobody can be loading it.
    synchronized (shared) {
      if (shared.loaded != null) {
        shared.loaded.network().close();
        shared.loaded = null;
      }
    }
  }
}
