package org.bitbeam.physics.tagging;

import java.util.List;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.physics.EventDataException;

/**
 * Joins jets and candidates by a table of pairs of their numbers in the entry, as CMS PFNano has.
 */
final class LinkTable {
  private LinkTable() {}

  /**
   * Jets with the candidates that the table gives them.
   *
   * @param jetColumn number of the jet for each row of the table
   * @param candidateColumn number of the candidate
   */
  static JetConstituents join(
      EventBatch batch,
      JaggedGroup jets,
      JaggedGroup candidates,
      int[] pdgId,
      String jetColumn,
      String candidateColumn) {
    JaggedGroup links = JaggedGroup.read(batch, List.of(jetColumn));
    int[] jetIndex = links.integers(batch, jetColumn, jetColumn);
    int[] candidateIndex = links.integers(batch, jetColumn, candidateColumn);
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
          throw outside(batch, entry, jetColumn, i - firstLink, jetIndex[i], jetCount, "jets");
        }
        if (candidateIndex[i] < 0 || candidateIndex[i] >= candidateCount) {
          throw outside(
              batch,
              entry,
              candidateColumn,
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
