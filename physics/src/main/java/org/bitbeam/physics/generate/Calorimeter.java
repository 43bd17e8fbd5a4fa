package org.bitbeam.physics.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.physics.generate.Medium.Material;

/**
 * What showers develop in, behind the voxels of a {@link CaloGeometry}: the material, and how deep
 * each layer lies. Two kinds are known:
 *
 * <ul>
 *   <li>silicon and tungsten, as in data sets 2 and 3 of the CaloChallenge: 0.3 mm and 1.4 mm a
 *       layer. A layer reaches from its number to the number of the next, so that geometries that
 *       join layers are described by their numbers (0, 3, 6: three layers in one);
 *   <li>lead and liquid argon, for data set 1: presampler (number 0), strips (1), middle (2), back
 *       (3), and the first tiles (12) behind, of 0.5, 4.3, 16, 2 and 15 radiation lengths behind
 *       1.5 of passive material: about those of the ATLAS barrel (JINST 3 (2008) S08003) near
 *       pseudorapidity 0.2; one mixture, 1.53 mm of lead and 4.2 mm of argon, stands for all of it.
 * </ul>
 *
 * @param depths of each layer of the geometry, in order
 */
record Calorimeter(CaloGeometry geometry, Medium medium, List<Depth> depths) {
  private static final double TUNGSTEN_MM = 1.4;
  private static final double SILICON_MM = 0.3;
  private static final Map<Integer, Depth> BARREL =
      Map.of(
          0, new Depth(1.5, 2),
          1, new Depth(2, 6.3),
          2, new Depth(6.3, 22.3),
          3, new Depth(22.3, 24.3),
          12, new Depth(24.3, 39.3));

  /** Layers of the hadronic calorimeter behind, where pions end. */
  private static final Set<Integer> TILES = Set.of(12, 13, 14);

  /** From where to where a layer reaches, in radiation lengths. */
  record Depth(double from, double to) {}

  Calorimeter {
    depths = List.copyOf(depths);
  }

  /**
   * The one a geometry belongs to: lead and argon if it has a layer 12 and no other beyond 3.
   *
   * @throws IllegalArgumentException when the numbers of its layers do not ascend, or it is one for
   *     hadronic showers, of which these parametrisations know nothing
   */
  static Calorimeter of(CaloGeometry geometry) {
    List<CaloGeometry.Layer> layers = geometry.layers();
    for (int i = 1; i < layers.size(); i++) {
      if (layers.get(i).id() <= layers.get(i - 1).id()) {
        throw new IllegalArgumentException(
            "geometry \""
                + geometry.name()
                + "\": layer "
                + layers.get(i).id()
                + " comes after layer "
                + layers.get(i - 1).id()
                + ", expected numbers that ascend: they say how deep layers lie");
      }
    }
    boolean isHadronic =
        layers.stream().anyMatch(layer -> layer.id() > 12)
            && layers.stream()
                .allMatch(layer -> BARREL.containsKey(layer.id()) || TILES.contains(layer.id()));
    if (isHadronic) {
      throw new IllegalArgumentException(
          "geometry \""
              + geometry.name()
              + "\" has tile layers behind the first, for hadronic showers; electromagnetic ones only"
              + " are made here: choose ds1-photon");
    }
    boolean barrel =
        layers.stream().anyMatch(layer -> layer.id() == 12)
            && layers.stream().allMatch(layer -> BARREL.containsKey(layer.id()));
    return barrel ? barrel(geometry) : tungsten(geometry);
  }

  private static Calorimeter barrel(CaloGeometry geometry) {
    return new Calorimeter(
        geometry,
        Medium.of(Material.LEAD, 1.53, Material.LIQUID_ARGON, 4.2),
        geometry.layers().stream().map(layer -> barrel(layer.id())).toList());
  }

  private static Depth barrel(int layer) {
    return Objects.requireNonNull(BARREL.get(layer));
  }

  private static Calorimeter tungsten(CaloGeometry geometry) {
    Medium medium = Medium.of(Material.TUNGSTEN, TUNGSTEN_MM, Material.SILICON, SILICON_MM);
    double pair = (TUNGSTEN_MM + SILICON_MM) / medium.radiationLengthMm();
    List<CaloGeometry.Layer> layers = geometry.layers();
    List<Depth> depths = new ArrayList<>();
    int step = 1;
    for (int i = 0; i < layers.size(); i++) {
      int id = layers.get(i).id();
      step = i + 1 < layers.size() ? layers.get(i + 1).id() - id : step;
      depths.add(new Depth(id * pair, (id + step) * pair));
    }
    return new Calorimeter(geometry, medium, depths);
  }
}
