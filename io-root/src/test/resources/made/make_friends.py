"""Writes friends_main.root and friends_other.root with ROOT, and friends.json: what ROOT reads from the friends.

Run in this folder: python make_friends.py
"""
import array
import json

import ROOT


def tree(name, rows, index=None):
    t = ROOT.TTree(name, name)
    run, event, x = array.array("i", [0]), array.array("q", [0]), array.array("d", [0])
    t.Branch("run", run, "run/I")
    t.Branch("event", event, "event/L")
    t.Branch("x", x, "x/D")
    text = ROOT.std.string()
    t.Branch("text", text)
    t.SetAutoFlush(7)
    for r, e, v in rows:
        run[0], event[0], x[0] = r, e, v
        text.assign(f"{name}{r}:{e}")
        t.Fill()
    if index:
        t.BuildIndex(*index)
    t.Write()


main = [(1 + i // 10, 5 * (i % 10) + 3000000000, i + 0.5) for i in range(30)]
keyed = [(r, e, 100 * v) for r, e, v in main if (r + e) % 4] + [(9, 9, 9.0)]
keyed = keyed[::3] + keyed[1::3] + keyed[2::3]
other = ROOT.TFile("friends_other.root", "RECREATE", "", 505)
other.mkdir("folder").cd()
tree("keyed", keyed, ("run", "event"))
other.cd()
tree("short", [(0, 0, -v) for _, _, v in main[:20]])
tree("runs", [(3, 0, 33.0), (1, 0, 11.0)], ("run", "0"))
other.Close()
file = ROOT.TFile("friends_main.root", "RECREATE", "", 505)
tree("side", [(0, 0, 10 * v) for _, _, v in main])
file.Get("side")
tree("main", main)
t = file.Get("main")
t.AddFriend("side")
t.AddFriend("bykey = folder/keyed", "friends_other.root")
t.AddFriend("short", "friends_other.root")
t.AddFriend("runs", "friends_other.root")
t.Write("", ROOT.TObject.kOverwrite)
file.Close()

file = ROOT.TFile("friends_main.root")
t = file.Get("main")
found = {name: [] for name in ("side", "bykey", "short", "runs")}
for i in range(t.GetEntries()):
    t.GetEntry(i)
    for name, values in found.items():
        friend = t.GetFriend(name)
        has = friend.GetEntryNumberWithIndex(t.run, t.event if name == "bykey" else 0) >= 0 if friend.GetTreeIndex() else i < friend.GetEntries()
        values.append([t.GetLeaf(name + ".x").GetValue(), str(getattr(friend, "text"))] if has else None)
json.dump(found, open("friends.json", "w"))
