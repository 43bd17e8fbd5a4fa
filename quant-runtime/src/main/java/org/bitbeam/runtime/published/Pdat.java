package org.bitbeam.runtime.published;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.published.NetworkBuilder.Layer;
import org.bitbeam.runtime.published.NetworkBuilder.Scale;

/**
 * P-DAT (models.md 2.3) as its authors' class is exported, 100 particles there: 21 neighbours,
 * width 64, 8 heads. The second edge convolution, which takes each particle for its own neighbours,
 * is one of the particle.
 */
final class Pdat {
  private static final int NEIGHBOURS = 21;
  private static final int EDGE = 128;
  private static final int WIDTH = 64;
  private static final int HEADS = 8;
  private static final int[] PAIR = {6, 32, 16, HEADS};
  private static final int FUSED = 256;
  private static final int HEAD = 128;
  private static final int APPLICATIONS = 2; // of each attention, with the same parameters

  private final NetworkBuilder net = new NetworkBuilder();
  private final int particles;

  /** Layers and normalisations of an attention; those that make q, k, v come first. */
  private record Block(List<Layer> layers, List<Scale> norms) {}

  private Pdat(int particles) {
    this.particles = particles;
  }

  static PublishedNetworks.Built built(int particles, boolean bit) {
    return new Pdat(particles).network(bit);
  }

  private PublishedNetworks.Built network(boolean bit) {
    String points = net.input("points", particles, NEIGHBOURS, 8);
    String pairs = net.input("pairs", particles, particles, PAIR[0]);
    String jet = net.input("jet", 11, 11);
    String x = edges(points);
    String pairBias = pairBias(pairs);
    String jetBias = jetBias(jet);
    Block ofParticles = block(6, bit);
    Block ofChannels = block(5, bit);
    List<String> stages = new ArrayList<>(List.of(x));
    for (int i = 0; i < APPLICATIONS; i++) {
      x = particleAttention(ofParticles, x, pairBias);
      stages.add(x);
      x = channelAttention(ofChannels, x, jetBias);
      stages.add(x);
    }
    String all = net.transpose(net.concat(stages.toArray(String[]::new)), 0, 2, 1);
    String fused = net.mean(net.convolution(all, stages.size() * WIDTH, FUSED, 1), "last");
    String hidden = net.linear(fused, net.name(), FUSED, HEAD, false, true);
    net.count(2 * HEAD); // a normalisation that is folded into the layer
    net.linear(net.gelu(hidden), "logits", HEAD, 2, false, true);
    net.output("logits");
    return net.built();
  }

  private String edges(String points) {
    String x = net.transpose(points, 0, 3, 1, 2);
    int size = 8;
    for (int layer = 0; layer < 3; layer++) {
      x = edge(x, size, EDGE, 1, 1);
      size = EDGE;
    }
    x = net.mean(x, "last");
    for (int layer = 0; layer < 3; layer++) {
      x = edge(x, size, WIDTH, 1);
      size = WIDTH;
    }
    return net.transpose(x, 0, 2, 1);
  }

  private String edge(String x, int in, int out, int... kernel) {
    net.count(out); // a normalisation is folded into it: its bias is counted as the convolution's
    return net.gelu(net.convolution(x, in, out, kernel));
  }

  private String pairBias(String pairs) {
    String x = net.transpose(pairs, 0, 3, 1, 2);
    for (int layer = 0; layer + 1 < PAIR.length; layer++) {
      int out = PAIR[layer + 1];
      x = net.gelu(net.batchNorm(net.convolution(x, PAIR[layer], out, 1, 1), out));
    }
    return x;
  }

  private String jetBias(String jet) {
    String image = net.add("Unsqueeze", Map.of(), jet, "second");
    String factors = net.name();
    net.values(factors, 1, 1, WIDTH / 11f, WIDTH / 11f);
    Map<String, OnnxAttribute> linear =
        Map.of(
            "mode", new OnnxAttribute.StringValue("linear"),
            "coordinate_transformation_mode", new OnnxAttribute.StringValue("half_pixel"));
    String x = net.add("Resize", linear, image, "", factors);
    for (int layer = 0; layer < 3; layer++) {
      x = net.gelu(net.convolution(x, 1, 1, 3, 3));
    }
    return net.select(x, 1, 0);
  }

  private Block block(int layers, boolean bit) {
    return new Block(
        IntStream.range(0, layers).mapToObj(i -> net.layer(WIDTH, WIDTH, bit, false)).toList(),
        IntStream.range(0, 4).mapToObj(i -> net.scale(WIDTH)).toList());
  }

  private String layer(Layer layer, String x) {
    return net.apply(layer, layer.bit() ? net.quantised(x) : x, net.name());
  }

  /** Query, key, value, each reshaped. */
  private List<String> projections(Block block, String x, long... shape) {
    String rows = block.layers().get(0).bit() ? net.quantised(x) : x;
    return block.layers().subList(0, 3).stream()
        .map(layer -> net.reshape(net.apply(layer, rows, net.name()), shape))
        .toList();
  }

  private String attended(String query, String key, String value, double channels, String bias) {
    String products = net.add("MatMul", Map.of(), query, key);
    String root = net.number(net.name(), (float) Math.sqrt(channels));
    String scores = net.add("Add", Map.of(), net.add("Div", Map.of(), products, root), bias);
    return net.add("MatMul", Map.of(), net.add("Softmax", NetworkBuilder.axis(-1), scores), value);
  }

  private String particleAttention(Block block, String x, String bias) {
    String normal = net.layerNorm(block.norms().get(0), x);
    List<String> qkv = projections(block, normal, 0, particles, HEADS, WIDTH / HEADS);
    String heads =
        attended(
            net.transpose(qkv.get(0), 0, 2, 1, 3),
            net.transpose(qkv.get(1), 0, 2, 3, 1),
            net.transpose(qkv.get(2), 0, 2, 1, 3),
            (double) WIDTH / HEADS,
            bias);
    String merged = net.reshape(net.transpose(heads, 0, 2, 1, 3), 0, particles, WIDTH);
    String taken = net.add("Sub", Map.of(), merged, normal);
    return rest(block, x, net.gelu(layer(block.layers().get(3), taken)));
  }

  private String channelAttention(Block block, String x, String bias) {
    String normal = net.layerNorm(block.norms().get(0), x);
    // The same numbers read as (channels, particles), which is no transposition.
    List<String> qkv = projections(block, normal, 0, WIDTH, particles);
    String key = net.transpose(qkv.get(1), 0, 2, 1);
    String taken = attended(qkv.get(0), key, qkv.get(2), WIDTH, bias);
    return rest(block, x, net.add("Sub", Map.of(), net.transpose(taken, 0, 2, 1), normal));
  }

  /** What stands behind both attentions: two residual sums and the last two layers. */
  private String rest(Block block, String x, String taken) {
    int last = block.layers().size() - 1;
    String sum = net.add("Add", Map.of(), net.layerNorm(block.norms().get(1), taken), x);
    String t = net.layerNorm(block.norms().get(2), sum);
    t = net.layerNorm(block.norms().get(3), net.gelu(layer(block.layers().get(last - 1), t)));
    return net.add("Add", Map.of(), layer(block.layers().get(last), t), sum);
  }
}
