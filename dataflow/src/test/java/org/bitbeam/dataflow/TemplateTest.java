package org.bitbeam.dataflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.ZipFile;
import org.apache.beam.model.pipeline.v1.RunnerApi;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.Combine;
import org.apache.beam.sdk.values.PCollection;
import org.bitbeam.beam.CombineLikelihood;
import org.bitbeam.beam.InputFile;
import org.bitbeam.beam.OutputMode;
import org.bitbeam.beam.RootIO;
import org.bitbeam.beam.SimulateShowers;
import org.bitbeam.cli.Bitbeam;
import org.bitbeam.physics.calo.ShowerOptions;
import org.bitbeam.physics.eft.WilsonBasis;
import org.bitbeam.runtime.ModelBundle;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every pipeline as a job of Dataflow, for its runner v2 and for the older one. Nothing leaves this
 * machine: what would be staged is kept, so this shows what the service would be told, not that it
 * runs.
 */
class TemplateTest {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Options that keep Beam from asking Google. */
  private static final Map<String, String> OFFLINE =
      Map.of(
          "project", "nobody",
          "region", "europe-west1",
          "gcpTempLocation", "gs://nowhere/temp",
          "stagingLocation", "gs://nowhere/staging",
          "pathValidatorClass", "org.apache.beam.sdk.extensions.gcp.storage.NoopPathValidator",
          "credentialFactoryClass", "org.apache.beam.sdk.extensions.gcp.auth.NoopCredentialFactory",
          "stagerClass", KeepingStager.class.getName());

  @TempDir private Path folder;

  @BeforeEach
  void home() {
    System.setProperty("bitbeam.home", HOME.toString());
  }

  @Test
  void taggingForTheNewRunner() throws IOException {
    assertEquals(0, tag("--where", "nJet >= 2", "--mode", "enriched"), text.toString());
    RunnerApi.Pipeline graph = graph();
    assertEquals(
        Set.of("Inputs", "Read", "TagJets", "Write"), rootsOf(graph), "the pipeline's own steps");
    assertTrue(names(graph).contains("Write/GroupManifests"), names(graph).toString());
    assertTrue(names(graph).contains("TagJets/TagJets"), names(graph).toString());
    assertTrue(
        graph.getComponents().getTransformsMap().values().stream()
            .anyMatch(step -> step.getSpec().getUrn().equals("beam:transform:reshuffle:v1")));
    assertFalse(graph.getComponents().getEnvironmentsMap().isEmpty());
    JsonNode job = template();
    assertTrue(experiments(job).contains("use_runner_v2"), experiments(job).toString());
    assertSetting(job, "jdkAddRootModules", List.of("jdk.incubator.vector"));
    assertWorkersGetEverything();
    // What a service takes at most for one request is 20 MB.
    assertTrue(Files.size(folder.resolve(KeepingStager.GRAPH)) < 10_000_000);
  }

  @Test
  void taggingForTheOldRunner() throws IOException {
    assertEquals(0, tag("--runner-option", "experiments=none"), text.toString());
    JsonNode job = template();
    List<String> steps = new ArrayList<>();
    job.get("steps").forEach(step -> steps.add(step.at("/properties/user_name/value").asText()));
    assertTrue(steps.contains("TagJets/TagJets"), steps.toString());
    assertTrue(steps.stream().anyMatch(name -> name.startsWith("Write/Assemble")), "" + steps);
    assertTrue(steps.stream().anyMatch(name -> name.contains("NaiveProcess")), "" + steps);
    assertSetting(job, "jdkAddRootModules", List.of("jdk.incubator.vector"));
    assertWorkersGetEverything();
    assertTrue(Files.size(folder.resolve("job.json")) < 10_000_000);
  }

  @Test
  void showers() throws IOException {
    for (String experiment : new String[] {"use_runner_v2", "none"}) {
      Pipeline pipeline = pipeline(experiment);
      ModelBundle bundle = ModelBundle.open(HOME.resolve("models/calo-tiny-bit"));
      ShowerOptions options =
          new ShowerOptions("energy", 1_000, 1, ShowerOptions.OutOfRange.FLAG, false);
      SimulateShowers simulate = SimulateShowers.with(bundle, options);
      PCollection<InputFile> files = pipeline.apply("Inputs", RootIO.match("gs://in/*.root"));
      files
          .apply("Read", RootIO.read().withColumnsOf(simulate.stageFactory()))
          .apply(simulate)
          .apply("Write", RootIO.write(files).to("gs://out/").withMode(OutputMode.ENRICHED));
      pipeline.run();
      assertSteps(experiment, "SimulateShowers/SimulateShowers");
    }
  }

  @Test
  void likelihoods() throws IOException {
    for (String experiment : new String[] {"use_runner_v2", "none"}) {
      Pipeline pipeline = pipeline(experiment);
      WilsonBasis basis = new WilsonBasis(List.of("cW"), 2, "Warsaw", 1);
      pipeline
          .apply("Inputs", RootIO.match("gs://in/*.root"))
          .apply("Read", RootIO.read().withColumns("eft_coefficients"))
          .apply(
              "Combine",
              Combine.globally(
                  CombineLikelihood.of(
                      basis,
                      new double[] {0.1, 0.3},
                      List.of(new double[] {0.5}),
                      "eft_coefficients",
                      "")));
      pipeline.run();
      assertSteps(experiment, "Combine/Combine.perKey(CombineLikelihood)");
    }
  }

