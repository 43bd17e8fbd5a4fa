package org.bitbeam.root.internal.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.bitbeam.root.ByteSource;
import org.bitbeam.root.ByteSource.Part;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.PlanReader;
import org.bitbeam.root.ReadPlan;
import org.bitbeam.root.RemoteOptions;
import org.bitbeam.root.RootFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Web servers that fail, lie, redirect or know less than they should. */
class HttpFaultsTest {
  private static final RemoteOptions QUICK =
      RemoteOptions.DEFAULT.withPatience(Duration.ofMillis(700), 3);
  private static final String TOKEN = "abc.def-secret";

  private final byte[] content = new byte[2_000_000];
  private final List<Duration> pauses = new CopyOnWriteArrayList<>();
  private FakeWebServer server;

  @BeforeEach
  void start() throws IOException {
    new Random(5).nextBytes(content);
    server = new FakeWebServer(content);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private ByteSource open(RemoteOptions options) throws IOException {
    return RemoteFiles.open(server.address(), options, pauses::add);
  }

  /** Reads parts far from each other and from both ends. */
  private void readAndCheck(ByteSource source) throws IOException {
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      parts.add(new Part(200_000 + 150_000 * i, ByteBuffer.allocate(1_000 + 7_000 * i)));
    }
    source.readVectored(parts);
    for (Part part : parts) {
      part.target().flip();
      assertEquals(
          ByteBuffer.wrap(content, (int) part.position(), part.target().remaining()),
          part.target());
    }
  }

  private IOException failsToRead(ByteSource source) {
    return assertThrows(
        IOException.class, () -> source.readFully(1_000_000, ByteBuffer.allocate(100_000)));
  }

  private interface Fault {
    void answer(HttpExchange exchange) throws IOException;
  }

  /** Answers this way to requests for bytes after the first 64 KiB, so many times. */
  private void failLater(int times, Fault fault) {
    AtomicInteger left = new AtomicInteger(times);
    server.setHandler(
        exchange -> {
          String range = exchange.getRequestHeaders().getFirst("Range");
          boolean isLater = range != null && !range.startsWith("bytes=0-");
          if (isLater && left.getAndDecrement() > 0) {
            fault.answer(exchange);
          } else {
            server.answer(exchange);
          }
        });
  }

  @Test
  void severalRangesAreOneRequest() throws IOException {
    try (ByteSource source = open(QUICK)) {
      assertEquals(content.length, source.size());
      assertEquals(2, server.requests().size(), "length, beginning");
      source.readFully(0, ByteBuffer.allocate(100));
      assertEquals(3, server.requests().size(), "the end with the first small read");
      readAndCheck(source);
      assertEquals(4, server.requests().size());
      source.readFully(10, ByteBuffer.allocate(1000));
      source.readFully(content.length - 1000, ByteBuffer.allocate(1000));
      assertEquals(4, server.requests().size(), "both ends are in memory");
    }
    assertEquals(List.of(), pauses);
  }

  @Test
  void aPlanNeedsNoRequestForDescriptions() throws IOException {
    Path file = Path.of("src", "test", "resources", "written", "tree_clusters_bytes.root");
    server.setContent(Files.readAllBytes(file));
    try (RootFile local = RootFile.open(file)) {
      Dataset expected = local.openAll().get(0);
      List<String> columns = expected.schema().names();
      for (ReadPlan plan : ReadPlan.of(local, expected, columns, 1)) {
        int before = server.requests().size();
        try (PlanReader reader = plan.open(open(QUICK))) {
          assertEquals(before + 2, server.requests().size(), "length, beginning");
          assertEquals(
              expected.read(columns, plan.first(), plan.end()).columns(),
              reader.read(plan.first(), plan.end()).columns());
          assertTrue(server.requests().size() <= before + 3, "all baskets at once");
        }
      }
    }
  }

