package org.bitbeam.runtime.published;

import java.util.List;
import java.util.Map;
import org.bitbeam.runtime.onnx.OnnxAttribute;

/**
 * SMEFTNet (models.md 3) with the sizes of its class, as it is exported: 40 constituents, two
 * layers of messages of 10, a readout of 32, 32; messages weighted alike, as its code does.
 */
final class SmeftNet {
  private static final int CONSTITUENTS = 40;
  private static final int LAYERS = 2;
  private static final int FEATURES = 10;
  private static final int READOUT = 32;
  private static final Map<String, OnnxAttribute> TO_FLOAT =
      Map.of("to", new OnnxAttribute.IntValue(1));

  private final NetworkBuilder net = new NetworkBuilder();
  private final boolean bitMessages;
  private final boolean bitReadout;

  private SmeftNet(boolean bitMessages, boolean bitReadout) {
    this.bitMessages = bitMessages;
    this.bitReadout = bitReadout;
  }

  static PublishedNetworks.Built built(boolean bitMessages, boolean bitReadout) {
    return new SmeftNet(bitMessages, bitReadout).network();
  }

  private PublishedNetworks.Built network() {
    String pt = net.input("pt", CONSTITUENTS);
    String vectors = net.input("angles", CONSTITUENTS, 2);
    String scalars = net.input("scalars", 1);
    net.number("radius", (float) (0.4 * 0.4)); // squared
    net.number("turn", (float) (2 * Math.PI));
    net.number("two", 2);
    String there = net.add("Not", Map.of(), net.add("Equal", Map.of(), pt, "zero"));
    String squares = squares(vectors);
    String features = net.add("Unsqueeze", Map.of(), length(squares), "third");
    int size = 1;
    for (int layer = 0; layer < LAYERS; layer++) {
      if (layer > 0) {
        squares = squares(vectors);
      }
      String means = messages(there, vectors, squares, features, size);
      size = FEATURES;
      String from = net.longs(net.name(), 0);
      String to = net.longs(net.name(), FEATURES);
      features = net.add("Slice", Map.of(), means, from, to, "third");
      vectors = turned(vectors, net.select(means, 2, FEATURES));
    }
    Map<String, OnnxAttribute> keep = Map.of("keepdims", new OnnxAttribute.IntValue(1));
    String share = net.add("Div", Map.of(), pt, net.add("ReduceSum", keep, pt, "last"));
    share = net.add("Unsqueeze", Map.of(), share, "third");
    String pooled = net.sum(net.add("Mul", Map.of(), share, features), "second");
    String vector = net.sum(net.add("Mul", Map.of(), share, vectors), "second");
    String x = net.concat(net.batchNorm(scalars, 1), pooled, vector);
    int in = 1 + FEATURES + 2;
    for (int layer = 0; layer < 2; layer++) {
      x = net.linear(x, net.name(), in, READOUT, bitReadout, true);
      x = activated(net.batchNorm(x, READOUT), bitReadout);
      in = READOUT;
    }
    String angle = net.linear(x, net.name(), READOUT, 1, bitReadout, true);
    net.node("Concat", NetworkBuilder.axis(-1), List.of(angle, vector), "output");
    net.output("output");
    return net.built();
  }

  private String activated(String x, boolean bit) {
    return bit
        ? net.add("LeakyRelu", Map.of("alpha", new OnnxAttribute.FloatValue(0.01f)), x)
        : net.add("Relu", Map.of(), x);
  }

  private String squares(String vectors) {
    return net.add("Pow", Map.of(), vectors, "two");
  }

  private String length(String squares) {
    return net.add("Sqrt", Map.of(), net.sum(squares, "last"));
  }

