package org.bitbeam.runtime.published;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxModel;

/**
 * Networks of the paper at their published size, with random weights: for speed and operation
 * counts. BitLinear layers are coded as PyTorch's dynamo exporter writes them: folded ternary
 * weights behind the chain that quantises rows. Sizes: CaloChallenge submissions, SciPost Phys. 20,
 * 038 (2026) and its code.
 */
public final class PublishedNetworks {
  private static final int[] PHOTON = {188, 256, 256, 256, 5394};
  private static final int[] DS2 = {3264, 256, 256, 71764};

  private PublishedNetworks() {}

  /**
   * A network and the number of its trained parameters.
   *
   * @param model the network
   * @param parameters trained numbers: weights, biases, normalisations
   */
  public record Built(OnnxModel model, long parameters) {}

  /** Names for {@link #of}; those of one family (before the last slash) take the same inputs. */
  public static List<String> names() {
    return List.of(
        "caloinn-ds1-photon/float",
        "caloinn-ds1-photon/central",
        "caloinn-ds1-photon/all",
        "caloinn-ds2-subnet/float",
        "caloinn-ds2-subnet/all",
        "calodream-ds2/float",
        "calodream-ds2/noemb",
        "pdat/float",
        "pdat/bit",
        "pdat-50/float",
        "pdat-50/bit",
        "pdat-30/float",
        "pdat-30/bit",
        "smeftnet/float",
        "smeftnet/bit30",
        "smeftnet/bit70",
        "smeftnet/bit100");
  }

  /**
   * Makes one of {@link #names}: all twelve subnets of CaloINN for photons of data set 1 (float,
   * the eight in the middle ternary, all ternary), one of the fourteen of data set 2, the velocity
   * of CaloDREAM's shape network for data set 2; P-DAT for 100 particles, and for jets of 50 and of
   * 30 that are not filled up; SMEFTNet for 40 constituents, and with ternary messages (30),
   * readout (70), both (100).
   *
   * @throws IllegalArgumentException when there is no such network; says which there are
   */
  public static Built of(String name) {
    return switch (name) {
      case "caloinn-ds1-photon/all" -> caloInn(PHOTON, 12, 12, true);
      case "caloinn-ds1-photon/central" -> caloInn(PHOTON, 12, 8, true);
      case "caloinn-ds1-photon/float" -> caloInn(PHOTON, 12, 0, true);
      case "caloinn-ds2-subnet/all" -> caloInn(DS2, 1, 1, false);
      case "caloinn-ds2-subnet/float" -> caloInn(DS2, 1, 0, false);
      case "calodream-ds2/noemb" -> vit(true);
      case "calodream-ds2/float" -> vit(false);
      case "pdat/float" -> Pdat.built(100, false);
      case "pdat/bit" -> Pdat.built(100, true);
      case "pdat-50/float" -> Pdat.built(50, false);
      case "pdat-50/bit" -> Pdat.built(50, true);
      case "pdat-30/float" -> Pdat.built(30, false);
      case "pdat-30/bit" -> Pdat.built(30, true);
      case "smeftnet/float" -> SmeftNet.built(false, false);
      case "smeftnet/bit30" -> SmeftNet.built(true, false);
      case "smeftnet/bit70" -> SmeftNet.built(false, true);
      case "smeftnet/bit100" -> SmeftNet.built(true, true);
      default ->
          throw new IllegalArgumentException(
              "no published network \"" + name + "\"; there are " + names());
    };
  }

  /**
   * Subnets of CaloINN side by side, all on the same rows.
   *
   * @param sizes widths of the layers
   * @param blocks number of subnets
   * @param bits how many of them are ternary: those in the middle
   * @param normalised BatchNorm and SiLU behind each hidden layer; LeakyReLU otherwise
   */
  public static Built caloInn(int[] sizes, int blocks, int bits, boolean normalised) {
    NetworkBuilder net = new NetworkBuilder();
    String input = net.input("input", sizes[0]);
    for (int block = 0; block < blocks; block++) {
      boolean bit = block >= (blocks - bits) / 2 && block < (blocks + bits) / 2;
      String x = input;
      for (int i = 0; i + 1 < sizes.length; i++) {
        boolean last = i + 2 == sizes.length;
        String y = last ? "theta" + block : net.name();
        net.linear(x, y, sizes[i], sizes[i + 1], bit, true);
        x = y;
        if (!last && normalised) {
          x = net.silu(net.batchNorm(x, sizes[i + 1]));
        } else if (!last) {
          x = net.add("LeakyRelu", Map.of("alpha", new OnnxAttribute.FloatValue(0.01f)), x);
        }
      }
      net.output("theta" + block);
    }
    return net.built();
  }

