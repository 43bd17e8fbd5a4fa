package org.bitbeam.physics.calo;

/**
 * Random numbers that are a function of a seed and a place: Philox 4x32-10 (Salmon et al., Parallel
 * random numbers: as easy as 1, 2, 3, SC 2011). Number (shower, particle, i) is the same whatever
 * was drawn before, in whatever batch, on whatever worker. Immutable.
 */
public final class CounterRandom {
  private static final int MULTIPLIER_0 = 0xD2511F53;
  private static final int MULTIPLIER_1 = 0xCD9E8D57;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final int ROUNDS = 10;
  private static final double TWO_PI = 2 * Math.PI;

  private final int key0;
  private final int key1;

  /** The numbers of a seed. */
  public CounterRandom(long seed) {
    this.key0 = (int) seed;
    this.key1 = (int) (seed >>> 32);
  }

  /** The four words of a counter of four words. */
  int[] words(int c0, int c1, int c2, int c3) {
    int x0 = c0;
    int x1 = c1;
    int x2 = c2;
    int x3 = c3;
    int k0 = key0;
    int k1 = key1;
    for (int round = 0; round < ROUNDS; round++) {
      long p0 = (MULTIPLIER_0 & 0xFFFF_FFFFL) * (x0 & 0xFFFF_FFFFL);
      long p1 = (MULTIPLIER_1 & 0xFFFF_FFFFL) * (x2 & 0xFFFF_FFFFL);
      int y0 = (int) (p1 >>> 32) ^ x1 ^ k0;
      int y2 = (int) (p0 >>> 32) ^ x3 ^ k1;
      x1 = (int) p1;
      x3 = (int) p0;
      x0 = y0;
      x2 = y2;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    return new int[] {x0, x1, x2, x3};
  }

  /**
   * Standard normal numbers (Box and Muller) for the dimensions 0, 1, ... of a shower.
   *
   * @param shower its number
   * @param stream which numbers of the shower, such as a particle or a network
   */
  public void normals(long shower, int stream, double[] target, int at, int count) {
    for (int i = 0; i < count; i += 2) {
      int[] w = words(i >>> 1, stream, (int) shower, (int) (shower >>> 32));
      // Uniform in (0, 1]: the logarithm is finite.
      double radius = Math.sqrt(-2 * StrictMath.log(unit(w[0], w[1])));
      double angle = TWO_PI * unit(w[2], w[3]);
      target[at + i] = radius * StrictMath.cos(angle);
      if (i + 1 < count) {
        target[at + i + 1] = radius * StrictMath.sin(angle);
      }
    }
  }

  /** A number from 0 (excluded) to 1 for a shower. */
  public double uniform(long shower, int stream) {
    int[] w = words(0, stream, (int) shower, (int) (shower >>> 32));
    return unit(w[0], w[1]);
  }

  /**
   * Two numbers from 0 (excluded) to 1, those with the index {@code block} of a shower.
   *
   * @param target gets them at 0 and 1
   */
  public void uniforms(long shower, int stream, int block, double[] target) {
    int[] w = words(block, stream, (int) shower, (int) (shower >>> 32));
    target[0] = unit(w[0], w[1]);
    target[1] = unit(w[2], w[3]);
  }

  private static double unit(int high, int low) {
    long bits = (high & 0xFFFF_FFFFL) << 21 | (low & 0xFFFF_FFFFL) >>> 11;
    return (bits + 1) * 0x1p-53;
  }
}
