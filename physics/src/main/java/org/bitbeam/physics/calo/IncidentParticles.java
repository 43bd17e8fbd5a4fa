package org.bitbeam.physics.calo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.LongColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;

/**
 * Incident particles from the kinematics that columns of a dataset hold: one particle an entry, or
 * a list. The energy is E = sqrt(p^2 + m^2) where none is given; the direction is kept beside it,
 * for shower models know the energy alone. Immutable.
 */
public final class IncidentParticles {
  /** Column of the energies in MeV. */
  public static final String ENERGY = "incidentEnergy";

  /** Column of the pseudorapidities; infinite along the beam. */
  public static final String ETA = "incidentEta";

  /** Column of the azimuths in radians. */
  public static final String PHI = "incidentPhi";

  /** Column of the entries they were in. */
  public static final String ENTRY = "incidentEntry";

  /** Column of their places in the entry, from 0 on. */
  public static final String PARTICLE = "incidentParticle";

  /** What has to be there, and what may be; the first that fits is taken. */
  private record Form(List<String> needed, Set<String> possible) {
    boolean fits(Set<String> given) {
      return given.containsAll(needed)
          && given.stream().allMatch(name -> needed.contains(name) || possible.contains(name));
    }
  }

  private static final List<Form> FORMS =
      List.of(
          new Form(List.of("pt", "eta", "phi"), Set.of("mass", "energy")),
          new Form(List.of("px", "py", "pz"), Set.of("mass", "energy")),
          new Form(List.of("energy"), Set.of("eta", "phi")));

  private final Map<String, String> columns;
  private final double mevPerUnit;

  private IncidentParticles(Map<String, String> columns, double mevPerUnit) {
    this.columns = columns;
    this.mevPerUnit = mevPerUnit;
  }

  /**
   * Reads a description: {@code pt=GenPart_pt,eta=GenPart_eta,phi=GenPart_phi,mass=GenPart_mass},
   * {@code px=...,py=...,pz=...}, or {@code energy=...} with or without {@code eta} and {@code
   * phi}. To momenta, {@code mass} (0 without) or {@code energy} may be added.
   *
   * @param mevPerUnit 1 for columns in MeV, 1000 for GeV
   * @throws IllegalArgumentException when it is none of these
   */
  public static IncidentParticles parse(String text, double mevPerUnit) {
    Map<String, String> columns = new LinkedHashMap<>();
    boolean correct = mevPerUnit > 0;
    for (String part : text.split(",")) {
      int equals = part.indexOf('=');
      correct &=
          equals > 0
              && equals < part.length() - 1
              && columns.put(part.substring(0, equals).strip(), part.substring(equals + 1).strip())
                  == null;
    }
    boolean both = columns.containsKey("mass") && columns.containsKey("energy");
    if (!correct || both || FORMS.stream().noneMatch(form -> form.fits(columns.keySet()))) {
      throw new IllegalArgumentException(
          "kinematics \""
              + text
              + "\"; possible are pt=COLUMN,eta=COLUMN,phi=COLUMN and px=COLUMN,py=COLUMN,pz=COLUMN, both with or without"
              + " mass=COLUMN or energy=COLUMN, and energy=COLUMN with or without eta=COLUMN and phi=COLUMN");
    }
    return new IncidentParticles(columns, mevPerUnit);
  }

  /** Columns that are read. */
  public List<String> columns() {
    return List.copyOf(columns.values());
  }

  /** What {@link #of} makes; directions as far as the columns have them. */
  public Schema schema() {
    ColumnType real = ColumnType.Primitive.FLOAT64;
    List<Schema.Field> fields = new ArrayList<>();
    fields.add(new Schema.Field(ENERGY, real, "energy of the incident particle", "MeV"));
    if (has("px") || has("eta")) {
      fields.add(new Schema.Field(ETA, real, "pseudorapidity of the incident particle", ""));
    }
    if (has("px") || has("phi")) {
      fields.add(new Schema.Field(PHI, real, "azimuth of the incident particle", "rad"));
    }
    fields.add(
        new Schema.Field(ENTRY, ColumnType.Primitive.INT64, "its entry in the input file", ""));
    fields.add(
        new Schema.Field(PARTICLE, ColumnType.Primitive.INT32, "its place in that entry", ""));
    return new Schema(fields);
  }

