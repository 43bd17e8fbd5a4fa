package org.bitbeam.runtime.internal.bit;

/** What is made of two numbers; truth is the numbers 1 and 0. */
enum Pair {
  ADD,
  SUBTRACT,
  MULTIPLY,
  DIVIDE,
  MIN,
  MAX,
  EQUAL,
  GREATER,
  GREATER_OR_EQUAL,
  LESS,
  LESS_OR_EQUAL,
  AND,
  OR,
  XOR;

  /** Whether truth is made of two truths. */
  boolean isLogic() {
    return compareTo(AND) >= 0;
  }

  /** Whether truth is made of two numbers. */
  boolean isComparison() {
    return compareTo(EQUAL) >= 0 && !isLogic();
  }
}
