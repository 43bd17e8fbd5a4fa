package org.bitbeam.runtime.internal.bit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.bitbeam.runtime.CodeProducts;
import org.jspecify.annotations.Nullable;

/**
 * Measures the ways to form the products of one shape, in turns, call by call, and then keeps the
 * fastest. A way counts as measured after {@value #CALLS} calls, when it has reached a speed that
 * only compiled code has and does not get faster any more; nobody waits longer than for {@value
 * #MAX_CALLS} calls. Safe for several threads.
 */
final class ShapeTrial {
  private static final System.Logger LOG = System.getLogger(ShapeTrial.class.getName());

  static final int CALLS = 64;
  static final int MAX_CALLS = 4096;
  private static final int WINDOW = 16;

  private final String shape;
  private final long macsPerRow;
  private final List<CodeProducts> ways;
  private final double compiled;
  private final double[][] recent; // ns per row of the calls of the last two windows, by way
  private final int[] calls;
  private int turn;
  private volatile @Nullable CodeProducts chosen;

  /**
   * A trial.
   *
   * @param compiled multiply-accumulates per ns that only compiled code reaches
   */
  ShapeTrial(String shape, long macsPerRow, List<CodeProducts> ways, double compiled) {
    this.shape = shape;
    this.macsPerRow = macsPerRow;
    this.ways = List.copyOf(ways);
    this.compiled = compiled;
    this.recent = new double[ways.size()][2 * WINDOW];
    this.calls = new int[ways.size()];
    if (ways.size() == 1) {
      chosen = ways.get(0);
    }
  }

  /** Null while it is measured. */
  @Nullable CodeProducts chosen() {
    return chosen;
  }

  /** Whose turn it is. */
  synchronized CodeProducts next() {
    turn = (turn + 1) % ways.size();
    return ways.get(turn);
  }

  /** What a call took. */
  synchronized void took(CodeProducts way, int rows, long nanos) {
    int i = ways.indexOf(way);
    recent[i][calls[i]++ % (2 * WINDOW)] = (double) nanos / rows;
    if (chosen == null && isDecided()) {
      int best = 0;
      for (int k = 1; k < calls.length; k++) {
        best = fastest(k) < fastest(best) ? k : best;
      }
      chosen = ways.get(best);
      LOG.log(System.Logger.Level.DEBUG, this::toString);
    }
  }

  private boolean isDecided() {
    int all = 0;
    boolean measured = true;
    for (int i = 0; i < calls.length; i++) {
      all += calls[i];
      measured &= calls[i] >= CALLS && macsPerRow >= compiled * fastest(i) && isSettled(i);
    }
    return measured || all >= MAX_CALLS;
  }

  /** Whether the last window was no faster than the one before. */
  private boolean isSettled(int way) {
    int next = calls[way] % (2 * WINDOW);
    double before = Double.MAX_VALUE;
    double last = Double.MAX_VALUE;
    for (int i = 0; i < WINDOW; i++) {
      before = Math.min(before, recent[way][(next + i) % (2 * WINDOW)]);
      last = Math.min(last, recent[way][(next + WINDOW + i) % (2 * WINDOW)]);
    }
    return last >= 0.95 * before;
  }

  private double fastest(int way) {
    return Arrays.stream(recent[way], 0, Math.min(2 * WINDOW, calls[way])).min().orElse(0);
  }

  @Override
  public synchronized String toString() {
    List<String> times = new ArrayList<>();
    for (int i = 0; i < ways.size() && calls[i] > 0; i++) {
      times.add(
          String.format(
              Locale.ROOT,
              "%s %.1f",
              ways.get(i).name().toLowerCase(Locale.ROOT),
              macsPerRow / fastest(i)));
    }
    CodeProducts way = chosen;
    String result = way == null ? "not yet chosen" : way.name().toLowerCase(Locale.ROOT);
    return shape + ": " + result + (times.isEmpty() ? "" : " of " + times + " GMAC/s");
  }
}
