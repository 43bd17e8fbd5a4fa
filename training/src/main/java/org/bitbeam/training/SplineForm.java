package org.bitbeam.training;

/**
 * Splines of coupling blocks, as {@code org.bitbeam.physics.calo} evaluates them (specs/models.md
 * 4.3).
 *
 * @param kind formulas
 * @param bins pieces K, 2 to 500
 * @param bound B: identity outside of [-B, B]
 */
record SplineForm(Kind kind, int bins, double bound) {
  /** Formulas. */
  enum Kind {
    /** Durkan et al., Neural spline flows, arXiv 1906.04032. */
    RATIONAL_QUADRATIC("rational-quadratic"),
    /** Durkan et al., Cubic-spline flows, arXiv 1906.02145. */
    CUBIC("cubic");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    /** Name in bundles. */
    String label() {
      return label;
    }

    /**
     * The kind of a name.
     *
     * @throws IllegalArgumentException when there is none
     */
    static Kind of(String label) {
      for (Kind kind : values()) {
        if (kind.label.equals(label)) {
          return kind;
        }
      }
      throw new IllegalArgumentException(
          "no spline \"" + label + "\"; there are: rational-quadratic, cubic");
    }
  }

  SplineForm {
    if (bins < 2 || bins > 500 || !(bound > 0)) {
      throw new IllegalArgumentException(
          "a spline of " + bins + " bins up to " + bound + ": expected 2 to 500, and above 0");
    }
  }

  /** Parameters of a number: widths, heights, and what describes the derivatives. */
  int parameters() {
    return kind == Kind.RATIONAL_QUADRATIC ? 3 * bins - 1 : 2 * bins + 2;
  }
}
