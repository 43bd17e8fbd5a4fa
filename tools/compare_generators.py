"""Compares events of `bitbeam generate` with a sample of the same columns. Needs uproot, awkward, numpy, scipy.

usage: compare_generators.py jets GENERATED.root REFERENCE.root
       compare_generators.py wz GENERATED.root REFERENCE.root

Prints Markdown tables: for jets means, spreads, Wasserstein distances in units of the reference's spread, and the AUC of
single observables (quark against gluon); for wz quantiles, moments of the weights, and how far the weights are from
the formulas of the sample's description, computed here a second time from the angles.
"""
import sys

import awkward as ak
import numpy as np
import uproot
from scipy.stats import ks_2samp, rankdata, wasserstein_distance


def wrap(angle):
    return (angle + np.pi) % (2 * np.pi) - np.pi


def jet_observables(path):
    names = ["Part_pt", "Part_y", "Part_phi", "Part_pdgId", "jet_y", "jet_phi", "jet_mass", "jet_pt", "label"]
    a = uproot.open(path + ":jets").arrays(names)
    dr = np.sqrt((a.Part_y - a.jet_y) ** 2 + wrap(a.Part_phi - a.jet_phi) ** 2)
    total = ak.sum(a.Part_pt, axis=1)
    kind = abs(a.Part_pdgId)
    charged = (kind == 211) | (kind == 321) | (kind == 2212) | (kind == 11) | (kind == 13)
    values = {
        "multiplicity": ak.num(a.Part_pt),
        "charged multiplicity": ak.sum(charged, axis=1),
        "width": ak.sum(a.Part_pt * dr, axis=1) / total,
        "pTD": np.sqrt(ak.sum(a.Part_pt**2, axis=1)) / total,
        "mass": a.jet_mass,
        "jet pT": a.jet_pt,
    }
    return {k: ak.to_numpy(v).astype(float) for k, v in values.items()}, ak.to_numpy(a.label) == 1


def auc(signal, background):
    ranks = rankdata(np.concatenate([signal, background]))
    n, m = len(signal), len(background)
    area = (ranks[:n].sum() - n * (n + 1) / 2) / (n * m)
    return max(area, 1 - area)


def jets(generated, reference):
    ours, quark = jet_observables(generated)
    theirs, their_quark = jet_observables(reference)
    print(f"{len(quark):,} generated jets ({quark.sum():,} of quarks), {len(their_quark):,} of the reference\n")
    print("| | jets | mean | reference | spread | reference | Wasserstein / spread | KS |")
    print("|---|---|---|---|---|---|---|---|")
    for name in ours:
        for kind, a, b in (("gluon", ~quark, ~their_quark), ("quark", quark, their_quark)):
            x, y = ours[name][a], theirs[name][b]
            print(
                f"| {name} | {kind} | {x.mean():.4g} | {y.mean():.4g} | {x.std():.3g} | {y.std():.3g} |"
                f" {wasserstein_distance(x, y) / y.std():.3f} | {ks_2samp(x, y).statistic:.3f} |"
            )
    print("\n| AUC of | generated | reference |\n|---|---|---|")
    for name in list(ours)[:-1]:
        print(
            f"| {name} | {auc(ours[name][quark], ours[name][~quark]):.3f} |"
            f" {auc(theirs[name][their_quark], theirs[name][~their_quark]):.3f} |"
        )


def weights(a):
    """p0 to p5 from the decay angles, with the leading helicity amplitudes."""
    g, s2 = 0.652, 0.2312
    c = np.sqrt(1 - s2)
    w_had = abs(a["boson_pdgId"]) == 24
    charge = np.where(w_had, np.sign(a["boson_pdgId"]), np.where(a["lep1_pdgId"] % 2 == 0, 1, -1)).astype(float)
    z = np.where(w_had, a["lep1_pdgId"], a["q1_pdgId"])
    q = np.where(z > 10, np.where(z % 2 == 0, 0.0, -1.0), np.where(z % 2 == 0, 2 / 3, -1 / 3))
    left = np.where(z % 2 == 0, 0.5, -0.5) - q * s2
    right = -q * s2
    had = [a["gen_theta_had"].astype(float), a["gen_phi_had"].astype(float)]
    lep = [a["gen_theta_lep"].astype(float), a["gen_phi_lep"].astype(float)]
    turn = np.where(a["gen_quark_dir"] < 0, np.pi, 0)
    theta_w, phi_w = (np.where(w_had, had[i], lep[i]) + i * turn for i in (0, 1))
    theta_z, phi_z = (np.where(w_had, lep[i], had[i]) + i * turn for i in (0, 1))
    cos = a["gen_cos_theta"].astype(float)
    angle = np.arccos(cos)
    r = s2 + 3 * c * c * charge * cos
    transverse = charge * g * g * r / (3 * np.sqrt(2) * c)
    standard = {
        (-1, 1): -transverse / np.tan(angle / 2),
        (1, -1): transverse * np.tan(angle / 2),
        (0, 0): -g * g * np.sin(angle) / (2 * np.sqrt(2)),
    }
    k = 3 * g * c / np.sqrt(2) * np.sin(angle) * (a["gen_mWZ"].astype(float) / 1e3) ** 2
    even, odd = {(1, 1): k, (-1, -1): k}, {(1, 1): 1j * k, (-1, -1): -1j * k}

    def d(h, s, theta, phi):
        return ((1 + h * s * np.cos(theta)) / 2 if h else -s * np.sin(theta) / np.sqrt(2)) * np.exp(1j * h * phi)

    sums = np.zeros((6, len(cos)))
    for s, coupling in ((-1, left**2), (1, right**2)):
        x, y, w = (
            sum(m * d(h[0], -1, theta_w, phi_w) * d(h[1], s, theta_z, phi_z) for h, m in amplitude.items())
            for amplitude in (standard, even, odd)
        )
        terms = (abs(x) ** 2, 2 * x * y.conj(), 2 * x * w.conj(), abs(y) ** 2, 2 * y * w.conj(), abs(w) ** 2)
        sums += np.array([coupling * np.real(t) for t in terms])
    floor = 0.1 * (left**2 + right**2) / 9 * sum(m * m for m in standard.values())
    below = sums[0] < floor
    result = sums / np.maximum(sums[0], floor)
    result[0] = 1
    result[[3, 5]] *= 1 + 1e-4
    return result.T, below


