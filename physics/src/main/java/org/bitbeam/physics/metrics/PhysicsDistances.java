package org.bitbeam.physics.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.bitbeam.physics.calo.CounterRandom;
import org.bitbeam.physics.metrics.ShowerFeatures.Features;
import org.hipparchus.linear.EigenDecompositionSymmetric;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/**
 * Fréchet and kernel physics distance of two samples of feature vectors (Kansal et al., arXiv
 * 2211.10295, with the settings of the authors' JetNet library, which the CaloChallenge's write-up,
 * arXiv 2410.21611, uses): features are divided by the largest absolute value of the reference's.
 * Samples are drawn with replacement by a seeded counter-based generator. Pure functions.
 */
public final class PhysicsDistances {
  /** Showers a sample of the Fréchet distance at most has; less if there are less. */
  public static final int MOST_SAMPLES = 50_000;

  private static final double LEAST_OVER_MOST = 0.4; // 20,000
  private static final int SIZES = 10;
  private static final int FRECHET_BATCHES = 20;
  private static final int KERNEL_BATCHES = 10;
  private static final int KERNEL_SAMPLES = 5000;
  private static final double LOWER_PERCENTILE = 16.275;
  private static final double UPPER_PERCENTILE = 83.725;
  private static final double LOG_EPSILON = 1e-8;
  private static final double MILLIMETRES = 100;

  private PhysicsDistances() {}

  /** A distance with its error; both are 0 or more but for statistical fluctuations. */
  public record Distance(double value, double error) {}

  /**
   * The high-level features the CaloChallenge takes: log10 of the incident energy, log10(E + 1e-8
   * MeV) of the layers, and of layers with several sectors the centres and widths in eta and phi in
   * units of 100 mm. One row a shower.
   */
  public static double[][] features(List<Features> showers) {
    return showers.stream().map(PhysicsDistances::features).toArray(double[][]::new);
  }

  private static double[] features(Features shower) {
    DoubleStream.Builder row = DoubleStream.builder();
    row.add(StrictMath.log10(shower.incident()));
    for (double energy : shower.layerEnergies()) {
      row.add(StrictMath.log10(energy + LOG_EPSILON));
    }
    for (double[] places :
        List.of(shower.centreEta(), shower.centrePhi(), shower.widthEta(), shower.widthPhi())) {
      for (double place : places) {
        if (!Double.isNaN(place)) { // layers of one sector have none
          row.add(place / MILLIMETRES);
        }
      }
    }
    return row.build().toArray();
  }

  /**
   * Fréchet physics distance: that of normal distributions, extrapolated to samples without end.
   * For 10 sizes N, at equal steps of 1 / N from 20,000 to 50,000 (in proportion less where a
   * sample has less), the mean of 20 pairs of samples; a line in 1 / N, neither of whose
   * coefficients is negative, through the means; its value at 0 with the error of the fit. Time
   * grows with the square of the number of features.
   *
   * @param reference rows of features
   * @param other rows of as many features
   * @throws IllegalArgumentException when a sample has less than 100 rows, or values that are not
   *     finite
   */
  public static Distance frechet(double[][] reference, double[][] other, long seed) {
    double[] scale = scale(reference, other);
    double[][] a = scaled(reference, scale);
    double[][] b = scaled(other, scale);
    int most = Math.min(MOST_SAMPLES, Math.min(a.length, b.length));
    int[] sizes = sizes((int) (most * LEAST_OVER_MOST), most);
    CounterRandom random = new CounterRandom(seed);
    double[] means = new double[SIZES];
    int stream = 0;
    for (int s = 0; s < SIZES; s++) {
      for (int batch = 0; batch < FRECHET_BATCHES; batch++) {
        double[][] first = draw(a, sizes[s], random, stream++);
        double[][] second = draw(b, sizes[s], random, stream++);
        means[s] += frechet(Moments.of(first), Moments.of(second)) / FRECHET_BATCHES;
      }
    }
    return atInfinity(sizes, means);
  }

