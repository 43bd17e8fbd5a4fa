package org.bitbeam.training;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.physics.calo.CounterRandom;
import org.bitbeam.physics.tagging.ConstituentLayout;
import org.bitbeam.physics.tagging.JetConstituents;
import org.bitbeam.physics.tagging.TrainedRange;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.jspecify.annotations.Nullable;

/**
 * Labelled jets of ROOT files in a shuffled order that depends on seed and epoch alone. The files
 * are cut into blocks. An epoch takes the blocks in a random order, as many at a time as fit into
 * the memory limit, and the jets of these in a random order. If all fit they are read once and
 * kept. For one thread.
 */
final class JetStream implements BatchStream {
  private static final int BLOCK = 8192;
  private static final int BLOCK_STREAM = 0;
  private static final int JET_STREAM = 1;

  private final List<Path> files;
  private final String tree;
  private final ConstituentLayout layout;
  private final JetInputs inputs;
  private final JetSelection selection;
  private final CounterRandom random;
  private final int windowJets;
  private final List<Block> blocks;
  private final int jets;
  private @Nullable List<Jet> kept;

  /**
   * Consecutive entries of a file.
   *
   * @param jets that are selected
   * @param firstJet number of the first of them in the sample
   */
  private record Block(int file, long first, long end, int jets, long firstJet) {}

  /**
   * A jet.
   *
   * @param number in the sample
   * @param values what the network sees of it
   */
  private record Jet(long number, float[] values, float truth) {}

  private JetStream(
      List<Path> files,
      String tree,
      ConstituentLayout layout,
      JetInputs inputs,
      JetSelection selection,
      long memoryBytes,
      long seed)
      throws IOException {
    this.files = List.copyOf(files);
    this.tree = tree;
    this.layout = layout;
    this.inputs = inputs;
    this.selection = selection;
    this.random = new CounterRandom(seed);
    // Even if all had as many constituents as are used at most.
    long jetBytes = (long) inputs.largest() * Float.BYTES + 64;
    this.windowJets = (int) Math.min(Integer.MAX_VALUE, memoryBytes / jetBytes);
    this.blocks = blocks();
    this.jets = blocks.stream().mapToInt(Block::jets).sum();
    int largest = blocks.stream().mapToInt(Block::jets).max().orElse(0);
    if (jets == 0) {
      throw new IllegalArgumentException(
          files
              + ": no jet whose "
              + selection.truth()
              + (selection.classes().isPresent() ? " is of one of the classes" : " is finite")
              + ", for "
              + selection.part());
    }
    if (largest > windowJets) {
      throw new IllegalArgumentException(
          "a memory limit of "
              + memoryBytes
              + " bytes holds "
              + windowJets
              + " jets, but the largest block has "
              + largest
              + "; raise the limit");
    }
  }

  /**
   * Looks at labels and event numbers; constituents are read when they are needed.
   *
   * @param tree name of the dataset in each file
   * @param memoryBytes limit for the jets that are held at a time
   * @throws IllegalArgumentException when there is no jet, or a column is missing
   */
  static JetStream open(
      List<Path> files,
      String tree,
      ConstituentLayout layout,
      JetInputs inputs,
      JetSelection selection,
      long memoryBytes,
      long seed)
      throws IOException {
    return new JetStream(files, tree, layout, inputs, selection, memoryBytes, seed);
  }

  @Override
  public int rows() {
    return jets;
  }

  private List<Block> blocks() throws IOException {
    List<Block> found = new ArrayList<>();
    long number = 0;
    for (int file = 0; file < files.size(); file++) {
      try (RootFile root = RootFile.open(files.get(file))) {
        Dataset dataset = root.dataset(tree);
        for (Dataset.Cluster cluster : dataset.clusters()) {
          for (long first = cluster.first(); first < cluster.end(); first += BLOCK) {
            long end = Math.min(cluster.end(), first + BLOCK);
            EventBatch batch = dataset.read(labelColumns(), first, end);
            int selected = 0;
            for (int entry = 0; entry < batch.entries(); entry++) {
              for (double truth : truths(batch, entry)) {
                selected += isSelected(batch, entry, truth) ? 1 : 0;
              }
            }
            found.add(new Block(file, first, end, selected, number));
            number += selected;
          }
        }
      }
    }
    return found;
  }

  private List<String> labelColumns() {
    return selection.part() == JetSelection.Part.ALL
        ? List.of(selection.truth())
        : List.of(selection.truth(), selection.event());
  }

  private boolean isSelected(EventBatch batch, int entry, double truth) {
    return selection.wants(truth)
        && (selection.part() == JetSelection.Part.ALL
            || selection.takes((long) number(batch, selection.event()).getDouble(entry)));
  }

  private static NumberColumn number(EventBatch batch, String name) {
    if (batch.column(name) instanceof NumberColumn numbers) {
      return numbers;
    }
    throw new IllegalArgumentException(
        "column \"" + name + "\" holds no number an entry, but " + batch.column(name).type());
  }

