package org.bitbeam.root.internal.streamer;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How objects of one version of a class lie in a file (ROOT: {@code TStreamerInfo}).
 *
 * @param name of the class
 * @param version of the class
 * @param checksum ROOT's number for this list of members
 * @param title of the description, nearly always empty
 * @param elements base classes and members in the order of the file
 * @param index position in {@code elements} by name
 */
public record ClassLayout(
    String name,
    int version,
    int checksum,
    String title,
    List<Element> elements,
    Map<String, Integer> index) {

  /** A layout of the given elements. */
  public static ClassLayout of(
      String name, int version, int checksum, String title, List<Element> elements) {
    Map<String, Integer> index = new HashMap<>();
    for (int i = 0; i < elements.size(); i++) {
      index.putIfAbsent(elements.get(i).name(), i);
    }
    return new ClassLayout(
        name, version, checksum, title, List.copyOf(elements), Collections.unmodifiableMap(index));
  }

  /**
   * A base class or member (ROOT: {@code TStreamerElement} and its kinds).
   *
   * @param kind ROOT's class of the description, such as {@code TStreamerBasicType}
   * @param objectPart its TObject part: fUniqueID in the upper, fBits in the lower 32 bits; a bit
   *     says that the title holds a range
   * @param name of the member or base class
   * @param title comment of the member; may hold a count in brackets or the range of a packed float
   * @param type ROOT's code of the type
   * @param size bytes in memory
   * @param arrayLength number of values of a fixed array, 0 for a single one
   * @param arrayDimensions number of dimensions of a fixed array
   * @param maxIndex sizes of the five possible dimensions
   * @param typeName such as {@code vector<float>}
   * @param extra the numbers behind the common part: base version, count version, STL type and
   *     content type
   * @param countName member that holds the length of a variable array
   * @param countClass class of that member
   */
  public record Element(
      String kind,
      long objectPart,
      String name,
      String title,
      int type,
      int size,
      int arrayLength,
      int arrayDimensions,
      List<Integer> maxIndex,
      String typeName,
      List<Integer> extra,
      @Nullable String countName,
      @Nullable String countClass) {

    /** Whether this is a base class. */
    public boolean isBase() {
      return kind.equals("TStreamerBase");
    }
  }
}
