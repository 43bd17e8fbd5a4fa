package org.bitbeam.report;

/**
 * What a report cannot find out by itself.
 *
 * @param truth column of the true classes or angles; empty: the usual names are looked for
 * @param classes which of its values are signal and background
 */
public record ReportOptions(String truth, TrueClasses classes) {
  /** Nothing. */
  public static final ReportOptions DEFAULT =
      new ReportOptions("", TrueClasses.QUARKS_AGAINST_GLUONS);
}
