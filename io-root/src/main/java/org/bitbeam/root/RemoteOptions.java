package org.bitbeam.root;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How files are read over a network ({@code http}, {@code https}, {@code root}, {@code roots}).
 *
 * @param token bearer token, sent over TLS only (or to this machine itself), and only to the host
 *     of the address and to {@code tokenHosts}; null for anonymous access
 * @param tokenHosts other hosts that may get the token when a redirect leads to them: names, or
 *     suffixes that begin with a dot such as {@code .cern.ch}
 * @param tls what certificates to trust; null for those of the JVM
 * @param timeout of one request with its answer, and of a connection
 * @param attempts how often a request is made before it counts as failed, at least 1
 * @param firstPause before the second attempt; doubled for each after it, less up to a half by
 *     chance
 * @param longestPause bound of these pauses
 * @param longestWait most time to wait in all when a server asks to ({@code Retry-After}, {@code
 *     kXR_wait}); more is an error
 * @param maxRedirects redirects followed for one request
 * @param mergeGap parts that lie closer to each other, in bytes, are fetched as one
 * @param wholeFileBytes files up to this size are read as a whole into memory from web servers that
 *     do not know byte ranges; larger ones are refused
 * @param seed of the chance in the pauses; give workers different ones
 */
public record RemoteOptions(
    @Nullable String token,
    Set<String> tokenHosts,
    @Nullable SSLContext tls,
    Duration timeout,
    int attempts,
    Duration firstPause,
    Duration longestPause,
    Duration longestWait,
    int maxRedirects,
    int mergeGap,
    int wholeFileBytes,
    long seed) {

  /**
   * Anonymous; 60 s a request, 5 attempts with pauses from 0.5 s to 15 s, 2 minutes of waiting, 10
   * redirects, gaps up to 32 KiB, whole files up to 64 MiB.
   */
  public static final RemoteOptions DEFAULT =
      new RemoteOptions(
          null,
          Set.of(),
          null,
          Duration.ofSeconds(60),
          5,
          Duration.ofMillis(500),
          Duration.ofSeconds(15),
          Duration.ofMinutes(2),
          10,
          32 << 10,
          64 << 20,
          0);

  public RemoteOptions {
    tokenHosts = Set.copyOf(tokenHosts);
    if (token != null && !token.matches("[\\x21-\\x7e]+")) {
      throw new IllegalArgumentException(
          "a token is one line of printable ASCII characters without spaces");
    }
    if (attempts < 1 || maxRedirects < 0 || mergeGap < 0 || wholeFileBytes < 0) {
      throw new IllegalArgumentException(
          "attempts must be 1 or more, limits 0 or more: " + attempts + " attempts");
    }
    for (Duration duration : List.of(timeout, firstPause, longestPause, longestWait)) {
      if (duration.isNegative() || duration.compareTo(Duration.ofDays(1)) > 0) {
        throw new IllegalArgumentException("times must be 0 to 24 hours, not " + duration);
      }
    }
    if (timeout.toMillis() < 1) {
      throw new IllegalArgumentException("the timeout must be 1 ms or more");
    }
  }

  /**
   * The defaults with the token in the file that {@code BITBEAM_TOKEN_FILE} names and the hosts in
   * {@code BITBEAM_TOKEN_HOSTS}, separated by commas.
   *
   * @param environment such as {@link System#getenv()}
   */
  public static RemoteOptions ofEnvironment(Map<String, String> environment) throws IOException {
    String file = environment.get("BITBEAM_TOKEN_FILE");
    if (file == null || file.isEmpty()) {
      return DEFAULT;
    }
    String hosts = environment.getOrDefault("BITBEAM_TOKEN_HOSTS", "");
    return DEFAULT.withToken(
        Files.readString(Path.of(file)).strip(),
        hosts.isBlank() ? Set.of() : Set.of(hosts.strip().split("\\s*,\\s*")));
  }

  /** The same with a token. */
  public RemoteOptions withToken(String newToken, Set<String> hosts) {
    return new RemoteOptions(
        newToken,
        hosts,
        tls,
        timeout,
        attempts,
        firstPause,
        longestPause,
        longestWait,
        maxRedirects,
        mergeGap,
        wholeFileBytes,
        seed);
  }

  /** The same with other certificates to trust, such as those of a grid. */
  public RemoteOptions withTls(SSLContext context) {
    return new RemoteOptions(
        token,
        tokenHosts,
        context,
        timeout,
        attempts,
        firstPause,
        longestPause,
        longestWait,
        maxRedirects,
        mergeGap,
        wholeFileBytes,
        seed);
  }

  /** The same with another timeout and number of attempts. */
  public RemoteOptions withPatience(Duration newTimeout, int newAttempts) {
    return new RemoteOptions(
        token,
        tokenHosts,
        tls,
        newTimeout,
        newAttempts,
        firstPause,
        longestPause,
        longestWait,
        maxRedirects,
        mergeGap,
        wholeFileBytes,
        seed);
  }

  /** The same with another limit of redirects; 0 to stay on the given host. */
  public RemoteOptions withMaxRedirects(int redirects) {
    return new RemoteOptions(
        token,
        tokenHosts,
        tls,
        timeout,
        attempts,
        firstPause,
        longestPause,
        longestWait,
        redirects,
        mergeGap,
        wholeFileBytes,
        seed);
  }

  /** Does not show the token. */
  @Override
  public String toString() {
    return "RemoteOptions["
        + (token == null ? "anonymous" : "with a token")
        + ", timeout "
        + timeout
        + ", "
        + attempts
        + " attempts]";
  }
}
