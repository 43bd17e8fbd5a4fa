package org.bitbeam.training;

import java.util.List;

/**
 * Sizes of P-DAT's layers.
 *
 * @param edge channels of the first edge convolution
 * @param width channels of all that follows
 * @param heads of the attention between particles, a divisor of the width
 * @param pair hidden channels of the layers that make biases of pairs
 * @param fuse channels of the layer behind the five stages
 * @param head hidden channels of the last layers
 */
public record PdatSizes(int edge, int width, int heads, List<Integer> pair, int fuse, int head) {
  public PdatSizes {
    pair = List.copyOf(pair);
    if (edge < 1
        || width < 1
        || heads < 1
        || width % heads != 0
        || fuse < 1
        || head < 1
        || pair.stream().anyMatch(channels -> channels < 1)) {
      throw new IllegalArgumentException(
          "sizes of P-DAT: edge "
              + edge
              + ", width "
              + width
              + ", heads "
              + heads
              + ", pair "
              + pair
              + ", fuse "
              + fuse
              + ", head "
              + head
              + "; expected at least 1 each, and heads to divide the width");
    }
  }
}
