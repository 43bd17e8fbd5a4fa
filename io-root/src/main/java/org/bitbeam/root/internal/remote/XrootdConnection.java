package org.bitbeam.root.internal.remote;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.time.Duration;
import java.util.Arrays;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.bitbeam.root.RemoteOptions;
import org.jspecify.annotations.Nullable;

/**
 * A connection to one server of the xrootd protocol, version 5 (specification "XRootD Protocol
 * Version 5.0.0" at xrootd.slac.stanford.edu): framing, login, waiting. One request at a time; for
 * one thread at a time. Numbers are big-endian; a request has a header of 24 bytes, an answer one
 * of 8: stream, status, length.
 *
 * <p>No answer makes it allocate more than the caller expects, and none takes longer than the
 * timeout, not counting waits that the server asks for. After an error it must be closed.
 */
final class XrootdConnection implements Closeable {
  static final int QUERY = 3001;
  static final int CLOSE = 3003;
  static final int OPEN = 3010;
  static final int READ = 3013;
  static final int STAT = 3017;
  static final int READ_VECTOR = 3025;
  private static final int AUTH = 3000;
  private static final int PROTOCOL = 3006;
  private static final int LOGIN = 3007;

  private static final int OK = 0;
  private static final int OK_SO_FAR = 4000;
  private static final int ATTENTION = 4001;
  private static final int AUTH_MORE = 4002;
  private static final int ERROR = 4003;
  private static final int REDIRECT = 4004;
  private static final int WAIT = 4005;
  private static final int WAIT_RESPONSE = 4006;

  private static final int ASYNC_ABORT = 5000;
  private static final int ASYNC_DISCONNECT = 5001;
  private static final int ASYNC_RESPONSE = 5008;

  private static final int VERSION = 0x500;
  private static final int ABLE_TLS = 0x02;
  private static final int WANT_TLS = 0x04;
  private static final int EXPECT_LOGIN = 0x03;
  private static final int GOTO_TLS = 0x40000000;
  private static final int TLS_NEEDED = 0x1f000000;
  private static final int READ_REDIRECT_OK = 0x04;
  private static final int HAS_IPV6 = 0x08;

  private static final int HEADER_BYTES = 8;
  private static final int REQUEST_BYTES = 24;
  private static final int ASYNC_HEADER_BYTES = 16;
  private static final int MESSAGE_BYTES = 8 << 10;
  private static final int SESSION_BYTES = 16;
  private static final int SEND_BUFFER = 256 << 10;
  private static final int MOST_WAITS = 100;

  private final XrootdAddress.Server server;
  private final RemoteOptions options;
  private final Pauses pauses;
  private Socket socket;
  private InputStream in;
  private boolean isEncrypted;
  private boolean usedToken;
  private int stream;
  private Duration timeout;
  private long deadline;

  /** What a server answered in the end. */
  sealed interface Answer {}

  /** The data of an answer: {@code length} bytes of {@code bytes}. */
  record Data(byte[] bytes, int length) implements Answer {
    ByteBuffer buffer() {
      return ByteBuffer.wrap(bytes, 0, length);
    }

    String text() {
      return new String(bytes, 0, length, StandardCharsets.UTF_8).replace("\0", "").strip();
    }
  }

  /**
   * Another server is to be asked.
   *
   * @param port negative when {@code target} is a whole address
   * @param target host, and after a question mark what to add to the query
   */
  record Redirect(int port, String target) implements Answer {}

  /** The same request is to be made again after a pause. */
  private record Wait(Duration pause) implements Answer {}

  /** A frame as it came. */
  private record Frame(int stream, int status, byte[] body) {}

  private XrootdConnection(
      XrootdAddress.Server server, RemoteOptions options, Pauses pauses, Socket socket)
      throws IOException {
    this.server = server;
    this.options = options;
    this.pauses = pauses;
    this.socket = socket;
    this.in = socket.getInputStream();
    this.timeout = options.timeout();
  }

