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

  /**
   * Shape of an input for a jet, without the axis of the jets.
   *
   * @param length as {@link #paddedLength} gives it
   */
  List<Integer> shape(String input, int length);

  /** Number of constituents that are used at most, those of highest pT. */
  int maxConstituents();

  /**
   * Length that a jet is padded to; it depends on this jet only. Jets of one length go through the
   * network together.
   */
  int paddedLength(int constituents);

  /** Number of the constituents used of a jet whose species the inputs have no code for. */
  default int unknownSpecies(JetConstituents source, int jet) {
    return 0;
  }

  /** Input tensors of chosen jets, padded to a length that {@link #paddedLength} gave. */
  Map<String, Tensor> tensors(JetConstituents source, int[] jets, int length, Set<String> names);

  /**
   * These inputs as a network takes them: with its own lengths where it fixes them.
   *
   * @param label name of the bundle, for the message
   * @throws IllegalArgumentException when it cannot take them
   */
  TaggerInputs forNetwork(String label, List<TensorInfo> network);

  /**
   * Checks that a network has inputs, and that all of them are declared.
   *
   * @throws IllegalArgumentException when not
   */
  static void checkNames(String label, List<TensorInfo> network, List<String> declared) {
    if (network.isEmpty()) {
      throw new IllegalArgumentException(label + ": the network has no inputs");
    }
    for (TensorInfo input : network) {
      if (!declared.contains(input.name())) {
        throw new IllegalArgumentException(
            label
                + ": the network needs input "
                + input
                + ", the preprocessing declares "
                + declared);
      }
    }
  }
}
