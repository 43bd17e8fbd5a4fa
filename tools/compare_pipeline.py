#!/usr/bin/env python3
"""Times ./bitbeam tag beside a Python script with uproot and onnxruntime that does the same job.

    python tools/compare_pipeline.py FILE.root MODEL_DIR BUNDLE --peer peer_pipeline.py --layout jets|pfnano [--runs 3]

MODEL_DIR is the PyTorch model for the peer, BUNDLE the same model for BitBeam. Both run on one core (taskset), in turn,
whole processes with start-up; prints the medians and the ratio, and the CPU they were measured on. Needs uproot, awkward
and onnxruntime.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def timed(command):
    start = time.time()
    done = subprocess.run(["taskset", "-c", "0", *map(str, command)], capture_output=True, text=True, check=True)
    return time.time() - start, json.loads(done.stdout[done.stdout.index("{"):])


def cpu():
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown CPU"


def main():
    cli = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    cli.add_argument("file", type=pathlib.Path)
    cli.add_argument("model", type=pathlib.Path)
    cli.add_argument("bundle")
    cli.add_argument("--peer", type=pathlib.Path, required=True)
    cli.add_argument("--layout", default="pfnano")
    cli.add_argument("--backend", default="ort")
    cli.add_argument("--runs", type=int, default=3)
    args = cli.parse_args()
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(args.runs):
            ours.append(timed([ROOT / "bitbeam", "tag", "--input", args.file, "--output", folder, "--model", args.bundle,
                               "--backend", args.backend, "--threads", "1", "--json", "--no-report"]))
            theirs.append(timed([sys.executable, args.peer, args.file, os.path.join(folder, "peer.root"), args.model,
                                 "--layout", args.layout]))
    summary = ours[0][1]
    entries, jets, read = (summary["counters"][k] for k in ("entries", "jets", "bytesRead"))
    print(f"{args.file.name}: {entries} entries, {jets} jets, {read / 1e6:.2f} MB read; one core of {cpu()}; median of {args.runs}")
    print(f"{'':28} {'whole process':>14} {'job alone':>12} {'entries/s':>12} {'MB/s':>8}")
    rows = {}
    for name, runs, seconds in ((f"bitbeam tag ({args.backend})", ours, "seconds"), ("uproot + onnxruntime", theirs, "wall_s")):
        whole = statistics.median(r[0] for r in runs)
        job = statistics.median(r[1][seconds] for r in runs)
        rows[name] = (whole, job)
        print(f"{name:28} {whole:12.2f} s {job:10.2f} s {entries / job:12.0f} {read / 1e6 / job:8.2f}")
    (a, b) = rows.values()
    print(f"ratio (Python time / bitbeam time): whole process {b[0] / a[0]:.2f}, job alone {b[1] / a[1]:.2f}")


if __name__ == "__main__":
    main()
