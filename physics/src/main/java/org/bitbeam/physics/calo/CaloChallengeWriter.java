package org.bitbeam.physics.calo;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Writes an HDF5 file of the CaloChallenge shower by shower: {@code incident_energies} of shape
 * (showers, 1) and {@code showers} of shape (showers, voxels), in MeV, in chunks of about 1 MiB,
 * shuffled and deflated. Memory does not grow with the number of showers (12 bytes a chunk). The
 * file appears under its name, complete and synced, with {@link #commit}. Not safe for several
 * threads.
 */
public final class CaloChallengeWriter implements Closeable {
  private final Path file;
  private final Path draft;
  private final FileChannel channel;
  private final HdfRows energies;
  private final HdfRows voxels;
  private final double[] energy = new double[1];

  /**
   * Begins a file; an existing one is replaced when the new one is complete.
   *
   * @param showers how many there will be, at least 1
   * @param voxelsPerShower at least 1
   * @param doublePrecision whether numbers have 8 bytes, or 4
   */
  public CaloChallengeWriter(Path file, long showers, int voxelsPerShower, boolean doublePrecision)
      throws IOException {
    if (showers < 1 || voxelsPerShower < 1) {
      throw new IllegalArgumentException(
          file + ": " + showers + " showers of " + voxelsPerShower + " voxels; at least 1 of each");
    }
    int bytes = doublePrecision ? Double.BYTES : Float.BYTES;
    this.file = file;
    this.draft = file.resolveSibling("." + file.getFileName() + ".part");
    this.channel =
        FileChannel.open(
            draft,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING);
    channel.position(HdfBlock.SUPERBLOCK_BYTES);
    this.energies = new HdfRows(file + ": incident_energies", channel, showers, 1, bytes);
    this.voxels = new HdfRows(file + ": showers", channel, showers, voxelsPerShower, bytes);
  }

  /**
   * Appends a shower.
   *
   * @param incident energy in MeV
   * @param from array with the energies of its voxels in MeV, from {@code at} on
   */
  public void add(double incident, double[] from, int at) throws IOException {
    energy[0] = incident;
    energies.add(energy, 0);
    voxels.add(from, at);
  }

  /**
   * Completes the file.
   *
   * @throws IllegalStateException when showers are missing
   */
  public void commit() throws IOException {
    List<HdfBlock.Link> links =
        List.of(
            new HdfBlock.Link("incident_energies", energies.finish()),
            new HdfBlock.Link("showers", voxels.finish()));
    long root = HdfBlock.group(channel, links);
    long size = channel.position();
    channel.position(0);
    HdfRows.append(channel, HdfBlock.superblock(size, root));
    channel.force(true);
    channel.close();
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Deletes what was written, unless it was committed. */
  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(draft);
  }
}
