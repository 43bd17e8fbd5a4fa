package org.bitbeam.root.internal.remote;

import static org.bitbeam.root.internal.remote.FakeXrootd.number;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.bitbeam.root.ByteSource;
import org.bitbeam.root.ByteSource.Part;
import org.bitbeam.root.RemoteOptions;
import org.bitbeam.root.RootFile;
import org.bitbeam.root.RootFormatException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Servers of the xrootd protocol that redirect, delay, split, fail and lie. */
class XrootdFaultsTest {
  private static final RemoteOptions QUICK =
      RemoteOptions.DEFAULT.withPatience(Duration.ofMillis(700), 3);
  private static final String TOKEN = "abc.def-secret";

  private final byte[] content = new byte[2_000_000];
  private final List<Duration> pauses = new CopyOnWriteArrayList<>();
  private FakeXrootd server;

  @BeforeEach
  void start() throws IOException {
    new Random(6).nextBytes(content);
    server = new FakeXrootd(content);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private ByteSource open(RemoteOptions options) throws IOException {
    return RemoteFiles.open(server.address(), options, pauses::add);
  }

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
    readOneAndCheck(source);
  }

  private void readOneAndCheck(ByteSource source) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(100_000);
    source.readFully(1_000_000, one);
    assertEquals(ByteBuffer.wrap(content, 1_000_000, 100_000), one.flip());
  }

  private IOException fails(ByteSource source) {
    return assertThrows(
        IOException.class, () -> source.readFully(1_000_000, ByteBuffer.allocate(100_000)));
  }

  @Test
  void openingAndReadingTakeFewRequests() throws IOException {
    try (ByteSource source = open(QUICK)) {
      // protocol, login, open, limits; beginning and end with the first small read
      assertEquals(4, server.requests().size());
      source.readFully(0, ByteBuffer.allocate(100));
      assertEquals(5, server.requests().size());
      readAndCheck(source);
      assertEquals(7, server.requests().size());
      assertEquals(2, server.count(FakeXrootd.READV));
    }
    assertEquals("/data/f.root", server.requests().get(2).text());
    assertEquals(List.of(), pauses);
  }

  @Test
  void limitsOfTheServerAreKept() throws IOException {
    server.setLimits("3\n5000\n");
    try (ByteSource source = open(QUICK)) {
      readAndCheck(source);
      for (FakeXrootd.Request request : server.requests()) {
        if (request.kind() == FakeXrootd.READV) {
          assertTrue(request.payload().length <= 3 * 16);
          for (int at = 0; at < request.payload().length; at += 16) {
            assertTrue(ByteBuffer.wrap(request.payload()).getInt(at + 4) <= 5000);
          }
        }
      }
    }
    server.requests().clear();
    server.setLimits("0\n0\n");
    try (ByteSource source = open(QUICK)) {
      readAndCheck(source);
      assertEquals(0, server.count(FakeXrootd.READV));
    }
    server.next(
        FakeXrootd.QUERY,
        (r, peer) -> peer.send(r.stream(), FakeXrootd.ERROR, number(3013, "what?\0")));
    try (ByteSource source = open(QUICK)) {
      readAndCheck(source);
    }
  }

  @Test
  void partialAnswersAreJoined() throws IOException {
    FakeXrootd.Script inPieces =
        (r, peer) -> {
          byte[] body = server.body(r);
          for (int at = 0; at < body.length; at += 30_011) {
            int end = Math.min(body.length, at + 30_011);
            peer.send(r.stream(), FakeXrootd.OK_SO_FAR, Arrays.copyOfRange(body, at, end));
          }
          peer.send(r.stream(), FakeXrootd.OK, new byte[0]);
        };
    FakeXrootd.Script shortRead =
        (r, peer) -> peer.send(r.stream(), FakeXrootd.OK, Arrays.copyOf(server.body(r), 33_333));
    try (ByteSource source = open(QUICK)) {
      server.next(FakeXrootd.READ, inPieces, shortRead);
      server.next(FakeXrootd.READV, inPieces);
      readAndCheck(source);
      readOneAndCheck(source);
    }
    assertEquals(List.of(), pauses);
  }

  @Test
  void waitsAndDelayedAnswersAreHeeded() throws IOException {
    FakeXrootd.Script delayed =
        (r, peer) -> {
          byte[] body = server.body(r);
          peer.send(r.stream(), FakeXrootd.WAIT_RESPONSE, number(5, ""));
          peer.send(0, FakeXrootd.ATTENTION, number(5002, "a message for all"));
          ByteBuffer inner = ByteBuffer.allocate(16 + body.length);
          inner.putInt(5008).putInt(0).putShort((short) r.stream()).putShort((short) 0);
          peer.send(r.stream(), FakeXrootd.ATTENTION, inner.putInt(body.length).put(body).array());
        };
    FakeXrootd.Script wait =
        (r, peer) -> peer.send(r.stream(), FakeXrootd.WAIT, number(17, "staging\0"));
    server.next(FakeXrootd.OPEN, wait);
    try (ByteSource source = open(QUICK)) {
      assertEquals(List.of(Duration.ofSeconds(17)), pauses);
      server.next(FakeXrootd.READ, delayed, wait, delayed);
      server.next(FakeXrootd.READV, delayed);
      readAndCheck(source);
      readOneAndCheck(source);
      assertEquals(2, pauses.size());
      server.next(
          FakeXrootd.READ,
          (r, peer) -> peer.send(r.stream(), FakeXrootd.WAIT, number(100_000, "tape\0")));
      assertTrue(fails(source).getMessage().contains("asks to wait 100000 s"));
      for (int i = 0; i < 200; i++) {
        server.next(
            FakeXrootd.READ, (r, peer) -> peer.send(r.stream(), FakeXrootd.WAIT, number(0, "")));
      }
      assertTrue(fails(source).getMessage().contains("asks to wait"));
    }
  }

  @Test
  void redirectsAreFollowedWithinLimits() throws IOException {
    try (FakeXrootd data = new FakeXrootd(content)) {
      server.next(
          FakeXrootd.OPEN,
          (r, peer) ->
              peer.send(
                  r.stream(), FakeXrootd.REDIRECT, number(data.port(), "127.0.0.1?cap=x&tried=y")));
      try (ByteSource source = open(QUICK)) {
        readAndCheck(source);
        assertEquals(0, server.count(FakeXrootd.READ) + server.count(FakeXrootd.READV));
        assertEquals("/data/f.root?cap=x&tried=y", opened(data));
        // The data server goes away: the address itself is asked again.
        data.next(FakeXrootd.READ, (r, peer) -> peer.hangUp());
        readOneAndCheck(source);
        assertEquals(1, server.count(FakeXrootd.READ));
        // Redirected in the middle.
        server.next(
            FakeXrootd.READ,
            (r, peer) ->
                peer.send(r.stream(), FakeXrootd.REDIRECT, number(data.port(), "127.0.0.1")));
        readOneAndCheck(source);
        assertEquals(3, data.count(FakeXrootd.READ));
      }
      server.next(
          FakeXrootd.OPEN,
          (r, peer) ->
              peer.send(
                  r.stream(),
                  FakeXrootd.REDIRECT,
                  number(-1, "root://127.0.0.1:" + data.port() + "//other/path")));
      try (ByteSource source = open(QUICK)) {
        assertEquals("/other/path", opened(data));
        readOneAndCheck(source);
      }
    }
    for (int i = 0; i < 40; i++) {
      server.next(
          FakeXrootd.OPEN,
          (r, peer) ->
              peer.send(r.stream(), FakeXrootd.REDIRECT, number(server.port(), "127.0.0.1")));
    }
    assertTrue(
        assertThrows(IOException.class, () -> open(QUICK)).getMessage().contains("10 redirects"));
    server.forget();
    for (String target : List.of("file:///etc/passwd", "http://127.0.0.1/x", "gopher://x/y")) {
      server.next(
          FakeXrootd.OPEN,
          (r, peer) -> peer.send(r.stream(), FakeXrootd.REDIRECT, number(-1, target)));
      IOException e = assertThrows(IOException.class, () -> open(QUICK));
      assertTrue(e.getMessage().contains("refused to follow"), e.getMessage());
    }
    for (String target : List.of("", "a b", "x/y", "h?\nq", "@")) {
      server.next(
          FakeXrootd.OPEN,
          (r, peer) -> peer.send(r.stream(), FakeXrootd.REDIRECT, number(1094, target)));
      IOException e = assertThrows(IOException.class, () -> open(QUICK));
      assertTrue(e.getMessage().contains("malformed"), e.getMessage());
    }
  }

  private static String opened(FakeXrootd server) {
    List<FakeXrootd.Request> opens =
        server.requests().stream().filter(r -> r.kind() == FakeXrootd.OPEN).toList();
    return opens.get(opens.size() - 1).text();
  }

  @Test
  void errorsBecomeExceptions() throws IOException {
    server.next(FakeXrootd.OPEN, error(3011, "no such file\0"));
    NoSuchFileException missing = assertThrows(NoSuchFileException.class, () -> open(QUICK));
    assertTrue(missing.getMessage().contains("//data/f.root: no such file"));
    server.next(FakeXrootd.OPEN, error(3010, "not you\0"));
    assertThrows(AccessDeniedException.class, () -> open(QUICK));
    server.next(FakeXrootd.OPEN, error(3028, "encrypt\0"));
    assertTrue(
        assertThrows(IOException.class, () -> open(QUICK)).getMessage().contains("roots://"));
    server.next(FakeXrootd.OPEN, error(3005, "odd\u0007\n text\0"));
    IOException odd = assertThrows(IOException.class, () -> open(QUICK));
    assertTrue(odd.getMessage().endsWith("odd text (xrootd error 3005)"), odd.getMessage());
    assertEquals(List.of(), pauses);
    try (ByteSource source = open(QUICK)) {
      server.next(FakeXrootd.READ, error(3024, "busy"), error(3007, "disk"));
      readOneAndCheck(source);
      assertEquals(2, pauses.size());
      server.next(FakeXrootd.READ, error(3024, "busy"), error(3024, "busy"), error(3024, "busy"));
      IOException e = fails(source);
      assertTrue(e.getMessage().contains("busy (xrootd error 3024); 3 attempts"), e.getMessage());
    }
  }

  private static FakeXrootd.Script error(int number, String text) {
    return (r, peer) -> peer.send(r.stream(), FakeXrootd.ERROR, number(number, text));
  }

  @Test
  void brokenAnswersAreRetriedThenSaid() throws IOException {
    List<FakeXrootd.Script> faults =
        List.of(
            (r, peer) -> peer.hangUp(),
            (r, peer) -> peer.send(r.stream(), FakeXrootd.OK, Integer.MAX_VALUE, new byte[10]),
            (r, peer) -> peer.send(r.stream(), FakeXrootd.OK, -1, new byte[10]),
            (r, peer) -> peer.send(r.stream(), FakeXrootd.OK, new byte[100_001]),
            (r, peer) -> {
              peer.send(r.stream(), FakeXrootd.OK_SO_FAR, new byte[60_000]);
              peer.send(r.stream(), FakeXrootd.OK_SO_FAR, new byte[60_000]);
            },
            (r, peer) -> peer.send(r.stream() + 1, FakeXrootd.OK, server.body(r)),
            (r, peer) -> peer.send(r.stream(), 4711, new byte[10]),
            (r, peer) -> peer.send(r.stream(), FakeXrootd.ERROR, new byte[2]),
            (r, peer) -> peer.send(r.stream(), FakeXrootd.WAIT, new byte[0]),
            (r, peer) -> peer.send(r.stream(), FakeXrootd.ATTENTION, number(5000, "abort")),
            (r, peer) -> peer.send(r.stream(), FakeXrootd.ATTENTION, number(5008, "short")),
            (r, peer) -> peer.send(r.stream(), FakeXrootd.OK, 100_000, new byte[500]),
            (r, peer) -> {}, // never answers
            (r, peer) -> {
              for (int i = 0; i < 40; i++) { // too slow
                peer.raw(new byte[] {0});
                sleep(50);
              }
            },
            (r, peer) -> {
              try {
                while (true) {
                  peer.send(0, FakeXrootd.ATTENTION, number(5002, "chatter"));
                }
              } catch (IOException e) {
                peer.hangUp();
              }
            });
    for (FakeXrootd.Script fault : faults) {
      try (ByteSource source = open(QUICK.withPatience(Duration.ofMillis(400), 2))) {
        server.next(FakeXrootd.READ, fault);
        readOneAndCheck(source);
        server.next(FakeXrootd.READ, fault, fault);
        IOException e = fails(source);
        assertTrue(e.getMessage().endsWith("2 attempts failed"), e.getMessage());
        readOneAndCheck(source);
      }
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
  void vectoredAnswersThatDoNotFitAreRefused() throws IOException {
    FakeXrootd.Script wrongOffset =
        (r, peer) -> {
          byte[] body = server.body(r);
          body[15]++;
          peer.send(r.stream(), FakeXrootd.OK, body);
        };
    FakeXrootd.Script wrongLength =
        (r, peer) -> {
          byte[] body = server.body(r);
          body[4] = 0x7f;
          peer.send(r.stream(), FakeXrootd.OK, body);
        };
    FakeXrootd.Script tooShort =
        (r, peer) -> {
          byte[] body = server.body(r);
          peer.send(r.stream(), FakeXrootd.OK, Arrays.copyOf(body, body.length - 1));
        };
    for (FakeXrootd.Script fault : List.of(wrongOffset, wrongLength, tooShort)) {
      try (ByteSource source = open(QUICK)) {
        server.next(FakeXrootd.READV, fault);
        readAndCheck(source);
        server.next(FakeXrootd.READV, fault, fault, fault);
        IOException e = assertThrows(IOException.class, () -> readAndCheck(source));
        assertTrue(e.getMessage().contains("3 attempts failed"), e.getMessage());
      }
    }
  }

  @Test
  void aFileThatChangesIsRefused() throws IOException {
    try (ByteSource source = open(QUICK)) {
      server.setModified(1_800_000_000);
      readOneAndCheck(source);
      server.next(FakeXrootd.READ, (r, peer) -> peer.hangUp());
      assertTrue(fails(source).getMessage().contains("changed on the server"));
    }
    try (ByteSource source = open(QUICK)) {
      server.setContent(new byte[5]);
      server.next(FakeXrootd.READ, (r, peer) -> peer.send(r.stream(), 0, new byte[0]));
      assertTrue(fails(source).getMessage().contains("ends at byte 1000000"));
      assertTrue(fails(source).getMessage().contains("changed on the server"));
    }
  }

  @Test
  void statIsAskedForWhenOpenDoesNotSayIt() throws IOException {
    server.next(
        FakeXrootd.OPEN, (r, peer) -> peer.send(r.stream(), 0, Arrays.copyOf(server.body(r), 4)));
    try (ByteSource source = open(QUICK)) {
      assertEquals(content.length, source.size());
      assertEquals(1, server.count(FakeXrootd.STAT));
    }
    for (String stat : List.of("1 -5 0 0", "1 99999999999999999999 0 0", "", "1 2 3", "x")) {
      server.next(
          FakeXrootd.OPEN, (r, peer) -> peer.send(r.stream(), 0, Arrays.copyOf(server.body(r), 4)));
      server.next(
          FakeXrootd.STAT,
          (r, peer) -> peer.send(r.stream(), 0, stat.getBytes(StandardCharsets.US_ASCII)));
      assertThrows(IOException.class, () -> open(QUICK.withPatience(Duration.ofMillis(500), 1)));
    }
    server.next(
        FakeXrootd.OPEN,
        (r, peer) ->
            peer.send(r.stream(), 0, ("handle345678" + "1 4096 19 0").getBytes("US-ASCII")));
    assertTrue(
        assertThrows(IOException.class, () -> open(QUICK)).getMessage().endsWith("directory"));
  }

  @Test
  void tokensAreGivenWhereTheyMay() throws IOException {
    RemoteOptions options = QUICK.withToken(TOKEN, Set.of());
    try (ByteSource source = open(options)) {
      assertEquals("/data/f.root?authz=Bearer%20" + TOKEN, opened(server));
      assertFalse(source.name().contains(TOKEN));
    }
    server.setLogin("&P=gsi,v:1,c:x&P=ztn,TLS:0:4096:");
    try (ByteSource source = open(options)) {
      assertEquals("/data/f.root", opened(server));
      FakeXrootd.Request auth =
          server.requests().stream().filter(r -> r.kind() == FakeXrootd.AUTH).findFirst().get();
      assertEquals("ztn\0", new String(auth.params(), 12, 4, StandardCharsets.US_ASCII));
      assertEquals("ztn\0\0T\0\0\0\17" + TOKEN + "\0", auth.text());
      readOneAndCheck(source);
    }
    AccessDeniedException e = assertThrows(AccessDeniedException.class, () -> open(QUICK));
    assertTrue(e.getMessage().contains("gsi ztn"), e.getMessage());
    assertTrue(e.getMessage().contains("give a token"), e.getMessage());
    server.setLogin("&P=unix&P=ztn,0:1:");
    try (ByteSource source = open(QUICK)) {
      readOneAndCheck(source);
    }
    server.setLogin("");
    // An error that repeats the path does not show the token.
    server.next(FakeXrootd.OPEN, (r, peer) -> error(3005, r.text()).answer(r, peer));
    String message = assertThrows(IOException.class, () -> open(options)).getMessage();
    assertFalse(message.contains(TOKEN), message);
    try (FakeXrootd data = new FakeXrootd(content)) {
      server.next(
          FakeXrootd.OPEN,
          (r, peer) ->
              peer.send(r.stream(), FakeXrootd.REDIRECT, number(data.port(), "localhost")));
      try (ByteSource source = open(options)) {
        assertEquals("/data/f.root", opened(data), "localhost is not 127.0.0.1");
        readOneAndCheck(source);
      }
    }
  }

  @Test
  void securityThatTheServerLacksIsMissed() {
    String address = server.address().replace("root://", "roots://");
    IOException e = assertThrows(IOException.class, () -> RootFile.open(address, QUICK));
    assertTrue(e.getMessage().contains("no TLS"), e.getMessage());
  }

  @Test
  void addressesAreChecked() {
    for (String bad :
        List.of(
            "root://",
            "root://host",
            "root://host/",
            "root://user:pw@host//x",
            "root://host:0//x",
            "root://host:99999//x",
            "root://ho st//x",
            "root://host//a\nb")) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> XrootdAddress.parse(bad), bad);
      assertFalse(e.getMessage().contains("pw"));
    }
    XrootdAddress address = XrootdAddress.parse("XROOTS://[::1]:77/data/f?a=b");
    assertEquals(new XrootdAddress(true, "::1", 77, "/data/f", "a=b"), address);
    assertEquals("roots://[::1]:77//data/f?...", address.name());
    assertEquals(1094, XrootdAddress.parse("root://h//f").port());
  }

  /** Bytes of a hostile server in place of any answer. */
  @Test
  void anyBytesEndWithAnException() throws Exception {
    int[] kinds = {
      FakeXrootd.PROTOCOL,
      FakeXrootd.LOGIN,
      FakeXrootd.OPEN,
      FakeXrootd.QUERY,
      FakeXrootd.READ,
      FakeXrootd.READV
    };
    RemoteOptions once = QUICK.withPatience(Duration.ofMillis(100), 1);
    int rounds = Integer.getInteger("bitbeam.fuzz.remote", 400);
    for (int round = 0; round < rounds; round++) {
      Random random = new Random(round);
      int kind = kinds[random.nextInt(kinds.length)];
      server.forget();
      server.next(
          kind,
          (r, peer) -> {
            byte[] body = server.body(r);
            ByteBuffer frame = ByteBuffer.allocate(8 + body.length);
            frame.putShort((short) r.stream()).putShort((short) 0).putInt(body.length).put(body);
            byte[] bytes = frame.array();
            int changes = 1 + random.nextInt(4);
            for (int i = 0; i < changes; i++) {
              bytes[random.nextInt(Math.min(bytes.length, 40))] = (byte) random.nextInt(256);
            }
            if (random.nextInt(3) == 0) {
              bytes[2] = 0x0f;
              bytes[3] = (byte) (0xa0 + random.nextInt(7));
            }
            peer.raw(Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length)));
            if (random.nextInt(4) != 0) {
              peer.hangUp();
            }
          });
      try (ByteSource source = open(once)) {
        readAndCheckLength(source);
      } catch (IOException | RootFormatException e) {
        assertFalse(String.valueOf(e.getMessage()).isEmpty());
      }
    }
  }

  private void readAndCheckLength(ByteSource source) throws IOException {
    source.readVectored(
        List.of(
            new Part(200_000, ByteBuffer.allocate(10_000)),
            new Part(500_000, ByteBuffer.allocate(10_000))));
    source.readFully(700_000, ByteBuffer.allocate(50_000));
  }
}
