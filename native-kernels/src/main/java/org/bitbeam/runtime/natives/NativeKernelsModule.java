package org.bitbeam.runtime.natives;

import com.google.inject.AbstractModule;
import com.google.inject.multibindings.OptionalBinder;
import org.bitbeam.runtime.NativeProducts;

/**
 * Binds {@link NativeProducts} for the backend {@code bit}. The library is loaded with the first
 * network of that backend; where the artefact holds none for the machine, the log says so and
 * everything works without. The system property {@value #PROPERTY} chooses: {@code off}, or the
 * instructions to use by name ({@code plain}, {@code avx2}, {@code avx512-vnni}, {@code neon},
 * {@code neon-dot}); the best ones are used if it is not set.
 *
 * <p>{@code Backends.standard(new NativeKernelsModule())}, with the JVM's flag {@code
 * --enable-native-access=ALL-UNNAMED}.
 */
public final class NativeKernelsModule extends AbstractModule {
  /** Which instructions to use; see above. */
  public static final String PROPERTY = "bitbeam.native";

  @Override
  protected void configure() {
    String asked = System.getProperty(PROPERTY, CProducts.BEST);
    if (asked.equals("off")) {
      return;
    }
    OptionalBinder.newOptionalBinder(binder(), NativeProducts.class)
        .setBinding()
        .toInstance(CProducts.named(asked));
  }
}
