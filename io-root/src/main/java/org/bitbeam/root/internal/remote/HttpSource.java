package org.bitbeam.root.internal.remote;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.bitbeam.root.ByteSource;
import org.bitbeam.root.RemoteOptions;
import org.jspecify.annotations.Nullable;

/**
 * A file on a web server, read by byte ranges (RFC 9110 section 14). Several ranges go into one
 * request while the server answers such requests; else they are asked for one by one, four at a
 * time. Small files of servers that do not know ranges are read as a whole. A file that changes
 * after it was opened is refused. Safe for several threads.
 */
final class HttpSource implements ByteSource {
  private static final int FIRST_BYTES = BlockCache.BLOCK_BYTES;
  private static final int LONGEST_SPAN = 8 << 20;
  private static final long REQUEST_BYTES = 16 << 20;
  private static final int MOST_RANGES = 64;
  private static final int PARALLEL = 4;
  private static final int PART_HEADER_BYTES = 1024;

  private final HttpTransport transport;
  private final RemoteOptions options;
  private final Retry retry;
  private final Opened opened;
  private volatile boolean answersSeveralRanges = true;
  private volatile boolean knowsIfRange = true;

  /**
   * What was found when the file was opened.
   *
   * @param first bytes from the beginning; all of them when the server does not know ranges
   * @param etag and lastModified empty when the server does not say them
   */
  private record Opened(long size, byte[] first, String etag, String lastModified) {}

  private HttpSource(HttpTransport transport, RemoteOptions options, Retry retry, Opened opened) {
    this.transport = transport;
    this.options = options;
    this.retry = retry;
    this.opened = opened;
  }

  static HttpSource open(URI address, RemoteOptions options, Pauses pauses) throws IOException {
    HttpTransport transport = new HttpTransport(address, options);
    Retry retry = new Retry(transport.name(), options, pauses);
    return new HttpSource(
        transport, options, retry, retry.call(() -> look(transport, options.wholeFileBytes())));
  }

  /**
   * Asks for the length, then for the first bytes. Asking for more bytes than there are would save
   * the first request, but xrootd 5.5 breaks off such an answer.
   */
  private static Opened look(HttpTransport transport, int wholeFileBytes) throws IOException {
    long announced = announcedLength(transport);
    if (announced == 0) {
      return new Opened(0, new byte[0], "", "");
    }
    int wanted = announced < 0 ? FIRST_BYTES : (int) Math.min(FIRST_BYTES, announced);
    HttpTransport.Answer answer =
        transport.send(
            new HttpTransport.Call(
                "GET",
                Map.of("Range", "bytes=0-" + (wanted - 1)),
                info -> info.statusCode() == 206 ? wanted : wholeLimit(info, wholeFileBytes)));
    BoundedBody.Bytes body = answer.body();
    if (answer.status() == 416) {
      if (answer.header("Content-Range").strip().equals("bytes */0")) {
        return new Opened(0, new byte[0], "", "");
      }
      throw new IOException(transport.name() + ": the server refuses bytes from the beginning on");
    }
    byte[] first = Arrays.copyOf(body.array(), body.length());
    if (answer.status() == 200) {
      if (body.isCut()) {
        throw new IOException(
            transport.name()
                + ": the server does not know byte ranges, and the file has more than "
                + wholeFileBytes
                + " bytes; download it first");
      }
      if (announced >= 0 && announced != first.length) {
        throw new TransientException(first.length + " bytes instead of " + announced, null);
      }
      return new Opened(first.length, first, "", "");
    }
    Multipart.ContentRange range = Multipart.ContentRange.parse(answer.header("Content-Range"));
    if (range == null || range.first() != 0 || range.length() != first.length || body.isCut()) {
      throw new TransientException("the first bytes are not what the answer says", null);
    }
    long size = range.total() >= 0 ? range.total() : announced;
    if (size < 0) {
      throw new IOException(
          transport.name() + ": the server does not say how long the file is; download it first");
    }
    if ((announced >= 0 && size != announced) || first.length != Math.min(FIRST_BYTES, size)) {
      throw new TransientException(
          first.length + " first bytes of " + size + ", of " + announced + " announced", null);
    }
    return new Opened(size, first, answer.header("ETag"), answer.header("Last-Modified"));
  }

