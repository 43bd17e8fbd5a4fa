#!/usr/bin/env python3
"""ROOT -> tag -> ROOT as a Python user writes it: the peers of `bitbeam bench pipeline`, which starts this.

    python tools/peer_pipeline.py uproot|rdataframe IN.root OUT.root MODEL_DIR [--tree NAME] [--step 1000]

MODEL_DIR holds model.onnx and preprocess.json of a tagger. Reads jets and constituents (layouts jets and pfnano of docs/tagging.md), computes the
features, runs the network on onnxruntime with one thread, writes a tree with the scores, an entry for each of the input.
uproot: uproot and awkward. rdataframe: RDataFrame with features in C++ (compiled by ROOT before the clock starts), the scores written by Snapshot.
Prints one JSON line: entries, jets, seconds without imports. Exit code 3: a module is not there; its name is on standard error.
"""
import argparse
import json
import math
import os
import sys
import time

CHARGED = [11, 13, 211, 321, 2212, 3112, 3222, 3312, 3334]
NEGATIVE = [11, 13, 3112, 3312, 3334]
JET = ("pt", "eta", "phi", "mass")
CONSTITUENT = ("pt", "eta", "phi", "pdgId")

CXX = """
#pragma cling optimize(3)
#include <ROOT/RVec.hxx>
#include <cmath>
#include <cstdlib>
#include <set>
struct Peer {
std::vector<float> features, vectors, scores, logits;
std::vector<int> lengths, counts;
std::vector<size_t> first{0};
std::vector<int> variables;
std::vector<double> median, factor, lower, upper;
size_t maximum = 0;
std::set<int> charged{CHARGED}, negative{NEGATIVE};

void constituent(double jpt, double jeta, double jphi, double jetE, double pt, double eta, double phi, int pid) {
  const double e = pt * std::cosh(eta), deta = (eta - jeta) * (jeta >= 0 ? 1 : -1);
  double dphi = std::fmod(phi - jphi + M_PI, 2 * M_PI);
  dphi += (dphi < 0 ? 2 * M_PI : 0) - M_PI;
  const int a = std::abs(pid);
  const bool c = charged.count(a) > 0;
  const double raw[] = {std::log(pt), std::log(e), std::log(pt / jpt), std::log(e / jetE), deta, dphi, std::hypot(deta, dphi),
                        c ? (pid > 0 ? 1. : -1.) * (negative.count(a) ? -1 : 1) : 0., a == 11 ? 1. : 0., a == 13 ? 1. : 0., a == 22 ? 1. : 0.,
                        c && a != 11 && a != 13 ? 1. : 0., !c && a != 22 && a != 0 ? 1. : 0.};
  for (size_t i = 0; i < variables.size(); i++)
    features.push_back(std::min(std::max((raw[variables[i]] - median[i]) * factor[i], lower[i]), upper[i]));
  for (double value : {pt, eta, phi, e}) vectors.push_back(value);
}

template <class F, class I>
void jet(double jpt, double jeta, double jphi, double jm, const F &pt, const F &eta, const F &phi, const I &pid) {
  const double jetE = std::hypot(jpt * std::cosh(jeta), jm);
  const auto order = ROOT::VecOps::StableArgsort(pt, [](auto a, auto b) { return a > b; });
  const size_t length = std::min(maximum, order.size());
  for (size_t i = 0; i < length; i++) constituent(jpt, jeta, jphi, jetE, pt[order[i]], eta[order[i]], phi[order[i]], pid[order[i]]);
  lengths.push_back(length);
}

template <class F, class I>
int oneJet(double jpt, double jeta, double jphi, double jm, const F &pt, const F &eta, const F &phi, const I &pid) {
  jet(jpt, jeta, jphi, jm, pt, eta, phi, pid);
  counts.push_back(1);
  return 1;
}

template <class J, class F, class I, class L>
int severalJets(const J &jpt, const J &jeta, const J &jphi, const J &jm, const F &pt, const F &eta, const F &phi, const I &pid, const L &of, const L &which) {
  for (size_t j = 0; j < jpt.size(); j++) {
    const ROOT::RVec<size_t> mine(which[of == int(j)]);
    jet(jpt[j], jeta[j], jphi[j], jm[j], Take(pt, mine), Take(eta, mine), Take(phi, mine), Take(pid, mine));
  }
  counts.push_back(jpt.size());
  first.push_back(first.back() + jpt.size());
  return jpt.size();
}

ROOT::RVec<float> ofEntry(const std::vector<float> &values, size_t entry) {
  return {values.data() + first[entry], values.data() + first[entry + 1]};
}
};

Peer &peer() {
  static Peer only;
  return only;
}
"""
VARIABLES = ["log_pt", "log_e", "log_ptrel", "log_erel", "deta", "dphi", "dr", "charge", "is_electron", "is_muon", "is_photon", "is_charged_hadron",
             "is_neutral_hadron"]


