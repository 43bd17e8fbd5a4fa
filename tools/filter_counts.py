"""Writes what awkward-array selects of samples/events_sample.root, for EntryFilterTest: for each expression the
number of entries and the sum of their numbers. Run: python tools/filter_counts.py > physics/src/test/resources/filter_counts.tsv"""

import pathlib

import awkward as ak
import numpy as np
import uproot

sample = pathlib.Path(__file__).parent.parent / "samples" / "events_sample.root"
e = uproot.open(sample)["Events"].arrays()
pt, eta = e.Jet_pt, e.Jet_eta
leading = ak.fill_none(ak.firsts(pt), -1)
second = ak.fill_none(ak.firsts(pt[:, 1:]), -1)
flavour = abs(e.Jet_partonFlavour)
selections = {
    "nJet >= 2": e.nJet >= 2,
    "nJet >= 2 && Jet_pt[0] > 200": (e.nJet >= 2) & (leading > 200),
    "size(Jet_pt) > 1 && Jet_pt[1] > 120.5": second > 120.5,
    "Jet_pt.exists(p, p > 300.0) || MET_pt > 40.0": ak.any(pt > 300, axis=1) | (e.MET_pt > 40),
    "Jet_pt.filter(p, p > 50.0).size() >= 2": ak.num(pt[pt > 50]) >= 2,
    "Jet_eta.all(x, abs(x) < 1.5)": ak.all(abs(eta) < 1.5, axis=1),
    "sum(Jet_pt) > 700.0": ak.sum(ak.values_astype(pt, np.float64), axis=1) > 700,
    "Jet_partonFlavour.exists(f, f != 0 && f <= 3 && f >= -3)": ak.any((flavour > 0) & (flavour <= 3), axis=1),
    "size(PFCands_pt) > 300": ak.num(e.PFCands_pt) > 300,
    "run == 1 && event % 2 == 0": (e.run == 1) & (e.event % 2 == 0),
    "Jet_nConstituents.all(n, n > 20)": ak.all(e.Jet_nConstituents > 20, axis=1),
    "MET_pt / 2.0 > 10.0": e.MET_pt / 2 > 10,
    "!(process == 1) && abs(MET_phi) < 1.0": (e.process != 1) & (abs(e.MET_phi) < 1.0),
    "double(nJet) * MET_pt >= sqrt(MET_pt) + 100.0": e.nJet * ak.values_astype(e.MET_pt, np.float64)
    >= np.sqrt(ak.values_astype(e.MET_pt, np.float64)) + 100,
    "nJet > 1000": e.nJet > 1000,
    "true": e.nJet == e.nJet,
}
for expression, mask in selections.items():
    entries = np.flatnonzero(ak.to_numpy(mask))
    print(expression, len(entries), int(entries.sum()), sep="\t")
