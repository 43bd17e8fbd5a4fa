package org.bitbeam.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** A kind of network that tags jets, with what it takes of them. */
sealed interface TaggerSystem permits PfnSystem, PdatSystem {
  /** Name and sizes, for the checkpoint. */
  ObjectNode settings();

  /** Plans in JSON by the names that users know. */
  Map<String, String> plans();

  TrainableNetwork network();

  /**
   * A network of other sizes, for the same inputs.
   *
   * @throws IllegalArgumentException when it takes other inputs
   */
  TrainableNetwork network(JsonNode settings);

  JetInputs inputs();

  /** The declaration of the inputs, as a bundle has it. */
  byte[] preprocess();

  /** Checks what inputs depend on. */
  static void checkSame(String name, JsonNode own, JsonNode other) {
    if (!own.path(name).equals(other.path(name))) {
      throw new IllegalArgumentException(
          "a teacher of "
              + name
              + " "
              + other.path(name)
              + " takes other inputs than its student of "
              + own.path(name)
              + "; train one of the student's kind first");
    }
  }
}
