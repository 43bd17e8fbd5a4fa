package org.bitbeam.physics.generate;

import org.bitbeam.physics.calo.CounterRandom;
import org.hipparchus.special.Gamma;

/**
 * Random numbers of one event, drawn one after the other from {@link CounterRandom}: the same for
 * the same seed, event and stream, whatever other events draw. Not safe for several threads.
 */
final class EventRandom {
  private static final double SMALL_MEAN = 10;

  private final CounterRandom numbers;
  private final long event;
  private final int stream;
  private final double[] pair = new double[2];
  private int block;
  private boolean hasSecond;
  private double secondNormal = Double.NaN;

  /**
   * The numbers of an event.
   *
   * @param stream which of the numbers of the event
   */
  EventRandom(CounterRandom numbers, long event, int stream) {
    this.numbers = numbers;
    this.event = event;
    this.stream = stream;
  }

  /** Uniform from 0 (excluded) to 1 (included). */
  double uniform() {
    if (hasSecond) {
      hasSecond = false;
      return pair[1];
    }
    numbers.uniforms(event, stream, block++, pair);
    hasSecond = true;
    return pair[0];
  }

  /** Uniform from {@code low} to {@code high}. */
  double uniform(double low, double high) {
    return low + (high - low) * uniform();
  }

  /** An integer from 0 to {@code count - 1}. */
  int below(int count) {
    return Math.min(count - 1, (int) (uniform() * count));
  }

  /**
   * One of several integers.
   *
   * @param shares their probabilities, of sum 1
   */
  int choice(int[] values, double[] shares) {
    double u = uniform();
    double sum = 0;
    for (int i = 0; i < values.length - 1; i++) {
      sum += shares[i];
      if (u <= sum) {
        return values[i];
      }
    }
    return values[values.length - 1];
  }

  /** Standard normal (Box and Muller). */
  double normal() {
    if (!Double.isNaN(secondNormal)) {
      double second = secondNormal;
      secondNormal = Double.NaN;
      return second;
    }
    double radius = Math.sqrt(-2 * StrictMath.log(uniform()));
    double angle = 2 * Math.PI * uniform();
    secondNormal = radius * StrictMath.sin(angle);
    return radius * StrictMath.cos(angle);
  }

  /**
   * Poisson. Small means by products of uniform numbers, others by transformed rejection (PTRS;
   * Hoermann, Insurance: Mathematics and Economics 12 (1993) 39).
   *
   * @param mean 0 or more
   */
  int poisson(double mean) {
    if (mean < SMALL_MEAN) {
      double limit = StrictMath.exp(-mean);
      int count = -1;
      for (double product = 1; product > limit; count++) {
        product *= uniform();
      }
      return Math.max(0, count);
    }
    double root = Math.sqrt(mean);
    double logMean = StrictMath.log(mean);
    double b = 0.931 + 2.53 * root;
    double a = -0.059 + 0.02483 * b;
    double inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
    double accepted = 0.9277 - 3.6224 / (b - 2);
    while (true) {
      double u = uniform() - 0.5;
      double v = uniform();
      double us = 0.5 - Math.abs(u);
      double k = Math.floor((2 * a / us + b) * u + mean + 0.43);
      if (us >= 0.07 && v <= accepted) {
        return (int) k;
      }
      if (k < 0 || (us < 0.013 && v > us)) {
        continue;
      }
      if (StrictMath.log(v * inverseAlpha / (a / (us * us) + b))
          <= k * logMean - mean - Gamma.logGamma(k + 1)) {
        return (int) k;
      }
    }
  }

  /**
   * Gamma with scale 1 (Marsaglia and Tsang, ACM Transactions on Mathematical Software 26 (2000)
   * 363).
   *
   * @param shape above 0
   */
  double gamma(double shape) {
    if (shape < 1) {
      return gamma(shape + 1) * StrictMath.exp(StrictMath.log(uniform()) / shape);
    }
    double d = shape - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = normal();
      double v = 1 + c * x;
      if (v <= 0) {
        continue;
      }
      v = v * v * v;
      if (StrictMath.log(uniform()) < 0.5 * x * x + d * (1 - v + StrictMath.log(v))) {
        return d * v;
      }
    }
  }
}
