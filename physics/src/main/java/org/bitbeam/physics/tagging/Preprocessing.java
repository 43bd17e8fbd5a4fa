package org.bitbeam.physics.tagging;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bitbeam.physics.tagging.ConstituentVariable.Constituent;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.TensorInfo;

/**
 * From jets to a network's inputs, as a {@code preprocess.json} in the manner of CMS declares: for
 * each of {@code input_names} the {@code var_names} of a tensor of shape (jets, variables,
 * constituents), with {@code var_infos} to scale them:
 *
 * <pre>value = clip((raw - median) * norm_factor, lower_bound, upper_bound)</pre>
 *
 * in double precision, then rounded to single precision; variables without {@code var_infos} go in
 * as they are. The first {@code var_length} constituents are used; places without a constituent get
 * {@code pad} (0 unless declared). Raw variables are those of {@link ConstituentVariable}.
 * Immutable; safe to share between threads.
 */
public final class Preprocessing implements TaggerInputs {
  // Padding to a multiple of this makes a jet's tensor depend on the jet alone, not on its batch.
  private static final int LENGTH_STEP = 8;

  private final List<Input> inputs;
  private final int maxConstituents;
  private final int minLength;

  /** What becomes of one raw variable. */
  private record Variable(
      ConstituentVariable raw,
      boolean scaled,
      double median,
      double normFactor,
      double lower,
      double upper,
      float pad) {

    double scale(double value) {
      return scaled ? Math.max(lower, Math.min(upper, (value - median) * normFactor)) : value;
    }
  }

  private record Input(String name, List<Variable> variables) {}

  private Preprocessing(List<Input> inputs, int maxConstituents, int minLength) {
    this.inputs = List.copyOf(inputs);
    this.maxConstituents = maxConstituents;
    this.minLength = minLength;
  }

  /**
   * Reads a declaration.
   *
   * @param label name of the file in messages
   * @throws IllegalArgumentException when it is incomplete or has variables that do not exist;
   *     lists those that do
   */
  public static Preprocessing parse(String label, JsonNode json) {
    List<Input> inputs = new ArrayList<>();
    int maxConstituents = 0;
    int minLength = 0;
    for (JsonNode inputName : list(label, json, "input_names")) {
      String name = inputName.asText();
      String where = label + ": " + name;
      JsonNode group = json.path(name);
      List<Variable> variables = new ArrayList<>();
      for (JsonNode variable : list(where, group, "var_names")) {
        variables.add(variable(where, variable.asText(), group.path("var_infos")));
      }
      int length = group.path("var_length").asInt(0);
      if (length < 1 || length > 100_000) {
        throw new IllegalArgumentException(
            where + ": var_length is " + group.path("var_length") + ", expected 1 to 100000");
      }
      if (maxConstituents != 0 && maxConstituents != length) {
        throw new IllegalArgumentException(
            where
                + ": var_length is "
                + length
                + ", but that of another input is "
                + maxConstituents
                + "; inputs describe the same constituents");
      }
      maxConstituents = length;
      int shortest = group.path("min_length").asInt(0);
      if (shortest < 0 || shortest > length) {
        throw new IllegalArgumentException(
            where + ": min_length is " + shortest + ", expected 0 to " + length);
      }
      minLength = Math.max(minLength, shortest);
      inputs.add(new Input(name, variables));
    }
    if (inputs.isEmpty()) {
      throw new IllegalArgumentException(label + ": input_names is empty");
    }
    return new Preprocessing(inputs, maxConstituents, minLength);
  }

  /** Names of the declared inputs, in order. A network may use fewer. */
  @Override
  public List<String> inputNames() {
    return inputs.stream().map(Input::name).toList();
  }

  /** Shape of an input: jets, variables, constituents; -1 where any size is possible. */
  @Override
  public List<Integer> shape(String input) {
    int variables =
        inputs.stream()
            .filter(i -> i.name().equals(input))
            .mapToInt(i -> i.variables().size())
            .findFirst()
            .orElseThrow();
    return List.of(TensorInfo.DYNAMIC, variables, TensorInfo.DYNAMIC);
  }

  /** Number of constituents that are used at most, those of highest pT. */
  @Override
  public int maxConstituents() {
    return maxConstituents;
  }

