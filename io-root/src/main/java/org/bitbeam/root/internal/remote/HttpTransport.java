package org.bitbeam.root.internal.remote;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLHandshakeException;
import org.bitbeam.root.RemoteOptions;

/**
 * Requests to a web server: bounded answers, a deadline for the whole of each, redirects followed
 * by own rules. Safe for several threads.
 *
 * <p>A redirect may lead to any host, but only from {@code http} or {@code https} to these, never
 * from {@code https} to {@code http}, and it does not take the token along to hosts that the user
 * did not name. Its target is remembered for the next requests until one fails there.
 */
final class HttpTransport {
  private static final int ERROR_BYTES = 4 << 10;
  private static final Duration LONGEST_ASKED = Duration.ofDays(1);

  private final URI address;
  private final String name;
  private final RemoteOptions options;
  private final HttpClient client;
  private volatile URI current;

  /**
   * An answer with status 200, 206 or 416.
   *
   * @param body as far as it was wanted
   */
  record Answer(int status, HttpHeaders headers, BoundedBody.Bytes body) {
    /** A header; empty when it is absent. */
    String header(String key) {
      return headers.firstValue(key).orElse("");
    }
  }

  /** How many bytes of an answer with status 200 or 206 to take. */
  interface Limit {
    int bytes(HttpResponse.ResponseInfo info);
  }

  /** A request on its way. */
  private record Sent(URI to, CompletableFuture<HttpResponse<BoundedBody.Bytes>> response) {}

  /** A request on its way, with what is needed to follow its redirects. */
  record Pending(Call call, Sent sent) {
    /** Gives up on it. */
    void cancel() {
      sent.response().cancel(true);
    }
  }

  /**
   * A request.
   *
   * @param headers beside those that all have
   */
  record Call(String method, Map<String, String> headers, Limit limit) {}

  HttpTransport(URI address, RemoteOptions options) {
    this.address = address;
    this.name = Secrets.withoutQuery(address.toString());
    this.options = options;
    this.current = address;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(options.timeout());
    if (options.tls() != null) {
      builder.sslContext(options.tls());
    }
    this.client = builder.build();
  }

  String name() {
    return name;
  }

  /** Sends a request and waits for its answer. */
  Answer send(Call call) throws IOException {
    return finish(begin(call));
  }

  /** Sends a request. */
  Pending begin(Call call) throws IOException {
    return new Pending(call, sent(call, current));
  }