  /**
   * The velocity of CaloDREAM's shape network for data set 2 (models.md 5.3): hidden 480, depth 6,
   * 6 heads, 135 tokens of 48 voxels.
   *
   * @param bit whether qkv, proj, fc1 and fc2 are ternary ("noemb")
   */
  public static Built vit(boolean bit) {
    NetworkBuilder net = new NetworkBuilder();
    int h = 480;
    String state = net.input("x", 1, 45, 16, 9);
    String at = net.input("t", 1);
    String energies = net.input("condition", 46);
    String patches = net.reshape(state, 0, 15, 3, 1, 16, 9, 1);
    patches = net.reshape(net.transpose(patches, 0, 1, 3, 5, 2, 4, 6), 0, 135, 48);
    String x = net.linear(patches, net.name(), 48, h, false, false);
    net.count(240); // the frequencies that the position of each token is made of
    x = net.add("Add", Map.of(), x, net.floats(1, 1, 135, h));
    String angles = net.add("Mul", Map.of(), at, net.floats(1, 1, 128));
    String cos = net.add("Cos", Map.of(), angles);
    String time = net.add("Concat", NetworkBuilder.axis(-1), cos, net.add("Sin", Map.of(), angles));
    time = net.silu(net.linear(time, net.name(), 256, h, false, true));
    time = net.linear(time, net.name(), h, h, false, true);
    String given = net.silu(net.linear(energies, net.name(), 46, h, false, true));
    given = net.linear(given, net.name(), h, h, false, true);
    String condition = net.silu(net.add("Add", Map.of(), time, given));
    for (int block = 0; block < 6; block++) {
      List<String> m = modulation(net, condition, h, 6);
      String a = modulated(net, x, m.get(0), m.get(1), h);
      String attended = attention(net, a, h, 6, bit);
      x = net.add("Add", Map.of(), x, net.add("Mul", Map.of(), m.get(2), attended));
      String b = modulated(net, x, m.get(3), m.get(4), h);
      b = net.linear(b, net.name(), h, 4 * h, bit, false);
      b = net.add("Gelu", Map.of("approximate", new OnnxAttribute.StringValue("tanh")), b);
      b = net.linear(b, net.name(), 4 * h, h, bit, false);
      x = net.add("Add", Map.of(), x, net.add("Mul", Map.of(), m.get(5), b));
    }
    List<String> m = modulation(net, condition, h, 2);
    x = net.linear(modulated(net, x, m.get(0), m.get(1), h), net.name(), h, 48, false, false);
    x = net.transpose(net.reshape(x, 0, 15, 1, 9, 3, 16, 1), 0, 1, 4, 2, 5, 3, 6);
    net.node("Reshape", Map.of(), List.of(x, net.longs("whole", 0, 1, 45, 16, 9)), "velocity");
    net.output("velocity");
    return net.built();
  }

  private static List<String> modulation(NetworkBuilder net, String condition, int h, int parts) {
    String all = net.linear(condition, net.name(), h, parts * h, false, true);
    all = net.add("Unsqueeze", Map.of(), all, "second");
    String sizes = net.name();
    long[] each = new long[parts];
    Arrays.fill(each, h);
    net.longs(sizes, each);
    return net.split(all, sizes, parts, -1);
  }

  private static String modulated(NetworkBuilder net, String x, String shift, String scale, int h) {
    float[] ones = new float[h];
    Arrays.fill(ones, 1);
    String one = net.name();
    net.values(one, ones);
    Map<String, OnnxAttribute> attributes = new LinkedHashMap<>(NetworkBuilder.axis(-1));
    attributes.put("epsilon", new OnnxAttribute.FloatValue(1e-6f));
    String normal = net.add("LayerNormalization", attributes, x, one);
    String factor = net.add("Add", Map.of(), scale, "one");
    return net.add("Add", Map.of(), net.add("Mul", Map.of(), normal, factor), shift);
  }

  private static String attention(NetworkBuilder net, String x, int h, int heads, boolean bit) {
    String qkv = net.linear(x, net.name(), h, 3 * h, bit, false);
    qkv = net.transpose(net.reshape(qkv, 0, 135, 3, heads, h / heads), 2, 0, 3, 1, 4);
    String sizes = net.name();
    net.longs(sizes, 1, 1, 1);
    List<String> parts =
        net.split(qkv, sizes, 3, 0).stream()
            .map(p -> net.add("Squeeze", Map.of(), p, "first"))
            .toList();
    String scale = net.number(net.name(), (float) (1 / Math.sqrt(h / heads)));
    String scores =
        net.add("MatMul", Map.of(), parts.get(0), net.transpose(parts.get(1), 0, 1, 3, 2));
    String weights =
        net.add("Softmax", NetworkBuilder.axis(-1), net.add("Mul", Map.of(), scores, scale));
    String o = net.transpose(net.add("MatMul", Map.of(), weights, parts.get(2)), 0, 2, 1, 3);
    return net.linear(net.reshape(o, 0, 135, h), net.name(), h, h, bit, false);
  }
}
