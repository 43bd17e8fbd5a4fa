package org.bitbeam.runtime;

import com.google.inject.Guice;
import com.google.inject.Module;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.bitbeam.runtime.internal.bit.BitBackendModule;
import org.bitbeam.runtime.internal.reference.ReferenceBackendModule;

/**
 * The backends by name. Injectable wherever modules bind backends; {@link #standard} makes the set
 * of this library, with others if wanted. Immutable.
 */
public final class Backends {
  private final TreeMap<String, Backend> byName;

  /** For Guice: the bound backends. */
  @Inject
  Backends(Map<String, Backend> byName) {
    this.byName = new TreeMap<>(byName);
    this.byName.forEach(
        (name, backend) -> {
          if (!backend.name().equals(name)) {
            throw new IllegalArgumentException(
                "the backend bound as \"" + name + "\" calls itself \"" + backend.name() + "\"");
          }
        });
  }

  /**
   * The backends of this library and those that {@code more} modules bind.
   *
   * @throws com.google.inject.CreationException when two modules bind the same name
   */
  public static Backends standard(Module... more) {
    List<Module> modules = new ArrayList<>(List.of(more));
    modules.add(new OrtBackendModule());
    modules.add(new ReferenceBackendModule());
    modules.add(new BitBackendModule());
    return Guice.createInjector(modules).getInstance(Backends.class);
  }

  /** The names, in alphabetical order. */
  public SortedSet<String> names() {
    return new TreeSet<>(byName.keySet());
  }

  /**
   * The backend of that name.
   *
   * @throws IllegalArgumentException when there is none; says which there are
   */
  public Backend get(String name) {
    Backend backend = byName.get(name);
    if (backend == null) {
      throw new IllegalArgumentException(
          "no backend \"" + name + "\"; there are: " + String.join(", ", byName.keySet()));
    }
    return backend;
  }
}
