"""Runs samples/tag.yaml with Apache Beam's Python and compares what it writes with the command line's output.

Needs apache-beam[yaml] and uproot, expansion/target/bitbeam-expansion.jar (./mvnw -Pexpansion package) and a JDK.
Usage: python tools/check_yaml.py --output DIR [--timeout SECONDS]
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys

import numpy as np
import uproot

HOME = pathlib.Path(__file__).resolve().parent.parent
SAMPLE = HOME / "samples/qg_sample.root"


def check(ok, what):
    print(("ok      " if ok else "FAILED  ") + what)
    if not ok:
        sys.exit(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--timeout", type=float, default=600)
    options = parser.parse_args()
    output = options.output.resolve()
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)

    subprocess.run(
        [HOME / "bitbeam", "tag", "--input", SAMPLE, "--output", output / "cli", "--model", "pfn-bit", "--no-report"],
        check=True,
    )
    with open(output / "yaml.log", "w") as log:
        code = subprocess.run(
            [
                sys.executable, "-m", "apache_beam.yaml.main",
                f"--yaml_pipeline_file={HOME / 'samples/tag.yaml'}",
                "--jinja_variables=" + json.dumps({"bitbeam": str(HOME), "output": str(output)}),
            ],
            stdout=log, stderr=subprocess.STDOUT, timeout=options.timeout,
        ).returncode
    if code:
        print((output / "yaml.log").read_text()[-4000:])
    check(code == 0, "the YAML pipeline ran (yaml.log)")

    ours = (output / "cli" / SAMPLE.name).read_bytes()
    check((output / "friend" / SAMPLE.name).read_bytes() == ours, f"friend file: the command line's {len(ours):,} bytes")

    def arrays(path, names):
        with uproot.open(path) as file:
            tree = file[file.keys()[0]]
            return tree.arrays(names, library="np")

    pt = arrays(SAMPLE, ["jet_pt"])["jet_pt"]
    score = arrays(output / "cli" / SAMPLE.name, ["jet_qgQuarkScore"])["jet_qgQuarkScore"]
    [file] = (output / "hard").glob("*.root")
    rows = arrays(file, ["entry", "jet_pt", "quark_score"])
    order = np.argsort(rows["entry"])
    expected = np.flatnonzero(pt > 520)
    check(0 < len(expected) < len(pt), f"{len(expected)} of {len(pt)} jets are above 520 GeV")
    check(np.array_equal(rows["entry"][order], expected), "rows that Python kept are those jets, each once")
    check(
        np.array_equal(rows["jet_pt"][order].view(np.uint32), pt[expected].view(np.uint32))
        and np.array_equal(rows["quark_score"][order].view(np.uint32), score[expected].view(np.uint32)),
        "their scores have the command line's bits",
    )


if __name__ == "__main__":
    main()
