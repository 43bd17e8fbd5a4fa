package org.bitbeam.runtime.internal.lowering;

import java.util.Map;
import java.util.Optional;
import org.bitbeam.runtime.internal.graph.NdArray;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.lowering.BitLayer.RowQuantiser;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxType;
import org.jspecify.annotations.Nullable;

/**
 * Recognises the two quantisers of a BitLinear layer in the codings of specs/models.md section 9:
 * straight-through or not, by reciprocal or by division, clipped or not, dequantised before or
 * after the product, weights folded or still in their chain.
 */
final class BitLinearPatterns {
  private final Values values;
  private final Map<String, OnnxNode> origins;

  BitLinearPatterns(Values values, Map<String, OnnxNode> origins) {
    this.values = values;
    this.origins = origins;
  }

  /**
   * Activations that go through a row quantiser.
   *
   * @param input value that is quantised
   * @param quantiser how
   * @param factor the value g
   * @param scaledBack whether the codes were divided by g already
   */
  record Activation(String input, RowQuantiser quantiser, String factor, boolean scaledBack) {}

  /** The quantiser in front of a value; empty if there is none. */
  Optional<Activation> activation(String name, boolean matrix) {
    OnnxNode add = values.producer(name, "Add");
    if (add != null) {
      for (String x : add.inputs()) {
        String rest = Values.other(add, x);
        OnnxNode sub = rest == null ? null : values.producer(rest, "Sub");
        if (sub != null && sub.inputs().get(1).equals(x)) {
          Optional<Activation> inner = dequantised(sub.inputs().get(0), matrix);
          if (inner.isPresent() && inner.get().input().equals(x)) {
            return inner;
          }
        }
      }
      return Optional.empty();
    }
    Optional<Activation> dequantised = dequantised(name, matrix);
    return dequantised.isPresent()
        ? dequantised
        : codes(name, matrix, null)
            .map(a -> new Activation(a.input(), a.quantiser(), a.factor(), false));
  }

  /**
   * The quantiser in front of UINT8 codes with zero point 128: {@code Cast(codes + 128)}, as this
   * library exports it.
   */
  Optional<Activation> unsignedCodes(String name) {
    OnnxNode cast = values.producer(name, "Cast");
    OnnxNode add = cast == null ? null : values.producer(cast.inputs().get(0), "Add");
    String codes =
        cast == null || add == null || Values.integer(cast, "to", 0) != OnnxType.UINT8.code()
            ? null
            : values.besides(add, 128);
    return codes == null ? Optional.empty() : codes(codes, false, null);
  }

  /** The scales of {@code beta / g}, one or N constants; null if the value is something else. */
  float @Nullable [] scalesOver(String name, String factor) {
    OnnxNode div = values.producer(name, "Div");
    FloatArray betas = div == null ? null : values.floats(div.inputs().get(0));
    return div != null && betas != null && div.inputs().get(1).equals(factor)
        ? betas.values()
        : null;
  }

  private Optional<Activation> dequantised(String name, boolean matrix) {
    OnnxNode div = values.producer(name, "Div");
    return div == null ? Optional.empty() : codes(div.inputs().get(0), matrix, div.inputs().get(1));
  }

  /** Round(x * g), clipped to at least -127..127 or not at all: codes never leave that range. */
  private Optional<Activation> codes(String name, boolean matrix, @Nullable String expectedFactor) {
    String rounded = withoutClip(name);
    OnnxNode round = rounded == null ? null : values.producer(rounded, "Round");
    OnnxNode mul = round == null ? null : values.producer(round.inputs().get(0), "Mul");
    if (mul == null) {
      return Optional.empty();
    }
    for (String factor : mul.inputs()) {
      String x = Values.other(mul, factor);
      if (x != null && (expectedFactor == null || expectedFactor.equals(factor))) {
        Optional<RowQuantiser> quantiser = factor(factor, x, matrix);
        if (quantiser.isPresent()) {
          return Optional.of(new Activation(x, quantiser.get(), factor, true));
        }
      }
    }
    return Optional.empty();
  }

  private @Nullable String withoutClip(String name) {
    OnnxNode clip = values.producer(name, "Clip");
    if (clip != null) {
      boolean low =
          clip.inputs().size() < 2
              || clip.inputs().get(1).isEmpty()
              || values.scalar(clip.inputs().get(1)) <= -127;
      boolean high =
          clip.inputs().size() < 3
              || clip.inputs().get(2).isEmpty()
              || values.scalar(clip.inputs().get(2)) >= 127;
      return low && high ? clip.inputs().get(0) : null;
    }
    String inner = name;
    OnnxNode min = values.producer(inner, "Min");
    if (min != null) {
      inner = bounded(min, true);
    }
    OnnxNode max = inner == null ? null : values.producer(inner, "Max");
    if (max != null) {
      inner = bounded(max, false);
    }
    return inner;
  }

