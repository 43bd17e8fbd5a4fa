package org.bitbeam.root.internal.codec;

import java.util.Arrays;

/**
 * A prefix code for the symbols of a deflate block (RFC 1951, 3.2): as short as their counts and a
 * longest length allow. Its arrays are filled anew by each {@link #fit}. For one thread.
 */
final class HuffmanCode {
  private final int limit;
  private final long[] byCount;
  private final int[] weight;
  private final int[] ofLength;

  /** How often each symbol occurs; the caller counts here. */
  final int[] counts;

  /** Bits of each symbol's code; 0 for a symbol that does not occur. */
  final byte[] lengths;

  /** Each symbol's code, its first bit lowest. */
  final int[] codes;

  /**
   * @param limit the longest code allowed, in bits
   */
  HuffmanCode(int symbols, int limit) {
    this.limit = limit;
    counts = new int[symbols];
    lengths = new byte[symbols];
    codes = new int[symbols];
    byCount = new long[symbols];
    weight = new int[symbols];
    ofLength = new int[Math.max(limit, symbols) + 1];
  }

  /** Makes the code for the counts. One that has fewer than two symbols gets codes of one bit. */
  void fit() {
    Arrays.fill(lengths, (byte) 0);
    int used = 0;
    for (int symbol = 0; symbol < counts.length; symbol++) {
      if (counts[symbol] > 0) {
        byCount[used++] = (long) counts[symbol] << 16 | symbol;
      }
    }
    if (used < 2) {
      lengths[used == 0 ? 0 : (int) (byCount[0] & 0xffff)] = 1;
    } else {
      Arrays.sort(byCount, 0, used);
      depths(used);
      limited(used);
    }
    canonical();
  }

  /** Symbols that have a code, without those that follow the last one; at least so many. */
  int symbols(int least) {
    int symbols = lengths.length;
    while (symbols > least && lengths[symbols - 1] == 0) {
      symbols--;
    }
    return symbols;
  }

  /**
   * Optimal depths of the sorted symbols, in {@code weight}: the in-place method of A. Moffat and
   * J. Katajainen (WADS 1995).
   */
  private void depths(int n) {
    int[] w = weight;
    for (int i = 0; i < n; i++) {
      w[i] = (int) (byCount[i] >>> 16);
    }
    // Inner nodes take the places of what they join, and then name their parents.
    int leaf = 0;
    int node = 0;
    for (int next = 0; next < n - 1; next++) {
      int sum = 0;
      for (int child = 0; child < 2; child++) {
        if (leaf >= n || (node < next && w[node] < w[leaf])) {
          sum += w[node];
          w[node++] = next;
        } else {
          sum += w[leaf++];
        }
      }
      w[next] = sum;
    }
    w[n - 2] = 0;
    for (int i = n - 3; i >= 0; i--) {
      w[i] = w[w[i]] + 1;
    }
    // What a level has room for beside its inner nodes are leaves.
    int room = 1;
    int inner = n - 2;
    int at = n - 1;
    for (int depth = 0; room > 0; depth++) {
      int nodes = 0;
      while (inner >= 0 && w[inner] == depth) {
        nodes++;
        inner--;
      }
      for (int leaves = room - nodes; leaves > 0; leaves--) {
        w[at--] = depth;
      }
      room = 2 * nodes;
    }
  }

  /** Lengths from depths; where these are too long, shorter codes pay for their shortening. */
  private void limited(int n) {
    Arrays.fill(ofLength, 0);
    for (int i = 0; i < n; i++) {
      ofLength[Math.min(weight[i], limit)]++;
    }
    long taken = 0;
    for (int length = 1; length <= limit; length++) {
      taken += (long) ofLength[length] << (limit - length);
    }
    for (; taken > 1L << limit; taken--) {
      int length = limit - 1;
      while (ofLength[length] == 0) {
        length--;
      }
      ofLength[length]--;
      ofLength[length + 1] += 2;
      ofLength[limit]--;
    }
    int i = 0;
    for (int length = limit; length > 0; length--) {
      for (int k = ofLength[length]; k > 0; k--) {
        lengths[(int) (byCount[i++] & 0xffff)] = (byte) length;
      }
    }
  }

  /** Codes in the order of lengths, then of symbols. */
  private void canonical() {
    int code = 0;
    for (int length = 1; length <= limit; length++) {
      code <<= 1;
      for (int symbol = 0; symbol < lengths.length; symbol++) {
        if (lengths[symbol] == length) {
          codes[symbol] = Integer.reverse(code++) >>> (32 - length);
        }
      }
    }
  }
}
