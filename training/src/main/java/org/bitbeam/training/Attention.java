package org.bitbeam.training;

import java.util.Optional;

/**
 * Attention of several heads: softmax(q k^T / sqrt(c)) v over the channels c of each head.
 *
 * @param width channels of all heads
 * @param heads a divisor of the width
 */
record Attention(int width, int heads) {
  /**
   * What each query takes from the values, (rows, queries, width).
   *
   * @param query (rows, queries, width)
   * @param key (rows, keys, width)
   * @param value (rows, keys, width)
   * @param bias of the scores, (queries, keys) or with rows and heads before
   */
  <T> T of(Operations<T> operations, T query, T key, T value, Optional<T> bias) {
    T q = operations.transpose(heads(operations, query), 0, 2, 1, 3);
    T k = operations.transpose(heads(operations, key), 0, 2, 3, 1);
    T v = operations.transpose(heads(operations, value), 0, 2, 1, 3);
    double factor = 1 / Math.sqrt((double) width / heads);
    T scores = operations.scale(operations.matrixProduct(q, k), (float) factor);
    T biased = bias.map(b -> operations.add(scores, b)).orElse(scores);
    T taken = operations.matrixProduct(operations.softmax(biased), v);
    return operations.reshape(operations.transpose(taken, 0, 2, 1, 3), 0, 0, width);
  }

  private <T> T heads(Operations<T> operations, T x) {
    return operations.reshape(x, 0, 0, heads, width / heads);
  }
}
