#!/usr/bin/env python3
"""The table of SMEFTNet bundles in docs/zoo.md, made by BitBeam's own commands.

    zoo_eft.py test.root models/smeftnet models/smeftnet-bit30,smeftnet-bit30-2,smeftnet-bit30-3 ... [--bitbeam ./bitbeam] [--write docs/zoo.md [--update]] [--plot docs/zoo/smeftnet.svg]

The first bundle is the reference; bundles with commas between them are trainings of other seeds and make one row of means and
standard deviations. For each of them `bitbeam eft` estimates the angles of the test file (backend bit), and
`bitbeam evaluate eft` compares them with the truth and with those of the reference. What was trained, and how, is read from the
bundles. Prints the table, or puts it between the marks of the document. With --update the
other rows of the document's table stay as they are. --plot draws the residuals and the curves of the
trainings, and needs matplotlib. Needs numpy, awkward and uproot.
"""
import argparse
import fnmatch
import json
import re
import tempfile
from pathlib import Path

import awkward as ak
import numpy as np
import uproot
from zoo import curves, figure, how, of_cpus, put, run, size, spread, steps, table, training, trainings, with_seeds, written


def estimate(program, data, bundle, folder, prefix):
    """Angles of a bundle as column PREFIX_decayAngle, beside all that is there."""
    layout = dict(json.loads((bundle / "bundle.json").read_text())["stage"]["layout"], prefix=prefix)
    description = folder / f"{prefix}.json"
    description.write_text(json.dumps(layout))
    out = folder / f"out-{bundle.name}"
    run(program, "eft", "--input", data, "--output", out, "--model", bundle, "--layout", description, "--mode", "enriched", "--backend", "bit")
    return out / data.name


def evaluate(program, data, angle, truth):
    return json.loads(run(program, "evaluate", "eft", "--input", data, "--tree", "jets", "--angle", angle, "--truth", truth, "--json"))


def precision(settings):
    """Of messages and readout: the precision of their layers, or how many have which."""
    plan = settings["plan"]
    layers = [[f"messages.{i}.{k}" for i, widths in enumerate(settings["messages"]) for k in range(len(widths))]]
    layers.append([f"readout.{k}" for k in range(len(settings["readout"]) + 1)])

    def of(layer):
        found = (rule["precision"] for rule in plan.get("layers", []) if fnmatch.fnmatchcase(layer, rule["match"]))
        return next(found, plan.get("otherwise", "float"))

    parts = []
    for names in layers:
        found = [of(name) for name in names]
        kinds = sorted(set(found))
        parts.append(kinds[0] if len(kinds) == 1 else ", ".join(f"{found.count(kind)} {kind}" for kind in kinds))
    return parts


def described(bundle):
    """Cells of the table on how a network was trained."""
    record = training(bundle)
    settings, options = record["settings"], record["settings"]["options"]
    return [*precision(settings), settings["form"], how(record), options["epochs"], f"{options['learningRate']:g}"]


def trained(bundles, cpus):
    """Cells of a row on the trainings of bundles that differ by their seeds."""
    name, cells, seeds, took = trainings(bundles, described, cpus)
    return [name, *cells, seeds, took]


def of_truth(metrics):
    return [
        spread([m["meanSinSquared"] for m in metrics], ".4f"),
        spread([m["widthOfResiduals"] for m in metrics], ".3f"),
        spread([100 * m["shareBeyondQuarterPi"] for m in metrics], ".1f"),
    ]


def principal_axis(data, constituents):
    """Mean sin^2 of the pT-weighted principal axis around the jet's axis: what needs no training."""
    jets = uproot.open(data)["jets"].arrays(["Part_pt", "Part_deta", "Part_dphi", "lab_gamma"])
    pt, x, y = (jets[name][:, :constituents] for name in ("Part_pt", "Part_deta", "Part_dphi"))
    sums = [np.asarray(ak.sum(pt * a * b, axis=1), float) for a, b in ((x, y), (x, x), (y, y))]
    angle = 0.5 * np.arctan2(2 * sums[0], sums[1] - sums[2])
    return np.mean(np.sin(angle - np.asarray(jets["lab_gamma"], float)) ** 2)


def residuals(file, angle, name):
    """A line of a panel: differences to the truth modulo half a turn."""
    jets = uproot.open(file)["jets"].arrays([angle, "lab_gamma"], library="np")
    difference = (jets[angle] - jets["lab_gamma"] + np.pi / 2) % np.pi - np.pi / 2
    return steps(difference, np.linspace(-np.pi / 2, np.pi / 2, 61), name)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("bundles", type=with_seeds, nargs="+", metavar="BUNDLE[,BUNDLE...]")
    parser.add_argument("--bitbeam", default="./bitbeam")
    parser.add_argument("--write", type=Path)
    parser.add_argument("--update", action="store_true", help="keep the other rows of the document's table")
    parser.add_argument("--plot", type=Path)
    arguments = parser.parse_args()
    if arguments.update and not arguments.write:
        parser.error("--update needs --write")
    before, kept = written("zoo_eft.py", arguments.write) if arguments.update else ("", [])
    cpus = re.findall(r'of an "([^"]+)"', before)
    program = arguments.bitbeam.split()
    (reference, *more), *others = arguments.bundles
    if more:
        parser.error("the reference is one bundle")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        constituents = training(reference)["settings"]["constituents"]
        cells = trained([reference], cpus)
        file = estimate(program, arguments.data, reference, folder, "reference")
        metrics = evaluate(program, file, "reference_decayAngle", "lab_gamma")
        rows = [cells + of_truth([metrics]) + ["", "", size(reference)]]
        lines = [residuals(file, "reference_decayAngle", reference.name)]
        for bundles in others:
            truths, twins = [], []
            for bundle in bundles:
                both = estimate(program, file, bundle, folder, "jet")
                lines.append(residuals(both, "jet_decayAngle", bundle.name))
                truths.append(evaluate(program, both, "jet_decayAngle", "lab_gamma"))
                twins.append(evaluate(program, both, "jet_decayAngle", "reference_decayAngle"))
            rows.append(
                trained(bundles, cpus)
                + of_truth(truths)
                + [spread([twin[name] for twin in twins], ".4f") for name in ("wasserstein", "meanSinSquared")]
                + [size(bundles[0])]
            )
    if arguments.plot:
        tests = ("Test jets", "estimated - true angle modulo half a turn, rad", "density", "log", lines)
        figure(arguments.plot, [curves(sum(arguments.bundles, []), "validationMeanSinSquared", "mean sin² of validation jets"), tests])
    heads = ["bundle", "messages", "readout", "form", "training", "epochs", "peak rate", "seed", "s"]
    heads += ["mean sin²", "width, rad", "beyond π/4, %", "Wasserstein to float, rad", "mean sin² to float", "kB"]
    text = (
        f"{metrics['jets']} test jets, {constituents} constituents. Mean sin²: any constant angle 0.5; pT-weighted principal axis of these\n"
        f"constituents, without training, {principal_axis(arguments.data, constituents):.4f}. Seconds of one thread {of_cpus(cpus)}.\n\n"
    )
    rows = list(({row[0]: row for row in kept} | {row[0]: row for row in rows}).values())
    put(text + table(heads, rows), "zoo_eft.py", arguments.write)


if __name__ == "__main__":
    main()
