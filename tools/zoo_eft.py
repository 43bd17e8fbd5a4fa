#!/usr/bin/env python3
"""The table of SMEFTNet bundles in docs/zoo.md, made by BitBeam's own commands.

    zoo_eft.py test.root models/smeftnet models/smeftnet-bit30 ... [--bitbeam ./bitbeam] [--write docs/zoo.md [--update]] [--plot docs/zoo/smeftnet.svg]

The first bundle is the reference. For each of them `bitbeam eft` estimates the angles of the test file (backend bit), and
`bitbeam evaluate eft` compares them with the truth and with those of the reference. What was trained, and how, is read from the
bundles. Prints the table, or puts it between the marks of the document. With --update the
other rows of the document's table stay as they are. --plot draws the residuals and the curves of the
trainings, and needs matplotlib. Needs numpy, awkward and uproot.
"""
import argparse
import json
import re
import tempfile
from pathlib import Path

import awkward as ak
import numpy as np
import uproot
from zoo import curves, figure, how, of_cpus, put, run, seconds, size, steps, table, training, written


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


def precision(plan):
    rules = {r["match"]: r["precision"] for r in plan.get("layers", [])}
    otherwise = plan.get("otherwise", "float")
    return [rules.get(part + ".*", otherwise) for part in ("messages", "readout")]


def trained(bundle, cpus):
    """What the bundle says of its training: cells of the table, and the constituents it takes."""
    record = training(bundle)
    settings, options = record["settings"], record["settings"]["options"]
    cells = [bundle.name, *precision(settings["plan"]), settings["form"], how(record)]
    return cells + [options["epochs"], f"{options['learningRate']:g}", options["seed"], seconds(record, cpus)], settings["constituents"]


def of_truth(metrics):
    return [f"{metrics['meanSinSquared']:.4f}", f"{metrics['widthOfResiduals']:.3f}", f"{100 * metrics['shareBeyondQuarterPi']:.1f}"]


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
    parser.add_argument("bundles", type=Path, nargs="+")
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
    reference, *others = arguments.bundles
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cells, constituents = trained(reference, cpus)
        file = estimate(program, arguments.data, reference, folder, "reference")
        metrics = evaluate(program, file, "reference_decayAngle", "lab_gamma")
        rows = [cells + of_truth(metrics) + ["", "", size(reference)]]
        lines = [residuals(file, "reference_decayAngle", reference.name)]
        for bundle in others:
            both = estimate(program, file, bundle, folder, "jet")
            lines.append(residuals(both, "jet_decayAngle", bundle.name))
            twin = evaluate(program, both, "jet_decayAngle", "reference_decayAngle")
            rows.append(
                trained(bundle, cpus)[0]
                + of_truth(evaluate(program, both, "jet_decayAngle", "lab_gamma"))
                + [f"{twin['wasserstein']:.4f}", f"{twin['meanSinSquared']:.4f}", size(bundle)]
            )
    if arguments.plot:
        tests = ("Test jets", "estimated - true angle modulo half a turn, rad", "density", "log", lines)
        figure(arguments.plot, [curves(arguments.bundles, "validationMeanSinSquared", "mean sin² of validation jets"), tests])
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
