package org.bitbeam.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.physics.tagging.ConstituentLayout;
import org.bitbeam.physics.tagging.JetConstituents;
import org.bitbeam.physics.tagging.TrainedRange;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.junit.jupiter.api.Test;

/** Order, split and memory limit of the jets. */
class JetStreamTest {
  private static final long MUCH = 64 << 20;

  /** Jets told apart by their features. */
  private static List<String> jets(JetStream stream, int epoch, int size) throws IOException {
    List<String> seen = new ArrayList<>();
    stream.shuffled(
        epoch,
        size,
        0,
        (step, batch) -> {
          seen.addAll(describe(batch));
          return true;
        });
    return seen;
  }

  private static List<String> describe(JetBatch batch) {
    List<String> jets = new ArrayList<>();
    float[] features = batch.input(ParticleFlowNetwork.FEATURES).floats();
    float[] mask = batch.input(ParticleFlowNetwork.MASK).floats();
    int variables = features.length / mask.length;
    int length = mask.length / batch.jets();
    for (int jet = 0; jet < batch.jets(); jet++) {
      int at = jet * variables * length;
      float count = 0;
      for (int i = 0; i < length; i++) {
        count += mask[jet * length + i];
      }
      jets.add(
          (batch.truth()[jet] == 1)
              + " "
              + (int) count
              + " "
              + Arrays.toString(Arrays.copyOfRange(features, at, at + 5)));
    }
    return jets;
  }

  @Test
  void everyEpochHasEveryJetOnceInItsOwnOrder() throws IOException {
    JetStream stream = Samples.stream(JetSelection.Part.ALL, MUCH);
    assertEquals(2000, stream.rows());
    assertEquals(32, stream.steps(64));
    List<String> first = jets(stream, 0, 64);
    List<String> second = jets(stream, 1, 64);
    assertEquals(2000, first.size());
    assertNotEquals(first, second);
    assertEquals(first.stream().sorted().toList(), second.stream().sorted().toList());
    assertEquals(first, jets(Samples.stream(JetSelection.Part.ALL, MUCH), 0, 64));
    assertEquals(first, jets(stream, 0, 100));
    List<String> inOrder = new ArrayList<>();
    stream.inOrder(
        300,
        (step, batch) -> {
          inOrder.addAll(describe(batch));
          return true;
        });
    assertNotEquals(inOrder, first);
    assertEquals(inOrder.stream().sorted().toList(), first.stream().sorted().toList());
  }

  @Test
  void aContinuedEpochHasTheRemainingBatches() throws IOException {
    JetStream stream = Samples.stream(JetSelection.Part.ALL, MUCH);
    List<JetBatch> all = new ArrayList<>();
    stream.shuffled(3, 64, 0, (step, batch) -> all.add(batch));
    List<JetBatch> rest = new ArrayList<>();
    stream.shuffled(3, 64, 20, (step, batch) -> rest.add(batch));
    assertEquals(12, rest.size());
    assertEquals(all.get(20).inputs(), rest.get(0).inputs());
    assertEquals(all.get(31).inputs(), rest.get(11).inputs());
  }

  @Test
  void partsAreDisjointCompleteAndOfTheWantedSize() throws IOException {
    List<String> training = jets(Samples.stream(JetSelection.Part.TRAINING, MUCH), 0, 64);
    List<String> validation = jets(Samples.stream(JetSelection.Part.VALIDATION, MUCH), 0, 64);
    assertEquals(600, validation.size(), 80);
    List<String> both = new ArrayList<>(training);
    both.addAll(validation);
    assertEquals(
        jets(Samples.stream(JetSelection.Part.ALL, MUCH), 0, 64).stream().sorted().toList(),
        both.stream().sorted().toList());
    long quarks = validation.stream().filter(jet -> jet.startsWith("true")).count();
    assertTrue(quarks > 0.4 * validation.size() && quarks < 0.6 * validation.size());
  }

