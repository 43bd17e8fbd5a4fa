"""Writes large_root.bin: the written parts of a file of ROOT with a hole, so that its records lie behind 4 GiB.

Format: big-endian i64 size of the file, then for each part i64 position, i32 length, bytes. LargeFileTest reads it as
a file with zeros in the hole. Run in this folder: python make_large.py
"""
import array
import os
import struct

import ROOT

name = "large_root.root"
file = ROOT.TFile(name, "RECREATE", "", 505)
tree = ROOT.TTree("tree", "behind 2 and 4 GiB")
x, n = array.array("d", [0]), array.array("i", [0])
v = array.array("f", [0] * 4)
tree.Branch("x", x, "x/D")
tree.Branch("n", n, "n/I")
tree.Branch("v", v, "v[n]/F")
tree.SetAutoFlush(10)
holes = {10: 2_500_000_000, 20: 5_000_000_000}
parts = []
start = 0
for i in range(30):
    if i in holes:
        parts.append((start, file.GetEND()))
        start = holes[i]
        file.SetEND(start)
        free = file.GetListOfFree().Last()
        free.SetFirst(start)
        free.SetLast(start + 1_000_000_000)
    x[0], n[0] = i + 0.5, i % 4
    for k in range(4):
        v[k] = 10 * i + k
    tree.Fill()
tree.Write()
model = ROOT.RNTupleModel.Create()
model.MakeField["int"]("i")
model.MakeField["std::vector<float>"]("v")
with ROOT.RNTupleWriter.Append(model, "ntuple", file) as writer:
    entry = writer.CreateEntry()
    for i in range(20):
        entry["i"] = i
        entry["v"] = [i + 0.25 * k for k in range(i % 3)]
        writer.Fill(entry)
file.Close()
size = os.path.getsize(name)
parts.append((start, size))
with open(name, "rb") as f, open("large_root.bin", "wb") as out:
    out.write(struct.pack(">q", size))
    for a, b in parts:
        f.seek(a)
        out.write(struct.pack(">qi", a, b - a) + f.read(b - a))
os.remove(name)
