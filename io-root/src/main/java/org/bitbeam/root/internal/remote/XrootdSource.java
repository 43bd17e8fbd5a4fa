package org.bitbeam.root.internal.remote;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.root.ByteSource;
import org.bitbeam.root.RemoteOptions;
import org.bitbeam.root.internal.remote.XrootdConnection.Answer;
import org.bitbeam.root.internal.remote.XrootdConnection.Data;
import org.bitbeam.root.internal.remote.XrootdConnection.Redirect;
import org.jspecify.annotations.Nullable;

/**
 * A file on xrootd servers. Redirects are followed; a lost connection is made anew, from the
 * address on, and the file must then have the size and time of modification that it had. Threads
 * take turns.
 */
final class XrootdSource implements ByteSource {
  private static final int READ_ONLY = 0x0010;
  private static final int RETURN_STAT = 0x0400;
  private static final int QUERY_CONFIG = 7;
  private static final int HANDLE_BYTES = 4;
  private static final int ELEMENT_BYTES = 16;
  private static final int MOST_ELEMENTS = 1024;
  private static final int LONGEST_ELEMENT = (2 << 20) - ELEMENT_BYTES;
  private static final int SHORTEST_ELEMENT = 4 << 10;
  private static final long REQUEST_BYTES = 16 << 20;
  private static final int TEXT_BYTES = 4 << 10;
  private static final int LONGEST_QUERY = 4 << 10;
  private static final int DIRECTORY = 2;
  private static final Duration CLOSING_TIME = Duration.ofSeconds(2);

  private final XrootdAddress address;
  private final RemoteOptions options;
  private final Pauses pauses;
  private final Retry retry;
  private final Object lock = new Object();
  private volatile Stat stat = new Stat(-1, -1);
  private volatile int longestElement = LONGEST_ELEMENT;
  private @Nullable Session session;
  private @Nullable XrootdAddress redirected;

  /** Size and time of modification, in seconds. */
  private record Stat(long size, long modified) {}

  /**
   * The file, opened.
   *
   * @param handle its number there
   * @param elements of a vectored read, at most; 0 when the server knows no vectored reads
   * @param elementBytes of one of them, at most
   */
  private record Session(
      XrootdConnection connection, byte[] handle, Stat stat, int elements, int elementBytes) {}

  private XrootdSource(XrootdAddress address, RemoteOptions options, Pauses pauses) {
    this.address = address;
    this.options = options;
    this.pauses = pauses;
    this.retry = new Retry(address.name(), options, pauses);
  }

  static XrootdSource open(XrootdAddress address, RemoteOptions options, Pauses pauses)
      throws IOException {
    XrootdSource source = new XrootdSource(address, options, pauses);
    source.retry.call(
        () -> {
          synchronized (source.lock) {
            Session opened = source.session();
            source.stat = opened.stat();
            source.longestElement = opened.elementBytes();
            return opened;
          }
        });
    return source;
  }

  // ---- sessions

  /** The open session, or a new one. Needs the lock, as all below. */
  private Session session() throws IOException {
    Session now = session;
    if (now == null) {
      now = connect();
      session = now;
    }
    return now;
  }

  private void drop() {
    if (session != null) {
      try {
        session.connection().close();
      } catch (IOException e) {
        // it is given up anyway
      }
      session = null;
    }
  }

  private Session connect() throws IOException {
    XrootdAddress at = redirected == null ? address : redirected;
    redirected = null;
    for (int redirects = 0; ; redirects++) {
      XrootdConnection connection = named(at);
      try {
        Answer answer = openFile(connection, at);
        if (answer instanceof Data opened) {
          return opened(connection, opened);
        }
        if (redirects >= options.maxRedirects()) {
          throw new IOException(
              address.name() + ": more than " + options.maxRedirects() + " redirects, the limit");
        }
        at = target(at, (Redirect) answer);
        connection.close();
      } catch (AccessDeniedException e) {
        connection.close();
        throw new AccessDeniedException(address.name(), null, e.getReason());
      } catch (NoSuchFileException e) {
        connection.close();
        throw new NoSuchFileException(address.name(), null, e.getReason());
      } catch (Throwable e) {
        connection.close();
        throw e;
      }
    }
  }

  private XrootdConnection named(XrootdAddress at) throws IOException {
    try {
      return XrootdConnection.open(at.server(), address.host(), options, pauses);
    } catch (AccessDeniedException e) {
      throw new AccessDeniedException(address.name(), null, e.getMessage());
    }
  }

