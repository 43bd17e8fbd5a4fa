"""Makes groups.onnx, groups_preprocess.json and groups.zip: a tagger with several input groups of
different lengths, in the manner of CMS, and what it gives for jets_qg_sample.zip. Needs numpy, onnx,
onnxruntime; an implementation of the preprocessing apart from ours.

usage: make_groups.py   (in this folder)
"""
import io
import json
import zipfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

rng = np.random.default_rng(20261126)


def info(median=0.0, norm=1.0, low=-5.0, high=5.0, pad=0.0, inf=0.0):
    return {
        "median": median,
        "norm_factor": norm,
        "replace_inf_value": inf,
        "lower_bound": low,
        "upper_bound": high,
        "pad": pad,
    }


preprocess = {
    "input_names": ["pf_features", "pf_mask", "leading", "jet"],
    "pf_features": {
        "var_names": ["pfcand_ptrel_log", "pfcand_etarel", "pfcand_phirel", "pfcand_deltaR", "pfcand_charge"],
        "var_infos": {
            "pfcand_ptrel_log": info(-4.0, 0.7, pad=-1.5),
            "pfcand_etarel": info(0.0, 4.0),
            "pfcand_phirel": info(0.0, 4.0, -2, 2),
            "pfcand_deltaR": info(0.2, 4.0, pad=0.25),
            "pfcand_charge": info(),
        },
        "min_length": 16,
        "max_length": 60,
    },
    "pf_mask": {"var_names": ["pfcand_mask"], "min_length": 16, "max_length": 60},
    "leading": {
        "var_names": ["pfcand_pt_log", "pfcand_abseta", "pfcand_isGamma"],
        "var_infos": {
            "pfcand_pt_log": info(1.0, 0.5, pad=-1),
            "pfcand_abseta": info(0.6, 1.6),
            "pfcand_isGamma": info(),
        },
        "var_length": 5,
    },
    "jet": {
        "var_names": ["jet_log_pt", "jet_eta"],
        "var_infos": {"jet_log_pt": info(4.0, 1.0), "jet_eta": info(0.0, 0.5)},
        "var_length": 1,
    },
    "output_names": ["logits"],
    "output_labels": ["gluon", "quark"],
}
HIDDEN = 6


def weights(name, *shape):
    return numpy_helper.from_array((rng.normal(size=shape) / np.sqrt(shape[0])).astype(np.float32), name)


graph = helper.make_graph(
    [
        helper.make_node("Transpose", ["pf_features"], ["t"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["t", "w_pf"], ["m"]),
        helper.make_node("Relu", ["m"], ["r"]),
        helper.make_node("Transpose", ["pf_mask"], ["k"], perm=[0, 2, 1]),
        helper.make_node("Mul", ["r", "k"], ["rm"]),
        helper.make_node("ReduceMean", ["rm"], ["pf"], axes=[1], keepdims=0),
        helper.make_node("Flatten", ["leading"], ["l"], axis=1),
        helper.make_node("Concat", ["pf", "l", "jet"], ["all"], axis=1),
        helper.make_node("MatMul", ["all", "w_hidden"], ["h"]),
        helper.make_node("Tanh", ["h"], ["hidden"]),
        helper.make_node("MatMul", ["hidden", "w_out"], ["logits"]),
    ],
    "groups",
    [
        helper.make_tensor_value_info("pf_features", TensorProto.FLOAT, ["N", 5, "P"]),
        helper.make_tensor_value_info("pf_mask", TensorProto.FLOAT, ["N", 1, "P"]),
        helper.make_tensor_value_info("leading", TensorProto.FLOAT, ["N", 3, 5, 1]),
        helper.make_tensor_value_info("jet", TensorProto.FLOAT, ["N", 2]),
    ],
    [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 2])],
    [weights("w_pf", 5, 7), weights("w_hidden", 7 + 15 + 2, HIDDEN), weights("w_out", HIDDEN, 2)],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
