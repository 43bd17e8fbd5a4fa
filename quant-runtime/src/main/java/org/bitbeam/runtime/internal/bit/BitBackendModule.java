package org.bitbeam.runtime.internal.bit;

import com.google.inject.AbstractModule;
import com.google.inject.multibindings.MapBinder;
import com.google.inject.multibindings.OptionalBinder;
import jakarta.inject.Singleton;
import org.bitbeam.runtime.Backend;
import org.bitbeam.runtime.NativeProducts;

/**
 * Binds this library's own kernels as {@code bit}; {@link NativeProducts} are there if somebody
 * binds them.
 */
public final class BitBackendModule extends AbstractModule {
  @Override
  protected void configure() {
    MapBinder.newMapBinder(binder(), String.class, Backend.class)
        .addBinding(BitBackend.NAME)
        .to(BitBackend.class)
        .in(Singleton.class);
    OptionalBinder.newOptionalBinder(binder(), NativeProducts.class);
  }
}
