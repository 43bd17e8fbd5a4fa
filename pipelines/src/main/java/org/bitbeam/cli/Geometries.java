package org.bitbeam.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.physics.calo.NamedGeometries;
import org.bitbeam.report.ShowerFile;
import org.bitbeam.runtime.ModelBundle;

/** Voxels as a user names them. */
public final class Geometries {
  /** Of the option that names them. */
  public static final String DESCRIPTION =
      "Voxels: ds1-photon, ds1-pion, ds2, ds3, tiny, ds2-small, a geometry.json, a binning XML of the"
          + " CaloChallenge, or a model bundle that makes such showers.";

  private static final ObjectMapper JSON = new ObjectMapper();

  private Geometries() {}

  /**
   * The geometry of a name, file or bundle.
   *
   * @param particle which binning of an XML file; empty for the only one
   * @throws IllegalArgumentException when it describes none
   */
  public static CaloGeometry open(String geometry, String particle) throws IOException {
    Optional<CaloGeometry> named = NamedGeometries.find(geometry);
    if (named.isPresent()) {
      return named.get();
    }
    Path path = Path.of(geometry);
    if (Files.isRegularFile(path) && geometry.endsWith(".xml")) {
      return CaloGeometry.ofXml(geometry, Files.readAllBytes(path), particle);
    }
    if (Files.isRegularFile(path) && geometry.endsWith(".json")) {
      return CaloGeometry.ofJson(geometry, JSON.readTree(Files.readString(path)));
    }
    return ShowerFile.geometry(ModelBundle.open(Home.bundle(geometry)));
  }
}
