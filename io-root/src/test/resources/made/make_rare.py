"""Writes rare.root with ROOT: kinds of columns that hardly any file has.

Every value follows from the number of the entry; RareKindsTest has the same formulas. Nothing is compressed, so that
random damage reaches the values. Run in this folder: python make_rare.py
"""
import ROOT

ROOT.gInterpreter.ProcessLine('.L rare.hxx+')
ROOT.gInterpreter.Declare(r'''
RarePoint *makePoint(int i, int k) {
  if ((i + k) % 3 == 1) { auto *c = new RareCircle; c->id = 10 * i + k; c->x = k + 0.5f; c->r = -i; c->v.assign(k, i); return c; }
  auto *p = new RarePoint; p->id = 10 * i + k; p->x = k; return p;
}
void write_rare() {
  TFile file("rare.root", "RECREATE", "", 0);
  TTree tree("tree", "rare kinds");
  TClonesArray holes("TNamed"), whole("RareItem"), items("RareItem"); TClonesArray *ph = &holes, *pw = &whole, *pi = &items;
  holes.BypassStreamer(kFALSE);
  std::vector<RareItem> vi; std::vector<RarePoint *> vp, *pvp = &vp;
  RareOwner *owner = new RareOwner, *split = owner;
  tree.Branch("holes", &ph, 32000, 0);
  tree.Branch("whole", &pw, 32000, 0);
  tree.Branch("items", &pi, 32000, 99);
  tree.Branch("vi", &vi, 32000, 99);
  tree.Branch("owner", &owner, 32000, 0);
  tree.Branch("split.", &split, 32000, 99);
  tree.Branch("vp", &pvp, 32000, 199);
  for (int i = 0; i < 12; i++) {
    holes.Delete(); items.Delete(); whole.Delete(); vi.clear(); vp.clear();
    for (int k = 0; k < i % 5; k++) {
      if ((i + k) % 3) new (holes[k]) TNamed(Form("n%d", i), Form("t%d", k));
      ((RareItem *)items.ConstructedAt(k))->set(i + k, (i + k) % 4, k * 0.25);
      ((RareItem *)whole.ConstructedAt(k))->set(i + k, (i + k) % 4, k * 0.25);
      vi.emplace_back(); vi.back().set(i - k, (i + 2 * k) % 3, -i);
      vp.push_back((i + k) % 4 == 3 ? nullptr : makePoint(i, k));
    }
    RareOwner &o = *owner;
    o.map.Clear(); o.numbers.Delete(); o.ordered.Clear(); o.sorted.Clear(); o.behind = i % 2 ? new TMap : nullptr;
    for (int k = 0; k < i % 3; k++) {
      o.map.Add(new TObjString(Form("key%d", k)), k ? (TObject *)new TNamed(Form("v%d", i), "t") : new TObjString(Form("s%d", i)));
      o.numbers.Add(10 * i + k, -k);
      o.ordered.Add(new TNamed(Form("o%d", k), Form("%d", i)));
      o.sorted.Add(new TObjString(Form("b%d", 9 - k)));
      if (o.behind) o.behind->Add(new TObjString(Form("p%d", k)), new TObjString(Form("q%d", i)));
    }
    o.n = i % 4; o.points = o.n ? new RarePoint *[o.n] : nullptr;
    for (int k = 0; k < o.n; k++) o.points[k] = k == 2 ? o.points[0] : makePoint(i, k);
    tree.Fill();
  }
  tree.Write();
}
''')
ROOT.write_rare()
