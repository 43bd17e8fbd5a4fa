package org.bitbeam.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ModelRegistryTest {

  /** ONNX Runtime, counting what is open; fails on the first loads if told so. */
  private static final class Counting implements Backend {
    final Backend engine = Backends.standard().get("ort");
    final AtomicInteger loaded = new AtomicInteger();
    final AtomicInteger closed = new AtomicInteger();
    final AtomicInteger failures = new AtomicInteger();

    @Override
    public String name() {
      return "counting-" + System.identityHashCode(this);
    }

    @Override
    public Network load(String label, byte[] onnx, BackendOptions options) {
      if (failures.getAndDecrement() > 0) {
        throw new ModelException(label + ": not today");
      }
      loaded.incrementAndGet();
      Network network = engine.load(label, onnx, options);
      return new Network() {
        @Override
        public List<TensorInfo> inputs() {
          return network.inputs();
        }

        @Override
        public List<TensorInfo> outputs() {
          return network.outputs();
        }

        @Override
        public Map<String, Tensor> run(Map<String, Tensor> inputs) {
          return network.run(inputs);
        }

        @Override
        public void close() {
          closed.incrementAndGet();
          network.close();
        }
      };
    }
  }

  private static ModelBundle bundle() throws Exception {
    return ModelBundle.ofZip("x", ModelBundleTest.zip(ModelBundleTest.files()), 1 << 20);
  }

  @Test
  void networkIsLoadedOnceAndClosedWithTheLastLease() throws Exception {
    Counting backend = new Counting();
    int before = ModelRegistry.networks();
    ModelLease first = ModelRegistry.lease(bundle(), backend, BackendOptions.DEFAULT);
    ModelLease second = ModelRegistry.lease(bundle(), backend, BackendOptions.DEFAULT);
    assertSame(first.network(), second.network());
    assertEquals(1, backend.loaded.get());
    assertTrue(first.selfTest().passed());
    assertTrue(first.loadNanos() > 0);
    ModelLease other =
        ModelRegistry.lease(bundle(), backend, BackendOptions.DEFAULT.withIntraOpThreads(2));
    assertNotSame(first.network(), other.network());
    assertEquals(before + 2, ModelRegistry.networks());
    other.close();
    first.close();
    first.close();
    assertEquals(1, backend.closed.get());
    assertThrows(IllegalStateException.class, first::network);
    Map<String, Tensor> x = Map.of("x", Tensor.of(new float[] {1, 2}, 2));
    assertEquals(Map.of("y", Tensor.of(new float[] {2, 3}, 2)), second.network().run(x));
    second.close();
    assertEquals(2, backend.closed.get());
    assertEquals(before, ModelRegistry.networks());
    ModelRegistry.lease(bundle(), backend, BackendOptions.DEFAULT).close();
    assertEquals(3, backend.loaded.get());
  }

  @Test
  void failedLoadLeavesNothingBehind() throws Exception {
    Counting backend = new Counting();
    backend.failures.set(1);
    int before = ModelRegistry.networks();
    assertThrows(
        ModelException.class, () -> ModelRegistry.lease(bundle(), backend, BackendOptions.DEFAULT));
    assertEquals(before, ModelRegistry.networks());
    ModelRegistry.lease(bundle(), backend, BackendOptions.DEFAULT).close();
    assertEquals(1, backend.loaded.get());
  }

  @Test
  void networkOfAFailedSelfTestIsClosed() throws Exception {
    Counting backend = new Counting();
    Map<String, byte[]> files = ModelBundleTest.files();
    String manifest =
        new String(files.get(ModelBundle.MANIFEST), java.nio.charset.StandardCharsets.UTF_8);
    files.put(
        ModelBundle.MANIFEST,
        manifest
            .replace("\"file\": \"selftest/y.npy\"", "\"file\": \"selftest/x.npy\"")
            .getBytes(java.nio.charset.StandardCharsets.UTF_8));
    ModelBundle bad = ModelBundle.ofZip("bad", ModelBundleTest.zip(files), 1 << 20);
    int before = ModelRegistry.networks();
    assertThrows(
        BundleException.class, () -> ModelRegistry.lease(bad, backend, BackendOptions.DEFAULT));
    assertEquals(1, backend.loaded.get());
    assertEquals(1, backend.closed.get());
    assertEquals(before, ModelRegistry.networks());
  }

  @Test
  void manyThreadsShareOneNetwork() throws Exception {
    Counting backend = new Counting();
    backend.failures.set(2);
    ModelBundle bundle = bundle();
    int threads = 8;
    CountDownLatch start = new CountDownLatch(threads);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    AtomicInteger failed = new AtomicInteger();
    try {
      List<Future<?>> runs = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        runs.add(
            pool.submit(
                () -> {
                  start.countDown();
                  start.await();
                  Map<String, Tensor> x = Map.of("x", Tensor.of(new float[] {1, 2}, 2));
                  for (int i = 0; i < 200; i++) {
                    try (ModelLease lease =
                        ModelRegistry.lease(bundle, backend, BackendOptions.DEFAULT)) {
                      assertEquals(2, lease.network().run(x).get("y").floats()[0]);
                    } catch (ModelException e) {
                      failed.incrementAndGet();
                    }
                  }
                  return null;
                }));
      }
      for (Future<?> run : runs) {
        run.get();
      }
    } finally {
      pool.shutdownNow();
    }
    assertEquals(2, failed.get());
    assertEquals(backend.loaded.get(), backend.closed.get());
    assertTrue(backend.loaded.get() >= 1);
  }
}
