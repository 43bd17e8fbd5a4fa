package org.bitbeam.root.internal.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bitbeam.root.ByteSource;
import org.bitbeam.root.ByteSource.Part;
import org.bitbeam.root.RemoteOptions;
import org.junit.jupiter.api.Test;

/** Random damage to answers, and random reads of good ones. */
class HostileBytesTest {
  private static final RemoteOptions ONCE =
      RemoteOptions.DEFAULT.withPatience(Duration.ofMillis(500), 1);

  @Test
  void damagedMultipartAnswersAreRefusedOrInBounds() {
    byte[] good =
        ("\r\n--xyz\r\nContent-Range: bytes 0-9/100\r\n\r\n0123456789\r\n--xyz\r\n"
                + "Content-type: a/b\r\ncontent-range: bytes 50-52/100\r\n\r\nabc\r\n--xyz--\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    int taken = 0;
    for (int round = 0; round < 200_000; round++) {
      Random random = new Random(round);
      byte[] bytes = good.clone();
      for (int i = random.nextInt(4); i > 0; i--) {
        int at = random.nextInt(bytes.length);
        bytes[at] = random.nextBoolean() ? (byte) random.nextInt(256) : good[random.nextInt(90)];
      }
      int length = random.nextInt(3) == 0 ? random.nextInt(bytes.length + 1) : bytes.length;
      try {
        for (Multipart.Piece piece : Multipart.parse(bytes, length, "xyz")) {
          assertTrue(piece.offset() >= 0 && piece.range().length() > 0);
          assertTrue(piece.offset() + piece.range().length() <= length);
          taken++;
        }
      } catch (IOException e) {
        assertFalse(String.valueOf(e.getMessage()).isEmpty());
      }
    }
    assertTrue(taken > 1000);
  }

  @Test
  void boundariesAndRangesAreParsed() {
    assertEquals("x y", Multipart.boundary("Multipart/byteranges; boundary=\"x y\""));
    assertEquals("123456", Multipart.boundary("multipart/byteranges; charset=a; boundary=123456"));
    assertEquals(null, Multipart.boundary("application/octet-stream"));
    assertEquals(null, Multipart.boundary("multipart/byteranges; boundary="));
    assertEquals(new Multipart.ContentRange(1, 2, -1), Multipart.ContentRange.parse("Bytes 1-2/*"));
    for (String bad : List.of("", "bytes */7", "bytes 2-1/7", "bytes 1-7/7", "bytes -1-2/7")) {
      assertEquals(null, Multipart.ContentRange.parse(bad), bad);
    }
  }

  @Test
  void damagedHeadersOfWebServersEndWithAnException() throws Exception {
    byte[] content = new byte[300_000];
    try (FakeWebServer server = new FakeWebServer(content)) {
      for (int round = 0; round < 300; round++) {
        Random random = new Random(round);
        server.setHandler(
            exchange -> {
              String[] headers = {
                "Content-Range", "ETag", "Last-Modified", "Content-Type", "Retry-After", "Location"
              };
              String[] values = {
                "bytes 0-65535/300000",
                "bytes 0-0/99999999999999999",
                "bytes 9-1/2",
                "multipart/byteranges; boundary=x",
                "-5",
                "\"",
                "http://[::1",
                "/f",
                "99999999999999999999"
              };
              if (random.nextBoolean()) {
                exchange
                    .getResponseHeaders()
                    .set(headers[random.nextInt(6)], values[random.nextInt(9)]);
              }
              int[] statuses = {200, 204, 206, 206, 206, 301, 307, 416, 500, 404, 999};
              int status = statuses[random.nextInt(statuses.length)];
              byte[] body = new byte[random.nextInt(70_000)];
              boolean isEmpty = exchange.getRequestMethod().equals("HEAD") || status == 204;
              if (random.nextInt(3) == 0) {
                server.answer(exchange);
              } else {
                FakeWebServer.send(exchange, status, isEmpty ? new byte[0] : body);
              }
            });
        try (ByteSource source = RemoteFiles.open(server.address(), ONCE, pause -> {})) {
          source.readFully(0, ByteBuffer.allocate((int) Math.min(200_000, source.size())));
        } catch (IOException e) {
          assertFalse(String.valueOf(e.getMessage()).isEmpty());
        }
      }
    }
  }

  @Test
  void vectoredReadsEqualPlainReads() throws IOException {
    byte[] content = new byte[700_001];
    new Random(1).nextBytes(content);
    try (FakeWebServer web = new FakeWebServer(content);
        FakeXrootd xrootd = new FakeXrootd(content)) {
      xrootd.setLimits("17\n20000\n");
      for (String address : List.of(web.address(), xrootd.address())) {
        try (ByteSource source = ByteSource.open(address, RemoteOptions.DEFAULT)) {
          Random random = new Random(2);
          for (int round = 0; round < 60; round++) {
            List<Part> parts = new ArrayList<>();
            for (int i = random.nextInt(90); i >= 0; i--) {
              int length = random.nextInt(random.nextInt(8) == 0 ? 60_000 : 300);
              parts.add(
                  new Part(
                      random.nextInt(content.length - length + 1), ByteBuffer.allocate(length)));
            }
            source.readVectored(parts);
            for (Part part : parts) {
              int at = (int) part.position();
              assertEquals(0, part.target().remaining());
              assertEquals(
                  ByteBuffer.wrap(Arrays.copyOfRange(content, at, at + part.target().limit())),
                  part.target().flip());
            }
          }
        }
      }
    }
  }
}
