package org.bitbeam.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.bitbeam.runtime.internal.rewrite.LayerQuantisation;
import org.bitbeam.runtime.internal.rewrite.LayerQuantisation.Layer;
import org.bitbeam.runtime.onnx.OnnxModel;
import org.bitbeam.runtime.onnx.OnnxReader;
import org.bitbeam.runtime.onnx.OnnxWriter;

/**
 * Quantises layers of a trained float network, and says what each of them costs in accuracy
 * (selective quantisation, SciPost Phys. 20, 038). Ternary and binary weights without training for
 * them lose much: this is for finding the layers that bear it, and for int8.
 */
public final class NetworkQuantiser {
  private NetworkQuantiser() {}

  /**
   * A rule of a plan.
   *
   * @param layers names of layers, {@code *} stands for any characters
   * @param precision what becomes of them
   */
  public record Rule(String layers, LayerPrecision precision) {
    boolean matches(String name) {
      StringBuilder regex = new StringBuilder();
      for (String part : layers.split("\\*", -1)) {
        regex.append(regex.length() == 0 ? "" : ".*").append(Pattern.quote(part));
      }
      return name.matches(regex.toString());
    }
  }

  /**
   * What shall become of each layer: the first rule that matches its name counts.
   *
   * @param rules in order
   * @param otherwise for layers without a rule
   * @param subNorm whether rows of inputs are normalised to mean 0 and variance 1, without
   *     parameters, before ternary and binary layers quantise them (BitNet's sub-layer
   *     normalisation, arXiv 2310.11453); for networks that were trained with it
   */
  public record Plan(List<Rule> rules, LayerPrecision otherwise, boolean subNorm) {
    public Plan {
      rules = List.copyOf(rules);
    }

    /** Without normalisation of inputs. */
    public Plan(List<Rule> rules, LayerPrecision otherwise) {
      this(rules, otherwise, false);
    }

    /**
     * Whether a layer normalises its inputs. One of a single input does not: nothing would be left
     * of it.
     */
    public boolean normalises(String name, int inputs) {
      return subNorm && inputs > 1 && of(name).quantisesRows();
    }

    /** The precision of the layer of that name. */
    public LayerPrecision of(String name) {
      return rules.stream()
          .filter(rule -> rule.matches(name))
          .findFirst()
          .map(Rule::precision)
          .orElse(otherwise);
    }

    /**
     * Reads {@code { "layers": [ { "match": "/head/*", "precision": "float" } ], "otherwise":
     * "ternary", "subNorm": true }}; what is left out is no rule, {@code "float"} and no
     * normalisation.
     *
     * @param label where it comes from, for messages
     * @throws IllegalArgumentException when it is malformed
     */
    public static Plan parse(String label, JsonNode json) {
      List<Rule> rules = new ArrayList<>();
      for (JsonNode rule : json.path("layers")) {
        if (!rule.path("match").isTextual()) {
          throw new IllegalArgumentException(
              label
                  + ": a rule without \"match\": "
                  + rule
                  + "; see 'bitbeam model quantise --help'");
        }
        rules.add(new Rule(rule.get("match").asText(), precision(label, rule.path("precision"))));
      }
      JsonNode otherwise = json.path("otherwise");
      return new Plan(
          rules,
          otherwise.isMissingNode() ? LayerPrecision.FLOAT : precision(label, otherwise),
          json.path("subNorm").asBoolean());
    }

    private static LayerPrecision precision(String label, JsonNode value) {
      for (LayerPrecision precision : LayerPrecision.values()) {
        if (precision.name().toLowerCase(Locale.ROOT).equals(value.asText())) {
          return precision;
        }
      }
      throw new IllegalArgumentException(
          label
              + ": precision "
              + value
              + "; possible are \"float\", \"int8\", \"ternary\", \"ternary_median\","
              + " \"ternary_learned\", \"binary\"");
    }
  }

  /**
   * What became of a layer. Errors are root mean squares of differences, divided by the root mean
   * square of the float values.
   *
   * @param node its name
   * @param precision what it became
   * @param inputs K
   * @param outputs N
   * @param weightError of the weights
   * @param alone of the network's outputs when this layer alone is quantised; the largest of them
   * @param together of this layer's output when all layers of the plan are quantised
   */
  public record LayerError(
      String node,
      LayerPrecision precision,
      int inputs,
      int outputs,
      double weightError,
      double alone,
      double together) {}

  /**
   * A quantised network.
   *
   * @param onnx the network
   * @param layers one per layer that was float before, in graph order
   * @param outputErrors by output of the network, all layers of the plan quantised
   */
  public record Quantised(byte[] onnx, List<LayerError> layers, Map<String, Double> outputErrors) {
    public Quantised {
      layers = List.copyOf(layers);
    }
  }