  /**
   * Kernel physics distance: the unbiased square of the maximum mean discrepancy with the kernel (x
   * y / D + 1)^4, D the number of features. Median of 10 pairs of samples of 5,000 (less where a
   * sample has less), half the distance between the percentiles 16.275 and 83.725 as error.
   *
   * @param reference rows of features
   * @param other rows of as many features
   * @throws IllegalArgumentException as {@link #frechet}
   */
  public static Distance kernel(double[][] reference, double[][] other, long seed) {
    double[] scale = scale(reference, other);
    double[][] a = scaled(reference, scale);
    double[][] b = scaled(other, scale);
    int size = Math.min(KERNEL_SAMPLES, Math.min(a.length, b.length));
    CounterRandom random = new CounterRandom(seed);
    double[] values = new double[KERNEL_BATCHES];
    for (int batch = 0; batch < KERNEL_BATCHES; batch++) {
      values[batch] =
          meanDiscrepancy(draw(a, size, random, 2 * batch), draw(b, size, random, 2 * batch + 1));
    }
    Arrays.sort(values);
    return new Distance(
        percentile(values, 50),
        (percentile(values, UPPER_PERCENTILE) - percentile(values, LOWER_PERCENTILE)) / 2);
  }

  private static double[] scale(double[][] reference, double[][] other) {
    if (Math.min(reference.length, other.length) < 100) {
      throw new IllegalArgumentException(
          "distances need at least 100 showers; there are "
              + reference.length
              + " of the reference and "
              + other.length);
    }
    double[] scale = new double[reference[0].length];
    for (double[][] sample : List.of(reference, other)) {
      for (int row = 0; row < sample.length; row++) {
        for (int i = 0; i < scale.length; i++) {
          if (!Double.isFinite(sample[row][i])) {
            throw new IllegalArgumentException(
                "shower " + row + ": feature " + i + " is " + sample[row][i]);
          }
        }
      }
    }
    for (double[] row : reference) {
      for (int i = 0; i < scale.length; i++) {
        scale[i] = Math.max(scale[i], Math.abs(row[i]));
      }
    }
    return Arrays.stream(scale).map(s -> s == 0 ? 1 : s).toArray();
  }

  private static double[][] scaled(double[][] rows, double[] scale) {
    double[][] scaled = new double[rows.length][scale.length];
    for (int row = 0; row < rows.length; row++) {
      for (int i = 0; i < scale.length; i++) {
        scaled[row][i] = rows[row][i] / scale[i];
      }
    }
    return scaled;
  }

  private static double[][] draw(double[][] rows, int count, CounterRandom random, int stream) {
    double[][] drawn = new double[count][];
    for (int i = 0; i < count; i++) {
      drawn[i] = rows[(int) ((1 - random.uniform(i, stream)) * rows.length)];
    }
    return drawn;
  }

  /** Sizes at equal steps of 1 / N, rounded down. */
  static int[] sizes(int least, int most) {
    int[] sizes = new int[SIZES];
    Arrays.setAll(
        sizes, i -> (int) (1 / (1. / least + (1. / most - 1. / least) * i / (SIZES - 1)) + 1e-6));
    return sizes;
  }

  /** Mean and covariance (of n - 1) of a sample. */
  record Moments(double[] mean, RealMatrix covariance) {
    static Moments of(double[][] rows) {
      int size = rows[0].length;
      double[] mean = new double[size];
      for (double[] row : rows) {
        for (int i = 0; i < size; i++) {
          mean[i] += row[i];
        }
      }
      for (int i = 0; i < size; i++) {
        mean[i] /= rows.length;
      }
      double[][] products = new double[size][size];
      double[] off = new double[size];
      for (double[] row : rows) {
        for (int i = 0; i < size; i++) {
          off[i] = row[i] - mean[i];
        }
        for (int i = 0; i < size; i++) {
          double[] target = products[i];
          double factor = off[i];
          for (int j = 0; j < size; j++) {
            target[j] += factor * off[j];
          }
        }
      }
      RealMatrix covariance = MatrixUtils.createRealMatrix(products);
      return new Moments(mean, covariance.scalarMultiply(1. / (rows.length - 1)));
    }
  }

