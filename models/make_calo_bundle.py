"""Makes the bundles of the calorimeter flows in this folder. Needs numpy.

usage: make_calo_bundle.py FLOWS_DIR OUTPUT_DIR

FLOWS_DIR holds index.json and a folder for every flow: subnets as ONNX, permutations, ActNorms, and
inputs and outputs of some subnets. OUTPUT_DIR/calo-tiny and calo-tiny-bit become bundles; existing
ones are replaced. The format is described in docs/bundle-format.md and docs/calo.md. The same
inputs give the same bytes.

The flows are small CaloINNs for a calorimeter of 62 voxels of our own: photons from 256 MeV to
262 GeV, five layers. They were trained for a few minutes on generated showers; they show how
things work, and are no physics.
"""
import hashlib
import json
import os
import shutil
import sys

FLOWS = {
    "calo-tiny": ("tiny_default", "Photon showers in 62 voxels: CaloINN of 6 blocks, float", {"ofRange": 1e-5}),
    "calo-tiny-bit": (
        "tiny_all",
        "Photon showers in 62 voxels: CaloINN of 6 blocks, every layer ternary (BitLinear)",
        {"ofRange": 2e-3},
    ),
}
# (detector layer, edges of the rings in mm, sectors)
LAYERS = [
    (0, [0, 5, 10, 30, 100], 1),
    (1, [0, 5, 10, 20, 40, 80, 200], 4),
    (2, [0, 5, 10, 20, 40, 60, 100, 200], 4),
    (3, [0, 50, 100, 200], 1),
    (12, [0, 100, 200, 400], 1),
]


def make(flows, output, name):
    flow_name, description, tolerance = FLOWS[name]
    index = json.load(open(os.path.join(flows, "index.json")))
    flow = next(f for f in index["flows"] if f["name"] == flow_name)
    assert [(len(r) - 1) * s for _, r, s in LAYERS] == flow["layer_sizes"]
    goldens = {f["file"]: f for f in index["onnx_files"] if "golden" in f}
    folder = os.path.join(output, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(os.path.join(folder, "selftest"))
    files = {}

    def add(path, content):
        with open(os.path.join(folder, path), "wb") as out:
            out.write(content)
        files[path] = hashlib.sha256(content).hexdigest()

    def copy(source, path):
        with open(os.path.join(flows, source), "rb") as content:
            add(path, content.read())
        return path

    geometry = {
        "name": "photon",
        "layers": [{"id": i, "radii": radii, "sectors": sectors} for i, radii, sectors in LAYERS],
    }
    add("geometry.json", (json.dumps(geometry, indent=1) + "\n").encode())
    models, blocks, selftest = {}, [], []
    for i, block in enumerate(flow["blocks"]):
        role = "subnet-%02d" % i
        source = block["subnet"]["script"]
        models[role] = copy(source, role + ".onnx")
        node = {"subnet": role, "permutation": copy(block["permutation"], "permutation-%02d.npy" % i)}
        if block["act_norm"]:
            node["normLogScale"] = copy(block["act_norm"]["scale"], "norm-log-scale-%02d.npy" % i)
            node["normShift"] = copy(block["act_norm"]["bias"], "norm-shift-%02d.npy" % i)
        blocks.append(node)
        if source in goldens:
            golden = goldens[source]["golden"]
            test = {"name": "inputs and outputs of PyTorch", "model": role, "inputs": {}, "outputs": {}}
            for key in ("inputs", "outputs"):
                for value, npy in golden[key].items():
                    path = copy(npy, "selftest/%s.%s.npy" % (role, value))
                    test[key][value] = path if key == "inputs" else dict(file=path, **tolerance)
            selftest.append(test)
    manifest = {
        "schemaVersion": 1,
        "name": name,
        "version": "1.0.0",
        "description": description,
        "licence": "CC0-1.0",
        "stage": {
            "kind": "calo-flow",
            "geometry": "geometry.json",
            "spline": {"kind": "rational-quadratic", "bins": flow["bins"], "bound": flow["bound"]},
            "noise": flow["noise"],
            "energies": {"minimumMeV": 256, "maximumMeV": 262144},
            "blocks": blocks,
        },
        "models": models,
        "outputs": [{"name": "theta", "description": "spline parameters", "unit": "", "labels": []}],
        "selftest": selftest,
        "files": dict(sorted(files.items())),
    }
    with open(os.path.join(folder, "bundle.json"), "w") as out:
        out.write(json.dumps(manifest, indent=1) + "\n")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    for name in FLOWS:
        make(sys.argv[1], sys.argv[2], name)


if __name__ == "__main__":
    main()
