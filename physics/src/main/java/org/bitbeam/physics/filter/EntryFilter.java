package org.bitbeam.physics.filter;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.types.CelType;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelVariableResolver;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.EventDataException;

/**
 * An expression that is true for the entries to keep, such as {@code nJet >= 2 && Jet_pt[0] >
 * 200.0}, in CEL (<a href="https://cel.dev">cel.dev</a>), with the names of columns as variables.
 * Compiled for a dataset: which columns are there, and that their types fit, is known before the
 * first entry. Integers of any kind are CEL's {@code int}, floats {@code double}, lists and arrays
 * {@code list}. Safe with expressions of strangers: they reach nothing but the columns. Immutable;
 * safe for several threads.
 */
public final class EntryFilter {
  private static final int MOST_NAMES = 30;

  private final String expression;
  private final List<String> columns;
  private final CelRuntime.Program program;

  private EntryFilter(String expression, List<String> columns, CelRuntime.Program program) {
    this.expression = expression;
    this.columns = List.copyOf(columns);
    this.program = program;
  }

  /**
   * Checks that an expression can be read, whatever columns there will be.
   *
   * @throws IllegalArgumentException when it cannot; says where
   */
  public static void checkSyntax(String expression) {
    namesIn(expression);
  }

  /**
   * Compiles an expression for a dataset.
   *
   * @param dataset all its columns, or at least those of the expression
   * @throws IllegalArgumentException when the expression cannot be read, names a column that is not
   *     there, or does not fit the columns' types; says which and where
   */
  public static EntryFilter of(String expression, Schema dataset) {
    Set<String> names = namesIn(expression);
    CelCompilerBuilder compiler = FilterLanguage.compiler();
    for (String name : names) {
      compiler.addVar(name, typeOf(expression, name, dataset));
    }
    try {
      CelAbstractSyntaxTree checked = compiler.build().compile(expression).getAst();
      if (FilterLanguage.joinsLists(checked)) {
        throw new IllegalArgumentException(
            named(expression) + "lists cannot be joined; filter them one by one");
      }
      return new EntryFilter(
          expression, List.copyOf(names), FilterLanguage.runtime().createProgram(checked));
    } catch (CelValidationException e) {
      String types =
          names.stream()
              .map(name -> name + " is " + dataset.field(name).orElseThrow().type().shape())
              .collect(Collectors.joining(", "));
      throw new IllegalArgumentException(
          problem(expression, e)
              + (types.isEmpty() ? "" : "; " + types)
              + "; between int and double write 2.0 for 2, or double(...)",
          e);
    } catch (CelEvaluationException e) {
      throw new IllegalArgumentException(named(expression) + e.getMessage(), e);
    }
  }

  private static CelType typeOf(String expression, String name, Schema dataset) {
    Optional<Schema.Field> field = dataset.field(name);
    if (field.isEmpty()) {
      List<String> there = dataset.names();
      throw new IllegalArgumentException(
          named(expression)
              + "no column \""
              + name
              + "\"; there are: "
              + String.join(", ", there.subList(0, Math.min(MOST_NAMES, there.size())))
              + (there.size() > MOST_NAMES ? " and " + (there.size() - MOST_NAMES) + " more" : ""));
    }
    return ColumnValues.typeOf(field.get().type())
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    named(expression)
                        + "column "
                        + name
                        + " is "
                        + field.get().type().shape()
                        + "; filters know numbers, bools, strings, and lists and arrays of them"));
  }

  /** The columns an expression names: its identifiers without those that it introduces itself. */
  private static Set<String> namesIn(String expression) {
    CelAbstractSyntaxTree parsed;
    try {
      parsed = FilterLanguage.compiler().build().parse(expression).getAst();
    } catch (CelValidationException e) {
      throw new IllegalArgumentException(problem(expression, e), e);
    }
    Set<String> names = new LinkedHashSet<>();
    Set<String> introduced = new HashSet<>();
    CelNavigableAst.fromAst(parsed)
        .getRoot()
        .allNodes()
        .forEach(
            node -> {
              if (node.getKind() == CelExpr.ExprKind.Kind.IDENT) {
                names.add(node.expr().ident().name());
              } else if (node.getKind() == CelExpr.ExprKind.Kind.COMPREHENSION) {
                introduced.add(node.expr().comprehension().iterVar());
                introduced.add(node.expr().comprehension().accuVar());
              }
            });
    names.removeAll(introduced);
    return names;
  }

  private static String named(String expression) {
    return "filter \"" + expression + "\": ";
  }

  private static String problem(String expression, CelValidationException e) {
    if (e.getErrors().isEmpty()) {
      return named(expression) + e.getMessage();
    }
    CelIssue first = e.getErrors().get(0);
    String message = first.getMessage();
    int candidates = message.indexOf(" (candidates");
    return named(expression)
        + "character "
        + (first.getSourceLocation().getColumn() + 1)
        + ": "
        + (candidates < 0 ? message : message.substring(0, candidates));
  }

  /** Names of the columns the expression needs. */
  public List<String> columns() {
    return columns;
  }

  /**
   * The entries of a batch for which the expression is true, by their positions in it.
   *
   * @param batch has the columns of the dataset the filter was compiled for, or some of them
   * @throws EventDataException when the expression has no value for an entry, such as for an
   *     element that its list does not have; names file, entry and expression
   */
  public BitSet kept(EventBatch batch) {
    Variables variables = new Variables(batch, columns);
    BitSet kept = new BitSet(batch.entries());
    for (int i = 0; i < batch.entries(); i++) {
      variables.entry = i;
      try {
        if ((Boolean) program.eval(variables)) {
          kept.set(i);
        }
      } catch (CelEvaluationException | RuntimeException e) {
        EventDataException named =
            new EventDataException(
                batch.origin(),
                i,
                named(expression)
                    + e.getMessage()
                    + "; where a list may be too short, ask first: size(X) > 0 && ...");
        named.initCause(e);
        throw named;
      }
    }
    return kept;
  }

  @Override
  public String toString() {
    return expression;
  }

  /** The columns' values of one entry after the other. */
  private static final class Variables implements CelVariableResolver {
    private final Map<String, ColumnValues> columns = new HashMap<>();
    private int entry;

    Variables(EventBatch batch, List<String> names) {
      for (String name : names) {
        columns.put(name, ColumnValues.of(batch.column(name)));
      }
    }

    @Override
    public Optional<Object> find(String name) {
      ColumnValues values = columns.get(name);
      return values == null ? Optional.empty() : Optional.of(values.get(entry));
    }
  }
}
