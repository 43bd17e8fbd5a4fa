package org.bitbeam.physics.tagging;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Schema;

/**
 * How a dataset holds jets and their constituents. Immutable.
 *
 * <table>
 * <caption>Layouts</caption>
 * <tr><th>name</th><th>an entry is</th><th>constituents</th></tr>
 * <tr><td>{@code jets}</td><td>a jet</td><td>{@code Part_pt ...} of that jet</td></tr>
 * <tr><td>{@code pfnano}</td><td>an event</td><td>{@code PFCands_pt ...}, joined by the link table
 *     {@code JetPFCands_*} (CMS PFNano)</td></tr>
 * <tr><td>{@code delphes}</td><td>an event</td><td>energy flow objects, referred to by {@code
 *     Jet/Jet.Constituents}</td></tr>
 * <tr><td>{@code auto}</td><td colspan="2">the first of pfnano, jets, delphes whose columns are
 *     there</td></tr>
 * </table>
 *
 * <p>Values of any number type are taken and rounded to single precision.
 */
public sealed interface ConstituentLayout
    permits JetsLayout, PfNanoLayout, DelphesLayout, MappedLayout, AutoLayout {

  /** A jet-level tree with {@code jet_pt} and {@code Part_pt}. */
  static ConstituentLayout jets() {
    return JetsLayout.DEFAULT;
  }

  /** Events with {@code Jet_pt}, {@code PFCands_pt} and {@code JetPFCands_jetIdx}. */
  static ConstituentLayout pfnano() {
    return PfNanoLayout.DEFAULT;
  }

  /** Events of Delphes; jets without references are refused. */
  static ConstituentLayout delphes() {
    return DelphesLayout.DEFAULT;
  }

  /**
   * Events of Delphes; where {@code Jet.Constituents} is not available, energy flow objects go to
   * the nearest jet within dR &lt; 0.5. An approximation: the objects of a jet are not those it was
   * clustered from.
   */
  static ConstituentLayout delphesMatchedByDistance() {
    return DelphesLayout.DEFAULT.matchedByDistance();
  }

  /** Whichever of the layouts a dataset has. */
  static ConstituentLayout auto() {
    return AutoLayout.DEFAULT;
  }

  /**
   * The layout of that name, or the one that a JSON object describes by the names of its columns
   * (docs/tagging.md).
   *
   * @throws IllegalArgumentException when there is none; says which there are
   */
  static ConstituentLayout of(String name) {
    if (name.startsWith("{")) {
      return MappedLayout.parse(name);
    }
    return switch (name) {
      case "jets" -> jets();
      case "pfnano" -> pfnano();
      case "delphes" -> delphes();
      case "auto" -> auto();
      default ->
          throw new IllegalArgumentException(
              "no layout \""
                  + name
                  + "\"; there are: auto, jets, pfnano, delphes, and descriptions in JSON");
    };
  }

  /**
   * This layout, with the one that a bundle's stage names or describes ({@code "layout"}) as first
   * choice where any is possible ({@code auto}). A choice of the user stands.
   *
   * @throws IllegalArgumentException when the stage's layout is malformed
   */
  default ConstituentLayout orOfStage(JsonNode stage) {
    return this;
  }

  /** The name, such as {@code pfnano}. */
  String name();

  /**
   * The same layout of jets with another prefix, such as {@code FatJet}. Without it the prefix is
   * {@code jet} for jet-level trees and {@code Jet} for events.
   */
  ConstituentLayout withJetPrefix(String prefix);

  /**
   * The layout that a dataset has: this one, or for {@code auto} the one that was found.
   *
   * @throws IllegalArgumentException when columns are missing; says what was looked for and what is
   *     there
   */
  ConstituentLayout resolve(Schema dataset);

  /**
   * Prefix of the jets' columns, such as {@code Jet}.
   *
   * @throws IllegalStateException for {@code auto}, which has to be resolved first; so do the
   *     methods below
   */
  String jetPrefix();

  /** Whether an entry is a jet; otherwise it is an event with any number of jets. */
  boolean isOneJetAnEntry();

  /** Names of the columns to read from a dataset that has this layout. */
  List<String> columns(Schema dataset);

  /**
   * Jets and constituents of a batch.
   *
   * @throws IllegalArgumentException when columns are missing or of the wrong type
   * @throws org.bitbeam.physics.EventDataException when columns of an entry contradict each other
   */
  JetConstituents read(EventBatch batch);
}
