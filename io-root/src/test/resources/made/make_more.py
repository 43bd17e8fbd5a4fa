"""Writes more.root (and ntuple_more.root) with ROOT: kinds of columns that are not in the other test files.

Every value follows from the number of the entry; MoreKindsTest has the same formulas. Nothing is compressed, so
that random damage reaches the values. Run in this folder: python make_more.py
"""
import ROOT

ROOT.gInterpreter.ProcessLine('.L more.hxx+')
ROOT.gInterpreter.Declare(r'''
void write_tree() {
  TFile file("more.root", "RECREATE", "", 0);
  TTree tree("tree", "kinds");
  TClonesArray bypass("TLorentzVector"), plain("TLorentzVector");
  plain.BypassStreamer(kFALSE);
  TClonesArray *pb = &bypass, *pp = &plain;
  std::vector<std::vector<MoreHit>> vvh; std::vector<std::map<int, float>> vm; std::map<int, std::map<int, std::string>> mm;
  std::vector<MoreDerived> vd; std::vector<std::pair<int, std::string>> vp; std::map<std::string, std::vector<MoreHit>> mvh;
  std::list<std::string> ls; std::deque<short> dq; std::unordered_map<int, double> um; std::multimap<int, float> mu;
  MoreMembers members, *pm = &members; TArrayF arr, *parr = &arr; std::vector<Double32_t> v32; TRef ref, *pref = &ref;
  std::vector<bool> vb; std::vector<MoreMembers> vmm;
  tree.Branch("bypass", &pb, 32000, 0); tree.Branch("plain", &pp, 32000, 0);
  tree.Branch("vvh", &vvh); tree.Branch("vm", &vm); tree.Branch("mm", &mm, 32000, 0); tree.Branch("vd", &vd, 32000, 0);
  tree.Branch("vp", &vp, 32000, 0); tree.Branch("mvh", &mvh, 32000, 0); tree.Branch("ls", &ls); tree.Branch("dq", &dq);
  tree.Branch("um", &um, 32000, 0); tree.Branch("mu", &mu, 32000, 0);
  tree.Branch("members0.", &pm, 32000, 0); tree.Branch("members.", &pm, 32000, 99);
  tree.Branch("arr", &parr, 32000, 0); tree.Branch("v32", &v32); tree.Branch("vb", &vb);
  tree.Branch("vds", &vd, 32000, 99); tree.Branch("vmm", &vmm, 32000, 0);
  tree.BranchOld("old", "TLorentzVector", new TLorentzVector*(new TLorentzVector), 32000, 0);
  for (int i = 0; i < 12; i++) {
    bypass.Clear(); plain.Clear(); vvh.clear(); vm.clear(); mm.clear(); vd.clear(); vp.clear(); mvh.clear(); ls.clear(); dq.clear();
    um.clear(); mu.clear(); v32.clear(); vb.clear(); vmm.clear();
    for (int k = 0; k < i % 3; k++) {
      new (bypass[k]) TLorentzVector(i, k, -i, 100 + k); new (plain[k]) TLorentzVector(i, k, -i, 100 + k);
      std::vector<MoreHit> hits; for (int j = 0; j < (i + k) % 3; j++) hits.push_back({i + 0.5f, j}); vvh.push_back(hits);
      std::map<int, float> m; for (int j = 0; j < k + 1; j++) m[j] = i * 10 + j; vm.push_back(m);
      for (int j = 0; j <= k; j++) mm[k][j] = std::to_string(i) + "-" + std::to_string(j);
      MoreDerived d; d.id = i; d.x = k * 0.25; d.v.assign(k, i); d.y = -k; vd.push_back(d);
      vp.push_back({k, std::string(k, 'p')}); mvh["k" + std::to_string(k)] = hits; ls.push_back("s" + std::to_string(k)); dq.push_back(-k);
      um[i] = k; mu.insert({i, k + 0.5f}); v32.push_back(k + 0.125); vb.push_back(k % 2);
    }
    members.set(i); if (i % 3) vmm.push_back(members); arr.Set(i % 4); for (int k = 0; k < i % 4; k++) arr[k] = i + k;
    tree.Fill();
  }
  tree.Write();
}
void write_ntuple() {
  auto model = ROOT::RNTupleModel::Create();
  auto s = model->MakeField<MoreStreamed>("derived"); auto e = model->MakeField<MoreEnum>("e");
  auto v = model->MakeField<std::vector<MoreDerived>>("vd"); auto at = model->MakeField<std::atomic<int>>("at");
  auto em = model->MakeField<MoreEmpty>("empty"); auto vs = model->MakeField<std::vector<float>>("pages");
  ROOT::RNTupleWriteOptions o; o.SetCompression(0); o.SetMaxUnzippedPageSize(256); o.SetInitialUnzippedPageSize(64);
  auto w = ROOT::RNTupleWriter::Recreate(std::move(model), "ntuple", "ntuple_more.root", o);
  for (int i = 0; i < 60; i++) {
    s->id = i; s->x = -i; s->v.assign(i % 4, i); s->y = i * 0.5; s->name = "n" + std::to_string(i); *e = MoreEnum(i % 3); v->clear(); *at = i; vs->clear();
    for (int k = 0; k < i % 3; k++) { MoreDerived d; d.id = i; d.x = k; d.v.assign(k, i); d.y = -k; v->push_back(d); }
    for (int k = 0; k < i % 7; k++) vs->push_back(i + k * 0.5f);
    w->Fill(); if (i % 25 == 24) w->CommitCluster();
  }
}
''')
ROOT.write_tree()
ROOT.write_ntuple()