def wz(generated, reference):
    ours, theirs = (uproot.open(path + ":jets").arrays(library="np") for path in (generated, reference))
    print(f"{len(ours['jet_pt']):,} generated jets, {len(theirs['jet_pt']):,} of the reference\n")
    for name, a in (("generated", ours), ("reference", theirs)):
        p, below = weights(a)
        stored = a["eft_coeff"].astype(float)
        scale = np.sqrt((1 + stored[:, 3]) * (1 + stored[:, 5]))[:, None]
        print(f"{name}: weights stored - formulas of the angles: {np.abs((stored - p) / scale).max():.1e} of the largest")
        print(f"{name}: denominators at the floor: {below.mean():.4f}")
    rows = ["jet_pt", "jet_eta", "jet_mass", "jet_msd", "jet_nConst", "gen_mWZ", "gen_cos_theta", "gen_theta_had"]
    rows += ["gen_theta_lep", "q1_pt"]
    print("\n| | 10 % | 50 % | 90 % | reference 10 % | 50 % | 90 % | KS |\n|---|---|---|---|---|---|---|---|")
    for name in rows:
        q = [np.percentile(a[name], [10, 50, 90]) for a in (ours, theirs)]
        print(f"| {name} | " + " | ".join(f"{v:.4g}" for v in np.concatenate(q)) + f" | {ks_2samp(ours[name], theirs[name]).statistic:.3f} |")
    print("\n| | generated | reference |\n|---|---|---|")

    def row(name, value):
        print(f"| {name} | {value(ours)} | {value(theirs)} |")

    def mean(values):
        return f"{values.mean():.3g} ± {values.std() / np.sqrt(len(values)):.2g}"

    row("hadronic W", lambda a: f"{(abs(a['boson_pdgId']) == 24).mean():.3f}")
    for i, name in ((1, "p1"), (2, "p2"), (3, "p3"), (4, "p4"), (5, "p5")):
        row(f"mean {name}", lambda a: mean(a["eft_coeff"][:, i].astype(float)))
        row(f"spread of {name}", lambda a: f"{a['eft_coeff'][:, i].std():.4g}")
    row("mean p1 cos 2 phi_had", lambda a: mean(a["eft_coeff"][:, 1] * np.cos(2 * a["gen_phi_had"])))
    row("mean p2 sin 2 phi_had", lambda a: mean(a["eft_coeff"][:, 2] * np.sin(2 * a["gen_phi_had"])))
    row("p3 at 50, 90, 99 %", lambda a: ", ".join(f"{v:.4g}" for v in np.percentile(a["eft_coeff"][:, 3], [50, 90, 99])))
    row("largest p3", lambda a: f"{a['eft_coeff'][:, 3].max():.4g}")
    for low, high in ((1000, 1200), (1200, 1600), (1600, 9999)):
        inside = lambda a: (a["gen_mWZ"] > low) & (a["gen_mWZ"] < high)
        row(f"mean p3, m_WZ {low} to {high}", lambda a: mean(a["eft_coeff"][inside(a), 3].astype(float)))

    def axis(a):
        jets = ak.zip({"w": ak.Array(list(a["Part_pt"])), "x": ak.Array(list(a["Part_deta"])), "y": ak.Array(list(a["Part_dphi"]))})
        total = ak.sum(jets.w, axis=1)
        x, y = (jets[k] - ak.sum(jets.w * jets[k], axis=1) / total for k in ("x", "y"))
        xx, yy, xy = (ak.sum(jets.w * u, axis=1) for u in (x * x, y * y, x * y))
        angle = 0.5 * np.arctan2(2 * ak.to_numpy(xy), ak.to_numpy(xx - yy))
        d = (angle - a["lab_gamma"] + np.pi / 2) % np.pi - np.pi / 2
        return f"{np.median(abs(d)):.4f}, {abs(d).mean():.4f}"

    row("axis of the constituents - lab_gamma, median and mean, rad", axis)
    row(
        "lab_gamma + gen_phi_had modulo pi, median, rad",
        lambda a: f"{np.median(abs((a['lab_gamma'] + a['gen_phi_had'] + np.pi / 2) % np.pi - np.pi / 2)):.4f}",
    )


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in ("jets", "wz"):
        sys.exit(__doc__)
    {"jets": jets, "wz": wz}[sys.argv[1]](sys.argv[2], sys.argv[3])
