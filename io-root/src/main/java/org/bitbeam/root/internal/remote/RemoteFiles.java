package org.bitbeam.root.internal.remote;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;
import org.bitbeam.root.ByteSource;
import org.bitbeam.root.RemoteOptions;

/** Opens addresses of remote files by their scheme. */
public final class RemoteFiles {
  private static final Set<String> HTTP = Set.of("http", "https");

  private RemoteFiles() {}

  /** Whether an address begins with a scheme that {@link #open} knows. */
  public static boolean isRemote(String address) {
    int colon = address.indexOf("://");
    if (colon < 0) {
      return false;
    }
    String scheme = address.substring(0, colon).toLowerCase(Locale.ROOT);
    return HTTP.contains(scheme) || XrootdAddress.SCHEMES.contains(scheme);
  }

  /**
   * Opens a remote file. With the first small read its beginning and end are fetched, for they hold
   * what opening a ROOT file needs.
   *
   * @throws IllegalArgumentException when the address is malformed
   */
  public static ByteSource open(String address, RemoteOptions options) throws IOException {
    return open(address, options, Pauses.REAL);
  }

  static ByteSource open(String address, RemoteOptions options, Pauses pauses) throws IOException {
    String scheme = address.substring(0, address.indexOf(':')).toLowerCase(Locale.ROOT);
    ByteSource source =
        HTTP.contains(scheme)
            ? HttpSource.open(httpAddress(address), options, pauses)
            : XrootdSource.open(XrootdAddress.parse(address), options, pauses);
    try {
      return BlockCache.of(source);
    } catch (Throwable e) {
      source.close();
      throw e;
    }
  }

  private static URI httpAddress(String address) {
    String shown = Secrets.withoutQuery(address);
    URI uri;
    try {
      uri = new URI(address);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          shown + ": not a web address: " + e.getReason() + "; write spaces as %20");
    }
    if (uri.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "a web address must not contain a user or password; give a token instead");
    }
    if (uri.getHost() == null) {
      throw new IllegalArgumentException(shown + ": the address names no host");
    }
    return uri;
  }
}
