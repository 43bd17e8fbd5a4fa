package org.bitbeam.physics.filter;

import com.google.common.collect.ImmutableSet;
import dev.cel.checker.CelStandardDeclarations;
import dev.cel.checker.CelStandardDeclarations.StandardFunction;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelMacro;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.util.List;
import java.util.Optional;

/**
 * The part of CEL (Common Expression Language) that filters may use, and what they may use beside
 * it: {@code abs}, {@code sqrt}, {@code sum}, and {@code column("Jet/Jet.PT")} for columns whose
 * names are no identifiers. Nothing here knows a Java class. Time and memory of an expression are
 * bounded: there are no recursion, no {@code map}, no regular expressions, and no joining of
 * strings and lists, which a short expression could double again and again.
 */
final class FilterLanguage {
  private static final int MOST_CHARACTERS = 4096;
  private static final int MOST_ITERATIONS = 1_000_000;

  private static final ImmutableSet<StandardFunction> FUNCTIONS =
      ImmutableSet.of(
          StandardFunction.CONDITIONAL,
          StandardFunction.LOGICAL_NOT,
          StandardFunction.LOGICAL_OR,
          StandardFunction.LOGICAL_AND,
          StandardFunction.NOT_STRICTLY_FALSE, // what exists and all are made of
          StandardFunction.EQUALS,
          StandardFunction.NOT_EQUALS,
          StandardFunction.LESS,
          StandardFunction.LESS_EQUALS,
          StandardFunction.GREATER,
          StandardFunction.GREATER_EQUALS,
          StandardFunction.ADD,
          StandardFunction.SUBTRACT,
          StandardFunction.MULTIPLY,
          StandardFunction.DIVIDE,
          StandardFunction.MODULO,
          StandardFunction.NEGATE,
          StandardFunction.INDEX,
          StandardFunction.IN,
          StandardFunction.SIZE,
          StandardFunction.INT,
          StandardFunction.DOUBLE,
          StandardFunction.STARTS_WITH,
          StandardFunction.ENDS_WITH,
          StandardFunction.CONTAINS);

  private static final CelOptions OPTIONS =
      CelOptions.current()
          .enableHeterogeneousNumericComparisons(true)
          .maxExpressionCodePointSize(MOST_CHARACTERS)
          .comprehensionMaxIterations(MOST_ITERATIONS)
          .build();

  private FilterLanguage() {}

  /** A compiler of expressions that are true or false, without columns. */
  static CelCompilerBuilder compiler() {
    CelType doubles = ListType.create(SimpleType.DOUBLE);
    CelType ints = ListType.create(SimpleType.INT);
    return CelCompilerFactory.standardCelCompilerBuilder()
        .setOptions(OPTIONS)
        .setStandardEnvironmentEnabled(false)
        .setStandardDeclarations(
            CelStandardDeclarations.newBuilder()
                .filterFunctions(
                    (function, overload) ->
                        FUNCTIONS.contains(function)
                            && (function != StandardFunction.ADD || isAllowedSum(overload)))
                .build())
        .setStandardMacros(
            CelStandardMacro.ALL,
            CelStandardMacro.EXISTS,
            CelStandardMacro.EXISTS_ONE,
            CelStandardMacro.FILTER)
        .addMacros(
            CelMacro.newGlobalMacro(
                "column",
                1,
                (expressions, target, arguments) ->
                    arguments
                            .get(0)
                            .constantOrDefault()
                            .getKind()
                            .equals(CelConstant.Kind.STRING_VALUE)
                        ? Optional.of(
                            expressions.newIdentifier(arguments.get(0).constant().stringValue()))
                        : Optional.empty()))
        .addFunctionDeclarations(
            CelFunctionDecl.newFunctionDeclaration(
                "abs",
                overload("abs_double", SimpleType.DOUBLE, SimpleType.DOUBLE),
                overload("abs_int", SimpleType.INT, SimpleType.INT)),
            CelFunctionDecl.newFunctionDeclaration(
                "sqrt", overload("sqrt_double", SimpleType.DOUBLE, SimpleType.DOUBLE)),
            CelFunctionDecl.newFunctionDeclaration(
                "sum",
                overload("sum_doubles", SimpleType.DOUBLE, doubles),
                overload("sum_ints", SimpleType.INT, ints)))
        .setResultType(SimpleType.BOOL);
  }

  /** What runs compiled expressions. */
  static CelRuntime runtime() {
    return CelRuntimeFactory.standardCelRuntimeBuilder()
        .setOptions(OPTIONS)
        .addFunctionBindings(
            CelFunctionBinding.from("abs_double", Double.class, Math::abs),
            CelFunctionBinding.from("abs_int", Long.class, Math::absExact),
            CelFunctionBinding.from("sqrt_double", Double.class, Math::sqrt),
            CelFunctionBinding.from("sum_doubles", List.class, FilterLanguage::sumOfDoubles),
            CelFunctionBinding.from("sum_ints", List.class, FilterLanguage::sumOfInts))
        .build();
  }

  /** Also of lists, for {@code filter} is made of that; see {@link #joinsLists}. */
  private static boolean isAllowedSum(CelStandardDeclarations.StandardOverload overload) {
    CelType result = overload.celOverloadDecl().resultType();
    return result.equals(SimpleType.INT)
        || result.equals(SimpleType.DOUBLE)
        || result instanceof ListType;
  }

  /**
   * Whether an expression adds lists itself. {@code filter} does so to a variable whose name nobody
   * can write.
   */
  static boolean joinsLists(CelAbstractSyntaxTree checked) {
    return CelNavigableAst.fromAst(checked)
        .getRoot()
        .allNodes()
        .filter(
            node ->
                node.getKind() == CelExpr.ExprKind.Kind.CALL
                    && node.expr().call().function().equals("_+_")
                    && checked.getType(node.id()).orElse(SimpleType.ERROR) instanceof ListType)
        .anyMatch(
            node -> !node.expr().call().args().get(0).identOrDefault().name().startsWith("@"));
  }

  private static CelOverloadDecl overload(String id, CelType result, CelType argument) {
    return CelOverloadDecl.newGlobalOverload(id, result, argument);
  }

  /** In the order of the list, in double precision. */
  private static double sumOfDoubles(List<?> values) {
    double sum = 0;
    for (Object value : values) {
      sum += (Double) value;
    }
    return sum;
  }

  private static long sumOfInts(List<?> values) {
    long sum = 0;
    for (Object value : values) {
      sum = Math.addExact(sum, (Long) value);
    }
    return sum;
  }
}
