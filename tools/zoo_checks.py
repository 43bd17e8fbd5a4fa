#!/usr/bin/env python3
"""The table of docs/zoo.md on what a backend makes of bundles on the validation samples of their trainings.

    zoo_checks.py --data pdat=train.root,validation.root --data smeftnet=wz.root ... BUNDLE ... [--backend bit]
                  [--teacher BUNDLE=CHECKPOINT] [--write docs/zoo.md] [--update]

For each bundle `bitbeam train ... --check` compares what PyTorch found in the training with what the backend finds of the same events.
DATA of a network are those of its trainings, behind a comma the validation file if there was one; the bundle's record says the rest. A
bundle of few solver steps needs the checkpoint of its teacher. Prints the table, or puts it between the marks of the document; with --update the
rows of these bundles replace those of the same names or come in addition, and all others stay as they are. Needs no packages.
"""
import argparse
import json
from pathlib import Path

from zoo import put, run, table, training, written


def jets(settings):
    """Options of P-DAT."""
    return ["tagger", "--network", settings["network"], "--constituents", settings["constituents"], "--neighbours", settings["neighbours"]]


def angles(settings):
    return ["eft", "--truth", "lab_gamma", "--layout", "samples/wz_layout.json", "--constituents", settings["constituents"]]


def showers(settings):
    """Options of CaloINN or CaloDREAM."""
    sizes = settings["sizes"]
    words = ["calo", "--network", settings["network"], "--geometry", settings["geometry"]["name"]]
    if settings["network"] == "calodream":
        words += ["--patch", ",".join(map(str, sizes["patch"])), "--dim", sizes["width"], "--heads", sizes["heads"], "--depth", sizes["depth"], "--feed", sizes["feed"]]
        if "solverSteps" in settings:
            words += ["--solver-steps", settings["solverSteps"], "--distillation", 1]
    return words


OPTIONS = {"pdat": jets, "pdat-masked": jets, "smeftnet": angles, "caloinn": showers, "calodream": showers}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundles", type=Path, nargs="+")
    parser.add_argument("--data", action="append", default=[], metavar="NETWORK=FILE[,VALIDATION]")
    parser.add_argument("--teacher", action="append", default=[], metavar="BUNDLE=CHECKPOINT")
    parser.add_argument("--backend", default="bit")
    parser.add_argument("--bitbeam", default="./bitbeam")
    parser.add_argument("--write", type=Path)
    parser.add_argument("--update", action="store_true", help="keep the other rows of the document's table")
    arguments = parser.parse_args()
    if arguments.update and not arguments.write:
        parser.error("--update needs --write")
    data = dict(given.split("=", 1) for given in arguments.data)
    teachers = dict(given.split("=", 1) for given in arguments.teacher)
    rows = {row[0]: row for row in written("zoo_checks.py", arguments.write)[1]} if arguments.update else {}
    for bundle in arguments.bundles:
        settings = training(bundle)["settings"]
        words = OPTIONS[settings["network"]](settings)
        file, _, validation = data[settings["network"].split("-")[0]].partition(",")
        words += ["--data", file, *(["--validation", validation] if validation else [])]
        words += ["--teacher", teachers[bundle.name]] if bundle.name in teachers else []
        check = json.loads(run(arguments.bitbeam.split(), "train", *words, "--output", bundle, "--check", arguments.backend, "--json"))
        off = abs(check["found"] - check["training"])
        cells = [f"{check['training']:.6g}", f"{check['found']:.6g}", f"{off:.1e}", f"{check['error']:.1e}", f"{off / check['error']:.1e}"]
        rows[bundle.name] = [bundle.name, check["metric"], check["events"], *cells]
    heads = ["bundle", "metric", "validation events", "PyTorch", arguments.backend, "difference", "statistical error", "difference / error"]
    put(table(heads, list(rows.values())), "zoo_checks.py", arguments.write)


if __name__ == "__main__":
    main()
