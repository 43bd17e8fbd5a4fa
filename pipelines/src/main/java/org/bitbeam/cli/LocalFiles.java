package org.bitbeam.cli;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bitbeam.root.RootFile;

/** Files as a user names them. */
public final class LocalFiles {
  private LocalFiles() {}

  /** Local files of patterns whose last part may hold {@code *} and {@code ?}. */
  public static List<Path> of(List<String> patterns) throws IOException {
    List<Path> files = new ArrayList<>();
    for (String pattern : patterns) {
      Path path = Path.of(pattern);
      if (Files.exists(path)) {
        files.add(path);
        continue;
      }
      Path folder = path.toAbsolutePath().getParent();
      PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + path.getFileName());
      int before = files.size();
      if (folder != null && Files.isDirectory(folder)) {
        try (Stream<Path> all = Files.list(folder)) {
          all.filter(file -> matcher.matches(file.getFileName())).sorted().forEach(files::add);
        }
      }
      if (files.size() == before) {
        throw new NoSuchFileException(pattern);
      }
    }
    return files;
  }

  /** Name of the dataset to read where none is given: Events, or the only one. */
  static String onlyDataset(RootFile root, Path file) {
    List<String> names = root.datasets().stream().map(key -> key.path()).distinct().toList();
    if (names.contains("Events")) {
      return "Events";
    }
    if (names.size() != 1) {
      throw new IllegalArgumentException(file + ": name a dataset by --tree: " + names);
    }
    return names.get(0);
  }
}
