package org.bitbeam.root.internal.remote;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An address of the xrootd protocol.
 *
 * @param isSecure whether TLS is demanded ({@code roots})
 * @param host name or number; IPv6 numbers without brackets
 * @param path on the server, absolute
 * @param query what follows a question mark, without it; opaque to the client
 */
record XrootdAddress(boolean isSecure, String host, int port, String path, String query) {
  static final Set<String> SCHEMES = Set.of("root", "xroot", "roots", "xroots");
  private static final int DEFAULT_PORT = 1094;
  private static final int LONGEST_PATH = 4096;
  private static final Pattern FORM =
      Pattern.compile(
          "(x?roots?)://(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+)(?::(\\d{1,5}))?/([^?]*)(?:\\?(.*))?",
          Pattern.CASE_INSENSITIVE);

  /**
   * Parses such as {@code root://host:1094//data/file.root?svcClass=x}. One slash before the path
   * means the same as two.
   *
   * @throws IllegalArgumentException when it has another form
   */
  static XrootdAddress parse(String address) {
    Matcher m = FORM.matcher(address);
    boolean fits = m.matches() && !m.group(4).isEmpty() && address.length() <= LONGEST_PATH;
    int port = fits && m.group(3) != null ? Integer.parseInt(m.group(3)) : DEFAULT_PORT;
    if (!fits
        || port < 1
        || port > 0xffff
        || address.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
      throw new IllegalArgumentException(
          Secrets.withoutQuery(address.replaceAll("//[^/]*@", "//...@"))
              + ": not an address of the form root://host[:port]//path (no user, no spaces)");
    }
    String path = m.group(4);
    return new XrootdAddress(
        isSecure(m.group(1)),
        m.group(2).replaceAll("[\\[\\]]", ""),
        port,
        path.startsWith("/") ? path : "/" + path,
        m.group(5) == null ? "" : m.group(5));
  }

  private static boolean isSecure(String scheme) {
    return scheme.toLowerCase(Locale.ROOT).endsWith("s");
  }

  /** Where a server is. */
  record Server(boolean isSecure, String host, int port) {
    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  Server server() {
    return new Server(isSecure, host, port);
  }

  /** For messages: without the query. */
  String name() {
    return (isSecure ? "roots://" : "root://")
        + (host.contains(":") ? "[" + host + "]" : host)
        + ":"
        + port
        + "/"
        + path
        + (query.isEmpty() ? "" : "?...");
  }
}
