package org.bitbeam.physics.calo;

import java.util.List;
import java.util.Map;
import org.bitbeam.runtime.ModelException;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A normalising flow of coupling blocks, as CaloINN's (arXiv 2312.09290; specs/models.md 4.3): a
 * block scales and shifts all numbers (if it has an ActNorm), leaves the first half as it is, sends
 * the second half through a spline whose shape a network makes of the first half and the condition,
 * and permutes all. The networks belong to the caller. Safe to use from several threads.
 */
final class CouplingFlow {
  private static final long MAX_PARAMETER_BYTES = 64 << 20;

  private final List<Block> blocks;
  private final Spline spline;
  private final int length;
  private final int conditioner;

  /**
   * A block.
   *
   * @param norm scale and shift of each number; null if there is none
   * @param subnet input (rows, ceil(D / 2) + 1), output (rows, floor(D / 2) x parameters)
   * @param permutation number i of the result is number permutation(i) of what was there
   */
  record Block(@Nullable ActNorm norm, Network subnet, int[] permutation) {}

  /**
   * z = exp(s) x + b.
   *
   * @param scale exp(s)
   * @param logScale sum of s
   * @param shift b
   */
  record ActNorm(double[] scale, double logScale, double[] shift) {}

  CouplingFlow(List<Block> blocks, Spline spline, int length) {
    this.blocks = List.copyOf(blocks);
    this.spline = spline;
    this.length = length;
    this.conditioner = (length + 1) / 2;
  }

  /** Rows whose spline parameters take 64 MiB. */
  int rowsPerCall() {
    long row = (long) (length - conditioner) * spline.parameters() * Float.BYTES;
    return (int) Math.max(1, Math.min(1000, MAX_PARAMETER_BYTES / row));
  }

  /**
   * From data to the latent space, in place.
   *
   * @param x rows of D numbers
   * @param condition one number a row
   * @return logarithm of the determinant of the derivative of each row
   */
  double[] toLatent(double[] x, float[] condition) {
    int rows = condition.length;
    double[] logDeterminant = new double[rows];
    double[] other = new double[length];
    for (Block block : blocks) {
      ActNorm norm = block.norm();
      if (norm != null) {
        for (int row = 0; row < rows; row++) {
          for (int i = 0; i < length; i++) {
            x[row * length + i] = Math.fma(x[row * length + i], norm.scale()[i], norm.shift()[i]);
          }
          logDeterminant[row] += norm.logScale();
        }
      }
      couple(block, x, condition, false, logDeterminant);
      for (int row = 0; row < rows; row++) {
        for (int i = 0; i < length; i++) {
          other[i] = x[row * length + block.permutation()[i]];
        }
        System.arraycopy(other, 0, x, row * length, length);
      }
    }
    return logDeterminant;
  }

  /** From the latent space to data, in place; the inverse of {@link #toLatent}. */
  double[] fromLatent(double[] z, float[] condition) {
    double[] logDeterminant = new double[condition.length];
    fromLatent(z, condition, logDeterminant);
    return logDeterminant;
  }

  /** The same without determinants, which take time. */
  void sample(double[] z, float[] condition) {
    fromLatent(z, condition, null);
  }

  private void fromLatent(double[] z, float[] condition, double @Nullable [] logDeterminant) {
    int rows = condition.length;
    double[] other = new double[length];
    for (int b = blocks.size() - 1; b >= 0; b--) {
      Block block = blocks.get(b);
      for (int row = 0; row < rows; row++) {
        for (int i = 0; i < length; i++) {
          other[block.permutation()[i]] = z[row * length + i];
        }
        System.arraycopy(other, 0, z, row * length, length);
      }
      couple(block, z, condition, true, logDeterminant);
      ActNorm norm = block.norm();
      if (norm != null) {
        for (int row = 0; row < rows; row++) {
          for (int i = 0; i < length; i++) {
            z[row * length + i] = (z[row * length + i] - norm.shift()[i]) / norm.scale()[i];
          }
          if (logDeterminant != null) {
            logDeterminant[row] -= norm.logScale();
          }
        }
      }
    }
  }

  private void couple(
      Block block,
      double[] x,
      float[] condition,
      boolean inverse,
      double @Nullable [] logDeterminant) {
    int rows = condition.length;
    // Engines take other code paths, with other roundings, for a single row: send it twice.
    int sent = rows == 1 ? 2 : rows;
    float[] input = new float[sent * (conditioner + 1)];
    for (int row = 0; row < sent; row++) {
      int from = (row % rows) * length;
      int to = row * (conditioner + 1);
      for (int i = 0; i < conditioner; i++) {
        input[to + i] = (float) x[from + i];
      }
      input[to + conditioner] = condition[row % rows];
    }
    int transformed = length - conditioner;
    float[] theta = parameters(block.subnet(), input, sent, transformed * spline.parameters());
    Spline.Workspace room = spline.workspace(logDeterminant != null);
    for (int row = 0; row < rows; row++) {
      double change =
          spline.transform(
              x,
              row * length + conditioner,
              transformed,
              theta,
              row * transformed * spline.parameters(),
              inverse,
              room);
      if (logDeterminant != null) {
        logDeterminant[row] += change;
      }
    }
  }

  private float[] parameters(Network subnet, float[] input, int rows, int columns) {
    String name = subnet.inputs().get(0).name();
    Map<String, Tensor> outputs = subnet.run(Map.of(name, Tensor.of(input, rows, conditioner + 1)));
    Tensor theta = outputs.values().iterator().next();
    if (theta.size() != rows * columns) {
      throw new ModelException(
          subnet + ": its output is " + theta + ", expected " + rows + " x " + columns);
    }
    return theta.floats();
  }
}
