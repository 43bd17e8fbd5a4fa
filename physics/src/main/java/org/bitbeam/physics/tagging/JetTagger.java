package org.bitbeam.physics.tagging;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.Stage;
import org.bitbeam.physics.StageCounter;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.ModelException;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.TensorInfo;

/**
 * Scores jets. Adds two columns, named after the jets' own columns: {@code Jet_qgQuarkScore} = 1 /
 * (1 + exp(gluon - quark)), from 0 (gluon) to 1 (quark), and {@code Jet_qgLogit} = quark - gluon,
 * where quark and gluon stand for the network's two outputs. One {@code float32} a jet: lists for
 * events, plain numbers where an entry is a jet.
 *
 * <p>The values are NaN for jets without constituents, jets below the minimum pT, and jets whose
 * kinematics or scores are not finite; each kind is counted. Of jets with more constituents than
 * the network takes, those of highest pT are used; counted too.
 *
 * <p>Results depend on the jet alone, not on the jets around it: each jet is padded to a length
 * that follows from its own number of constituents, jets of one length go through the network
 * together, and a single jet is sent twice, since engines round differently for a single row.
 *
 * <p>The network belongs to the caller, who closes it after the last use. Safe to use from several
 * threads.
 */
public final class JetTagger implements Stage {
  /** The kind of bundles it takes. */
  public static final String STAGE_KIND = "jet-tagger";

  /** Counter: all jets. */
  public static final String JETS = "jets";

  /** Counter: jets without constituents. */
  public static final String JETS_WITHOUT_CONSTITUENTS = "jetsWithoutConstituents";

  /** Counter: jets with more constituents than the network takes. */
  public static final String TRUNCATED_JETS = "truncatedJets";

  /** Counter: jets below the minimum pT. */
  public static final String JETS_BELOW_MINIMUM_PT = "jetsBelowMinimumPt";

  /** Counter: jets whose kinematics or scores are not finite. */
  public static final String NON_FINITE_JETS = "nonFiniteJets";

  /** Counter: constituents left out since their pT is zero or less. */
  public static final String CONSTITUENTS_WITHOUT_PT = "constituentsWithoutPt";

  private static final long MAX_INPUT_BYTES = 64 << 20;

  private final String model;
  private final Network network;
  private final TaggerInputs preprocessing;
  private final JetTaggerOptions options;
  private final Set<String> inputNames;
  private final int fixedLength;
  private final String output;
  private final int signal;
  private final int background;
  private final int classes;
  private final String signalName;
  private final String backgroundName;

  private JetTagger(ModelBundle bundle, Network network, JetTaggerOptions options) {
    this.model = bundle.name() + " " + bundle.version();
    this.network = network;
    this.options = options;
    if (!bundle.stageKind().equals(STAGE_KIND)) {
      throw new IllegalArgumentException(
          bundle + " is for stage \"" + bundle.stageKind() + "\", expected \"" + STAGE_KIND + "\"");
    }
    JsonNode stage = bundle.stage();
    String file = stage.path("preprocess").asText("preprocess.json");
    JsonNode declaration = bundle.json(file);
    this.preprocessing = TaggerInputs.parse(bundle + ": " + file, declaration);
    this.output = stage.path("logits").asText("logits");
    List<String> labels = labels(bundle, output, declaration);
    this.signalName = stage.path("signal").asText("quark");
    this.backgroundName = stage.path("background").asText("gluon");
    this.signal = labels.indexOf(signalName);
    this.background = labels.indexOf(backgroundName);
    this.classes = labels.size();
    if (signal < 0 || background < 0 || signal == background) {
      throw new IllegalArgumentException(
          bundle
              + ": classes \""
              + signalName
              + "\" and \""
              + backgroundName
              + "\" are wanted, the labels are "
              + labels);
    }
    this.inputNames =
        network.inputs().stream().map(TensorInfo::name).collect(Collectors.toUnmodifiableSet());
    this.fixedLength = preprocessing.checkNetwork(bundle.toString(), network.inputs());
    if (network.outputs().stream().noneMatch(o -> o.name().equals(output))) {
      throw new IllegalArgumentException(
          bundle
              + ": the network has no output \""
              + output
              + "\"; there are: "
              + network.outputs());
    }
  }

  /**
   * A tagger.
   *
   * @param bundle describes the network
   * @param network loaded from it
   * @throws IllegalArgumentException when the bundle is for another stage, or its preprocessing
   *     does not fit the network or names variables that do not exist
   */
  public static JetTagger of(ModelBundle bundle, Network network, JetTaggerOptions options) {
    return new JetTagger(bundle, network, options);
  }

  @Override
  public List<String> inputs(Schema dataset) {
    return options.layout().resolve(dataset).columns(dataset);
  }

  @Override
  public List<Schema.Field> outputs(Schema dataset) {
    ConstituentLayout layout = options.layout().resolve(dataset);
    ColumnType type = ColumnType.Primitive.FLOAT32;
    if (!layout.isOneJetAnEntry()) {
      type = new ColumnType.ListOf(type);
    }
    String threshold =
        options.minimumJetPtGeV() > 0
            ? " or with pT below " + options.minimumJetPtGeV() + " GeV"
            : "";
    String score =
        signalName
            + " score of "
            + model
            + ": 1 / (1 + exp("
            + backgroundName
            + " - "
            + signalName
            + ")); NaN for jets without constituents"
            + threshold;
    String logit =
        signalName
            + " - "
            + backgroundName
            + " logit of "
            + model
            + "; NaN for jets without constituents"
            + threshold;
    return List.of(
        new Schema.Field(layout.jetPrefix() + "_qgQuarkScore", type, score, ""),
        new Schema.Field(layout.jetPrefix() + "_qgLogit", type, logit, ""));
  }

