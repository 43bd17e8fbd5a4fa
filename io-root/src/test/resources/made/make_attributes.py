"""Writes ntuple_attributes.root with ROOT: an ntuple of two attribute sets, which readers skip.

Every value follows from the number of the entry; MoreKindsTest has the same formulas. Nothing is compressed. Run in
this folder: python make_attributes.py
"""
import ROOT

ROOT.gInterpreter.Declare(r'''
#include <ROOT/RNTupleAttrWriting.hxx>
void write_attributes() {
  auto model = ROOT::RNTupleModel::Create();
  auto id = model->MakeField<std::int32_t>("id"); auto pt = model->MakeField<std::vector<float>>("pt");
  ROOT::RNTupleWriteOptions o; o.SetCompression(0);
  TFile file("ntuple_attributes.root", "RECREATE", "", 0);
  auto w = ROOT::RNTupleWriter::Append(std::move(model), "ntuple", file, o);
  auto runs = ROOT::RNTupleModel::Create(); auto run = runs->MakeField<std::uint64_t>("run");
  auto notes = ROOT::RNTupleModel::Create(); auto note = notes->MakeField<std::string>("note");
  auto runSet = w->CreateAttributeSet(std::move(runs), "runs", &o); auto noteSet = w->CreateAttributeSet(std::move(notes), "notes", &o);
  for (int first = 0; first < 60; first += 20) {
    auto range = runSet->BeginRange(), other = noteSet->BeginRange();
    for (int i = first; i < first + 20; i++) { *id = i; pt->assign(i % 4, i * 0.5f); w->Fill(); }
    *run = 1000 + first; *note = "from " + std::to_string(first);
    runSet->CommitRange(std::move(range)); noteSet->CommitRange(std::move(other));
    w->CommitCluster();
  }
}
''')
ROOT.write_attributes()
