#!/usr/bin/env python3
"""The table of SMEFTNet bundles in docs/zoo.md, made by BitBeam's own commands.

    zoo_eft.py test.root models/smeftnet models/smeftnet-bit30 ... [--bitbeam ./bitbeam] [--write docs/zoo.md]

The first bundle is the reference. For each of them `bitbeam eft` estimates the angles of the test file (backend bit), and
`bitbeam evaluate eft` compares them with the truth and with those of the reference. What was trained, and how, is read from the
bundles. The same bundles and file give the same table but for the CPU. Prints it, or puts it between the marks of the document.
"""
import argparse
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

BEGIN, END = "<!-- begin: tools/zoo_eft.py -->", "<!-- end -->"


def run(program, *words):
    done = subprocess.run([*program, *map(str, words)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{words}: {done.stderr}")
    return done.stdout


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
    return {part: rules.get(part + ".*", otherwise) for part in ("messages", "readout")}


def row(program, bundle, data, reference, folder):
    record = json.loads((bundle / "bundle.json").read_text())["training"]
    settings, options = record["settings"], record["settings"]["options"]
    file = reference if bundle == folder["reference"] else estimate(program, reference, bundle, folder["path"], "jet")
    angle = "reference_decayAngle" if bundle == folder["reference"] else "jet_decayAngle"
    truth = evaluate(program, file, angle, "lab_gamma")
    cells = [bundle.name, *precision(settings["plan"]).values(), settings["form"]]
    how = ["scratch"] if "startSha256" not in settings else ["warm start"]
    if "teacherSha256" in settings:
        how.append(f"distilled {options['distillation']:g}")
    cells += [", ".join(how), options["epochs"], options["seed"], record["seconds"]]
    cells += [f"{truth['meanSinSquared']:.4f}", f"{truth['widthOfResiduals']:.3f}", f"{100 * truth['shareBeyondQuarterPi']:.1f}"]
    if bundle == folder["reference"]:
        cells += ["", ""]
    else:
        twin = evaluate(program, file, angle, "reference_decayAngle")
        cells += [f"{twin['wasserstein']:.4f}", f"{twin['meanSinSquared']:.4f}"]
    cells.append(f"{(bundle / 'model.onnx').stat().st_size / 1000:.0f}")
    return "| " + " | ".join(map(str, cells)) + " |", truth["jets"], record["cpu"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("bundles", type=Path, nargs="+")
    parser.add_argument("--bitbeam", default="./bitbeam")
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    program = arguments.bitbeam.split()
    path = Path(tempfile.mkdtemp())
    try:
        folder = {"path": path, "reference": arguments.bundles[0]}
        reference = estimate(program, arguments.data, arguments.bundles[0], path, "reference")
        rows = [row(program, bundle, arguments.data, reference, folder) for bundle in arguments.bundles]
    finally:
        shutil.rmtree(path)
    table = [
        f"{rows[0][1]} test jets; trained on one thread of an \"{rows[0][2]}\" with other work beside.",
        "",
        "| bundle | messages | readout | form | training | epochs | seed | s | mean sin² | width, rad | beyond π/4, % | Wasserstein to float, rad | mean sin² to float | kB |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
        *[r[0] for r in rows],
    ]
    text = "\n".join(table) + "\n"
    if arguments.write:
        old = arguments.write.read_text()
        start, end = old.index(BEGIN) + len(BEGIN), old.index(END)
        arguments.write.write_text(old[:start] + "\n" + text + old[end:])
    print(text, end="")


if __name__ == "__main__":
    main()
