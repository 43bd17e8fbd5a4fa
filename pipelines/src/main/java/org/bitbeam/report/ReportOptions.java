package org.bitbeam.report;

import java.nio.file.Path;
import java.util.Optional;
import org.bitbeam.physics.calo.CaloGeometry;

/**
 * What a report cannot find out by itself.
 *
 * @param truth column of the true classes or angles; empty: the usual names of classes are looked
 *     for
 * @param classes which of its values are signal and background
 * @param geometry of showers; empty: that of the bundle that made them
 * @param reference showers to compare with
 * @param against another tagger to run on a sample of the jets
 */
public record ReportOptions(
    String truth,
    TrueClasses classes,
    Optional<CaloGeometry> geometry,
    Optional<Path> reference,
    Optional<OtherTagger> against) {
  /** Nothing. */
  public static final ReportOptions DEFAULT =
      new ReportOptions(
          "",
          TrueClasses.QUARKS_AGAINST_GLUONS,
          Optional.empty(),
          Optional.empty(),
          Optional.empty());
}
