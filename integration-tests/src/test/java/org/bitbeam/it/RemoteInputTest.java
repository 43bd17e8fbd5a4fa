package org.bitbeam.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands take addresses in place of paths, with the same result. */
class RemoteInputTest {
  private static final Path SAMPLE = Cli.HOME.resolve("samples/events_sample.root");

  @TempDir Path folder;
  private final AtomicInteger ranges = new AtomicInteger();
  private byte[] content = {};
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    content = Files.readAllBytes(SAMPLE);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/data/events_sample.root", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  /** Knows one range a request. */
  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String range = exchange.getRequestHeaders().getFirst("Range");
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.getResponseHeaders().set("Content-Length", "" + content.length);
        exchange.sendResponseHeaders(200, -1);
      } else if (range == null || range.contains(",")) {
        exchange.sendResponseHeaders(200, content.length);
        exchange.getResponseBody().write(content);
      } else {
        ranges.incrementAndGet();
        String[] ends = range.substring("bytes=".length()).split("-");
        int first = Integer.parseInt(ends[0]);
        int last = Integer.parseInt(ends[1]);
        exchange
            .getResponseHeaders()
            .set("Content-Range", "bytes " + first + "-" + last + "/" + content.length);
        exchange.sendResponseHeaders(206, last - first + 1);
        exchange.getResponseBody().write(Arrays.copyOfRange(content, first, last + 1));
      }
    }
  }

  private String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/data/events_sample.root";
  }

  @Test
  void inspectShowsTheSame() {
    Cli local = Cli.run("inspect", SAMPLE, "--json", "--checksums");
    Cli remote = Cli.run("inspect", address(), "--json", "--checksums");
    assertEquals(0, remote.code(), remote.err());
    assertEquals(
        local.out().replace(SAMPLE.toString(), "FILE"), remote.out().replace(address(), "FILE"));
    assertTrue(ranges.get() > 0);
  }

  @Test
  void convertWritesTheSameBytes() throws IOException {
    for (Object input : new Object[] {SAMPLE, address()}) {
      Path output =
          Files.createDirectory(folder.resolve(input == SAMPLE ? "local" : "remote"))
              .resolve("x.root"); // a file knows its own name
      Cli run = Cli.run("convert", input, "--output", output, "--columns", "nJet,Jet_*");
      assertEquals(0, run.code(), run.err());
    }
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("local/x.root")),
        Files.readAllBytes(folder.resolve("remote/x.root")));
  }

  @Test
  void tagWritesTheSameBytes() throws IOException {
    for (Object input : new Object[] {SAMPLE, address()}) {
      Path output = folder.resolve(input == SAMPLE ? "local" : "remote");
      Cli run =
          Cli.run(
              "tag", "--input", input, "--output", output, "--model", "pfn", "--mode", "enriched");
      assertEquals(0, run.code(), run.err());
    }
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("local/events_sample.root")),
        Files.readAllBytes(folder.resolve("remote/events_sample.root")));
  }

  @Test
  void whatIsWrongIsSaid() {
    Cli missing = Cli.run("inspect", address().replace("events", "no"));
    assertEquals(1, missing.code());
    assertTrue(missing.err().contains("no such file (HTTP 404)"), missing.err());
    Cli query =
        Cli.run("tag", "--input", address() + "?sig=geheim", "--output", folder, "--model", "pfn");
    assertEquals(1, query.code());
    assertFalse(query.err().contains("geheim"), query.err());
    assertTrue(query.err().contains("use a token"), query.err());
    Cli other = Cli.run("inspect", "ftp://127.0.0.1/x.root");
    assertEquals(1, other.code());
    assertTrue(other.err().contains("ftp://: files are read from"), other.err());
  }
}
