package org.bitbeam.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.BundleWriter;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.NetworkExport;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.Tensor;

/**
 * Compares a network as it was exported with the trained one, event by event, and chooses the
 * events of the bundle's self-test. For one thread.
 *
 * <p>Engines round the last bits of a layer's input differently. Where a value lies at a rounding
 * boundary its 8-bit code is then another one, and the outputs move by much more than the engines'
 * errors. A self-test with such an event refuses bundles that are right, so it is made of those
 * events that have the fewest codes there, as the training computes them: no engine has a say in
 * it.
 */
final class ExportCheck implements AutoCloseable {
  /** Events that are compared, or what there is. */
  static final int EVENTS = 1000;

  // Codes nearer to a boundary than this may differ between engines: some 10 of the last bits of a
  // value of 127.
  static final float BOUNDARY = 1e-4f;

  // Layers behind each other may carry larger differences: of events alike, those with fewer codes
  // within ten times that distance.
  private static final float MANY = 1e4f;

  static final BundleWriter.Tolerance QUANTISED = new BundleWriter.Tolerance(0, 0, 2e-3);
  static final BundleWriter.Tolerance FLOAT = new BundleWriter.Tolerance(1e-5, 1e-5, 0);

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String BACKEND = "bit";

  private final TrainableNetwork network;
  private final Parameters parameters;
  private final Plan plan;
  private final Network exported;
  private final int wanted;
  private int events;
  private int clear;
  private int off;
  private int offAndClear;
  private double most;
  private double least = Double.POSITIVE_INFINITY;
  private double greatest = Double.NEGATIVE_INFINITY;
  private Map<String, Tensor> chosen = Map.of();
  private float[] chosenAtBoundaries = {}; // by event; least is best

  /**
   * A check.
   *
   * @param onnx the network with these parameters and this plan, packed or not
   * @param wanted events of the self-test
   */
  ExportCheck(TrainableNetwork network, Parameters parameters, Plan plan, byte[] onnx, int wanted) {
    this.network = network;
    this.parameters = parameters;
    this.plan = plan;
    this.wanted = wanted;
    byte[] unpacked = NetworkExport.unpacked(network.name(), onnx);
    this.exported =
        Backends.standard().get(BACKEND).load(network.name(), unpacked, BackendOptions.DEFAULT);
  }

  int events() {
    return events;
  }

