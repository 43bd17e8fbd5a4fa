package org.bitbeam.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.physics.calo.CaloChallengeFile;
import org.bitbeam.physics.calo.CaloChallengeFile.Showers;
import org.bitbeam.physics.calo.CaloGeometry;
import org.bitbeam.physics.calo.ShowerSimulator;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.bitbeam.runtime.ModelBundle;

/** Files of showers: those of {@code bitbeam simulate} (.root), and HDF5 of the CaloChallenge. */
public final class ShowerFile {
  /** Name of the tree. */
  public static final String TREE = "showers";

  /** Column of the incident energies in MeV. */
  public static final String ENERGY = "incidentEnergy";

  private ShowerFile() {}

  /** The geometry of the showers that a bundle makes. */
  public static CaloGeometry geometry(ModelBundle bundle) {
    return CaloGeometry.ofJson(
        bundle.toString(), bundle.json(bundle.stage().path("geometry").asText("geometry.json")));
  }

  /**
   * The first showers of a file, all of their voxels.
   *
   * @param most so many at most
   * @throws IllegalArgumentException when there are none, or they are not of that geometry
   */
  public static Showers read(Path file, CaloGeometry geometry, int most) throws IOException {
    Showers showers =
        file.toString().endsWith(".root")
            ? ofTree(file, geometry.voxels(), most)
            : CaloChallengeFile.read(file, most);
    if (showers.energies().length == 0 || showers.voxelsPerShower() != geometry.voxels()) {
      throw new IllegalArgumentException(
          file
              + ": showers of "
              + showers.voxelsPerShower()
              + " voxels, the geometry has "
              + geometry.voxels());
    }
    return showers;
  }

  private static Showers ofTree(Path file, int size, int most) throws IOException {
    try (RootFile root = RootFile.open(file)) {
      Dataset dataset = root.dataset(TREE);
      boolean sparse = dataset.schema().field(ShowerSimulator.VOXEL).isPresent();
      List<String> columns =
          sparse
              ? List.of(ENERGY, ShowerSimulator.VOXEL_ENERGY, ShowerSimulator.VOXEL)
              : List.of(ENERGY, ShowerSimulator.VOXEL_ENERGY);
      EventBatch batch = dataset.read(columns, 0, Math.min(most, dataset.entries()));
      double[] incident = doubles((NumberColumn) batch.column(ENERGY));
      if (!sparse) {
        ArrayColumn dense = (ArrayColumn) batch.column(ShowerSimulator.VOXEL_ENERGY);
        return new Showers(incident, doubles((NumberColumn) dense.content()));
      }
      ListColumn energies = (ListColumn) batch.column(ShowerSimulator.VOXEL_ENERGY);
      NumberColumn energy = (NumberColumn) energies.elements();
      NumberColumn index =
          (NumberColumn) ((ListColumn) batch.column(ShowerSimulator.VOXEL)).elements();
      int[] offsets = energies.elementOffsets();
      double[] voxels = new double[Math.multiplyExact(incident.length, size)];
      for (int shower = 0; shower < incident.length; shower++) {
        for (int i = offsets[shower]; i < offsets[shower + 1]; i++) {
          long voxel = index.getLong(i);
          if (voxel < 0 || voxel >= size) {
            throw new IllegalArgumentException(
                file + ": entry " + shower + ": voxel " + voxel + " of " + size);
          }
          voxels[shower * size + (int) voxel] = energy.getDouble(i);
        }
      }
      return new Showers(incident, voxels);
    }
  }

  private static double[] doubles(NumberColumn column) {
    double[] values = new double[column.length()];
    Arrays.setAll(values, column::getDouble);
    return values;
  }
}
