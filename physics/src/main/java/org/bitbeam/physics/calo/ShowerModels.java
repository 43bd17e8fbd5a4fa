package org.bitbeam.physics.calo;

import java.util.Map;
import java.util.Set;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;

/** Shower models by the kind of their bundle. */
public final class ShowerModels {
  /** Kinds of stages that make showers. */
  public static final Set<String> KINDS = Set.of(CaloInn.STAGE_KIND, CaloDream.STAGE_KIND);

  private ShowerModels() {}

  /**
   * The model of a bundle.
   *
   * @param networks by role; they belong to the caller
   * @throws IllegalArgumentException when the bundle makes no showers, or its parts do not fit
   */
  public static ShowerModel of(ModelBundle bundle, Map<String, Network> networks) {
    return switch (bundle.stageKind()) {
      case CaloInn.STAGE_KIND -> CaloInn.of(bundle, networks);
      case CaloDream.STAGE_KIND -> CaloDream.of(bundle, networks);
      default ->
          throw new IllegalArgumentException(
              bundle
                  + " is for stage \""
                  + bundle.stageKind()
                  + "\", expected \""
                  + CaloInn.STAGE_KIND
                  + "\" or \""
                  + CaloDream.STAGE_KIND
                  + "\"");
    };
  }
}
