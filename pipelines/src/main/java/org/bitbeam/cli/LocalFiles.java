package org.bitbeam.cli;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.bitbeam.root.Dataset;
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

  /** Deletes a folder and all that is in it; nothing when it is not there. */
  static void deleteTree(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> walk = Files.walk(folder)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : all) {
      Files.delete(file);
    }
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

  /** The column of a file that stages write under this ending, whatever the jets are called. */
  static String onlyColumn(Dataset dataset, String ending, Path file) {
    List<String> there =
        dataset.schema().names().stream().filter(name -> name.endsWith(ending)).toList();
    if (there.size() != 1) {
      throw new IllegalArgumentException(
          file
              + ": "
              + (there.isEmpty()
                  ? "no column ends with " + ending + ": is it an output?"
                  : "several columns end with " + ending + ", name one: " + there));
    }
    return there.get(0);
  }
}