  /** The length that the server says when it is not asked for any bytes; -1 when it does not. */
  private static long announcedLength(HttpTransport transport) throws IOException {
    try {
      HttpTransport.Answer answer =
          transport.send(new HttpTransport.Call("HEAD", Map.of(), info -> 0));
      String length = answer.header("Content-Length").strip();
      return answer.status() == 200 && length.matches("\\d{1,18}") ? Long.parseLong(length) : -1;
    } catch (TransientException | NoSuchFileException e) {
      throw e;
    } catch (IOException e) {
      return -1; // signed addresses often allow nothing but GET, which will say what is wrong
    }
  }

  private static int wholeLimit(ResponseInfo info, int wholeFileBytes) {
    long announced = info.headers().firstValueAsLong("Content-Length").orElse(0);
    return announced > wholeFileBytes ? 0 : wholeFileBytes;
  }

  @Override
  public String name() {
    return transport.name();
  }

  @Override
  public long size() {
    return opened.size();
  }

  @Override
  public void readFully(long position, ByteBuffer target) throws IOException {
    readVectored(List.of(new Part(position, target)));
  }

  @Override
  public void readVectored(List<Part> parts) throws IOException {
    List<Span> missing = new ArrayList<>();
    for (Span span : Span.of(name(), parts, opened.size(), options.mergeGap(), LONGEST_SPAN)) {
      if (span.end() <= opened.first().length) {
        span.deliver(opened.first(), (int) span.position());
      } else {
        missing.add(span);
      }
    }
    for (List<Span> batch : Span.batches(missing, MOST_RANGES, REQUEST_BYTES)) {
      List<Span> left = batch;
      if (batch.size() > 1 && answersSeveralRanges) {
        left = retry.call(() -> readSeveral(batch));
        answersSeveralRanges = left.isEmpty();
      }
      for (List<Span> few : Span.batches(left, PARALLEL, REQUEST_BYTES)) {
        readEach(few);
      }
    }
  }

  // ---- single ranges

  /** Sends a request for each at once, then takes one answer after the other. */
  private void readEach(List<Span> spans) throws IOException {
    Deque<HttpTransport.Pending> pending = new ArrayDeque<>();
    try {
      for (Span span : spans) {
        pending.add(transport.begin(call(span)));
      }
      for (Span span : spans) {
        AtomicReference<HttpTransport.@Nullable Pending> first =
            new AtomicReference<>(pending.remove());
        retry.call(
            () -> {
              HttpTransport.Pending sent = first.getAndSet(null);
              take(span, transport.finish(sent == null ? transport.begin(call(span)) : sent));
              return span;
            });
      }
    } finally {
      pending.forEach(HttpTransport.Pending::cancel);
    }
  }

  private HttpTransport.Call call(Span span) {
    return new HttpTransport.Call(
        "GET",
        headers("bytes=" + range(span)),
        info -> info.statusCode() == 206 ? span.length() : 0);
  }

  private static String range(Span span) {
    return span.position() + "-" + (span.end() - 1);
  }

  private Map<String, String> headers(String ranges) {
    Map<String, String> headers = new HashMap<>();
    headers.put("Range", ranges);
    String validator = opened.etag().startsWith("\"") ? opened.etag() : opened.lastModified();
    if (knowsIfRange && !validator.isEmpty()) {
      headers.put("If-Range", validator);
    }
    return headers;
  }

