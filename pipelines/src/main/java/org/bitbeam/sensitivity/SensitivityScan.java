package org.bitbeam.sensitivity;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import org.bitbeam.runtime.Backend;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.LayerPrecision;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.ModelReport;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.NetworkQuantiser;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.NetworkQuantiser.Rule;

/**
 * Quantises one layer of a trained network after the other, ranks them by what each costs, and then
 * quantises them together in that order (selective quantisation, SciPost Phys. 20, 038; nothing is
 * trained again, so the ranking is for choosing a plan to train with).
 *
 * @param jets jets or showers with a finite loss in the float network
 * @param loss their mean loss in it
 * @param steps the layers, the one that costs least first
 */
public record SensitivityScan(int jets, double loss, List<Step> steps) {
  private static final int LENGTH = 50; // constituents, for the shares of the multiplications

  public SensitivityScan {
    steps = List.copyOf(steps);
  }

  /**
   * How much larger a mean loss is than the float network's.
   *
   * @param increase difference of the means; infinite where a result was not finite
   * @param error its standard error, from the differences of each jet
   */
  public record Cost(double increase, double error) {}

  /**
   * A layer.
   *
   * @param layer name; a layer that is used several times counts once
   * @param uses how often a pass uses it
   * @param share of the multiplications with weights
   * @param alone cost of quantising this layer alone
   * @param shareTogether of this layer and those before it
   * @param together cost of quantising this layer and those before it
   */
  public record Step(
      String layer, int uses, double share, Cost alone, double shareTogether, Cost together) {}

  private record Found(String layer, int uses, double share, Cost alone) {}

  /** A network of the bundle and the names of its float layers. */
  private record Part(String role, String label, byte[] onnx, List<String> layers) {}

  /**
   * Scans the layers of a bundle: two evaluations of the loss a layer.
   *
   * @param precision what layers become
   * @param progress told the number of evaluations done
   * @throws IllegalArgumentException when no layer is float, or no loss is finite
   */
  public static SensitivityScan of(
      ModelBundle bundle,
      StageLoss loss,
      LayerPrecision precision,
      Backend backend,
      IntConsumer progress) {
    List<Part> parts = parts(bundle);
    Map<String, Set<String>> uses = uses(parts);
    if (uses.isEmpty()) {
      throw new IllegalArgumentException(bundle + ": no layer is float, so none can be quantised");
    }
    Map<String, Long> products = products(parts, loss);
    double all = products.values().stream().mapToLong(Long::longValue).sum();
    double[] exact = losses(parts, loss, List.of(), backend);
    int done = 0;
    progress.accept(++done);
    double sum = 0;
    int jets = 0;
    for (double value : exact) {
      if (Double.isFinite(value)) {
        sum += value;
        jets++;
      }
    }
    if (jets == 0) {
      throw new IllegalArgumentException(
          bundle + ": no " + loss.describe() + " is finite on these data");
    }
    List<Found> found = new ArrayList<>();
    for (Map.Entry<String, Set<String>> layer : uses.entrySet()) {
      List<Rule> rules = rules(layer.getValue(), precision);
      Cost alone = cost(exact, losses(parts, loss, rules, backend));
      double share = products.getOrDefault(layer.getKey(), 0L) / all;
      found.add(new Found(layer.getKey(), layer.getValue().size(), share, alone));
      progress.accept(++done);
    }
    found.sort(Comparator.comparingDouble(layer -> layer.alone().increase()));
    List<Step> steps = new ArrayList<>();
    List<Rule> rules = new ArrayList<>();
    double share = 0;
    for (Found layer : found) {
      rules.addAll(rules(uses.getOrDefault(layer.layer(), Set.of()), precision));
      share += layer.share();
      Cost together = cost(exact, losses(parts, loss, rules, backend));
      steps.add(
          new Step(layer.layer(), layer.uses(), layer.share(), layer.alone(), share, together));
      progress.accept(++done);
    }
    return new SensitivityScan(jets, sum / jets, steps);
  }

  /** Number of evaluations that {@link #of} makes of a bundle. */
  public static int evaluations(ModelBundle bundle) {
    return 1 + 2 * uses(parts(bundle)).size();
  }

