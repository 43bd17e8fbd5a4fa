package org.bitbeam.root.internal.remote;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import org.bitbeam.root.RemoteOptions;
import org.jspecify.annotations.Nullable;

/** Who may get the token, and what may stand in a message. */
final class Secrets {
  private static final int LONGEST_TEXT = 300;

  private Secrets() {}

  /**
   * The token if it may be sent there; else null.
   *
   * @param named host of the address that the user gave
   * @param host of the connection
   * @param isEncrypted whether nobody can listen
   */
  static @Nullable String tokenFor(
      RemoteOptions options, String named, String host, boolean isEncrypted) {
    String token = options.token();
    if (token == null || !(isEncrypted || isThisMachine(host))) {
      return null;
    }
    String lower = host.toLowerCase(Locale.ROOT);
    boolean isKnown = lower.equals(named.toLowerCase(Locale.ROOT));
    for (String other : options.tokenHosts()) {
      String wanted = other.toLowerCase(Locale.ROOT);
      isKnown |= wanted.startsWith(".") ? lower.endsWith(wanted) : lower.equals(wanted);
    }
    return isKnown ? token : null;
  }

  /** Names are not looked up: only what is a loopback address by its form. */
  static boolean isThisMachine(String host) {
    if (host.equalsIgnoreCase("localhost")) {
      return true;
    }
    if (!host.matches("127\\.[0-9.]+|\\[?::1\\]?")) {
      return false;
    }
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** An address without its query, which may hold signatures and tokens. */
  static String withoutQuery(String address) {
    int query = address.indexOf('?');
    return query < 0 ? address : address.substring(0, query) + "?...";
  }

  /** A text of a server for a message: short, on one line, without the token. */
  static String clean(String text, RemoteOptions options) {
    String token = options.token();
    String safe = token == null ? text : text.replace(token, "...");
    safe = safe.replaceAll("(?i)(authz=|bearer(%20|\\s)+)[^\\s&]+", "$1...");
    safe = safe.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return safe.length() > LONGEST_TEXT ? safe.substring(0, LONGEST_TEXT) + "..." : safe;
  }
}
