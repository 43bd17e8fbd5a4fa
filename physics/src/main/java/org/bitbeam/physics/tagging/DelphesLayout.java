package org.bitbeam.physics.tagging;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bitbeam.columns.ColumnType;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.NumberColumn;
import org.bitbeam.columns.RecordColumn;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.EventDataException;

/**
 * Events of Delphes: jets {@code Jet/Jet.PT} whose {@code Jet/Jet.Constituents} (ROOT: {@code
 * TRefArray}) refers to energy flow objects by their {@code fUniqueID}. Tracks bring their PDG
 * identifier; photons count as 22, neutral hadrons as 130 (a long-lived kaon).
 *
 * <p>The column of references is either {@code list<list<uint32>>} (per jet the identifiers) or a
 * list of records with a member {@code refs} of such lists. An identifier of 0 is an empty slot.
 */
record DelphesLayout(String jetPrefix, boolean byDistance) implements ConstituentLayout {
  static final DelphesLayout DEFAULT = new DelphesLayout("Jet", false);

  /** Largest distance in (eta, phi) of an object that is matched to a jet. */
  static final double MAX_DISTANCE = 0.5;

  private static final String REFS = "refs";
  private static final int PHOTON = 22;
  private static final int NEUTRAL_HADRON = 130;

  private record ObjectKind(String branch, String pt, int pdgId) {
    String column(String leaf) {
      return branch + "/" + branch + "." + leaf;
    }
  }

  private static final List<ObjectKind> OBJECTS =
      List.of(
          new ObjectKind("EFlowTrack", "PT", 0),
          new ObjectKind("EFlowPhoton", "ET", PHOTON),
          new ObjectKind("EFlowNeutralHadron", "ET", NEUTRAL_HADRON));

  /** Energy flow objects of a batch, entry by entry: tracks, photons, neutral hadrons. */
  private record Objects(int[] offsets, float[][] values, int[] pdgId, int[] uniqueId) {}

  DelphesLayout matchedByDistance() {
    return new DelphesLayout(jetPrefix, true);
  }

  @Override
  public String name() {
    return "delphes";
  }

  @Override
  public DelphesLayout withJetPrefix(String prefix) {
    return new DelphesLayout(prefix, byDistance);
  }

  @Override
  public DelphesLayout resolve(Schema dataset) {
    List<String> columns = new ArrayList<>(columns(dataset));
    if (!hasReferences(dataset)) {
      if (!byDistance) {
        throw MissingColumnsException.of(
            name(),
            dataset,
            "needs "
                + references()
                + " as list<list<uint32>>, or the option to match energy flow objects to jets by"
                + " distance");
      }
      columns.remove(references());
    }
    MissingColumnsException.check(name(), dataset, columns);
    return this;
  }

  @Override
  public boolean isOneJetAnEntry() {
    return false;
  }

  @Override
  public List<String> columns(Schema dataset) {
    List<String> columns = new ArrayList<>(jetColumns());
    boolean references = hasReferences(dataset);
    if (references || !byDistance) {
      columns.add(references());
    }
    for (ObjectKind kind : OBJECTS) {
      columns.addAll(objectColumns(kind));
      if (kind.pdgId() == 0) {
        columns.add(kind.column("PID"));
      }
      if (references || !byDistance) {
        columns.add(kind.column("fUniqueID"));
      }
    }
    return List.copyOf(columns);
  }

  @Override
  public JetConstituents read(EventBatch batch) {
    resolve(batch.schema());
    boolean references = hasReferences(batch.schema());
    JaggedGroup jets = JaggedGroup.read(batch, jetColumns());
    Objects objects = objects(batch, references);
    int[] constituentOffsets = new int[jets.size() + 1];
    int[] members =
        references
            ? referenced(batch, jets, objects, constituentOffsets)
            : nearest(batch, jets, objects, constituentOffsets);
    return JetConstituents.collect(
        jets.offsets(),
        jets.values(),
        constituentOffsets,
        members,
        objects.values(),
        objects.pdgId());
  }

  private int[] referenced(
      EventBatch batch, JaggedGroup jets, Objects objects, int[] constituentOffsets) {
    ListColumn jetLists = referenceLists(batch);
    ColumnReading.sameCounts(batch, jetColumns().get(0), jets.offsets(), references(), jetLists);
    ListColumn perJet = (ListColumn) jetLists.elements();
    int[] ids = ColumnReading.bits32(batch, references(), (NumberColumn) perJet.elements());
    int[] idOffsets = perJet.elementOffsets();
    int[] members = new int[ids.length];
    int used = 0;
    Map<Integer, Integer> byId = new HashMap<>();
    for (int entry = 0; entry < batch.entries(); entry++) {
      byId.clear();
      for (int i = objects.offsets()[entry]; i < objects.offsets()[entry + 1]; i++) {
        int id = objects.uniqueId()[i];
        if (id != 0 && byId.put(id, i) != null) {
          throw new EventDataException(
              batch.origin(),
              entry,
              "two energy flow objects have the fUniqueID " + Integer.toUnsignedString(id));
        }
      }
      for (int jet = jets.offsets()[entry]; jet < jets.offsets()[entry + 1]; jet++) {
        for (int i = idOffsets[jet]; i < idOffsets[jet + 1]; i++) {
          if (ids[i] != 0) {
            Integer object = byId.get(ids[i]);
            if (object == null) {
              throw new EventDataException(
                  batch.origin(),
                  entry,
                  references()
                      + " of jet "
                      + (jet - jets.offsets()[entry])
                      + " refers to object "
                      + Integer.toUnsignedString(ids[i])
                      + ", which is no EFlowTrack, EFlowPhoton or EFlowNeutralHadron of this"
                      + " entry");
            }
            members[used++] = object;
          }
        }
        constituentOffsets[jet + 1] = used;
      }
    }
    return Arrays.copyOf(members, used);
  }

