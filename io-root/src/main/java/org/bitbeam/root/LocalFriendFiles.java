package org.bitbeam.root;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Files of friends on this machine. */
final class LocalFriendFiles implements FriendFiles {
  private final Path folder;
  private final Map<Path, RootFile> files = new LinkedHashMap<>();

  LocalFriendFiles(Path folder) {
    this.folder = folder;
  }

  @Override
  public synchronized RootFile open(String name) throws IOException {
    Path path = folder.resolve(name.startsWith("file:") ? name.substring(5) : name).normalize();
    RootFile known = files.get(path);
    if (known == null) {
      known = RootFile.open(path);
      files.put(path, known);
    }
    return known;
  }

  @Override
  public synchronized void close() throws IOException {
    IOException failure = null;
    for (RootFile file : files.values()) {
      try {
        file.close();
      } catch (IOException e) {
        failure = e;
      }
    }
    files.clear();
    if (failure != null) {
      throw failure;
    }
  }
}
