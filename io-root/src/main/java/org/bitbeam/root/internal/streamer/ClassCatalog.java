package org.bitbeam.root.internal.streamer;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The class descriptions of a file, by name and version. */
public final class ClassCatalog {
  private final List<ClassLayout> layouts;
  private final Map<String, TreeMap<Integer, ClassLayout>> byName = new HashMap<>();
  private final Map<String, List<ClassLayout>> allByName = new HashMap<>();
  private final Map<String, Set<String>> derived = new ConcurrentHashMap<>();

  /** A catalog of the given descriptions; of two with one name and version the first counts. */
  public ClassCatalog(Collection<ClassLayout> layouts) {
    this.layouts = List.copyOf(layouts);
    for (ClassLayout layout : layouts) {
      allByName.computeIfAbsent(layout.name(), n -> new ArrayList<>()).add(layout);
      byName
          .computeIfAbsent(layout.name(), n -> new TreeMap<>())
          .putIfAbsent(layout.version(), layout);
    }
  }

  /** All descriptions in the order of the file. */
  public List<ClassLayout> layouts() {
    return layouts;
  }

  /** The description of that version of a class. */
  public @Nullable ClassLayout find(String name, int version) {
    TreeMap<Integer, ClassLayout> versions = byName.get(name);
    return versions == null ? null : versions.get(version);
  }

  /** The description of the newest version of a class. */
  public @Nullable ClassLayout newest(String name) {
    TreeMap<Integer, ClassLayout> versions = byName.get(name);
    return versions == null ? null : versions.lastEntry().getValue();
  }

  /** The description of a class with that checksum. */
  public @Nullable ClassLayout withChecksum(String name, int checksum) {
    for (ClassLayout layout : allByName.getOrDefault(name, List.of())) {
      if (layout.checksum() == checksum) {
        return layout;
      }
    }
    return null;
  }

  /**
   * The names of a class and, in their order, of the described classes that derive from it.
   *
   * @param isData whether to leave out those of which ROOT makes trees and histograms, because they
   *     are described in nearly every file and are no data of a tree; else only trees are left out
   */
  public Set<String> withDerived(String name, boolean isData) {
    return derived.computeIfAbsent(name + (isData ? ";data" : ""), k -> findDerived(name, isData));
  }

  private Set<String> findDerived(String name, boolean isData) {
    Set<String> found = new LinkedHashSet<>(List.of(name));
    int before;
    do {
      before = found.size();
      for (ClassLayout layout : layouts) {
        if (!BuiltInClasses.isInfrastructure(layout.name(), isData)
            && layout.elements().stream().anyMatch(e -> e.isBase() && found.contains(e.name()))) {
          found.add(layout.name());
        }
      }
    } while (found.size() > before);
    found.remove(name);
    Set<String> ordered = new LinkedHashSet<>(List.of(name));
    found.stream().sorted().forEach(ordered::add);
    return ordered;
  }

  /** This catalog, and where it lacks a class or version, the other. */
  public ClassCatalog or(ClassCatalog other) {
    List<ClassLayout> all = new ArrayList<>(layouts);
    for (ClassLayout layout : other.layouts) {
      if (find(layout.name(), layout.version()) == null) {
        all.add(layout);
      }
    }
    return new ClassCatalog(all);
  }
}
