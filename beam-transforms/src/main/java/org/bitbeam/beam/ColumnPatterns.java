package org.bitbeam.beam;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Names of columns with {@code *} for any letters and {@code ?} for any one. */
final class ColumnPatterns {
  private final Pattern pattern;

  ColumnPatterns(List<String> globs) {
    this.pattern =
        Pattern.compile(globs.stream().map(ColumnPatterns::regex).collect(Collectors.joining("|")));
  }

  private static String regex(String glob) {
    StringBuilder out = new StringBuilder();
    for (char c : glob.toCharArray()) {
      out.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
    }
    return out.toString();
  }

  boolean matches(String column) {
    return pattern.matcher(column).matches();
  }
}
