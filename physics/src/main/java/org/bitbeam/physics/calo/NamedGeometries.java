package org.bitbeam.physics.calo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Geometries known by name: those of the CaloChallenge (arXiv 2410.21611), and small ones of our
 * own.
 */
public final class NamedGeometries {
  private static final int TUNGSTEN_LAYERS = 45;

  private NamedGeometries() {}

  /** All names. */
  public static List<String> names() {
    return List.of("ds1-photon", "ds1-pion", "ds2", "ds3", "tiny", "ds2-small");
  }

  /**
   * The geometry of a name: {@code ds1-photon} (368 voxels), {@code ds1-pion} (533), {@code ds2}
   * (6,480), {@code ds3} (40,500), {@code tiny} (62: five layers as data set 1, coarse), {@code
   * ds2-small} (1,080: every three layers of data set 2 in one, eight sectors).
   */
  public static Optional<CaloGeometry> find(String name) {
    return switch (name) {
      case "ds1-photon" ->
          Optional.of(
              new CaloGeometry(
                  name,
                  List.of(
                      layer(0, 1, 0, 5, 10, 30, 50, 100, 200, 400, 600),
                      layer(
                          1, 10, 0, 2, 4, 6, 8, 10, 12, 15, 20, 30, 40, 50, 70, 90, 120, 150, 200),
                      layer(
                          2, 10, 0, 2, 5, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 130, 160, 200,
                          250, 300, 350, 400),
                      layer(3, 1, 0, 50, 100, 200, 400, 600),
                      layer(12, 1, 0, 100, 200, 400, 1000, 2000))));
      case "ds1-pion" ->
          Optional.of(
              new CaloGeometry(
                  name,
                  List.of(
                      layer(0, 1, 0, 5, 10, 30, 50, 100, 200, 400, 600),
                      layer(1, 10, 0, 1, 4, 7, 10, 15, 30, 50, 90, 150, 200),
                      layer(2, 10, 0, 5, 10, 20, 30, 50, 80, 130, 200, 300, 400),
                      layer(3, 1, 0, 50, 100, 200, 400, 600),
                      layer(
                          12, 10, 0, 10, 20, 30, 50, 80, 100, 130, 160, 200, 250, 300, 350, 400,
                          1000, 2000),
                      layer(
                          13, 10, 0, 10, 20, 30, 50, 80, 100, 130, 160, 200, 250, 300, 350, 400,
                          600, 1000, 2000),
                      layer(14, 1, 0, 50, 100, 150, 200, 250, 300, 400, 600, 1000, 2000))));
      case "ds2" -> Optional.of(tungsten(name, 1, 16, 9, 465));
      case "ds3" -> Optional.of(tungsten(name, 1, 50, 18, 232.5));
      case "ds2-small" -> Optional.of(tungsten(name, 3, 8, 9, 465));
      case "tiny" ->
          Optional.of(
              new CaloGeometry(
                  name,
                  List.of(
                      layer(0, 1, 0, 5, 10, 30, 100),
                      layer(1, 4, 0, 5, 10, 20, 40, 80, 200),
                      layer(2, 4, 0, 5, 10, 20, 40, 60, 100, 200),
                      layer(3, 1, 0, 50, 100, 200),
                      layer(12, 1, 0, 100, 200, 400))));
      default -> Optional.empty();
    };
  }

  private static CaloGeometry.Layer layer(int id, int sectors, double... radii) {
    return new CaloGeometry.Layer(id, Arrays.stream(radii).boxed().toList(), sectors);
  }

  /** Layers 0, {@code step}, ... with rings of equal width in hundredths of a mm. */
  private static CaloGeometry tungsten(
      String name, int step, int sectors, int rings, double width) {
    List<Double> radii = IntStream.rangeClosed(0, rings).mapToObj(i -> i * width / 100).toList();
    List<CaloGeometry.Layer> layers = new ArrayList<>();
    for (int id = 0; id < TUNGSTEN_LAYERS; id += step) {
      layers.add(new CaloGeometry.Layer(id, radii, sectors));
    }
    return new CaloGeometry(name, layers);
  }
}
