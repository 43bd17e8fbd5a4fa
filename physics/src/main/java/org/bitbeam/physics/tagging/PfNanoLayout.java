package org.bitbeam.physics.tagging;

import java.util.ArrayList;
import java.util.List;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.Schema;

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

    return LinkTable.join(batch, jets, candidates, pdgId, names.jetIndex(), names.candidateIndex());
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
}
