package org.bitbeam.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.calo.IncidentParticles;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.KeyInfo;
import org.bitbeam.root.RootFile;

/**
 * The incident particles of a ROOT file, in order. Holds the particles of a block of entries; for
 * one thread.
 */
final class ParticleFile implements ShowerWriter.Incident, Closeable {
  private static final int ENTRIES = 4096;

  private final RootFile file;
  private final Dataset dataset;
  private final IncidentParticles kinematics;

  /** Number of the first particle of each block of entries, and of all. */
  private final List<Long> firsts = new ArrayList<>(List.of(0L));

  private int number;
  private EventBatch block;

  /**
   * Opens a file and counts its particles.
   *
   * @param tree name of the dataset; empty for the only one
   */
  ParticleFile(String path, String tree, IncidentParticles kinematics) throws IOException {
    this.kinematics = kinematics;
    this.file = Inputs.open(path);
    try {
      this.dataset = dataset(file, path, tree);
      this.block = read(0);
      for (int i = 0; (long) i * ENTRIES < dataset.entries(); i++) {
        firsts.add(firsts.get(i) + (i == 0 ? block : read(i)).entries());
      }
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static Dataset dataset(RootFile file, String path, String tree) throws IOException {
    List<String> all = file.datasets().stream().map(KeyInfo::path).distinct().toList();
    if (tree.isEmpty() && all.size() != 1) {
      throw new IllegalArgumentException(
          path + " has datasets " + all + "; choose one with --tree");
    }
    return file.dataset(tree.isEmpty() ? all.get(0) : tree);
  }

  /** Number of particles. */
  long particles() {
    return firsts.get(firsts.size() - 1);
  }

  @Override
  public Schema schema() {
    return kinematics.schema();
  }

  @Override
  public EventBatch batch(long from, int count) {
    List<EventBatch> parts = new ArrayList<>();
    long at = from;
    while (at < from + count) {
      int wanted = number;
      while (firsts.get(wanted + 1) <= at) {
        wanted++;
      }
      if (wanted != number) {
        load(wanted);
      }
      int start = (int) (at - firsts.get(number));
      int end = (int) Math.min(block.entries(), start + from + count - at);
      parts.add(block.slice(start, end));
      at += end - start;
    }
    return EventBatch.concatenate(parts);
  }

  private void load(int wanted) {
    try {
      block = read(wanted);
      number = wanted;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private EventBatch read(int which) throws IOException {
    long from = (long) which * ENTRIES;
    long to = Math.min(dataset.entries(), from + ENTRIES);
    return kinematics.of(dataset.read(kinematics.columns(), from, to), firsts.get(which));
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
