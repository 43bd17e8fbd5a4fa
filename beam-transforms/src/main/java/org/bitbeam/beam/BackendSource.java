package org.bitbeam.beam;

import java.io.Serializable;
import org.bitbeam.runtime.Backends;

/**
 * Makes the backends on each worker: {@code Backends::standard}, or with modules of one's own:
 * {@code () -> Backends.standard(new MyModule())}. Travels to the workers, whose class path needs
 * these modules.
 */
@FunctionalInterface
public interface BackendSource extends Serializable {
  /** The backends. */
  Backends get();
}
