"""Makes the inputs and expectations of the tagging tests. Needs numpy, awkward and uproot.

usage: make_inputs.py SHARED_DIR    (writes into the folder of this script)

SHARED_DIR holds data/ (ROOT files), models/ (expected logits) and tools/peer_pipeline.py (the same
job in Python).

jets_*.zip, events_*.zip: columns as .npy, lists as NAME.npy and NAME.offsets.npy.
features.zip: the inputs of the network that peer_pipeline.py makes of the first jets.
expected/: logits of the networks, as they are in models/.
"""
import importlib.util
import io
import json
import os
import shutil
import sys
import zipfile

import awkward as ak
import numpy as np
import uproot

HERE = os.path.dirname(os.path.abspath(__file__))
JETS = ["Part_pt", "Part_eta", "Part_phi", "Part_pdgId", "jet_pt", "jet_eta", "jet_phi", "jet_mass"]
EVENTS = ["Jet_pt", "Jet_eta", "Jet_phi", "Jet_mass", "PFCands_pt", "PFCands_eta", "PFCands_phi", "PFCands_pdgId",
          "JetPFCands_jetIdx", "JetPFCands_pFCandsIdx"]
FEATURE_JETS = 60


def add(archive, name, array):
    data = io.BytesIO()
    np.save(data, np.ascontiguousarray(array))
    # A fixed time, so that the same input gives the same bytes.
    info = zipfile.ZipInfo(name + ".npy", (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, data.getvalue(), compresslevel=9)


def columns(target, source, names, entries):
    with zipfile.ZipFile(os.path.join(HERE, target), "w") as archive:
        for name in names:
            array = source[name].array(entry_stop=entries)
            level, suffix = array, ""
            while level.ndim > 1:
                suffix += ".offsets"
                counts = ak.to_numpy(ak.num(level))
                add(archive, name + suffix, np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
                level = ak.flatten(level)
            add(archive, name, ak.to_numpy(level))


def main(shared):
    qg = os.path.join(shared, "data/samples/qg_sample.root")
    events = os.path.join(shared, "data/samples/events_sample.root")
    columns("jets_qg_sample.zip", uproot.open(qg)["jets"], JETS, None)
    columns("jets_qg_test_first2000.zip", uproot.open(os.path.join(shared, "data/qg/test.root"))["jets"], JETS, 2000)
    columns("events_sample.zip", uproot.open(events)["Events"], EVENTS, None)
    spec = importlib.util.spec_from_file_location("peer", os.path.join(shared, "tools/peer_pipeline.py"))
    peer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(peer)
    with open(os.path.join(shared, "models/pfn/preprocess.json")) as f:
        preprocess = json.load(f)
    with zipfile.ZipFile(os.path.join(HERE, "features.zip"), "w") as archive:
        for label, path, tree, names, layout in (("jets", qg, "jets", JETS, "jets"), ("events", events, "Events", EVENTS, "pfnano")):
            c, j, _ = peer.constituents(uproot.open(path)[tree].arrays(names), layout)
            c, j = c[:FEATURE_JETS], j[:FEATURE_JETS]
            for name, array in zip(("pf_features", "pf_vectors", "pf_mask"), peer.features(c, j, preprocess)):
                add(archive, label + "." + name, array)
    for model in ("pfn", "pfn-bit", "part", "part-bit"):
        os.makedirs(os.path.join(HERE, "expected", model), exist_ok=True)
        for sample in ("qg_sample", "qg_test_first2000", "events_sample"):
            name = sample + ".logits.npy"
            shutil.copyfile(os.path.join(shared, "models", model, "expected", name), os.path.join(HERE, "expected", model, name))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