  private Answer openFile(XrootdConnection connection, XrootdAddress at) throws IOException {
    String query = at.query();
    String token = Secrets.tokenFor(options, address.host(), at.host(), connection.isEncrypted());
    if (token != null && !connection.usedToken()) {
      query += (query.isEmpty() ? "" : "&") + "authz=Bearer%20" + token;
    }
    String path = query.isEmpty() ? at.path() : at.path() + "?" + query;
    ByteBuffer params =
        XrootdConnection.params().putShort((short) 0).putShort((short) (READ_ONLY | RETURN_STAT));
    return connection.exchange(
        XrootdConnection.OPEN, params, path.getBytes(StandardCharsets.UTF_8), TEXT_BYTES);
  }

  private Session opened(XrootdConnection connection, Data answer) throws IOException {
    if (answer.length() < HANDLE_BYTES) {
      throw new TransientException("the server gave no handle of the file", null);
    }
    byte[] handle = Arrays.copyOf(answer.bytes(), HANDLE_BYTES);
    String text;
    if (answer.length() > 3 * HANDLE_BYTES) {
      text =
          new String(
              answer.bytes(),
              3 * HANDLE_BYTES,
              answer.length() - 3 * HANDLE_BYTES,
              StandardCharsets.US_ASCII);
    } else {
      ByteBuffer params = XrootdConnection.params().position(12).put(handle);
      text =
          connection
              .data(connection.exchange(XrootdConnection.STAT, params, new byte[0], TEXT_BYTES))
              .text();
    }
    Stat found = stat(text);
    if (stat.size() >= 0 && !stat.equals(found)) {
      throw new IOException(
          address.name()
              + ": the file changed on the server while it was read: it has "
              + found.size()
              + " bytes now, "
              + stat.size()
              + " before, or another time of modification; open it again");
    }
    int[] limits = limits(connection);
    return new Session(connection, handle, found, limits[0], limits[1]);
  }

  /** What a server says about a file: id, size, flags, time, separated by spaces. */
  private Stat stat(String text) throws IOException {
    String[] words = text.replace("\0", "").strip().split("\\s+");
    if (words.length < 4
        || !words[1].matches("\\d{1,18}")
        || !words[2].matches("\\d{1,9}")
        || !words[3].matches("-?\\d{1,18}")) {
      throw new TransientException("the server does not say how long the file is", null);
    }
    if ((Integer.parseInt(words[2]) & DIRECTORY) != 0) {
      throw new IOException(address.name() + ": is a directory");
    }
    return new Stat(Long.parseLong(words[1]), Long.parseLong(words[3]));
  }

  /** Most elements of a vectored read, and most bytes of one. */
  private static int[] limits(XrootdConnection connection) throws IOException {
    ByteBuffer params = XrootdConnection.params().putShort((short) QUERY_CONFIG);
    byte[] names = "readv_iov_max readv_ior_max".getBytes(StandardCharsets.US_ASCII);
    String[] lines;
    try {
      lines =
          connection
              .data(connection.exchange(XrootdConnection.QUERY, params, names, TEXT_BYTES))
              .text()
              .split("\\s+");
    } catch (TransientException e) {
      throw e;
    } catch (IOException e) {
      lines = new String[0]; // old servers do not know the question
    }
    int elements = limit(lines, 0, MOST_ELEMENTS);
    int bytes = limit(lines, 1, LONGEST_ELEMENT);
    return bytes < SHORTEST_ELEMENT ? new int[] {0, LONGEST_ELEMENT} : new int[] {elements, bytes};
  }

  private static int limit(String[] lines, int index, int most) {
    return index < lines.length && lines[index].matches("\\d{1,9}")
        ? Math.min(most, Integer.parseInt(lines[index]))
        : most;
  }

  private XrootdAddress target(XrootdAddress from, Redirect redirect) throws IOException {
    String target = redirect.target();
    int question = target.indexOf('?');
    String host = question < 0 ? target : target.substring(0, question);
    String shown = Secrets.clean(host, options) + ":" + redirect.port();
    try {
      if (redirect.port() < 0) {
        if (!RemoteFiles.isRemote(target) || target.startsWith("http")) {
          throw new IOException(
              address.name()
                  + ": refused to follow a redirect to "
                  + Secrets.clean(host, options)
                  + "; only root and roots addresses are followed");
        }
        XrootdAddress other = XrootdAddress.parse(target);
        return new XrootdAddress(
            from.isSecure() || other.isSecure(),
            other.host(),
            other.port(),
            other.path(),
            merged(address.query(), other.query()));
      }
      if (!host.matches("\\[?[A-Za-z0-9._:-]+\\]?")) {
        throw new IllegalArgumentException("a host of odd characters");
      }
      XrootdAddress other =
          XrootdAddress.parse(
              "root://"
                  + (host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host)
                  + ":"
                  + redirect.port()
                  + "/"
                  + from.path());
      String added = question < 0 ? "" : target.substring(question + 1);
      return new XrootdAddress(
          from.isSecure(), other.host(), other.port(), from.path(), merged(address.query(), added));
    } catch (IllegalArgumentException e) {
      throw new IOException(address.name() + ": a redirect to a malformed address, " + shown, e);
    }
  }

