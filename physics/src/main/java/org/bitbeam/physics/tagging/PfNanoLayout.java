package org.bitbeam.physics.tagging;

import java.util.ArrayList;
import java.util.List;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Schema;
import org.bitbeam.physics.EventDataException;

/**
 * Events in the manner of CMS PFNano: jets {@code Jet_pt}, candidates {@code PFCands_pt}, and a
 * link table {@code JetPFCands_jetIdx}, {@code JetPFCands_pFCandsIdx} with a row for every
 * candidate of every jet. Other spellings that occur are taken too.
 */
record PfNanoLayout(String jetPrefix) implements ConstituentLayout {
  static final PfNanoLayout DEFAULT = new PfNanoLayout("Jet");

  private static final List<String> CANDIDATES = List.of("PFCands", "PFCand");
  private static final List<String> CANDIDATE_INDEX =
      List.of("pFCandsIdx", "pfcandIdx", "pfCandIdx", "pFCandIdx", "candIdx");

  /** The spelling found in a dataset. */
  private record Names(String candidates, String jetIndex, String candidateIndex) {}

  @Override
  public String name() {
    return "pfnano";
  }

  @Override
  public PfNanoLayout withJetPrefix(String prefix) {
    return new PfNanoLayout(prefix);
  }

  @Override
  public PfNanoLayout resolve(Schema dataset) {
    MissingColumnsException.check(name(), dataset, columns(dataset));
    return this;
  }

  @Override
  public boolean isOneJetAnEntry() {
    return false;
  }

  @Override
  public List<String> columns(Schema dataset) {
    Names names = names(dataset);
    List<String> columns = new ArrayList<>(jetColumns());
    columns.addAll(candidateColumns(names));
    columns.add(names.candidates() + "_pdgId");
    columns.add(names.jetIndex());
    columns.add(names.candidateIndex());
    return List.copyOf(columns);
  }

  @Override
  public JetConstituents read(EventBatch batch) {
    Names names = names(batch.schema());
    JaggedGroup jets = JaggedGroup.read(batch, jetColumns());
    JaggedGroup candidates = JaggedGroup.read(batch, candidateColumns(names));
    String candidatePt = names.candidates() + "_pt";
    int[] pdgId = candidates.integers(batch, candidatePt, names.candidates() + "_pdgId");

    JaggedGroup links = JaggedGroup.read(batch, List.of(names.jetIndex()));
    int[] jetIndex = links.integers(batch, names.jetIndex(), names.jetIndex());
    int[] candidateIndex = links.integers(batch, names.jetIndex(), names.candidateIndex());
    int[] jetOfLink = new int[jetIndex.length];
    int[] constituentOffsets = new int[jets.size() + 1];
    for (int entry = 0; entry < batch.entries(); entry++) {
      int firstJet = jets.offsets()[entry];
      int firstCandidate = candidates.offsets()[entry];
      int jetCount = jets.offsets()[entry + 1] - firstJet;
      int candidateCount = candidates.offsets()[entry + 1] - firstCandidate;
      int firstLink = links.offsets()[entry];
      for (int i = firstLink; i < links.offsets()[entry + 1]; i++) {
        if (jetIndex[i] < 0 || jetIndex[i] >= jetCount) {
          throw outside(
              batch, entry, names.jetIndex(), i - firstLink, jetIndex[i], jetCount, "jets");
        }
        if (candidateIndex[i] < 0 || candidateIndex[i] >= candidateCount) {
          throw outside(
              batch,
              entry,
              names.candidateIndex(),
              i - firstLink,
              candidateIndex[i],
              candidateCount,
              "candidates");
        }
        jetOfLink[i] = firstJet + jetIndex[i];
        candidateIndex[i] += firstCandidate;
        constituentOffsets[jetOfLink[i] + 1]++;
      }
    }
    for (int jet = 0; jet < jets.size(); jet++) {
      constituentOffsets[jet + 1] += constituentOffsets[jet];
    }
    int[] next = constituentOffsets.clone();
    int[] members = new int[jetOfLink.length];
    for (int i = 0; i < members.length; i++) {
      members[next[jetOfLink[i]]++] = candidateIndex[i];
    }
    return JetConstituents.collect(
        jets.offsets(), jets.values(), constituentOffsets, members, candidates.values(), pdgId);
  }

  private List<String> jetColumns() {
    return List.of(jetPrefix + "_pt", jetPrefix + "_eta", jetPrefix + "_phi", jetPrefix + "_mass");
  }

  private static List<String> candidateColumns(Names names) {
    return List.of(
        names.candidates() + "_pt", names.candidates() + "_eta", names.candidates() + "_phi");
  }

  private Names names(Schema dataset) {
    String candidates = CANDIDATES.get(0);
    for (String name : CANDIDATES) {
      if (dataset.indexOf(name + "_pt") >= 0) {
        candidates = name;
        break;
      }
    }
    for (String table : CANDIDATES) {
      for (String index : CANDIDATE_INDEX) {
        String link = jetPrefix + table + "_" + index;
        if (dataset.indexOf(link) >= 0) {
          return new Names(candidates, jetPrefix + table + "_jetIdx", link);
        }
      }
    }
    String table = jetPrefix + CANDIDATES.get(0);
    return new Names(candidates, table + "_jetIdx", table + "_" + CANDIDATE_INDEX.get(0));
  }

  private static EventDataException outside(
      EventBatch batch, int entry, String column, int row, int index, int count, String what) {
    return new EventDataException(
        batch.origin(),
        entry,
        column
            + "["
            + row
            + "] is "
            + index
            + ", but the entry has "
            + count
            + " "
            + what
            + "; was the link table written for another selection of them?");
  }
}