  private static int[] nearest(
      EventBatch batch, JaggedGroup jets, Objects objects, int[] constituentOffsets) {
    int[] jetOfObject = new int[objects.pdgId().length];
    for (int entry = 0; entry < batch.entries(); entry++) {
      for (int i = objects.offsets()[entry]; i < objects.offsets()[entry + 1]; i++) {
        jetOfObject[i] = -1;
        double best = MAX_DISTANCE * MAX_DISTANCE;
        for (int jet = jets.offsets()[entry]; jet < jets.offsets()[entry + 1]; jet++) {
          double deta = (double) objects.values()[1][i] - jets.values()[1][jet];
          double dphi = Angles.difference(objects.values()[2][i], jets.values()[2][jet]);
          double distance = deta * deta + dphi * dphi;
          if (distance < best) {
            best = distance;
            jetOfObject[i] = jet;
          }
        }
        if (jetOfObject[i] >= 0) {
          constituentOffsets[jetOfObject[i] + 1]++;
        }
      }
    }
    for (int jet = 0; jet < jets.size(); jet++) {
      constituentOffsets[jet + 1] += constituentOffsets[jet];
    }
    int[] next = constituentOffsets.clone();
    int[] members = new int[constituentOffsets[jets.size()]];
    for (int i = 0; i < jetOfObject.length; i++) {
      if (jetOfObject[i] >= 0) {
        members[next[jetOfObject[i]]++] = i;
      }
    }
    return members;
  }

  private static Objects objects(EventBatch batch, boolean withIds) {
    List<JaggedGroup> groups = new ArrayList<>();
    List<int[]> pdgIds = new ArrayList<>();
    List<int[]> uniqueIds = new ArrayList<>();
    int total = 0;
    for (ObjectKind kind : OBJECTS) {
      JaggedGroup group = JaggedGroup.read(batch, objectColumns(kind));
      String first = objectColumns(kind).get(0);
      int[] pdgId = new int[group.size()];
      Arrays.fill(pdgId, kind.pdgId());
      groups.add(group);
      pdgIds.add(kind.pdgId() == 0 ? group.integers(batch, first, kind.column("PID")) : pdgId);
      uniqueIds.add(
          withIds ? uniqueIds(batch, group, first, kind.column("fUniqueID")) : new int[0]);
      total = Math.addExact(total, group.size());
    }
    int[] offsets = new int[batch.entries() + 1];
    float[][] values = new float[3][total];
    int[] pdgId = new int[total];
    int[] uniqueId = new int[withIds ? total : 0];
    int at = 0;
    for (int entry = 0; entry < batch.entries(); entry++) {
      for (int g = 0; g < groups.size(); g++) {
        int from = groups.get(g).offsets()[entry];
        int count = groups.get(g).offsets()[entry + 1] - from;
        for (int v = 0; v < 3; v++) {
          System.arraycopy(groups.get(g).values()[v], from, values[v], at, count);
        }
        System.arraycopy(pdgIds.get(g), from, pdgId, at, count);
        if (withIds) {
          System.arraycopy(uniqueIds.get(g), from, uniqueId, at, count);
        }
        at += count;
      }
      offsets[entry + 1] = at;
    }
    return new Objects(offsets, values, pdgId, uniqueId);
  }

  private static int[] uniqueIds(EventBatch batch, JaggedGroup group, String first, String name) {
    ListColumn list = ColumnReading.numberLists(batch, name);
    ColumnReading.sameCounts(batch, first, group.offsets(), name, list);
    return ColumnReading.bits32(batch, name, ColumnReading.elements(list));
  }

  private String column(String leaf) {
    return jetPrefix + "/" + jetPrefix + "." + leaf;
  }

  private String references() {
    return column("Constituents");
  }

  private List<String> jetColumns() {
    return List.of(column("PT"), column("Eta"), column("Phi"), column("Mass"));
  }

  private static List<String> objectColumns(ObjectKind kind) {
    return List.of(kind.column(kind.pt()), kind.column("Eta"), kind.column("Phi"));
  }

  private boolean hasReferences(Schema dataset) {
    return dataset
        .field(references())
        .map(
            field ->
                field.type() instanceof ColumnType.ListOf jets
                    && (isIds(jets.element())
                        || jets.element() instanceof ColumnType.RecordOf record
                            && record.members().stream()
                                .anyMatch(m -> m.name().equals(REFS) && isIds(m.type()))))
        .orElse(false);
  }

  private static boolean isIds(ColumnType type) {
    return type instanceof ColumnType.ListOf list
        && list.element() instanceof ColumnType.Primitive number
        && number.bytes() == 4
        && !number.isFloating();
  }

  /** The references as a list of lists, whichever of its two forms the column has. */
  private ListColumn referenceLists(EventBatch batch) {
    ListColumn perEntry = (ListColumn) batch.column(references());
    if (perEntry.elements() instanceof RecordColumn records) {
      return ListColumn.of(
          perEntry.elementOffsets(), records.members().get(records.names().indexOf(REFS)));
    }
    return perEntry;
  }
}
