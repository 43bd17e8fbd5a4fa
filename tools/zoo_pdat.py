#!/usr/bin/env python3
"""The table of P-DAT bundles in docs/zoo.md, made by BitBeam's own commands.

    zoo_pdat.py test.root models/pdat models/pdat-bit,pdat-bit-2,pdat-bit-3 ... [--int8] [--bitbeam ./bitbeam] [--jobs 1] [--work DIR]
                [--write docs/zoo.md] [--plot docs/zoo/pdat.svg]

The first bundle is the reference for the differences and for the multiply-accumulates; bundles with commas between them are
trainings of other seeds and make one row of means and standard deviations. For each of them `bitbeam tag` scores the jets of the
test file (backend bit), `bitbeam evaluate tagger` compares with the truth, and `bitbeam model cost` counts. A
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
from zoo import curves, figure, how, of_cpus, put, run, size, spread, table, training, trainings, with_seeds

INT8 = {"int8": [], "int8-inner": ["edge.0", "pair.0"]}


def evaluate(program, data, bundle, folder):
    out = folder / "scores" / bundle.name
    run(program, "tag", "--input", data, "--output", out, "--model", bundle, "--mode", "slim", "--keep", "label", "--backend", "bit", "--no-report")
    words = ("--input", out / data.name, "--tree", "jets", "--logit", "jet_qgLogit", "--truth", "label", "--background", "0", "--json")
    return json.loads(run(program, "evaluate", "tagger", *words))


def cost(program, bundle, length):
    """Multiply-accumulates of a pass: of float layers, of ternary or integer ones, of attention."""
    report = json.loads(run(program, "model", "cost", bundle, "--length", length, "--json"))
    integer = sum(operation["macs"] for operation in report["operations"] if operation["kind"] == "integer layer")
    return np.array([report["macsInFloatLayers"], report["macsInBitLayers"] + integer, report["macsInAttention"]], float)


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


def scores(scored):
    """Logits of the jets, and which are quarks."""
    jets = uproot.open(scored)["jets"].arrays(["jet_qgLogit", "label"], library="np")
    return jets["jet_qgLogit"], jets["label"] == 1


def placements(scored):
    """Of each quark the share of gluons with smaller logits, of each gluon that of quarks with larger ones; the mean of both is the AUC."""
    logits, quark = scores(scored)
    one, other = logits[quark], logits[~quark]
    below = lambda values, sample: sum(np.searchsorted(np.sort(sample), values, side) for side in ("left", "right")) / (2 * sample.size)
    return below(one, other), 1 - below(other, one)


def error_of_difference(one, other):
    """Standard error of the difference of two AUCs of the same jets (DeLong, DeLong, Clarke-Pearson 1988)."""
    return np.sqrt(sum(np.var(a - b, ddof=1) / a.size for a, b in zip(one, other)))


def described(bundle):
    """Cells of the table on how a network was trained."""
    record = training(bundle)
    settings = record["settings"]
    return [how(record), settings["trainingJets"], settings["options"]["epochs"], record["parameters"]]


def roc(scored, name):
    """A line of a panel: 1 / gluon efficiency at each quark efficiency from 10 %."""
    logits, quark = scores(scored)
    efficiency = np.linspace(0.1, 1, 181)
    cuts = np.quantile(logits[quark], 1 - efficiency)
    passed = 1 - np.searchsorted(np.sort(logits[~quark]), cuts) / np.sum(~quark)
    return name, efficiency, 1 / passed, {}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("bundles", type=with_seeds, nargs="+", metavar="BUNDLE[,BUNDLE...]")
    parser.add_argument("--bitbeam", default="./bitbeam")
    parser.add_argument("--int8", action="store_true", help="also the first bundle in int8")
    parser.add_argument("--jobs", type=int, default=1, help="bundles at a time")
    parser.add_argument("--work", type=Path, help="folder that keeps the scores, for the next call")
    parser.add_argument("--write", type=Path)
    parser.add_argument("--plot", type=Path)
    arguments = parser.parse_args()
    program = arguments.bitbeam.split()
    (first, *more), *others = arguments.bundles
    if more:
        parser.error("the reference is one bundle")
    counts = uproot.open(arguments.data)["jets"]["nPart"].array(library="np")
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(arguments.jobs) as pool:
        folder = arguments.work or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        made = {folder / f"{first.name}-{name}": floats for name, floats in INT8.items() if arguments.int8}
        groups = [([first], first)] + [([int8(program, first, floats, path)], first) for path, floats in made.items()]
        groups += [(bundles, bundles[0]) for bundles in others]
        every = [bundle for bundles, _ in groups for bundle in bundles]
        metrics = dict(zip(every, pool.map(lambda bundle: evaluate(program, arguments.data, bundle, folder), every)))
        macs = list(pool.map(lambda group: mean_cost(program, group[0][0], training(group[1])["settings"], counts), groups))
        files = {bundle: folder / "scores" / bundle.name / arguments.data.name for bundle in every}
        if arguments.plot:
            trained = [bundles[0] for bundles in arguments.bundles]
            tests = ("Test jets", "quark efficiency", "1 / gluon efficiency", "log", [roc(files[bundle], bundle.name) for bundle in trained])
            figure(arguments.plot, [curves(trained, "validationAuc", "AUC of validation jets"), tests])
        reference = placements(files[first])
        errors = {bundle: error_of_difference(placements(file), reference) for bundle, file in files.items()}
    rows, cpus = [], []
    for (bundles, trained), cost_of in zip(groups, macs):
        is_made = bundles[0] != trained
        name, (training_of, jets, epochs, parameters), seeds, took = trainings([trained] if is_made else bundles, described, cpus)
        of = lambda key: [float(metrics[bundle]["summary"][key]) for bundle in bundles]
        auc, differences = of("auc"), [value - metrics[first]["summary"]["auc"] for value in of("auc")]
        own, paired = "", ""  # errors of a row of one seed; of several, it is their spread
        if len(bundles) == 1:
            own, paired = f" ± {metrics[bundles[0]]['errors']['auc']:.4f}", "" if bundles == [first] else f" ± {errors[bundles[0]]:.4f}"
        rows.append(
            [bundles[0].name if is_made else name, f"{trained.name}, int8 without training" if is_made else training_of]
            + [jets, epochs, seeds, took, parameters]
            + [spread(auc, ".4f") + own, spread(differences, "+.4f") + paired, spread(of("accuracy"), ".4f")]
            + [f"{np.mean(of('rejection50')):.1f} / {np.mean(of('rejection30')):.1f}"]
            + [f"{cost_of.sum() / 1e6:.2f}", f"{cost_of.sum() / macs[0].sum():.2f}", f"{(cost_of.sum() - cost_of[1]) / macs[0].sum():.2f}"]
            + [f"{100 * cost_of[1] / cost_of.sum():.0f}{' (int8)' if is_made else ''}", size(bundles[0])]
        )
    heads = ["bundle", "training", "jets", "epochs", "seed", "s", "parameters", "AUC", "to the first", "accuracy", "rejection at 50 / 30 %"]
    heads += ["MAC a jet, M", "of the first's", "float MAC, of the first's MAC", "ternary MAC, %", "kB"]
    text = (
        f"{metrics[first]['jets']} test jets with {counts.mean():.1f} constituents on average; errors of an AUC by bootstrap, of a difference on the same\n"
        f"jets by DeLong's formula; rows of several seeds: their mean ± standard deviation. Seconds of one thread {of_cpus(cpus)}.\n\n"
    )
    put(text + table(heads, rows), "zoo_pdat.py", arguments.write)


if __name__ == "__main__":
    main()