  /**
   * Length of the constituent axis for a jet, at least 1: it depends on the jet's own number of
   * constituents only, so that what a network computes for a jet does not depend on other jets.
   */
  @Override
  public int paddedLength(int constituents) {
    int steps = (Math.min(constituents, maxConstituents) + LENGTH_STEP - 1) / LENGTH_STEP;
    int length = Math.max(Math.max(1, steps) * LENGTH_STEP, minLength);
    return Math.min(length, maxConstituents);
  }

  /**
   * Input tensors of chosen jets.
   *
   * @param source jets and constituents
   * @param jets numbers of the jets
   * @param length size of the constituent axis; constituents beyond it are left out
   * @param names the inputs that are wanted
   * @return by name, of shape (jets, variables, length)
   */
  @Override
  public Map<String, Tensor> tensors(
      JetConstituents source, int[] jets, int length, Set<String> names) {
    List<Input> wanted = inputs.stream().filter(i -> names.contains(i.name())).toList();
    float[][] values = new float[wanted.size()][];
    for (int k = 0; k < values.length; k++) {
      int rows = Math.multiplyExact(jets.length, wanted.get(k).variables().size());
      values[k] = new float[Math.multiplyExact(rows, length)];
    }
    Constituent constituent = new Constituent();
    for (int row = 0; row < jets.length; row++) {
      int jet = jets[row];
      constituent.setJet(
          source.jetPt()[jet], source.jetEta()[jet], source.jetPhi()[jet], source.jetMass()[jet]);
      int first = source.constituentOffsets()[jet];
      int count = Math.min(source.count(jet), length);
      for (int i = 0; i < count; i++) {
        int at = first + i;
        constituent.set(source.pt()[at], source.eta()[at], source.phi()[at], source.pdgId()[at]);
        for (int k = 0; k < values.length; k++) {
          fill(wanted.get(k), values[k], row, i, length, constituent);
        }
      }
      for (int k = 0; k < values.length; k++) {
        pad(wanted.get(k), values[k], row, count, length);
      }
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int k = 0; k < values.length; k++) {
      Input input = wanted.get(k);
      tensors.put(
          input.name(), Tensor.of(values[k], jets.length, input.variables().size(), length));
    }
    return tensors;
  }

  private static void fill(
      Input input, float[] values, int row, int position, int length, Constituent constituent) {
    int at = row * input.variables().size() * length + position;
    for (Variable variable : input.variables()) {
      values[at] = (float) variable.scale(variable.raw().of(constituent));
      at += length;
    }
  }

  private static void pad(Input input, float[] values, int row, int from, int length) {
    int at = row * input.variables().size() * length;
    for (Variable variable : input.variables()) {
      if (variable.pad() != 0) {
        Arrays.fill(values, at + from, at + length, variable.pad());
      }
      at += length;
    }
  }

  private static Variable variable(String where, String name, JsonNode infos) {
    ConstituentVariable raw =
        ConstituentVariable.named(name)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        where
                            + ": no variable \""
                            + name
                            + "\"; there are: "
                            + ConstituentVariable.names()));
    JsonNode info = infos.path(name);
    if (info.isMissingNode()) {
      return new Variable(raw, false, 0, 1, 0, 0, 0);
    }
    Set<String> known = Set.of("median", "norm_factor", "lower_bound", "upper_bound", "pad");
    Set<String> unknown = new HashSet<>();
    info.fieldNames().forEachRemaining(unknown::add);
    unknown.removeAll(known);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          where + ", " + name + ": " + unknown + " is not known; there are: " + known);
    }
    double lower = number(where, name, info, "lower_bound");
    double upper = number(where, name, info, "upper_bound");
    if (lower > upper) {
      throw new IllegalArgumentException(
          where + ", " + name + ": lower_bound " + lower + " is above upper_bound " + upper);
    }
    return new Variable(
        raw,
        true,
        number(where, name, info, "median"),
        number(where, name, info, "norm_factor"),
        lower,
        upper,
        info.has("pad") ? (float) number(where, name, info, "pad") : 0);
  }

  private static double number(String where, String variable, JsonNode info, String key) {
    JsonNode value = info.path(key);
    if (!value.isNumber()) {
      throw new IllegalArgumentException(
          where + ", " + variable + ": " + key + " is " + value + ", expected a number");
    }
    return value.asDouble();
  }

  private static JsonNode list(String where, JsonNode node, String name) {
    JsonNode value = node.path(name);
    if (!value.isArray()) {
      throw new IllegalArgumentException(
          where + ": \"" + name + "\" is " + value + ", expected a list");
    }
    return value;
  }
}
