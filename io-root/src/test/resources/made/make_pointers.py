"""Writes pointers.root and ntuple_streamed.root with ROOT: members behind pointers, polymorphic lists, branches of ROOT 3's style.

Every value follows from the number of the entry; PointersTest has the same formulas. Nothing is compressed, so that
random damage reaches the values. Run in this folder: python make_pointers.py
"""
import ROOT

ROOT.gInterpreter.ProcessLine('.L pointers.hxx+')
ROOT.gInterpreter.Declare(r'''
PTrack *makeTrack(int i, int k) {
  if ((i + k) % 2) { auto *m = new PMuon; m->id = i; m->pt = k + 0.5; m->chamber = 10 * i + k; m->hits.assign(k, i); return m; }
  auto *t = new PTrack; t->id = i; t->pt = k; return t;
}
void setRing(PNode &ring, int i) {
  ring.value = i; ring.values.assign(i % 2, i); ring.next = new PNode; ring.next->value = i + 1;
  ring.next->next = i % 2 ? ring.next : nullptr; ring.other = i % 3 ? ring.next : nullptr;
}
void write_pointers() {
  TFile file("pointers.root", "RECREATE", "", 0);
  TTree tree("tree", "pointers");
  POwner *whole = new POwner, *split = whole;
  PNode ring, *pring = &ring;
  TClonesArray old("PTrack"), *pold = &old;
  whole->inPlace = new PHit;
  tree.Branch("whole", &whole, 32000, 0);
  tree.Branch("split.", &split, 32000, 99);
  tree.Branch("ring", &pring, 32000, 0);
  std::vector<PHit *> vp; tree.Branch("vp", &vp, 32000, 0);
  std::vector<PTrack *> vt; tree.Branch("vt", &vt, 32000, 0);
  TObjArray *arr = new TObjArray; tree.Branch("arr", "TObjArray", &arr, 32000, 0);
  for (int i = 0; i < 10; i++) {
    POwner &o = *whole;
    o.n = i;
    o.one = new PHit{i, 0.5f}; o.same = i % 3 == 0 ? nullptr : i % 3 == 1 ? o.one : new PHit{-i, 1.5f};
    *o.inPlace = PHit{i + 100, 2.5f};
    o.track = i % 4 == 3 ? nullptr : makeTrack(i, 0);
    o.named = i % 2 ? new TNamed(Form("n%d", i), "title") : nullptr;
    o.hits.clear(); for (int k = 0; k < i % 4; k++) o.hits.push_back(k == 1 ? nullptr : k == 2 ? o.one : new PHit{k, float(i)});
    o.tracks.clear(); for (int k = 0; k < i % 3; k++) o.tracks.push_back(makeTrack(i, k));
    o.list = nullptr; PNode *last = nullptr;
    for (int k = 0; k < i % 4; k++) { auto *node = new PNode; node->value = 10 * i + k; node->values.assign(k, i); node->next = o.list; if (!o.list) last = node; o.list = node; }
    if (last && i % 2) { last->other = o.list; o.list->other = last; }
    o.array.Clear(); o.names.Clear(); o.clones.Clear();
    for (int k = 0; k < i % 3; k++) {
      o.array.Add(k == 1 ? (TObject *)new TObjString(Form("s%d", i)) : makeTrack(i, k));
      o.names.Add(new TNamed(Form("a%d", k), Form("b%d", i)));
      auto *t = (PTrack *)o.clones.ConstructedAt(k); t->id = i; t->pt = -k;
    }
    o.pair[0].assign(i % 2, i); o.pair[1].assign(i % 3, -i);
    o.two[0] = i % 2 ? o.one : nullptr; o.two[1] = new PHit{i, float(i)};
    o.byId.clear(); for (int k = 0; k < i % 3; k++) o.byId[k] = new PHit{k, float(i)};
    o.m = i % 3; delete[] o.loop; o.loop = o.m ? new PHit[o.m] : nullptr; for (int k = 0; k < o.m; k++) o.loop[k] = PHit{k, float(-i)};
    if (!o.numbers) o.numbers = new std::vector<float>; o.numbers->assign(i % 3, i); o.owned.reset(i % 2 ? new PHit{i, 4.5f} : nullptr);
    o.words[0] = std::string(i, 'w'); o.words[1] = "x";
    setRing(ring, i);
    vp.clear(); for (int k = 0; k < i % 3; k++) vp.push_back(k ? vp[0] : new PHit{i, float(k)});
    vt.clear(); for (int k = 0; k < i % 3; k++) vt.push_back(makeTrack(i, k));
    arr->Clear(); for (int k = 0; k < i % 3; k++) arr->Add(k == 1 ? (TObject *)new TNamed(Form("s%d", i), "t") : makeTrack(i, k));
    tree.Fill();
  }
  tree.Write();
}
void write_streamed() {
  auto model = ROOT::RNTupleModel::Create();
  auto x = model->MakeField<int>("x");
  model->AddField(std::make_unique<ROOT::RStreamerField>("muon", "PMuon"));
  model->AddField(std::make_unique<ROOT::RStreamerField>("ring", "PNode"));
  ROOT::RNTupleWriteOptions o; o.SetCompression(0);
  auto w = ROOT::RNTupleWriter::Recreate(std::move(model), "ntuple", "ntuple_streamed.root", o);
  auto entry = w->GetModel().CreateEntry();
  auto px = entry->GetPtr<int>("x"); auto muon = entry->GetPtr<PMuon>("muon"); auto ring = entry->GetPtr<PNode>("ring");
  for (int i = 0; i < 20; i++) {
    *px = i; muon->id = i; muon->pt = i + 0.5; muon->chamber = 10 * i; muon->hits.assign(i % 3, i);
    setRing(*ring, i);
    w->Fill(*entry); if (i % 8 == 7) w->CommitCluster();
  }
}
''')
ROOT.write_pointers()
ROOT.write_streamed()
