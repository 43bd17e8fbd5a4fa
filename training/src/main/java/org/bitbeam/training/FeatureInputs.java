package org.bitbeam.training;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bitbeam.physics.tagging.JetConstituents;
import org.bitbeam.physics.tagging.Preprocessing;
import org.bitbeam.runtime.Tensor;

/**
 * Features of constituents, as taggers take them: (jets, variables, length), and a mask.
 *
 * @param preprocessing what the features are
 */
record FeatureInputs(Preprocessing preprocessing) implements JetInputs {
  private int variables() {
    return preprocessing.shape(ParticleFlowNetwork.FEATURES, 1).get(0);
  }

  @Override
  public int largest() {
    return preprocessing.maxConstituents() * variables();
  }

  /** By variable, then constituent. */
  @Override
  public float[] values(JetConstituents jets, int jet) {
    int length = Math.min(jets.count(jet), preprocessing.maxConstituents());
    if (length == 0) {
      return new float[0];
    }
    Tensor tensor =
        preprocessing
            .tensors(jets, new int[] {jet}, length, Set.of(ParticleFlowNetwork.FEATURES))
            .get(ParticleFlowNetwork.FEATURES);
    return Objects.requireNonNull(tensor).floats();
  }

  @Override
  public Map<String, Tensor> batch(List<float[]> jets) {
    return batch(jets, variables());
  }

  static Map<String, Tensor> batch(List<float[]> jets, int variables) {
    int length = 1;
    for (float[] jet : jets) {
      length = Math.max(length, jet.length / variables);
    }
    float[] features = new float[jets.size() * variables * length];
    float[] mask = new float[jets.size() * length];
    for (int row = 0; row < jets.size(); row++) {
      float[] jet = jets.get(row);
      int count = jet.length / variables;
      for (int v = 0; v < variables; v++) {
        System.arraycopy(jet, v * count, features, (row * variables + v) * length, count);
      }
      Arrays.fill(mask, row * length, row * length + count, 1);
    }
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put(ParticleFlowNetwork.FEATURES, Tensor.of(features, jets.size(), variables, length));
    inputs.put(ParticleFlowNetwork.MASK, Tensor.of(mask, jets.size(), 1, length));
    return inputs;
  }
}
