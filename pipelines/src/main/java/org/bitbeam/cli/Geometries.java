package org.bitbeam.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.report.ShowerFile;
import org.bitbeam.runtime.ModelBundle;

/** Geometries as a user names them. */
final class Geometries {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Geometries() {}

  /**
   * Voxels of a {@code geometry.json}, a binning XML of the CaloChallenge, or a model bundle.
   *
   * @param particle which binning of an XML file
   */
  static CaloGeometry of(String geometry, String particle) throws IOException {
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
