package org.bitbeam.report;

import java.util.Arrays;
import java.util.List;

/**
 * Which values of a truth are signal, and which background.
 *
 * @param signal such as the PDG ids of quarks
 * @param background such as that of the gluon
 */
public record TrueClasses(List<Long> signal, List<Long> background) {
  /** PDG ids of light quarks, as options have them. */
  public static final String QUARKS = "1,2,3,-1,-2,-3";

  /** PDG id of the gluon. */
  public static final String GLUONS = "21";

  /** Light quarks against gluons. */
  public static final TrueClasses QUARKS_AGAINST_GLUONS =
      new TrueClasses(List.of(1L, 2L, 3L, -1L, -2L, -3L), List.of(21L));

  public TrueClasses {
    signal = List.copyOf(signal);
    background = List.copyOf(background);
  }

  /**
   * Those of either class.
   *
   * @param values of them
   * @param isSignal whether they are signal, otherwise background
   */
  public record Labelled(double[] values, boolean[] isSignal) {
    /** The values of one class that are numbers. */
    double[] of(boolean wanted) {
      double[] chosen = new double[values.length];
      int used = 0;
      for (int i = 0; i < values.length; i++) {
        if (isSignal[i] == wanted && !Double.isNaN(values[i])) {
          chosen[used++] = values[i];
        }
      }
      return Arrays.copyOf(chosen, used);
    }
  }

  /** Leaves out those whose truth is in neither class. */
  public Labelled choose(double[] values, double[] truth) {
    double[] chosen = new double[values.length];
    boolean[] isSignal = new boolean[values.length];
    int used = 0;
    for (int i = 0; i < values.length; i++) {
      long label = (long) truth[i];
      if (signal.contains(label) || background.contains(label)) {
        chosen[used] = values[i];
        isSignal[used++] = signal.contains(label);
      }
    }
    return new Labelled(Arrays.copyOf(chosen, used), Arrays.copyOf(isSignal, used));
  }
}
