package org.bitbeam.runtime.internal.bit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.NdArray.IntegerArray;
import org.bitbeam.runtime.internal.graph.Shapes;
import org.bitbeam.runtime.internal.lowering.BitLayer;
import org.bitbeam.runtime.internal.lowering.Lowered;
import org.bitbeam.runtime.internal.reference.Call;
import org.bitbeam.runtime.internal.reference.Interpreter;
import org.bitbeam.runtime.internal.reference.Operators;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxType;
import org.jspecify.annotations.Nullable;

/**
 * Turns nodes into instructions: a kernel where there is one, the interpreter's operator otherwise.
 */
final class Compiler {
  private final Lowered lowered;
  private final Kernels kernels;
  private final Map<String, Integer> slots;
  private final Set<String> settled; // values that depend on the inputs' shapes only
  private final CodeProduct.Trials trials;
  private final List<CodeProduct> products = new ArrayList<>();

  Compiler(
      Lowered lowered, Kernels kernels, Map<String, Integer> slots, CodeProduct.Trials trials) {
    this.trials = trials;
    this.lowered = lowered;
    this.kernels = kernels;
    this.slots = slots;
    this.settled = ShapeOnly.values(lowered.graph());
  }

  /** The products of all BitLinear layers that were compiled. */
  List<CodeProduct> products() {
    return products;
  }

  /** Nodes one by one, but BitLinear nodes that quantise the same rows in the same way together. */
  static List<List<OnnxNode>> grouped(Lowered lowered) {
    List<List<OnnxNode>> groups = new ArrayList<>();
    Map<String, List<OnnxNode>> open = new HashMap<>();
    for (OnnxNode node : lowered.graph().nodes()) {
      BitLayer layer = isBitLinear(node) ? lowered.layers().get(node.outputs().get(0)) : null;
      List<OnnxNode> group =
          layer == null ? null : open.get(node.inputs().get(0) + " " + layer.quantiser());
      if (group == null) {
        group = new ArrayList<>();
        groups.add(group);
        if (layer != null) {
          open.put(node.inputs().get(0) + " " + layer.quantiser(), group);
        }
      }
      group.add(node);
    }
    return groups;
  }

  private int slot(String name) {
    return name.isEmpty() ? -1 : slots.getOrDefault(name, -1);
  }

  private static boolean isBitLinear(OnnxNode node) {
    return node.domain().equals(Lowered.DOMAIN) && node.operator().equals("BitLinear");
  }