onnx.checker.check_model(model)
onnx.save(model, "groups.onnx")
json.dump(preprocess, open("groups_preprocess.json", "w"), indent=1)
# The same with its hidden values as an output, for the golden numbers.
shown = onnx.ModelProto()
shown.CopyFrom(model)
shown.graph.output.append(helper.make_tensor_value_info("hidden", TensorProto.FLOAT, ["N", HIDDEN]))
session = onnxruntime.InferenceSession(shown.SerializeToString(), providers=["CPUExecutionProvider"])

arrays = {}
with zipfile.ZipFile("jets_qg_sample.zip") as source:
    for name in source.namelist():
        arrays[name[:-4]] = np.load(io.BytesIO(source.read(name)))


def scaled(name, raw, length, infos):
    spec = infos.get(name)
    raw = np.asarray(raw, np.float64)[:length]
    if spec is None:
        return np.pad(raw, (0, length - len(raw)))
    raw = np.where(np.isfinite(raw), raw, spec["replace_inf_value"])
    value = np.clip((raw - spec["median"]) * spec["norm_factor"], spec["lower_bound"], spec["upper_bound"])
    return np.pad(value, (0, length - len(value)), constant_values=spec["pad"])


logits, hidden = [], []
offsets = arrays["Part_pt.offsets"]
for i in range(len(offsets) - 1):
    span = slice(offsets[i], offsets[i + 1])
    pt, eta, phi = (arrays["Part_" + v][span].astype(np.float64) for v in ("pt", "eta", "phi"))
    pdg = arrays["Part_pdgId"][span]
    order = np.argsort(-pt, kind="stable")
    order = order[pt[order] > 0]
    if len(order) == 0:
        logits.append([np.nan] * 2)
        hidden.append([np.nan] * HIDDEN)
        continue
    pt, eta, phi, pdg = pt[order], eta[order], phi[order], pdg[order]
    jpt, jeta, jphi = (float(arrays["jet_" + v][i]) for v in ("pt", "eta", "phi"))
    deta = (eta - jeta) * (1 if jeta >= 0 else -1)
    dphi = np.mod(phi - jphi + np.pi, 2 * np.pi) - np.pi
    charge = np.where(np.isin(np.abs(pdg), [11, 13]), -np.sign(pdg), np.sign(pdg) * np.isin(np.abs(pdg), [211, 321, 2212]))
    raw = {
        "pfcand_ptrel_log": np.log(pt / jpt),
        "pfcand_etarel": deta,
        "pfcand_phirel": dphi,
        "pfcand_deltaR": np.hypot(deta, dphi),
        "pfcand_charge": charge,
        "pfcand_mask": np.ones(len(pt)),
        "pfcand_pt_log": np.log(pt),
        "pfcand_abseta": np.abs(eta),
        "pfcand_isGamma": pdg == 22,
        "jet_log_pt": [np.log(jpt)],
        "jet_eta": [jeta],
    }
    # Our stage pads to a multiple of 8 within the bounds.
    length = min(max(-(-min(len(pt), 60) // 8) * 8, 16), 60)
    lengths = {"pf_features": length, "pf_mask": length, "leading": 5, "jet": 1}
    feeds = {}
    for group, size in lengths.items():
        spec = preprocess[group]
        feeds[group] = np.stack([scaled(n, raw[n], size, spec.get("var_infos", {})) for n in spec["var_names"]])
        feeds[group] = feeds[group][None].astype(np.float32)
    feeds["leading"] = feeds["leading"][..., None]
    feeds["jet"] = feeds["jet"][..., 0]
    one = session.run(["logits", "hidden"], {k: np.concatenate([v, v]) for k, v in feeds.items()})
    logits.append(one[0][0])
    hidden.append(one[1][0])

with zipfile.ZipFile("groups.zip", "w", zipfile.ZIP_DEFLATED) as out:
    for name, values in (("logits", logits), ("hidden", hidden)):
        data = io.BytesIO()
        np.save(data, np.asarray(values, np.float32))
        out.writestr(zipfile.ZipInfo(name + ".npy"), data.getvalue(), zipfile.ZIP_DEFLATED)