  @Test
  void aRootFileOpensAndReadsInFewRequests() throws IOException {
    Path file = Path.of("src", "test", "resources", "written", "tree_clusters_bytes.root");
    server.setContent(Files.readAllBytes(file));
    try (RootFile local = RootFile.open(file);
        RootFile remote = RootFile.open(open(QUICK))) {
      Dataset expected = local.openAll().get(0);
      Dataset dataset = remote.openAll().get(0);
      int opened = server.requests().size();
      assertTrue(opened <= 4, opened + " requests to open");
      List<String> columns = expected.schema().names();
      for (Dataset.Cluster cluster : dataset.clusters()) {
        assertEquals(
            expected.read(columns, cluster.first(), cluster.end()).columns(),
            dataset.read(columns, cluster.first(), cluster.end()).columns());
      }
      assertTrue(server.requests().size() - opened <= dataset.clusters().size());
    }
  }

  @Test
  void serversWithoutSeveralRangesAreAskedOneByOne() throws IOException {
    Fault whole = exchange -> FakeWebServer.send(exchange, 200, content);
    Fault firstOnly =
        exchange -> {
          String range = exchange.getRequestHeaders().getFirst("Range");
          server.answer(exchange, range.replaceAll(",.*", ""));
        };
    Fault garbage =
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", "multipart/byteranges; boundary=xyz");
          FakeWebServer.send(exchange, 206, new byte[5000]);
        };
    Fault tooMuch =
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", "multipart/byteranges; boundary=xyz");
          FakeWebServer.send(exchange, 206, new byte[content.length]);
        };
    for (Fault fault : List.of(whole, firstOnly, garbage, tooMuch)) {
      AtomicInteger several = new AtomicInteger();
      server.setHandler(
          exchange -> {
            String range = exchange.getRequestHeaders().getFirst("Range");
            if (range != null && range.contains(",")) {
              several.incrementAndGet();
              fault.answer(exchange);
            } else {
              server.answer(exchange);
            }
          });
      try (ByteSource source = open(QUICK)) {
        readAndCheck(source);
        readAndCheck(source);
      }
      assertEquals(1, several.get(), "it is not tried again");
    }
    assertEquals(List.of(), pauses);
  }

  @Test
  void partsInAnyOrderAndJoinedAreTaken() throws IOException {
    server.setHandler(
        exchange -> {
          String range = exchange.getRequestHeaders().getFirst("Range");
          if (range != null && range.contains(",")) {
            exchange
                .getResponseHeaders()
                .set("Content-Type", "multipart/byteranges;boundary=\"xyz\"");
            FakeWebServer.send(
                exchange,
                206,
                server.multipart(
                    List.of(new long[] {1_100_000, 1_460_000}, new long[] {0, 1_100_000})));
          } else {
            server.answer(exchange);
          }
        });
    try (ByteSource source = open(QUICK)) {
      readAndCheck(source);
    }
  }

  @Test
  void passingFailuresAreRetriedWithBoundedPauses() throws IOException {
    for (int status : List.of(500, 502, 503, 504, 429, 408)) {
      pauses.clear();
      try (ByteSource source = open(QUICK)) {
        failLater(2, exchange -> exchange.sendResponseHeaders(status, -1));
        readAndCheck(source);
      }
      assertEquals(2, pauses.size());
      assertTrue(pauses.get(0).toMillis() >= 250 && pauses.get(0).toMillis() <= 500);
      assertTrue(pauses.get(1).toMillis() >= 500 && pauses.get(1).toMillis() <= 1000);
    }
    List<Duration> first = List.copyOf(pauses);
    pauses.clear();
    try (ByteSource source = open(QUICK)) {
      failLater(2, exchange -> exchange.sendResponseHeaders(503, -1));
      readAndCheck(source);
    }
    assertEquals(first, pauses, "the same address has the same pauses");
    try (ByteSource source = open(QUICK)) {
      failLater(100, exchange -> exchange.sendResponseHeaders(503, -1));
      IOException e = failsToRead(source);
      assertTrue(e.getMessage().endsWith("HTTP 503; 3 attempts failed"), e.getMessage());
    }
  }

  @Test
  void retryAfterIsHeededWithinTheLimit() throws IOException {
    try (ByteSource source = open(QUICK)) {
      failLater(
          1,
          exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "17");
            exchange.sendResponseHeaders(429, -1);
          });
      readAndCheck(source);
      assertEquals(List.of(Duration.ofSeconds(17)), pauses);
      failLater(
          1,
          exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "Wed, 21 Oct 2099 07:28:00 GMT");
            exchange.sendResponseHeaders(503, -1);
          });
      IOException e = failsToRead(source);
      assertTrue(e.getMessage().contains("asks to wait"), e.getMessage());
      assertEquals(1, pauses.size());
    }
  }

  @Test
  void wrongAndShortAnswersAreRetriedThenSaid() throws IOException {
    List<Fault> faults =
        List.of(
            exchange -> { // other bytes than asked for
              server.answer(exchange, "bytes=3-100002");
            },
            exchange -> { // fewer
              server.answer(exchange, "bytes=1000000-1000002");
            },
            exchange -> { // right header, body too short
              exchange
                  .getResponseHeaders()
                  .set("Content-Range", "bytes 1000000-1099999/" + content.length);
              FakeWebServer.send(exchange, 206, new byte[99_999]);
            },
            exchange -> { // body too long
              exchange
                  .getResponseHeaders()
                  .set("Content-Range", "bytes 1000000-1099999/" + content.length);
              FakeWebServer.send(exchange, 206, new byte[1_500_000]);
            },
            exchange -> { // no range at all
              FakeWebServer.send(exchange, 206, new byte[100_000]);
            },
            exchange -> { // nonsense
              exchange.getResponseHeaders().set("Content-Range", "bytes 99999999999999999999-1/x");
              FakeWebServer.send(exchange, 206, new byte[100_000]);
            },
            exchange -> { // breaks off
              exchange.sendResponseHeaders(206, 100_000);
              exchange.getResponseBody().write(new byte[10]);
              exchange.getResponseBody().flush();
              throw new IOException("on purpose");
            });
    for (Fault fault : faults) {
      try (ByteSource source = open(QUICK)) {
        failLater(1, fault);
        ByteBuffer target = ByteBuffer.allocate(100_000);
        source.readFully(1_000_000, target);
        assertEquals(ByteBuffer.wrap(content, 1_000_000, 100_000), target.flip());
        failLater(100, fault);
        IOException e = failsToRead(source);
        assertTrue(e.getMessage().contains("3 attempts failed"), e.getMessage());
      }
      server.setHandler(server::answer);
    }
  }

  @Test
  void endlessAndSilentAnswersEndAtTheTimeout() throws IOException {
    Fault silent = exchange -> sleep(5_000);
    Fault trickling =
        exchange -> {
          exchange
              .getResponseHeaders()
              .set("Content-Range", "bytes 1000000-1099999/" + content.length);
          exchange.sendResponseHeaders(206, 100_000);
          for (int i = 0; i < 100; i++) {
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
            sleep(50);
          }
        };
    Fault endless =
        exchange -> {
          exchange
              .getResponseHeaders()
              .set("Content-Range", "bytes 1000000-1099999/" + content.length);
          exchange.sendResponseHeaders(206, 0);
          OutputStream out = exchange.getResponseBody();
          for (int i = 0; i < 1_000_000; i++) {
            out.write(new byte[10_000]);
          }
        };
    for (Fault fault : List.of(silent, trickling, endless)) {
      try (ByteSource source = open(QUICK.withPatience(Duration.ofMillis(700), 1))) {
        failLater(1, fault);
        IOException e = failsToRead(source);
        assertTrue(e.getMessage().contains("1 attempt failed"), e.getMessage());
      }
      server.setHandler(server::answer);
    }
  }

  private static void sleep(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aFileThatChangesIsRefused() throws IOException {
    byte[] shorter = java.util.Arrays.copyOf(content, 900_000);
    byte[] longer = java.util.Arrays.copyOf(content, content.length + 1);
    for (byte[] changed : List.of(shorter, longer)) {
      try (ByteSource source = open(QUICK)) {
        server.setContent(changed);
        assertTrue(failsToRead(source).getMessage().contains("changed on the server"));
      }
      server.setContent(content);
    }
    for (String header : List.of("Last-Modified", "ETag")) {
      server.setHeader(header, "\"one\"");
      try (ByteSource source = open(QUICK)) {
        readAndCheck(source);
        assertEquals(
            "\"one\"", server.requests().get(server.requests().size() - 1).header("If-range"));
        server.setHeader(header, "\"two\"");
        String message = failsToRead(source).getMessage();
        assertTrue(message.contains("changed on the server"), message);
        assertTrue(
            assertThrows(IOException.class, () -> readAndCheck(source))
                .getMessage()
                .contains("changed on the server"));
      }
    }
    assertEquals(List.of(), pauses, "that is no passing failure");
  }

  @Test
  void smallFilesOfServersWithoutRangesAreReadAsAWhole() throws IOException {
    server.setHandler(
        exchange ->
            FakeWebServer.send(
                exchange, 200, exchange.getRequestMethod().equals("HEAD") ? new byte[0] : content));
    try (ByteSource source = open(QUICK)) {
      readAndCheck(source);
      assertEquals(2, server.requests().size());
    }
    IOException e =
        assertThrows(
            IOException.class,
            () ->
                open(
                    new RemoteOptions(
                        null,
                        Set.of(),
                        null,
                        Duration.ofSeconds(1),
                        1,
                        Duration.ZERO,
                        Duration.ZERO,
                        Duration.ZERO,
                        1,
                        0,
                        content.length - 1,
                        0)));
    assertTrue(e.getMessage().contains("download it first"), e.getMessage());
  }

  @Test
  void lengthsAreFoundWithoutHeadAndWithoutTotals() throws IOException {
    server.setHandler(
        exchange -> {
          if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(403, -1);
          } else {
            server.answer(exchange);
          }
        });
    try (ByteSource source = open(QUICK)) {
      assertEquals(content.length, source.size());
      readAndCheck(source);
    }
    server.setContent(new byte[0]);
    try (ByteSource source = open(QUICK)) {
      assertEquals(0, source.size());
    }
    server.setHandler(
        exchange -> {
          exchange.getResponseHeaders().set("Content-Range", "bytes 0-65535/*");
          FakeWebServer.send(
              exchange,
              206,
              exchange.getRequestMethod().equals("HEAD") ? new byte[0] : new byte[65536]);
        });
    IOException e = assertThrows(IOException.class, () -> open(QUICK));
    assertTrue(e.getMessage().contains("does not say how long"), e.getMessage());
  }

  @Test
  void refusalsAreSaid() throws IOException {
    server.setHandler(exchange -> exchange.sendResponseHeaders(404, -1));
    assertThrows(NoSuchFileException.class, () -> open(QUICK));
    server.setHandler(exchange -> exchange.sendResponseHeaders(401, -1));
    AccessDeniedException e = assertThrows(AccessDeniedException.class, () -> open(QUICK));
    assertTrue(e.getMessage().contains("a token may be needed"), e.getMessage());
    server.setHandler(
        exchange -> {
          exchange.getResponseHeaders().set("Content-Encoding", "gzip");
          server.answer(exchange);
        });
    assertTrue(
        assertThrows(IOException.class, () -> open(QUICK)).getMessage().contains("packs the file"));
    for (String bad :
        List.of("http://user:pw@host/x", "http:///x", "http://host/a b", "https://")) {
      IllegalArgumentException malformed =
          assertThrows(
              IllegalArgumentException.class, () -> ByteSource.open(bad, RemoteOptions.DEFAULT));
      assertFalse(malformed.getMessage().contains("pw"));
    }
    IllegalArgumentException unknown =
        assertThrows(IllegalArgumentException.class, () -> RootFile.open("gopher://host/x"));
    assertTrue(unknown.getMessage().contains("gopher"), unknown.getMessage());
  }

  @Test
  void redirectsAreFollowedWithinLimits() throws IOException {
    AtomicInteger redirects = new AtomicInteger();
    server.setHandler(
        exchange -> {
          if (exchange.getRequestURI().getPath().equals("/f")) {
            redirects.incrementAndGet();
            exchange.getResponseHeaders().set("Location", "/real?sig=1");
            exchange.sendResponseHeaders(307, -1);
          } else {
            server.answer(exchange);
          }
        });
    try (ByteSource source = open(QUICK)) {
      readAndCheck(source);
      assertEquals(1, redirects.get(), "the target is remembered");
      server.setHandler(
          exchange -> {
            if (exchange.getRequestURI().getPath().equals("/f")) {
              server.answer(exchange);
            } else {
              exchange.sendResponseHeaders(403, -1); // its signature expired
            }
          });
      readAndCheck(source);
    }
    server.setHandler(
        exchange -> {
          exchange.getResponseHeaders().set("Location", "/f");
          exchange.sendResponseHeaders(302, -1);
        });
    assertTrue(
        assertThrows(IOException.class, () -> open(QUICK)).getMessage().contains("10 redirects"));
    for (String location :
        List.of("file:///etc/passwd", "ftp://127.0.0.1/x", "jar:file:/x!/y", "", "http://u:p@h/")) {
      server.setHandler(
          exchange -> {
            exchange.getResponseHeaders().set("Location", location);
            exchange.sendResponseHeaders(302, -1);
          });
      IOException e = assertThrows(IOException.class, () -> open(QUICK));
      assertTrue(e.getMessage().contains("refused to follow"), e.getMessage());
    }
  }

  @Test
  void theTokenStaysWithItsHost() throws IOException {
    RemoteOptions options = QUICK.withToken(TOKEN, Set.of());
    try (FakeWebServer other = new FakeWebServer(content)) {
      server.setHandler(
          exchange -> {
            exchange
                .getResponseHeaders()
                .set("Location", "http://localhost:" + other.port() + "/f");
            exchange.sendResponseHeaders(302, -1);
          });
      try (ByteSource source = open(options)) {
        readAndCheck(source);
      }
      assertTrue(
          server.requests().stream()
              .allMatch(r -> r.header("Authorization").equals("Bearer " + TOKEN)));
      assertTrue(other.requests().size() >= 3);
      assertTrue(other.requests().stream().allMatch(r -> r.header("Authorization").isEmpty()));
      other.requests().clear();
      try (ByteSource source = open(options.withToken(TOKEN, Set.of("localhost")))) {
        readAndCheck(source);
      }
      assertTrue(
          other.requests().stream()
              .allMatch(r -> r.header("Authorization").equals("Bearer " + TOKEN)));
    }
    assertFalse(options.toString().contains(TOKEN));
    assertEquals(null, Secrets.tokenFor(options, "h.org", "h.org", false));
    assertEquals(TOKEN, Secrets.tokenFor(options, "h.org", "H.org", true));
    assertEquals(null, Secrets.tokenFor(options, "h.org", "evil-h.org", true));
    RemoteOptions cern = options.withToken(TOKEN, Set.of(".cern.ch"));
    assertEquals(TOKEN, Secrets.tokenFor(cern, "h.org", "eos.cern.ch", true));
    assertEquals(null, Secrets.tokenFor(cern, "h.org", "cern.ch.evil.org", true));
    assertEquals(null, Secrets.tokenFor(cern, "h.org", "evilcern.ch", true));
    assertThrows(IllegalArgumentException.class, () -> QUICK.withToken("a\r\nHost: x", Set.of()));
  }

  @Test
  void queriesAreNotShown() throws IOException {
    server.setHandler(exchange -> exchange.sendResponseHeaders(404, -1));
    IOException e =
        assertThrows(
            IOException.class,
            () -> RemoteFiles.open(server.address() + "?sig=geheim", QUICK, pauses::add));
    assertFalse(e.getMessage().contains("geheim"), e.getMessage());
  }
}