  private @Nullable String bounded(OnnxNode node, boolean above) {
    for (String bound : node.inputs()) {
      float value = values.scalar(bound);
      if (above ? value >= 127 : value <= -127) {
        return Values.other(node, bound);
      }
    }
    return null;
  }

  private Optional<RowQuantiser> factor(String factor, String x, boolean matrix) {
    OnnxNode mul = values.producer(factor, "Mul");
    if (mul != null) {
      String inverse = values.besides(mul, 127);
      OnnxNode reciprocal = inverse == null ? null : values.producer(inverse, "Reciprocal");
      return reciprocal == null
          ? Optional.empty()
          : largest(reciprocal.inputs().get(0), x, matrix)
              .map(epsilon -> new RowQuantiser(true, epsilon));
    }
    OnnxNode div = values.producer(factor, "Div");
    if (div != null && values.scalar(div.inputs().get(0)) == 127) {
      return largest(div.inputs().get(1), x, matrix)
          .map(epsilon -> new RowQuantiser(false, epsilon));
    }
    return Optional.empty();
  }

  /** The epsilon of max(max|x|, epsilon) over the last axis. */
  private Optional<Float> largest(String name, String x, boolean matrix) {
    float epsilon = Float.NaN;
    String inner = null;
    OnnxNode clip = values.producer(name, "Clip");
    OnnxNode max = values.producer(name, "Max");
    if (clip != null && clip.inputs().size() > 1) {
      boolean open =
          clip.inputs().size() < 3
              || clip.inputs().get(2).isEmpty()
              || values.scalar(clip.inputs().get(2)) >= Float.MAX_VALUE;
      epsilon = open ? values.scalar(clip.inputs().get(1)) : Float.NaN;
      inner = clip.inputs().get(0);
    } else if (max != null) {
      for (String bound : max.inputs()) {
        if (!Float.isNaN(values.scalar(bound))) {
          epsilon = values.scalar(bound);
          inner = Values.other(max, bound);
        }
      }
    }
    OnnxNode reduce = inner == null ? null : values.producer(inner, "ReduceMax");
    OnnxNode abs = reduce == null ? null : values.producer(reduce.inputs().get(0), "Abs");
    if (reduce == null
        || abs == null
        || !abs.inputs().get(0).equals(x)
        || !(epsilon > Float.MIN_NORMAL)) {
      return Optional.empty();
    }
    Long axis = values.onlyAxis(reduce);
    boolean last = axis != null && (axis == -1 || (matrix && axis == 1));
    return last && Values.integer(reduce, "keepdims", 1) == 1
        ? Optional.of(epsilon)
        : Optional.empty();
  }

  /**
   * Signs and scale of a constant weight matrix. Where the quantiser was still in the graph, they
   * are those of its codes times beta, before {@code w + (q - w)} added noise.
   */
  Optional<TernaryWeights> weights(String name, boolean outputsFirst) {
    String at = name;
    boolean flipped = false;
    for (OnnxNode node; (node = origins.get(at)) != null; ) {
      if (node.operator().equals("Transpose") && node.inputs().size() == 1) {
        flipped = !flipped; // a matrix has but one other order
        at = node.inputs().get(0);
      } else if (node.operator().equals("Add")) {
        String clean = withoutStraightThrough(node);
        if (clean == null) {
          break;
        }
        at = clean;
      } else {
        break;
      }
    }
    NdArray clean = values.constant(at);
    if (clean instanceof FloatArray matrix && matrix.rank() == 2) {
      boolean first = flipped != outputsFirst;
      Optional<TernaryWeights> found = TernaryWeights.of(matrix, first);
      if (found.isPresent()) {
        return found;
      }
    }
    FloatArray folded = values.floats(name);
    return folded == null || folded.rank() != 2
        ? Optional.empty()
        : TernaryWeights.of(folded, outputsFirst);
  }

  /** The q of {@code w + (q - w)}. */
  private @Nullable String withoutStraightThrough(OnnxNode add) {
    for (String w : add.inputs()) {
      String rest = Values.other(add, w);
      OnnxNode sub = rest == null ? null : origins.get(rest);
      if (sub != null && sub.operator().equals("Sub") && sub.inputs().get(1).equals(w)) {
        return sub.inputs().get(0);
      }
    }
    return null;
  }
}
