"""Makes calo_features.json and calo_*.npy: high-level features of showers, in numpy.

usage: make_calo_features.py fixtures/models/calodream [folder]   (writes beside itself)

Written from the definitions alone, for ShowerFeaturesTest. The showers "dream" are those of the
fixtures, "photon" are made up in the binning of CaloChallenge's first data set. With a folder that
holds HighLevelFeatures.py and XMLHandler.py of github.com/CaloChallenge/homepage (folder code), the
features are compared with theirs too, and nothing is written.
"""
import json
import os
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
PHOTON = [  # id, edges in mm, sectors
    (0, [0, 5, 10, 30, 50, 100, 200, 400, 600], 1),
    (1, [0, 2, 4, 6, 8, 10, 12, 15, 20, 30, 40, 50, 70, 90, 120, 150, 200], 10),
    (2, [0, 2, 5, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 130, 160, 200, 250, 300, 350, 400], 10),
    (3, [0, 50, 100, 200, 400, 600], 1),
    (12, [0, 100, 200, 400, 1000, 2000], 1),
]
DREAM = [(i, [4.65 * k for k in range(10)], 8) for i in range(15)]


def positions(edges, sectors):
    """Voxels of a layer, angle outer: arrays (sectors, rings) of r, eta, phi."""
    e = np.asarray(edges, float)
    a = -np.pi + (np.arange(sectors) + 0.5) * 2 * np.pi / sectors
    r = np.tile((e[1:] + e[:-1]) / 2, (sectors, 1))
    return r, r * np.cos(a)[:, None], r * np.sin(a)[:, None]


def features(layers, showers):
    showers = showers.astype(float)
    out = {"total": showers.sum(1)}
    names = ["layerEnergies", "occupancy", "centreEta", "widthEta", "centrePhi", "widthPhi", "centreR", "widthR"]
    out.update({n: [] for n in names})
    at = 0
    for _, edges, sectors in layers:
        rings = len(edges) - 1
        e = showers[:, at:at + rings * sectors].reshape(-1, sectors, rings)
        at += rings * sectors
        total = e.sum((1, 2))
        out["layerEnergies"].append(total)
        out["occupancy"].append(np.count_nonzero(e > 0, (1, 2)) / (rings * sectors))
        for name, x in zip(("R", "Eta", "Phi"), positions(edges, sectors)):
            with np.errstate(all="ignore"):
                centre = np.where(total > 0, np.einsum("nar,ar->n", e, x) / total, 0)
                # about the centre, where the definition takes a difference of squares
                spread = np.where(total > 0, (e * (x - centre[:, None, None]) ** 2).sum((1, 2)) / total, 0)
            if sectors == 1 and name != "R":
                centre, spread = np.full_like(centre, np.nan), np.full_like(centre, np.nan)
            out["centre" + name].append(centre)
            out["width" + name].append(np.sqrt(spread))
    for n in names:
        out[n] = np.array(out[n]).T
    return out


def depths(layers, showers, lo, hi):
    rings, sectors = len(layers[0][1]) - 1, layers[0][2]
    e = showers.astype(float).reshape(len(showers), len(layers), sectors, rings)[:, lo:hi]
    number = np.arange(lo, hi)[None, :, None]
    return [(number * s).sum(1) / (s.sum(1) + 1e-8) for s in (e.sum(2), e.sum(3))]


def photon_showers():
    random = np.random.default_rng(20)
    voxels = sum((len(e) - 1) * s for _, e, s in PHOTON)
    showers = random.lognormal(2, 2, (6, voxels)) * (random.random((6, voxels)) < 0.3)
    showers[2, :200] = 0  # layers without energy
    showers[5] = 0
    return showers.astype("f4")


def compare(layers, showers, folder, name):
    sys.path.insert(0, folder)
    from HighLevelFeatures import HighLevelFeatures
    lines = ["<Bins><Bin name='%s'>" % name]
    for i, edges, sectors in layers:
        lines.append("<Layer id='%d' r_edges='%s' n_bin_alpha='%d'/>" % (i, ",".join(map(str, edges)), sectors))
    with tempfile.NamedTemporaryFile("w", suffix=".xml", delete=False) as xml:
        xml.write("\n".join(lines + ["</Bin></Bins>"]))
    peer = HighLevelFeatures(name, xml.name)
    peer.CalculateFeatures(showers.astype(float))
    own = features(layers, showers)
    worst = {"total": abs(peer.GetEtot() - own["total"]).max()}
    tables = {
        "layerEnergies": peer.GetElayers(), "centreEta": peer.GetECEtas(), "centrePhi": peer.GetECPhis(),
        "widthEta": peer.GetWidthEtas(), "widthPhi": peer.GetWidthPhis(), "occupancy": peer.GetSparsity(),
        "centreR": peer.EC_r, "widthR": peer.width_r,
    }
    for key, table in tables.items():
        for at, l in enumerate(peer.relevantLayers):
            if l in table:
                value = 1 - table[l] if key == "occupancy" else table[l]
                worst[key] = max(worst.get(key, 0), abs(value - own[key][:, at]).max())
    print(name, {k: float("%.2g" % v) for k, v in worst.items()})


def main():
    dream = np.load(os.path.join(sys.argv[1], "preprocessing", "voxels.npy")).reshape(-1, 1080)
    cases = {"photon": (PHOTON, photon_showers()), "dream": (DREAM, dream)}
    if len(sys.argv) > 2:
        # The peer takes ids as positions, so they go without gaps.
        for name, (layers, showers) in cases.items():
            compare([(i, e, s) for i, (_, e, s) in enumerate(layers)], showers, sys.argv[2], name)
        return
    result = {}
    for name, (layers, showers) in cases.items():
        np.save(os.path.join(HERE, "calo_%s.npy" % name), showers)
        own = {k: v.tolist() for k, v in features(layers, showers).items()}
        own["geometry"] = {"layers": [{"id": i, "radii": e, "sectors": s} for i, e, s in layers]}
        result[name] = own
    result["dream"]["depths"] = [
        {"from": lo, "to": hi, "ring": r.tolist(), "sector": s.tolist()}
        for lo, hi in ((0, 15), (0, 5), (5, 10), (10, 15))
        for r, s in [depths(DREAM, dream, lo, hi)]
    ]
    e = dream.astype(float).reshape(-1, 15, 8, 9)
    result["dream"]["longitudinal"] = e.sum((2, 3)).mean(0).tolist()
    result["dream"]["radial"] = e.sum(2).mean(0).tolist()
    counts, _ = np.histogram(np.log10(dream[dream > 0].astype(float)), 20, (-2, 5))
    result["dream"]["spectrum"] = counts.tolist()
    text = json.dumps(result, indent=0).replace("NaN", "null")
    with open(os.path.join(HERE, "calo_features.json"), "w") as out:
        out.write(text + "\n")


main()