  /**
   * Compares some events. The self-test's are of several such calls where the events' shapes are
   * the same, otherwise of one of them.
   *
   * @param inputs with the events outermost; an event may have several rows
   */
  void compare(Map<String, Tensor> inputs, int count) {
    float[] atBoundaries;
    float[] nearBoundaries;
    float[] expected;
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      TorchOperations operations =
          new TorchOperations(manager, parameters, plan, false)
              .counting(count, BOUNDARY, 10 * BOUNDARY);
      expected = outputs(operations, inputs).toFloatArray();
      atBoundaries = operations.atBoundaries();
      nearBoundaries = operations.nearBoundaries();
    }
    float[] found = Objects.requireNonNull(exported.run(inputs).get(network.output())).floats();
    int width = expected.length / count;
    for (int event = 0; event < count; event++) {
      boolean isOff = false;
      for (int i = event * width; i < (event + 1) * width; i++) {
        double difference = Math.abs((double) found[i] - expected[i]);
        isOff |= !(difference <= FLOAT.absolute() + FLOAT.relative() * Math.abs(expected[i]));
        most = Math.max(most, difference);
        least = Math.min(least, expected[i]);
        greatest = Math.max(greatest, expected[i]);
      }
      boolean isClear = atBoundaries[event] == 0;
      clear += isClear ? 1 : 0;
      off += isOff ? 1 : 0;
      offAndClear += isOff && isClear ? 1 : 0;
    }
    events += count;
    for (int event = 0; event < count; event++) {
      nearBoundaries[event] += MANY * atBoundaries[event];
    }
    choose(inputs, nearBoundaries);
  }

  /** Keeps the best events, those with the least number. */
  private void choose(Map<String, Tensor> inputs, float[] atBoundaries) {
    boolean joins = fits(inputs, atBoundaries.length);
    float[] near = joins ? joined(chosenAtBoundaries, atBoundaries) : atBoundaries;
    int[] best =
        IntStream.range(0, near.length)
            .boxed()
            .sorted(Comparator.comparingDouble(event -> near[event])) // stable
            .limit(wanted)
            .sorted()
            .mapToInt(event -> event)
            .toArray();
    float[] bestNear = new float[best.length];
    for (int i = 0; i < best.length; i++) {
      bestNear[i] = near[best[i]];
    }
    int more = best.length - chosenAtBoundaries.length;
    if (more > 0 || (more == 0 && sum(bestNear) < sum(chosenAtBoundaries))) {
      Map<String, Tensor> chosenNow = new LinkedHashMap<>();
      inputs.forEach(
          (name, tensor) -> {
            Tensor all = joins ? joined(Objects.requireNonNull(chosen.get(name)), tensor) : tensor;
            chosenNow.put(name, some(all, best, near.length));
          });
      chosen = chosenNow;
      chosenAtBoundaries = bestNear;
    }
  }

  /** Whether events have the shapes of the chosen ones. */
  private boolean fits(Map<String, Tensor> inputs, int count) {
    return !chosen.isEmpty()
        && inputs.entrySet().stream()
            .allMatch(
                input ->
                    Arrays.equals(
                        eventShape(input.getValue(), count),
                        eventShape(
                            Objects.requireNonNull(chosen.get(input.getKey())),
                            chosenAtBoundaries.length)));
  }

  private static int[] eventShape(Tensor tensor, int events) {
    int[] shape = tensor.shape();
    shape[0] /= events;
    return shape;
  }

  private static Tensor joined(Tensor first, Tensor second) {
    int[] shape = first.shape();
    shape[0] += second.axis(0);
    return Tensor.of(joined(first.floats(), second.floats()), shape);
  }

  private static float[] joined(float[] first, float[] second) {
    float[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  private static double sum(float[] numbers) {
    double sum = 0;
    for (float number : numbers) {
      sum += number;
    }
    return sum;
  }

  private static Tensor some(Tensor tensor, int[] wanted, int events) {
    int width = tensor.size() / events;
    float[] all = tensor.floats();
    float[] some = new float[wanted.length * width];
    for (int i = 0; i < wanted.length; i++) {
      System.arraycopy(all, wanted[i] * width, some, i * width, width);
    }
    int[] shape = tensor.shape();
    shape[0] = shape[0] / events * wanted.length;
    return Tensor.of(some, shape);
  }

  private NDArray outputs(TorchOperations operations, Map<String, Tensor> inputs) {
    return network.apply(operations, TorchOperations.arrays(operations.manager(), inputs));
  }

  /**
   * Adds the self-test: the chosen events, and what the training makes of them.
   *
   * @param name of the test
   * @param isFloat whether the network has no quantised layer
   */
  void addTo(BundleWriter bundle, String name, String role, boolean isFloat) {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      NDArray output = outputs(new TorchOperations(manager, parameters, plan, false), chosen);
      bundle.selfTest(
          name,
          role,
          chosen,
          Map.of(network.output(), TorchOperations.tensor(output)),
          isFloat ? FLOAT : QUANTISED);
    }
  }

  /** What was found, for the training record. */
  ObjectNode record() {
    return JSON.createObjectNode()
        .put("backend", BACKEND)
        .put("events", events)
        .put("withCodesAtBoundaries", events - clear)
        .put("offBy1e-5", off)
        .put("offBy1e-5WithoutSuchCodes", offAndClear)
        .put("mostOfRange", greatest > least ? most / (greatest - least) : 0);
  }

  @Override
  public void close() {
    exported.close();
  }
}
