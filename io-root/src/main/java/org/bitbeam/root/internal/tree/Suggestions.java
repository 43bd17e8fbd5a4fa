package org.bitbeam.root.internal.tree;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Helps with misspelt names. */
public final class Suggestions {
  private static final int SHOWN = 5;

  private Suggestions() {}

  /** The names nearest in spelling, in words. */
  public static String nearest(String name, Collection<String> known) {
    if (known.isEmpty()) {
      return "it has none";
    }
    List<String> near =
        known.stream()
            .sorted(Comparator.comparingInt(k -> distance(name, k)))
            .limit(SHOWN)
            .toList();
    return (known.size() <= SHOWN ? "it has: " : "nearest of its " + known.size() + ": ")
        + String.join(", ", near);
  }

  /** Number of letters to insert, remove or exchange; upper and lower case are the same. */
  static int distance(String a, String b) {
    String x = a.toLowerCase(Locale.ROOT);
    String y = b.toLowerCase(Locale.ROOT);
    int[] previous = new int[y.length() + 1];
    for (int j = 0; j <= y.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= x.length(); i++) {
      int[] current = new int[y.length() + 1];
      current[0] = i;
      for (int j = 1; j <= y.length(); j++) {
        int exchange = previous[j - 1] + (x.charAt(i - 1) == y.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(exchange, Math.min(previous[j], current[j - 1]) + 1);
      }
      previous = current;
    }
    return previous[y.length()];
  }
}
