package org.bitbeam.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM that ends in the midst of sessions that are made, run and closed ends as it should. */
class EndOfJvmTest {
  private static final int CODE = 7;

  @Test
  void onnxRuntimeIsLeftInTime(@TempDir Path folder) throws Exception {
    for (int i = 0; i < 5; i++) {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  EndOfJvmTest.class.getName(),
                  Path.of("..", "models", "pfn-bit").toAbsolutePath().toString())
              .directory(folder.toFile()) // for the JVM's report of a crash
              .redirectErrorStream(true)
              .start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(CODE, process.waitFor(), text);
    }
  }

  /** The other JVM. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    ModelBundle bundle = ModelBundle.open(Path.of(arguments[0]));
    CountDownLatch busy = new CountDownLatch(6);
    for (String name : List.of("ort", "ort", "bit")) {
      Backend backend = Backends.standard().get(name);
      Thread worker =
          new Thread(
              () -> {
                while (true) {
                  try (ModelLease lease =
                      ModelRegistry.lease(bundle, backend, BackendOptions.DEFAULT)) {
                    busy.countDown();
                  }
                }
              });
      worker.setDaemon(true);
      worker.start();
    }
    busy.await();
    ModelRegistry.awaitEndOfPasses();
    System.exit(CODE);
  }
}
