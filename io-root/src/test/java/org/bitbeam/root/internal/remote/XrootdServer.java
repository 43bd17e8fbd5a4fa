package org.bitbeam.root.internal.remote;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A real xrootd server on loopback, which speaks its own protocol and HTTP. Needs the Debian
 * packages xrootd-server and xrootd-plugins.
 */
final class XrootdServer implements AutoCloseable {
  private final Process process;
  private final Path folder;
  private final int port;
  private final int webPort;

  private XrootdServer(Process process, Path folder, int port, int webPort) {
    this.process = process;
    this.folder = folder;
    this.port = port;
    this.webPort = webPort;
  }

  /** Whether the binary is installed. */
  static boolean isInstalled() {
    return Stream.of(System.getenv("PATH").split(":"))
        .anyMatch(p -> Files.isExecutable(Path.of(p, "xrootd")));
  }

  /** Whether a plugin is installed. */
  static boolean hasLibrary(String name) throws IOException {
    try (Stream<Path> folders = Files.walk(Path.of("/usr/lib"), 1)) {
      return folders.anyMatch(folder -> Files.exists(folder.resolve(name)));
    }
  }

  /**
   * Serves a copy of these files under {@code /data}; skips the test, saying so, without a binary.
   *
   * @param more lines of the configuration; {@code @folder@} in them becomes the server's folder
   */
  static XrootdServer start(List<Path> files, String... more) throws Exception {
    return start(files, Map.of(), more);
  }

  /** The same with secret files in the server's folder. */
  static XrootdServer start(List<Path> files, Map<String, byte[]> secrets, String... more)
      throws Exception {
    Assumptions.assumeTrue(
        isInstalled(),
        "skipped: there is no xrootd here; apt-get install xrootd-server xrootd-plugins");
    Path folder = Files.createTempDirectory("bitbeam-xrootd");
    open(folder);
    for (String name :
        List.of("root", "root/data", "admin", "run", "log", "cache", "cache/scitokens")) {
      open(Files.createDirectory(folder.resolve(name)));
    }
    for (Path file : files) {
      Path copy = Files.copy(file, folder.resolve("root/data").resolve(file.getFileName()));
      Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-r--r--"));
    }
    boolean isRoot = "root".equals(System.getProperty("user.name"));
    for (Map.Entry<String, byte[]> secret : secrets.entrySet()) {
      Path path = Files.write(folder.resolve(secret.getKey()), secret.getValue());
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("r--------"));
      if (isRoot) {
        Files.setOwner(
            path,
            path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
      }
    }
    int port = freePort();
    int webPort = freePort();
    List<String> lines =
        new ArrayList<>(
            List.of(
                "all.export /data",
                "oss.localroot " + folder.resolve("root"),
                "xrd.port " + port,
                "xrd.network nodnr",
                "all.adminpath " + folder.resolve("admin"),
                "all.pidpath " + folder.resolve("run"),
                "xrd.protocol http:" + webPort + " libXrdHttp.so"));
    for (String line : more) {
      lines.add(line.replace("@folder@", folder.toString()));
    }
    Path config = Files.write(folder.resolve("xrootd.cfg"), lines);
    List<String> command =
        new ArrayList<>(List.of("xrootd", "-c", config.toString(), "-I", "v4", "-n", "test"));
    if (isRoot) {
      command.addAll(List.of("-R", "nobody"));
    }
    Path log = folder.resolve("log/out.log");
    ProcessBuilder server =
        new ProcessBuilder(command)
            .directory(folder.resolve("run").toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    server.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
    Process process = server.start();
    for (int i = 0; i < 300; i++) {
      if (answers(port) && answers(webPort)) {
        return new XrootdServer(process, folder, port, webPort);
      }
      if (!process.isAlive()) {
        break;
      }
      Thread.sleep(100);
    }
    process.destroyForcibly().waitFor();
    throw new IllegalStateException("xrootd did not start: " + Files.readString(log));
  }

  private static void open(Path folder) throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  private static boolean answers(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  String rootAddress(String file) {
    return "root://localhost:" + port + "//data/" + file;
  }

  String securedRootAddress(String file) {
    return rootAddress(file).replace("root://", "roots://");
  }

  String webAddress(String file) {
    return "http://localhost:" + webPort + "/data/" + file;
  }

  Path stored(String file) {
    return folder.resolve("root/data").resolve(file);
  }

  String log() throws IOException {
    return Files.readString(folder.resolve("log/out.log"));
  }

  @Override
  public void close() throws IOException, InterruptedException {
    process.destroy();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
