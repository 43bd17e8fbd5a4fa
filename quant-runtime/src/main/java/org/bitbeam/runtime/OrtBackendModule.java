package org.bitbeam.runtime;

import com.google.inject.AbstractModule;
import com.google.inject.multibindings.MapBinder;

/** Binds ONNX Runtime, on the CPU, as {@code ort}. */
public final class OrtBackendModule extends AbstractModule {
  @Override
  protected void configure() {
    MapBinder.newMapBinder(binder(), String.class, Backend.class)
        .addBinding(OrtBackend.NAME)
        .toInstance(new OrtBackend());
  }
}
