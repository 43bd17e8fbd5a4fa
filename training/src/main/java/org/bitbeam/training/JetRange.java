package org.bitbeam.training;

import java.util.ArrayList;
import java.util.List;
import org.bitbeam.physics.tagging.JetConstituents;
import org.bitbeam.physics.tagging.TrainedRange;
import org.bitbeam.physics.tagging.TrainedRange.Limit;
import org.bitbeam.physics.tagging.TrainedRange.Quantity;

/** Finds the range of pT and |eta| of jets. For one thread. */
final class JetRange {
  private static final double DIGITS = 1000; // rounded outwards to thousandths

  private double leastPt = Double.POSITIVE_INFINITY;
  private double mostPt = Double.NEGATIVE_INFINITY;
  private double mostAbsEta = Double.NEGATIVE_INFINITY;

  /** One more jet; what is not finite is left out. */
  void add(JetConstituents jets, int jet) {
    double pt = jets.jetPt()[jet];
    double eta = jets.jetEta()[jet];
    if (Double.isFinite(pt)) {
      leastPt = Math.min(leastPt, Math.floor(pt * DIGITS) / DIGITS);
      mostPt = Math.max(mostPt, Math.ceil(pt * DIGITS) / DIGITS);
    }
    if (Double.isFinite(eta)) {
      mostAbsEta = Math.max(mostAbsEta, Math.ceil(Math.abs(eta) * DIGITS) / DIGITS);
    }
  }

  /** Of pT from the least to the most, of |eta| from 0; nothing of what all jets have alike. */
  TrainedRange range() {
    List<Limit> limits = new ArrayList<>();
    if (leastPt < mostPt) {
      limits.add(new Limit(Quantity.JET_PT, leastPt, mostPt));
    }
    if (mostAbsEta > 0) {
      limits.add(new Limit(Quantity.JET_ABS_ETA, 0, mostAbsEta));
    }
    return new TrainedRange(limits);
  }
}
