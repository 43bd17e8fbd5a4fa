package org.bitbeam.root.internal.write;

import java.util.List;
import org.bitbeam.root.internal.streamer.BuiltInClasses;
import org.bitbeam.root.internal.streamer.ClassLayout;
import org.bitbeam.root.internal.streamer.ObjectList;
import org.bitbeam.root.internal.streamer.StreamedObject;
import org.bitbeam.root.internal.streamer.StreamerTypes;

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
}
