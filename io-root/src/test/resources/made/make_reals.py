"""What ROOT reads from numbers that io-root stores in fewer bits: reals.json.

Run with ROOT in this folder after PeerFilesTest, which leaves the files.
"""
import json
import pathlib

import ROOT

files = pathlib.Path(__file__).resolve().parents[4] / "target" / "peer-files"
found = {}
root = ROOT.TFile.Open(str(files / "reals_tree.root"))
tree = root.Get("Events")
found["tree"] = {branch.GetName(): [] for branch in tree.GetListOfBranches()}
for entry in range(tree.GetEntries()):
    tree.GetEntry(entry)
    for name, values in found["tree"].items():
        values.append(tree.GetLeaf(name).GetValue(0))
columns = ROOT.RDataFrame("Events", str(files / "reals_ntuple.root")).AsNumpy()
found["ntuple"] = {name: [float(v) for v in values] for name, values in columns.items()}
lines = [f' "{kind}": {{\n' + ",\n".join(f'  "{n}": {json.dumps(v)}' for n, v in sorted(c.items())) + "}"
         for kind, c in found.items()]
pathlib.Path(__file__).with_name("reals.json").write_text("{\n" + ",\n".join(lines) + "}\n")
