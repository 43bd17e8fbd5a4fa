package org.bitbeam.physics.eft;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.runtime.BundleWriter;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Npy;
import org.bitbeam.runtime.Tensor;

/** Networks and jets of SMEFTNet's fixtures. */
public final class EftFixtures {
  private EftFixtures() {}

  static byte[] resource(String name) {
    try (InputStream in = EftFixtures.class.getResourceAsStream("/eft/" + name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Tensor array(String name) {
    try {
      return Npy.parse(name, resource(name + ".npy"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static ModelBundle bundle(String stage, String... networks) throws IOException {
    BundleWriter bundle =
        new BundleWriter(
            "smeftnet", "1.0.0", "random weights", "CC0-1.0", new ObjectMapper().readTree(stage));
    for (int i = 0; i < networks.length; i++) {
      bundle.model("member-" + i, networks[i] + ".onnx", resource(networks[i] + ".script.onnx"));
    }
    return bundle.bundle();
  }

  /** The 16 jets of the fixtures around the axis (eta, phi). */
  public static EventBatch jets(String angles, float eta, float phi) {
    float[] pt = array("pt").floats();
    float[] plane = array(angles).floats();
    float[] jetPt = array("scalars").floats();
    int[] offsets = new int[17];
    float[][] parts = new float[3][pt.length];
    int at = 0;
    for (int jet = 0; jet < 16; jet++) {
      for (int i = jet * 40; i < jet * 40 + 40; i++) {
        if (pt[i] > 0) {
          parts[0][at] = pt[i];
          parts[1][at] = eta + plane[2 * i];
          parts[2][at] = (float) Math.IEEEremainder((double) phi + plane[2 * i + 1], 2 * Math.PI);
          at++;
        }
      }
      offsets[jet + 1] = at;
    }
    float[] etas = new float[16];
    float[] phis = new float[16];
    java.util.Arrays.fill(etas, eta);
    java.util.Arrays.fill(phis, phi);
    Map<String, Column> columns = new LinkedHashMap<>();
    columns.put("jet_pt", FloatColumn.of(jetPt));
    columns.put("jet_eta", FloatColumn.of(etas));
    columns.put("jet_phi", FloatColumn.of(phis));
    columns.put("jet_mass", FloatColumn.of(new float[16]));
    String[] names = {"Part_pt", "Part_eta", "Part_phi"};
    for (int v = 0; v < 3; v++) {
      columns.put(
          names[v], ListColumn.of(offsets, FloatColumn.of(java.util.Arrays.copyOf(parts[v], at))));
    }
    columns.put("Part_pdgId", ListColumn.of(offsets, IntColumn.of(new int[at])));
    return batch(columns, 16);
  }

  static EventBatch batch(Map<String, Column> columns, int entries) {
    List<Schema.Field> fields = new ArrayList<>();
    columns.forEach((name, column) -> fields.add(Schema.Field.of(name, column.type())));
    return EventBatch.of(
        new Origin("test.root", "test", "jets", 0),
        new Schema(fields),
        List.copyOf(columns.values()),
        entries);
  }
}
