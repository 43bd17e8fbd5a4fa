package org.bitbeam.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers as people read them. */
final class Numbers {
  private Numbers() {}

  /** A count, its thousands apart. */
  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** A count of things, in the plural unless it is one. */
  static String count(long value, String thing) {
    return count(value) + " " + thing + (value == 1 ? "" : "s");
  }

  /**
   * Rounded to some significant digits, without needless zeros; very large and small ones with a
   * power of ten.
   */
  static String rounded(double value, int digits) {
    if (Double.isNaN(value)) {
      return "–";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "∞" : "−∞";
    }
    if (value == 0) {
      return "0";
    }
    BigDecimal exact = new BigDecimal(value).round(new MathContext(digits, RoundingMode.HALF_EVEN));
    int exponent = exact.precision() - exact.scale() - 1;
    if (exponent < -4 || exponent > 6) {
      return String.format(Locale.ROOT, "%." + (digits - 1) + "e", value);
    }
    BigDecimal plain = exact.stripTrailingZeros();
    return String.format(Locale.ROOT, "%,." + Math.max(0, plain.scale()) + "f", plain);
  }

  /** Four significant digits. */
  static String rounded(double value) {
    return rounded(value, 4);
  }

  /** A value with its standard deviation, both to the second digit of the latter. */
  static String withError(double value, double error) {
    if (!(error > 0) || !Double.isFinite(error) || !Double.isFinite(value)) {
      return rounded(value);
    }
    int decimals = Math.max(0, 1 - (int) Math.floor(Math.log10(error)));
    if (Math.max(Math.abs(value), error) >= 1e7 || decimals > 7) {
      return rounded(value) + " ± " + rounded(error, 2);
    }
    return String.format(Locale.ROOT, "%,." + decimals + "f ± %." + decimals + "f", value, error);
  }

  /** Bytes in the decimal units of disks. */
  static String bytes(long bytes) {
    if (bytes < 1000) {
      return bytes + " B";
    }
    String[] units = {"kB", "MB", "GB", "TB", "PB"};
    double value = bytes;
    int unit = -1;
    while (value >= 999.5 && unit + 1 < units.length) {
      value /= 1000;
      unit++;
    }
    return rounded(value, 3) + " " + units[unit];
  }

  /** Milliseconds, or seconds, or minutes. */
  static String duration(double seconds) {
    if (seconds < 1) {
      return rounded(seconds * 1000, 3) + " ms";
    }
    if (seconds < 120) {
      return rounded(seconds, 3) + " s";
    }
    return seconds < 7200 ? rounded(seconds / 60, 3) + " min" : rounded(seconds / 3600, 3) + " h";
  }
}
