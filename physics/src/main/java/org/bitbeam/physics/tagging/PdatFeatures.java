package org.bitbeam.physics.tagging;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.TensorInfo;

/**
 * Inputs of P-DAT, the attention network over particles of the BitHEP paper (SciPost Phys. 20,
 * 038):
 *
 * <ul>
 *   <li>{@code points}, shape (jets, constituents, neighbours, 8): for each constituent i its
 *       nearest neighbours j in (eta, phi), ties by lower index: ln E_j, ln pT_j, pT_j / pT_jet,
 *       E_j / E_jet, eta_j - eta_i, phi_j - phi_i, their hypotenuse, species code of j;
 *   <li>{@code pairs}, shape (jets, constituents, constituents, 6): distance, ln of the squared
 *       invariant mass, ln of distance times the smaller pT, share of the smaller pT, ln of the
 *       difference in pT, 1 where the species is the same; all 1 on the diagonal;
 *   <li>{@code jet}, shape (jets, 11, 11): ratios of the jet's own quantities and, in row and
 *       column 10, the largest of the ten most frequent species' sums.
 * </ul>
 *
 * <p>Constituents are massless; the published data have rapidity in the place of pseudorapidity.
 * {@link PdatOptions#rapidity} computes it from pT, pseudorapidity and the mass of the species.
 * Constituents of unknown species count as photons, with code 0, as padding does; {@link
 * #unknownSpecies} counts them. Padding lies at the origin and takes part in everything: the
 * network has no mask. The squared mass of a pair is 4 pT_i pT_j (sinh^2(deta/2) + sin^2(dphi/2)),
 * which does not cancel as the difference of squares does. Computed in double precision, rounded
 * once. Immutable; safe to share between threads.
 *
 * <p>{@link PdatOptions#masked} is the variant without padding: the axes of constituents are as
 * long as the jet, neighbours are constituents (the constituent itself where there are fewer than
 * wanted), and {@code mask}, shape (jets, constituents), is 1 where there is one, for batches of
 * jets of different lengths.
 */
public final class PdatFeatures implements TaggerInputs {
  /** Values of a neighbour. */
  public static final int POINT_VALUES = 8;

  /** Values of a pair. */
  public static final int PAIR_VALUES = 6;

  /** Rows and columns of the jet's matrix. */
  public static final int JET_SIZE = 11;

  /** Name of the input that says which constituents there are. */
  public static final String MASK = "mask";

  private static final int SPECIES_IN_JET = 10;

  // Of the species in the order of their codes; Particle Data Group, Review of Particle Physics.
  private static final double[] MASS_GEV = {
    0,
    0.13957039,
    0.13957039,
    0.493677,
    0.493677,
    0.497611,
    0.93956542,
    0.93956542,
    0.93827209,
    0.93827209,
    0.00051099895,
    0.00051099895,
    0.1056583755,
    0.1056583755
  };
  private static final List<String> AZIMUTHS =
      List.of("wraps_azimuth", "signs_jet_azimuth", "wraps_differences");
  private static final double TINY_ENERGY = 1e-8;
  private static final double TINY = 1e-12;
  private static final double TINY_DISTANCE = 1e-9;

  private final PdatOptions options;

  private PdatFeatures(PdatOptions options) {
    this.options = options;
  }

  /** Features with these options. */
  public static PdatFeatures of(PdatOptions options) {
    return new PdatFeatures(options);
  }

  /** How they are computed. */
  public PdatOptions options() {
    return options;
  }

