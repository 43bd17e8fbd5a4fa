package org.bitbeam.physics.eft;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.Stage;
import org.bitbeam.physics.StageCounter;
import org.bitbeam.physics.tagging.ConstituentLayout;
import org.bitbeam.physics.tagging.JetConstituents;
import org.bitbeam.physics.tagging.JetOptions;
import org.bitbeam.physics.tagging.TrainedRange;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.ModelException;
import org.bitbeam.runtime.Network;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.TensorInfo;

/**
 * Runs SMEFTNet-like networks (arXiv 2401.10323) on jets. Depending on the bundle it adds
 *
 * <ul>
 *   <li>{@code <jets>_decayAngle}: decay-plane angle of each jet, in radians from -pi/2 to pi/2. It
 *       is known up to half a turn, since the two quarks cannot be told apart. With several
 *       networks the mean of exp(2 i angle), and {@code <jets>_decayAngleSpread}, its circular
 *       standard deviation;
 *   <li>{@code eft_coefficients}: for each entry the polynomial of {@link WilsonBasis} as the
 *       networks see it in the hardest jet that was used, an array; with several networks their
 *       mean, and {@code eft_spread}, their standard deviation (n - 1).
 * </ul>
 *
 * <p>Values are NaN for jets without constituents, below the minimum pT or not finite, and for
 * entries without a jet that can be used; counted. Every network of the bundle is a member of the
 * ensemble.
 *
 * <p>Results depend on the jet alone, not on the jets around it. The networks belong to the caller.
 * Safe to use from several threads.
 */
public final class EftEstimator implements Stage {
  /** Layout by the columns that are there, all jets, 16 in one forward pass. */
  public static final JetOptions DEFAULTS = JetOptions.ofAll(16);

  /** The kind of bundles it takes. */
  public static final String STAGE_KIND = "eft";

  /** Column of the polynomials. */
  public static final String COEFFICIENTS = "eft_coefficients";

  /** Column of the spread of the ensemble. */
  public static final String SPREAD = "eft_spread";

  /** Counter: all jets. */
  public static final String JETS = "jets";

  /** Counter: jets without constituents. */
  public static final String JETS_WITHOUT_CONSTITUENTS = "jetsWithoutConstituents";

  /** Counter: jets with more constituents than the network takes. */
  public static final String TRUNCATED_JETS = "truncatedJets";

  /** Counter: jets below the minimum pT. */
  public static final String JETS_BELOW_MINIMUM_PT = "jetsBelowMinimumPt";

  /** Counter: jets whose kinematics or results are not finite. */
  public static final String NON_FINITE_JETS = "nonFiniteJets";

  /** Counter: jets with results outside of the range the networks were trained for, if known. */
  public static final String JETS_OUT_OF_RANGE = "jetsOutOfTrainedRange";

  /** Counter: entries without a jet that could be used. */
  public static final String ENTRIES_WITHOUT_JET = "entriesWithoutJet";

  private final String model;
  private final List<Network> members;
  private final JetCloud cloud;
  private final JetOptions options;
  private final ConstituentLayout layout;
  private final TrainedRange trainedFor;
  private final Optional<Head> angle;
  private final Optional<Head> polynomial;
  private final Optional<WilsonBasis> basis;
  private final int terms;

  /** Part of an output: columns {@code first .. first + size}. */
  private record Head(String output, int first, int size) {}

  private EftEstimator(ModelBundle bundle, List<Network> members, JetOptions options) {
    this.model = bundle.name() + " " + bundle.version();
    this.members = List.copyOf(members);
    this.options = options;
    if (!bundle.stageKind().equals(STAGE_KIND)) {
      throw new IllegalArgumentException(
          bundle + " is for stage \"" + bundle.stageKind() + "\", expected \"" + STAGE_KIND + "\"");
    }
    if (members.isEmpty()) {
      throw new IllegalArgumentException(bundle + ": no network");
    }
    JsonNode stage = bundle.stage();
    this.layout = options.layout().orOfStage(stage);
    this.trainedFor = TrainedRange.parse(bundle.toString(), stage.path("trainedFor"));
    this.cloud = JetCloud.parse(bundle.toString(), stage);
    this.angle = head(stage.path("angle"), 1);
    this.basis =
        stage.has("coefficients")
            ? Optional.of(WilsonBasis.parse(bundle + ": coefficients", stage.path("coefficients")))
            : Optional.empty();
    this.terms = basis.map(WilsonBasis::size).orElse(0);
    this.polynomial = head(stage.path("coefficients"), terms);
    if (angle.isEmpty() && polynomial.isEmpty()) {
      throw new IllegalArgumentException(
          bundle + ": the stage has neither \"angle\" nor \"coefficients\"");
    }
    for (Network member : members) {
      check(bundle, member);
    }
  }

