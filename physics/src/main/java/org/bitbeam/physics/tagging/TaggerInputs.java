package org.bitbeam.physics.tagging;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.TensorInfo;

/** What a network wants to know about jets, and how to compute it. */
sealed interface TaggerInputs permits Preprocessing, PdatFeatures {

  /**
   * Reads a bundle's declaration: variables in the manner of CMS, or {@code "features": "pdat"}.
   *
   * @throws IllegalArgumentException when it is incomplete or not known
   */
  static TaggerInputs parse(String label, JsonNode json) {
    String features = json.path("features").asText("variables");
    return switch (features) {
      case "variables" -> Preprocessing.parse(label, json);
      case "pdat" -> PdatFeatures.parse(label, json);
      default ->
          throw new IllegalArgumentException(
              label + ": no features \"" + features + "\"; there are: variables, pdat");
    };
  }

  /** Names of the declared inputs. A network may use fewer. */
  List<String> inputNames();

  /** Shape of an input, -1 for the jets and, where any length is possible, the constituents. */
  List<Integer> shape(String input);

  /** Number of constituents that are used at most, those of highest pT. */
  int maxConstituents();

  /** Length of the constituent axis for a jet, which depends on this jet only. */
  int paddedLength(int constituents);

  /** Input tensors of chosen jets, padded to a length. */
  Map<String, Tensor> tensors(JetConstituents source, int[] jets, int length, Set<String> names);

  /**
   * Checks that a network can take these inputs.
   *
   * @param label name of the bundle, for the message
   * @return the length of the constituent axis if the network fixes it, else 0
   * @throws IllegalArgumentException when it cannot
   */
  default int checkNetwork(String label, List<TensorInfo> network) {
    if (network.isEmpty()) {
      throw new IllegalArgumentException(label + ": the network has no inputs");
    }
    int fixed = 0;
    for (TensorInfo input : network) {
      if (!inputNames().contains(input.name())) {
        throw new IllegalArgumentException(
            label
                + ": the network needs input "
                + input
                + ", the preprocessing declares "
                + inputNames());
      }
      List<Integer> made = shape(input.name());
      boolean fits = made.size() == input.shape().size();
      for (int axis = 0; fits && axis < made.size(); axis++) {
        int wanted = input.shape().get(axis);
        int size = made.get(axis);
        if (wanted == TensorInfo.DYNAMIC || wanted == size) {
          continue;
        }
        // Any length is possible, so the network's own is, as long as it needs no other elsewhere.
        fits = axis > 0 && size == TensorInfo.DYNAMIC && wanted <= maxConstituents();
        fits &= fixed == 0 || fixed == wanted;
        fixed = wanted;
      }
      if (!fits) {
        throw new IllegalArgumentException(
            label
                + ": input "
                + input
                + " cannot take "
                + made
                + " (-1 is any number of jets, or up to "
                + maxConstituents()
                + " constituents)");
      }
    }
    return fixed;
  }
}
