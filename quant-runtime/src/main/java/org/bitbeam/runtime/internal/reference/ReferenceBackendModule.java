package org.bitbeam.runtime.internal.reference;

import com.google.inject.AbstractModule;
import com.google.inject.multibindings.MapBinder;
import org.bitbeam.runtime.Backend;

/** Binds the interpreter as {@code reference}. */
public final class ReferenceBackendModule extends AbstractModule {
  @Override
  protected void configure() {
    MapBinder.newMapBinder(binder(), String.class, Backend.class)
        .addBinding(ReferenceBackend.NAME)
        .toInstance(new ReferenceBackend());
  }
}