  private static Optional<Head> head(JsonNode node, int size) {
    return node.isMissingNode()
        ? Optional.empty()
        : Optional.of(
            new Head(node.path("output").asText("output"), node.path("first").asInt(0), size));
  }

  private void check(ModelBundle bundle, Network member) {
    Set<String> known = new HashSet<>(cloud.inputNames());
    for (TensorInfo input : member.inputs()) {
      if (!known.remove(input.name())) {
        throw new IllegalArgumentException(
            bundle + ": the network needs input " + input + ", known are " + cloud.inputNames());
      }
      if (input.shape().size() > 1
          && !input.name().equals(cloud.scalars())
          && input.shape().get(1) != TensorInfo.DYNAMIC
          && input.shape().get(1) != cloud.constituents()) {
        throw new IllegalArgumentException(
            bundle
                + ": input "
                + input
                + " does not take "
                + cloud.constituents()
                + " constituents");
      }
    }
    if (!known.isEmpty()) {
      throw new IllegalArgumentException(bundle + ": the network has no input " + known);
    }
    for (Head head : heads()) {
      if (member.outputs().stream().noneMatch(o -> o.name().equals(head.output()))) {
        throw new IllegalArgumentException(
            bundle
                + ": the network has no output \""
                + head.output()
                + "\"; there are: "
                + member.outputs());
      }
    }
  }

  private List<Head> heads() {
    List<Head> heads = new ArrayList<>();
    angle.ifPresent(heads::add);
    polynomial.ifPresent(heads::add);
    return heads;
  }

  /**
   * An estimator.
   *
   * @param bundle describes the networks
   * @param members its networks, one for each role
   * @throws IllegalArgumentException when the bundle is for another stage, or does not fit its
   *     networks
   */
  public static EftEstimator of(ModelBundle bundle, List<Network> members, JetOptions options) {
    return new EftEstimator(bundle, members, options);
  }

  /** The operators of the polynomials; empty if the bundle gives angles alone. */
  public Optional<WilsonBasis> basis() {
    return basis;
  }

  @Override
  public List<String> inputs(Schema dataset) {
    return layout.resolve(dataset).columns(dataset);
  }

  @Override
  public List<Schema.Field> outputs(Schema dataset) {
    ConstituentLayout found = layout.resolve(dataset);
    ColumnType perJet = ColumnType.Primitive.FLOAT32;
    if (!found.isOneJetAnEntry()) {
      perJet = new ColumnType.ListOf(perJet);
    }
    List<Schema.Field> fields = new ArrayList<>();
    boolean ensemble = members.size() > 1;
    if (angle.isPresent()) {
      String name = found.jetPrefix() + "_decayAngle";
      fields.add(
          new Schema.Field(
              name,
              perJet,
              "decay-plane angle by " + model + ", modulo pi; NaN where there is no estimate",
              "rad"));
      if (ensemble) {
        fields.add(
            new Schema.Field(
                name + "Spread",
                perJet,
                "circular standard deviation over " + members.size() + " networks of " + model,
                "rad"));
      }
    }
    if (basis.isPresent()) {
      ColumnType array = new ColumnType.ArrayOf(ColumnType.Primitive.FLOAT32, terms);
      fields.add(
          new Schema.Field(
              COEFFICIENTS, array, model + ", hardest jet: " + basis.get().describe(), ""));
      if (ensemble) {
        fields.add(
            new Schema.Field(
                SPREAD,
                array,
                "standard deviation of "
                    + COEFFICIENTS
                    + " over "
                    + members.size()
                    + " networks of "
                    + model,
                ""));
      }
    }
    return fields;
  }

