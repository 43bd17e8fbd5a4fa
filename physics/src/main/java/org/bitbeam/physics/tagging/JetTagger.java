package org.bitbeam.physics.tagging;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.BooleanColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.Origin;
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
 * events, plain numbers where an entry is a jet. As the bundle says, also {@code Jet_qgEmbedding},
 * hidden values of the network, an array a jet, and for each {@link WorkingPoint} a bool such as
 * {@code Jet_qgTight}.
 *
 * <p>The values are NaN, the bools false, for jets without constituents, jets below the minimum pT,
 * and jets whose kinematics or scores are not finite; each kind is counted. Of jets with more
 * constituents than the network takes, those of highest pT are used; counted too. Jets outside of
 * the range the network was trained for are scored and counted, or refused: {@link TrainedRange}.
 *
 * <p>Results depend on the jet alone, not on the jets around it: each jet is padded to a length
 * that follows from its own number of constituents, jets of one length go through the network
 * together, and a single jet is sent twice, since engines round differently for a single row.
 *
 * <p>The network belongs to the caller, who closes it after the last use. Safe to use from several
 * threads.
 */
public final class JetTagger implements Stage {
  /** Layout by the columns that are there, all jets, 512 in one forward pass. */
  public static final JetOptions DEFAULTS = JetOptions.ofAll(512);

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

  /** Counter: scored jets outside of the range the network was trained for, if it is known. */
  public static final String JETS_OUT_OF_RANGE = "jetsOutOfTrainedRange";

  /** Counter: constituents left out since their pT is zero or less. */
  public static final String CONSTITUENTS_WITHOUT_PT = "constituentsWithoutPt";

  /** Counter: constituents of scored jets whose species the network's inputs have no code for. */
  public static final String CONSTITUENTS_OF_UNKNOWN_SPECIES = "constituentsOfUnknownSpecies";

  private static final long MAX_INPUT_BYTES = 64 << 20;

  private final String model;
  private final Network network;
  private final TaggerInputs preprocessing;
  private final JetOptions options;
  private final Set<String> inputNames;
  private final String output;
  private final Optional<Embedding> embedding;
  private final List<WorkingPoint> workingPoints;
  private final ConstituentLayout layout;
  private final TrainedRange trainedFor;
  private final int signal;
  private final int background;
  private final int classes;
  private final String signalName;
  private final String backgroundName;

  /**
   * Hidden values that go into a column.
   *
   * @param output of the network
   * @param size values of a jet
   */
  private record Embedding(String output, int size) {}

  /** What is found out about the jets of a batch. */
  private static final class Results {
    final float[] score;
    final float[] logit;
    final float[] embedding;

    Results(int jets, int embeddingSize) {
      score = new float[jets];
      logit = new float[jets];
      embedding = new float[jets * embeddingSize];
      for (float[] values : List.of(score, logit, embedding)) {
        Arrays.fill(values, Float.NaN);
      }
    }
  }

  private JetTagger(ModelBundle bundle, Network network, JetOptions options) {
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
    this.preprocessing =
        TaggerInputs.parse(bundle + ": " + file, declaration)
            .forNetwork(bundle.toString(), network.inputs());
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
    output(bundle, network, output);
    this.embedding =
        stage.has("embedding")
            ? Optional.of(embedding(bundle, network, stage.path("embedding")))
            : Optional.empty();
    this.workingPoints = WorkingPoint.parse(bundle.toString(), stage.path("workingPoints"));
    this.layout = options.layout().orOfStage(stage);
    this.trainedFor = TrainedRange.parse(bundle.toString(), stage.path("trainedFor"));
  }

