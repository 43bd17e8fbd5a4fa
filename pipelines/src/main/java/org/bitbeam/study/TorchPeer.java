package org.bitbeam.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxGraph;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxReader;
import org.bitbeam.runtime.onnx.OnnxTensor;
import org.bitbeam.runtime.onnx.OnnxValueInfo;

/**
 * PyTorch, eager, one thread, in processes of its own: {@code tools/torch_peer.py}, which says what
 * requests look like. One process for each caller, all with the same networks and inputs.
 */
public final class TorchPeer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<Worker> workers;
  private final String version;
  private final Path scratch;

  private TorchPeer(List<Worker> workers, String version, Path scratch) {
    this.workers = List.copyOf(workers);
    this.version = version;
    this.scratch = scratch;
  }

  /**
   * Starts PyTorch.
   *
   * @param python the command
   * @param script {@code torch_peer.py}
   * @param callers number of processes
   * @param scratch an empty folder for networks and arrays, as large as they are
   * @throws IOException when there is no such Python, or it has no PyTorch; says what it said
   */
  public static TorchPeer start(String python, Path script, int callers, Path scratch)
      throws IOException {
    List<Worker> workers = new ArrayList<>();
    try {
      String version = "";
      for (int caller = 0; caller < callers; caller++) {
        Worker worker = Worker.start(python, script, scratch.resolve("err." + caller));
        workers.add(worker);
        version = worker.read().path("version").asText();
      }
      return new TorchPeer(workers, version, scratch);
    } catch (IOException e) {
      workers.forEach(Worker::close);
      throw e;
    }
  }

  /** PyTorch's own. */
  public String version() {
    return version;
  }

  @Override
  public void close() {
    workers.forEach(Worker::close);
  }

  /**
   * Gives networks that run for each event, in their order.
   *
   * @throws UnsupportedOperationException when an operator is not covered; says which
   */
  void load(String name, List<byte[]> networks) throws IOException {
    List<String> files = new ArrayList<>();
    for (byte[] onnx : networks) {
      Path file = scratch.resolve("network-" + files.size() + ".json");
      write(OnnxReader.read(name, onnx).graph(), file);
      files.add(file.toString());
    }
    all(Map.of("load", files));
  }

  /**
   * Gives inputs of each network.
   *
   * @throws UnsupportedOperationException when the networks cannot be run on them; says why
   */
  void prepare(List<Map<String, Tensor>> inputs) throws IOException {
    all(written(inputs));
  }

  /**
   * Runs the networks once.
   *
   * @param inputs of each network
   * @return outputs of all networks, in their order and that of their graphs' outputs
   * @throws UnsupportedOperationException when the networks cannot be run on them; says why
   */
  float[] run(List<Map<String, Tensor>> inputs) throws IOException {
    Path outputs = scratch.resolve("outputs.bin");
    Map<String, Object> request = written(inputs);
    request.put("outputs", outputs.toString());
    all(request);
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(outputs)).order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return values;
  }

  private Map<String, Object> written(List<Map<String, Tensor>> inputs) throws IOException {
    Path file = scratch.resolve("inputs.bin");
    List<List<Map<String, Object>>> arrays = new ArrayList<>();
    long numbers = 0;
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      for (Map<String, Tensor> ofNetwork : inputs) {
        List<Map<String, Object>> described = new ArrayList<>();
        for (Map.Entry<String, Tensor> input : ofNetwork.entrySet()) {
          int[] shape = input.getValue().shape();
          described.add(Map.of("name", input.getKey(), "shape", shape, "offset", numbers));
          float[] values = input.getValue().floats();
          ByteBuffer bytes =
              ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
          bytes.asFloatBuffer().put(values);
          out.write(bytes.array());
          numbers += values.length;
        }
        arrays.add(described);
      }
    }
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("inputs", file.toString());
    request.put("numbers", numbers);
    request.put("arrays", arrays);
    return request;
  }

  /** Passes over the inputs that were given last. */
  Contestant contestant(String name) {
    return new Contestant() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public long pass() {
        return (long) (1e9 * passes(0, 0.0).path("cpuSeconds").asDouble());
      }

      @Override
      public int passes(int caller, long nanoseconds) {
        return passes(caller, nanoseconds / 1e9).path("passes").asInt();
      }

      private JsonNode passes(int caller, double seconds) {
        try {
          return workers.get(caller).ask(Map.of("seconds", seconds));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }

  private void all(Map<String, Object> request) throws IOException {
    for (Worker worker : workers) {
      JsonNode answer = worker.ask(request);
      if (answer.has("uncovered")) {
        throw new UnsupportedOperationException(answer.get("uncovered").asText());
      }
    }
  }

  /** A graph for the script: {@code FILE.json}, and {@code FILE.bin} with the constants. */
  private static void write(OnnxGraph graph, Path file) throws IOException {
    String bin = file.toString().replaceAll("json$", "bin");
    try (Constants constants =
        new Constants(new BufferedOutputStream(Files.newOutputStream(Path.of(bin))))) {
      Map<String, Object> written = new LinkedHashMap<>();
      written.put("inputs", graph.inputs().stream().map(OnnxValueInfo::name).toList());
      written.put("outputs", graph.outputs().stream().map(OnnxValueInfo::name).toList());
      List<Object> nodes = new ArrayList<>();
      for (OnnxNode node : graph.nodes()) {
        Map<String, Object> attributes = new LinkedHashMap<>();
        for (Map.Entry<String, OnnxAttribute> attribute : node.attributes().entrySet()) {
          attributes.put(attribute.getKey(), constants.valueOf(attribute.getValue()));
        }
        nodes.add(
            Map.of(
                "operator", node.operator(),
                "domain", node.domain(),
                "inputs", node.inputs(),
                "outputs", node.outputs(),
                "attributes", attributes));
      }
      written.put("nodes", nodes);
      List<Object> tensors = new ArrayList<>();
      for (OnnxTensor tensor : graph.initializers()) {
        tensors.add(constants.add(tensor));
      }
      written.put("constants", tensors);
      written.put("bytes", constants.size);
      JSON.writeValue(file.toFile(), written);
    }
  }

  /** A file of tensors, one behind the other. */
  private static final class Constants implements AutoCloseable {
    private final OutputStream out;
    private long size;

    Constants(OutputStream out) {
      this.out = out;
    }

    Map<String, Object> add(OnnxTensor tensor) throws IOException {
      Map<String, Object> described =
          Map.of(
              "name",
              tensor.name(),
              "type",
              tensor.type().name(),
              "shape",
              tensor.dims(),
              "offset",
              size);
      byte[] bytes = tensor.bytes();
      out.write(bytes);
      size += bytes.length;
      return described;
    }

    Object valueOf(OnnxAttribute attribute) throws IOException {
      if (attribute instanceof OnnxAttribute.TensorValue tensor) {
        return add(tensor.value());
      } else if (attribute instanceof OnnxAttribute.IntValue number) {
        return number.value();
      } else if (attribute instanceof OnnxAttribute.FloatValue number) {
        return number.value();
      } else if (attribute instanceof OnnxAttribute.StringValue text) {
        return text.value();
      } else if (attribute instanceof OnnxAttribute.IntList numbers) {
        return numbers.values();
      } else if (attribute instanceof OnnxAttribute.FloatList numbers) {
        return numbers.values();
      }
      return attribute.toString(); // of operators that are not covered
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }

  /** A process. */
  private record Worker(Process process, BufferedReader in, BufferedWriter out, Path err) {
    static Worker start(String python, Path script, Path err) throws IOException {
      ProcessBuilder command = new ProcessBuilder(python, script.toString());
      command.environment().put("OMP_NUM_THREADS", "1");
      Process process = command.redirectError(err.toFile()).start();
      return new Worker(
          process,
          process.inputReader(StandardCharsets.UTF_8),
          process.outputWriter(StandardCharsets.UTF_8),
          err);
    }

    JsonNode ask(Map<String, Object> request) throws IOException {
      out.write(JSON.writeValueAsString(request));
      out.newLine();
      out.flush();
      return read();
    }

    JsonNode read() throws IOException {
      String line = in.readLine();
      if (line == null) {
        String said = Files.readString(err).strip();
        throw new IOException(said.substring(said.lastIndexOf('\n') + 1));
      }
      return JSON.readTree(line);
    }

    void close() {
      process.destroyForcibly();
    }
  }
}