  /**
   * Quantises a network and measures the errors on given inputs.
   *
   * @param label name of the network in messages
   * @param onnx the float network, operator set 11 or later
   * @param inputs a tensor for every input
   * @param backend runs the network for the errors; once for every quantised layer, twice in all
   * @throws IllegalArgumentException if a rule matches no layer; lists the layers
   * @throws ModelException when it is no valid model
   */
  public static Quantised quantise(
      String label, byte[] onnx, Plan plan, Map<String, Tensor> inputs, Backend backend) {
    LayerQuantisation network = LayerQuantisation.of(OnnxReader.read(label, onnx));
    List<Layer> layers = checked(label, network, plan);
    Map<String, LayerPrecision> chosen = chosen(layers, plan);
    OnnxModel quantised = network.apply(plan, chosen, Map.of(), List.of());
    List<String> outputs =
        quantised.graph().outputs().stream().map(output -> output.name()).toList();
    List<String> probes =
        layers.stream().map(Layer::output).filter(name -> !outputs.contains(name)).toList();
    Map<String, Tensor> exact =
        run(label, network.apply(plan, Map.of(), Map.of(), probes), inputs, backend);
    Map<String, Tensor> all =
        run(label, network.apply(plan, chosen, Map.of(), probes), inputs, backend);
    List<LayerError> errors = new ArrayList<>();
    for (Layer layer : layers) {
      LayerPrecision precision = chosen.getOrDefault(layer.output(), LayerPrecision.FLOAT);
      double alone = 0;
      if (precision != LayerPrecision.FLOAT) {
        Map<String, Tensor> single =
            run(
                label,
                network.apply(plan, Map.of(layer.output(), precision), Map.of(), List.of()),
                inputs,
                backend);
        for (String output : outputs) {
          alone = Math.max(alone, error(value(exact, output), value(single, output)));
        }
      }
      float[] effective = LayerQuantisation.quantised(layer, precision);
      errors.add(
          new LayerError(
              layer.name(),
              precision,
              layer.inputs(),
              layer.outputs(),
              error(
                  Tensor.of(layer.weights(), effective.length),
                  Tensor.of(effective, effective.length)),
              alone,
              error(value(exact, layer.output()), value(all, layer.output()))));
    }
    Map<String, Double> outputErrors = new LinkedHashMap<>();
    for (String output : outputs) {
      outputErrors.put(output, error(value(exact, output), value(all, output)));
    }
    return new Quantised(OnnxWriter.write(quantised), errors, outputErrors);
  }

  /**
   * Quantises a network without measuring anything.
   *
   * @param label name of the network in messages
   * @param onnx the float network, operator set 11 or later
   * @throws IllegalArgumentException if a rule matches no layer; lists the layers
   * @throws ModelException when it is no valid model
   */
  public static byte[] quantise(String label, byte[] onnx, Plan plan) {
    return quantise(label, onnx, plan, Map.of());
  }

  /**
   * The same with scales of weights that were learnt.
   *
   * @param scales by the name of the layer, for those that are {@link
   *     LayerPrecision#TERNARY_LEARNED}; without, the mean magnitude
   * @throws IllegalArgumentException if a rule matches no layer; lists the layers
   * @throws ModelException when it is no valid model
   */
  public static byte[] quantise(String label, byte[] onnx, Plan plan, Map<String, Float> scales) {
    LayerQuantisation network = LayerQuantisation.of(OnnxReader.read(label, onnx));
    List<Layer> layers = checked(label, network, plan);
    return OnnxWriter.write(network.apply(plan, chosen(layers, plan), scales, List.of()));
  }

  /**
   * Names of the layers that can be quantised, in graph order; a layer that is used several times
   * has {@code #2}, {@code #3} ... behind the name of its later uses.
   *
   * @param label name of the network in messages
   * @param onnx the float network, operator set 11 or later
   * @throws ModelException when it is no valid model
   */
  public static List<String> layers(String label, byte[] onnx) {
    return LayerQuantisation.of(OnnxReader.read(label, onnx)).layers().stream()
        .map(Layer::name)
        .toList();
  }

  private static List<Layer> checked(String label, LayerQuantisation network, Plan plan) {
    List<Layer> layers = network.layers();
    List<String> names = layers.stream().map(Layer::name).toList();
    for (Rule rule : plan.rules()) {
      if (names.stream().noneMatch(rule::matches)) {
        throw new IllegalArgumentException(
            label
                + ": no float layer is named \""
                + rule.layers()
                + "\"; there are: "
                + String.join(", ", names));
      }
    }
    return layers;
  }

  private static Map<String, LayerPrecision> chosen(List<Layer> layers, Plan plan) {
    Map<String, LayerPrecision> chosen = new LinkedHashMap<>();
    for (Layer layer : layers) {
      LayerPrecision precision = plan.of(layer.name());
      if (precision != LayerPrecision.FLOAT) {
        chosen.put(layer.output(), precision);
      }
    }
    return chosen;
  }

  private static Tensor value(Map<String, Tensor> values, String name) {
    return Objects.requireNonNull(values.get(name), name);
  }

  private static Map<String, Tensor> run(
      String label, OnnxModel model, Map<String, Tensor> inputs, Backend backend) {
    try (Network network = backend.load(label, OnnxWriter.write(model), BackendOptions.DEFAULT)) {
      return network.run(inputs);
    }
  }

  private static double error(Tensor exact, Tensor actual) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < exact.size(); i++) {
      double d = actual.getDouble(i) - exact.getDouble(i);
      difference += d * d;
      size += exact.getDouble(i) * exact.getDouble(i);
    }
    return difference == 0 ? 0 : Math.sqrt(difference / size);
  }
}