  @Test
  void refusals() {
    StringWriter words = new StringWriter();
    assertEquals(2, run(words, "--output", "gs://out", "--runner", "dataflow"));
    assertTrue(words.toString().contains("--dataflowTemplate"), words.toString());
    words.getBuffer().setLength(0);
    assertEquals(
        2, run(words, "--output", "out", "--runner", "dataflow", "--dataflowTemplate", "t.json"));
    assertTrue(words.toString().contains("do not see this machine's files"), words.toString());
    words.getBuffer().setLength(0);
    assertEquals(2, run(words, "--output", "out"));
    assertTrue(words.toString().contains("--runner direct: it is not on the class path"));
  }

  private final StringWriter text = new StringWriter();

  private int tag(String... more) {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("--output", "gs://out/tagged", "--runner", "dataflow"));
    words.addAll(List.of("--dataflowTemplate", folder.resolve("job.json").toString()));
    OFFLINE.forEach((name, value) -> words.addAll(List.of("--runner-option", name + "=" + value)));
    words.addAll(List.of(more));
    return run(text, words.toArray(String[]::new));
  }

  private static int run(StringWriter text, String... more) {
    List<String> words = new ArrayList<>(List.of("tag", "--input", "gs://in/*.root"));
    words.addAll(List.of("--model", "pfn-bit", "--backend", "bit"));
    words.addAll(List.of(more));
    PrintWriter both = new PrintWriter(text);
    return Bitbeam.run(both, both, words.toArray(String[]::new));
  }

  private Pipeline pipeline(String experiment) {
    List<String> arguments = new ArrayList<>();
    OFFLINE.forEach((name, value) -> arguments.add("--" + name + "=" + value));
    arguments.add("--runner=DataflowRunner");
    arguments.add("--experiments=" + experiment);
    arguments.add("--templateLocation=" + folder.resolve("job.json"));
    return Pipeline.create(
        PipelineOptionsFactory.fromArgs(arguments.toArray(String[]::new)).create());
  }

  private void assertSteps(String experiment, String expected) throws IOException {
    RunnerApi.Pipeline graph = graph();
    assertTrue(names(graph).contains(expected), names(graph).toString());
    JsonNode steps = template().path("steps");
    assertEquals(experiment.equals("none"), steps.size() > 3, steps.size() + " steps");
    Files.delete(folder.resolve(KeepingStager.GRAPH));
    Files.delete(folder.resolve("job.json"));
  }

  private JsonNode template() throws IOException {
    return JSON.readTree(folder.resolve("job.json").toFile());
  }

  private RunnerApi.Pipeline graph() throws IOException {
    return RunnerApi.Pipeline.parseFrom(Files.readAllBytes(folder.resolve(KeepingStager.GRAPH)));
  }

  private static Set<String> names(RunnerApi.Pipeline graph) {
    Set<String> names = new TreeSet<>();
    graph
        .getComponents()
        .getTransformsMap()
        .values()
        .forEach(step -> names.add(step.getUniqueName()));
    return names;
  }

  private static Set<String> rootsOf(RunnerApi.Pipeline graph) {
    Set<String> names = new TreeSet<>();
    for (String root : graph.getRootTransformIdsList()) {
      names.add(graph.getComponents().getTransformsOrThrow(root).getUniqueName());
    }
    return names;
  }

  private static Set<String> experiments(JsonNode job) {
    Set<String> experiments = new TreeSet<>();
    job.at("/environment/sdkPipelineOptions/options/experiments")
        .forEach(name -> experiments.add(name.asText()));
    return experiments;
  }

  private static void assertSetting(JsonNode job, String name, List<String> expected) {
    List<String> found = new ArrayList<>();
    job.at("/environment/sdkPipelineOptions/options/" + name)
        .forEach(value -> found.add(value.asText()));
    assertEquals(expected, found, name);
  }

  /** All of our rooms, and the libraries they need; no other runner. */
  private void assertWorkersGetEverything() throws IOException {
    Set<String> classes = new TreeSet<>();
    for (String file : Files.readAllLines(folder.resolve(KeepingStager.FILES))) {
      try (ZipFile archive = new ZipFile(file)) {
        archive.stream().forEach(entry -> classes.add(entry.getName()));
      }
    }
    for (String name :
        new String[] {
          "org/bitbeam/columns/EventBatch",
          "org/bitbeam/root/RootFile",
          "org/bitbeam/runtime/ModelBundle",
          "org/bitbeam/physics/Stage",
          "org/bitbeam/beam/RootIO",
          "ai/onnxruntime/OrtSession",
          "com/github/luben/zstd/Zstd",
          "net/jpountz/lz4/LZ4Factory",
          "org/tukaani/xz/XZInputStream",
          "com/google/inject/Guice"
        }) {
      assertTrue(classes.contains(name + ".class"), name);
    }
    assertFalse(classes.contains("org/apache/beam/runners/direct/DirectRunner.class"));
    assertFalse(classes.contains("org/apache/beam/runners/flink/FlinkRunner.class"));
  }
}
