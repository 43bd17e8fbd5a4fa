package org.bitbeam.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.inject.AbstractModule;
import com.google.inject.CreationException;
import com.google.inject.multibindings.MapBinder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BackendsTest {

  /** What a user writes: a backend of one's own, here one that returns its input. */
  private static final class EchoModule extends AbstractModule {
    private final String boundAs;

    EchoModule(String boundAs) {
      this.boundAs = boundAs;
    }

    @Override
    protected void configure() {
      MapBinder.newMapBinder(binder(), String.class, Backend.class)
          .addBinding(boundAs)
          .toInstance(new Echo());
    }
  }

  private static final class Echo implements Backend {
    @Override
    public String name() {
      return "echo";
    }

    @Override
    public Network load(String label, byte[] onnx, BackendOptions options) {
      return new Network() {
        @Override
        public List<TensorInfo> inputs() {
          return List.of(new TensorInfo("x", ElementType.FLOAT32, List.of(-1)));
        }

        @Override
        public List<TensorInfo> outputs() {
          return inputs();
        }

        @Override
        public Map<String, Tensor> run(Map<String, Tensor> inputs) {
          TensorInfo.checkAll(label, inputs(), inputs);
          return inputs;
        }

        @Override
        public void close() {}
      };
    }
  }

  @Test
  void moduleAddsBackend() {
    Backends backends = Backends.standard(new EchoModule("echo"));
    assertTrue(backends.names().containsAll(List.of("echo", "ort")));
    try (Network network = backends.get("echo").load("m", new byte[0], BackendOptions.DEFAULT)) {
      Map<String, Tensor> x = Map.of("x", Tensor.of(new float[] {1, 2}, 2));
      assertEquals(x, network.run(x));
    }
  }

  @Test
  void unknownBackendIsRefusedWithTheNamesThereAre() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Backends.standard().get("cuda"));
    assertEquals(
        "no backend \"cuda\"; there are: " + String.join(", ", Backends.standard().names()),
        e.getMessage());
    assertTrue(e.getMessage().contains("ort"));
  }

  @Test
  void twoBackendsOfOneNameAreRefused() {
    assertThrows(CreationException.class, () -> Backends.standard(new OrtBackendModule()));
  }

  @Test
  void backendBoundUnderAnotherNameIsRefused() {
    Exception e =
        assertThrows(RuntimeException.class, () -> Backends.standard(new EchoModule("other")));
    assertTrue(e.getMessage().contains("calls itself \"echo\""), e.getMessage());
  }
}