  /** Both queries; where they have the same key, that of the redirect. */
  private String merged(String own, String added) throws IOException {
    Map<String, String> parts = new LinkedHashMap<>();
    for (String part : (own + "&" + added).split("[&?]+")) {
      if (!part.isEmpty()) {
        parts.put(part.replaceAll("=.*", ""), part);
      }
    }
    String query = String.join("&", parts.values());
    if (query.length() > LONGEST_QUERY || query.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
      throw new IOException(address.name() + ": a redirect with a malformed query");
    }
    return query;
  }

  // ---- reading

  @Override
  public String name() {
    return address.name();
  }

  @Override
  public long size() {
    return stat.size();
  }

  @Override
  public void readFully(long position, ByteBuffer target) throws IOException {
    readVectored(List.of(new Part(position, target)));
  }

  @Override
  public void readVectored(List<Part> parts) throws IOException {
    List<Span> spans = Span.of(name(), parts, stat.size(), options.mergeGap(), longestElement);
    for (List<Span> batch : Span.batches(spans, MOST_ELEMENTS, REQUEST_BYTES)) {
      retry.call(
          () -> {
            synchronized (lock) {
              fetch(batch);
              return batch;
            }
          });
    }
  }

  private void fetch(List<Span> spans) throws IOException {
    Session now = session();
    try {
      boolean fits =
          spans.size() <= now.elements()
              && spans.stream().allMatch(s -> s.length() <= now.elementBytes());
      if (spans.size() > 1 && fits) {
        fetchSeveral(now, spans);
      } else {
        for (Span span : spans) {
          fetchOne(now, span);
        }
      }
    } catch (IOException | RuntimeException e) {
      drop(); // the answers of this session may be out of step
      throw e;
    }
  }

  private void fetchOne(Session now, Span span) throws IOException {
    byte[] bytes = new byte[span.length()];
    for (int done = 0; done < bytes.length; ) {
      ByteBuffer params =
          XrootdConnection.params()
              .put(now.handle())
              .putLong(span.position() + done)
              .putInt(bytes.length - done);
      Data data = ask(now, XrootdConnection.READ, params, new byte[0], bytes.length - done);
      if (data.length() == 0) {
        throw new EOFException(
            name() + ": the file ends at byte " + (span.position() + done) + " on the server");
      }
      System.arraycopy(data.bytes(), 0, bytes, done, data.length());
      done += data.length();
    }
    span.deliver(bytes, 0);
  }

  private void fetchSeveral(Session now, List<Span> spans) throws IOException {
    ByteBuffer wanted = ByteBuffer.allocate(ELEMENT_BYTES * spans.size());
    int most = 0;
    for (Span span : spans) {
      wanted.put(now.handle()).putInt(span.length()).putLong(span.position());
      most += ELEMENT_BYTES + span.length();
    }
    Data data =
        ask(now, XrootdConnection.READ_VECTOR, XrootdConnection.params(), wanted.array(), most);
    ByteBuffer in = data.buffer();
    for (Span span : spans) {
      if (in.remaining() < ELEMENT_BYTES + span.length()) {
        throw new TransientException("a vectored read was answered with too few bytes", null);
      }
      in.getInt(); // the handle
      int length = in.getInt();
      long position = in.getLong();
      if (length != span.length() || position != span.position()) {
        throw new TransientException(
            "a vectored read was answered with "
                + length
                + " bytes at "
                + position
                + " instead of "
                + span.length()
                + " at "
                + span.position(),
            null);
      }
      span.deliver(data.bytes(), in.position());
      in.position(in.position() + length);
    }
  }

  private Data ask(Session now, int request, ByteBuffer params, byte[] payload, int most)
      throws IOException {
    Answer answer = now.connection().exchange(request, params, payload, most);
    if (answer instanceof Redirect redirect) {
      redirected = target(address, redirect);
      throw new TransientException("redirected while reading", null);
    }
    return (Data) answer;
  }

  @Override
  public boolean isRemote() {
    return true;
  }

  @Override
  public void close() throws IOException {
    synchronized (lock) {
      if (session != null) {
        try {
          session.connection().hurry(CLOSING_TIME);
          ByteBuffer params = XrootdConnection.params().put(session.handle());
          session.connection().exchange(XrootdConnection.CLOSE, params, new byte[0], TEXT_BYTES);
        } catch (IOException e) {
          // the server closes files of connections that end
        } finally {
          drop();
        }
      }
    }
  }
}
