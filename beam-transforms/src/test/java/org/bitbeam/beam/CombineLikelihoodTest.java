package org.bitbeam.beam;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.CoderRegistry;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Combine;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.util.SerializableUtils;
import org.apache.beam.sdk.values.PCollection;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.eft.LikelihoodSums;
import org.bitbeam.physics.eft.WilsonBasis;
import org.junit.jupiter.api.Test;

class CombineLikelihoodTest {
  private static final WilsonBasis BASIS = new WilsonBasis(List.of("cW"), 2, "Warsaw", 1);
  private static final double[] RATE = {0.1, 0.4};
  private static final List<double[]> POINTS =
      List.of(new double[] {0}, new double[] {0.3}, new double[] {-1});
  private static final int EVENTS = 3000;

  private static EventBatch events() {
    Random random = new Random(3);
    double[] numbers = new double[2 * EVENTS];
    for (int i = 0; i < numbers.length; i++) {
      // Very different sizes: a plain sum would depend on its order.
      numbers[i] = random.nextGaussian() * Math.exp(8 * random.nextGaussian());
    }
    ArrayColumn column = ArrayColumn.of(2, EVENTS, DoubleColumn.of(numbers));
    return EventBatch.of(
        new Origin("f.root", "id", "Events", 0),
        new Schema(List.of(Schema.Field.of("eft_coefficients", column.type()))),
        List.of(column),
        EVENTS);
  }

  private static List<EventBatch> split(EventBatch batch, int size, long seed) {
    List<EventBatch> parts = new ArrayList<>();
    for (int from = 0; from < batch.entries(); from += size) {
      parts.add(batch.slice(from, Math.min(batch.entries(), from + size)));
    }
    Collections.shuffle(parts, new Random(seed));
    return parts;
  }

  private static byte[] bytes(LikelihoodSums sums) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      sums.write(new DataOutputStream(out));
      return out.toByteArray();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static CombineLikelihood combine() {
    return CombineLikelihood.of(BASIS, RATE, POINTS, "eft_coefficients", "");
  }

  @Test
  void anyBundlingGivesTheSameBits() {
    LikelihoodSums expected = new LikelihoodSums(BASIS, RATE, POINTS);
    expected.add(events(), "eft_coefficients", "");
    byte[] bits = bytes(expected);
    for (int size : new int[] {1000, 17, 1}) {
      Pipeline pipeline = Pipeline.create(PipelineOptionsFactory.create());
      PCollection<LikelihoodSums> sums =
          pipeline
              .apply(Create.of(split(events(), size, size)).withCoder(EventBatchCoder.of()))
              .apply(Combine.globally(combine()).withFanout(3));
      PAssert.thatSingleton(sums)
          .satisfies(
              found -> {
                assertArrayEquals(bits, bytes(found));
                assertEquals(EVENTS, found.events());
                return null;
              });
      pipeline.run().waitUntilFinish();
    }
  }

  @Test
  void accumulatorsMergeInAnyTreeAndSurviveTheirCoder() throws Exception {
    CombineLikelihood combine = SerializableUtils.ensureSerializable(combine());
    Coder<LikelihoodSums> coder =
        combine.getAccumulatorCoder(CoderRegistry.createDefault(), EventBatchCoder.of());
    LikelihoodSums expected = combine.addInput(combine.createAccumulator(), events());
    LikelihoodSums all = combine.createAccumulator();
    for (EventBatch part : split(events(), 100, 1)) {
      LikelihoodSums one = combine.addInput(combine.createAccumulator(), part);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      coder.encode(one, out);
      LikelihoodSums back = coder.decode(new ByteArrayInputStream(out.toByteArray()));
      all = combine.mergeAccumulators(List.of(back, all));
    }
    assertArrayEquals(bytes(expected), bytes(combine.extractOutput(all)));
    assertEquals(expected.logLikelihood(1), all.logLikelihood(1));
  }
}
