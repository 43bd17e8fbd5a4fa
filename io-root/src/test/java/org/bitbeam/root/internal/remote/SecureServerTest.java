package org.bitbeam.root.internal.remote;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bitbeam.root.RemoteOptions;
import org.bitbeam.root.RootFile;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real xrootd server that asks for TLS, tokens or names. */
class SecureServerTest {
  private static final Path FILE =
      Path.of("src", "test", "resources", "written", "ntuple_clusters.root");
  private static final String NAME = FILE.getFileName().toString();
  private static final RemoteOptions QUICK =
      RemoteOptions.DEFAULT.withPatience(Duration.ofSeconds(20), 2);

  @TempDir Path folder;
  private final Map<String, byte[]> secrets = new HashMap<>();
  private Certificates certificates;
  private List<String> expected;

  @BeforeEach
  void start() throws Exception {
    certificates = Certificates.make(folder);
    try (RootFile local = RootFile.open(FILE)) {
      expected = RealServerTest.checksums(local);
    }
  }

  private XrootdServer server(String... lines) throws Exception {
    List<String> all = new java.util.ArrayList<>(List.of(lines));
    all.add("xrd.tls @folder@/cert.pem @folder@/key.pem");
    all.add("xrd.tlsca noverify");
    secrets.put("cert.pem", certificates.certificate());
    secrets.put("key.pem", certificates.key());
    String issuers = "[Issuer here]\nissuer = " + TokenIssuer.ADDRESS + "\nbase_path = /data\n";
    secrets.put("issuers.cfg", issuers.getBytes(US_ASCII));
    return XrootdServer.start(List.of(FILE), secrets, all.toArray(new String[0]));
  }

  private void reads(String address, RemoteOptions options) throws IOException {
    try (RootFile remote = RootFile.open(address, options)) {
      assertEquals(expected, RealServerTest.checksums(remote));
    }
  }

  @Test
  void filesAreReadOverTls() throws Exception {
    try (XrootdServer server = server("xrootd.tls capable none")) {
      reads(server.securedRootAddress(NAME), QUICK.withTls(certificates.context()));
      reads(server.rootAddress(NAME), QUICK);
      IOException e =
          assertThrows(
              IOException.class, () -> RootFile.open(server.securedRootAddress(NAME), QUICK));
      assertTrue(e.getMessage().contains("among the trusted"), e.getMessage());
    }
    for (String demand : List.of("login", "session", "all")) {
      try (XrootdServer server = server("xrootd.tls " + demand)) {
        reads(server.rootAddress(NAME), QUICK.withTls(certificates.context()));
      }
    }
  }

  /**
   * The server verifies tokens with the SciTokens library, as grid sites do; the key of their
   * issuer lies in its cache.
   */
  @Test
  void onlyGoodTokensLetOneIn() throws Exception {
    Assumptions.assumeTrue(
        XrootdServer.hasLibrary("libXrdAccSciTokens-5.so"),
        "skipped: apt-get install xrootd-scitokens-plugins");
    String token =
        "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2xvY2FsaG9zdCJ9.c2lnbmF0dXJl";
    TokenIssuer issuer = new TokenIssuer();
    secrets.put("cache/scitokens/scitokens_cpp.sqllite", issuer.keyCache());
    try (XrootdServer server =
        server(
            "xrootd.tls all",
            "xrootd.seclib libXrdSec.so",
            "sec.protocol ztn",
            "ofs.authorize 1",
            "ofs.authlib libXrdAccSciTokens.so config=@folder@/issuers.cfg")) {
      RemoteOptions options = QUICK.withTls(certificates.context());
      Instant later = Instant.now().plusSeconds(600);
      String good = issuer.token("/", later);
      reads(server.securedRootAddress(NAME), options.withToken(good, Set.of()));
      assertFalse(server.log().contains(good));
      for (String wrong :
          List.of(
              new TokenIssuer().token("/", later), // signed by somebody else
              issuer.token("/", Instant.now().minusSeconds(600)), // expired
              issuer.token("/elsewhere", later))) {
        AccessDeniedException denied =
            assertThrows(
                AccessDeniedException.class,
                () ->
                    RootFile.open(
                        server.securedRootAddress(NAME), options.withToken(wrong, Set.of())));
        assertFalse(denied.getMessage().contains(wrong));
      }
      AccessDeniedException refused =
          assertThrows(
              AccessDeniedException.class,
              () ->
                  RootFile.open(
                      server.securedRootAddress(NAME), options.withToken(token, Set.of())));
      assertTrue(refused.getMessage().contains("token verification failed"), refused.getMessage());
      assertFalse(refused.getMessage().contains(token));
      AccessDeniedException e =
          assertThrows(
              AccessDeniedException.class,
              () -> RootFile.open(server.securedRootAddress(NAME), options));
      assertTrue(e.getMessage().contains("give a token"), e.getMessage());
      assertFalse(server.log().contains(token));
    }
  }

  @Test
  void unixNamesLogIn() throws Exception {
    try (XrootdServer server = server("xrootd.seclib libXrdSec.so", "sec.protocol unix")) {
      reads(server.rootAddress(NAME), QUICK);
    }
  }
}