  private static TensorInfo output(ModelBundle bundle, Network network, String name) {
    return network.outputs().stream()
        .filter(o -> o.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    bundle
                        + ": the network has no output \""
                        + name
                        + "\"; there are: "
                        + network.outputs()));
  }

  private static Embedding embedding(ModelBundle bundle, Network network, JsonNode node) {
    TensorInfo output = output(bundle, network, node.path("output").asText(""));
    List<Integer> shape = output.shape();
    int known = shape.size() == 2 ? Math.max(0, shape.get(1)) : 0;
    int size = node.path("size").asInt(known);
    if (size < 1 || (known > 0 && size != known)) {
      throw new IllegalArgumentException(
          bundle + ": embedding " + node + " of output " + output + ": its size is not known");
    }
    return new Embedding(output.name(), size);
  }

  /**
   * A tagger.
   *
   * @param bundle describes the network
   * @param network loaded from it
   * @throws IllegalArgumentException when the bundle is for another stage, or its preprocessing
   *     does not fit the network or names variables that do not exist
   */
  public static JetTagger of(ModelBundle bundle, Network network, JetOptions options) {
    return new JetTagger(bundle, network, options);
  }

  @Override
  public List<String> inputs(Schema dataset) {
    return layout.resolve(dataset).columns(dataset);
  }

  @Override
  public List<Schema.Field> outputs(Schema dataset) {
    ConstituentLayout found = layout.resolve(dataset);
    ColumnType.Primitive real = ColumnType.Primitive.FLOAT32;
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
    List<Schema.Field> fields = new ArrayList<>();
    fields.add(field(found, "qgQuarkScore", real, score));
    fields.add(field(found, "qgLogit", real, logit));
    embedding.ifPresent(
        e ->
            fields.add(
                field(
                    found,
                    "qgEmbedding",
                    new ColumnType.ArrayOf(real, e.size()),
                    "output \"" + e.output() + "\" of " + model + "; NaN where the logit is NaN")));
    for (WorkingPoint point : workingPoints) {
      fields.add(
          field(
              found,
              point.columnSuffix(),
              ColumnType.Primitive.BOOL,
              model + ", " + point.describe(signalName, backgroundName)));
    }
    return List.copyOf(fields);
  }

  private static Schema.Field field(
      ConstituentLayout found, String name, ColumnType perJet, String description) {
    ColumnType type = found.isOneJetAnEntry() ? perJet : new ColumnType.ListOf(perJet);
    return new Schema.Field(found.jetPrefix() + "_" + name, type, description, "");
  }

  @Override
  public EventBatch apply(EventBatch batch, StageCounter counter) {
    ConstituentLayout found = layout.resolve(batch.schema());
    JetConstituents jets = found.read(batch);
    Results results = new Results(jets.jets(), embedding.map(Embedding::size).orElse(0));
    score(batch.origin(), jets, results, counter);
    List<Schema.Field> fields = outputs(batch.schema());
    List<Column> columns = columns(results);
    EventBatch result = batch;
    for (int i = 0; i < fields.size(); i++) {
      Column content = columns.get(i);
      result =
          result.with(
              fields.get(i),
              found.isOneJetAnEntry() ? content : ListColumn.of(jets.jetOffsets(), content));
    }
    return result;
  }

  /** One value a jet. */
  private List<Column> columns(Results results) {
    List<Column> columns = new ArrayList<>();
    columns.add(FloatColumn.of(results.score));
    columns.add(FloatColumn.of(results.logit));
    embedding.ifPresent(
        e ->
            columns.add(
                ArrayColumn.of(e.size(), results.logit.length, FloatColumn.of(results.embedding))));
    for (WorkingPoint point : workingPoints) {
      boolean[] passes = new boolean[results.logit.length];
      for (int jet = 0; jet < passes.length; jet++) {
        // As the column holds it, so that a cut on the column finds the same jets. False for NaN.
        passes[jet] = results.logit[jet] >= point.minimumLogit();
      }
      columns.add(BooleanColumn.of(passes));
    }
    return columns;
  }

  private void score(Origin origin, JetConstituents jets, Results results, StageCounter counter) {
    long nonFinite = 0;
    for (Pass pass : passes(origin, jets, counter, false)) {
      nonFinite += run(jets, pass, results);
    }
    counter.add(NON_FINITE_JETS, nonFinite);
  }

  /**
   * What the network gets for a batch, one map of tensors a forward pass; for measurements of the
   * network alone.
   *
   * @param toLongest whether all jets are padded to the most constituents the network takes, as
   *     scripts do, and sent in their order; else the passes are those of {@link #apply}
   */
  public List<Map<String, Tensor>> passes(EventBatch batch, boolean toLongest) {
    JetConstituents jets = layout.resolve(batch.schema()).read(batch);
    return passes(batch.origin(), jets, StageCounter.NONE, toLongest).stream()
        .map(pass -> preprocessing.tensors(jets, pass.jets, pass.length, inputNames))
        .toList();
  }

  /** Jets that go through the network together, padded to one length. */
  private record Pass(int[] jets, int length) {}

  private List<Pass> passes(
      Origin origin, JetConstituents jets, StageCounter counter, boolean toLongest) {
    long empty = 0;
    long truncated = 0;
    long belowMinimum = 0;
    long nonFinite = 0;
    long unknownSpecies = 0;
    int[] scored = new int[jets.jets()];
    int scoredJets = 0;
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
        scored[scoredJets++] = jet;
        unknownSpecies += preprocessing.unknownSpecies(jets, jet);
        truncated += count > preprocessing.maxConstituents() ? 1 : 0;
        int used = toLongest ? preprocessing.maxConstituents() : count;
        byLength.computeIfAbsent(preprocessing.paddedLength(used), l -> new ArrayList<>()).add(jet);
      }
    }
    long outside =
        trainedFor.outside(jets, Arrays.copyOf(scored, scoredJets), options.outOfRange(), origin);
    counter.add(JETS, jets.jets());
    counter.add(JETS_WITHOUT_CONSTITUENTS, empty);
    counter.add(TRUNCATED_JETS, truncated);
    counter.add(JETS_BELOW_MINIMUM_PT, belowMinimum);
    counter.add(NON_FINITE_JETS, nonFinite);
    counter.add(JETS_OUT_OF_RANGE, outside);
    counter.add(CONSTITUENTS_WITHOUT_PT, jets.dropped());
    counter.add(CONSTITUENTS_OF_UNKNOWN_SPECIES, unknownSpecies);
    List<Pass> passes = new ArrayList<>();
    byLength.forEach(
        (length, members) -> {
          int step = jetsPerCall(length);
          for (int from = 0; from < members.size(); from += step) {
            List<Integer> part = members.subList(from, Math.min(members.size(), from + step));
            passes.add(new Pass(part.stream().mapToInt(Integer::intValue).toArray(), length));
          }
        });
    return passes;
  }

  /** As many jets as asked for, unless their inputs are very large. */
  private int jetsPerCall(int length) {
    long bytes = 0;
    for (String name : inputNames) {
      long values = 1;
      for (int axis : preprocessing.shape(name, length)) {
        values *= axis;
      }
      bytes += values * Float.BYTES;
    }
    return (int) Math.max(1, Math.min(options.maxJetsPerCall(), MAX_INPUT_BYTES / bytes));
  }

  /** One forward pass; returns the number of jets without a finite result. */
  private int run(JetConstituents jets, Pass pass, Results results) {
    int[] chosen = pass.jets;
    // Engines take other code paths, with other roundings, for a single row: send it twice.
    int[] rows = chosen.length == 1 ? new int[] {chosen[0], chosen[0]} : chosen;
    Map<String, Tensor> outputs =
        network.run(preprocessing.tensors(jets, rows, pass.length, inputNames));
    Tensor result = table(outputs, output, rows.length, classes);
    float[] hidden =
        embedding
            .map(e -> table(outputs, e.output(), rows.length, e.size()).floats())
            .orElse(new float[0]);
    int size = hidden.length / rows.length;
    int nonFinite = 0;
    for (int row = 0; row < chosen.length; row++) {
      double difference =
          result.getDouble(row * classes + signal) - result.getDouble(row * classes + background);
      if (Double.isFinite(difference)) {
        results.score[chosen[row]] = (float) (1 / (1 + StrictMath.exp(-difference)));
        results.logit[chosen[row]] = (float) difference;
        System.arraycopy(hidden, row * size, results.embedding, chosen[row] * size, size);
      } else {
        nonFinite++;
      }
    }
    return nonFinite;
  }

  private Tensor table(Map<String, Tensor> outputs, String name, int rows, int columns) {
    Tensor table = outputs.get(name);
    if (table == null || table.rank() != 2 || table.axis(0) != rows || table.axis(1) != columns) {
      throw new ModelException(
          model
              + ": output \""
              + name
              + "\" is "
              + table
              + ", expected shape ["
              + rows
              + ", "
              + columns
              + "]");
    }
    return table;
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
    return "jet tagger " + model + ", layout " + layout.name();
  }
}