  /**
   * Joins groups that are one layer each, follow each other and have no other users; a product with
   * one factor per row may close the chain.
   */
  List<List<OnnxNode>> chained(List<List<OnnxNode>> groups) {
    Map<String, Integer> uses = new HashMap<>();
    Map<String, Integer> userOf = new HashMap<>();
    Map<String, Integer> producerOf = new HashMap<>();
    for (int i = 0; i < groups.size(); i++) {
      for (OnnxNode node : groups.get(i)) {
        for (String input : node.inputs()) {
          uses.merge(input, 1, Integer::sum);
          userOf.put(input, i);
        }
        for (String output : node.outputs()) {
          producerOf.put(output, i);
        }
      }
    }
    lowered.graph().outputs().forEach(output -> uses.merge(output.name(), 2, Integer::sum));
    boolean[] taken = new boolean[groups.size()];
    Map<Integer, List<OnnxNode>> chains = new HashMap<>();
    for (int i = 0; i < groups.size(); i++) {
      OnnxNode start = groups.get(i).get(0);
      boolean points = isPointConvolution(start);
      if (taken[i] || groups.get(i).size() != 1 || !(points || isRowLayer(start))) {
        continue;
      }
      List<OnnxNode> chain = new ArrayList<>(groups.get(i));
      List<Integer> members = new ArrayList<>(List.of(i));
      while (true) {
        String result = chain.get(chain.size() - 1).outputs().get(0);
        Integer next = uses.getOrDefault(result, 0) == 1 ? userOf.get(result) : null;
        if (next == null || groups.get(next).size() != 1) {
          break;
        }
        OnnxNode node = groups.get(next).get(0);
        if (points && isPointConvolution(node)) {
          chain.add(node);
          members.add(next);
          continue;
        }
        if (points) {
          if (isMean(node)) {
            chain.add(node);
            members.add(next);
          }
          break;
        }
        boolean factor = node.qualifiedOperator().equals("Mul") && isComputed(node, result);
        boolean selects = isZeroing(node, result) && chain.stream().allMatch(this::isRowLayer);
        if (!factor && !selects && !(isRowLayer(node) && node.inputs().get(0).equals(result))) {
          break;
        }
        if (isRowLayer(node) && !chain.stream().allMatch(this::isRowLayer)) {
          break;
        }
        chain.add(node);
        members.add(next);
        if (factor) {
          String product = node.outputs().get(0);
          Integer sum = uses.getOrDefault(product, 0) == 1 ? userOf.get(product) : null;
          if (sum != null && groups.get(sum).size() == 1 && isSum(groups.get(sum).get(0))) {
            chain.add(groups.get(sum).get(0));
            members.add(sum);
          }
          break;
        }
      }
      Integer source = producerOf.get(chain.get(0).inputs().get(0));
      if (source != null
          && isRows(groups.get(source).get(0))
          && uses.getOrDefault(chain.get(0).inputs().get(0), 0) == 1
          && !points
          && !chain.stream().allMatch(this::isRowLayer)) {
        chain.add(0, groups.get(source).get(0)); // only rows that are used are put together
        members.add(0, source);
      }
      if (chain.size() > 1) {
        members.forEach(member -> taken[member] = true);
        chains.put(members.get(members.size() - 1), chain); // where all inputs are there
      }
    }
    List<List<OnnxNode>> joined = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      List<OnnxNode> chain = chains.get(i);
      if (chain != null) {
        joined.add(chain);
      } else if (!taken[i]) {
        joined.add(groups.get(i));
      }
    }
    return joined;
  }

  private boolean isSum(OnnxNode node) {
    return node.qualifiedOperator().equals("ReduceSum")
        && compile(List.of(node)) instanceof Reduction;
  }

  private boolean isMean(OnnxNode node) {
    return node.qualifiedOperator().equals("ReduceMean")
        && compile(List.of(node)) instanceof Reduction;
  }

  private static boolean isPointConvolution(OnnxNode node) {
    return node.domain().equals(Lowered.DOMAIN) && node.operator().equals("PointConv");
  }

  private Instruction pointConvolution(List<OnnxNode> group) {
    OnnxNode last = group.get(group.size() - 1);
    Reduction mean =
        isMean(last) && compile(List.of(last)) instanceof Reduction reduction ? reduction : null;
    List<OnnxNode> nodes = mean == null ? group : group.subList(0, group.size() - 1);
    List<PointConvolution.Layer> layers =
        nodes.stream()
            .map(
                node ->
                    PointConvolution.Layer.of(
                        kernels, floats(node, 1), floats(node, 2), activation(node), alpha(node)))
            .toList();
    for (int i = 1; i < layers.size(); i++) {
      if (layers.get(i).inputs() != layers.get(i - 1).outputs()) {
        throw new IllegalArgumentException(nodes.get(i).describe() + ": channels do not fit");
      }
    }
    int in = slot(nodes.get(0).inputs().get(0));
    int between = slot(nodes.get(nodes.size() - 1).outputs().get(0));
    int out = slot(last.outputs().get(0));
    return new PointConvolution(kernels, in, out, layers, mean, between);
  }

  private Instruction convolution(OnnxNode node, int in, int out, Instruction fallback) {
    NdArray weights = lowered.graph().constants().get(node.inputs().get(1));
    boolean biased = node.inputs().size() > 2 && !node.inputs().get(2).isEmpty();
    NdArray given = biased ? lowered.graph().constants().get(node.inputs().get(2)) : null;
    int[] pads = list(node, "pads");
    if (!(weights instanceof FloatArray w)
        || w.rank() != 4
        || (biased && !(given instanceof FloatArray f && f.size() == w.shape()[0]))
        || !text(node, "auto_pad").matches("|NOTSET")
        || integer(node, "group", 1) != 1
        || !areOnes(list(node, "strides"))
        || !areOnes(list(node, "dilations"))
        || (pads != null && pads.length != 4)) {
      return fallback;
    }
    float[] bias = given instanceof FloatArray f ? f.values() : new float[w.shape()[0]];
    int[] p = pads == null ? new int[4] : pads;
    return new Convolution(in, out, w, bias, p[0], p[1], p[2], p[3], fallback);
  }

  private static boolean areOnes(int @Nullable [] numbers) {
    return numbers == null || Arrays.stream(numbers).allMatch(n -> n == 1);
  }

  private static boolean isRows(OnnxNode node) {
    return node.domain().equals(Lowered.DOMAIN) && node.operator().equals("Rows");
  }

  /** Whether a mask keeps rows of {@code result} and makes the others zero. */
  private boolean isZeroing(OnnxNode node, String result) {
    return node.qualifiedOperator().equals("Where")
        && node.inputs().get(1).equals(result)
        && lowered.graph().constants().get(node.inputs().get(2)) instanceof FloatArray zero
        && zero.size() == 1
        && zero.values()[0] == 0;
  }

  /** Whether the other factor is computed: a constant one is no mask. */
  private boolean isComputed(OnnxNode product, String one) {
    String other = product.inputs().get(product.inputs().get(0).equals(one) ? 1 : 0);
    return !other.equals(one) && !lowered.graph().constants().containsKey(other);
  }

  private boolean isRowLayer(OnnxNode node) {
    boolean layer =
        node.domain().equals(Lowered.DOMAIN)
            && (node.operator().equals("Dense") || node.operator().equals("BitLinear"));
    return layer
        || (node.qualifiedOperator().equals("LayerNormalization")
            && compile(List.of(node)) instanceof LayerNorm);
  }

  private Instruction chain(List<OnnxNode> nodes) {
    List<RowLayer> layers = new ArrayList<>();
    List<Instruction> each = new ArrayList<>();
    int[] in = {slot(nodes.get(0).inputs().get(0))};
    int condition = -1;
    int mask = -1;
    Reduction sum = null;
    for (OnnxNode node : nodes) {
      Instruction instruction = compile(List.of(node));
      each.add(instruction);
      if (instruction instanceof RowLayer layer) {
        layers.add(layer);
      } else if (instruction instanceof Reduction reduction) {
        sum = reduction;
      } else if (instruction instanceof Select select) {
        condition = select.condition();
      } else if (instruction instanceof Assembly assembly) {
        in = assembly.in();
      } else {
        String before = nodes.get(nodes.indexOf(node) - 1).outputs().get(0);
        mask = slot(node.inputs().get(node.inputs().get(0).equals(before) ? 1 : 0));
      }
    }
    int[] inner =
        nodes.stream()
            .limit(nodes.size() - 1L)
            .mapToInt(node -> slot(node.outputs().get(0)))
            .toArray();
    Instruction whole =
        frame -> {
          each.forEach(instruction -> instruction.bind(frame));
          for (int slot : inner) {
            frame.release(slot);
          }
        };
    return new RowChain(
        in,
        condition,
        mask,
        sum,
        slot(nodes.get(nodes.size() - 1).outputs().get(0)),
        layers,
        whole);
  }

  Instruction compile(List<OnnxNode> group) {
    OnnxNode node = group.get(0);
    boolean shared =
        group.stream()
            .allMatch(other -> isBitLinear(other) && other.inputs().equals(node.inputs()));
    if (group.size() > 1 && !shared) {
      return isPointConvolution(node) ? pointConvolution(group) : chain(group);
    }
    if (isBitLinear(node)) {
      return bitLinear(group);
    }
    int[] in = node.inputs().stream().mapToInt(name -> slot(name)).toArray();
    int[] out = node.outputs().stream().mapToInt(this::slot).toArray();
    if (node.domain().equals(Lowered.DOMAIN)) {
      return switch (node.operator()) {
        case "Dense" ->
            Dense.of(
                kernels,
                in[0],
                out[0],
                floats(node, 1),
                floats(node, 2),
                activation(node),
                alpha(node));
        case "PointConv" -> pointConvolution(group);
        case "Rows" -> new Assembly(in, out[0], spread(node, in, out[0]));
        case "Silu" -> new Unary(kernels, in[0], out[0], Activation.SILU, 0, null);
        case "Attention" -> new Attention(kernels, in, out[0], real(node, "scale"));
        default -> throw new IllegalStateException(node.describe());
      };
    }
    Instruction fallback = fallback(node, in, out);
    return kernel(node, in, out, fallback);
  }

  private Instruction kernel(OnnxNode node, int[] in, int[] out, Instruction fallback) {
    int a = in.length > 0 ? in[0] : -1;
    return switch (node.qualifiedOperator()) {
      case "Relu" -> new Unary(kernels, a, out[0], Activation.RELU, 0, fallback);
      case "LeakyRelu" ->
          new Unary(kernels, a, out[0], Activation.LEAKY_RELU, alpha(node), fallback);
      case "Sigmoid" -> new Unary(kernels, a, out[0], Activation.SIGMOID, 0, fallback);
      case "Tanh" -> new Unary(kernels, a, out[0], Activation.TANH, 0, fallback);
      case "Erf" -> new Unary(kernels, a, out[0], Activation.ERF, 0, fallback);
      case "Log" -> new Unary(kernels, a, out[0], Activation.LOG, 0, fallback);
      case "Gelu" ->
          new Unary(
              kernels,
              a,
              out[0],
              text(node, "approximate").equals("tanh") ? Activation.GELU_TANH : Activation.GELU,
              0,
              fallback);
      case "Add" -> new Pairwise(kernels, Pair.ADD, a, in[1], out[0], fallback);
      case "Sub" -> new Pairwise(kernels, Pair.SUBTRACT, a, in[1], out[0], fallback);
      case "Mul" -> new Pairwise(kernels, Pair.MULTIPLY, a, in[1], out[0], fallback);
      case "Div" -> new Pairwise(kernels, Pair.DIVIDE, a, in[1], out[0], fallback);
      case "Min" ->
          in.length == 2 ? new Pairwise(kernels, Pair.MIN, a, in[1], out[0], fallback) : fallback;
      case "Max" ->
          in.length == 2 ? new Pairwise(kernels, Pair.MAX, a, in[1], out[0], fallback) : fallback;
      case "Clip" -> lowered.graph().opset() >= 11 ? clip(node, a, out[0], fallback) : fallback;
      case "Floor" -> new Exact(Exact.Function.FLOOR, a, out[0], fallback);
      case "Sqrt" -> new Exact(Exact.Function.SQRT, a, out[0], fallback);
      case "Abs" -> new Exact(Exact.Function.ABS, a, out[0], fallback);
      case "Neg" -> new Exact(Exact.Function.NEGATE, a, out[0], fallback);
      case "Reciprocal" -> new Exact(Exact.Function.RECIPROCAL, a, out[0], fallback);
      case "Round" -> new Exact(Exact.Function.ROUND, a, out[0], fallback);
      case "Not" -> new Exact(Exact.Function.NOT, a, out[0], fallback);
      case "Equal" -> new Pairwise(kernels, Pair.EQUAL, a, in[1], out[0], fallback);
      case "Greater" -> new Pairwise(kernels, Pair.GREATER, a, in[1], out[0], fallback);
      case "GreaterOrEqual" ->
          new Pairwise(kernels, Pair.GREATER_OR_EQUAL, a, in[1], out[0], fallback);
      case "Less" -> new Pairwise(kernels, Pair.LESS, a, in[1], out[0], fallback);
      case "LessOrEqual" -> new Pairwise(kernels, Pair.LESS_OR_EQUAL, a, in[1], out[0], fallback);
      case "And" -> new Pairwise(kernels, Pair.AND, a, in[1], out[0], fallback);
      case "Or" -> new Pairwise(kernels, Pair.OR, a, in[1], out[0], fallback);
      case "Xor" -> new Pairwise(kernels, Pair.XOR, a, in[1], out[0], fallback);
      case "Where" -> new Select(kernels, a, in[1], in[2], out[0], fallback);
      case "Cast" ->
          integer(node, "to", 0) == OnnxType.FLOAT.code()
              ? new MaskCast(a, out[0], fallback)
              : fallback;
      case "Unsqueeze", "Reshape", "Flatten", "Identity" -> view(node, in, out[0]);
      case "Squeeze" -> {
        int[] axes = axes(node, in);
        Instruction view = view(node, in, out[0]);
        yield axes == null ? view : new Squeeze(a, out[0], axes, view);
      }
      case "Softmax" ->
          integer(node, "axis", -1) == -1 && lowered.graph().opset() >= 13
              ? new Softmax(kernels, a, out[0], fallback)
              : fallback;
      case "LayerNormalization" -> layerNorm(node, in, out, fallback);
      case "MatMul" -> new Product(kernels, a, in[1], out[0], fallback);
      case "Transpose" -> new Transposition(a, out[0], list(node, "perm"));
      case "ReduceSum" -> reduce(node, in, out[0], Reduction.Kind.SUM, fallback);
      case "ReduceMean" -> reduce(node, in, out[0], Reduction.Kind.MEAN, fallback);
      case "ReduceMax" -> reduce(node, in, out[0], Reduction.Kind.MAX, fallback);
      case "Conv" -> convolution(node, a, out[0], fallback);
      case "Concat" -> new Concatenation(in, out[0], (int) integer(node, "axis", 1), fallback);
      case "Split" -> new Split(a, out, (int) integer(node, "axis", 0), parts(node), fallback);
      case "Pow" -> power(node, a, in[1], out[0], fallback);
      case "BatchNormalization" -> batchNorm(node, a, out, fallback);
      case "Resize" ->
          isSettled(node)
              ? new Resize(node, in, out[0], lowered.graph().opset(), fallback)
              : fallback;
      case "Gather", "GatherElements", "GatherND", "Slice", "Expand", "Tile" ->
          isSettled(node)
              ? new Movement(node, in, out[0], lowered.graph().opset(), fallback)
              : fallback;
      default -> {
        DoubleUnaryOperator function = Operators.real(node);
        yield function == null ? fallback : new Scalars.One(function, a, out[0], fallback);
      }
    };
  }

  /** Whether all inputs but the first depend on shapes only. */
  private boolean isSettled(OnnxNode node) {
    return node.inputs().stream()
        .skip(1)
        .allMatch(name -> name.isEmpty() || settled.contains(name));
  }

  private Instruction power(OnnxNode node, int base, int power, int out, Instruction fallback) {
    boolean isSquare =
        lowered.graph().constants().get(node.inputs().get(1)) instanceof FloatArray f
            && f.size() == 1
            && f.rank() == 0
            && f.values()[0] == 2;
    return isSquare
        ? new Pairwise(kernels, Pair.MULTIPLY, base, base, out, fallback)
        : new Scalars.Two(StrictMath::pow, base, power, out, fallback);
  }

  private Instruction batchNorm(OnnxNode node, int in, int[] out, Instruction fallback) {
    List<float[]> given = new ArrayList<>();
    for (int i = 1; i < 5; i++) {
      if (lowered.graph().constants().get(node.inputs().get(i)) instanceof FloatArray f) {
        given.add(f.values());
      }
    }
    int channels = given.isEmpty() ? 0 : given.get(0).length;
    if (given.size() < 4
        || given.stream().anyMatch(values -> values.length != channels)
        || out.length > 1
        || integer(node, "training_mode", 0) != 0) {
      return fallback;
    }
    double epsilon = real(node, "epsilon", 1e-5f);
    double[] root = new double[channels];
    Arrays.setAll(root, c -> Math.sqrt(given.get(3)[c] + epsilon));
    return new BatchNorm(in, out[0], given.get(0), given.get(1), given.get(2), root, fallback);
  }

  /** Constant sizes of the parts; none if they are equal, null if they are not constant. */
  private int @Nullable [] parts(OnnxNode node) {
    int[] parts = list(node, "split");
    if (parts == null && (node.inputs().size() < 2 || node.inputs().get(1).isEmpty())) {
      return new int[0];
    }
    if (parts == null
        && node.inputs().size() > 1
        && lowered.graph().constants().get(node.inputs().get(1)) instanceof IntegerArray given) {
      return Arrays.stream(given.values()).mapToInt(v -> (int) v).toArray();
    }
    return parts;
  }

  private Instruction clip(OnnxNode node, int in, int out, Instruction fallback) {
    float low = bound(node, 1, Float.NEGATIVE_INFINITY);
    float high = bound(node, 2, Float.POSITIVE_INFINITY);
    return Float.isNaN(low) || Float.isNaN(high)
        ? fallback
        : new Clip(in, out, low, high, fallback);
  }

  /** A constant bound; NaN if it is not constant. */
  private float bound(OnnxNode node, int input, float otherwise) {
    if (node.inputs().size() <= input || node.inputs().get(input).isEmpty()) {
      return otherwise;
    }
    return lowered.graph().constants().get(node.inputs().get(input)) instanceof FloatArray f
            && f.size() == 1
        ? f.values()[0]
        : Float.NaN;
  }

  private Instruction layerNorm(OnnxNode node, int[] in, int[] out, Instruction fallback) {
    NdArray scale = lowered.graph().constants().get(node.inputs().get(1));
    boolean hasShift = node.inputs().size() > 2 && !node.inputs().get(2).isEmpty();
    NdArray shift = hasShift ? lowered.graph().constants().get(node.inputs().get(2)) : null;
    if (integer(node, "axis", -1) != -1
        || out.length > 1
        || !(scale instanceof FloatArray s)
        || s.rank() != 1) {
      return fallback;
    }
    if (hasShift && !(shift instanceof FloatArray t && t.rank() == 1 && t.size() == s.size())) {
      return fallback;
    }
    float[] shifts = shift instanceof FloatArray t ? t.values() : new float[s.size()];
    return new LayerNorm(
        kernels, in[0], out[0], s.values(), shifts, real(node, "epsilon", 1e-5f), fallback);
  }

  private Instruction reduce(
      OnnxNode node, int[] in, int out, Reduction.Kind kind, Instruction fallback) {
    int[] axes = axes(node, in);
    if (axes == null || axes.length != 1) {
      return fallback;
    }
    return new Reduction(
        kernels, kind, in[0], out, axes[0], integer(node, "keepdims", 1) == 1, fallback);
  }

  /** Constant axes, from the attribute or the second input; null if there are none. */
  private int @Nullable [] axes(OnnxNode node, int[] in) {
    int[] axes = list(node, "axes");
    if (axes == null
        && in.length > 1
        && in[1] >= 0
        && lowered.graph().constants().get(node.inputs().get(1)) instanceof IntegerArray given) {
      return Arrays.stream(given.values()).mapToInt(v -> (int) v).toArray();
    }
    return axes;
  }

  private Instruction bitLinear(List<OnnxNode> group) {
    List<BitLinear.Layer> layers = new ArrayList<>();
    for (OnnxNode node : group) {
      BitLayer layer = lowered.layers().get(node.outputs().get(0));
      if (layer == null) {
        throw new IllegalStateException(node.describe());
      }
      layers.add(
          BitLinear.Layer.of(
              kernels, layer, slot(node.outputs().get(0)), activation(node), alpha(node), trials));
    }
    layers.forEach(layer -> products.add(layer.product()));
    BitLayer first = lowered.layers().get(group.get(0).outputs().get(0));
    if (first == null) {
      throw new IllegalStateException(group.get(0).describe());
    }
    return new BitLinear(
        kernels,
        slot(group.get(0).inputs().get(0)),
        first.quantiser(),
        first.weights().inputs(),
        layers);
  }

  /** Rows of any element type: parts are spread, then the interpreter joins them. */
  private Instruction spread(OnnxNode rows, int[] in, int out) {
    OnnxNode concat =
        new OnnxNode(
            rows.name(),
            "",
            "Concat",
            rows.inputs(),
            rows.outputs(),
            Map.of("axis", new OnnxAttribute.IntValue(-1)));
    long opset = lowered.graph().opset();
    return frame -> {
      int[] grid = new int[0];
      for (int slot : in) {
        int[] shape = frame.get(slot).shape();
        grid = Shapes.broadcast(grid, Arrays.copyOf(shape, Math.max(0, shape.length - 1)));
      }
      List<NdArray> parts = new ArrayList<>();
      List<int[]> shapes = new ArrayList<>();
      for (int slot : in) {
        NdArray part = frame.get(slot);
        if (part.rank() != grid.length + 1) {
          throw new IllegalArgumentException(rows.describe() + ": ranks differ");
        }
        int[] full = Arrays.copyOf(grid, part.rank());
        full[grid.length] = part.shape()[grid.length];
        parts.add(part);
        shapes.add(full);
      }
      frame.compute(
          new int[] {out},
          in,
          parts,
          () -> {
            List<@Nullable NdArray> spread = new ArrayList<>();
            for (int i = 0; i < parts.size(); i++) {
              NdArray part = parts.get(i);
              int[] full = shapes.get(i);
              spread.add(part.take(Shapes.broadcastPositions(part.shape(), full), full));
            }
            return Interpreter.evaluate(new Call(concat, spread, opset, Map.of()));
          });
    };
  }

  /** Operators that return their input under another shape: the interpreter finds the shape. */
  private Instruction view(OnnxNode node, int[] in, int out) {
    Operators.of(node);
    long opset = lowered.graph().opset();
    boolean isSettled = isSettled(node);
    return frame -> {
      List<@Nullable NdArray> inputs = new ArrayList<>(in.length);
      inputs.add(frame.raw(in[0])); // its type does not matter
      for (int i = 1; i < in.length; i++) {
        inputs.add(in[i] < 0 ? null : frame.get(in[i]));
      }
      Call call = new Call(node, inputs, opset, Map.of());
      int[] shape = Interpreter.evaluate(call).get(0).shape();
      frame.reshape(out, in[0], shape);
      if (!isSettled) {
        frame.perform(
            () -> {
              if (!Arrays.equals(Interpreter.evaluate(call).get(0).shape(), shape)) {
                frame.change();
              }
            });
      }
    };
  }

  /** The interpreter's operator on whole arrays. */
  private Instruction fallback(OnnxNode node, int[] in, int[] out) {
    Operators.of(node);
    long opset = lowered.graph().opset();
    boolean nested =
        node.attributes().values().stream().anyMatch(a -> a instanceof OnnxAttribute.GraphValue);
    return frame -> {
      List<@Nullable NdArray> inputs = new ArrayList<>(in.length);
      for (int slot : in) {
        inputs.add(slot < 0 ? null : frame.get(slot));
      }
      Map<String, NdArray> scope = nested ? scope(frame) : Map.of();
      Call call = new Call(node, inputs, opset, scope);
      frame.compute(out, in, inputs, () -> Interpreter.evaluate(call));
    };
  }

  private Map<String, NdArray> scope(Frame frame) {
    Map<String, NdArray> scope = new LinkedHashMap<>();
    slots.forEach(
        (name, slot) -> {
          if (frame.has(slot)) {
            scope.put(name, frame.get(slot));
          }
        });
    return scope;
  }

  private FloatArray floats(OnnxNode node, int input) {
    if (lowered.graph().constants().get(node.inputs().get(input)) instanceof FloatArray f) {
      return f;
    }
    throw new IllegalStateException(node.describe());
  }

  private static Activation activation(OnnxNode node) {
    String name = text(node, "activation");
    return name.isEmpty() ? Activation.NONE : Activation.valueOf(name);
  }

  private static float alpha(OnnxNode node) {
    return real(node, "alpha", 0.01f);
  }

  private static String text(OnnxNode node, String name) {
    return node.attributes().get(name) instanceof OnnxAttribute.StringValue s ? s.value() : "";
  }

  private static float real(OnnxNode node, String name) {
    return real(node, name, 0);
  }

  private static float real(OnnxNode node, String name, float otherwise) {
    return node.attributes().get(name) instanceof OnnxAttribute.FloatValue f
        ? f.value()
        : otherwise;
  }

  private static long integer(OnnxNode node, String name, long otherwise) {
    return node.attributes().get(name) instanceof OnnxAttribute.IntValue i ? i.value() : otherwise;
  }

  private static int @Nullable [] list(OnnxNode node, String name) {
    return node.attributes().get(name) instanceof OnnxAttribute.IntList list
        ? list.values().stream().mapToInt(Math::toIntExact).toArray()
        : null;
  }
}
