"""Makes the bundles of the quark/gluon taggers in this folder. Needs numpy and uproot.

usage: make_bundle.py MODELS_DIR QG_SAMPLE.root OUTPUT_DIR [NAME ...]

MODELS_DIR holds a folder for every network with model_torchscript.onnx, preprocess.json,
training.json and expected/qg_sample.logits.npy (the logits of all jets of QG_SAMPLE.root, tree
"jets", in order). OUTPUT_DIR/NAME becomes the bundle; an existing one is replaced. NAMEs left out:
all four. The format is described in docs/bundle-format.md. The same inputs give the same bytes.

The self-test takes 20 jets of the sample, evenly spaced in the number of constituents, so that the
shortest and the longest are among them. Inputs are computed here with numpy, independently of the
Java code that does the same work in production.
"""
import hashlib
import json
import os
import shutil
import sys

import numpy as np
import uproot

SELF_TEST_JETS = 20

DESCRIPTIONS = {
    "pfn": "Quark/gluon tagger: particle flow network (sum over constituents), float",
    "pfn-bit": "Quark/gluon tagger: particle flow network (sum over constituents), ternary BitLinear layers except the first and the last",
    "part": "Quark/gluon tagger: small particle transformer (width 64, 3 layers, 4 heads, pairwise bias), float",
    "part-bit": "Quark/gluon tagger: small particle transformer (width 64, 3 layers, 4 heads, pairwise bias), ternary BitLinear layers except the first and the last",
}
# A code at a rounding boundary may flip with the last bit of a feature; then a bit network's
# output moves by far more than rounding.
TOLERANCES = {
    "float": {"absolute": 1e-5, "relative": 1e-5},
    "bit": {"ofRange": 2e-3},
}

CHARGED = [11, 13, 211, 321, 2212, 3112, 3222, 3312, 3334]
NEGATIVE = [11, 13, 3112, 3312, 3334]  # charge -1 when the PDG id is positive


def read_jets(path):
    """Constituents (flat, with offsets) and jets of the sample, as float64 made from float32."""
    tree = uproot.open(path)["jets"]
    flat, offsets = {}, None
    for name in ("pt", "eta", "phi", "pdgId"):
        array = tree["Part_" + name].array()
        counts = np.asarray([len(a) for a in array])
        offsets = np.concatenate([[0], np.cumsum(counts)])
        flat[name] = np.concatenate([np.asarray(a) for a in array]).astype(np.float64)
    jets = {k: np.asarray(tree["jet_" + k].array(), dtype=np.float64) for k in ("pt", "eta", "phi", "mass")}
    return flat, offsets, jets


def jet_variables(flat, offsets, jets, j):
    """Raw variables of the constituents of jet j, in descending pT, in double precision."""
    order = offsets[j] + np.argsort(-flat["pt"][offsets[j]:offsets[j + 1]], kind="stable")
    pt, eta, phi = (flat[k][order] for k in ("pt", "eta", "phi"))
    pdg = flat["pdgId"][order].astype(np.int64)
    jet_pt, jet_eta, jet_phi, jet_mass = (jets[k][j] for k in ("pt", "eta", "phi", "mass"))
    energy = pt * np.cosh(eta)
    jet_energy = np.sqrt((jet_pt * np.cosh(jet_eta)) ** 2 + jet_mass ** 2)
    deta = (eta - jet_eta) * (1 if jet_eta >= 0 else -1)
    dphi = np.mod(phi - jet_phi + np.pi, 2 * np.pi) - np.pi
    kind = np.abs(pdg)
    charged = np.isin(kind, CHARGED)
    lepton = (kind == 11) | (kind == 13)
    return {
        "pt": pt, "eta": eta, "phi": phi, "energy": energy, "mask": np.ones(len(pt)),
        "log_pt": np.log(pt), "log_e": np.log(energy),
        "log_ptrel": np.log(pt / jet_pt), "log_erel": np.log(energy / jet_energy),
        "deta": deta, "dphi": dphi, "dr": np.hypot(deta, dphi),
        "charge": np.where(charged, np.sign(pdg) * np.where(np.isin(kind, NEGATIVE), -1, 1), 0),
        "is_electron": kind == 11, "is_muon": kind == 13, "is_photon": kind == 22,
        "is_charged_hadron": charged & ~lepton,
        "is_neutral_hadron": ~charged & (kind != 22),
    }


