package org.bitbeam.root.internal.remote;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A web server for one file at {@code /f}; a test changes how it answers. */
final class FakeWebServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(8);
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Map<String, String> headers = new ConcurrentHashMap<>();
  private volatile byte[] content;
  private volatile Handler handler = this::answer;

  /** What was asked. */
  record Request(String method, String path, Map<String, List<String>> headers) {
    String header(String name) {
      return headers.getOrDefault(name, List.of("")).get(0);
    }
  }

  /** Answers a request. */
  interface Handler {
    void answer(HttpExchange exchange) throws IOException;
  }

  FakeWebServer(byte[] content) throws IOException {
    this(content, HttpServer.create(anyPort(), 0));
  }

  /** A server that speaks HTTPS. */
  static FakeWebServer secure(byte[] content, SSLContext tls) throws IOException {
    HttpsServer server = HttpsServer.create(anyPort(), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    return new FakeWebServer(content, server);
  }

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private FakeWebServer(byte[] content, HttpServer server) {
    this.content = content;
    this.server = server;
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          requests.add(
              new Request(
                  exchange.getRequestMethod(),
                  exchange.getRequestURI().toString(),
                  Map.copyOf(exchange.getRequestHeaders())));
          try (exchange) {
            handler.answer(exchange);
          }
        });
    server.start();
  }

  String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/f";
  }

  /** Under the name that test certificates are for. */
  String secureAddress() {
    return "https://localhost:" + server.getAddress().getPort() + "/f";
  }

  int port() {
    return server.getAddress().getPort();
  }

  List<Request> requests() {
    return requests;
  }

  void setContent(byte[] changed) {
    content = changed;
  }

  /** Sends a header along with every good answer. */
  void setHeader(String name, String value) {
    headers.put(name, value);
  }

  void setHandler(Handler changed) {
    handler = changed;
  }

  /** Answers as RFC 9110 says, several ranges included. */
  void answer(HttpExchange exchange) throws IOException {
    answer(exchange, exchange.getRequestHeaders().getFirst("Range"));
  }

  /** The same as if these ranges had been asked for. */
  void answer(HttpExchange exchange, @Nullable String range) throws IOException {
    headers.forEach(exchange.getResponseHeaders()::set);
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", "" + content.length);
      exchange.sendResponseHeaders(200, -1);
    } else if (range == null) {
      send(exchange, 200, content);
    } else {
      List<long[]> wanted = new ArrayList<>();
      for (String one : range.substring("bytes=".length()).split(",")) {
        String[] ends = one.split("-");
        long last = Math.min(Long.parseLong(ends[1]), content.length - 1);
        wanted.add(new long[] {Long.parseLong(ends[0]), last});
      }
      if (wanted.get(0)[0] >= content.length) {
        exchange.getResponseHeaders().set("Content-Range", "bytes */" + content.length);
        exchange.sendResponseHeaders(416, -1);
      } else if (wanted.size() == 1) {
        exchange.getResponseHeaders().set("Content-Range", contentRange(wanted.get(0)));
        send(exchange, 206, slice(wanted.get(0)));
      } else {
        exchange.getResponseHeaders().set("Content-Type", "multipart/byteranges; boundary=xyz");
        send(exchange, 206, multipart(wanted));
      }
    }
  }

  /** The body of an answer of several ranges. */
  byte[] multipart(List<long[]> wanted) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (long[] range : wanted) {
      body.write(
          ("\r\n--xyz\r\nContent-Type: application/x\r\nContent-Range: "
                  + contentRange(range)
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      body.write(slice(range));
    }
    body.write("\r\n--xyz--\r\n".getBytes(StandardCharsets.US_ASCII));
    return body.toByteArray();
  }

  private String contentRange(long[] range) {
    return "bytes " + range[0] + "-" + range[1] + "/" + content.length;
  }

  private byte[] slice(long[] range) {
    return java.util.Arrays.copyOfRange(content, (int) range[0], (int) range[1] + 1);
  }

  static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