  private Sent sent(Call call, URI to) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(to)
            .method(call.method(), HttpRequest.BodyPublishers.noBody())
            .timeout(options.timeout())
            .header("Accept-Encoding", "identity")
            .header("User-Agent", "BitBeam");
    call.headers().forEach(request::header);
    String token =
        Secrets.tokenFor(
            options, address.getHost(), to.getHost(), to.getScheme().equalsIgnoreCase("https"));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return new Sent(
        to,
        client.sendAsync(
            request.build(),
            info ->
                new BoundedBody(
                    info.statusCode() == 200 || info.statusCode() == 206
                        ? call.limit().bytes(info)
                        : ERROR_BYTES)));
  }

  /** Waits for an answer and follows its redirects. */
  Answer finish(Pending pending) throws IOException {
    Sent sent = pending.sent();
    boolean wasRemembered = !sent.to().equals(address);
    for (int redirects = 0; ; redirects++) {
      HttpResponse<BoundedBody.Bytes> response;
      try {
        response = await(sent);
      } catch (TransientException e) {
        current = address;
        throw e;
      }
      int status = response.statusCode();
      if (status == 301 || status == 302 || status == 303 || status == 307 || status == 308) {
        if (redirects >= options.maxRedirects()) {
          throw new IOException(
              name + ": more than " + options.maxRedirects() + " redirects, the limit");
        }
        sent = sent(pending.call(), target(sent.to(), response));
        continue;
      }
      Answer answer = new Answer(status, response.headers(), response.body());
      if (status == 200 || status == 206 || status == 416) {
        String encoding = answer.header("Content-Encoding");
        if (!encoding.isEmpty() && !encoding.equalsIgnoreCase("identity")) {
          throw new IOException(
              name + ": the server packs the file as " + Secrets.clean(encoding, options));
        }
        current = sent.to();
        return answer;
      }
      current = address;
      if (wasRemembered && status < 500) {
        throw new TransientException("HTTP " + status + " where a redirect had led before", null);
      }
      throw failure(answer);
    }
  }

  private HttpResponse<BoundedBody.Bytes> await(Sent sent) throws IOException {
    CompletableFuture<HttpResponse<BoundedBody.Bytes>> response = sent.response();
    try {
      return response.get(options.timeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      response.cancel(true);
      throw new TransientException(
          "no complete answer within " + options.timeout().toMillis() / 1000.0 + " s", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      if (isUnknownHost(cause)) {
        throw new IOException(name + ": no host " + sent.to().getHost() + " is known", cause);
      }
      if (cause instanceof SSLHandshakeException) {
        throw new IOException(
            name
                + ": no TLS with "
                + sent.to().getHost()
                + ": "
                + cause.getMessage()
                + "; is its certificate among the trusted ones, and for this host?",
            cause);
      }
      if (cause instanceof IOException) {
        throw new TransientException(described(cause), cause);
      }
      throw new IOException(name + ": " + described(cause), cause);
    } catch (InterruptedException e) {
      response.cancel(true);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(name + ": interrupted while reading");
    }
  }

  private static boolean isUnknownHost(Throwable error) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      if (e instanceof UnresolvedAddressException || e instanceof UnknownHostException) {
        return true;
      }
    }
    return false;
  }

  private String described(Throwable cause) {
    String message = cause.getMessage();
    return message == null
        ? cause.getClass().getSimpleName()
        : cause.getClass().getSimpleName() + ": " + Secrets.clean(message, options);
  }

  private URI target(URI from, HttpResponse<?> response) throws IOException {
    String location = response.headers().firstValue("Location").orElse("");
    URI to;
    try {
      to = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new IOException(name + ": a redirect to a malformed address", e);
    }
    String scheme = String.valueOf(to.getScheme()).toLowerCase(Locale.ROOT);
    boolean isAllowed =
        scheme.equals("https")
            || (scheme.equals("http") && from.getScheme().equalsIgnoreCase("http"));
    if (location.isEmpty() || !isAllowed || to.getHost() == null || to.getRawUserInfo() != null) {
      throw new IOException(
          name
              + ": refused to follow a redirect to "
              + Secrets.clean(Secrets.withoutQuery(location), options)
              + "; only http and https are followed, and https not to http");
    }
    return to;
  }

  private IOException failure(Answer answer) {
    int status = answer.status();
    String what = "HTTP " + status;
    return switch (status) {
      case 401, 403 ->
          new AccessDeniedException(
              name,
              null,
              "access denied ("
                  + what
                  + ")"
                  + (options.token() == null ? "; a token may be needed" : ""));
      case 404, 410 -> new NoSuchFileException(name, null, "no such file (" + what + ")");
      case 408, 425, 429 -> new TransientException(what, null, askedPause(answer));
      default ->
          status >= 500 && status != 501 && status != 505
              ? new TransientException(what, null, askedPause(answer))
              : new IOException(name + ": the server answers " + what);
    };
  }

  /** What {@code Retry-After} says, in seconds or as a date compared to the server's own. */
  private static Duration askedPause(Answer answer) {
    String after = answer.header("Retry-After").strip();
    if (after.matches("\\d{1,9}")) {
      return Duration.ofSeconds(Long.parseLong(after));
    }
    try {
      Duration pause =
          Duration.between(
              ZonedDateTime.parse(answer.header("Date"), DateTimeFormatter.RFC_1123_DATE_TIME),
              ZonedDateTime.parse(after, DateTimeFormatter.RFC_1123_DATE_TIME));
      return pause.isNegative() ? Duration.ZERO : shorter(pause);
    } catch (DateTimeException e) {
      return Duration.ZERO;
    }
  }

  private static Duration shorter(Duration pause) {
    return pause.compareTo(LONGEST_ASKED) > 0 ? LONGEST_ASKED : pause;
  }
}