def network_inputs(preprocess, flat, offsets, jets, chosen):
    """Input tensors (jets, variables, constituents), zero where there is no constituent."""
    counts = offsets[chosen + 1] - offsets[chosen]
    inputs = {}
    for name in preprocess["input_names"]:
        group = preprocess[name]
        length = min(group["var_length"], int(counts.max()))
        inputs[name] = np.zeros((len(chosen), len(group["var_names"]), length), np.float32)
    for row, j in enumerate(chosen):
        raw = jet_variables(flat, offsets, jets, j)
        for name, tensor in inputs.items():
            group = preprocess[name]
            for v, variable in enumerate(group["var_names"]):
                values = raw[variable].astype(np.float64)[:tensor.shape[2]]
                info = group.get("var_infos", {}).get(variable)
                if info:
                    values = np.clip((values - info["median"]) * info["norm_factor"], info["lower_bound"], info["upper_bound"])
                tensor[row, v, :len(values)] = values
    return inputs


def used_inputs(onnx):
    """Which of the possible inputs the network has kept: TorchScript's exporter drops the others.

    A name that occurs in the file as a length-prefixed string is in use; this spares a dependency.
    """
    return lambda name: bytes([len(name)]) + name.encode() in onnx


def make(models, name, sample, output):
    source = os.path.join(models, name)
    target = os.path.join(output, name)
    shutil.rmtree(target, ignore_errors=True)
    os.makedirs(os.path.join(target, "selftest"))
    shutil.copyfile(os.path.join(source, "model_torchscript.onnx"), os.path.join(target, "model.onnx"))
    with open(os.path.join(source, "preprocess.json")) as f:
        preprocess = json.load(f)
    with open(os.path.join(target, "preprocess.json"), "w", newline="\n") as f:
        json.dump(preprocess, f, indent=1)
        f.write("\n")
    with open(os.path.join(source, "training.json")) as f:
        training = json.load(f)
    metrics = training.pop("test")

    flat, offsets, jets = sample
    by_length = np.argsort(np.diff(offsets), kind="stable")
    chosen = by_length[np.linspace(0, len(by_length) - 1, SELF_TEST_JETS).round().astype(int)]
    logits = np.load(os.path.join(source, "expected", "qg_sample.logits.npy"))[chosen]
    with open(os.path.join(target, "model.onnx"), "rb") as f:
        used = used_inputs(f.read())
    inputs = {k: v for k, v in network_inputs(preprocess, flat, offsets, jets, chosen).items() if used(k)}
    for tensor, array in {**inputs, "logits": logits}.items():
        np.save(os.path.join(target, "selftest", tensor + ".npy"), array)

    bit = name.endswith("-bit")
    files = {}
    for folder, _, names in os.walk(target):
        for file in names:
            path = os.path.join(folder, file)
            with open(path, "rb") as f:
                files[os.path.relpath(path, target).replace(os.sep, "/")] = hashlib.sha256(f.read()).hexdigest()
    bundle = {
        "schemaVersion": 1,
        "name": name,
        "version": "1.0.0",
        "description": DESCRIPTIONS[name],
        "licence": "CC0-1.0",
        "stage": {
            "kind": "jet-tagger",
            "preprocess": "preprocess.json",
            "logits": "logits",
            "signal": "quark",
            "background": "gluon",
            "trainedFor": {"jetPtGeV": {"minimum": 500, "maximum": 550}},
        },
        "models": {"tagger": "model.onnx"},
        "outputs": [{
            "name": "logits",
            "description": "unnormalised log-likelihoods of the classes; score = 1 / (1 + exp(gluon - quark))",
            "unit": "",
            "labels": preprocess["output_labels"],
        }],
        "metrics": {
            "sample": "10,000 simulated jets (Pythia 8.317, 14 TeV, anti-kT R = 0.4, 500 < pT < 550 GeV, |y| < 1.7), half quarks, half gluons",
            **metrics,
            "auc_error": 0.003,
        },
        "training": {
            "framework": "PyTorch 2.15",
            "sample": "62,718 simulated jets as those of the metrics, other seeds",
            "start": "from the float network, with distillation" if bit else "random",
            **training,
        },
        "selftest": [{
            "name": "20 simulated jets, from the shortest to the longest",
            "model": "tagger",
            "inputs": {k: "selftest/" + k + ".npy" for k in inputs},
            "outputs": {"logits": {"file": "selftest/logits.npy", **TOLERANCES["bit" if bit else "float"]}},
        }],
        "files": dict(sorted(files.items())),
    }
    with open(os.path.join(target, "bundle.json"), "w", newline="\n") as f:
        json.dump(bundle, f, indent=1)
        f.write("\n")
    print(target, {k: v.shape for k, v in inputs.items()}, "shortest and longest:", np.diff(offsets)[chosen][[0, -1]])


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    models, sample, output = sys.argv[1:4]
    jets = read_jets(sample)
    for name in sys.argv[4:] or DESCRIPTIONS:
        make(models, name, jets, output)


if __name__ == "__main__":
    main()
