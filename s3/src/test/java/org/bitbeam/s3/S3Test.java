package org.bitbeam.s3;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bitbeam.cli.Bitbeam;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * The main job with inputs and outputs on an S3 server: moto's, on loopback. {@code
 * -Dbitbeam.moto=FILE} names its {@code moto_server}; without one the tests are skipped.
 */
class S3Test {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
  private static final Path SAMPLE = HOME.resolve("samples/qg_sample.root");
  private static final String BUCKET = "phys";

  @TempDir static Path scratch;
  private static Process server;
  private static String endpoint;
  private static S3Client client;

  @TempDir Path folder;

  @BeforeAll
  static void start() throws Exception {
    Path moto =
        Path.of(
            System.getProperty(
                "bitbeam.moto", HOME.resolve("target/ci/moto/bin/moto_server").toString()));
    assumeTrue(
        Files.isExecutable(moto),
        "no S3 server: python3 -m venv target/ci/moto && target/ci/moto/bin/pip install"
            + " 'moto[server,s3]', or -Dbitbeam.moto=.../moto_server");
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    server =
        new ProcessBuilder(moto.toString(), "-H", "127.0.0.1", "-p", Integer.toString(port))
            .redirectErrorStream(true)
            .redirectOutput(scratch.resolve("moto.log").toFile())
            .start();
    awaitPort(port);
    endpoint = "http://127.0.0.1:" + port;
    System.setProperty("aws.accessKeyId", "test");
    System.setProperty("aws.secretAccessKey", "test");
    client =
        S3Client.builder()
            .endpointOverride(URI.create(endpoint))
            .region(Region.US_EAST_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
            .build();
  }

  private static void awaitPort(int port) throws Exception {
    for (int i = 0; i < 600; i++) {
      assertTrue(server.isAlive(), () -> "moto ended, see " + scratch.resolve("moto.log"));
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
        return;
      } catch (IOException e) {
        Thread.sleep(100);
      }
    }
    throw new AssertionError("moto does not listen on port " + port);
  }

  @AfterAll
  static void stop() throws Exception {
    if (client != null) {
      client.close();
    }
    if (server != null) {
      server.destroy();
      assertTrue(server.waitFor(30, TimeUnit.SECONDS));
    }
  }

  @BeforeEach
  void fill() {
    client.createBucket(bucket -> bucket.bucket(BUCKET));
    names("").forEach(key -> client.deleteObject(request -> request.bucket(BUCKET).key(key)));
  }

  private static void put(String key, byte[] content) {
    client.putObject(request -> request.bucket(BUCKET).key(key), RequestBody.fromBytes(content));
  }

  private static byte[] get(String key) {
    return client.getObjectAsBytes(request -> request.bucket(BUCKET).key(key)).asByteArray();
  }

  private static List<String> names(String prefix) {
    return client
        .listObjectsV2(request -> request.bucket(BUCKET).prefix(prefix))
        .contents()
        .stream()
        .map(S3Object::key)
        .toList();
  }

  private record Run(int code, String out, String err) {}

