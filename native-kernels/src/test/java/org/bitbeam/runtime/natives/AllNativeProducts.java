package org.bitbeam.runtime.natives;

import java.util.Arrays;
import java.util.List;
import org.bitbeam.runtime.NativeProducts;

/** For tests of other packages. */
public final class AllNativeProducts {
  private AllNativeProducts() {}

  /** By all instructions of this machine; empty if there is no library. */
  public static List<NativeProducts> here() {
    return CLibrary.isLoaded()
        ? Arrays.stream(Instructions.values())
            .filter(Instructions::isSupported)
            .<NativeProducts>map(CProducts::new)
            .toList()
        : List.of();
  }

  /** Why there is no library. */
  public static String whyNot() {
    return CLibrary.whyNot();
  }
}
