#!/usr/bin/env python3
"""A CaloDREAM bundle of the energy networks of one bundle and the shape network of another.

    compose_calodream.py ENERGY SHAPE OUTPUT

Both were trained by `bitbeam train calo --network calodream` on the same showers with the same sizes, options and seed, but for the
plan. Their two networks share no parameters, and neither sees the other's loss; as long as no gradient was clipped and both kept the
same epoch, each is what a training of the mixed plan would have given (`CaloDreamTrainingTest`). The record of the training is
ENERGY's with the mixed plan, the errors of the parts, and what was composed under `composed`; there is no curve of it.
"""
import argparse
import hashlib
import json
from pathlib import Path


def part(name):
    """Which network a layer, a file or a self-test belongs to; statistics are those of both."""
    return "shape" if name.startswith("shape") else "energy" if name.startswith("energy") else ""


def mixed(of):
    """The items of the energy networks of the one and of the shape network of the other."""
    energy, shape = of
    return [i for i in energy if part(i[0]) != "shape"] + [i for i in shape if part(i[0]) == "shape"]


def tests(manifest):
    return [(test["model"], test) for test in manifest["selftest"]]


def rules(manifest):
    return [(rule["match"], rule) for rule in manifest["training"]["settings"]["plan"].get("layers", [])]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("energy", type=Path)
    parser.add_argument("shape", type=Path)
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    sources = [arguments.energy, arguments.shape]
    texts = [(source / "bundle.json").read_text() for source in sources]
    energy, shape = manifests = [json.loads(text) for text in texts]
    trainings = [m["training"] for m in manifests]
    for what in ("network", "geometry", "sizes", "options", "dataSha256", "startSha256", "teacherSha256"):
        if trainings[0]["settings"].get(what) != trainings[1]["settings"].get(what):
            raise SystemExit(f"{what} of the trainings differ: {[t['settings'].get(what) for t in trainings]}")
    if trainings[0]["bestEpoch"] != trainings[1]["bestEpoch"]:
        raise SystemExit(f"not the same epoch: {[t['bestEpoch'] for t in trainings]}")
    paths = [f for f in energy["files"] if not f.startswith(("shape", "selftest"))]
    if any(energy["files"][f] != shape["files"][f] for f in paths if f.endswith((".npy", "geometry.json"))):
        raise SystemExit("geometry or statistics of the showers differ")
    files = {f: arguments.energy / f for f in paths}
    files |= {f: arguments.shape / f for f in shape["files"] if f.startswith("shape")}
    for source, own, kind in zip(sources, manifests, ("energy", "shape")):
        for f in own["files"]:
            if f.startswith("selftest/") and part(f.split("/")[1].split("-", 1)[1]) == kind:
                files[f] = source / f
    settings = {**trainings[0]["settings"], "plan": {"layers": [r for _, r in mixed([rules(m) for m in manifests])]}}
    errors = {f"{kind}VelocityError": m["metrics"][f"{kind}VelocityError"] for kind, m in zip(("energy", "shape"), manifests)}
    composed = {
        kind: {"bundle": m["name"], "sha256": hashlib.sha256(text.encode()).hexdigest(), "seconds": m["training"]["seconds"], "cpu": m["training"]["cpu"]}
        for kind, m, text in zip(("energy", "shape"), manifests, texts)
    }
    training = {k: v for k, v in trainings[0].items() if k not in ("curve", "seconds", "cpu")}
    manifest = {
        **energy,
        "name": arguments.output.name,
        "stage": {**energy["stage"], "shape": shape["stage"]["shape"]},
        "metrics": {"sample": energy["metrics"]["sample"], "velocityError": sum(errors.values()), **errors},
        "training": {**training, "settings": settings, "composed": composed},
        "selftest": [t for _, t in mixed([tests(m) for m in manifests])],
        "files": {},
    }
    arguments.output.mkdir()
    for name, source in sorted(files.items()):
        content = source.read_bytes()
        target = arguments.output / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        manifest["files"][name] = hashlib.sha256(content).hexdigest()
    (arguments.output / "bundle.json").write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    main()
