package org.bitbeam.physics.eft;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.physics.tagging.JetConstituents;
import org.bitbeam.runtime.Tensor;

/**
 * SMEFTNet's view of jets (arXiv 2401.10323; specs/models.md 3.1): the hardest constituents with pT
 * in GeV and the angles (eta - eta_jet, phi - phi_jet) in the plane around the jet's axis, zeros
 * where there are no more, and variables of the jet.
 *
 * @param constituents length of the constituent axis
 * @param pt name of the input of shape (jets, constituents)
 * @param angles name of the input of shape (jets, constituents, 2)
 * @param scalars name of the input of shape (jets, variables); empty if the network has none
 * @param variables of the jet: {@code jet_pt}, {@code jet_eta}, {@code jet_phi}, {@code jet_mass}
 */
public record JetCloud(
    int constituents, String pt, String angles, String scalars, List<String> variables) {
  private static final List<String> KNOWN = List.of("jet_pt", "jet_eta", "jet_phi", "jet_mass");
  private static final int MAX_CONSTITUENTS = 10_000;

  /** Names have to be known, which {@link #parse} checks. */
  public JetCloud {
    variables = List.copyOf(variables);
  }

  /**
   * Reads it from a bundle's stage (docs/eft.md).
   *
   * @param label where it comes from, for messages
   * @throws IllegalArgumentException when there is no such variable, or it is malformed
   */
  public static JetCloud parse(String label, JsonNode stage) {
    List<String> variables = new ArrayList<>();
    stage.path("variables").forEach(node -> variables.add(node.asText()));
    for (String variable : variables) {
      if (!KNOWN.contains(variable)) {
        throw new IllegalArgumentException(
            label + ": no jet variable \"" + variable + "\"; there are: " + KNOWN);
      }
    }
    int constituents = stage.path("constituents").asInt(40);
    if (constituents < 1 || constituents > MAX_CONSTITUENTS) {
      throw new IllegalArgumentException(
          label + ": " + constituents + " constituents, expected 1 to " + MAX_CONSTITUENTS);
    }
    return new JetCloud(
        constituents,
        stage.path("pt").asText("pt"),
        stage.path("angles").asText("angles"),
        variables.isEmpty() ? "" : stage.path("scalars").asText("scalars"),
        variables);
  }

  /** Names of the network's inputs: momenta, angles, and variables if there are. */
  public List<String> inputNames() {
    return scalars.isEmpty() ? List.of(pt, angles) : List.of(pt, angles, scalars);
  }

  Map<String, Tensor> tensors(JetConstituents source, int[] jets) {
    return tensors(source, jets, constituents);
  }

  /**
   * Inputs of the network.
   *
   * @param jets numbers of jets of the source
   * @param length of the constituent axis, at most {@code constituents}
   */
  public Map<String, Tensor> tensors(JetConstituents source, int[] jets, int length) {
    float[] momenta = new float[jets.length * length];
    float[] plane = new float[2 * momenta.length];
    float[] globals = new float[jets.length * variables.size()];
    for (int row = 0; row < jets.length; row++) {
      int jet = jets[row];
      int from = source.constituentOffsets()[jet];
      int count = Math.min(length, source.count(jet));
      for (int i = 0; i < count; i++) {
        int at = row * length + i;
        momenta[at] = source.pt()[from + i];
        plane[2 * at] = source.eta()[from + i] - source.jetEta()[jet];
        // Full turns are taken off in double precision.
        plane[2 * at + 1] =
            (float)
                Math.IEEEremainder(
                    (double) source.phi()[from + i] - source.jetPhi()[jet], 2 * Math.PI);
      }
      for (int v = 0; v < variables.size(); v++) {
        globals[row * variables.size() + v] = variable(source, jet, variables.get(v));
      }
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put(pt, Tensor.of(momenta, jets.length, length));
    tensors.put(angles, Tensor.of(plane, jets.length, length, 2));
    if (!scalars.isEmpty()) {
      tensors.put(scalars, Tensor.of(globals, jets.length, variables.size()));
    }
    return tensors;
  }

  private static float variable(JetConstituents source, int jet, String name) {
    return switch (name) {
      case "jet_pt" -> source.jetPt()[jet];
      case "jet_eta" -> source.jetEta()[jet];
      case "jet_phi" -> source.jetPhi()[jet];
      case "jet_mass" -> source.jetMass()[jet];
      default -> throw new IllegalStateException(name);
    };
  }
}
