package org.bitbeam.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A job on a Flink cluster, through the cluster's REST interface (plain HTTP).
 *
 * @param master {@code host:port} of that
 * @param name of the job
 */
record FlinkJob(String master, String name) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Set<String> ENDED = Set.of("FINISHED", "CANCELED", "FAILED");

  /** Cancels it, if it has not ended. */
  void cancel() throws IOException, InterruptedException {
    HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    HttpRequest overview = request("/jobs/overview").build();
    String answer = http.send(overview, HttpResponse.BodyHandlers.ofString()).body();
    for (JsonNode job : JSON.readTree(answer).path("jobs")) {
      if (job.path("name").asText().equals(name) && !ENDED.contains(job.path("state").asText())) {
        HttpRequest cancel =
            request("/jobs/" + job.path("jid").asText() + "?mode=cancel")
                .method("PATCH", HttpRequest.BodyPublishers.noBody())
                .build();
        http.send(cancel, HttpResponse.BodyHandlers.discarding());
      }
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://" + master + path)).timeout(PATIENCE);
  }

  /**
   * Cancels it when this process is ended by a signal before {@link Guard#close}: nobody would wait
   * for it any more.
   */
  Guard guard() {
    Thread hook =
        new Thread(
            () -> {
              try {
                cancel();
              } catch (IOException e) {
                System.err.println(
                    "bitbeam: the job " + name + " on " + master + " may go on: " + e);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "cancel " + name);
    Runtime.getRuntime().addShutdownHook(hook);
    return new Guard(hook);
  }

  /**
   * Cancels a job unless it is closed before.
   *
   * @param hook what does so; null when there is no such job
   */
  record Guard(@Nullable Thread hook) implements AutoCloseable {
    @Override
    public void close() {
      if (hook == null) {
        return;
      }
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The process is ending, and the hook at work.
      }
    }
  }
}
