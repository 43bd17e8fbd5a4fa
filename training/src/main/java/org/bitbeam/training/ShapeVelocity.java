package org.bitbeam.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.bitbeam.physics.calo.CounterRandom;

/**
 * CaloDREAM's shape network (arXiv 2405.09629; specs/models.md 5.3): the velocity of all voxels,
 * from a vision transformer over patches of them, which incident and layer energies and the time
 * modulate (adaLN). Layers: {@code shape.patch}, {@code shape.time.0, .1}, {@code
 * shape.condition.0, .1}, in block i {@code shape.block.i.} with {@code modulate}, {@code qkv},
 * {@code proj}, {@code fc1}, {@code fc2}; {@code shape.modulate}, {@code shape.final}.
 *
 * @param grid layers, sectors and rings of the calorimeter
 * @param patch the same of a patch, divisors of the grid's
 * @param conditions numbers of a condition
 * @param width of a token, a multiple of 6 and of the heads
 * @param heads of the attention
 * @param depth number of blocks
 * @param feed width between {@code fc1} and {@code fc2}
 */
record ShapeVelocity(
    List<Integer> grid,
    List<Integer> patch,
    int conditions,
    int width,
    int heads,
    int depth,
    int feed)
    implements TrainableNetwork {
  static final String STATE = "x";
  static final String TIME = "t";
  static final String CONDITION = "condition";
  static final String POSITIONS = "shape.positions";

  private static final int WAVES = 128; // of the time: cosines, then sines
  private static final double SLOWEST = 1e4;
  private static final float TWO_PI = (float) (2 * Math.PI);
  private static final int MODULATIONS = 6; // shift, scale, gate of two branches

  ShapeVelocity {
    grid = List.copyOf(grid);
    patch = List.copyOf(patch);
  }

  @Override
  public String name() {
    return "shape-velocity";
  }

  @Override
  public String description() {
    return "Velocity of voxels: vision transformer of width "
        + width
        + ", "
        + depth
        + " blocks, "
        + tokens()
        + " patches of "
        + patchSize();
  }

  int voxels() {
    return grid.stream().reduce(1, Math::multiplyExact);
  }

  private int patchSize() {
    return patch.stream().reduce(1, Math::multiplyExact);
  }

  private int patches(int axis) {
    return grid.get(axis) / patch.get(axis);
  }

  private int tokens() {
    return patches(0) * patches(1) * patches(2);
  }

  @Override
  public List<Input> inputs() {
    return List.of(
        new Input(STATE, List.of(voxels())),
        new Input(TIME, List.of(1)),
        new Input(CONDITION, List.of(conditions)));
  }

  @Override
  public String output() {
    return "velocity";
  }

  /** As published: last layers of modulations and of the network 0, frequencies normal numbers. */
  void initialise(Parameters parameters, CounterRandom random) {
    float[] frequencies = parameters.get(POSITIONS).values();
    double[] normals = new double[frequencies.length];
    random.normals(0, 0, normals, 0, normals.length);
    for (int i = 0; i < normals.length; i++) {
      frequencies[i] = (float) normals[i];
    }
    for (Parameter p : parameters.all()) {
      if (p.name().matches("shape\\.(block\\.\\d+\\.modulate|modulate|final)\\.(weight|bias)")) {
        Arrays.fill(p.values(), 0);
      }
    }
  }

  @Override
  public <T> T apply(Operations<T> operations, Map<String, T> inputs) {
    return apply(
        operations,
        Objects.requireNonNull(inputs.get(STATE)),
        Objects.requireNonNull(inputs.get(TIME)),
        Objects.requireNonNull(inputs.get(CONDITION)));
  }

  <T> T apply(Operations<T> operations, T state, T time, T condition) {
    return new Pass<>(operations).velocity(state, time, condition);
  }

  private final class Pass<T> {
    private final Operations<T> ops;

    Pass(Operations<T> operations) {
      ops = operations;
    }

    T velocity(T state, T time, T condition) {
      T x = ops.linear("shape.patch", patched(state), patchSize(), width);
      x = ops.add(x, positions());
      T given =
          ops.silu(
              ops.add(
                  embedded("shape.time", waves(time), 2 * WAVES),
                  embedded("shape.condition", condition, conditions)));
      for (int block = 0; block < depth; block++) {
        x = block("shape.block." + block, x, given);
      }
      List<T> last = modulations("shape.modulate", given, 2);
      x = modulated(x, last.get(0), last.get(1));
      return unpatched(ops.linear("shape.final", x, width, patchSize()));
    }

    /** From (rows, voxels) to (rows, patches, voxels of a patch). */
    private T patched(T state) {
      int[] p = {patch.get(0), patch.get(1), patch.get(2)};
      T split = ops.reshape(state, 0, patches(0), p[0], patches(1), p[1], patches(2), p[2]);
      return ops.reshape(ops.transpose(split, 0, 1, 3, 5, 2, 4, 6), 0, tokens(), patchSize());
    }

    private T unpatched(T x) {
      int[] p = {patch.get(0), patch.get(1), patch.get(2)};
      T split = ops.reshape(x, 0, patches(0), patches(1), patches(2), p[0], p[1], p[2]);
      return ops.reshape(ops.transpose(split, 0, 1, 4, 2, 5, 3, 6), 0, voxels());
    }

    /** (patches, width): sines and cosines along ring, sector and layer. */
    private T positions() {
      T frequencies = ops.scale(ops.vector(POSITIONS, width / 2), TWO_PI);
      List<T> parts = new ArrayList<>();
      int each = width / 6;
      for (int axis = 2; axis >= 0; axis--) {
        T angles =
            ops.multiply(
                ops.constant(places(axis), tokens(), 1),
                ops.slice(frequencies, axis * each, (axis + 1) * each));
        parts.add(ops.sine(angles));
        parts.add(ops.cosine(angles));
      }
      return ops.concatenate(parts);
    }

    private T waves(T time) {
      float[] rates = new float[WAVES];
      for (int i = 0; i < WAVES; i++) {
        rates[i] = (float) Math.exp(-Math.log(SLOWEST) * i / WAVES);
      }
      T angles = ops.multiply(time, ops.constant(rates, WAVES));
      return ops.concatenate(List.of(ops.cosine(angles), ops.sine(angles)));
    }

    private T embedded(String name, T x, int size) {
      T hidden = ops.silu(ops.linear(name + ".0", x, size, width));
      return ops.linear(name + ".1", hidden, width, width);
    }

    private List<T> modulations(String name, T given, int count) {
      T all = ops.expand(ops.linear(name, given, width, count * width), 1);
      List<T> parts = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        parts.add(ops.slice(all, i * width, (i + 1) * width));
      }
      return parts;
    }

    private T modulated(T x, T shift, T scale) {
      return ops.add(ops.multiply(ops.normalise(x, width), ops.shift(scale, 1)), shift);
    }

    private T block(String name, T x, T given) {
      List<T> m = modulations(name + ".modulate", given, MODULATIONS);
      T qkv = ops.linear(name + ".qkv", modulated(x, m.get(0), m.get(1)), width, 3 * width);
      T taken =
          new Attention(width, heads)
              .of(
                  ops,
                  ops.slice(qkv, 0, width),
                  ops.slice(qkv, width, 2 * width),
                  ops.slice(qkv, 2 * width, 3 * width),
                  Optional.empty());
      T y = ops.add(x, ops.multiply(m.get(2), ops.linear(name + ".proj", taken, width, width)));
      T fed = ops.linear(name + ".fc1", modulated(y, m.get(3), m.get(4)), width, feed);
      fed = ops.linear(name + ".fc2", geluTanh(fed), feed, width);
      return ops.add(y, ops.multiply(m.get(5), fed));
    }

    /** GELU by its approximation with tanh, in the operations that PyTorch's exporter writes. */
    private T geluTanh(T x) {
      T cube = ops.multiply(ops.multiply(x, x), x);
      T inner = ops.add(x, ops.scale(cube, 0.044715f));
      T tanh = ops.hyperbolicTangent(ops.scale(inner, (float) Math.sqrt(2 / Math.PI)));
      return ops.multiply(ops.scale(x, 0.5f), ops.shift(tanh, 1));
    }
  }

  /** Place of each patch along an axis, from 0 to below 1. */
  private float[] places(int axis) {
    int behind = 1;
    for (int i = axis + 1; i < 3; i++) {
      behind *= patches(i);
    }
    float[] places = new float[tokens()];
    for (int token = 0; token < places.length; token++) {
      places[token] = (float) (token / behind % patches(axis)) / patches(axis);
    }
    return places;
  }
}
