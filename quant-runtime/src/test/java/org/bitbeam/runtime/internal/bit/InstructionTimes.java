package org.bitbeam.runtime.internal.bit;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bitbeam.runtime.CodeProducts;
import org.bitbeam.runtime.NativeProducts;
import org.bitbeam.runtime.internal.graph.Graph;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.lowering.Fusion;
import org.bitbeam.runtime.internal.lowering.Lowering;
import org.bitbeam.runtime.onnx.OnnxReader;

/**
 * Prints which instructions of a network take the time (tools/speed.sh). Arguments: model file
 * below the shared folder or published/NAME, batch, seconds of CPU time, and how many numbers of
 * the last axis are kept (all if not given). {@code -Dbitbeam.least=0.001} prints instructions with
 * a smaller share than 0.01.
 */
public final class InstructionTimes {
  private static final com.sun.management.ThreadMXBean CPU =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  private InstructionTimes() {}

  /** One line per instruction with a large enough share: microseconds, share, what it is. */
  public static void main(String[] args) {
    print(args, Optional.empty());
  }

  /** The same, with native products among the ways that are measured. */
  public static void print(String[] args, Optional<NativeProducts> natives) {
    Path shared = Path.of(System.getProperty("bitbeam.shared", "../../shared"));
    Graph graph = Graph.of(OnnxReader.read(args[0], SpeedAgainstOrt.bytes(shared, args[0])));
    Plan plan =
        Plan.of(
            Fusion.fuse(Lowering.lower(graph)),
            KernelChoice.best(),
            CodeProducts.MEASURED,
            natives);
    Map<String, NdArray> inputs = SpeedAgainstOrt.inputs(shared, graph, Integer.parseInt(args[1]));
    if (args.length > 3) {
      inputs.replaceAll((name, x) -> cut(x, Integer.parseInt(args[3])));
    }
    List<String> labels = plan.labels();
    long[] spent = new long[labels.size()];
    long[] bytes = new long[labels.size()];
    long[] clock = new long[2]; // last reading, next instruction
    int passes = 0;
    long start = CPU.getCurrentThreadCpuTime();
    long warm = (long) (Double.parseDouble(args[2]) * 5e8);
    while (CPU.getCurrentThreadCpuTime() - start < 2 * warm) {
      boolean counts = CPU.getCurrentThreadCpuTime() - start > warm;
      clock[0] = CPU.getCurrentThreadCpuTime();
      clock[1] = 0;
      plan.run(
          inputs,
          frame -> {
            long now = CPU.getCurrentThreadCpuTime();
            if (counts) {
              spent[(int) clock[1]] += now - clock[0];
            }
            clock[1]++;
            clock[0] = CPU.getCurrentThreadCpuTime();
          });
      passes += counts ? 1 : 0;
    }
    double all = 0;
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < spent.length; i++) {
      all += spent[i];
      order.add(i);
    }
    order.sort(Comparator.comparingLong(i -> -spent[i]));
    System.out.printf("%s batch %s: %.1f us%n", args[0], args[1], all / passes / 1e3);
    System.out.printf("%d bytes allocated a pass, the result included%n", allocated(plan, inputs));
    for (int i : order) {
      if (spent[i] >= Double.parseDouble(System.getProperty("bitbeam.least", "0.01")) * all) {
        System.out.printf(
            "%10.1f %5.1f %% #%d %s%n",
            spent[i] / 1e3 / passes, 100 * spent[i] / all, i, labels.get(i));
      }
    }
    allocations(plan, inputs, bytes);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] > 0) {
        System.out.printf("%10d bytes allocated by #%d %s%n", bytes[i], i, labels.get(i));
      }
    }
    plan.choices().forEach(System.out::println);
  }

  /** What a pass after many others allocates, by instruction. */
  private static void allocations(Plan plan, Map<String, NdArray> inputs, long[] bytes) {
    long[] last = new long[2]; // last reading, next instruction
    last[0] = allocatedSoFar();
    plan.run(
        inputs,
        frame -> {
          bytes[(int) last[1]++] = allocatedSoFar() - last[0];
          last[0] = allocatedSoFar();
        });
  }

  /** The first numbers along the last axis: jets without their softest constituents. */
  private static NdArray cut(NdArray x, int length) {
    int[] shape = x.shape().clone();
    int last = shape[shape.length - 1];
    if (last < length) {
      return x;
    }
    shape[shape.length - 1] = length;
    int[] positions = new int[x.size() / last * length];
    Arrays.setAll(positions, i -> i / length * last + i % length);
    return x.take(positions, shape);
  }

  private static long allocatedSoFar() {
    return CPU.getCurrentThreadAllocatedBytes();
  }

  private static long allocated(Plan plan, Map<String, NdArray> inputs) {
    long before = allocatedSoFar();
    for (int i = 0; i < 20; i++) {
      plan.run(inputs);
    }
    return (allocatedSoFar() - before) / 20;
  }
}
