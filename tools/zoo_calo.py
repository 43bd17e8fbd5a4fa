#!/usr/bin/env python3
"""The tables of CaloINN or CaloDREAM bundles in docs/zoo.md, made by BitBeam's own commands.

    zoo_calo.py test.hdf5 models/caloinn-a models/caloinn-b,caloinn-b-2 ... --control other.hdf5 [--work DIR]
                [--write docs/zoo.md --mark NAME] [--update] [--plot docs/zoo/NAME.svg]

Bundles with commas between them are trainings with other seeds: their row has means and standard deviations. For each bundle `bitbeam simulate` (backend bit) makes showers, and `bitbeam evaluate calo` compares them with as many of the test
file. The control is a sample of the generator itself, with another seed. What was trained, and how, is read from the bundles. DIR
keeps showers and results: what is there is not made again. Prints the table, or puts it between the marks of the document; with
--update the rows of these bundles replace those of the same names or come in addition, and all others stay as they are.
--plot draws response, shares of the layers, radial profile and the curves of the trainings, and needs h5py and matplotlib.
"""
import argparse
import json
import math
import re
import statistics
import tempfile
from pathlib import Path

from zoo import curves, figure, how, merged, of_cpus, put, run, spread, steps, table, training, trainings, with_seeds, written


STAGES = {"euler": 1, "midpoint": 2, "rk4": 4, "rk4-3/8": 4}