  private static Run tag(String input, String output, String... more) {
    System.setProperty("bitbeam.home", HOME.toString());
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "tag",
                "--input",
                input,
                "--output",
                output,
                "--model",
                "pfn-bit",
                "--no-report",
                "--runner-option",
                "awsRegion=us-east-1",
                "--runner-option",
                "endpoint=" + endpoint));
    arguments.addAll(Arrays.asList(more));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Bitbeam.run(new PrintWriter(out), new PrintWriter(err), arguments.toArray(String[]::new));
    return new Run(code, out.toString(), err.toString());
  }

  @Test
  void outputsHaveTheBytesOfLocalOnesAndAreNotMadeAgain() throws IOException {
    byte[] input = Files.readAllBytes(SAMPLE);
    Path local = Files.createDirectory(folder.resolve("in"));
    for (String name : List.of("a.root", "b.root")) {
      put("in/" + name, input);
      Files.write(local.resolve(name), input);
    }
    for (String mode : List.of("friend", "enriched")) {
      Run here = tag(local + "/*.root", folder.resolve(mode).toString(), "--mode", mode);
      assertEquals(0, here.code(), here.err());
      Run there = tag("s3://phys/in/*.root", "s3://phys/" + mode, "--mode", mode);
      assertEquals(0, there.code(), there.err());
      for (String name : List.of("a.root", "b.root")) {
        assertArrayEquals(
            Files.readAllBytes(folder.resolve(mode).resolve(name)), get(mode + "/" + name));
      }
      assertEquals(
          List.of("a.root", "b.root", "ledger.jsonl", "summary.json"),
          names(mode + "/").stream()
              .map(key -> key.substring(mode.length() + 1))
              .filter(key -> !key.startsWith(".bitbeam/"))
              .toList());
      assertEquals(List.of(), names(mode + "/.bitbeam/claims"));
    }
    Run again = tag("s3://phys/in/*.root", "s3://phys/friend");
    assertEquals(0, again.code(), again.err());
    assertEquals(2, again.out().lines().filter(line -> line.startsWith("complete before")).count());
    assertEquals("2", new String(get(attempts()), java.nio.charset.StandardCharsets.UTF_8).strip());
  }

  private static String attempts() {
    return names("friend/.bitbeam/attempts-").get(0);
  }

  @Test
  void anotherJobIsRefusedAndLeftoversAreSwept() throws IOException {
    put("in/a.root", Files.readAllBytes(SAMPLE));
    put(
        "out/.bitbeam/claims/other",
        "process 7, yesterday".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    put("out/.bitbeam-parts/old/x/0-10.part", new byte[] {1});
    put("out/.a.root.tmp", new byte[] {1});
    Run refused = tag("s3://phys/in/a.root", "s3://phys/out");
    assertEquals(1, refused.code());
    assertTrue(refused.err().contains("another job writes to this folder (process 7, yesterday)"));
    assertTrue(refused.err().contains("delete s3://phys/out/.bitbeam/claims/other"));
    // Nothing was touched, and no claim of the refused job stays.
    assertEquals(3, names("out/").size(), names("out/").toString());

    client.deleteObject(r -> r.bucket(BUCKET).key("out/.bitbeam/claims/other"));
    Run run = tag("s3://phys/in/a.root", "s3://phys/out");
    assertEquals(0, run.code(), run.err());
    assertTrue(run.out().contains("deleted 2 files that a killed job had left"), run.out());
    assertTrue(
        names("out/").stream().noneMatch(key -> key.endsWith(".tmp") || key.endsWith(".part")),
        names("out/").toString());
  }

  @Test
  void aBadFileBecomesADeadLetter() throws IOException {
    byte[] input = Files.readAllBytes(SAMPLE);
    put("in/bad.root", Arrays.copyOf(input, input.length / 2));
    put("in/good.root", input);
    Run run = tag("s3://phys/in/*.root", "s3://phys/out", "--max-bad-files", "1");
    assertEquals(0, run.code(), run.err());
    assertTrue(names("out/").contains("out/good.root"));
    assertTrue(names("out/").contains("out/deadletter/bad.root.jsonl"), names("out/").toString());
    // Mended, the same command completes it.
    put("in/bad.root", input);
    Run mended = tag("s3://phys/in/*.root", "s3://phys/out", "--max-bad-files", "1");
    assertEquals(0, mended.code(), mended.err());
    Path local = folder.resolve("bad.root");
    Files.write(local, input);
    assertEquals(0, tag(local.toString(), folder.resolve("here").toString()).code());
    assertArrayEquals(Files.readAllBytes(folder.resolve("here/bad.root")), get("out/bad.root"));
    assertEquals(List.of(), names("out/deadletter"));
  }

  private static Run run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Bitbeam.run(new PrintWriter(out), new PrintWriter(err), arguments);
    return new Run(code, out.toString(), err.toString());
  }

  @Test
  void badFilesAreRetriedAndAllIsReported() throws IOException {
    byte[] input = Files.readAllBytes(SAMPLE);
    put("in/bad.root", Arrays.copyOf(input, input.length / 2));
    put("in/good.root", input);
    Run tag = tag("s3://phys/in/*.root", "s3://phys/out", "--max-bad-files", "1");
    assertEquals(0, tag.code(), tag.err());
    String region = "--runner-option=awsRegion=us-east-1";
    String server = "--runner-option=endpoint=" + endpoint;

    Run report = run("report", "s3://phys/out/", region, server);
    assertEquals(0, report.code(), report.err());
    assertEquals("wrote s3://phys/out/report.html", report.out().strip());
    String page = new String(get("out/report.html"), java.nio.charset.StandardCharsets.UTF_8);
    assertTrue(page.contains("bad.root"));
    // The scores come from the output, the truth from the input.
    assertTrue(page.contains("ROC"), "no comparison with the truth");
    assertFalse(page.contains("could not be looked into"), "an output or input was not read");

    Run still = run("retry", "s3://phys/out", region, server);
    assertEquals(0, still.code(), still.err());
    assertTrue(still.out().contains("no output for s3://phys/in/bad.root"), still.out());
    put("in/bad.root", input);
    Run retry = run("retry", "s3://phys/out", region, server, "--json");
    assertEquals(0, retry.code(), retry.err());
    assertTrue(retry.out().contains("\"entries\" : 2000"), "only the bad one: " + retry.out());
    Path local = folder.resolve("bad.root");
    Files.write(local, input);
    assertEquals(0, tag(local.toString(), folder.resolve("here").toString()).code());
    assertArrayEquals(Files.readAllBytes(folder.resolve("here/bad.root")), get("out/bad.root"));
    Run nothing = run("retry", "s3://phys/out", region, server);
    assertTrue(nothing.out().contains("nothing to retry"), nothing.out());
    assertEquals(1, run("retry", "s3://phys/in", region, server).code());
    assertEquals(1, run("report", "s3://phys/in", region, server).code());
  }

  @Test
  void aMissingBucketIsNamed() {
    Run run = tag("s3://nowhere/in/*.root", "s3://phys/out");
    assertEquals(1, run.code());
    assertTrue(run.err().contains("s3://nowhere/in/*.root"), run.err());
  }
}