  /**
   * The most layers, in the order of the scan, whose cost together is at most this.
   *
   * @param budget largest increase of the mean loss
   */
  public List<Step> within(double budget) {
    int most = 0;
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).together().increase() <= budget) {
        most = i + 1;
      }
    }
    return steps.subList(0, most);
  }

  /**
   * The fewest layers, in the order of the scan, that have this share of the multiplications.
   *
   * @param share from 0 to 1
   */
  public List<Step> withShare(double share) {
    int count = 0;
    while (count < steps.size()
        && (count == 0 ? 0 : steps.get(count - 1).shareTogether()) < share) {
      count++;
    }
    return steps.subList(0, count);
  }

  /** Rules for layers; those that are used several times have one for their later uses. */
  public static List<Rule> rules(List<Step> chosen, LayerPrecision precision) {
    List<Rule> rules = new ArrayList<>();
    for (Step step : chosen) {
      rules.add(new Rule(step.layer(), precision));
      if (step.uses() > 1) {
        rules.add(new Rule(step.layer() + "#*", precision));
      }
    }
    return rules;
  }

  private static List<Part> parts(ModelBundle bundle) {
    List<Part> parts = new ArrayList<>();
    for (String role : bundle.roles()) {
      byte[] onnx = bundle.onnx(role);
      String label = bundle.name() + "/" + role;
      parts.add(new Part(role, label, onnx, NetworkQuantiser.layers(label, onnx)));
    }
    return parts;
  }

  /** Names of the uses of each layer of all networks. */
  private static Map<String, Set<String>> uses(List<Part> parts) {
    Map<String, Set<String>> uses = new LinkedHashMap<>();
    for (Part part : parts) {
      for (String name : part.layers()) {
        uses.computeIfAbsent(layer(name), layer -> new LinkedHashSet<>()).add(name);
      }
    }
    return uses;
  }

  /** Multiplications of each layer. */
  private static Map<String, Long> products(List<Part> parts, StageLoss loss) {
    Map<String, Long> products = new TreeMap<>();
    for (Part part : parts) {
      for (ModelReport.Operation operation :
          ModelReport.of(part.label(), part.onnx(), 1, LENGTH).operations()) {
        if (operation.kind().equals("float layer") || operation.kind().equals("bit layer")) {
          long macs = operation.macs() * loss.passes(part.role());
          products.merge(layer(operation.node()), macs, Long::sum);
        }
      }
    }
    return products;
  }

  private static String layer(String use) {
    return use.replaceFirst("#\\d+$", "");
  }

  private static List<Rule> rules(Set<String> uses, LayerPrecision precision) {
    return uses.stream().map(name -> new Rule(name, precision)).toList();
  }

  private static double[] losses(
      List<Part> parts, StageLoss loss, List<Rule> rules, Backend backend) {
    Map<String, Network> networks = new LinkedHashMap<>();
    try {
      for (Part part : parts) {
        List<Rule> here =
            rules.stream().filter(rule -> part.layers().contains(rule.layers())).toList();
        byte[] onnx =
            here.isEmpty()
                ? part.onnx()
                : NetworkQuantiser.quantise(
                    part.label(), part.onnx(), new Plan(here, LayerPrecision.FLOAT));
        networks.put(part.role(), backend.load(part.label(), onnx, BackendOptions.DEFAULT));
      }
      return loss.of(networks);
    } finally {
      networks.values().forEach(Network::close);
    }
  }

  private static Cost cost(double[] exact, double[] quantised) {
    double sum = 0;
    double squares = 0;
    int count = 0;
    for (int i = 0; i < exact.length; i++) {
      if (!Double.isFinite(exact[i])) {
        continue;
      }
      if (!Double.isFinite(quantised[i])) {
        return new Cost(Double.POSITIVE_INFINITY, Double.NaN);
      }
      double difference = quantised[i] - exact[i];
      sum += difference;
      squares += difference * difference;
      count++;
    }
    double mean = sum / count;
    double variance = Math.max(0, squares / count - mean * mean);
    return new Cost(mean, Math.sqrt(variance / Math.max(1, count - 1)));
  }
}
