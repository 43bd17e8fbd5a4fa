package org.bitbeam.root.internal.write;

import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.bitbeam.root.internal.streamer.BuiltInClasses;
import org.bitbeam.root.internal.streamer.ClassLayout;
import org.bitbeam.root.internal.streamer.ObjectList;
import org.bitbeam.root.internal.streamer.StreamedObject;
import org.bitbeam.root.internal.streamer.StreamerTypes;
import org.jspecify.annotations.Nullable;

/** Makes objects of ROOT's own classes, with everything inside that is not a pointer. */
final class RootObjects {
  private RootObjects() {}

  /** An object with empty lists and strings and zeros for numbers. */
  static StreamedObject create(String className) {
    ClassLayout layout = BuiltInClasses.catalog().newest(className);
    if (layout == null) {
      throw new IllegalArgumentException("class " + className + " is not among the built-in ones");
    }
    StreamedObject object = new StreamedObject(layout);
    for (int i = 0; i < layout.elements().size(); i++) {
      ClassLayout.Element element = layout.elements().get(i);
      String type = element.isBase() ? element.name() : element.typeName();
      if (element.isBase() && type.startsWith("TArray")) {
        continue; // values, not an object
      }
      if (type.equals("TObjArray")) {
        object.set(i, ObjectList.array(List.of()));
      } else if (element.isBase() && !type.equals("TObject")) {
        object.set(i, create(type));
      } else if ((element.type() == StreamerTypes.OBJECT || element.type() == StreamerTypes.ANY)
          && !type.startsWith("TArray")) {
        object.set(i, create(type));
      }
    }
    return object;
  }

  /** An object with a name and a title. */
  static StreamedObject create(String className, String name, String title) {
    return create(className).set("fName", name).set("fTitle", title);
  }

  /**
   * Puts the descriptions of the built-in classes of an object and of all in it into the file.
   *
   * @param more names of further classes
   */
  static void describe(FileBuilder file, Object root, List<String> more) {
    Set<String> names = new HashSet<>(more);
    collectClasses(root, names, Collections.newSetFromMap(new IdentityHashMap<>()));
    for (ClassLayout layout : BuiltInClasses.catalog().layouts()) {
      if (names.contains(layout.name())) {
        file.describe(layout);
      }
    }
  }

  private static void collectClasses(@Nullable Object value, Set<String> names, Set<Object> seen) {
    if (value instanceof ObjectList list) {
      names.add(list.className());
      for (Object item : list.items()) {
        collectClasses(item, names, seen);
      }
    } else if (value instanceof StreamedObject object && seen.add(object)) {
      names.add(object.className());
      for (int i = 0; i < object.layout().elements().size(); i++) {
        collectClasses(object.value(i), names, seen);
      }
    }
  }
}