  /**
   * Reads a declaration: {@code {"features": "pdat", "constituents": 100, "neighbours": 21,
   * "wraps_azimuth": true, "signs_jet_azimuth": true, "wraps_differences": true}}, see {@link
   * PdatOptions}; {@code "convention": "asPublished"} or {@code "corrected"} stands for those of
   * the three that are not there.
   *
   * @param label name of the file in messages
   * @throws IllegalArgumentException when it is incomplete
   */
  public static PdatFeatures parse(String label, JsonNode json) {
    for (String name : List.of("constituents", "neighbours")) {
      if (!json.path(name).isInt()) {
        throw new IllegalArgumentException(
            label + ": " + name + " is " + json.path(name) + ", expected a number");
      }
    }
    boolean[] azimuths = new boolean[AZIMUTHS.size()];
    String convention = json.path("convention").asText("");
    if (!List.of("", "asPublished", "corrected").contains(convention)) {
      throw new IllegalArgumentException(
          label + ": no convention \"" + convention + "\"; there are: asPublished, corrected");
    }
    for (int i = 0; i < azimuths.length; i++) {
      String name = AZIMUTHS.get(i);
      azimuths[i] = json.path(name).asBoolean(convention.equals("corrected"));
      if (!json.path(name).isBoolean() && (convention.isEmpty() || json.has(name))) {
        throw new IllegalArgumentException(
            label + ": " + name + " is " + json.path(name) + ", expected true or false");
      }
    }
    return new PdatFeatures(
        new PdatOptions(
            json.path("constituents").asInt(),
            json.path("neighbours").asInt(),
            azimuths[0],
            azimuths[1],
            azimuths[2],
            json.path("rapidity").asBoolean(false),
            json.path("masked").asBoolean(false)));
  }

  /** Names of the inputs, in order. */
  @Override
  public List<String> inputNames() {
    return options.masked()
        ? List.of("points", "pairs", "jet", MASK)
        : List.of("points", "pairs", "jet");
  }

  @Override
  public List<Integer> shape(String input, int length) {
    int n = options.masked() ? length : options.constituents();
    return switch (input) {
      case "points" -> List.of(n, options.neighbours(), POINT_VALUES);
      case "pairs" -> List.of(n, n, PAIR_VALUES);
      case "jet" -> List.of(JET_SIZE, JET_SIZE);
      case MASK -> List.of(n);
      default -> throw new IllegalArgumentException("no input \"" + input + "\"");
    };
  }

  @Override
  public int maxConstituents() {
    return options.constituents();
  }

  /**
   * Without a mask always the same, for padding is part of what the network was trained on; with
   * one as many as there are.
   */
  @Override
  public int paddedLength(int constituents) {
    return options.masked()
        ? Math.max(1, Math.min(constituents, options.constituents()))
        : options.constituents();
  }

  @Override
  public PdatFeatures forNetwork(String label, List<TensorInfo> network) {
    TaggerInputs.checkNames(label, network, inputNames());
    for (TensorInfo input : network) {
      List<Integer> made = new ArrayList<>(List.of(TensorInfo.DYNAMIC));
      made.addAll(shape(input.name(), options.constituents()));
      boolean fits = made.size() == input.shape().size();
      for (int axis = 0; fits && axis < made.size(); axis++) {
        int wanted = input.shape().get(axis);
        fits = wanted == TensorInfo.DYNAMIC || wanted == made.get(axis);
      }
      if (!fits) {
        throw new IllegalArgumentException(
            label + ": input " + input + " cannot take " + made + " (-1 is any number of jets)");
      }
    }
    return this;
  }

  @Override
  public int unknownSpecies(JetConstituents source, int jet) {
    int first = source.constituentOffsets()[jet];
    int unknown = 0;
    for (int i = 0; i < Math.min(source.count(jet), options.constituents()); i++) {
      unknown += species(source.pdgId()[first + i]) < 0 ? 1 : 0;
    }
    return unknown;
  }

  /** Number of constituents whose species has no code. */
  public static long unknownSpecies(JetConstituents jets) {
    long unknown = 0;
    for (int id : jets.pdgId()) {
      unknown += species(id) < 0 ? 1 : 0;
    }
    return unknown;
  }

