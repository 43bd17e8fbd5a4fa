#!/usr/bin/env python3
"""The tables of CaloINN bundles in docs/zoo.md, made by BitBeam's own commands.

    zoo_calo.py test.hdf5 models/caloinn-a models/caloinn-b ... --control other.hdf5 [--work DIR] [--write docs/zoo.md --mark NAME]

For each bundle `bitbeam simulate` (backend bit) makes showers, and `bitbeam evaluate calo` compares them with as many of the test
file. The control is a sample of the generator itself, with another seed. What was trained, and how, is read from the bundles. DIR
keeps showers and results: what is there is not made again. Prints the table, or puts it between the marks of the document.
"""
import argparse
import json
import re
import tempfile
from pathlib import Path

from zoo import how, put, run, table


def layers(settings):
    """Sizes of the layers of a block's network."""
    sizes = settings["sizes"]
    voxels = sum((len(l["radii"]) - 1) * l["sectors"] for l in settings["geometry"]["layers"])
    length = voxels + len(settings["geometry"]["layers"])
    parameters = 3 * sizes["bins"] - 1 if sizes["spline"] == "rational-quadratic" else 2 * sizes["bins"] + 2
    edges = [(length + 1) // 2 + 1, *[sizes["width"]] * sizes["hidden"], length // 2 * parameters]
    return list(zip(edges, edges[1:]))


def ternary_share(settings):
    """Share of the multiplications that are of ternary layers."""
    plan, matrices = settings["plan"], layers(settings)
    total = ternary = 0
    for block in range(settings["sizes"]["blocks"]):
        for layer, (inputs, outputs) in enumerate(matrices):
            name = f"subnet-{block:02d}.{layer}"
            rules = [r["precision"] for r in plan.get("layers", []) if re.fullmatch(".*".join(map(re.escape, r["match"].split("*"))), name)]
            total += inputs * outputs
            ternary += inputs * outputs * ((rules + [plan.get("otherwise", "float")])[0] == "ternary")
    return ternary / total


def trained(bundle):
    manifest = json.loads((bundle / "bundle.json").read_text())
    settings, record = manifest["training"]["settings"], manifest["training"]
    cells = [f"{100 * ternary_share(settings):.0f}", "exchange" if settings["exchangesHalves"] else "random"]
    cells += [how(record), settings["options"]["epochs"], settings["options"]["seed"], record["seconds"]]
    return cells + [f"{manifest['metrics']['logLikelihood']:.1f}"], settings, record


def evaluate(program, showers, test, geometry, result, arguments):
    if not result.exists():
        words = ["--distances", "--classifier", "low,high", "--classifier-epochs", arguments.epochs, "--classifier-runs", arguments.runs]
        result.write_text(run(program, "evaluate", "calo", "--input", showers, "--reference", test, "--geometry", geometry, "--threshold", arguments.threshold, "--json", *words))
    metrics = json.loads(result.read_text())
    cells = [f"{sum(metrics['separationPowers'].values()) / len(metrics['separationPowers']):.4f}"]
    for inputs in ("low", "high"):
        aucs = [r["auc"] for r in metrics["classifier"][inputs]]
        cells.append(f"{sum(aucs) / len(aucs):.3f}")
    return cells + [f"{1e3 * metrics[d]['value']:.1f} ± {1e3 * metrics[d]['error']:.1f}" for d in ("fpd", "kpd")], metrics


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("test", type=Path)
    parser.add_argument("bundles", type=Path, nargs="+")
    parser.add_argument("--control", type=Path, required=True)
    parser.add_argument("--showers", type=int, default=5000)
    parser.add_argument("--energies", default="log-uniform:1:100:GeV")
    parser.add_argument("--epochs", type=int, default=15, help="of the classifiers")
    parser.add_argument("--runs", type=int, default=1, help="of each classifier")
    parser.add_argument("--threshold", type=float, default=0.01515, help="MeV; that of the generator")
    parser.add_argument("--bitbeam", default="./bitbeam")
    parser.add_argument("--work", type=Path)
    parser.add_argument("--mark", default="", help="which of the document's tables, such as tiny")
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    program = arguments.bitbeam.split()
    with tempfile.TemporaryDirectory() as name:
        folder = arguments.work or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        rows = []
        for bundle in arguments.bundles:
            showers = folder / f"{bundle.name}.hdf5"
            if not showers.exists():
                words = ["--showers", arguments.showers, "--energies", arguments.energies, "--seed", 7]
                run(program, "simulate", "--model", bundle, "--backend", "bit", *words, "--output", showers)
            cells, settings, record = trained(bundle)
            metrics, read = evaluate(program, showers, arguments.test, bundle, folder / f"{bundle.name}.json", arguments)
            size = sum(f.stat().st_size for f in bundle.rglob("*") if f.is_file()) / 1000
            rows.append([bundle.name, *cells, *metrics, f"{size:.0f}"])
        control, _ = evaluate(program, arguments.control, arguments.test, arguments.bundles[0], folder / "control.json", arguments)
        rows.append(["generator, other seed", *[""] * 7, *control, ""])
    sizes, geometry = settings["sizes"], settings["geometry"]["name"]
    text = (
        f"{geometry}: {read['showers']} showers against {read['referenceShowers']} of the generator, {arguments.energies}; flows of {sizes['blocks']} blocks,\n"
        f"networks of {sizes['hidden']} x {sizes['width']}, {sizes['spline']} splines of {sizes['bins']} bins; {settings['trainingShowers']} training showers, batches of\n"
        f"{settings['options']['batch']}, peak rate {settings['options']['learningRate']:g}. Classifiers: {arguments.runs} run of {arguments.epochs} epochs.\n"
        f"Seconds of one thread of an \"{record['cpu']}\" with much other work beside.\n\n"
    )
    heads = ["bundle", "ternary, %", "permutations", "training", "epochs", "seed", "s", "log-likelihood"]
    heads += ["separation power", "AUC low", "AUC high", "FPD x 1000", "KPD x 1000", "kB"]
    put(text + table(heads, rows), f"zoo_calo.py {arguments.mark}".strip(), arguments.write)


if __name__ == "__main__":
    main()
