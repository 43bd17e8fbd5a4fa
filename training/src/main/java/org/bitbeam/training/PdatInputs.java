package org.bitbeam.training;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.bitbeam.physics.tagging.JetConstituents;
import org.bitbeam.physics.tagging.PdatFeatures;
import org.bitbeam.runtime.Tensor;

/**
 * What P-DAT takes of jets. Its features are some hundred times larger than the constituents they
 * are made of, so these are kept, and the features made for every batch.
 *
 * @param features that are made
 */
record PdatInputs(PdatFeatures features) implements JetInputs {
  private static final int OF_CONSTITUENT = 4;

  @Override
  public int largest() {
    return features.maxConstituents() * OF_CONSTITUENT;
  }

  /**
   * pT, eta, phi and species of each constituent. A species beyond 2^24 is rounded: no such has a
   * code.
   */
  @Override
  public float[] values(JetConstituents jets, int jet) {
    if (jets.count(jet) == 0 || !jets.isFinite(jet)) {
      throw new IllegalArgumentException(
          "a jet without constituents or with values that are not finite, which P-DAT has no answer"
              + " for; leave it out of the sample");
    }
    int count = Math.min(jets.count(jet), features.maxConstituents());
    int first = jets.constituentOffsets()[jet];
    float[] values = new float[count * OF_CONSTITUENT];
    System.arraycopy(jets.pt(), first, values, 0, count);
    System.arraycopy(jets.eta(), first, values, count, count);
    System.arraycopy(jets.phi(), first, values, 2 * count, count);
    for (int i = 0; i < count; i++) {
      values[3 * count + i] = jets.pdgId()[first + i];
    }
    return values;
  }

  @Override
  public Map<String, Tensor> batch(List<float[]> jets) {
    int[] offsets = new int[jets.size() + 1];
    int longest = 0;
    for (int jet = 0; jet < jets.size(); jet++) {
      int count = jets.get(jet).length / OF_CONSTITUENT;
      offsets[jet + 1] = offsets[jet] + count;
      longest = Math.max(longest, count);
    }
    int all = offsets[jets.size()];
    float[][] constituents = new float[OF_CONSTITUENT - 1][all];
    int[] species = new int[all];
    for (int jet = 0; jet < jets.size(); jet++) {
      float[] values = jets.get(jet);
      int count = values.length / OF_CONSTITUENT;
      for (int v = 0; v < constituents.length; v++) {
        System.arraycopy(values, v * count, constituents[v], offsets[jet], count);
      }
      for (int i = 0; i < count; i++) {
        species[offsets[jet] + i] = (int) values[3 * count + i];
      }
    }
    return features.tensors(
        JetConstituents.ofSorted(offsets, constituents, species),
        IntStream.range(0, jets.size()).toArray(),
        features.paddedLength(longest),
        Set.copyOf(features.inputNames()));
  }
}
