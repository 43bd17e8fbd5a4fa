package org.bitbeam.runtime.natives;

import com.google.inject.AbstractModule;
import com.google.inject.multibindings.OptionalBinder;
import org.bitbeam.runtime.NativeProducts;

/**
 * Binds {@link NativeProducts} for the backend {@code bit} where this artefact holds a library for
 * the machine; elsewhere it binds nothing and logs why. The system property {@value #PROPERTY}
 * chooses: {@code off}, or the instructions to use by name ({@code plain}, {@code avx2}, {@code
 * avx512-vnni}, {@code neon}, {@code neon-dot}); the best ones are used if it is not set.
 *
 * <p>{@code Backends.standard(new NativeKernelsModule())}, with the JVM's flag {@code
 * --enable-native-access=ALL-UNNAMED}.
 */
public final class NativeKernelsModule extends AbstractModule {
  /** Which instructions to use; see above. */
  public static final String PROPERTY = "bitbeam.native";

  private static final System.Logger LOG = System.getLogger(NativeKernelsModule.class.getName());

  @Override
  protected void configure() {
    String asked = System.getProperty(PROPERTY, "best");
    if (asked.equals("off")) {
      return;
    }
    if (!CLibrary.isLoaded()) {
      LOG.log(System.Logger.Level.INFO, () -> "no native products: " + CLibrary.whyNot());
      return;
    }
    Instructions used =
        asked.equals("best")
            ? Instructions.best()
            : Instructions.named(asked)
                .filter(Instructions::isSupported)
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "-D"
                                + PROPERTY
                                + "="
                                + asked
                                + ": this machine knows off, best, "
                                + String.join(", ", Instructions.supportedNames())));
    OptionalBinder.newOptionalBinder(binder(), NativeProducts.class)
        .setBinding()
        .toInstance(new CProducts(used));
  }
}
