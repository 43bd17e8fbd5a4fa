package org.bitbeam.columns;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Names of columns with {@code *} for any letters and {@code ?} for any one, such as {@code Jet_*}.
 */
public final class ColumnPatterns {
  private final Pattern pattern;

  /** The names that one of the patterns describes. */
  public ColumnPatterns(List<String> globs) {
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

  /** Whether this name is one of them. */
  public boolean matches(String column) {
    return pattern.matcher(column).matches();
  }
}
