package org.bitbeam.runtime.internal.bit;

import com.google.inject.AbstractModule;
import com.google.inject.multibindings.MapBinder;
import org.bitbeam.runtime.Backend;

/** Binds this library's own kernels as {@code bit}. */
public final class BitBackendModule extends AbstractModule {
  @Override
  protected void configure() {
    MapBinder.newMapBinder(binder(), String.class, Backend.class)
        .addBinding(BitBackend.NAME)
        .toInstance(new BitBackend());
  }
}
