#!/usr/bin/env python3
"""A checkpoint of a float CaloDREAM bundle, for `bitbeam train calo --start` and `--teacher` where that of its training is lost.

    checkpoint_of_calodream.py BUNDLE CHECKPOINT

The bundle's networks hold all parameters but the frequencies of the patches' places, of which they hold the sines and cosines: the
frequencies are found up to what no place sees, and to the last bits of single precision. Moments of the optimiser are zeros, so
a training that starts from it is the same, and one that would continue it is not. Needs numpy and onnx.
"""
import argparse
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper


def positions(table, settings):
    """Frequencies of layers, sectors and rings, a third of them each, from (patches, sines and cosines of rings, sectors, layers)."""
    sizes, layers = settings["sizes"], settings["geometry"]["layers"]
    whole = (len(layers), layers[0]["sectors"], len(layers[0]["radii"]) - 1)
    grid = [n // p for n, p in zip(whole, sizes["patch"])]
    each, found = sizes["width"] // 6, {}
    for number, axis in enumerate((2, 1, 0)):
        place = [1 if i == axis and grid[i] > 1 else 0 for i in range(3)]
        row = table[np.ravel_multi_index(place, grid)]
        sine, cosine = row[2 * number * each : (2 * number + 1) * each], row[(2 * number + 1) * each : (2 * number + 2) * each]
        found[axis] = np.arctan2(sine.astype(float), cosine.astype(float)) / (2 * np.pi) * grid[axis]
    frequencies = np.concatenate([found[axis] for axis in range(3)]).astype(np.float32)
    again = []
    tokens = np.array(list(np.ndindex(*grid))) / grid
    for number, axis in enumerate((2, 1, 0)):
        angles = tokens[:, axis, None] * 2 * np.pi * frequencies[axis * each : (axis + 1) * each]
        again += [np.sin(angles), np.cos(angles)]
    assert np.abs(np.concatenate(again, axis=1) - table).max() < 1e-5, "these are no frequencies of places"
    return frequencies


def parameters(bundle, manifest):
    """(name, array), in the order in which the networks use them."""
    settings = manifest["training"]["settings"]
    for role in ("energy-embedding", "energy-velocity", "shape-velocity"):
        graph = onnx.load(bundle / manifest["models"][role]).graph
        constants = {c.name: numpy_helper.to_array(c) for c in graph.initializer}
        for node in graph.node:
            for name in node.input:
                if name.startswith(("energy.", "shape.")) and name in constants:
                    yield name, constants[name]
                elif name in constants and node.op_type == "Add" and constants[name].ndim == 2 and role == "shape-velocity":
                    yield "shape.positions", positions(constants[name], settings)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("checkpoint", type=Path)
    arguments = parser.parse_args()
    manifest = json.loads((arguments.bundle / "bundle.json").read_text())
    record = manifest["training"]
    plan = record["settings"]["plan"]
    if plan.get("layers") or plan.get("otherwise", "float") != "float":
        raise SystemExit("its layers are quantised: what is behind them is not in the bundle")
    best = dict(parameters(arguments.bundle, manifest))
    count = sum(array.size for array in best.values())
    if count != record["parameters"]:
        raise SystemExit(f"{count} parameters of {record['parameters']}")
    header = {"format": 1, "settings": record["settings"], "epoch": record["settings"]["options"]["epochs"], "step": 0, "lossSum": 0.0}
    header |= {"bestScore": -manifest["metrics"]["velocityError"], "bestEpoch": record["bestEpoch"], "seconds": record["seconds"], "finished": True}
    header |= {"optimiserSteps": 0, "curve": record["curve"], "statistics": []}
    with zipfile.ZipFile(arguments.checkpoint, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(zipfile.ZipInfo("state.json"), json.dumps(header))
        for group in ("parameters", "average", "best", "first", "second"):
            for name, array in best.items():
                content = io.BytesIO()
                np.save(content, np.zeros_like(array) if group in ("first", "second") else array)
                out.writestr(zipfile.ZipInfo(f"{group}/{name}.npy"), content.getvalue())


if __name__ == "__main__":
    main()
