"""Writes versions.root with ROOT: objects of two versions of their classes in one column, from two processes, merged.

What ROOT's schema evolution shows of them, with the library of version 2, goes to versions.json. Nothing is compressed,
so that random damage reaches the values. Run in this folder: python make_versions.py
"""
import os
import subprocess
import sys
import tempfile

import ROOT

WRITE = r'''
void write_part(const char *name, int from) {
  TFile file(name, "RECREATE", "", 0);
  TTree tree("tree", "versions");
  TClonesArray array("VerObject"), plain("VerObject"), *pa = &array, *pp = &plain;
  plain.BypassStreamer(kFALSE);
  std::vector<VerHit> hits; std::vector<VerOwner> owners; std::vector<VerHit *> pointers; std::map<int, VerHit> byId;
  VerOwner owner, *po = &owner;
  tree.Branch("hits", &hits, 32000, 0); tree.Branch("owner", &po, 32000, 0); tree.Branch("array", &pa, 32000, 0);
  tree.Branch("plain", &pp, 32000, 0); tree.Branch("owners", &owners, 32000, 0);
  tree.Branch("pointers", &pointers, 32000, 0); tree.Branch("byId", &byId, 32000, 0);
  for (int i = from; i < from + 6; i++) {
    hits.clear(); array.Clear(); plain.Clear(); owners.clear(); pointers.clear(); byId.clear(); owner.hits.clear(); owner.byId.clear();
    owner.i = i; owner.hit.set(i, 1); owner.behind = i % 3 ? new VerHit : nullptr; if (i % 3) owner.behind->set(i, 2);
    for (int k = 0; k < i % 4; k++) {
      VerHit h; h.set(i, k); hits.push_back(h); owner.hits.push_back(h); owner.byId[k] = h; byId[k] = h;
      for (auto *a : {pa, pp}) { auto *o = (VerObject *)a->ConstructedAt(k); o->n = i; o->hit.set(i, k); }
      pointers.push_back(k == 1 ? nullptr : new VerHit(h));
    }
    for (int k = 0; k < (i + 1) % 3; k++) { VerOwner w; w.i = k; w.hit.set(i, k); w.hits = hits; w.byId[k].set(k, i); owners.push_back(w); }
    tree.Fill();
  }
  tree.Write();
}
'''
# Every entry gets a new object: ROOT leaves what an old version lacks as it was.
SHOW = r'''
#include <sstream>
template <class C, class F> std::string arr(const C &c, F f) { std::string s = "["; for (auto &x : c) { if (s.size() > 1) s += ","; s += f(x); } return s + "]"; }
std::string num(double x) { std::ostringstream o; o.precision(17); o << x; return o.str(); }
std::string show(const VerHit &h) {
  return "{\"b\":" + num(h.b) + ",\"a\":" + num(h.a) + ",\"id\":" + num(h.id) + ",\"v\":" + arr(h.v, num) + ",\"note\":\"" + h.note + "\",\"e\":" + num(h.e)
    + ",\"grid\":[" + num(h.grid[0]) + "," + num(h.grid[1]) + "],\"more\":" + arr(h.more, num) + "}";
}
std::string show(const VerHit *h) { return h ? show(*h) : "null"; }
std::string show(const std::map<int, VerHit> &m) { return arr(m, [](auto &p) { return "{\"_0\":" + num(p.first) + ",\"_1\":" + show(p.second) + "}"; }); }
template <class T> std::string show(const std::vector<T> &v) { return arr(v, [](auto &x) { return show(x); }); }
std::string show(const VerOwner &o) {
  return "{\"i\":" + num(o.i) + ",\"hit\":" + show(o.hit) + ",\"behind\":" + show(o.behind) + ",\"hits\":" + show(o.hits) + ",\"byId\":" + show(o.byId) + "}";
}
std::string show(const VerObject &o) { return "{\"first\":" + num(o.first) + ",\"n\":" + num(o.n) + ",\"hit\":" + show(o.hit) + "}"; }
std::string show(const TClonesArray &a) {
  std::string s = "["; for (int i = 0; i < a.GetEntriesFast(); i++) { if (i) s += ","; s += show(*(VerObject *)a[i]); } return s + "]";
}
template <class T> std::string column(TTree *tree, const char *name) {
  std::string s = std::string("\"") + name + "\":[";
  for (int i = 0; i < tree->GetEntries(); i++) {
    T *p = new T; tree->GetBranch(name)->SetAddress(&p); tree->GetBranch(name)->GetEntry(i); if (i) s += ",\n"; s += show(*p);
    tree->GetBranch(name)->ResetAddress();
  }
  return s + "]";
}
std::string show(TTree *t) {
  return "{" + column<std::vector<VerHit>>(t, "hits") + ",\n" + column<VerOwner>(t, "owner") + ",\n" + column<TClonesArray>(t, "array") + ",\n"
    + column<TClonesArray>(t, "plain") + ",\n" + column<std::vector<VerOwner>>(t, "owners") + ",\n" + column<std::vector<VerHit *>>(t, "pointers") + ",\n"
    + column<std::map<int, VerHit>>(t, "byId") + "}\n";
}
'''


def load(version, folder):
    ROOT.gInterpreter.ProcessLine(f'#define VERSION {version}')
    ROOT.gSystem.AddIncludePath(f'-DVERSION={version}')
    ROOT.gSystem.SetBuildDir(f'{folder}/{version}')
    assert ROOT.gInterpreter.ProcessLine('.L versions.hxx+') == 0


if __name__ == '__main__':
    if len(sys.argv) == 1:
        with tempfile.TemporaryDirectory() as folder:
            for step in ('1', '2', 'merge', 'show'):
                subprocess.run([sys.executable, __file__, step, folder], check=True)
        sys.exit()
    step, folder = sys.argv[1:]
    if step == 'merge':
        merger = ROOT.TFileMerger(False, False)
        merger.OutputFile('versions.root', 'RECREATE', 0)
        for part in '12':
            merger.AddFile(f'{folder}/{part}.root')
        assert merger.Merge()
    elif step == 'show':
        load('2', folder)
        ROOT.gInterpreter.Declare(SHOW)
        with open('versions.json', 'w') as out:
            file = ROOT.TFile('versions.root')
            out.write(str(ROOT.show(file.Get('tree'))))
    else:
        os.mkdir(f'{folder}/{step}')
        load(step, folder)
        ROOT.gInterpreter.Declare(WRITE)
        ROOT.write_part(f'{folder}/{step}.root', 0 if step == '1' else 6)
