package org.bitbeam.s3;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.bitbeam.remote.RemoteFilesTest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
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
class S3Test extends RemoteFilesTest {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
  private static final String BUCKET = "phys";

  @TempDir static Path scratch;
  private static Process server;
  private static String endpoint;
  private static S3Client client;

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
  void empty() {
    client.createBucket(bucket -> bucket.bucket(BUCKET));
    keys("").forEach(this::delete);
  }

  private static List<String> keys(String prefix) {
    return client
        .listObjectsV2(request -> request.bucket(BUCKET).prefix(prefix))
        .contents()
        .stream()
        .map(S3Object::key)
        .toList();
  }

  @Override
  protected String address(String name) {
    return "s3://" + BUCKET + "/" + name;
  }

  @Override
  protected String nowhere() {
    return "s3://nowhere/in/*.root";
  }

  @Override
  protected List<String> options() {
    return List.of("--runner-option=awsRegion=us-east-1", "--runner-option=endpoint=" + endpoint);
  }

  @Override
  protected Map<String, String> environment() {
    return Map.of("AWS_ACCESS_KEY_ID", "test", "AWS_SECRET_ACCESS_KEY", "test");
  }

  @Override
  protected String module() {
    return "s3";
  }

  @Override
  protected void put(String name, byte[] content) {
    client.putObject(request -> request.bucket(BUCKET).key(name), RequestBody.fromBytes(content));
  }

  @Override
  protected byte[] get(String name) {
    return client.getObjectAsBytes(request -> request.bucket(BUCKET).key(name)).asByteArray();
  }

  @Override
  protected void delete(String name) {
    client.deleteObject(request -> request.bucket(BUCKET).key(name));
  }

  @Override
  protected List<String> names(String folder) {
    return keys(folder + "/").stream()
        .map(key -> key.substring(folder.length() + 1))
        .sorted()
        .toList();
  }
}
