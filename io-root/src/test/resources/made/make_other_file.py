"""Writes other_file.root and other_file_baskets.root with ROOT: branches whose baskets lie in another file.

Every value follows from the number of the entry; RareKindsTest has the same formulas. Run in this folder:
python make_other_file.py
"""
import ROOT

ROOT.gInterpreter.Declare(r'''
void write_other_file() {
  TFile file("other_file.root", "RECREATE", "", 0);
  TTree tree("tree", "baskets elsewhere");
  int n; float x[4]; std::vector<int> v; double d;
  tree.Branch("n", &n, "n/I", 64);
  tree.Branch("x", x, "x[n]/F", 128)->SetFile("other_file_baskets.root");
  tree.Branch("v", &v, 200, 0)->SetFile("other_file_baskets.root");
  tree.Branch("d", &d, "d/D", 64);
  for (int i = 0; i < 40; i++) {
    n = i % 4; d = i * 0.5; v.assign(i % 3, -i);
    for (int k = 0; k < n; k++) x[k] = i + k * 0.25f;
    tree.Fill();
  }
  tree.Write();
  tree.GetBranch("x")->GetFile()->Write();
}
''')
ROOT.write_other_file()
