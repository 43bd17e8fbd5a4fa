package org.bitbeam.flink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A stand-alone Flink cluster on loopback: a JobManager and TaskManagers with two slots each, every
 * one a JVM of its own. Their logs and configuration lie in {@code target/flink-cluster} or {@code
 * target/flink-cluster-installed}. Ends only processes that it has started, also when this JVM ends
 * early. The
 * tests of modules s3 and hdfs use it too.
 */
public final class FlinkCluster implements AutoCloseable {
  /** Gives all test classes one cluster of two TaskManagers, as a parameter. */
  static final class Shared implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == FlinkCluster.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(ExtensionContext.Namespace.GLOBAL)
          .getOrComputeIfAbsent(FlinkCluster.class, type -> started(false));
    }
  }

  /**
   * One of two TaskManagers.
   *
   * @param isInstalled whether its class path has all that a launcher's has, as if all jars lay in
   *     Flink's folder lib
   */
  static FlinkCluster started(boolean isInstalled) {
    return started(isInstalled, Map.of());
  }

  /** One of two TaskManagers, to which launchers send all jars, with environment variables more. */
  public static FlinkCluster started(Map<String, String> environment) {
    return started(false, environment);
  }

  private static FlinkCluster started(boolean isInstalled, Map<String, String> environment) {
    FlinkCluster cluster = new FlinkCluster(isInstalled, environment);
    try {
      cluster.startAll(2);
      return cluster;
    } catch (Exception e) {
      cluster.close();
      throw new IllegalStateException("the cluster did not start", e);
    }
  }

  /**
   * A TaskManager.
   *
   * @param port where it takes a {@link Tripwire}
   */
  private record TaskManager(Process process, int port) {}

  /** Of each TaskManager. */
  static final int SLOTS = 2;

  private static final int METRICS_MILLISECONDS = 500;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final List<String> OPENED =
      List.of(
          "java.lang",
          "java.net",
          "java.io",
          "java.nio",
          "sun.nio.ch",
          "java.lang.reflect",
          "java.text",
          "java.time",
          "java.util",
          "java.util.concurrent",
          "java.util.concurrent.atomic",
          "java.util.concurrent.locks");

  /** What the scripts of Flink's distribution work out from the memory of a process. */
  private static final List<String> TASK_MANAGER_MEMORY =
      List.of(
          "-Dtaskmanager.cpu.cores=1.0",
          "-Dtaskmanager.memory.network.min=67108864b",
          "-Dtaskmanager.memory.network.max=67108864b",
          "-Dtaskmanager.memory.task.heap.size=268435456b",
          "-Dtaskmanager.memory.task.off-heap.size=0b",
          "-Dtaskmanager.memory.managed.size=134217728b",
          "-Dtaskmanager.memory.framework.heap.size=134217728b",
          "-Dtaskmanager.memory.framework.off-heap.size=134217728b",
          "-Dtaskmanager.memory.jvm-metaspace.size=1073741824b",
          "-Dtaskmanager.memory.jvm-overhead.min=201326592b",
          "-Dtaskmanager.memory.jvm-overhead.max=201326592b");

  /** What these processes have on their class path; made by the build of module flink. */
  public static final Path LIBRARIES = Path.of("../flink/target/cluster").toAbsolutePath();

  private final boolean isInstalled;
  private final Map<String, String> environment;
  private final Path place;
  private final List<TaskManager> taskManagers = new ArrayList<>();
  private final List<Path> taskManagerLogs = new ArrayList<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private final Thread stopper = new Thread(this::stop);
  private Process jobManager;
  private int restPort;
  private int started;

  private FlinkCluster(boolean isInstalled, Map<String, String> environment) {
    this.isInstalled = isInstalled;
    this.environment = environment;
    this.place =
        Path.of("target/flink-cluster" + (isInstalled ? "-installed" : "")).toAbsolutePath();
  }

  private void startAll(int count) throws Exception {
    Runtime.getRuntime().addShutdownHook(stopper);
    Files.createDirectories(place.resolve("conf"));
    Files.createDirectories(place.resolve("tmp"));
    restPort = freePort();
    Files.writeString(
        place.resolve("conf/flink-conf.yaml"),
        """
        jobmanager.rpc.address: 127.0.0.1
        jobmanager.rpc.port: %d
        jobmanager.bind-host: 127.0.0.1
        rest.address: 127.0.0.1
        rest.bind-address: 127.0.0.1
        rest.port: %d
        taskmanager.host: 127.0.0.1
        taskmanager.bind-host: 127.0.0.1
        taskmanager.numberOfTaskSlots: %d
        taskmanager.network.sort-shuffle.min-buffers: 64
        cluster.evenly-spread-out-slots: true
        restart-strategy.type: fixed-delay
        restart-strategy.fixed-delay.attempts: 100
        restart-strategy.fixed-delay.delay: 1 s
        heartbeat.interval: 2000
        heartbeat.timeout: 20000
        metrics.fetcher.update-interval: %d
        io.tmp.dirs: %s
        """
            .formatted(freePort(), restPort, SLOTS, METRICS_MILLISECONDS, place.resolve("tmp")));
    startJobManager();
    for (int i = 0; i < count; i++) {
      startTaskManager();
    }
    awaitTaskManagers(count);
  }

  @Override
  public void close() {
    stop();
    Runtime.getRuntime().removeShutdownHook(stopper);
  }

  /** Address for {@code --flinkMaster}. */
  public String master() {
    return "127.0.0.1:" + restPort;
  }

  /** Logs of all TaskManagers that were started, in this order. */
  List<Path> taskManagerLogs() {
    return List.copyOf(taskManagerLogs);
  }

  void startJobManager() throws IOException {
    jobManager =
        start(
            "jobmanager",
            List.of("-Xmx384m"),
            "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
            List.of("--host", "127.0.0.1", "--executionMode", "cluster"));
  }

  void startTaskManager() throws IOException {
    int port = freePort();
    Process process =
        start(
            "taskmanager",
            List.of(
                "-Xmx384m",
                "-Xms384m",
                "-XX:MaxDirectMemorySize=256m",
                "-XX:MaxMetaspaceSize=1g",
                Tripwire.flag(port, false)),
            "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
            TASK_MANAGER_MEMORY);
    taskManagers.add(new TaskManager(process, port));
    taskManagerLogs.add(log(started));
  }

  /** Of the TaskManagers, in KiB; 0 where the system does not say. */
  long[] residentMemory() throws IOException {
    long[] memory = new long[taskManagers.size()];
    for (int i = 0; i < memory.length; i++) {
      Path status = Path.of("/proc/" + taskManagers.get(i).process().pid() + "/status");
      if (Files.exists(status)) {
        for (String line : Files.readAllLines(status)) {
          if (line.startsWith("VmRSS:")) {
            memory[i] = Long.parseLong(line.replaceAll("\\D", ""));
          }
        }
      }
    }
    return memory;
  }

  /**
   * {@code kill -9} of the TaskManager that comes to a point first, and another one in its place.
   *
   * @param run the job; when it ends before, nobody is killed
   * @return where the TaskManager was; empty when the job has ended
   */
  Optional<String> killAt(KillPoint point, CompletableFuture<?> run) throws Exception {
    List<Tripwire> tripwires = new ArrayList<>();
    int victim;
    try {
      for (TaskManager manager : taskManagers) {
        tripwires.add(Tripwire.lay(manager.process(), manager.port(), point));
      }
      CompletableFuture.anyOf(
              Stream.concat(Stream.of(run), tripwires.stream().map(Tripwire::hit))
                  .toArray(CompletableFuture[]::new))
          .get(10, TimeUnit.MINUTES);
      victim = 0;
      while (victim < tripwires.size() && !tripwires.get(victim).hit().isDone()) {
        victim++;
      }
      if (victim < tripwires.size()) {
        taskManagers.remove(victim).process().destroyForcibly().waitFor();
      }
    } finally {
      tripwires.forEach(Tripwire::close);
    }
    if (victim == tripwires.size()) {
      return Optional.empty();
    }
    startTaskManager();
    return Optional.of(tripwires.get(victim).hit().get());
  }

  /** {@code kill -9}. */
  void killJobManager() throws InterruptedException {
    jobManager.destroyForcibly().waitFor();
  }

  /** Waits until the JobManager knows that many TaskManagers. */
  void awaitTaskManagers(int count) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    String last = "no answer";
    while (System.nanoTime() < end) {
      if (!jobManager.isAlive()) {
        throw new IOException("the JobManager has ended: see " + place);
      }
      try {
        JsonNode overview = get("/overview");
        last = overview.toString();
        if (overview.path("taskmanagers").asInt() == count) {
          return;
        }
      } catch (IOException e) {
        last = e.toString();
      }
      Thread.sleep(200);
    }
    throw new IOException(count + " TaskManagers did not come: " + last + "; see " + place);
  }

  /** State of the job of that name, such as {@code RUNNING}; empty when there is none. */
  String stateOf(String job) throws IOException, InterruptedException {
    for (JsonNode each : get("/jobs/overview").path("jobs")) {
      if (each.path("name").asText().equals(job)) {
        return each.path("state").asText();
      }
    }
    return "";
  }

  /** Classes that the TaskManagers have loaded since their start, in all. */
  long classesLoaded() throws IOException, InterruptedException {
    classesKnown(); // the JobManager asks for newer numbers when it is asked, and answers with
    // those it has
    Thread.sleep(4 * METRICS_MILLISECONDS);
    return classesKnown();
  }

  private long classesKnown() throws IOException, InterruptedException {
    long sum = 0;
    for (JsonNode manager : get("/taskmanagers").path("taskmanagers")) {
      String metrics = "/taskmanagers/" + manager.path("id").asText() + "/metrics?get=";
      sum += get(metrics + "Status.JVM.ClassLoader.ClassesLoaded").at("/0/value").asLong();
    }
    return sum;
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + master() + path))
            .timeout(Duration.ofSeconds(10))
            .build();
    return JSON.readTree(http.send(request, HttpResponse.BodyHandlers.ofString()).body());
  }

  private Process start(String name, List<String> flags, String main, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.add("-XX:TieredStopAtLevel=" + Integer.getInteger("bitbeam.flink.tier", 1));
    command.add("-XX:+UseSerialGC");
    command.add("--add-exports=java.base/sun.net.util=ALL-UNNAMED");
    OPENED.forEach(p -> command.add("--add-opens=java.base/" + p + "=ALL-UNNAMED"));
    command.add("-cp");
    String flink = LIBRARIES + File.separator + "*";
    command.add(
        isInstalled ? flink + File.pathSeparator + System.getProperty("java.class.path") : flink);
    command.add(main);
    command.add("--configDir");
    command.add(place.resolve("conf").toString());
    command.addAll(arguments);
    started++;
    Path log = log(started);
    Files.writeString(log, name + "\n");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    return builder.start();
  }

  private Path log(int number) {
    return place.resolve("process-" + number + ".log");
  }

  private void stop() {
    List<Process> all = new ArrayList<>();
    taskManagers.forEach(manager -> all.add(manager.process()));
    if (jobManager != null) {
      all.add(jobManager);
    }
    all.forEach(Process::destroyForcibly);
    for (Process process : all) {
      try {
        process.waitFor(30, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
