package org.bitbeam.runtime.internal.bit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.bitbeam.runtime.CodeProducts;
import org.bitbeam.runtime.NativeProducts;
import org.bitbeam.runtime.internal.lowering.TernaryWeights;
import org.jspecify.annotations.Nullable;

/**
 * Exact sums of integer codes times the signs of one layer, by the way that is asked for or
 * measured to be the fastest for this shape and number of rows.
 */
final class CodeProduct implements AutoCloseable {
  /** Below so many weights, a call of ONNX Runtime costs more than the product. */
  private static final int INTEGER_WEIGHTS = 1 << 15;

  /** Numbers of rows that are told apart: from the first on up to the next. */
  private static final int[] FROM_ROWS = {1, 3, 12};

  /** Below so many weights, calls cost as much as the sums. */
  private static final int SMALL = 1 << 12;

  private static final float[] NO_BIAS = {};

  /** The measurements of a plan: layers of the same shape share them. */
  static final class Trials {
    private final CodeProducts asked;
    private final Optional<NativeProducts> natives;
    private final Map<String, ShapeTrial> trials = new ConcurrentHashMap<>();

    Trials(CodeProducts asked, Optional<NativeProducts> natives) {
      this.asked = asked;
      this.natives = natives;
    }

    List<String> choices() {
      return trials.values().stream().map(ShapeTrial::toString).sorted().toList();
    }
  }

  private final Kernels kernels;
  private final int outputs;
  private final SignMatrix matrix;
  private final IntegerProduct integer;
  private final NativeProducts.@Nullable Signs machine;
  private final ShapeTrial[] trials = new ShapeTrial[FROM_ROWS.length];

  CodeProduct(Kernels kernels, TernaryWeights weights, Trials shared) {
    this.kernels = kernels;
    int inputs = weights.inputs();
    this.outputs = weights.outputs();
    int wide = kernels.wide(outputs);
    float[] signs = new float[Math.multiplyExact(inputs, wide)];
    for (int n = 0; n < outputs; n++) {
      for (int k = 0; k < inputs; k++) {
        signs[k * wide + n] = weights.signs()[n * inputs + k];
      }
    }
    this.matrix = kernels.signs(signs, inputs, wide);
    this.integer = new IntegerProduct(weights);
    boolean wanted = shared.asked == CodeProducts.MEASURED || shared.asked == CodeProducts.NATIVE;
    this.machine =
        shared
            .natives
            .filter(natives -> wanted)
            .flatMap(natives -> natives.pack(inputs, outputs, weights.signs()))
            .orElse(null);
    for (int i = 0; i < trials.length; i++) {
      List<CodeProducts> ways = ways(shared.asked, i, inputs * outputs);
      // Of few rows memory may limit the speed; that of many rows shows whether code is compiled.
      double compiled = isMany(i) && inputs * outputs >= SMALL ? 8 : 1;
      String shape = FROM_ROWS[i] + " or more rows, " + inputs + " x " + outputs;
      trials[i] =
          shared.trials.computeIfAbsent(
              shape, key -> new ShapeTrial(shape, (long) inputs * outputs, ways, compiled));
    }
  }

  private List<CodeProducts> ways(CodeProducts asked, int rowClass, int weights) {
    List<CodeProducts> ways = new ArrayList<>();
    boolean many = isMany(rowClass);
    if (matrix.table().length > 0) {
      ways.add(CodeProducts.LOOKED_UP);
    }
    ways.add(CodeProducts.MULTIPLIED);
    if (machine != null) {
      ways.add(CodeProducts.NATIVE);
    }
    if (matrix.words().length > 0 && (many || asked == CodeProducts.FOUR_RUSSIANS)) {
      ways.add(CodeProducts.FOUR_RUSSIANS);
    }
    if (asked == CodeProducts.ONNX_RUNTIME || (many && weights >= INTEGER_WEIGHTS)) {
      ways.add(CodeProducts.ONNX_RUNTIME);
    }
    if (asked == CodeProducts.MEASURED) {
      return ways;
    }
    return List.of(ways.contains(asked) ? asked : CodeProducts.MULTIPLIED);
  }

  private static boolean isMany(int rowClass) {
    return rowClass == FROM_ROWS.length - 1;
  }

  /** Padded number of outputs. */
  int wide() {
    return matrix.wide();
  }

  /** y(m, n) = sum over k of code(m, k) * sign(k, n), for n below the number of outputs. */
  void multiply(Frame frame, RowCodes codes, float[] y, int to) {
    multiply(frame, codes, null, NO_BIAS, y, to);
  }

  /**
   * y(m, n) = fma(sum, scale(m), bias(n)).
   *
   * @param scales one per row; null for the sums alone
   * @param bias one per output, filled up to {@link #wide}
   */
  void multiply(
      Frame frame, RowCodes codes, float @Nullable [] scales, float[] bias, float[] y, int to) {
    int rowClass = FROM_ROWS.length - 1;
    while (codes.rows() < FROM_ROWS[rowClass]) {
      rowClass--;
    }
    ShapeTrial trial = trials[rowClass];
    CodeProducts way = trial.chosen();
    if (way != null) {
      multiply(way, frame, codes, scales, bias, y, to);
      return;
    }
    CodeProducts tried = trial.next();
    if (tried != CodeProducts.NATIVE) {
      codes.codes(kernels); // shared by layers, so not counted
    }
    long start = System.nanoTime();
    multiply(tried, frame, codes, scales, bias, y, to);
    trial.took(tried, codes.rows(), System.nanoTime() - start);
  }

  private void multiply(
      CodeProducts way,
      Frame frame,
      RowCodes rowCodes,
      float @Nullable [] scales,
      float[] bias,
      float[] y,
      int to) {
    int rows = rowCodes.rows();
    if (way == CodeProducts.NATIVE && machine != null) {
      byte[] scratch = frame.bytes(machine.scratch(rows));
      machine.multiply(
          rows, rowCodes.x(), rowCodes.at(), rowCodes.factors(), scratch, scales, bias, y, to);
      return;
    }
    float[] codes = rowCodes.codes(kernels);
    if (way == CodeProducts.ONNX_RUNTIME && integer.multiply(frame, rows, codes, y, to)) {
      scaleShift(rows, outputs, scales, bias, y, to);
      return;
    }
    int wide = matrix.wide();
    float[] sums = wide == outputs ? y : frame.scratch(4, rows * wide);
    int at = wide == outputs ? to : 0;
    if (way == CodeProducts.LOOKED_UP) {
      kernels.lookUpCodes(frame, rows, codes, matrix, sums, at);
    } else if (way == CodeProducts.FOUR_RUSSIANS) {
      kernels.tabulateCodes(frame, rows, codes, matrix, sums, at);
    } else {
      kernels.multiplyCodes(rows, codes, matrix, sums, at);
    }
    scaleShift(rows, wide, scales, bias, sums, at);
    if (wide != outputs) {
      Dense.narrow(sums, rows, wide, y, to, outputs);
    }
  }

  private void scaleShift(
      int rows, int columns, float @Nullable [] scales, float[] bias, float[] y, int to) {
    if (scales != null) {
      for (int i = 0; i < rows; i++) {
        kernels.scaleShift(y, to + i * columns, columns, scales[i], bias, 0);
      }
    }
  }

  @Override
  public void close() {
    integer.close();
  }
}
