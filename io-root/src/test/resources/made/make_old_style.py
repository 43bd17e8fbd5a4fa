"""Writes old_style.root with ROOT: a split class with a TClonesArray in the way of ROOT 3 (TBranchObject, TBranchClones).

Every value follows from the number of the entry; PointersTest has the same formulas. Run in this folder:
python make_old_style.py
"""
import ROOT

ROOT.gInterpreter.ProcessLine('.L old_style.hxx+')
ROOT.gInterpreter.Declare(r'''
void write_old_style() {
  TFile file("old_style.root", "RECREATE", "", 0);
  TTree tree("tree", "old");
  auto *event = new OldEvent;
  tree.BranchOld("event", "OldEvent", &event, 500, 1);
  for (int i = 0; i < 60; i++) {
    event->tracks->Clear(); event->n = i; event->weight = i * 0.5f;
    for (int k = 0; k < i % 4; k++) {
      auto *t = (OldTrack *)event->tracks->ConstructedAt(k);
      t->id = 100 * i + k; t->p[0] = i; t->p[1] = -k; t->pt = k + 0.25; t->flag = k + 250;
    }
    tree.Fill();
  }
  tree.Write();
}
''')
ROOT.write_old_style()