  private double[] truths(EventBatch batch, int entry) {
    Column column = batch.column(selection.truth());
    if (column instanceof ListColumn list) {
      if (!(list.content() instanceof NumberColumn values)) {
        throw new IllegalArgumentException(
            "column \"" + selection.truth() + "\" holds no numbers, but " + column.type());
      }
      return IntStream.range(list.start(entry), list.end(entry))
          .mapToDouble(values::getDouble)
          .toArray();
    }
    return new double[] {number(batch, selection.truth()).getDouble(entry)};
  }

  /** Sees a selected jet. */
  private interface Visitor {
    void visit(JetConstituents constituents, int jet, double truth, long entry);
  }

  private void visit(Block block, Visitor visitor) throws IOException {
    Path file = files.get(block.file());
    try (RootFile root = RootFile.open(file)) {
      Dataset dataset = root.dataset(tree);
      ConstituentLayout found = layout.resolve(dataset.schema());
      List<String> names = new ArrayList<>(found.columns(dataset.schema()));
      for (String label : labelColumns()) {
        if (!names.contains(label)) {
          names.add(label);
        }
      }
      EventBatch batch = dataset.read(names, block.first(), block.end());
      JetConstituents constituents = found.read(batch);
      for (int entry = 0; entry < batch.entries(); entry++) {
        double[] truths = truths(batch, entry);
        int from = constituents.jetOffsets()[entry];
        int to = constituents.jetOffsets()[entry + 1];
        if (truths.length != to - from) {
          throw new IllegalArgumentException(
              file
                  + ", entry "
                  + (block.first() + entry)
                  + ": "
                  + truths.length
                  + " values of "
                  + selection.truth()
                  + " for "
                  + (to - from)
                  + " jets");
        }
        for (int jet = from; jet < to; jet++) {
          if (isSelected(batch, entry, truths[jet - from])) {
            visitor.visit(constituents, jet, truths[jet - from], block.first() + entry);
          }
        }
      }
    }
  }

  private List<Jet> load(Block block) throws IOException {
    Path file = files.get(block.file());
    List<Jet> loaded = new ArrayList<>();
    visit(
        block,
        (constituents, jet, truth, entry) ->
            loaded.add(
                new Jet(
                    block.firstJet() + loaded.size(),
                    values(constituents, jet, file, entry),
                    selection.target(truth))));
    return loaded;
  }

  /** The range of all jets, which are read again. */
  TrainedRange range() throws IOException {
    JetRange range = new JetRange();
    for (Block block : blocks) {
      visit(block, (constituents, jet, truth, entry) -> range.add(constituents, jet));
    }
    return range.range();
  }

  private float[] values(JetConstituents constituents, int jet, Path file, long entry) {
    try {
      return inputs.values(constituents, jet);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ", entry " + entry + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void shuffled(int epoch, int size, int from, Consumer consumer) throws IOException {
    List<Block> order = new ArrayList<>(blocks);
    order.sort(Comparator.comparingDouble(b -> random(BLOCK_STREAM, epoch, b.firstJet())));
    List<Jet> pending = new ArrayList<>();
    int step = 0;
    int at = 0;
    while (at < order.size()) {
      List<Block> window = new ArrayList<>();
      int held = 0;
      while (at < order.size() && held + order.get(at).jets() <= windowJets) {
        held += order.get(at).jets();
        window.add(order.get(at++));
      }
      int full = (pending.size() + held) / size;
      boolean last = at == order.size();
      List<Jet> jetsOfWindow = jets(window);
      jetsOfWindow.sort(
          Comparator.comparingDouble((Jet j) -> random(JET_STREAM, epoch, j.number()))
              .thenComparingLong(Jet::number));
      pending.addAll(jetsOfWindow);
      int steps = last ? (pending.size() + size - 1) / size : full;
      for (int i = 0; i < steps; i++, step++) {
        if (step >= from) {
          int end = Math.min(pending.size(), (i + 1) * size);
          if (!consumer.accept(step, batch(pending.subList(i * size, end)))) {
            return;
          }
        }
      }
      pending =
          new ArrayList<>(pending.subList(Math.min(pending.size(), steps * size), pending.size()));
    }
  }

  private double random(int stream, int epoch, long number) {
    return random.uniform(number, 2 * epoch + stream);
  }

  private List<Jet> jets(List<Block> window) throws IOException {
    if (kept != null) {
      return new ArrayList<>(kept);
    }
    List<Jet> all = new ArrayList<>();
    for (Block block : window) {
      all.addAll(load(block));
    }
    if (window.size() == blocks.size()) {
      kept = List.copyOf(all);
    }
    return all;
  }

  /** Goes through all jets in the order of the files. */
  @Override
  public void inOrder(int size, Consumer consumer) throws IOException {
    int step = 0;
    for (Block block : blocks) {
      List<Jet> loaded = load(block);
      for (int i = 0; i < loaded.size(); i += size) {
        List<Jet> some = loaded.subList(i, Math.min(loaded.size(), i + size));
        if (!consumer.accept(step++, batch(some))) {
          return;
        }
      }
    }
  }

  private JetBatch batch(List<Jet> chosen) {
    float[] truth = new float[chosen.size()];
    for (int row = 0; row < truth.length; row++) {
      truth[row] = chosen.get(row).truth();
    }
    return new JetBatch(inputs.batch(chosen.stream().map(Jet::values).toList()), truth);
  }
}