  @Override
  public EventBatch apply(EventBatch batch, StageCounter counter) {
    ConstituentLayout found = layout.resolve(batch.schema());
    JetConstituents jets = found.read(batch);
    int[] usable = usable(jets, counter);
    counter.add(
        JETS_OUT_OF_RANGE, trainedFor.outside(jets, usable, options.outOfRange(), batch.origin()));
    double[][] angles = new double[members.size()][jets.jets()];
    double[][] polynomials = new double[members.size()][jets.jets() * terms];
    for (double[] member : angles) {
      Arrays.fill(member, Double.NaN);
    }
    for (double[] member : polynomials) {
      Arrays.fill(member, Double.NaN);
    }
    for (int from = 0; from < usable.length; from += options.maxJetsPerCall()) {
      int to = Math.min(usable.length, from + options.maxJetsPerCall());
      run(jets, Arrays.copyOfRange(usable, from, to), angles, polynomials);
    }
    counter.add(NON_FINITE_JETS, notFinite(usable, angles, polynomials));
    List<Column> columns = new ArrayList<>();
    if (angle.isPresent()) {
      addAngles(found, jets, angles, columns);
    }
    if (polynomial.isPresent()) {
      addPolynomials(jets, polynomials, columns, counter);
    }
    List<Schema.Field> fields = outputs(batch.schema());
    EventBatch result = batch;
    for (int i = 0; i < columns.size(); i++) {
      result = result.with(fields.get(i), columns.get(i));
    }
    return result;
  }

  private int[] usable(JetConstituents jets, StageCounter counter) {
    int[] usable = new int[jets.jets()];
    int count = 0;
    long empty = 0;
    long below = 0;
    long nonFinite = 0;
    long truncated = 0;
    for (int jet = 0; jet < jets.jets(); jet++) {
      if (jets.count(jet) == 0) {
        empty++;
      } else if (jets.jetPt()[jet] < options.minimumJetPtGeV()) {
        below++;
      } else if (!jets.isFinite(jet)) {
        nonFinite++;
      } else {
        truncated += jets.count(jet) > cloud.constituents() ? 1 : 0;
        usable[count++] = jet;
      }
    }
    counter.add(JETS, jets.jets());
    counter.add(JETS_WITHOUT_CONSTITUENTS, empty);
    counter.add(JETS_BELOW_MINIMUM_PT, below);
    counter.add(NON_FINITE_JETS, nonFinite);
    counter.add(TRUNCATED_JETS, truncated);
    return Arrays.copyOf(usable, count);
  }

  private void run(JetConstituents jets, int[] chosen, double[][] angles, double[][] polynomials) {
    // Engines take other code paths, with other roundings, for a single row: send it twice.
    int[] rows = chosen.length == 1 ? new int[] {chosen[0], chosen[0]} : chosen;
    Map<String, Tensor> inputs = cloud.tensors(jets, rows);
    for (int m = 0; m < members.size(); m++) {
      Map<String, Tensor> outputs = members.get(m).run(inputs);
      double[] memberAngles = angles[m];
      double[] memberPolynomials = polynomials[m];
      angle.ifPresent(head -> read(outputs, head, rows.length, chosen, memberAngles));
      polynomial.ifPresent(head -> read(outputs, head, rows.length, chosen, memberPolynomials));
    }
  }

  private void read(
      Map<String, Tensor> outputs, Head head, int rows, int[] chosen, double[] target) {
    Tensor output = outputs.get(head.output());
    if (output == null
        || output.rank() != 2
        || output.axis(0) != rows
        || output.axis(1) < head.first() + head.size()) {
      throw new ModelException(
          model
              + ": output \""
              + head.output()
              + "\" is "
              + output
              + ", expected shape ["
              + rows
              + ", "
              + (head.first() + head.size())
              + " or more]");
    }
    for (int row = 0; row < chosen.length; row++) {
      for (int i = 0; i < head.size(); i++) {
        target[chosen[row] * head.size() + i] =
            output.getDouble(row * output.axis(1) + head.first() + i);
      }
    }
  }

