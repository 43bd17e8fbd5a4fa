"""Writes more_objects.root with ROOT: objects that have no view of their own, and symmetric matrices.

MoreObjectsTest has the same values. Run in this folder: python make_more_objects.py
"""
import array

import ROOT

ROOT.gInterpreter.ProcessLine('.L pointers.hxx+')
out = ROOT.TFile("more_objects.root", "RECREATE", "", 0)
for name, kind in (("sym_d", ROOT.TMatrixTSym["double"]), ("sym_f", ROOT.TMatrixTSym["float"])):
    m = kind(3)
    for i in range(3):
        for j in range(3):
            m[i][j] = 10 * min(i, j) + max(i, j)
    out.WriteObjectAny(m, m.Class().GetName(), name)
g = ROOT.TGraph2D()
g.SetName("graph2d")
for k in range(4):
    g.SetPoint(k, k, 2 * k, k * k)
g.Write()
ge = ROOT.TGraph2DErrors(3)
ge.SetName("graph2d_errors")
for k in range(3):
    ge.SetPoint(k, k, -k, 0.5 * k)
    ge.SetPointError(k, 0.1 * k, 0.2, 0.25)
ge.Write()
h = ROOT.THnSparseD("sparse", "a sparse histogram", 3, array.array("i", [4, 5, 6]), array.array("d", [0, 0, 0]), array.array("d", [4, 5, 6]))
for k in range(3):
    h.Fill(array.array("d", [k + 0.5, k + 1.5, k + 2.5]), k + 1)
h.Write()
v = ROOT.TLorentzVector(1, 2, 3, 4)
out.WriteObjectAny(v, "TLorentzVector", "lorentz")
t = ROOT.PMuon()
t.id, t.pt, t.chamber = 7, 1.5, -3
for x in (4, 5, 6):
    t.hits.push_back(x)
out.WriteObjectAny(t, "PMuon", "muon")
n = ROOT.PNode()
n.value = 1
n.next = n
n.values.push_back(9)
out.WriteObjectAny(n, "PNode", "node")
vec = ROOT.std.vector["double"]([1.5, 2.5])
out.WriteObjectAny(vec, "vector<double>", "vector")
names = ROOT.std.vector["string"](["a", "bc"])
out.WriteObjectAny(names, "vector<string>", "names")
m = ROOT.std.map["string", "double"]()
m["x"] = 1.5
out.WriteObjectAny(m, "map<string,double>", "map")
s = ROOT.std.string("some text")
out.WriteObjectAny(s, "string", "text")
sp = ROOT.TMatrixDSparse(3, 3)
sp[1][2] = 5
out.WriteObjectAny(sp, "TMatrixTSparse<double>", "sparse_matrix")
f = ROOT.TF1("formula", "[0]*x+[1]", 0, 1)
f.SetParameters(2, 3)
f.Write()
out.Close()