def flow_layers(settings):
    """Sizes of the layers of a block's network."""
    sizes = settings["sizes"]
    voxels = sum((len(l["radii"]) - 1) * l["sectors"] for l in settings["geometry"]["layers"])
    length = voxels + len(settings["geometry"]["layers"])
    parameters = 3 * sizes["bins"] - 1 if sizes["spline"] == "rational-quadratic" else 2 * sizes["bins"] + 2
    edges = [(length + 1) // 2 + 1, *[sizes["width"]] * sizes["hidden"], length // 2 * parameters]
    return list(zip(edges, edges[1:]))


def evaluations(solver):
    """Velocities that a solver asks for."""
    if solver["method"] in STAGES:
        return STAGES[solver["method"]] * math.ceil(1 / solver["step"] - 1e-9)
    return len(solver["times" if solver["method"] == "non-stationary" else "timeRates"])


def steps_of(solver):
    """The method of a solver, and its steps."""
    stages = STAGES.get(solver["method"], 2 if solver["method"] == "bespoke-midpoint" else 1)
    return f"{solver['method']}, {evaluations(solver) // stages}"


def multiplications(settings, stage):
    """(layer, multiplications for a shower) of all linear layers."""
    sizes = settings["sizes"]
    if settings["network"] == "caloinn":
        return [
            (f"subnet-{block:02d}.{layer}", inputs * outputs)
            for block in range(sizes["blocks"])
            for layer, (inputs, outputs) in enumerate(flow_layers(settings))
        ]
    geometry = settings["geometry"]["layers"]
    count, voxels = len(geometry), sum((len(l["radii"]) - 1) * l["sectors"] for l in geometry)
    token, feed, hidden = sizes["energyWidth"], sizes["energyFeed"], sizes["velocityWidth"]
    each = count * evaluations(stage["energy"]["solver"])
    layers = [("energy.time", each * token * token), ("energy.flow.0", each * (2 * token + 1) * hidden)]
    layers += [(f"energy.flow.{i + 1}", each * hidden * hidden) for i in range(sizes["velocityHidden"])]
    layers.append((f"energy.flow.{sizes['velocityHidden'] + 1}", each * hidden))
    # The transformer runs once for every layer, over the source and all layers.
    for depth in range(sizes["energyDepth"]):
        for side, tokens in (("encoder", 1), ("decoder", count)):
            name = f"energy.{side}.{depth}"
            layers += [(f"{name}.self.{part}", count * tokens * token**2) for part in ("query", "key", "value", "out")]
            layers += [(f"{name}.{part}", count * tokens * token * feed) for part in ("fc1", "fc2")]
        layers += [(f"{name}.cross.{part}", count * count * token**2) for part in ("query", "out")]
        layers += [(f"{name}.cross.{part}", count * token**2) for part in ("key", "value")]
    each, width, patch = evaluations(stage["shape"]["solver"]), sizes["width"], math.prod(sizes["patch"])
    tokens = voxels // patch
    layers += [("shape.patch", each * tokens * patch * width), ("shape.final", each * tokens * patch * width), ("shape.modulate", each * 2 * width**2)]
    layers += [("shape.time.0", each * 256 * width), ("shape.time.1", each * width**2)]
    layers += [("shape.condition.0", each * (count + 1) * width), ("shape.condition.1", each * width**2)]
    for block in range(sizes["depth"]):
        for name, size in (("qkv", 3 * width**2), ("proj", width**2), ("fc1", width * sizes["feed"]), ("fc2", width * sizes["feed"])):
            layers.append((f"shape.block.{block}.{name}", each * tokens * size))
        layers.append((f"shape.block.{block}.modulate", each * 6 * width**2))
    return layers


def ternary_share(settings, stage):
    """Share of the multiplications that are of ternary layers."""
    plan = settings["plan"]
    total = ternary = 0
    for name, count in multiplications(settings, stage):
        rules = [r["precision"] for r in plan.get("layers", []) if re.fullmatch(".*".join(map(re.escape, r["match"].split("*"))), name)]
        total += count
        ternary += count * ((rules + [plan.get("otherwise", "float")])[0] == "ternary")
    return ternary / total


def solvers(stage, layers):
    """Cells of the table: the solvers' steps, and the velocities of a shower."""
    energy, shape = (stage[part]["solver"] for part in ("energy", "shape"))
    both = [steps_of(energy), steps_of(shape)]
    return [both[0] if both[0] == both[1] else "; ".join(both), layers * evaluations(energy) + evaluations(shape)]


def described(bundle):
    """Cells of the table on how a bundle's networks were made."""
    manifest = json.loads((bundle / "bundle.json").read_text())
    settings, stage = manifest["training"]["settings"], manifest["stage"]
    cells = [f"{100 * ternary_share(settings, stage):.0f}"]
    if settings["network"] == "caloinn":
        cells.append("exchange" if settings["exchangesHalves"] else "random")
    else:
        cells += solvers(stage, len(settings["geometry"]["layers"]))
    return [*cells, how(manifest["training"]), settings["options"]["epochs"]]


def validated(bundles):
    """Cells of the table on what validation said in the trainings."""
    every = [json.loads((bundle / "bundle.json").read_text()) for bundle in bundles]
    if every[0]["training"]["settings"]["network"] == "caloinn":
        return [spread([m["metrics"]["logLikelihood"] for m in every], ".1f")]
    # Those of few steps are distances to a teacher's steps, another number.
    names = [part + "VelocityError" for part in ("energy", "shape")]
    return [spread([m["metrics"][name] for m in every], ".3f") if all(name in m["metrics"] for m in every) else "" for name in names]


def evaluate(program, showers, test, geometry, result, arguments):
    """What `evaluate calo` says of showers."""
    if not result.exists():
        words = [] if arguments.no_distances else ["--distances"]
        words += ["--classifier", "low,high", "--classifier-epochs", arguments.epochs, "--classifier-runs", arguments.runs]
        result.write_text(run(program, "evaluate", "calo", "--input", showers, "--reference", test, "--geometry", geometry, "--threshold", arguments.threshold, "--json", *words))
    return json.loads(result.read_text())


def quality(every, distances):
    """Cells of the table of what `evaluate calo` said of one bundle's showers, or of several bundles'."""
    cells = [spread([statistics.fmean(m["separationPowers"].values()) for m in every], ".4f")]
    for inputs in ("low", "high"):
        cells.append(spread([statistics.fmean(r["auc"] for r in m["classifier"][inputs]) for m in every], ".3f"))
    for name in distances:
        own = f" ± {1e3 * every[0][name]['error']:.1f}" if len(every) == 1 else ""
        cells.append(spread([1e3 * m[name]["value"] for m in every], ".1f") + own)
    return cells


def profiles(file, geometry, name, style=None):
    """Lines of three panels: response, mean share of each layer in the energy, mean share of each ring."""
    import h5py
    import numpy as np

    with h5py.File(file) as showers:
        energy, voxels = showers["incident_energies"][:, 0], showers["showers"][:]
    whole = voxels.sum(axis=1)
    voxels = voxels[whole > 0] / whole[whole > 0, None]
    layers, rings, at = [], {}, 0
    for layer in geometry["layers"]:
        radii, count = layer["radii"], (len(layer["radii"]) - 1) * layer["sectors"]
        part = voxels[:, at : at + count]
        layers.append(part.sum(axis=1).mean())
        # Voxels of a layer: ring by ring within a sector, as the CaloChallenge orders them.
        for inner, outer, share in zip(radii, radii[1:], part.reshape(len(part), layer["sectors"], -1).sum(axis=1).mean(axis=0)):
            rings[(inner, outer)] = rings.get((inner, outer), 0) + share
        at += count
    # Layers have different rings: within one, energy is spread evenly.
    edges = np.array(sorted({edge for ring in rings for edge in ring}))
    density = np.array([sum(share / (outer - inner) for (inner, outer), share in rings.items() if inner <= at < outer) for at in edges[:-1]])
    inside = edges[:-1] < edges[1:][np.searchsorted(np.cumsum(density * np.diff(edges)), 0.999)]
    radius, density = np.sqrt(np.maximum(edges[:-1], edges[1] / 4) * edges[1:])[inside], density[inside]
    style = style or {}
    return (
        steps(whole / energy, np.linspace(0.5, 1.3, 81), name, style),
        (name, np.arange(len(layers)), layers, style),
        (name, radius, density, style),
    )


def draw(arguments, folder):
    """Of several seeds, the first."""
    bundles = [bundles[0] for bundles in arguments.bundles]
    first = next(training(bundle) for bundle in bundles if "curve" in training(bundle))
    geometry = first["settings"]["geometry"]
    lines = [profiles(arguments.test, geometry, "generator", {"color": "black", "linestyle": "--"})]
    lines += [profiles(folder / f"{bundle.name}.hdf5", geometry, bundle.name) for bundle in bundles]
    response, layers, rings = zip(*lines)
    validation = next(key for key in first["curve"][0] if key.startswith("validation"))
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in validation)
    panels = [
        curves(bundles, validation, words),
        ("Response", "deposited / incident energy", "density", "linear", response),
        ("Layers", "layer", "mean share of the energy", "log", layers),
        ("Radial profile", "radius up to 99.9 % of the energy, mm", "mean share / mm", "log", rings),
    ]
    figure(arguments.plot, panels)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("test", type=Path)
    parser.add_argument("bundles", type=with_seeds, nargs="+", metavar="BUNDLE[,BUNDLE...]")
    parser.add_argument("--control", type=Path, required=True)
    parser.add_argument("--showers", type=int, default=5000)
    parser.add_argument("--energies", default="log-uniform:1:100:GeV")
    parser.add_argument("--epochs", type=int, default=15, help="of the classifiers")
    parser.add_argument("--runs", type=int, default=1, help="of each classifier")
    parser.add_argument("--threshold", type=float, default=0.01515, help="MeV; that of the generator")
    parser.add_argument("--no-distances", action="store_true", help="without FPD and KPD")
    parser.add_argument("--bitbeam", default="./bitbeam")
    parser.add_argument("--work", type=Path)
    parser.add_argument("--mark", default="", help="which of the document's tables, such as tiny")
    parser.add_argument("--write", type=Path)
    parser.add_argument("--update", action="store_true", help="keep the other rows of the document's table")
    parser.add_argument("--plot", type=Path)
    arguments = parser.parse_args()
    if arguments.update and not arguments.write:
        parser.error("--update needs --write")
    program = arguments.bitbeam.split()
    script = f"zoo_calo.py {arguments.mark}".strip()
    before, kept = written(script, arguments.write) if arguments.update else ("", [])
    cpus = re.findall(r'of an "([^"]+)"', before)
    with tempfile.TemporaryDirectory() as name:
        folder = arguments.work or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        rows = []
        distances = [] if arguments.no_distances else ["fpd", "kpd"]
        for bundles in arguments.bundles:
            every = []
            for bundle in bundles:
                showers = folder / f"{bundle.name}.hdf5"
                if not showers.exists():
                    words = ["--showers", arguments.showers, "--energies", arguments.energies, "--seed", 7]
                    run(program, "simulate", "--model", bundle, "--backend", "bit", *words, "--output", showers)
                every.append(evaluate(program, showers, arguments.test, bundle, folder / f"{bundle.name}.json", arguments))
            name, cells, seeds, took = trainings(bundles, described, cpus)
            kilobytes = sum(f.stat().st_size for f in bundles[0].rglob("*") if f.is_file()) / 1000
            rows.append([name, *cells, seeds, took, *validated(bundles), *quality(every, distances), f"{kilobytes:.0f}"])
            settings, read = training(bundles[-1])["settings"], every[-1]
        if arguments.plot:
            draw(arguments, folder)
        if not arguments.update:
            control = evaluate(program, arguments.control, arguments.test, arguments.bundles[0][0], folder / "control.json", arguments)
            cells = quality([control], distances)
            rows.append(["generator, other seed", *[""] * (len(rows[0]) - len(cells) - 2), *cells, ""])
    sizes, geometry = settings["sizes"], settings["geometry"]["name"]
    if settings["network"] == "caloinn":
        network = f"flows of {sizes['blocks']} blocks,\nnetworks of {sizes['hidden']} x {sizes['width']}, {sizes['spline']} splines of {sizes['bins']} bins"
        heads = ["bundle", "ternary, %", "permutations", "training", "epochs", "seed", "s", "log-likelihood"]
    else:
        patch = " x ".join(map(str, sizes["patch"]))
        network = (
            f"energy network of width {sizes['energyWidth']},\n{sizes['energyDepth']} layers, velocity {sizes['velocityHidden']} x {sizes['velocityWidth']}; "
            f"shape network of width {sizes['width']}, {sizes['depth']} blocks, patches of {patch}"
        )
        heads = ["bundle", "ternary, %", "steps", "evaluations", "training", "epochs", "seed", "s", "energies", "voxels"]
    text = (
        f"{geometry}: {read['showers']} showers against {read['referenceShowers']} of the generator, {arguments.energies}; {network}; {settings['trainingShowers']} training showers, batches of\n"
        f"{settings['options']['batch']}, peak rate {settings['options']['learningRate']:g}. Classifiers: {arguments.runs} run of {arguments.epochs} epochs.\n"
        f"Seconds of one thread {of_cpus(cpus)}.\n"
    )
    if arguments.update:
        if text.split("Seconds")[0] != before.split("Seconds")[0]:
            raise SystemExit(f"the table is of other trainings or another evaluation:\n{before}\nnot:\n{text}")
        rows = merged(kept, rows)
    heads += ["separation power", "AUC low", "AUC high"]
    heads += [*([] if arguments.no_distances else ["FPD x 1000", "KPD x 1000"]), "kB"]
    put(text + "\n" + table(heads, rows), script, arguments.write)


if __name__ == "__main__":
    main()
