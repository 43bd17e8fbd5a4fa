package org.bitbeam.physics.calo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.junit.jupiter.api.Test;

/** Energies and directions of incident particles from their kinematics. */
class IncidentParticlesTest {
  private static EventBatch batch(Map<String, Column> columns, int entries, long first) {
    List<Schema.Field> fields = new ArrayList<>();
    columns.forEach((name, column) -> fields.add(Schema.Field.of(name, column.type())));
    return EventBatch.of(
        new Origin("gen.root", "gen", "Events", first),
        new Schema(fields),
        List.copyOf(columns.values()),
        entries);
  }

  private static double number(EventBatch batch, String column, int index) {
    return ((NumberColumn) batch.column(column)).getDouble(index);
  }

  @Property(tries = 200)
  void bothFormsOfMomentaAreTheSameParticle(
      @ForAll @DoubleRange(min = 0.1, max = 1000) double pt,
      @ForAll @DoubleRange(min = -4, max = 4) double eta,
      @ForAll @DoubleRange(min = -3.14, max = 3.14) double phi,
      @ForAll @DoubleRange(min = 0, max = 200) double mass) {
    Map<String, Column> columns = new LinkedHashMap<>();
    double[] values = {
      pt, eta, phi, mass, pt * Math.cos(phi), pt * Math.sin(phi), pt * Math.sinh(eta)
    };
    for (int i = 0; i < values.length; i++) {
      columns.put("" + i, DoubleColumn.of(values[i]));
    }
    EventBatch given = batch(columns, 1, 7);
    EventBatch angles = IncidentParticles.parse("pt=0, eta=1, phi=2, mass=3", 1000).of(given, 5);
    EventBatch momenta = IncidentParticles.parse("px=4,py=5,pz=6,mass=3", 1000).of(given, 5);
    double momentum = pt * Math.cosh(eta);
    double energy = 1000 * Math.sqrt(momentum * momentum + mass * mass);
    assertEquals(energy, number(angles, IncidentParticles.ENERGY, 0), 1e-10 * energy);
    assertEquals(energy, number(momenta, IncidentParticles.ENERGY, 0), 1e-10 * energy);
    assertEquals(eta, number(angles, IncidentParticles.ETA, 0));
    assertEquals(eta, number(momenta, IncidentParticles.ETA, 0), 1e-10);
    assertEquals(phi, number(momenta, IncidentParticles.PHI, 0), 1e-10);
    assertEquals(5, momenta.origin().firstEntry());
    assertEquals(7, number(momenta, IncidentParticles.ENTRY, 0));
  }

  @Test
  void listsBecomeOneParticleAnEntry() {
    int[] offsets = {0, 2, 2, 3};
    Map<String, Column> columns = new LinkedHashMap<>();
    columns.put("E", ListColumn.of(offsets, FloatColumn.of(1, 2, 3)));
    columns.put("theta", ListColumn.of(offsets, FloatColumn.of(0.5f, 0.25f, -1)));
    columns.put("other", ListColumn.of(new int[] {0, 1, 2, 3}, FloatColumn.of(1, 2, 3)));
    columns.put("label", ListColumn.of(offsets, ListColumn.of(new int[4], IntColumn.of())));
    EventBatch given = batch(columns, 3, 100);
    IncidentParticles kinematics = IncidentParticles.parse("energy=E,eta=theta", 1000);
    EventBatch particles = kinematics.of(given, 40);
    assertEquals(3, particles.entries());
    assertEquals(List.of("E", "theta"), kinematics.columns());
    assertEquals(kinematics.schema(), particles.schema());
    assertTrue(particles.schema().field(IncidentParticles.PHI).isEmpty());
    assertArrayEquals(
        new double[] {1000, 2000, 3000},
        ((DoubleColumn) particles.column(IncidentParticles.ENERGY)).toArray());
    assertEquals(-1, number(particles, IncidentParticles.ETA, 2));
    for (int i = 0; i < 3; i++) {
      assertEquals(new int[] {100, 100, 102}[i], number(particles, IncidentParticles.ENTRY, i));
      assertEquals(new int[] {0, 1, 0}[i], number(particles, IncidentParticles.PARTICLE, i));
    }
    for (String wrong : List.of("energy=E,eta=other", "energy=label")) {
      IncidentParticles bad = IncidentParticles.parse(wrong, 1);
      assertThrows(IllegalArgumentException.class, () -> bad.of(given, 0), wrong);
    }
  }

  @Test
  void whatDescribesNoParticleIsRefused() {
    for (String bad :
        List.of(
            "",
            "energy",
            "energy=",
            "pt=a,eta=b",
            "energy=a,energy=b",
            "pt=a,eta=b,phi=c,pz=d",
            "px=a,py=b,pz=c,mass=d,energy=e",
            "energy=a,mass=b")) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> IncidentParticles.parse(bad, 1), bad)
              .getMessage();
      assertTrue(message.contains("px=COLUMN"), message);
    }
  }
}
