"""Writes tree_unclosed_autosaved.root with ROOT: the process ends without closing the file, after an AutoSave."""
import os

import ROOT

ROOT.gInterpreter.Declare(r'''
void unclosed() {
  auto file = new TFile("tree_unclosed_autosaved.root", "RECREATE", "", 101);
  file->mkdir("folder")->cd();
  auto tree = new TTree("tree", "autosaved");
  int i;
  std::vector<float> v;
  tree->Branch("i", &i);
  tree->Branch("v", &v);
  tree->SetBasketSize("*", 2000);
  for (i = 0; i < 3000; i++) {
    v.assign(i % 4, i);
    tree->Fill();
    if (i == 1999) tree->AutoSave("SaveSelf");
  }
}
''')
ROOT.unclosed()
os._exit(1)