  /** Two files of which one at a time fits. */
  @Test
  void whatDoesNotFitIsReadInWindows() throws IOException {
    List<Path> files = List.of(Samples.JETS, Samples.JETS);
    long oneAndAHalf = 3000L * (13 * 100 * Float.BYTES + 64);
    JetStream stream = Samples.stream(files, JetSelection.Part.ALL, oneAndAHalf);
    List<String> seen = jets(stream, 0, 96);
    assertEquals(4000, seen.size());
    List<String> once = jets(Samples.stream(JetSelection.Part.ALL, MUCH), 0, 96);
    List<String> twice = new ArrayList<>(once);
    twice.addAll(once);
    assertEquals(twice.stream().sorted().toList(), seen.stream().sorted().toList());
    assertNotEquals(seen.subList(0, 2000), seen.subList(2000, 4000));
    assertNotEquals(seen, jets(stream, 1, 96));
    List<JetBatch> all = new ArrayList<>();
    stream.shuffled(0, 96, 0, (step, batch) -> all.add(batch));
    List<JetBatch> rest = new ArrayList<>();
    stream.shuffled(0, 96, 30, (step, batch) -> rest.add(batch));
    assertEquals(stream.steps(96), all.size());
    assertEquals(all.size() - 30, rest.size());
    assertEquals(all.get(30).inputs(), rest.get(0).inputs());
  }

  /** Least and largest of the columns, rounded outwards; of one part, of that part alone. */
  @Test
  void theRangeIsThatOfTheSelectedJets() throws IOException {
    TrainedRange range = Samples.stream(JetSelection.Part.ALL, MUCH).range();
    assertEquals(range, TrainedRange.parse("json", range.json()));
    try (RootFile file = RootFile.open(Samples.JETS)) {
      Dataset dataset = file.dataset("jets");
      EventBatch batch = dataset.read(List.of("jet_pt", "jet_eta"), 0, dataset.entries());
      double[] pt = sorted(batch, "jet_pt");
      double[] absEta = sorted(batch, "jet_eta");
      TrainedRange.Limit ofPt = range.limits().get(0);
      assertEquals(TrainedRange.Quantity.JET_PT, ofPt.quantity());
      assertEquals(pt[0], ofPt.minimum(), 1e-3);
      assertTrue(ofPt.minimum() <= pt[0]);
      assertEquals(pt[pt.length - 1], ofPt.maximum(), 1e-3);
      assertTrue(ofPt.maximum() >= pt[pt.length - 1]);
      TrainedRange.Limit ofEta = range.limits().get(1);
      assertEquals(TrainedRange.Quantity.JET_ABS_ETA, ofEta.quantity());
      assertEquals(0, ofEta.minimum());
      assertEquals(absEta[absEta.length - 1], ofEta.maximum(), 1e-3);
      ConstituentLayout layout = ConstituentLayout.jets().resolve(dataset.schema());
      JetConstituents jets =
          layout.read(
              dataset.read(List.copyOf(layout.columns(dataset.schema())), 0, dataset.entries()));
      int[] all = IntStream.range(0, jets.jets()).toArray();
      assertEquals(0, range.outside(jets, all, TrainedRange.Policy.ERROR, batch.origin()));
      TrainedRange part = Samples.stream(JetSelection.Part.VALIDATION, MUCH).range();
      assertTrue(part.outside(jets, all, TrainedRange.Policy.FLAG, batch.origin()) > 0);
    }
  }

  private static double[] sorted(EventBatch batch, String column) {
    NumberColumn numbers = (NumberColumn) batch.column(column);
    return IntStream.range(0, numbers.length())
        .mapToDouble(i -> Math.abs(numbers.getDouble(i)))
        .sorted()
        .toArray();
  }

  @Test
  void aLimitBelowOneBlockIsAnError() {
    assertThrows(
        IllegalArgumentException.class, () -> Samples.stream(JetSelection.Part.ALL, 1 << 20));
  }
}