  /**
   * Input tensors of chosen jets; about 300 kB a jet with the published sizes.
   *
   * @param source jets and constituents
   * @param jets numbers of the jets
   * @param length {@link #maxConstituents()}, the only one there is without a mask; with one at
   *     least that of the longest jet, or shorter jets are made
   * @param names the inputs that are wanted
   */
  @Override
  public Map<String, Tensor> tensors(
      JetConstituents source, int[] jets, int length, Set<String> names) {
    if (!options.masked() && length != options.constituents()) {
      throw new IllegalArgumentException(
          length + " constituents, expected " + options.constituents());
    }
    int n = Math.min(length, options.constituents());
    int k = options.neighbours();
    float[] points = new float[names.contains("points") ? size(jets, n * k * POINT_VALUES) : 0];
    float[] pairs = new float[names.contains("pairs") ? size(jets, n * n * PAIR_VALUES) : 0];
    float[] matrix = new float[names.contains("jet") ? size(jets, JET_SIZE * JET_SIZE) : 0];
    float[] mask = new float[names.contains(MASK) ? size(jets, n) : 0];
    for (int row = 0; row < jets.length; row++) {
      int first = source.constituentOffsets()[jets[row]];
      int count = Math.min(source.count(jets[row]), n);
      Particles particles = new Particles(options.masked() ? count : n);
      for (int i = 0; i < count; i++) {
        particles.set(
            i,
            source.pt()[first + i],
            eta(source, first + i),
            source.phi()[first + i],
            source.pdgId()[first + i]);
      }
      if (points.length > 0) {
        particles.points(points, row * n * k * POINT_VALUES);
      }
      if (pairs.length > 0) {
        particles.pairs(pairs, row * n * n * PAIR_VALUES, n);
      }
      if (mask.length > 0) {
        Arrays.fill(mask, row * n, row * n + count, 1);
      }
      if (matrix.length > 0) {
        particles.jet(matrix, row * JET_SIZE * JET_SIZE);
      }
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    if (names.contains("points")) {
      tensors.put("points", Tensor.of(points, jets.length, n, k, POINT_VALUES));
    }
    if (names.contains("pairs")) {
      tensors.put("pairs", Tensor.of(pairs, jets.length, n, n, PAIR_VALUES));
    }
    if (names.contains("jet")) {
      tensors.put("jet", Tensor.of(matrix, jets.length, JET_SIZE, JET_SIZE));
    }
    if (names.contains(MASK)) {
      tensors.put(MASK, Tensor.of(mask, jets.length, n));
    }
    return tensors;
  }

  private double eta(JetConstituents source, int i) {
    double eta = source.eta()[i];
    return options.rapidity() ? rapidity(source.pt()[i], eta, source.pdgId()[i]) : eta;
  }

  /** An empty jet, to be filled with {@link Particles#set}. */
  Particles particles() {
    return new Particles(options.constituents());
  }

  /** ln((E + pz) / mT) = asinh(pz / mT) of a particle; {@code eta} if its mass is not known. */
  static double rapidity(double pt, double eta, int pdgId) {
    double mass = MASS_GEV[Math.max(0, species(pdgId))];
    return mass == 0 ? eta : asinh(pt * StrictMath.sinh(eta) / Math.sqrt(pt * pt + mass * mass));
  }

  private static int size(int[] jets, int values) {
    return Math.multiplyExact(jets.length, values);
  }

  /**
   * Number of a species in the order of its codes, -1 if it has none. The code is a tenth of it.
   */
  private static int species(int pdgId) {
    return switch (pdgId) {
      case 22 -> 0;
      case 211 -> 1;
      case -211 -> 2;
      case 321 -> 3;
      case -321 -> 4;
      case 130 -> 5;
      case 2112 -> 6;
      case -2112 -> 7;
      case 2212 -> 8;
      case -2212 -> 9;
      case 11 -> 10;
      case -11 -> 11;
      case 13 -> 12;
      case -13 -> 13;
      default -> -1;
    };
  }

  /** One jet's constituents and padding. */
  final class Particles {
    private final double[] pt;
    private final double[] eta;
    private final double[] phi;
    private final double[] energy;
    private final int[] species;
    private int count;

    private Particles(int size) {
      pt = new double[size];
      eta = new double[size];
      phi = new double[size];
      energy = new double[size];
      species = new int[size];
    }

    void set(int i, double newPt, double newEta, double newPhi, int pdgId) {
      pt[i] = newPt;
      eta[i] = newEta;
      phi[i] = newPhi;
      if (newPhi > Math.PI) {
        phi[i] -= options.wrapsAzimuth() ? 2 * Math.PI : Math.PI;
      }
      energy[i] = newPt * StrictMath.cosh(newEta);
      species[i] = Math.max(0, species(pdgId));
      count = i + 1;
    }

    private double azimuthDifference(double a, double b) {
      return options.wrapsDifferences() ? Angles.difference(a, b) : a - b;
    }

    private double distance(int i, int j) {
      double deta = eta[j] - eta[i];
      double dphi = azimuthDifference(phi[j], phi[i]);
      return Math.sqrt(deta * deta + dphi * dphi);
    }

    void points(float[] target, int from) {
      Sums sums = new Sums();
      int k = options.neighbours();
      int[] nearest = new int[k];
      double[] distances = new double[k];
      int at = from;
      for (int i = 0; i < pt.length; i++) {
        findNearest(i, nearest, distances);
        for (int j = 0; j < k; j++) {
          int other = nearest[j];
          target[at] = (float) StrictMath.log(energy[other] + TINY_ENERGY);
          target[at + 1] = (float) StrictMath.log(pt[other] + TINY_ENERGY);
          target[at + 2] = (float) (pt[other] / sums.pt);
          target[at + 3] = (float) (energy[other] / sums.energy);
          target[at + 4] = (float) (eta[other] - eta[i]);
          target[at + 5] = (float) azimuthDifference(phi[other], phi[i]);
          target[at + 6] = (float) distances[j];
          target[at + 7] = (float) (species[other] / 10.0);
          at += POINT_VALUES;
        }
      }
    }

    /** The nearest particles by insertion; an equal distance does not displace a lower index. */
    private void findNearest(int i, int[] nearest, double[] distances) {
      int found = 0;
      for (int j = 0; j < pt.length; j++) {
        double distance = distance(i, j);
        if (found == nearest.length && !(distance < distances[found - 1])) {
          continue;
        }
        int place = found < nearest.length ? found++ : found - 1;
        while (place > 0 && distance < distances[place - 1]) {
          distances[place] = distances[place - 1];
          nearest[place] = nearest[place - 1];
          place--;
        }
        distances[place] = distance;
        nearest[place] = j;
      }
      Arrays.fill(nearest, found, nearest.length, i);
      Arrays.fill(distances, found, nearest.length, 0);
    }

    /** Values of all pairs, in rows of {@code stride} pairs. */
    void pairs(float[] target, int from, int stride) {
      int n = pt.length;
      float[] values = new float[PAIR_VALUES];
      for (int i = 0; i < n; i++) {
        for (int j = i; j < n; j++) {
          pair(i, j, values);
          System.arraycopy(values, 0, target, from + (i * stride + j) * PAIR_VALUES, PAIR_VALUES);
          System.arraycopy(values, 0, target, from + (j * stride + i) * PAIR_VALUES, PAIR_VALUES);
        }
      }
    }

    private void pair(int i, int j, float[] values) {
      if (i == j) {
        Arrays.fill(values, 1);
        return;
      }
      double sinhEta = StrictMath.sinh((eta[j] - eta[i]) / 2);
      double sinPhi = StrictMath.sin((phi[j] - phi[i]) / 2);
      double mass2 = 4 * pt[i] * pt[j] * (sinhEta * sinhEta + sinPhi * sinPhi);
      double smaller = Math.min(pt[i], pt[j]);
      double distance = distance(i, j);
      values[0] = (float) distance;
      values[1] = (float) StrictMath.log(mass2 + TINY);
      values[2] = (float) StrictMath.log(distance * smaller + TINY);
      values[3] = (float) (smaller / (pt[i] + pt[j] + TINY));
      values[4] = (float) StrictMath.log(Math.abs(pt[i] - pt[j]) + TINY);
      values[5] = species[i] == species[j] ? 1 : 0;
    }

    void jet(float[] target, int from) {
      Sums sums = new Sums();
      double[] classEnergy = new double[SPECIES_IN_JET];
      double[] classPx = new double[SPECIES_IN_JET];
      double[] classPy = new double[SPECIES_IN_JET];
      double[] classPz = new double[SPECIES_IN_JET];
      double[] classPt = new double[SPECIES_IN_JET];
      double[] classEta = new double[SPECIES_IN_JET];
      double[] classPhi = new double[SPECIES_IN_JET];
      double[] classDistance = new double[SPECIES_IN_JET];
      double meanEta = 0;
      double meanPhi = 0;
      double meanDistance = 0;
      double jetEta = asinh(sums.pz / sums.pt);
      double jetPhi =
          options.signsJetAzimuth()
              ? StrictMath.atan2(sums.py, sums.px)
              : StrictMath.acos(Math.max(-1, Math.min(1, sums.px / sums.pt)));
      for (int i = 0; i < count; i++) {
        double deta = eta[i] - jetEta;
        double dphi = azimuthDifference(phi[i], jetPhi);
        double distance = Math.sqrt(deta * deta + dphi * dphi);
        meanEta += pt[i] * deta;
        meanPhi += pt[i] * dphi;
        meanDistance += pt[i] * distance;
        int kind = species[i];
        if (kind < SPECIES_IN_JET) {
          classEnergy[kind] += energy[i];
          classPx[kind] += pt[i] * StrictMath.cos(phi[i]);
          classPy[kind] += pt[i] * StrictMath.sin(phi[i]);
          classPz[kind] += pt[i] * StrictMath.sinh(eta[i]);
          classPt[kind] += pt[i];
          classEta[kind] += pt[i] * deta;
          classPhi[kind] += pt[i] * dphi;
          classDistance[kind] += pt[i] * distance;
        }
      }
      int leading = 0;
      for (int kind = 1; kind < SPECIES_IN_JET; kind++) {
        leading = classPt[kind] > classPt[leading] ? kind : leading;
      }
      Matrix matrix = new Matrix(target, from);
      matrix.set(0, 1, sums.px / sums.energy);
      matrix.set(0, 2, sums.py / sums.energy);
      matrix.set(0, 3, sums.pz / sums.energy);
      matrix.set(0, 4, sums.pt / sums.energy);
      matrix.set(0, 6, 1);
      matrix.set(1, 4, sums.px / sums.pt);
      matrix.set(2, 4, sums.py / sums.pt);
      matrix.set(4, 5, 1);
      boolean wide = meanDistance / sums.pt > TINY_DISTANCE;
      matrix.set(7, 9, wide ? meanEta / meanDistance : 0);
      matrix.set(8, 9, wide ? meanPhi / meanDistance : 0);
      matrix.set(0, 10, logOfLargest(classEnergy));
      matrix.set(1, 10, logOfLargest(classPx));
      matrix.set(2, 10, logOfLargest(classPy));
      matrix.set(3, 10, logOfLargest(classPz));
      matrix.set(4, 10, logOfLargest(classPt));
      matrix.set(5, 10, largest(classPt) / sums.pt);
      matrix.set(6, 10, largest(classEnergy) / sums.energy);
      matrix.set(7, 10, classEta[leading] / sums.pt);
      matrix.set(8, 10, classPhi[leading] / sums.pt);
      matrix.set(9, 10, classDistance[leading] / sums.pt);
    }

    /** The jet's momentum: the sum of its constituents'. */
    private final class Sums {
      double px;
      double py;
      double pz;
      double energy;
      final double pt;

      Sums() {
        for (int i = 0; i < count; i++) {
          px += Particles.this.pt[i] * StrictMath.cos(phi[i]);
          py += Particles.this.pt[i] * StrictMath.sin(phi[i]);
          pz += Particles.this.pt[i] * StrictMath.sinh(eta[i]);
          energy += Particles.this.energy[i];
        }
        pt = Math.sqrt(px * px + py * py);
      }
    }
  }

  /** A symmetric matrix with ones on the diagonal. */
  private record Matrix(float[] target, int from) {
    Matrix {
      for (int i = 0; i < JET_SIZE; i++) {
        target[from + i * JET_SIZE + i] = 1;
      }
    }

    void set(int row, int column, double value) {
      target[from + row * JET_SIZE + column] = (float) value;
      target[from + column * JET_SIZE + row] = (float) value;
    }
  }

  private static double asinh(double x) {
    double magnitude = Math.abs(x);
    return Math.copySign(StrictMath.log(magnitude + Math.sqrt(magnitude * magnitude + 1)), x);
  }

  private static double largest(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static double logOfLargest(double[] values) {
    return StrictMath.log(Math.max(largest(values), TINY));
  }
}