  /**
   * Connects and logs in.
   *
   * @param namedHost host of the address that the user gave: it may have the token
   * @throws TransientException when another attempt may help
   */
  static XrootdConnection open(
      XrootdAddress.Server server, String namedHost, RemoteOptions options, Pauses pauses)
      throws IOException {
    Socket socket = new Socket();
    try {
      socket.setSendBufferSize(SEND_BUFFER); // holds any request, so that writing never blocks
      socket.setTcpNoDelay(true);
      InetSocketAddress to = new InetSocketAddress(server.host(), server.port());
      if (to.isUnresolved()) {
        throw new IOException(server + ": no host of this name is known");
      }
      try {
        socket.connect(to, (int) Math.min(Integer.MAX_VALUE, options.timeout().toMillis()));
      } catch (IOException e) {
        throw new TransientException("no connection to " + server + ": " + e.getMessage(), e);
      }
      XrootdConnection connection = new XrootdConnection(server, options, pauses, socket);
      socket = connection.socket;
      try {
        connection.begin(namedHost);
      } catch (Throwable e) {
        connection.close();
        throw e;
      }
      return connection;
    } catch (Throwable e) {
      socket.close();
      throw e;
    }
  }

  /** Waits for further answers only this long. */
  void hurry(Duration shorter) {
    if (shorter.compareTo(timeout) < 0) {
      timeout = shorter;
    }
  }

  /** Whether the login handed over the token. */
  boolean usedToken() {
    return usedToken;
  }

  boolean isEncrypted() {
    return isEncrypted;
  }

  // ---- login

  private void begin(String namedHost) throws IOException {
    boolean hasToken = Secrets.tokenFor(options, namedHost, server.host(), true) != null;
    boolean wantsTls = server.isSecure() || (hasToken && !Secrets.isThisMachine(server.host()));
    ByteBuffer hello = ByteBuffer.allocate(20).putInt(12, 4).putInt(16, 2012);
    startClock(timeout);
    write(hello.array());
    Frame greeting = frame(HEADER_BYTES);
    if (greeting.stream() != 0 || greeting.status() != OK || greeting.body().length != 8) {
      throw malformed("the greeting is not one of an xrootd server");
    }
    ByteBuffer params =
        params()
            .putInt(VERSION)
            .put((byte) (ABLE_TLS | (wantsTls ? WANT_TLS : 0)))
            .put((byte) EXPECT_LOGIN);
    ByteBuffer protocol = data(exchange(PROTOCOL, params, new byte[0], MESSAGE_BYTES)).buffer();
    if (protocol.remaining() < 8) {
      throw malformed("an answer of " + protocol.remaining() + " bytes about its protocol");
    }
    int flags = protocol.getInt(4);
    if ((flags & GOTO_TLS) != 0) {
      encrypt();
    } else if (server.isSecure()) {
      throw new IOException(server + " offers no TLS, which the address demands");
    }
    params =
        params()
            .putInt((int) ProcessHandle.current().pid())
            .put("bitbeam\0".getBytes(StandardCharsets.US_ASCII))
            .put((byte) 0)
            .put((byte) (READ_REDIRECT_OK | HAS_IPV6))
            .put((byte) 5);
    Data login = data(exchange(LOGIN, params, new byte[0], SESSION_BYTES + MESSAGE_BYTES));
    if (!isEncrypted && (flags & TLS_NEEDED) != 0) {
      encrypt();
    }
    if (login.length() > SESSION_BYTES) {
      String wanted =
          new String(
              login.bytes(),
              SESSION_BYTES,
              login.length() - SESSION_BYTES,
              StandardCharsets.ISO_8859_1);
      authenticate(wanted, Secrets.tokenFor(options, namedHost, server.host(), isEncrypted));
    }
  }

  /** Answers the list of security protocols that a server takes, such as {@code &P=ztn,0:4096:}. */
  private void authenticate(String wanted, @Nullable String token) throws IOException {
    byte[] credentials;
    String kind;
    if (token != null && wanted.contains("&P=ztn")) {
      byte[] text = token.getBytes(StandardCharsets.US_ASCII);
      kind = "ztn";
      credentials =
          ByteBuffer.allocate(11 + text.length)
              .put("ztn\0\0T\0\0".getBytes(StandardCharsets.US_ASCII))
              .putShort((short) (text.length + 1))
              .put(text)
              .array();
      usedToken = true;
    } else if (wanted.contains("&P=unix")) {
      kind = "unix";
      credentials = "unix\0nobody nogroup\0".getBytes(StandardCharsets.US_ASCII);
    } else {
      String kinds = wanted.replaceAll("[^&]*&P=([A-Za-z0-9]+)[^&]*", "$1 ");
      throw new AccessDeniedException(
          server.toString(),
          null,
          "the server takes only "
              + Secrets.clean(kinds, options)
              + "for authentication"
              + (wanted.contains("&P=ztn")
                  ? "; give a token for this host, and reach it over TLS"
                  : "; only tokens (ztn) and unix names are known here"));
    }
    ByteBuffer params =
        params().position(12).put(kind.getBytes(StandardCharsets.US_ASCII), 0, kind.length());
    data(exchange(AUTH, params, credentials, MESSAGE_BYTES));
  }

