#!/usr/bin/env python3
"""Makes root-classes.root: an empty file of ROOT's own whose StreamerInfo record describes the classes
that TreeWriter and friends write (usage: python make_root_classes.py OUT.root; needs the PyPI package `root`)."""
import array
import sys

import ROOT

f = ROOT.TFile(sys.argv[1], "RECREATE", "", 207)
t = ROOT.TTree("t", "t")
keep = []
for code in "BbSsIiLlGgFDfdO":
    a = array.array("d", [0.0])
    keep.append(a)
    t.Branch("leaf_" + code, a, f"leaf_{code}/{code}")
text = bytearray(b"x\0")
keep.append(text)
t.Branch("leaf_C", text, "leaf_C/C")
v = ROOT.std.vector("float")()
t.Branch("v", v)
info = ROOT.TNamed("a", "b")
ROOT.SetOwnership(info, False)
t.GetUserInfo().Add(info)
t.BranchRef()
other = ROOT.TTree("other", "other")
t.AddFriend(other)
t.Fill()
t.Write()
for h in (ROOT.TH1F("a", "", 1, 0, 1), ROOT.TH1D("b", "", 1, 0, 1), ROOT.TH2F("c", "", 1, 0, 1, 1, 0, 1),
          ROOT.TH2D("d", "", 1, 0, 1, 1, 0, 1), ROOT.TH3D("e", "", 1, 0, 1, 1, 0, 1, 1, 0, 1),
          ROOT.TProfile("g", "", 1, 0, 1), ROOT.TGraph(1), ROOT.TGraphErrors(1), ROOT.TGraphAsymmErrors(1),
          ROOT.TObjString("s"), ROOT.TNamed("n", "n"), ROOT.TNtuple("nt", "nt", "x:y")):
    h.Write()
for kind in "CSIFD":
    for axes in (1, 2, 3):
        getattr(ROOT, f"TH{axes}{kind}")(f"h{axes}{kind}", "", *(1, 0, 1) * axes).Write()
ROOT.TProfile2D("p2", "", 1, 0, 1, 1, 0, 1).Write()
ROOT.TProfile3D("p3", "", 1, 0, 1, 1, 0, 1, 1, 0, 1).Write()
ROOT.TEfficiency("eff", "", 1, 0, 1).Write()
model = ROOT.RNTupleModel.Create()
model.MakeField["float"]("x")
with ROOT.RNTupleWriter.Append(model, "ntuple", f) as writer:
    writer.Fill(writer.CreateEntry())
f.Close()