  private void take(Span span, HttpTransport.Answer answer) throws IOException {
    checkUnchanged(answer);
    if (answer.status() == 200) {
      if (!knowsIfRange) {
        throw new IOException(name() + ": the server does not answer byte ranges any more");
      }
      knowsIfRange = false;
      throw new TransientException("the whole file instead of a range", null);
    }
    Multipart.ContentRange range = Multipart.ContentRange.parse(answer.header("Content-Range"));
    if (range == null) {
      throw new TransientException("an answer without a valid Content-Range", null);
    }
    checkSize(range.total());
    if (range.first() != span.position() || range.last() != span.end() - 1) {
      throw new TransientException(
          "bytes "
              + range.first()
              + "-"
              + range.last()
              + " instead of "
              + span.position()
              + "-"
              + (span.end() - 1),
          null);
    }
    if (answer.body().isCut() || answer.body().length() != span.length()) {
      throw new TransientException(
          (answer.body().isCut() ? "more than " : "")
              + answer.body().length()
              + " bytes instead of "
              + span.length(),
          null);
    }
    span.deliver(answer.body().array(), 0);
  }

  // ---- several ranges

  /** Asks for all at once; returns those that the answer lacks. */
  private List<Span> readSeveral(List<Span> spans) throws IOException {
    long bytes = spans.stream().mapToLong(Span::length).sum();
    int most = (int) (bytes + (spans.size() + 1L) * PART_HEADER_BYTES);
    HttpTransport.Answer answer =
        transport.send(
            new HttpTransport.Call(
                "GET",
                headers(
                    "bytes="
                        + spans.stream().map(HttpSource::range).collect(Collectors.joining(","))),
                info -> info.statusCode() == 206 ? most : 0));
    checkUnchanged(answer);
    if (answer.status() == 200 || answer.body().isCut()) {
      return spans;
    }
    BoundedBody.Bytes body = answer.body();
    List<Multipart.Piece> pieces = pieces(answer);
    List<Span> left = new ArrayList<>(spans);
    for (Multipart.Piece piece : pieces) {
      Multipart.ContentRange range = piece.range();
      checkSize(range.total());
      left.removeIf(
          span -> {
            boolean isIn = range.first() <= span.position() && span.end() - 1 <= range.last();
            if (isIn) {
              span.deliver(body.array(), piece.offset() + (int) (span.position() - range.first()));
            }
            return isIn;
          });
    }
    return left;
  }

  /** The parts of an answer; none when it is malformed. */
  private static List<Multipart.Piece> pieces(HttpTransport.Answer answer) {
    BoundedBody.Bytes body = answer.body();
    String boundary = Multipart.boundary(answer.header("Content-Type"));
    if (boundary != null) {
      try {
        return Multipart.parse(body.array(), body.length(), boundary);
      } catch (IOException e) {
        return List.of(); // single ranges will show what is wrong, or work
      }
    }
    Multipart.ContentRange range = Multipart.ContentRange.parse(answer.header("Content-Range"));
    return range == null || range.length() != body.length()
        ? List.of()
        : List.of(new Multipart.Piece(range, 0));
  }

  // ---- changes

  private void checkUnchanged(HttpTransport.Answer answer) throws IOException {
    if (answer.status() == 416) {
      throw changed("it became shorter");
    }
    String etag = answer.header("ETag");
    String modified = answer.header("Last-Modified");
    if (!etag.isEmpty() && !opened.etag().isEmpty()) {
      if (!etag.equals(opened.etag())) {
        throw changed("its ETag differs");
      }
    } else if (!modified.isEmpty()
        && !opened.lastModified().isEmpty()
        && !modified.equals(opened.lastModified())) {
      throw changed("its time of modification differs");
    }
    long length = answer.headers().firstValueAsLong("Content-Length").orElse(-1);
    if (answer.status() == 200 && length >= 0) {
      checkSize(length);
    }
  }

  private void checkSize(long size) throws IOException {
    if (size >= 0 && size != opened.size()) {
      throw changed("it has " + size + " bytes now, " + opened.size() + " before");
    }
  }

  private IOException changed(String how) {
    return new IOException(
        name() + ": the file changed on the server while it was read: " + how + "; open it again");
  }

  @Override
  public boolean isRemote() {
    return true;
  }

  @Override
  public void close() {}
}
