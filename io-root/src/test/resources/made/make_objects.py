"""Writes objects.root with ROOT: histograms and other objects of the corpus, not compressed, so that random damage reaches them."""
import ROOT

out = ROOT.TFile("objects.root", "RECREATE", "", 0)
for name, wanted in (("hist_1d_2d_3d", ("h1c", "h2s", "h3f", "h1_labels", "h1_function", "h2_variable", "p1_s", "p2")), ("hist_objects", None)):
    source = ROOT.TFile("../written/" + name + ".root")
    for key in source.GetListOfKeys():
        if key.GetClassName() != "TDirectoryFile" and (wanted is None or key.GetName() in wanted):
            thing = key.ReadObj()
            out.cd()
            out.WriteTObject(thing, key.GetName(), "SingleKey")
out.Close()
