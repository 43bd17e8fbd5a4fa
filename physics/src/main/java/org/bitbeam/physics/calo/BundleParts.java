package org.bitbeam.physics.calo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Map;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.Npy;
import org.bitbeam.runtime.Tensor;

/**
 * What shower models read from their bundles; everything that does not fit is an {@code
 * IllegalArgumentException} that names the bundle.
 *
 * @param bundle the bundle
 * @param networks its networks, by role
 */
record BundleParts(ModelBundle bundle, Map<String, Network> networks) {

  /** Checks that the bundle is for a kind of stage. */
  BundleParts requireKind(String kind) {
    if (!bundle.stageKind().equals(kind)) {
      throw new IllegalArgumentException(
          bundle + " is for stage \"" + bundle.stageKind() + "\", expected \"" + kind + "\"");
    }
    return this;
  }

  /** The geometry in the file the stage names. */
  CaloGeometry geometry() {
    return CaloGeometry.ofJson(
        bundle.toString(), bundle.json(bundle.stage().path("geometry").asText("geometry.json")));
  }

  /** The incident energies the stage names; all if it names none. */
  ShowerModel.EnergyRange energies() {
    JsonNode energies = bundle.stage().path("energies");
    return new ShowerModel.EnergyRange(
        energies.path("minimumMeV").asDouble(Double.MIN_NORMAL),
        energies.path("maximumMeV").asDouble(Double.MAX_VALUE));
  }

  /** The network of a role. */
  Network network(String role) {
    Network network = networks.get(role);
    if (network == null) {
      throw new IllegalArgumentException(
          bundle + ": no network \"" + role + "\"; there are: " + networks.keySet());
    }
    return network;
  }

  /** An array file. */
  Tensor tensor(String file) {
    try {
      return Npy.parse(bundle + ": " + file, bundle.file(file));
    } catch (IOException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** The numbers of an array file. */
  double[] array(String file, int length) {
    Tensor array = tensor(file);
    if (array.size() != length) {
      throw new IllegalArgumentException(
          bundle + ": " + file + " has " + array.size() + " values, expected " + length);
    }
    double[] numbers = new double[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = array.getDouble(i);
    }
    return numbers;
  }
}
