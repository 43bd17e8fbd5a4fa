package org.bitbeam.root.internal.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bitbeam.columns.ColumnType.Primitive;
import org.jspecify.annotations.Nullable;

/**
 * A C++ type name, taken apart.
 *
 * @param name without namespace {@code std} and without arguments, such as {@code vector}
 * @param arguments of a template, empty for others
 */
record CppType(String name, List<CppType> arguments) {

  /** Takes a name apart; whatever is no template becomes a plain name. */
  static CppType parse(String text) {
    String clean = text.trim();
    if (clean.startsWith("const ")) {
      clean = clean.substring(6).trim();
    }
    if (clean.startsWith("std::")) {
      clean = clean.substring(5);
    }
    int open = clean.indexOf('<');
    if (open < 0 || !clean.endsWith(">")) {
      return new CppType(clean, List.of());
    }
    List<CppType> arguments = new ArrayList<>();
    int depth = 0;
    int from = open + 1;
    for (int i = open + 1; i < clean.length() - 1; i++) {
      char c = clean.charAt(i);
      depth += c == '<' || c == '(' ? 1 : c == '>' || c == ')' ? -1 : 0;
      if (c == ',' && depth == 0) {
        arguments.add(parse(clean.substring(from, i)));
        from = i + 1;
      }
    }
    arguments.add(parse(clean.substring(from, clean.length() - 1)));
    return new CppType(clean.substring(0, open).trim(), List.copyOf(arguments));
  }

  /**
   * The number type of that name; null for any other. {@code Double32_t} and {@code Float16_t} are
   * none.
   */
  @Nullable Primitive primitive() {
    if (!arguments.isEmpty()) {
      return null;
    }
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "bool", "bool_t" -> Primitive.BOOL;
      case "char", "char_t", "signed char", "int8_t" -> Primitive.INT8;
      case "unsigned char", "uchar_t", "uint8_t", "byte_t" -> Primitive.UINT8;
      case "short", "short_t", "int16_t" -> Primitive.INT16;
      case "unsigned short", "ushort_t", "uint16_t" -> Primitive.UINT16;
      case "int", "int_t", "int32_t" -> Primitive.INT32;
      case "unsigned int", "uint_t", "uint32_t", "unsigned" -> Primitive.UINT32;
      case "long", "long_t", "long64_t", "long long", "int64_t" -> Primitive.INT64;
      case "unsigned long", "ulong_t", "ulong64_t", "unsigned long long", "uint64_t" ->
          Primitive.UINT64;
      case "float", "float_t" -> Primitive.FLOAT32;
      case "double", "double_t" -> Primitive.FLOAT64;
      default -> null;
    };
  }

  /** Whether this is a list of any length whose items are stored one after the other. */
  boolean isSequence() {
    return arguments.size() >= 1
        && switch (name) {
          case "vector",
              "set",
              "multiset",
              "unordered_set",
              "unordered_multiset",
              "list",
              "deque",
              "forward_list",
              "ROOT::VecOps::RVec" ->
              true;
          default -> false;
        };
  }

  /** Whether this is a list of pairs of key and value. */
  boolean isMap() {
    return arguments.size() >= 2
        && switch (name) {
          case "map", "multimap", "unordered_map", "unordered_multimap" -> true;
          default -> false;
        };
  }

  /** The type as ROOT spells it: a space between closing brackets. */
  String spelled() {
    String text = toString();
    while (text.contains(">>")) {
      text = text.replace(">>", "> >");
    }
    return text;
  }

  /** What a pointer points to; the type itself when it is none. */
  CppType withoutPointer() {
    return name.endsWith("*") ? parse(name.substring(0, name.length() - 1)) : this;
  }

  /** Whether this is a string of characters. */
  boolean isText() {
    return arguments.isEmpty() && (name.equals("string") || name.equals("TString"));
  }

  @Override
  public String toString() {
    return arguments.isEmpty()
        ? name
        : name + "<" + String.join(",", arguments.stream().map(CppType::toString).toList()) + ">";
  }
}