  @Override
  public EventBatch apply(EventBatch batch, StageCounter counter) {
    ConstituentLayout layout = options.layout().resolve(batch.schema());
    JetConstituents jets = layout.read(batch);
    float[] score = new float[jets.jets()];
    float[] logit = new float[jets.jets()];
    score(jets, score, logit, counter);
    List<Schema.Field> fields = outputs(batch.schema());
    return batch
        .with(fields.get(0), column(layout, jets, score))
        .with(fields.get(1), column(layout, jets, logit));
  }

  private static Column column(ConstituentLayout layout, JetConstituents jets, float[] values) {
    Column content = FloatColumn.of(values);
    return layout.isOneJetAnEntry() ? content : ListColumn.of(jets.jetOffsets(), content);
  }

  private void score(JetConstituents jets, float[] score, float[] logit, StageCounter counter) {
    Arrays.fill(score, Float.NaN);
    Arrays.fill(logit, Float.NaN);
    long empty = 0;
    long truncated = 0;
    long belowMinimum = 0;
    long nonFinite = 0;
    Map<Integer, List<Integer>> byLength = new TreeMap<>();
    for (int jet = 0; jet < jets.jets(); jet++) {
      int count = jets.count(jet);
      if (count == 0) {
        empty++;
      } else if (jets.jetPt()[jet] < options.minimumJetPtGeV()) {
        belowMinimum++;
      } else if (!jets.isFinite(jet)) {
        nonFinite++;
      } else {
        int limit = fixedLength > 0 ? fixedLength : preprocessing.maxConstituents();
        truncated += count > limit ? 1 : 0;
        int length = fixedLength > 0 ? fixedLength : preprocessing.paddedLength(count);
        byLength.computeIfAbsent(length, l -> new ArrayList<>()).add(jet);
      }
    }
    for (Map.Entry<Integer, List<Integer>> group : byLength.entrySet()) {
      int[] members = group.getValue().stream().mapToInt(Integer::intValue).toArray();
      int step = jetsPerCall(group.getKey());
      for (int from = 0; from < members.length; from += step) {
        int to = Math.min(members.length, from + step);
        nonFinite += run(jets, Arrays.copyOfRange(members, from, to), group.getKey(), score, logit);
      }
    }
    counter.add(JETS, jets.jets());
    counter.add(JETS_WITHOUT_CONSTITUENTS, empty);
    counter.add(TRUNCATED_JETS, truncated);
    counter.add(JETS_BELOW_MINIMUM_PT, belowMinimum);
    counter.add(NON_FINITE_JETS, nonFinite);
    counter.add(CONSTITUENTS_WITHOUT_PT, jets.dropped());
  }

  /** As many jets as asked for, unless their inputs are very large. */
  private int jetsPerCall(int length) {
    long bytes = 0;
    for (String name : inputNames) {
      long values = 1;
      List<Integer> shape = preprocessing.shape(name);
      for (int axis = 1; axis < shape.size(); axis++) {
        values *= shape.get(axis) == TensorInfo.DYNAMIC ? length : shape.get(axis);
      }
      bytes += values * Float.BYTES;
    }
    return (int) Math.max(1, Math.min(options.maxJetsPerCall(), MAX_INPUT_BYTES / bytes));
  }

  /** One forward pass; returns the number of jets without a finite result. */
  private int run(JetConstituents jets, int[] chosen, int length, float[] score, float[] logit) {
    // Engines take other code paths, with other roundings, for a single row: send it twice.
    int[] rows = chosen.length == 1 ? new int[] {chosen[0], chosen[0]} : chosen;
    Tensor result = network.run(preprocessing.tensors(jets, rows, length, inputNames)).get(output);
    if (result == null
        || result.rank() != 2
        || result.axis(0) != rows.length
        || result.axis(1) != classes) {
      throw new ModelException(
          model
              + ": output \""
              + output
              + "\" is "
              + result
              + ", expected shape ["
              + rows.length
              + ", "
              + classes
              + "]");
    }
    int nonFinite = 0;
    for (int row = 0; row < chosen.length; row++) {
      double difference =
          result.getDouble(row * classes + signal) - result.getDouble(row * classes + background);
      if (Double.isFinite(difference)) {
        score[chosen[row]] = (float) (1 / (1 + StrictMath.exp(-difference)));
        logit[chosen[row]] = (float) difference;
      } else {
        nonFinite++;
      }
    }
    return nonFinite;
  }

  private static List<String> labels(ModelBundle bundle, String output, JsonNode declaration) {
    List<String> labels =
        bundle.outputs().stream()
            .filter(o -> o.name().equals(output))
            .map(ModelBundle.OutputInfo::labels)
            .findFirst()
            .orElse(List.of());
    List<String> declared = new ArrayList<>();
    declaration.path("output_labels").forEach(node -> declared.add(node.asText()));
    if (!labels.isEmpty() && !declared.isEmpty() && !labels.equals(declared)) {
      throw new IllegalArgumentException(
          bundle + ": output_labels are " + declared + ", but the bundle says " + labels);
    }
    return labels.isEmpty() ? declared : labels;
  }

  @Override
  public String toString() {
    return "jet tagger " + model + ", layout " + options.layout().name();
  }
}
