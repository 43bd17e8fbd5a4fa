package org.bitbeam.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.NetworkQuantiser.Plan;

/**
 * Prints by how many bytes 500 steps grow this process, after 300 others. Run with a heap of fixed
 * size that is touched at the start, so that only native memory can grow.
 */
final class MemoryProbe {
  private MemoryProbe() {}

  public static void main(String[] arguments) throws IOException {
    ParticleFlowNetwork network = new ParticleFlowNetwork(13, 16);
    JetStream jets = Samples.stream(JetSelection.Part.ALL, 64 << 20);
    TrainingLoop training =
        new TrainingLoop(
            network,
            new ClassObjective(),
            new Plan(List.of(), LayerPrecision.TERNARY),
            Samples.options(1, 1),
            jets,
            jets,
            Optional.empty(),
            null);
    Parameters parameters = Parameters.initial(network, 1);
    List<JetBatch> batches = new ArrayList<>();
    jets.inOrder(64, (step, batch) -> batches.add(batch) && batches.isEmpty());
    long before = 0;
    for (int step = 0; step < 800; step++) {
      if (step == 300) {
        System.gc();
        before = residentBytes();
      }
      training.gradients(parameters, batches.get(0));
    }
    System.gc();
    System.out.println("grew by " + (residentBytes() - before));
  }

  private static long residentBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    throw new IOException("no VmRSS");
  }
}
