package org.bitbeam.root;

import java.io.Closeable;
import java.io.IOException;

/** Opens the files of friends by the names that a tree says; closing it closes them. */
public interface FriendFiles extends Closeable {

  /**
   * The file of that name, opened once.
   *
   * @param name as the tree says it; in general relative to the folder of its own file
   */
  RootFile open(String name) throws IOException;

  /** Local files, relative names in a folder. */
  static FriendFiles in(java.nio.file.Path folder) {
    return new LocalFriendFiles(folder);
  }
}
