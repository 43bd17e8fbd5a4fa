"""Writes counted.root with ROOT: arrays of objects with a counter in split collections.

Every value follows from the number of the entry; RareKindsTest has the same formulas. Nothing is compressed, so that
random damage reaches the values. Run in this folder: python make_counted.py
"""
import ROOT

ROOT.gInterpreter.ProcessLine('.L counted.hxx+')
ROOT.gInterpreter.Declare(r'''
void write_counted() {
  TFile file("counted.root", "RECREATE", "", 0);
  TTree tree("tree", "arrays of objects with a counter");
  TClonesArray clones("CountedItem"), *pc = &clones;
  std::vector<CountedItem> vector, lower;
  tree.Branch("clones", &pc, 32000, 99);
  tree.Branch("vector", &vector, 32000, 99);
  tree.Branch("lower", &lower, 32000, 1);
  for (int i = 0; i < 12; i++) {
    clones.Clear(); vector.clear(); lower.clear();
    for (int k = 0; k < i % 4; k++) {
      ((CountedItem *)clones.ConstructedAt(k))->set(i, k);
      vector.emplace_back(); vector.back().set(i, k);
      lower.emplace_back(); lower.back().set(i + 1, k);
    }
    tree.Fill();
  }
  tree.Write();
}
''')
ROOT.write_counted()
file = ROOT.TFile("counted.root")
for entry in file["tree"]:
    # ROOT reads back what it wrote.
    for item in entry.vector:
        for j in range(item.n):
            assert item.objects[j].x == j + 0.5
