package org.bitbeam.physics.calo;

import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * HDF5 files of the CaloChallenge: {@code incident_energies} of shape (showers, 1) and {@code
 * showers} of shape (showers, voxels), in MeV. Written by {@link CaloChallengeWriter}, read by
 * jHDF.
 */
public final class CaloChallengeFile {
  /** Most bytes of the voxels of a file that is read: all of them are in memory. */
  private static final long MAX_BYTES = 2L << 30;

  private CaloChallengeFile() {}

  /**
   * Showers of a file.
   *
   * @param energies incident energies in MeV
   * @param voxels energies in MeV, shower by shower
   */
  public record Showers(double[] energies, double[] voxels) {
    /** Number of voxels of a shower. */
    public int voxelsPerShower() {
      return energies.length == 0 ? 0 : voxels.length / energies.length;
    }
  }

  /**
   * Writes a file, which appears complete or not at all.
   *
   * @param doublePrecision whether numbers have 8 bytes, or 4
   * @throws IllegalArgumentException when there are no showers
   */
  public static void write(Path file, Showers showers, boolean doublePrecision) throws IOException {
    int count = showers.energies().length;
    int size = showers.voxelsPerShower();
    try (CaloChallengeWriter writer = new CaloChallengeWriter(file, count, size, doublePrecision)) {
      for (int i = 0; i < count; i++) {
        writer.add(showers.energies()[i], showers.voxels(), i * size);
      }
      writer.commit();
    }
  }

  /**
   * Reads a file.
   *
   * @throws IOException when it cannot be read, or has no such datasets; the message names the file
   */
  public static Showers read(Path file) throws IOException {
    return read(file, Integer.MAX_VALUE);
  }

  /**
   * Reads the first showers of a file.
   *
   * @param most so many at most
   * @throws IOException when it cannot be read, or has no such datasets; the message names the file
   */
  public static Showers read(Path file, int most) throws IOException {
    try (HdfFile hdf = new HdfFile(file)) {
      Dataset energies = hdf.getDatasetByPath("incident_energies");
      Dataset voxels = hdf.getDatasetByPath("showers");
      int[] shape = voxels.getDimensions();
      int count = Math.min(most, shape.length == 2 ? shape[0] : 0);
      long bytes = 8L * count * (shape.length == 2 ? shape[1] : 1);
      if (shape.length != 2 || energies.getSize() != shape[0] || bytes > MAX_BYTES) {
        throw new IOException(
            file
                + ": showers have the shape "
                + Arrays.toString(shape)
                + ", there are "
                + energies.getSize()
                + " energies");
      }
      if (count == shape[0]) {
        return new Showers(doubles(energies.getDataFlat()), doubles(voxels.getDataFlat()));
      }
      double[] incident = Arrays.copyOf(doubles(energies.getDataFlat()), count);
      double[] first = new double[Math.multiplyExact(count, shape[1])];
      Object rows = voxels.getData(new long[] {0, 0}, new int[] {count, shape[1]});
      for (int i = 0; i < count; i++) {
        System.arraycopy(
            doubles(rows instanceof float[][] floats ? floats[i] : ((double[][]) rows)[i]),
            0,
            first,
            i * shape[1],
            shape[1]);
      }
      return new Showers(incident, first);
    } catch (RuntimeException e) {
      throw new IOException(file + ": no HDF5 file of showers: " + e.getMessage(), e);
    }
  }

  private static double[] doubles(Object flat) throws IOException {
    if (flat instanceof double[] values) {
      return values;
    }
    if (flat instanceof float[] values) {
      double[] wide = new double[values.length];
      for (int i = 0; i < wide.length; i++) {
        wide[i] = values[i];
      }
      return wide;
    }
    throw new IOException("numbers of the type " + flat.getClass().getSimpleName());
  }
}