  private void encrypt() throws IOException {
    SSLSocketFactory factory =
        options.tls() == null
            ? (SSLSocketFactory) SSLSocketFactory.getDefault()
            : options.tls().getSocketFactory();
    try {
      SSLSocket secure =
          (SSLSocket) factory.createSocket(socket, server.host(), server.port(), true);
      SSLParameters parameters = secure.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      secure.setSSLParameters(parameters);
      secure.setSoTimeout(millisLeft());
      secure.startHandshake();
      socket = secure;
      in = secure.getInputStream();
      isEncrypted = true;
    } catch (SSLException e) {
      throw new IOException(
          server + ": no TLS: " + e.getMessage() + "; is its certificate among the trusted ones?",
          e);
    }
  }

  // ---- requests

  /** The 16 bytes of a request that depend on its kind, to be filled. */
  static ByteBuffer params() {
    return ByteBuffer.allocate(16);
  }

  /** Data where no redirect makes sense. */
  Data data(Answer answer) throws IOException {
    if (answer instanceof Data data) {
      return data;
    }
    throw malformed("a redirect where none is possible");
  }

  /**
   * Makes a request; waits and asks again when the server says so.
   *
   * @param most bytes that the answer may have
   */
  Answer exchange(int request, ByteBuffer params, byte[] payload, int most) throws IOException {
    Duration waited = Duration.ZERO;
    for (int waits = 0; ; waits++) {
      stream = stream % 0x7fff + 1;
      ByteBuffer message = ByteBuffer.allocate(REQUEST_BYTES + payload.length);
      message.putShort((short) stream).putShort((short) request).put(params.array());
      message.putInt(payload.length).put(payload);
      startClock(timeout);
      write(message.array());
      Answer answer = receive(most);
      if (!(answer instanceof Wait wait)) {
        return answer;
      }
      waited = waited.plus(wait.pause());
      checkWait(waited, waits);
      pauses.pause(wait.pause());
    }
  }

  private void checkWait(Duration waited, int waits) throws IOException {
    if (waited.compareTo(options.longestWait()) > 0 || waits >= MOST_WAITS) {
      throw new IOException(
          server
              + " asks to wait "
              + waited.toSeconds()
              + " s in "
              + (waits + 1)
              + " parts, more than the limit of "
              + options.longestWait().toSeconds()
              + " s; the file may be on tape: try later");
    }
  }

  private Answer receive(int most) throws IOException {
    byte[] bytes = new byte[0];
    int length = 0;
    while (true) {
      Frame frame = frame(most - length);
      if (frame.status() == ATTENTION) {
        Frame inner = attention(frame.body(), most - length);
        if (inner == null) {
          continue;
        }
        frame = inner;
      }
      if (frame.stream() != stream) {
        throw malformed("an answer to request " + frame.stream() + " instead of " + stream);
      }
      byte[] body = frame.body();
      switch (frame.status()) {
        case OK, OK_SO_FAR -> {
          if (length == 0) {
            bytes = body;
          } else {
            if (length + body.length > bytes.length) {
              int doubled = (int) Math.min(most, 2L * bytes.length);
              bytes = Arrays.copyOf(bytes, Math.max(doubled, length + body.length));
            }
            System.arraycopy(body, 0, bytes, length, body.length);
          }
          length += body.length;
          if (frame.status() == OK) {
            return new Data(bytes, length);
          }
        }
        case WAIT -> {
          return new Wait(Duration.ofSeconds(seconds(body)));
        }
        case WAIT_RESPONSE -> {
          Duration asked = Duration.ofSeconds(seconds(body));
          checkWait(asked, 0);
          startClock(timeout.plus(asked));
        }
        case REDIRECT -> {
          int port = number(body);
          return new Redirect(
              port, new String(body, 4, body.length - 4, StandardCharsets.UTF_8).replace("\0", ""));
        }
        case ERROR -> throw error(number(body), text(body));
        case AUTH_MORE ->
            throw new AccessDeniedException(
                server.toString(), null, "the server wants more proof than the token");
        default -> throw malformed("an answer of unknown status " + frame.status());
      }
    }
  }

  private int seconds(byte[] body) throws IOException {
    return Math.max(0, number(body));
  }

