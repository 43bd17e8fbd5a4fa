package org.bitbeam.physics.calo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Incident energies as a user names them, in MeV: {@code log-uniform:1:1000:GeV}, {@code
 * uniform:1:1000:GeV}, {@code grid:256:4194304:15:MeV} (equal steps in the logarithm, one after the
 * other), {@code list:1,10,100:GeV}. Energy i is a function of i and the seed. Immutable.
 */
public final class IncidentEnergies {
  // The noise of showers uses streams 0, 1, ...; this one is theirs alone.
  private static final int STREAM = -1;

  private enum Kind {
    LOG_UNIFORM,
    UNIFORM,
    LIST
  }

  private final Kind kind;
  private final double[] values;
  private final CounterRandom random;

  private IncidentEnergies(Kind kind, double[] values, long seed) {
    this.kind = kind;
    this.values = values;
    this.random = new CounterRandom(seed);
  }

  /**
   * Reads a description.
   *
   * @throws IllegalArgumentException when it is none; says what is possible
   */
  public static IncidentEnergies parse(String text, long seed) {
    String[] parts = text.split(":");
    try {
      double unit = unit(parts[parts.length - 1]);
      if (parts[0].equals("list") && parts.length == 3) {
        List<Double> list = new ArrayList<>();
        for (String value : parts[1].split(",")) {
          list.add(positive(value) * unit);
        }
        return new IncidentEnergies(
            Kind.LIST, list.stream().mapToDouble(Double::doubleValue).toArray(), seed);
      }
      double low = positive(parts[1]) * unit;
      double high = positive(parts[2]) * unit;
      if (high < low) {
        throw new NumberFormatException();
      }
      if (parts[0].equals("grid") && parts.length == 5) {
        int count = Integer.parseInt(parts[3]);
        if (count < 2 || count > 1_000_000) {
          throw new NumberFormatException();
        }
        double[] grid = new double[count];
        for (int i = 0; i < count; i++) {
          grid[i] = low * StrictMath.pow(high / low, (double) i / (count - 1));
        }
        return new IncidentEnergies(Kind.LIST, grid, seed);
      }
      if (parts.length == 4 && (parts[0].equals("log-uniform") || parts[0].equals("uniform"))) {
        Kind kind = parts[0].equals("uniform") ? Kind.UNIFORM : Kind.LOG_UNIFORM;
        return new IncidentEnergies(kind, new double[] {low, high}, seed);
      }
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      // falls through to the one message
    }
    throw new IllegalArgumentException(
        "energies \""
            + text
            + "\"; possible are log-uniform:1:1000:GeV, uniform:1:1000:GeV, grid:1:1000:10:GeV (in the logarithm),"
            + " list:1,10,100:GeV, in MeV, GeV or TeV");
  }

  private static double unit(String unit) {
    return switch (unit.toLowerCase(Locale.ROOT)) {
      case "mev" -> 1;
      case "gev" -> 1e3;
      case "tev" -> 1e6;
      default -> throw new NumberFormatException();
    };
  }

  private static double positive(String text) {
    double value = Double.parseDouble(text);
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new NumberFormatException();
    }
    return value;
  }

  /** Energy of a shower in MeV. */
  public double get(long shower) {
    return switch (kind) {
      case LIST -> values[(int) (shower % values.length)];
      case UNIFORM -> values[0] + random.uniform(shower, STREAM) * (values[1] - values[0]);
      case LOG_UNIFORM ->
          values[0] * StrictMath.pow(values[1] / values[0], random.uniform(shower, STREAM));
    };
  }
}
