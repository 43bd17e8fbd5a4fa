package org.bitbeam.runtime.internal.bit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.bitbeam.runtime.CodeProducts;
import org.bitbeam.runtime.NativeProducts;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.GraphNetwork;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.lowering.Lowered;
import org.bitbeam.runtime.internal.reference.Interpreter;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxValueInfo;

/**
 * A network as a list of instructions over numbered slots. Immutable but for a stock of frames; any
 * number of threads may run it, each takes a frame of its own.
 */
final class Plan implements GraphNetwork.Engine {
  private final Graph graph;
  private final List<Instruction> instructions;
  private final List<int[]> releases;
  private final boolean[] fixed; // instructions whose results depend on the inputs' shapes only
  private final List<String> labels;
  private final Map<String, Integer> slots;
  private final Set<String> released; // outputs that a pass leaves behind
  private final ArrayDeque<Frame> frames = new ArrayDeque<>(); // guarded by itself
  private final CodeProduct.Trials trials;
  private final List<CodeProduct> products;

  private Plan(
      Graph graph,
      List<Instruction> instructions,
      List<int[]> releases,
      boolean[] fixed,
      List<String> labels,
      Map<String, Integer> slots,
      CodeProduct.Trials trials,
      List<CodeProduct> products) {
    this.graph = graph;
    this.trials = trials;
    this.products = products;
    this.instructions = instructions;
    this.releases = releases;
    this.fixed = fixed;
    this.labels = labels;
    this.slots = slots;
    this.released = new HashSet<>();
    Set<String> shapeOnly = ShapeOnly.of(graph);
    for (OnnxNode node : graph.nodes()) {
      if (!shapeOnly.contains(node.outputs().get(0))) {
        released.addAll(node.outputs());
      }
    }
    graph.inputs().forEach(input -> released.add(input.name()));
  }

  static Plan of(Lowered lowered, Kernels kernels) {
    return of(lowered, kernels, CodeProducts.MEASURED, Optional.empty());
  }

  static Plan of(
      Lowered lowered, Kernels kernels, CodeProducts asked, Optional<NativeProducts> natives) {
    return of(lowered, kernels, new CodeProduct.Trials(asked, natives), true);
  }

  /**
   * Shapes of all values in one pass over these inputs, by name; for {@link
   * org.bitbeam.runtime.internal.lowering.OperationCount}.
   */
  static Map<String, int[]> shapes(Lowered lowered, Map<String, NdArray> inputs) {
    CodeProduct.Trials trials = new CodeProduct.Trials(CodeProducts.MULTIPLIED, Optional.empty());
    Plan plan = of(lowered, new ScalarKernels(), trials, false);
    Map<String, int[]> shapes = new LinkedHashMap<>();
    plan.run(
        inputs,
        frame ->
            plan.slots.forEach(
                (name, slot) -> {
                  if (frame.has(slot)) {
                    shapes.put(name, frame.get(slot).shape());
                  }
                }));
    return shapes;
  }

  private static Plan of(
      Lowered lowered, Kernels kernels, CodeProduct.Trials trials, boolean chained) {
    Graph graph = lowered.graph();
    Map<String, Integer> slots = new LinkedHashMap<>();
    graph.constants().keySet().forEach(name -> slots.putIfAbsent(name, slots.size()));
    graph.inputs().forEach(input -> slots.putIfAbsent(input.name(), slots.size()));
    for (OnnxNode node : graph.nodes()) {
      node.outputs().forEach(output -> slots.putIfAbsent(output, slots.size()));
    }
    Compiler compiler = new Compiler(lowered, kernels, slots, trials);
    List<List<OnnxNode>> groups = Compiler.grouped(lowered);
    if (chained) {
      groups = compiler.chained(groups);
    }
    List<Instruction> instructions = new ArrayList<>();
    Set<String> shapeOnly = ShapeOnly.of(graph);
    boolean[] fixed = new boolean[groups.size()];
    Map<String, Integer> last = new HashMap<>();
    for (int i = 0; i < groups.size(); i++) {
      instructions.add(compiler.compile(groups.get(i)));
      for (OnnxNode node : groups.get(i)) {
        for (String name : node.inputs()) {
          last.put(name, i);
        }
        for (String name : node.outputs()) {
          last.putIfAbsent(name, i);
        }
        boolean nested =
            node.attributes().values().stream()
                .anyMatch(a -> a instanceof OnnxAttribute.GraphValue);
        if (nested) {
          // Bodies may look at any value: keep all to the end.
          int end = groups.size() - 1;
          slots.keySet().forEach(name -> last.put(name, end));
        }
      }
    }
    graph.outputs().forEach(output -> last.remove(output.name()));
    graph.constants().keySet().forEach(last::remove);
    for (int i = 0; i < fixed.length; i++) {
      OnnxNode node = groups.get(i).get(0);
      fixed[i] = groups.get(i).size() == 1 && shapeOnly.contains(node.outputs().get(0));
      if (fixed[i]) {
        node.outputs().forEach(last::remove); // kept for the next pass
      }
    }
    last.remove("");
    List<List<Integer>> ends = new ArrayList<>();
    groups.forEach(group -> ends.add(new ArrayList<>()));
    last.forEach((name, i) -> ends.get(i).add(slots.get(name)));
    List<int[]> releases =
        ends.stream().map(list -> list.stream().mapToInt(Integer::intValue).toArray()).toList();
    List<String> labels =
        groups.stream()
            .map(
                group ->
                    group.stream()
                        .map(node -> node.qualifiedOperator() + " " + node.outputs().get(0))
                        .collect(Collectors.joining(", ")))
            .toList();
    return new Plan(
        graph, instructions, releases, fixed, labels, slots, trials, compiler.products());
  }

