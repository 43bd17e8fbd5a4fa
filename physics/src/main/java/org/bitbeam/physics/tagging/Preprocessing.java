package org.bitbeam.physics.tagging;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
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
 * in double precision, then rounded to single precision; raw values that are not finite become
 * {@code replace_inf_value} before. Variables without {@code var_infos} go in as they are. The
 * first {@code var_length} constituents are used, for every input its own number; places without a
 * constituent get {@code pad} (0 unless declared). An input of length 1 with variables of the jet
 * describes the jet. Raw variables are those of {@link ConstituentVariable}. Immutable; safe to
 * share between threads.
 */
public final class Preprocessing implements TaggerInputs {
  // Padding to a multiple of this makes a jet's tensor depend on the jet alone, not on its batch.
  private static final int LENGTH_STEP = 8;

  // As CMS does: larger numbers count as infinite.
  private static final double INFINITE = 1e32;

  private final List<Input> inputs;

  /** What becomes of one raw variable. */
  private record Variable(
      ConstituentVariable raw,
      boolean scaled,
      double median,
      double normFactor,
      double lower,
      double upper,
      double infinite,
      float pad) {

    double scale(double value) {
      if (!scaled) {
        return value;
      }
      double finite = Math.abs(value) <= INFINITE ? value : infinite;
      return Math.max(lower, Math.min(upper, (finite - median) * normFactor));
    }
  }

  /**
   * A tensor.
   *
   * @param shortest least length of the constituent axis
   * @param longest largest length
   * @param rank of the tensor: 2 leaves out a constituent axis of length 1, 4 has an axis of length
   *     1 more
   */
  private record Input(String name, List<Variable> variables, int shortest, int longest, int rank) {

    int length(int wanted) {
      return Math.max(shortest, Math.min(longest, wanted));
    }

    List<Integer> shape(int wanted) {
      return switch (rank) {
        case 2 -> List.of(variables.size());
        case 4 -> List.of(variables.size(), length(wanted), 1);
        default -> List.of(variables.size(), length(wanted));
      };
    }
  }

  private Preprocessing(List<Input> inputs) {
    this.inputs = List.copyOf(inputs);
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
    for (JsonNode inputName : list(label, json, "input_names")) {
      String name = inputName.asText();
      String where = label + ": " + name;
      JsonNode group = json.path(name);
      List<Variable> variables = new ArrayList<>();
      for (JsonNode variable : list(where, group, "var_names")) {
        variables.add(variable(where, variable.asText(), group.path("var_infos")));
      }
      String longestName = group.has("max_length") ? "max_length" : "var_length";
      int longest = group.path(longestName).asInt(0);
      if (longest < 1 || longest > 100_000) {
        throw new IllegalArgumentException(
            where
                + ": "
                + longestName
                + " is "
                + group.path(longestName)
                + ", expected 1 to 100000");
      }
      int shortest = group.path("min_length").asInt(0);
      if (shortest < 0 || shortest > longest) {
        throw new IllegalArgumentException(
            where + ": min_length is " + shortest + ", expected 0 to " + longest);
      }
      inputs.add(new Input(name, List.copyOf(variables), shortest, longest, 3));
    }
    if (inputs.isEmpty()) {
      throw new IllegalArgumentException(label + ": input_names is empty");
    }
    return new Preprocessing(inputs);
  }

  /** Names of the declared inputs, in order. A network may use fewer. */
  @Override
  public List<String> inputNames() {
    return inputs.stream().map(Input::name).toList();
  }

  @Override
  public List<Integer> shape(String input, int length) {
    return inputs.stream()
        .filter(i -> i.name().equals(input))
        .findFirst()
        .orElseThrow()
        .shape(length);
  }

  /** Number of constituents that are used at most, those of highest pT, by any input. */
  @Override
  public int maxConstituents() {
    return inputs.stream().mapToInt(Input::longest).max().orElseThrow();
  }

  /**
   * Length of the constituent axis for a jet, at least 1; inputs that end earlier keep their own.
   * It depends on the jet's own number of constituents only, so that what a network computes for a
   * jet does not depend on other jets.
   */
  @Override
  public int paddedLength(int constituents) {
    int steps =
        Math.max(1, (Math.min(constituents, maxConstituents()) + LENGTH_STEP - 1) / LENGTH_STEP);
    return inputs.stream().mapToInt(i -> i.length(steps * LENGTH_STEP)).max().orElseThrow();
  }

  @Override
  public Preprocessing forNetwork(String label, List<TensorInfo> network) {
    TaggerInputs.checkNames(label, network, inputNames());
    List<Input> taken = new ArrayList<>();
    for (Input input : inputs) {
      Optional<TensorInfo> wanted =
          network.stream().filter(n -> n.name().equals(input.name())).findFirst();
      if (wanted.isPresent()) {
        taken.add(
            fitted(input, wanted.get().shape())
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            label
                                + ": input "
                                + wanted.get()
                                + " cannot take "
                                + input.variables().size()
                                + " variables of up to "
                                + input.longest()
                                + " constituents for any number of jets")));
      }
    }
    return new Preprocessing(taken);
  }

  private static Optional<Input> fitted(Input input, List<Integer> wanted) {
    int rank = wanted.size();
    int variables = input.variables().size();
    if (rank < 2
        || rank > 4
        || wanted.get(0) != TensorInfo.DYNAMIC
        || (wanted.get(1) != TensorInfo.DYNAMIC && wanted.get(1) != variables)
        || (rank == 2 && input.longest() != 1)
        || (rank == 4 && wanted.get(3) != TensorInfo.DYNAMIC && wanted.get(3) != 1)) {
      return Optional.empty();
    }
    int length = rank == 2 ? 1 : wanted.get(2);
    if (length == TensorInfo.DYNAMIC) {
      return Optional.of(
          new Input(input.name(), input.variables(), input.shortest(), input.longest(), rank));
    }
    return length < 1 || length > input.longest()
        ? Optional.empty()
        : Optional.of(new Input(input.name(), input.variables(), length, length, rank));
  }

  /**
   * Input tensors of chosen jets.
   *
   * @param source jets and constituents
   * @param jets numbers of the jets
   * @param length size of the constituent axis, within the bounds of each input; constituents
   *     beyond it are left out
   * @param names the inputs that are wanted
   * @return by name, of shape (jets, variables, length)
   */
  @Override
  public Map<String, Tensor> tensors(
      JetConstituents source, int[] jets, int length, Set<String> names) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Input input : inputs) {
      if (names.contains(input.name())) {
        tensors.put(input.name(), tensor(input, source, jets, length));
      }
    }
    return tensors;
  }

  private static Tensor tensor(Input input, JetConstituents source, int[] jets, int wanted) {
    int length = input.length(wanted);
    int rows = Math.multiplyExact(jets.length, input.variables().size());
    float[] values = new float[Math.multiplyExact(rows, length)];
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
        fill(input, values, row, i, length, constituent);
      }
      pad(input, values, row, count, length);
    }
    int[] shape =
        IntStream.concat(
                IntStream.of(jets.length), input.shape(wanted).stream().mapToInt(Integer::intValue))
            .toArray();
    return Tensor.of(values, shape);
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
      return new Variable(raw, false, 0, 1, 0, 0, 0, 0);
    }
    Set<String> known =
        Set.of("median", "norm_factor", "replace_inf_value", "lower_bound", "upper_bound", "pad");
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
        info.has("replace_inf_value") ? number(where, name, info, "replace_inf_value") : 0,
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
