package org.bitbeam.root;

import java.util.List;
import java.util.Map;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.DoubleColumn;

/** An object of a file that is no dataset. Immutable. */
public sealed interface RootObject
    permits Efficiency,
        Graph,
        Histogram,
        RootObject.Listing,
        RootObject.Matrix,
        RootObject.Named,
        RootObject.Other,
        RootObject.Pairs,
        RootObject.Parameter,
        RootObject.Text,
        RootObject.Value {

  /** ROOT's class, such as {@code TH1F}. */
  String className();

  /** Name; that of the class for objects without a name of their own. */
  String name();

  /** Title for people; may be empty. */
  String title();

  /** A name and a title ({@code TNamed}). */
  record Named(String className, String name, String title) implements RootObject {}

  /** A string ({@code TObjString}). */
  record Text(String className, String value) implements RootObject {
    @Override
    public String name() {
      return value;
    }

    @Override
    public String title() {
      return "";
    }
  }

  /**
   * A named number or truth value ({@code TParameter}).
   *
   * @param value a {@code Long}, {@code Double} or {@code Boolean}
   */
  record Parameter(String className, String name, Object value) implements RootObject {
    @Override
    public String title() {
      return "";
    }
  }

  /** Objects in order ({@code TList}, {@code TObjArray}, {@code THStack}). */
  record Listing(String className, String name, String title, List<RootObject> members)
      implements RootObject {
    public Listing {
      members = List.copyOf(members);
    }
  }

  /** Objects by the names of others ({@code TMap}), in the order of the file. */
  record Pairs(String className, String name, Map<String, RootObject> pairs) implements RootObject {
    public Pairs {
      pairs = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(pairs));
    }

    @Override
    public String title() {
      return "";
    }
  }

  /**
   * A matrix ({@code TMatrixT}, {@code TMatrixTSym}) or, as one column, a vector ({@code
   * TVectorT}).
   *
   * @param elements row after row
   */
  record Matrix(String className, String name, int rows, int columns, DoubleColumn elements)
      implements RootObject {
    @Override
    public String title() {
      return "";
    }
  }

  /**
   * An object of any other class that the file describes, or a collection.
   *
   * @param value a column of one entry, in general a record of the object's members: those of base
   *     classes first, each of the type that it would have in a tree
   */
  record Value(String className, String name, String title, Column value) implements RootObject {}

  /** An object of a class that cannot be read. */
  record Other(String className, String name, String title) implements RootObject {}
}
