package org.bitbeam.root.internal.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.bitbeam.root.RemoteOptions;
import org.bitbeam.root.RootFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files over HTTPS, with a certificate that is made for the test. */
class HttpsTest {
  private static final Path FILE =
      Path.of("src", "test", "resources", "written", "tree_clusters_bytes.root");
  private static final RemoteOptions QUICK =
      RemoteOptions.DEFAULT.withPatience(Duration.ofSeconds(20), 2);

  @TempDir Path folder;
  private Certificates certificates;
  private byte[] content;

  @BeforeEach
  void make() throws Exception {
    certificates = Certificates.make(folder);
    content = Files.readAllBytes(FILE);
  }

  @Test
  void aTrustedServerIsReadAndGetsTheToken() throws Exception {
    try (FakeWebServer server = FakeWebServer.secure(content, certificates.context());
        RootFile local = RootFile.open(FILE);
        RootFile remote =
            RootFile.open(
                server.secureAddress(),
                QUICK.withTls(certificates.context()).withToken("secret", Set.of()))) {
      List<String> expected = RealServerTest.checksums(local);
      assertTrue(!expected.isEmpty());
      assertEquals(expected, RealServerTest.checksums(remote));
      for (FakeWebServer.Request request : server.requests()) {
        assertEquals("Bearer secret", request.header("Authorization"));
      }
    }
  }

  @Test
  void anUnknownCertificateIsRefused() throws Exception {
    try (FakeWebServer server = FakeWebServer.secure(content, certificates.context())) {
      IOException e =
          assertThrows(IOException.class, () -> RootFile.open(server.secureAddress(), QUICK));
      assertTrue(e.getMessage().contains("among the trusted"), e.getMessage());
      assertEquals(List.of(), server.requests());
    }
  }

  @Test
  void aCertificateForAnotherHostIsRefused() throws Exception {
    try (FakeWebServer server = FakeWebServer.secure(content, certificates.context())) {
      String address = server.secureAddress().replace("localhost", "127.0.0.1");
      RemoteOptions options = QUICK.withTls(certificates.context());
      IOException e = assertThrows(IOException.class, () -> RootFile.open(address, options));
      assertTrue(e.getMessage().contains("127.0.0.1"), e.getMessage());
      assertTrue(e.getMessage().contains("certificate"), e.getMessage());
      assertEquals(List.of(), server.requests());
    }
  }
}
