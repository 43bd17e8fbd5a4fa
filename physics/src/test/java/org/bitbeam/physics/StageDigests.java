package org.bitbeam.physics;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.EventBatchCodec;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.calo.ShowerModels;
import org.bitbeam.physics.calo.ShowerOptions;
import org.bitbeam.physics.calo.ShowerSimulator;
import org.bitbeam.physics.eft.EftEstimator;
import org.bitbeam.physics.eft.EftFixtures;
import org.bitbeam.physics.tagging.JetTagger;
import org.bitbeam.physics.tagging.Samples;
import org.bitbeam.runtime.BackendOptions;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.CodeProducts;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;

/** Prints the SHA-256 of the columns of each stage with backend bit, for each way of its sums. */
final class StageDigests {
  private static final String ANGLE =
      "{\"kind\": \"eft\", \"variables\": [\"jet_pt\"], \"angle\": {\"output\": \"output\"}}";
  private static final int ENTRIES = 40;
  private static final int FEW = 3;

  private StageDigests() {}

  public static void main(String[] arguments) throws IOException {
    all().forEach((name, digest) -> System.out.println(name + "=" + digest));
  }

  static Map<String, String> all() throws IOException {
    ModelBundle eft = EftFixtures.bundle(ANGLE, "2x10_bit30");
    EventBatch jets = EftFixtures.jets("angles", 0.5f, 1);
    EventBatch events = Samples.events().slice(0, ENTRIES);
    Map<String, String> digests = new LinkedHashMap<>();
    for (CodeProducts products : CodeProducts.values()) {
      for (String tagger : List.of("pfn-bit", "part-bit", "pdat-bit", "pdat-masked-bit")) {
        ModelBundle bundle = Samples.bundle(tagger);
        digests.put(
            "tag " + tagger + " " + products,
            digest(
                bundle,
                products,
                networks ->
                    JetTagger.of(bundle, networks.values().iterator().next(), JetTagger.DEFAULTS),
                tagger.startsWith("pdat") ? events.slice(0, FEW) : events));
      }
      digests.put(
          "eft " + products,
          digest(
              eft,
              products,
              networks ->
                  EftEstimator.of(eft, List.copyOf(networks.values()), EftEstimator.DEFAULTS),
              jets));
      for (String simulator : List.of("calo-tiny-bit", "calodream-bit")) {
        ModelBundle calo = Samples.bundle(simulator);
        digests.put(
            "simulate " + simulator + " " + products,
            digest(
                calo,
                products,
                networks ->
                    new ShowerSimulator(
                        ShowerModels.of(calo, networks),
                        new ShowerOptions("energy", 1, 1, ShowerOptions.OutOfRange.ERROR, false)),
                incident().slice(0, simulator.equals("calodream-bit") ? FEW : ENTRIES)));
      }
    }
    return digests;
  }

  private static EventBatch incident() {
    double[] energies = new double[ENTRIES];
    for (int i = 0; i < ENTRIES; i++) {
      energies[i] = 2000 + 1000 * i;
    }
    DoubleColumn column = DoubleColumn.of(energies);
    return EventBatch.of(
        new Origin("", "", "showers", 0),
        new Schema(List.of(Schema.Field.of("energy", column.type()))),
        List.of(column),
        ENTRIES);
  }

  private static String digest(
      ModelBundle bundle,
      CodeProducts products,
      Function<Map<String, Network>, Stage> stage,
      EventBatch batch) {
    Map<String, Network> networks = new LinkedHashMap<>();
    for (String role : bundle.roles()) {
      networks.put(
          role,
          bundle.load(
              role,
              Backends.standard().get("bit"),
              BackendOptions.DEFAULT.withCodeProducts(products)));
    }
    EventBatch result = stage.apply(networks).apply(batch, (name, amount) -> {});
    networks.values().forEach(Network::close);
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(EventBatchCodec.encode(result));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
