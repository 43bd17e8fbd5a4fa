package org.bitbeam.physics.tagging;

/** Azimuths. */
final class Angles {
  private Angles() {}

  /** {@code phi - reference}, brought into [-pi, pi). */
  static double difference(double phi, double reference) {
    double period = 2 * Math.PI;
    double turned = (phi - reference + Math.PI) % period;
    return (turned < 0 ? turned + period : turned) - Math.PI;
  }
}
