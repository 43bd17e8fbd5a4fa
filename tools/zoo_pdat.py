#!/usr/bin/env python3
"""The table of P-DAT bundles in docs/zoo.md, made by BitBeam's own commands.

    zoo_pdat.py test.root models/pdat models/pdat-bit ... [--int8] [--bitbeam ./bitbeam] [--jobs 1] [--work DIR]
                [--write docs/zoo.md] [--plot docs/zoo/pdat.svg]

The first bundle is the reference for the differences and for the multiply-accumulates. For each of them `bitbeam tag` scores
the jets of the test file (backend bit), `bitbeam evaluate tagger` compares with the truth, and `bitbeam model cost` counts. A
bundle without padding costs what its jets have: the count is a polynomial of second degree of the constituents, taken from three
lengths and averaged over the test jets. With --int8 the next rows are the first bundle with its layers in int8 by `bitbeam model
quantise`, without any training: all of them, and all but those that see the jet's own numbers. What was trained, and how, is read from the bundles. Prints the table, or puts it between
the marks of the document; --plot draws the ROC curves and those of the trainings, and needs matplotlib. Needs numpy and uproot.
"""
import argparse
import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import uproot
from zoo import curves, figure, how, of_cpus, put, run, seconds, size, table, training

KINDS = ("macsInFloatLayers", "macsInBitLayers", "macsInAttention")
INT8 = {"int8": [], "int8-inner": ["edge.0", "pair.0"]}


def evaluate(program, data, bundle, folder):
    out = folder / "scores" / bundle.name
    run(program, "tag", "--input", data, "--output", out, "--model", bundle, "--mode", "slim", "--keep", "label", "--backend", "bit", "--no-report")
    words = ("--input", out / data.name, "--tree", "jets", "--logit", "jet_qgLogit", "--truth", "label", "--background", "0", "--json")
    return json.loads(run(program, "evaluate", "tagger", *words))


def cost(program, bundle, length):
    report = json.loads(run(program, "model", "cost", bundle, "--length", length, "--json"))
    return np.array([report[kind] for kind in KINDS], float)


def mean_cost(program, bundle, settings, counts):
    """Multiply-accumulates a jet, by kind."""
    if settings["network"] != "pdat-masked":
        return cost(program, bundle, settings["constituents"])
    used = np.minimum(counts, settings["constituents"])
    lengths = np.array([8, 16, 32])
    powers = np.vander(lengths, 3)
    factors = np.linalg.solve(powers, np.array([cost(program, bundle, n) for n in lengths]))
    return np.vander(used, 3).mean(axis=0) @ factors


def int8(program, bundle, floats, made):
    """Makes, by commands, the bundle with its layers in int8 but for some."""
    if not made.exists():
        folder = made.parent
        manifest = json.loads((bundle / "bundle.json").read_text())
        rules = [{"match": layer, "precision": "float"} for layer in floats]
        (folder / "int8.json").write_text(json.dumps({"layers": rules, "otherwise": "int8"}))
        (folder / "stage.json").write_text(json.dumps(manifest["stage"]))
        network = folder / f"{made.name}.onnx"
        network.unlink(missing_ok=True)
        inputs = next(bundle.glob("selftest/*/inputs"))
        run(program, "model", "quantise", bundle, "--plan", folder / "int8.json", "--inputs", inputs, "--output", network)
        labels = [f"{o['name']}={','.join(o['labels'])}" for o in manifest["outputs"]]
        words = ["--stage", folder / "stage.json", "--add", bundle / "preprocess.json", "--role", next(iter(manifest["models"])), "--labels", *labels]
        run(program, "model", "import", network, *words, "--licence", manifest["licence"], "--output", made)
    return made


def row(program, data, bundle, folder, counts, trained):
    """What a bundle reaches, costs, how it, or the one it was made of, was trained, and its size."""
    record = training(trained)
    macs = mean_cost(program, bundle, record["settings"], counts)
    if bundle != trained:  # what is not counted any more are products of integers
        whole = mean_cost(program, trained, record["settings"], counts)
        macs = np.array([macs[0], whole.sum() - macs.sum(), macs[2]])
    return bundle, evaluate(program, data, bundle, folder), macs, record, size(bundle)