  private int number(byte[] body) throws IOException {
    if (body.length < 4) {
      throw malformed("an answer of " + body.length + " bytes, too short");
    }
    return ByteBuffer.wrap(body).getInt();
  }

  private String text(byte[] body) {
    return Secrets.clean(
        new String(body, 4, body.length - 4, StandardCharsets.UTF_8).replace("\0", ""), options);
  }

  /** What the server sends unasked: the frame inside of it, or null when it may be ignored. */
  private @Nullable Frame attention(byte[] body, int most) throws IOException {
    int action = number(body);
    if (action == ASYNC_ABORT || action == ASYNC_DISCONNECT) {
      throw new TransientException(server + " ends the session: " + text(body), null);
    }
    if (action != ASYNC_RESPONSE) {
      return null;
    }
    ByteBuffer inner = ByteBuffer.wrap(body);
    if (body.length < ASYNC_HEADER_BYTES || inner.getInt(12) != body.length - ASYNC_HEADER_BYTES) {
      throw malformed("a delayed answer of wrong length");
    }
    int status = inner.getShort(10) & 0xffff;
    if (status == ATTENTION || (isData(status) && body.length - ASYNC_HEADER_BYTES > most)) {
      throw malformed("a delayed answer longer than what was asked for");
    }
    return new Frame(
        inner.getShort(8) & 0xffff,
        status,
        Arrays.copyOfRange(body, ASYNC_HEADER_BYTES, body.length));
  }

  private static boolean isData(int status) {
    return status == OK || status == OK_SO_FAR;
  }

  /** Reads a frame whose data may have so many bytes. */
  private Frame frame(int most) throws IOException {
    ByteBuffer header = ByteBuffer.wrap(read(HEADER_BYTES));
    int status = header.getShort(2) & 0xffff;
    int length = header.getInt(4);
    int limit =
        isData(status)
            ? most
            : status == ATTENTION
                ? Math.max(most, MESSAGE_BYTES) + ASYNC_HEADER_BYTES
                : MESSAGE_BYTES;
    if (length < 0 || length > limit) {
      throw malformed("an answer of " + (length & 0xffffffffL) + " bytes, expected up to " + limit);
    }
    return new Frame(header.getShort(0) & 0xffff, status, read(length));
  }

  // ---- bytes

  private void startClock(Duration time) {
    deadline = System.nanoTime() + time.toNanos();
  }

  private int millisLeft() throws TransientException {
    long left = (deadline - System.nanoTime()) / 1_000_000;
    if (left <= 0) {
      throw new TransientException(
          server + " gave no complete answer within " + timeout.toMillis() / 1000.0 + " s", null);
    }
    return (int) Math.min(Integer.MAX_VALUE, left);
  }

  private byte[] read(int length) throws IOException {
    byte[] bytes = new byte[length];
    int done = 0;
    try {
      while (done < length) {
        socket.setSoTimeout(millisLeft());
        int some = in.read(bytes, done, length - done);
        if (some < 0) {
          throw new TransientException(server + " closed the connection", null);
        }
        done += some;
      }
    } catch (TransientException e) {
      throw e;
    } catch (SocketTimeoutException e) {
      millisLeft();
      throw new TransientException(server + " gave no answer in time", e);
    } catch (IOException e) {
      throw new TransientException("connection to " + server + " lost: " + e.getMessage(), e);
    }
    return bytes;
  }

  private void write(byte[] message) throws IOException {
    try {
      socket.getOutputStream().write(message);
    } catch (IOException e) {
      throw new TransientException("connection to " + server + " lost: " + e.getMessage(), e);
    }
  }

  private TransientException malformed(String what) {
    return new TransientException(server + " broke the protocol: " + what, null);
  }

  /** An error of the server, by its number. */
  private IOException error(int number, String text) {
    String shown = text + " (xrootd error " + number + ")";
    return switch (number) {
      case 3010, 3030 -> new AccessDeniedException(server.toString(), null, shown);
      case 3011 -> new java.nio.file.NoSuchFileException(server.toString(), null, shown);
      // File not open, I/O error, no memory, server error, no server, overloaded, timed out
      case 3004, 3007, 3008, 3012, 3014, 3024, 3034, 3035 ->
          new TransientException(server + ": " + shown, null);
      case 3028 -> new IOException(server + ": " + shown + "; use a roots:// address");
      default -> new IOException(server + ": " + shown);
    };
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
