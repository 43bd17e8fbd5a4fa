"""Writes ntuple_small_keys.root with ROOT: parts of the ntuple are cut into records of at most 1,000 bytes."""
import ROOT

ROOT.gInterpreter.Declare(r'''
void small_keys() {
  ROOT::RNTupleWriteOptions o;
  o.SetCompression(0);
  ROOT::Internal::RNTupleWriteOptionsManip::SetMaxKeySize(o, 1000);
  o.SetEnablePageChecksums(false);
  o.SetMaxUnzippedPageSize(8000);
  o.SetInitialUnzippedPageSize(800);
  auto model = ROOT::RNTupleModel::Create();
  auto i32 = model->MakeField<int>("i32");
  auto f64 = model->MakeField<double>("f64");
  auto i16 = model->MakeField<short>("i16");
  auto text = model->MakeField<std::string>("text");
  std::vector<std::shared_ptr<float>> f;
  for (int k = 0; k < 10; k++) f.push_back(model->MakeField<float>("field_with_a_long_name_" + std::to_string(k)));
  auto w = ROOT::RNTupleWriter::Recreate(std::move(model), "ntuple", "ntuple_small_keys.root", o);
  for (int i = 0; i < 500; i++) {
    *i32 = i;
    *f64 = i * 0.25;
    *i16 = -i;
    *text = std::string(i % 7, 'a' + i % 26);
    for (int k = 0; k < 10; k++) *f[k] = i + k * 0.5f;
    w->Fill();
  }
}
''')
ROOT.small_keys()