class Uproot:
    """Batches of events, features by numpy over padded arrays."""

    def __init__(self, declaration):
        import awkward
        import uproot
        self.ak, self.uproot, self.declaration = awkward, uproot, declaration

    def batches(self, path, name, step):
        tree = self.uproot.open(path)[name]
        self.name, self.one = name, "Part_pt" in tree
        columns = columns_of(self.one)
        for batch in tree.iterate([c for group in columns for c in group], step_size=step):
            yield len(batch), self.features(*(self.one_jet if self.one else self.several_jets)(batch))

    def one_jet(self, a):
        ak = self.ak
        return ak.zip({k: a["Part_" + k] for k in CONSTITUENT}), ak.zip({k: a["jet_" + k] for k in JET}), np.ones(len(a), int)

    def several_jets(self, a):
        ak = self.ak
        counts = ak.to_numpy(ak.num(a.Jet_pt))
        candidates = ak.zip({k: a["PFCands_" + k] for k in CONSTITUENT})[a.JetPFCands_pFCandsIdx]
        event = np.repeat(np.arange(len(a)), ak.to_numpy(ak.num(a.JetPFCands_jetIdx)))
        first = np.concatenate([[0], np.cumsum(counts)])
        jet = first[event] + ak.to_numpy(ak.flatten(a.JetPFCands_jetIdx))
        flat = ak.flatten(candidates)
        order = np.lexsort((-ak.to_numpy(flat.pt), jet))
        constituents = ak.unflatten(flat[order], np.bincount(jet, minlength=first[-1]))
        return constituents, ak.flatten(ak.zip({k: a["Jet_" + k] for k in JET})), counts

    def features(self, c, j, counts):
        ak = self.ak
        declared = self.declaration
        n = min(declared["var_length"], int(ak.max(ak.num(c))))
        pad = lambda x: ak.to_numpy(ak.fill_none(ak.pad_none(x, n, clip=True), 0))
        pt, eta, phi = (pad(c[k]).astype(np.float64) for k in ("pt", "eta", "phi"))
        pid = pad(c.pdgId).astype(np.int32)
        jpt, jeta, jphi, jm = (ak.to_numpy(j[k]).astype(np.float64)[:, None] for k in JET)
        mask = pt > 0
        energy = pt * np.cosh(eta)
        jet_e = np.hypot(jpt * np.cosh(jeta), jm)
        deta = (eta - jeta) * np.where(jeta >= 0, 1, -1)
        dphi = np.mod(phi - jphi + math.pi, 2 * math.pi) - math.pi
        a = np.abs(pid)
        charged = np.isin(a, CHARGED)
        with np.errstate(divide="ignore"):
            raw = [np.log(pt), np.log(energy), np.log(pt / jpt), np.log(energy / jet_e), deta, dphi, np.hypot(deta, dphi),
                   np.where(charged, np.sign(pid) * np.where(np.isin(a, NEGATIVE), -1, 1), 0), a == 11, a == 13, a == 22,
                   charged & ~np.isin(a, [11, 13]), ~charged & (a != 22) & (a != 0)]
        x = np.zeros((len(pt), len(declared["var_names"]), n), np.float32)
        for i, name in enumerate(declared["var_names"]):
            v = declared["var_infos"][name]
            scaled = (raw[VARIABLES.index(name)] - v["median"]) * v["norm_factor"]
            x[:, i] = np.where(mask, np.clip(scaled, v["lower_bound"], v["upper_bound"]), v["pad"])
        vectors = np.stack([np.where(mask, q, 0) for q in (pt, eta, phi, energy)], 1).astype(np.float32)
        return counts, x, vectors, mask[:, None].astype(np.float32)

    def write(self, path, counts, columns):
        ak = self.ak
        with self.uproot.recreate(path) as file:
            if self.one:
                file.mktree(self.name, {"jet_" + k: v for k, v in columns.items()})
            else:
                file.mktree(self.name, {"Jet": ak.zip({k: ak.unflatten(v, counts) for k, v in columns.items()})})


