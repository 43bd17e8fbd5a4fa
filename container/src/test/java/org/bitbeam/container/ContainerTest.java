package org.bitbeam.container;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bitbeam.cli.Bitbeam;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the image will hold, run without an engine: the assembled folder, with nothing in the
 * environment.
 */
class ContainerTest {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
  private static final Path IMAGE = Path.of("target/image").toAbsolutePath();

  @TempDir Path folder;

  /** Size and time of each file. */
  private static Map<String, String> snapshot(Path place) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(place)) {
      for (Path file : all.toList()) {
        files.put(
            place.relativize(file).toString(),
            Files.size(file) + " " + Files.getLastModifiedTime(file));
      }
    }
    return files;
  }

  @Test
  void theAssembledFolderRunsAJobAndIsOnlyRead() throws Exception {
    Map<String, String> before = snapshot(IMAGE);
    assertTrue(
        before.keySet().stream().anyMatch(f -> f.startsWith("lib/bitbeam-pipelines")),
        "lib is made by ./mvnw -Pcontainer verify");
    assertTrue(before.keySet().stream().noneMatch(f -> f.endsWith(".py")));
    Path sample = IMAGE.resolve("samples/qg_sample.root");

    ProcessBuilder builder =
        new ProcessBuilder(
            IMAGE.resolve("bin/bitbeam").toString(),
            "tag",
            "--input",
            sample.toString(),
            "--output",
            folder.resolve("image").toString(),
            "--model",
            "pfn-bit",
            "--backend",
            "bit");
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/bin:/bin");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.directory(folder.toFile()).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), text);
    assertEquals(before, snapshot(IMAGE));

    System.setProperty("bitbeam.home", HOME.toString());
    StringWriter err = new StringWriter();
    int code =
        Bitbeam.run(
            new PrintWriter(new StringWriter()),
            new PrintWriter(err),
            "tag",
            "--input",
            sample.toString(),
            "--output",
            folder.resolve("here").toString(),
            "--model",
            "pfn-bit",
            "--backend",
            "bit");
    assertEquals(0, code, err.toString());
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("here/qg_sample.root")),
        Files.readAllBytes(folder.resolve("image/qg_sample.root")));
  }

  /** Nothing is run or downloaded while it is built, and the user is not root. */
  @Test
  void theContainerfileOnlyCopies() throws IOException {
    List<String> instructions = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("Containerfile"))) {
      if (!line.isBlank() && !line.startsWith("#")) {
        instructions.add(line);
      }
    }
    List<String> words = instructions.stream().map(line -> line.split(" ")[0]).toList();
    assertEquals(List.of("ARG", "FROM", "COPY", "USER", "WORKDIR", "ENTRYPOINT", "CMD"), words);
    assertTrue(instructions.get(3).matches("USER [1-9]\\d*:[1-9]\\d*"), instructions.get(3));
    String entry = new YAMLMapper().readTree(instructions.get(5).substring(11)).get(0).asText();
    assertTrue(Files.isExecutable(IMAGE.resolve(entry.substring("/opt/bitbeam/".length()))), entry);
  }

  @Test
  void theKubernetesExampleNamesWhatThereIs() throws IOException {
    Path file = Path.of("src/main/kubernetes/flink-session.yaml");
    List<JsonNode> documents = new ArrayList<>();
    YAMLMapper mapper = new YAMLMapper();
    mapper
        .readerFor(JsonNode.class)
        .<JsonNode>readValues(file.toFile())
        .forEachRemaining(documents::add);
    assertEquals(2, documents.size());
    JsonNode cluster = documents.get(0);
    String flink = System.getProperty("flink.version");
    String[] numbers = flink.split("\\.");
    assertEquals("FlinkDeployment", cluster.get("kind").asText());
    assertEquals("flink:" + flink + "-java17", cluster.at("/spec/image").asText());
    assertEquals("v" + numbers[0] + "_" + numbers[1], cluster.at("/spec/flinkVersion").asText());

    JsonNode pod = documents.get(1).at("/spec/template/spec");
    assertTrue(pod.at("/securityContext/runAsNonRoot").asBoolean());
    JsonNode container = pod.at("/containers/0");
    assertTrue(container.at("/securityContext/readOnlyRootFilesystem").asBoolean());
    String version = System.getProperty("project.version");
    assertEquals("bitbeam-flink:" + version, container.get("image").asText());
    assertTrue(Files.exists(IMAGE.resolve("lib/bitbeam-pipelines-" + version + ".jar")), version);
    // The command line takes these arguments; what it lacks here is the runner alone.
    List<String> arguments = new ArrayList<>();
    container.get("args").forEach(argument -> arguments.add(argument.asText()));
    assertEquals(
        cluster.at("/metadata/name").asText() + "-rest:8081",
        arguments.get(arguments.indexOf("--flinkMaster") + 1));
    StringWriter err = new StringWriter();
    int code =
        Bitbeam.run(
            new PrintWriter(new StringWriter()),
            new PrintWriter(err),
            arguments.toArray(String[]::new));
    assertEquals(2, code, err.toString());
    assertTrue(
        err.toString().contains("--runner flink: it is not on the class path"), err.toString());
  }
}
