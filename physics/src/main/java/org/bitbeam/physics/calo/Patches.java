package org.bitbeam.physics.calo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;

/**
 * Voxels in the order of patches, as vision transformers take them: tokens by layer, sector and
 * ring, and within each its voxels by layer, sector and ring.
 */
final class Patches {
  private Patches() {}

  /**
   * The voxel at each place.
   *
   * @param label for messages
   * @param sizes layers, sectors and rings of a patch
   * @throws IllegalArgumentException when layers differ, or patches do not fill them
   */
  static int[] order(String label, CaloGeometry geometry, JsonNode sizes) {
    CaloGeometry.Layer first = geometry.layers().get(0);
    int[] all = {geometry.layers().size(), first.sectors(), first.rings()};
    int[] patch = new int[3];
    boolean fits =
        sizes.size() == 3
            && geometry.layers().stream()
                .allMatch(l -> l.sectors() == first.sectors() && l.rings() == first.rings());
    for (int axis = 0; fits && axis < 3; axis++) {
      patch[axis] = sizes.get(axis).asInt();
      fits = patch[axis] > 0 && all[axis] % patch[axis] == 0;
    }
    if (!fits) {
      throw new IllegalArgumentException(
          label
              + " is "
              + sizes
              + ", expected \"network\" or the layers, sectors and rings of a patch that divide layers of one kind: "
              + Arrays.toString(all));
    }
    int[] order = new int[geometry.voxels()];
    int place = 0;
    for (int l = 0; l < all[0]; l += patch[0]) {
      for (int a = 0; a < all[1]; a += patch[1]) {
        for (int r = 0; r < all[2]; r += patch[2]) {
          for (int i = 0; i < patch[0] * patch[1] * patch[2]; i++) {
            int layer = l + i / (patch[1] * patch[2]);
            int sector = a + i / patch[2] % patch[1];
            order[place++] = (layer * all[1] + sector) * all[2] + r + i % patch[2];
          }
        }
      }
    }
    return order;
  }
}
