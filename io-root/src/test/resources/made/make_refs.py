"""Writes refs.root with ROOT: references (TRef) whose table tells ROOT which branch to read for them.

Entry i refers to the TNamed "first<i>" of the branch `first` or, when i is odd, to "second<i>" of `second`. Run in this folder.
"""
import ROOT

ROOT.gInterpreter.Declare(r'''
void write_refs() {
  TFile file("refs.root", "RECREATE", "", 101);
  TTree tree("tree", "references");
  auto *first = new TNamed, *second = new TNamed;
  auto *ref = new TRef;
  int i = 0;
  tree.Branch("i", &i);
  tree.Branch("first", &first, 32000, 0);
  tree.Branch("second", &second, 32000, 0);
  tree.Branch("ref", &ref, 32000, 0);
  tree.BranchRef();
  for (i = 0; i < 50; i++) {
    first->SetName(Form("first%d", i)); second->SetName(Form("second%d", i));
    *ref = i % 2 ? second : first;
    tree.Fill();
  }
  tree.Write();
}
''')
ROOT.write_refs()