  /** |m1 - m2|^2 + Tr(C1 + C2 - 2 (C1 C2)^(1/2)). */
  static double frechet(Moments a, Moments b) {
    double squares = 0;
    for (int i = 0; i < a.mean().length; i++) {
      double off = a.mean()[i] - b.mean()[i];
      squares += off * off;
    }
    // C1 C2 has the eigenvalues of R C2 R with R = C1^(1/2), which is symmetric.
    RealMatrix root = root(a.covariance());
    RealMatrix product = root.multiply(b.covariance()).multiply(root);
    double trace = 0;
    for (double value : eigen(product).getEigenvalues()) {
      trace += Math.sqrt(Math.max(0, value)); // below 0 by rounding alone
    }
    return squares + a.covariance().getTrace() + b.covariance().getTrace() - 2 * trace;
  }

  private static EigenDecompositionSymmetric eigen(RealMatrix matrix) {
    RealMatrix symmetric = matrix.add(matrix.transpose()).scalarMultiply(0.5);
    return new EigenDecompositionSymmetric(symmetric);
  }

  private static RealMatrix root(RealMatrix covariance) {
    EigenDecompositionSymmetric eigen = eigen(covariance);
    double[] roots =
        Arrays.stream(eigen.getEigenvalues()).map(v -> Math.sqrt(Math.max(0, v))).toArray();
    return eigen
        .getV()
        .multiply(MatrixUtils.createRealDiagonalMatrix(roots))
        .multiply(eigen.getVT());
  }

  /** The line in 1 / N by least squares, both coefficients at least 0: its value at 0. */
  static Distance atInfinity(int[] sizes, double[] values) {
    int n = sizes.length;
    double sx = 0;
    double sxx = 0;
    double sy = 0;
    double sxy = 0;
    for (int i = 0; i < n; i++) {
      double x = 1. / sizes[i];
      sx += x;
      sxx += x * x;
      sy += values[i];
      sxy += x * values[i];
    }
    double determinant = n * sxx - sx * sx;
    double intercept = (sxx * sy - sx * sxy) / determinant;
    double slope = (n * sxy - sx * sy) / determinant;
    if (slope < 0) {
      slope = 0;
      intercept = Math.max(0, sy / n);
    } else if (intercept < 0) {
      intercept = 0;
      slope = Math.max(0, sxy / sxx);
    }
    double residuals = 0;
    for (int i = 0; i < n; i++) {
      double off = values[i] - intercept - slope / sizes[i];
      residuals += off * off;
    }
    return new Distance(intercept, Math.sqrt(residuals / (n - 2) * sxx / determinant));
  }

  /** Unbiased square of the maximum mean discrepancy. */
  static double meanDiscrepancy(double[][] a, double[][] b) {
    double mixed = 0;
    for (double[] x : a) {
      for (double[] y : b) {
        mixed += kernel(x, y);
      }
    }
    return meanOfPairs(a) + meanOfPairs(b) - 2 * mixed / a.length / b.length;
  }

  private static double meanOfPairs(double[][] rows) {
    double sum = 0;
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < i; j++) {
        sum += kernel(rows[i], rows[j]);
      }
    }
    return 2 * sum / rows.length / (rows.length - 1);
  }

  private static double kernel(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * y[i];
    }
    double base = sum / x.length + 1;
    return base * base * base * base;
  }

  /** Percentile of sorted values, linear in between. */
  static double percentile(double[] sorted, double percent) {
    double at = percent / 100 * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(sorted.length - 1, below + 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }
}