class Rdataframe:
    """One event loop that computes all features in C++; the network by passes over them; another loop that writes."""

    def __init__(self, declaration):
        import ROOT
        self.ROOT = ROOT
        numbers = lambda values: ",".join(map(str, values))
        if not ROOT.gInterpreter.Declare(CXX.replace("CHARGED", numbers(CHARGED)).replace("NEGATIVE", numbers(NEGATIVE))):
            raise RuntimeError("the C++ code was refused")
        self.peer = peer = ROOT.peer()
        peer.maximum = declaration["var_length"]
        for name in declaration["var_names"]:
            v = declaration["var_infos"][name]
            if v["pad"] != 0:
                raise ValueError("padding other than 0")
            peer.variables.push_back(VARIABLES.index(name))
            for vector, key in ((peer.median, "median"), (peer.factor, "norm_factor"), (peer.lower, "lower_bound"), (peer.upper, "upper_bound")):
                vector.push_back(v[key])

    def batches(self, path, name, step):
        peer = self.peer
        frame = self.ROOT.RDataFrame(name, path)
        self.name, self.one = name, "Part_pt" in list(frame.GetColumnNames())
        arguments = ", ".join(c for group in columns_of(self.one) for c in group)
        frame.Define("done", f"peer().{'oneJet' if self.one else 'severalJets'}({arguments})").Sum("done").GetValue()
        lengths, counts = np.asarray(peer.lengths), np.asarray(peer.counts)
        flat = {4: np.asarray(peer.vectors).reshape(-1, 4)}
        flat[0] = np.asarray(peer.features).reshape(len(flat[4]), -1)
        at = np.concatenate([[0], np.cumsum(lengths)])
        jet = 0
        for entry in range(0, len(counts), step):
            n = counts[entry:entry + step]
            jets = int(n.sum())
            mask = np.arange(max(1, lengths[jet:jet + jets].max(initial=0))) < lengths[jet:jet + jets, None]
            padded = []
            for rows in (flat[0], flat[4]):
                x = np.zeros((*mask.shape, rows.shape[1]), np.float32)
                x[mask] = rows[at[jet]:at[jet + jets]]
                padded.append(np.ascontiguousarray(x.transpose(0, 2, 1)))
            yield len(n), (n, *padded, mask[:, None].astype(np.float32))
            jet += jets

    def write(self, path, counts, columns):
        frame = self.ROOT.RDataFrame(len(counts))
        names = []
        for (name, values), vector in zip(columns.items(), ("scores", "logits")):
            getattr(self.peer, vector).resize(len(values))
            np.asarray(getattr(self.peer, vector))[:] = values
            names.append(("jet_" if self.one else "Jet_") + name)
            frame = frame.Define(names[-1], f"peer().{vector}[rdfentry_]" if self.one else f"peer().ofEntry(peer().{vector}, rdfentry_)")
        frame.Snapshot(self.name, path, names)


def columns_of(one_jet):
    if one_jet:
        return ["jet_" + k for k in JET], ["Part_" + k for k in CONSTITUENT]
    return ["Jet_" + k for k in JET], ["PFCands_" + k for k in CONSTITUENT], ["JetPFCands_jetIdx", "JetPFCands_pFCandsIdx"]


def main():
    cli = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    cli.add_argument("peer", choices=["uproot", "rdataframe"])
    cli.add_argument("input")
    cli.add_argument("output")
    cli.add_argument("model")
    cli.add_argument("--tree", default="Events")
    cli.add_argument("--step", type=int, default=1000)
    args = cli.parse_args()
    with open(os.path.join(args.model, "preprocess.json")) as file:
        declaration = json.load(file)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    peer = {"uproot": Uproot, "rdataframe": Rdataframe}[args.peer](declaration["pf_features"])

    start = time.time()
    network = onnxruntime.InferenceSession(os.path.join(args.model, "model.onnx"), options, providers=["CPUExecutionProvider"])
    wanted = {i.name for i in network.get_inputs()}
    counts, logits, entries = [], [], 0
    for read, (n, *arrays) in peer.batches(args.input, args.tree, args.step):
        feed = dict(zip(("pf_features", "pf_vectors", "pf_mask"), arrays))
        logits.append(network.run(["logits"], {k: v for k, v in feed.items() if k in wanted})[0])
        counts.append(n)
        entries += read
    counts, logits = np.concatenate(counts), np.concatenate(logits)
    logit = logits[:, 1] - logits[:, 0]
    peer.write(args.output, counts, {"qgQuarkScore": (1 / (1 + np.exp(-logit))).astype(np.float32), "qgLogit": logit.astype(np.float32)})
    print(json.dumps({"entries": entries, "jets": int(counts.sum()), "seconds": time.time() - start}))


if __name__ == "__main__":
    try:
        import numpy as np
        import onnxruntime
        main()
    except ModuleNotFoundError as missing:
        print(f"no module {missing.name}", file=sys.stderr)
        sys.exit(3)