  @Override
  public List<String> choices() {
    return trials.choices();
  }

  @Override
  public void close() {
    products.forEach(CodeProduct::close);
  }

  private int slot(String name) {
    return slots.getOrDefault(name, -1);
  }

  @Override
  public Map<String, NdArray> run(Map<String, NdArray> inputs) {
    return run(inputs, frame -> {});
  }

  /** What each instruction computes, for profiles. */
  List<String> labels() {
    return labels;
  }

  /** A pass that reports after each instruction, in the order of {@link #labels}. */
  Map<String, NdArray> run(Map<String, NdArray> inputs, Consumer<Frame> afterEach) {
    Frame frame = lend();
    Recording recording = frame.recording();
    if (recording == null
        || !recording.fill(graph.inputs(), inputs)
        || !repeat(frame, recording, afterEach)) {
      recording = record(frame, inputs, afterEach);
    }
    Map<String, NdArray> outputs = new LinkedHashMap<>();
    for (int i = 0; i < graph.outputs().size(); i++) {
      outputs.put(graph.outputs().get(i).name(), recording.outputs()[i].copied());
    }
    synchronized (frames) {
      frames.push(frame);
    }
    return outputs;
  }

  private Frame lend() {
    Frame frame;
    synchronized (frames) {
      frame = frames.poll();
    }
    if (frame == null) {
      frame = new Frame(slots.size());
      for (Map.Entry<String, NdArray> constant : graph.constants().entrySet()) {
        frame.put(slot(constant.getKey()), constant.getValue());
      }
    }
    return frame;
  }

  private static boolean repeat(Frame frame, Recording recording, Consumer<Frame> afterEach) {
    int from = 0;
    for (int end : recording.ends()) {
      if (!frame.repeat(from, end)) {
        return false;
      }
      afterEach.accept(frame);
      from = end;
    }
    return frame.repeat(from, recording.steps());
  }

  private Recording record(Frame frame, Map<String, NdArray> inputs, Consumer<Frame> afterEach) {
    Interpreter.checkInputs(graph, inputs);
    frame.restart();
    List<NdArray> given = new ArrayList<>();
    for (OnnxValueInfo info : graph.inputs()) {
      NdArray value = inputs.get(info.name());
      if (value != null) {
        given.add(frame.input(slot(info.name()), value));
      }
    }
    int[] ends = new int[instructions.size()];
    for (int k = 0; k < ends.length; k++) {
      frame.records(!fixed[k]);
      instructions.get(k).bind(frame);
      ends[k] = frame.steps();
      afterEach.accept(frame);
      for (int slot : releases.get(k)) {
        frame.release(slot);
      }
    }
    List<NdArray> outputs = new ArrayList<>();
    for (OnnxValueInfo output : graph.outputs()) {
      outputs.add(frame.get(slot(output.name())));
    }
    for (OnnxValueInfo output : graph.outputs()) {
      if (released.contains(output.name())) {
        frame.release(slot(output.name()));
      }
    }
    Recording recording =
        new Recording(
            given.toArray(NdArray[]::new), ends, frame.steps(), outputs.toArray(NdArray[]::new));
    frame.keep(recording);
    return recording;
  }
}
