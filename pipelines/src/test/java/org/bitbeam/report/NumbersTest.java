package org.bitbeam.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class NumbersTest {
  @Test
  void numbersReadAsPeopleWriteThem() {
    assertEquals("0", Numbers.rounded(0));
    assertEquals("0.8926", Numbers.rounded(0.89263));
    assertEquals("12,350", Numbers.rounded(12345.6));
    assertEquals("-0.5", Numbers.rounded(-0.5));
    assertEquals("1.230e-07", Numbers.rounded(1.23e-7));
    assertEquals("8.0e+59", Numbers.rounded(8.0032e59, 2));
    assertEquals("–", Numbers.rounded(Double.NaN));
    assertEquals("∞", Numbers.rounded(Double.POSITIVE_INFINITY));
    assertEquals("10", Numbers.rounded(9.996, 3));
  }

  @Test
  void errorsHaveTwoDigits() {
    assertEquals("0.760 ± 0.012", Numbers.withError(0.7604, 0.0123));
    assertEquals("15.1 ± 2.2", Numbers.withError(15.12, 2.21));
    assertEquals("1,234 ± 56", Numbers.withError(1234.4, 56.1));
    assertEquals("0.5", Numbers.withError(0.5, 0));
    assertEquals("0.5", Numbers.withError(0.5, Double.NaN));
    assertEquals("8.003e+59 ± 6.8e+58", Numbers.withError(8.0032e59, 6.83e58));
  }

  @Test
  void unitsFollowTheSize() {
    assertEquals("999 B", Numbers.bytes(999));
    assertEquals("1 kB", Numbers.bytes(1000));
    assertEquals("1.22 MB", Numbers.bytes(1_223_433));
    assertEquals("1 MB", Numbers.bytes(999_999));
    assertEquals("9,220 PB", Numbers.bytes(Long.MAX_VALUE));
    assertEquals("0.976 ms", Numbers.duration(0.000976));
    assertEquals("90 s", Numbers.duration(90));
    assertEquals("2.5 min", Numbers.duration(150));
    assertEquals("3 h", Numbers.duration(3 * 3600));
    assertEquals("1 file", Numbers.count(1, "file"));
    assertEquals("1,000 files", Numbers.count(1000, "file"));
  }
}
