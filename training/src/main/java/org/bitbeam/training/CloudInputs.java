package org.bitbeam.training;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bitbeam.physics.eft.JetCloud;
import org.bitbeam.physics.tagging.JetConstituents;
import org.bitbeam.runtime.Tensor;

/**
 * Constituents in the plane around the jet's axis, as SMEFTNet takes them.
 *
 * @param cloud what is taken of a jet
 */
record CloudInputs(JetCloud cloud) implements JetInputs {
  private static final int OF_CONSTITUENT = 3;

  @Override
  public int largest() {
    return cloud.constituents() * OF_CONSTITUENT + cloud.variables().size();
  }

  /** Momenta, vectors, variables of the jet. */
  @Override
  public float[] values(JetConstituents jets, int jet) {
    if (jets.count(jet) == 0 || !jets.isFinite(jet)) {
      throw new IllegalArgumentException(
          "a jet without constituents or with values that are not finite, which SMEFTNet"
              + " has no answer for; leave it out of the sample");
    }
    int length = Math.min(jets.count(jet), cloud.constituents());
    Map<String, Tensor> tensors = cloud.tensors(jets, new int[] {jet}, length);
    float[] values = new float[length * OF_CONSTITUENT + cloud.variables().size()];
    int at = 0;
    for (String name : cloud.inputNames()) {
      float[] some = Objects.requireNonNull(tensors.get(name), name).floats();
      System.arraycopy(some, 0, values, at, some.length);
      at += some.length;
    }
    return values;
  }

  @Override
  public Map<String, Tensor> batch(List<float[]> jets) {
    int variables = cloud.variables().size();
    int length = 1;
    for (float[] jet : jets) {
      length = Math.max(length, (jet.length - variables) / OF_CONSTITUENT);
    }
    float[] momenta = new float[jets.size() * length];
    float[] plane = new float[2 * momenta.length];
    float[] globals = new float[jets.size() * variables];
    for (int row = 0; row < jets.size(); row++) {
      float[] jet = jets.get(row);
      int count = (jet.length - variables) / OF_CONSTITUENT;
      System.arraycopy(jet, 0, momenta, row * length, count);
      System.arraycopy(jet, count, plane, 2 * row * length, 2 * count);
      System.arraycopy(jet, OF_CONSTITUENT * count, globals, row * variables, variables);
    }
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put(cloud.pt(), Tensor.of(momenta, jets.size(), length));
    inputs.put(cloud.angles(), Tensor.of(plane, jets.size(), length, 2));
    if (variables > 0) {
      inputs.put(cloud.scalars(), Tensor.of(globals, jets.size(), variables));
    }
    return inputs;
  }
}
