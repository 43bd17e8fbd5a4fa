package org.bitbeam.root;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bitbeam.columns.DoubleColumn;

/**
 * Points, possibly with errors ({@code TGraph} and its kinds).
 *
 * @param x of each point
 * @param y of each point
 * @param errors by their names: {@code ex}, {@code ey}, or {@code exlow}, {@code exhigh}, {@code
 *     eylow}, {@code eyhigh}; empty for a plain graph
 */
public record Graph(
    String className,
    String name,
    String title,
    DoubleColumn x,
    DoubleColumn y,
    Map<String, DoubleColumn> errors)
    implements RootObject {
  public Graph {
    errors = Collections.unmodifiableMap(new LinkedHashMap<>(errors));
  }
}
