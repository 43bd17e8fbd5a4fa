package org.bitbeam.physics.calo;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.api.DatasetCreationOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;

/**
 * HDF5 files of the CaloChallenge: {@code incident_energies} of shape (showers, 1) and {@code
 * showers} of shape (showers, voxels), in MeV, chunked and compressed (deflate).
 */
public final class CaloChallengeFile {
  /** Most bytes of voxels in one file: all of them are in memory while it is written. */
  public static final long MAX_BYTES = 1L << 30;

  private static final int CHUNK_BYTES = 1 << 20;
  private static final int DEFLATE_LEVEL = 4;

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
   * @throws IllegalArgumentException when the showers take more than {@link #MAX_BYTES}
   */
  public static void write(Path file, Showers showers, boolean doublePrecision) throws IOException {
    int count = showers.energies().length;
    int size = showers.voxelsPerShower();
    int bytes = doublePrecision ? Double.BYTES : Float.BYTES;
    if ((long) showers.voxels().length * bytes > MAX_BYTES || count == 0) {
      throw new IllegalArgumentException(
          file
              + ": "
              + count
              + " showers of "
              + size
              + " voxels; an HDF5 file takes 1 up to 1 GiB of them, write several files");
    }
    Object energies;
    Object voxels;
    if (doublePrecision) {
      double[][] columns = new double[count][];
      double[][] rows = new double[count][];
      for (int i = 0; i < count; i++) {
        columns[i] = new double[] {showers.energies()[i]};
        rows[i] = Arrays.copyOfRange(showers.voxels(), i * size, (i + 1) * size);
      }
      energies = columns;
      voxels = rows;
    } else {
      float[][] columns = new float[count][1];
      float[][] rows = new float[count][size];
      for (int i = 0; i < count; i++) {
        columns[i][0] = (float) showers.energies()[i];
        for (int v = 0; v < size; v++) {
          rows[i][v] = (float) showers.voxels()[i * size + v];
        }
      }
      energies = columns;
      voxels = rows;
    }
    int rows = Math.max(1, Math.min(count, CHUNK_BYTES / (size * bytes)));
    Path draft = file.resolveSibling("." + file.getFileName() + ".part");
    try {
      try (WritableHdfFile hdf = HdfFile.write(draft)) {
        hdf.putDataset("incident_energies", energies, chunks(count, 1));
        hdf.putDataset("showers", voxels, chunks(rows, size));
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  private static DatasetCreationOptions chunks(int rows, int columns) {
    return DatasetCreationOptions.builder()
        .chunkDimensions(rows, columns)
        .shuffle()
        .deflate(DEFLATE_LEVEL)
        .build();
  }

  /**
   * Reads a file.
   *
   * @throws IOException when it cannot be read, or has no such datasets; the message names the file
   */
  public static Showers read(Path file) throws IOException {
    try (HdfFile hdf = new HdfFile(file)) {
      Dataset energies = hdf.getDatasetByPath("incident_energies");
      Dataset voxels = hdf.getDatasetByPath("showers");
      int[] shape = voxels.getDimensions();
      long bytes = 8L * shape[0] * (shape.length == 2 ? shape[1] : 1);
      if (shape.length != 2 || energies.getSize() != shape[0] || bytes > 2 * MAX_BYTES) {
        throw new IOException(
            file
                + ": showers have the shape "
                + Arrays.toString(shape)
                + ", there are "
                + energies.getSize()
                + " energies");
      }
      return new Showers(doubles(energies.getDataFlat()), doubles(voxels.getDataFlat()));
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
