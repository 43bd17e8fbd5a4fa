package org.bitbeam.physics.generate;

import java.util.Arrays;

/**
 * Mass of a jet after soft drop with beta = 0 (Larkoski, Marzani, Soyez and Thaler, arXiv
 * 1402.2657): the particles are clustered by angle (Cambridge and Aachen, E scheme), then the
 * softer branch of each splitting is dropped until it carries enough transverse momentum.
 */
final class SoftDrop {
  private static final double CUT = 0.1; // zcut

  private final Momentum[] momenta;
  private final double[] y;
  private final double[] phi;
  private final int[] nearest;
  private final double[] distance;
  private final int[] node; // of the tree, for each active place

  // Tree: particles first, then the results of clustering.
  private final Momentum[] tree;
  private final int[] first;
  private final int[] second;

  private SoftDrop(Particles particles) {
    int count = particles.count();
    momenta = new Momentum[count];
    y = new double[count];
    phi = new double[count];
    nearest = new int[count];
    distance = new double[count];
    node = new int[count];
    tree = new Momentum[2 * count - 1];
    first = new int[2 * count - 1];
    second = new int[2 * count - 1];
    Arrays.fill(first, -1);
    for (int i = 0; i < count; i++) {
      tree[i] = particles.momentum(i);
      place(i, i);
    }
  }

  /** The groomed mass, GeV; 0 without particles. */
  static double mass(Particles particles) {
    if (particles.count() == 0) {
      return 0;
    }
    return new SoftDrop(particles).mass();
  }

  private void place(int at, int which) {
    node[at] = which;
    momenta[at] = tree[which];
    y[at] = momenta[at].rapidity();
    phi[at] = momenta[at].phi();
  }

  private double mass() {
    int active = momenta.length;
    int made = active;
    for (int i = 0; i < active; i++) {
      findNearest(i, active);
    }
    while (active > 1) {
      int a = 0;
      for (int i = 1; i < active; i++) {
        if (distance[i] < distance[a]) {
          a = i;
        }
      }
      int b = nearest[a];
      tree[made] = momenta[a].plus(momenta[b]);
      first[made] = node[a];
      second[made] = node[b];
      merge(Math.min(a, b), Math.max(a, b), made++, --active);
    }
    return declustered(made - 1).mass();
  }

  /** Puts the pair at {@code a}, the last place at {@code b}. */
  private void merge(int a, int b, int made, int active) {
    place(a, made);
    if (b < active) {
      node[b] = node[active];
      momenta[b] = momenta[active];
      y[b] = y[active];
      phi[b] = phi[active];
      nearest[b] = nearest[active];
      distance[b] = distance[active];
    }
    for (int i = 0; i < active; i++) {
      if (i == a || nearest[i] == a || nearest[i] == b) {
        findNearest(i, active);
      } else {
        if (nearest[i] == active) {
          nearest[i] = b;
        }
        double toPair = distance(i, a);
        if (toPair < distance[i]) {
          distance[i] = toPair;
          nearest[i] = a;
        }
      }
    }
  }

  private void findNearest(int i, int active) {
    distance[i] = Double.POSITIVE_INFINITY;
    for (int j = 0; j < active; j++) {
      double d = j == i ? Double.POSITIVE_INFINITY : distance(i, j);
      if (d < distance[i]) {
        distance[i] = d;
        nearest[i] = j;
      }
    }
  }

  private double distance(int i, int j) {
    double dy = y[i] - y[j];
    double dphi = Momentum.wrap(phi[i] - phi[j]);
    return dy * dy + dphi * dphi;
  }

  private Momentum declustered(int root) {
    int at = root;
    while (first[at] >= 0) {
      double a = tree[first[at]].pt();
      double b = tree[second[at]].pt();
      if (Math.min(a, b) > CUT * (a + b)) {
        break;
      }
      at = a > b ? first[at] : second[at];
    }
    return tree[at];
  }
}