def roc(scored, name):
    """A line of a panel: 1 / gluon efficiency at each quark efficiency from 10 %."""
    jets = uproot.open(scored)["jets"].arrays(["jet_qgLogit", "label"], library="np")
    logits, quark = jets["jet_qgLogit"], jets["label"] == 1
    efficiency = np.linspace(0.1, 1, 181)
    cuts = np.quantile(logits[quark], 1 - efficiency)
    passed = 1 - np.searchsorted(np.sort(logits[~quark]), cuts) / np.sum(~quark)
    return name, efficiency, 1 / passed, {}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("bundles", type=Path, nargs="+")
    parser.add_argument("--bitbeam", default="./bitbeam")
    parser.add_argument("--int8", action="store_true", help="also the first bundle in int8")
    parser.add_argument("--jobs", type=int, default=1, help="bundles at a time")
    parser.add_argument("--work", type=Path, help="folder that keeps the scores, for the next call")
    parser.add_argument("--write", type=Path)
    parser.add_argument("--plot", type=Path)
    arguments = parser.parse_args()
    program = arguments.bitbeam.split()
    counts = uproot.open(arguments.data)["jets"]["nPart"].array(library="np")
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(arguments.jobs) as pool:
        folder = arguments.work or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        first = arguments.bundles[0]
        pairs = [(bundle, bundle) for bundle in arguments.bundles]
        made = {folder / f"{first.name}-{name}": floats for name, floats in INT8.items() if arguments.int8}
        pairs[1:1] = [(int8(program, first, floats, path), first) for path, floats in made.items()]
        one = lambda pair: row(program, arguments.data, pair[0], folder, counts, pair[1])
        results = list(pool.map(one, pairs))
        if arguments.plot:
            lines = [roc(folder / "scores" / bundle.name / arguments.data.name, bundle.name) for bundle, _ in pairs]
            tests = ("Test jets", "quark efficiency", "1 / gluon efficiency", "log", lines)
            figure(arguments.plot, [curves(arguments.bundles, "validationAuc", "AUC of validation jets"), tests])
    reference, rows, cpus = None, [], []
    for (_, trained), (bundle, metrics, macs, record, kilobytes) in zip(pairs, results):
        reference = reference or (metrics["summary"]["auc"], macs.sum())
        summary, errors, options = metrics["summary"], metrics["errors"], record["settings"]["options"]
        rows.append(
            [bundle.name, how(record) if bundle == trained else f"{trained.name}, int8 without training", record["settings"]["trainingJets"], options["epochs"], options["seed"], seconds(record, cpus), record["parameters"]]
            + [f"{summary['auc']:.4f} ± {errors['auc']:.4f}", f"{summary['auc'] - reference[0]:+.4f}", f"{summary['accuracy']:.4f}"]
            + [f"{float(summary['rejection50']):.1f} / {float(summary['rejection30']):.1f}"]
            + [f"{macs.sum() / 1e6:.2f}", f"{macs.sum() / reference[1]:.2f}", f"{(macs.sum() - macs[1]) / reference[1]:.2f}"]
            + [f"{100 * macs[1] / macs.sum():.0f}{'' if bundle == trained else ' (int8)'}", kilobytes]
        )
    heads = ["bundle", "training", "jets", "epochs", "seed", "s", "parameters", "AUC", "to the first", "accuracy", "rejection at 50 / 30 %"]
    heads += ["MAC a jet, M", "of the first's", "float MAC, of the first's MAC", "ternary MAC, %", "kB"]
    text = (
        f"{metrics['jets']} test jets with {counts.mean():.1f} constituents on average; errors by bootstrap. Seconds of one thread\n"
        f"{of_cpus(cpus)}.\n\n"
    )
    put(text + table(heads, rows), "zoo_pdat.py", arguments.write)


if __name__ == "__main__":
    main()
