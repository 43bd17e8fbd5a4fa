package org.bitbeam.physics.tagging;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.bitbeam.columns.Origin;
import org.bitbeam.physics.EventDataException;

/**
 * The jets a network was trained with: {@code trainedFor} in the stage of a bundle, such as {@code
 * {"jetPtGeV": {"minimum": 500, "maximum": 550}}}. What is not named is not limited; both ends
 * belong to the range. Immutable.
 *
 * @param limits of the quantities that are named
 */
public record TrainedRange(List<Limit> limits) {
  /** What a range can be of, under its name in the bundle. */
  public enum Quantity {
    JET_PT("jetPtGeV"),
    JET_ABS_ETA("jetAbsEta"),
    JET_MASS("jetMassGeV");

    private final String key;

    Quantity(String key) {
      this.key = key;
    }

    double of(JetConstituents jets, int jet) {
      return switch (this) {
        case JET_PT -> jets.jetPt()[jet];
        case JET_ABS_ETA -> Math.abs(jets.jetEta()[jet]);
        case JET_MASS -> jets.jetMass()[jet];
      };
    }
  }

  /** From minimum to maximum, GeV for momenta and masses. */
  public record Limit(Quantity quantity, double minimum, double maximum) {
    boolean contains(double value) {
      return value >= minimum && value <= maximum;
    }
  }

  /** What becomes of jets outside. */
  public enum Policy {
    /** The first one ends it with an error that names file and entry. */
    ERROR,
    /** They get results as all others, and are counted. */
    FLAG
  }

  public TrainedRange {
    limits = List.copyOf(limits);
  }

  /**
   * Reads {@code trainedFor}.
   *
   * @param label where it comes from, for messages
   * @param node missing: no limits
   * @throws IllegalArgumentException when it names an unknown quantity or a range that is none
   */
  public static TrainedRange parse(String label, JsonNode node) {
    List<Limit> limits = new ArrayList<>();
    Iterator<Map.Entry<String, JsonNode>> named = node.fields();
    while (named.hasNext()) {
      Map.Entry<String, JsonNode> one = named.next();
      double minimum = one.getValue().path("minimum").asDouble(Double.NaN);
      double maximum = one.getValue().path("maximum").asDouble(Double.NaN);
      if (!(minimum < maximum)) {
        throw new IllegalArgumentException(
            label
                + ": trainedFor "
                + one
                + ": expected numbers \"minimum\" and, above it, \"maximum\"");
      }
      limits.add(new Limit(quantity(label, one.getKey()), minimum, maximum));
    }
    return new TrainedRange(limits);
  }

  /** As {@link #parse} reads it. */
  public JsonNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    for (Limit limit : limits) {
      json.putObject(limit.quantity().key)
          .put("minimum", limit.minimum())
          .put("maximum", limit.maximum());
    }
    return json;
  }

  private static Quantity quantity(String label, String key) {
    List<String> known = new ArrayList<>();
    for (Quantity quantity : Quantity.values()) {
      if (quantity.key.equals(key)) {
        return quantity;
      }
      known.add(quantity.key);
    }
    throw new IllegalArgumentException(
        label + ": trainedFor names \"" + key + "\"; there are: " + known);
  }

  /**
   * Number of jets outside.
   *
   * @param used the jets that get results
   * @param origin of their batch
   * @throws EventDataException when there is one and the policy is {@link Policy#ERROR}
   */
  public long outside(JetConstituents jets, int[] used, Policy policy, Origin origin) {
    long count = 0;
    for (int jet : used) {
      for (Limit limit : limits) {
        double value = limit.quantity().of(jets, jet);
        if (!limit.contains(value)) {
          if (policy == Policy.ERROR) {
            throw refusal(jets, jet, limit, value, origin);
          }
          count++;
          break;
        }
      }
    }
    return count;
  }

  private static EventDataException refusal(
      JetConstituents jets, int jet, Limit limit, double value, Origin origin) {
    int entry = 0;
    while (jets.jetOffsets()[entry + 1] <= jet) {
      entry++;
    }
    return new EventDataException(
        origin,
        entry,
        limit.quantity().key
            + " of jet "
            + (jet - jets.jetOffsets()[entry])
            + " is "
            + value
            + ", the model was trained from "
            + limit.minimum()
            + " to "
            + limit.maximum()
            + "; the other policy is flag");
  }
}