  /** What each constituent gets from those near it, on average: features, and one rotation. */
  private String messages(String there, String vectors, String squares, String features, int size) {
    String receiver = net.add("Unsqueeze", Map.of(), vectors, "third");
    String sender = net.add("Unsqueeze", Map.of(), vectors, "second");
    String between = net.add("Sub", Map.of(), receiver, sender);
    String distance = net.sum(squares(between), "last");
    String near = net.add("LessOrEqual", Map.of(), distance, "radius");
    near = net.add("And", Map.of(), near, net.add("Unsqueeze", Map.of(), there, "third"));
    near = net.add("And", Map.of(), near, net.add("Unsqueeze", Map.of(), there, "second"));
    String length = length(squares);
    String product =
        net.add(
            "Mul",
            Map.of(),
            net.add("Unsqueeze", Map.of(), length, "third"),
            net.add("Unsqueeze", Map.of(), length, "second"));
    String defined = net.add("Greater", Map.of(), product, "zero");
    String divisor = net.add("Where", Map.of(), defined, product, "one");
    String cosine = net.sum(net.add("Mul", Map.of(), receiver, sender), "last");
    String sine =
        net.add(
            "Sub",
            Map.of(),
            net.add("Mul", Map.of(), net.select(receiver, 3, 1), net.select(sender, 3, 0)),
            net.add("Mul", Map.of(), net.select(receiver, 3, 0), net.select(sender, 3, 1)));
    String own = expanded(net.add("Unsqueeze", Map.of(), features, "third"), size);
    String other = expanded(net.add("Unsqueeze", Map.of(), features, "second"), size);
    String last = net.longs(net.name(), 3);
    String x =
        net.concat(
            own,
            other,
            net.add("Sub", Map.of(), other, own),
            net.add("Unsqueeze", Map.of(), net.add("Div", Map.of(), cosine, divisor), last),
            net.add("Unsqueeze", Map.of(), net.add("Div", Map.of(), sine, divisor), last));
    x = net.linear(x, net.name(), 3 * size + 2, FEATURES, bitMessages, false);
    if (!bitMessages) {
      x = net.batchNorm(net.reshape(x, -1, FEATURES), FEATURES);
    }
    x = activated(x, bitMessages);
    if (!bitMessages) {
      x = net.reshape(x, -1, CONSTITUENTS, CONSTITUENTS, FEATURES);
    }
    x = net.linear(x, net.name(), FEATURES, FEATURES + 1, bitMessages, false);
    String used = net.add("Unsqueeze", Map.of(), net.add("And", Map.of(), near, defined), last);
    String message = net.add("Where", Map.of(), used, x, "zero");
    String edge = net.add("Cast", TO_FLOAT, near);
    String number = net.sum(edge, "last");
    String some =
        net.add("Where", Map.of(), net.add("Greater", Map.of(), number, "zero"), number, "one");
    String weight = net.add("Div", Map.of(), edge, net.add("Unsqueeze", Map.of(), some, "third"));
    String weighted =
        net.add("Mul", Map.of(), net.add("Unsqueeze", Map.of(), weight, last), message);
    return net.sum(weighted, "third");
  }

  private String expanded(String x, int size) {
    String shape = net.longs(net.name(), 1, CONSTITUENTS, CONSTITUENTS, size);
    return net.add("Expand", Map.of(), x, shape);
  }

  private String turned(String vectors, String turns) {
    String angle = net.add("Mul", Map.of(), turns, "turn");
    String cosine = net.add("Cos", Map.of(), angle);
    String sine = net.add("Sin", Map.of(), angle);
    String x = net.select(vectors, 2, 0);
    String y = net.select(vectors, 2, 1);
    String turnedX =
        net.add(
            "Sub",
            Map.of(),
            net.add("Mul", Map.of(), cosine, x),
            net.add("Mul", Map.of(), sine, y));
    String turnedY =
        net.add(
            "Add",
            Map.of(),
            net.add("Mul", Map.of(), sine, x),
            net.add("Mul", Map.of(), cosine, y));
    return net.concat(
        net.add("Unsqueeze", Map.of(), turnedX, "last"),
        net.add("Unsqueeze", Map.of(), turnedY, "last"));
  }
}