  private boolean has(String name) {
    return columns.containsKey(name);
  }

  /**
   * The particles of a batch, one an entry.
   *
   * @param firstParticle number of the first one among all of the dataset
   * @throws IllegalArgumentException when a column holds no numbers, or the columns do not have
   *     equally many
   */
  public EventBatch of(EventBatch batch, long firstParticle) {
    Map<String, NumberColumn> given = new LinkedHashMap<>();
    int[] offsets = offsets(batch, columns().get(0));
    for (Map.Entry<String, String> column : columns.entrySet()) {
      if (!Arrays.equals(offsets, offsets(batch, column.getValue()))) {
        throw new IllegalArgumentException(
            batch.origin() + ": " + columns.values() + " do not have equally many particles");
      }
      given.put(column.getKey(), numbers(batch, column.getValue()));
    }
    int particles = given.values().iterator().next().length();
    double[] energy = new double[particles];
    double[] eta = new double[particles];
    double[] phi = new double[particles];
    long[] entry = new long[particles];
    int[] place = new int[particles];
    int at = 0;
    for (int i = 0; i < particles; i++) {
      while (offsets[at + 1] <= i) {
        at++;
      }
      entry[i] = batch.origin().firstEntry() + at;
      place[i] = i - offsets[at];
      Kinematics one = new Kinematics(given, i);
      energy[i] = one.energy() * mevPerUnit;
      eta[i] = one.eta();
      phi[i] = one.phi();
    }
    Map<String, Column> made =
        Map.of(
            ENERGY, DoubleColumn.of(energy),
            ETA, DoubleColumn.of(eta),
            PHI, DoubleColumn.of(phi),
            ENTRY, LongColumn.of(entry),
            PARTICLE, IntColumn.of(place));
    Schema schema = schema();
    Origin origin = batch.origin();
    return EventBatch.of(
        new Origin(
            origin.file(), origin.fingerprint(), "particles of " + origin.dataset(), firstParticle),
        schema,
        schema.names().stream().map(made::get).toList(),
        particles);
  }

  private static int[] offsets(EventBatch batch, String name) {
    if (batch.column(name) instanceof ListColumn list) {
      return list.elementOffsets();
    }
    int[] offsets = new int[batch.entries() + 1];
    Arrays.setAll(offsets, i -> i);
    return offsets;
  }

  private static NumberColumn numbers(EventBatch batch, String name) {
    Column column = batch.column(name);
    Column content = column instanceof ListColumn list ? list.elements() : column;
    if (!(content instanceof NumberColumn numbers)) {
      throw new IllegalArgumentException(
          batch.origin()
              + ": column "
              + name
              + " is "
              + column.type().shape()
              + ", expected a number or a list of numbers an entry");
    }
    return numbers;
  }

  /** One particle. */
  private record Kinematics(Map<String, NumberColumn> columns, int index) {
    double of(String name) {
      NumberColumn column = columns.get(name);
      return column == null ? 0 : column.getDouble(index);
    }

    double transverse() {
      return columns.containsKey("px")
          ? Math.sqrt(of("px") * of("px") + of("py") * of("py"))
          : of("pt");
    }

    double energy() {
      if (columns.containsKey("energy")) {
        return of("energy");
      }
      double along =
          columns.containsKey("px") ? of("pz") : transverse() * StrictMath.sinh(of("eta"));
      double mass = of("mass");
      return Math.sqrt(transverse() * transverse() + along * along + mass * mass);
    }

    /** asinh(pz / pT), without cancellation for negative pz. */
    double eta() {
      if (!columns.containsKey("px")) {
        return of("eta");
      }
      double ratio = Math.abs(of("pz")) / transverse();
      return Math.copySign(StrictMath.log(ratio + Math.sqrt(ratio * ratio + 1)), of("pz"));
    }

    double phi() {
      return columns.containsKey("px") ? StrictMath.atan2(of("py"), of("px")) : of("phi");
    }
  }
}