  /** Jets with a result that is not finite; all their results become NaN. */
  private long notFinite(int[] usable, double[][] angles, double[][] polynomials) {
    long count = 0;
    for (int jet : usable) {
      double sum = 0;
      for (int m = 0; m < members.size(); m++) {
        sum += angle.isPresent() ? angles[m][jet] : 0;
        for (int i = 0; i < terms; i++) {
          sum += polynomials[m][jet * terms + i];
        }
      }
      if (!Double.isFinite(sum)) {
        count++;
        for (int m = 0; m < members.size(); m++) {
          angles[m][jet] = Double.NaN;
          Arrays.fill(polynomials[m], jet * terms, (jet + 1) * terms, Double.NaN);
        }
      }
    }
    return count;
  }

  private void addAngles(
      ConstituentLayout layout, JetConstituents jets, double[][] angles, List<Column> columns) {
    float[] mean = new float[jets.jets()];
    float[] spread = new float[jets.jets()];
    for (int jet = 0; jet < mean.length; jet++) {
      if (members.size() == 1) {
        mean[jet] = (float) Math.IEEEremainder(angles[0][jet], Math.PI);
        continue;
      }
      double cos = 0;
      double sin = 0;
      for (double[] member : angles) {
        cos += StrictMath.cos(2 * member[jet]);
        sin += StrictMath.sin(2 * member[jet]);
      }
      double length = Math.min(1, Math.sqrt(cos * cos + sin * sin) / members.size());
      mean[jet] = (float) (0.5 * StrictMath.atan2(sin, cos));
      spread[jet] = (float) (0.5 * Math.sqrt(-2 * StrictMath.log(length)));
    }
    columns.add(perJet(layout, jets, mean));
    if (members.size() > 1) {
      columns.add(perJet(layout, jets, spread));
    }
  }

  private static Column perJet(ConstituentLayout layout, JetConstituents jets, float[] values) {
    Column content = FloatColumn.of(values);
    return layout.isOneJetAnEntry() ? content : ListColumn.of(jets.jetOffsets(), content);
  }

  private void addPolynomials(
      JetConstituents jets, double[][] polynomials, List<Column> columns, StageCounter counter) {
    int entries = jets.jetOffsets().length - 1;
    int size = terms;
    float[] mean = new float[entries * size];
    float[] spread = new float[entries * size];
    long without = 0;
    for (int entry = 0; entry < entries; entry++) {
      int jet = hardest(jets, entry, polynomials[0]);
      without += jet < 0 ? 1 : 0;
      for (int i = 0; i < size; i++) {
        int at = entry * size + i;
        mean[at] = Float.NaN;
        spread[at] = Float.NaN;
        if (jet >= 0) {
          double sum = 0;
          for (double[] member : polynomials) {
            sum += member[jet * size + i];
          }
          double average = sum / members.size();
          double squares = 0;
          for (double[] member : polynomials) {
            double off = member[jet * size + i] - average;
            squares += off * off;
          }
          mean[at] = (float) average;
          spread[at] = (float) Math.sqrt(squares / Math.max(1, members.size() - 1));
        }
      }
    }
    counter.add(ENTRIES_WITHOUT_JET, without);
    columns.add(ArrayColumn.of(size, entries, FloatColumn.of(mean)));
    if (members.size() > 1) {
      columns.add(ArrayColumn.of(size, entries, FloatColumn.of(spread)));
    }
  }

  /** The jet of largest pT that has a result; -1 if there is none. */
  private int hardest(JetConstituents jets, int entry, double[] results) {
    int hardest = -1;
    for (int jet = jets.jetOffsets()[entry]; jet < jets.jetOffsets()[entry + 1]; jet++) {
      boolean used = !Double.isNaN(results[jet * terms]);
      if (used && (hardest < 0 || jets.jetPt()[jet] > jets.jetPt()[hardest])) {
        hardest = jet;
      }
    }
    return hardest;
  }

  @Override
  public String toString() {
    return "EFT estimator " + model + ", layout " + layout.name();
  }
}
