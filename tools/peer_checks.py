#!/usr/bin/env python3
"""Asks independent readers and an independent implementation about what BitBeam writes.

    python tools/peer_checks.py --tools DIR --data DIR --models DIR

DIRs are the shared tools (check_root_file.py, peer_pipeline.py), physics data and PyTorch models. Needs uproot, ROOT and
onnxruntime from PyPI. Runs ./bitbeam on real files and checks the outputs with uproot and ROOT: readable without a
message, equal to the input where they should be, aligned as friends, and with the scores of the Python pipeline. Also
checks the files that io-root's tests left in io-root/target/peer-files. Prints one line a check; exit code 1 when one
failed.
"""
import argparse
import importlib.util
import json
import pathlib
import shutil
import subprocess
import sys

import awkward as ak
import numpy as np
import uproot

ROOT = pathlib.Path(__file__).resolve().parent.parent
FAILED = []


def report(name, problem):
    print(f"{'FAILED' if problem else 'passed'}: {name}" + (f": {problem}" if problem else ""), flush=True)
    if problem:
        FAILED.append(name)


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, errors="replace", cwd=ROOT)
    return done.returncode, done.stdout, done.stderr


def bitbeam(name, *arguments):
    code, out, err = run("./bitbeam", *arguments)
    report(name, "" if code == 0 else f"exit code {code}: {err.strip()[-300:]}")
    return out


def check_file(tools, name, file, original=None):
    """uproot and ROOT read the file, say nothing on stderr, agree, and find the original's columns in it."""
    code, out, err = run(sys.executable, tools / "check_root_file.py", file, *(["--against", original] if original else []))
    problems = [line for line in out.splitlines() if line.startswith("PROBLEM")]
    report(name, "" if code == 0 else "; ".join(problems)[:600] or err.strip()[-300:])


def check_friend(name, parent, friend, tree, counter):
    with uproot.open(parent) as a, uproot.open(friend) as b:
        if a[tree].num_entries != b[tree].num_entries:
            report(name, f"{b[tree].num_entries} entries beside {a[tree].num_entries}")
            return
        if counter:
            same = np.array_equal(a[tree][counter].array(library="np"), b[tree][counter].array(library="np"))
            report(name, "" if same else f"{counter} differs")
            return
    report(name, "")


def check_friend_in_root(name, parent, friend, tree, counter):
    """ROOT itself joins the two trees entry by entry."""
    program = f"""
import ROOT
f = ROOT.TFile.Open({str(parent)!r}); t = f.Get({tree!r}); t.AddFriend("scores = {tree}", {str(friend)!r})
n = t.GetEntries("Length$(scores.Jet_qgLogit) != {counter}")
m = t.GetEntries("Length$(scores.Jet_qgLogit) == {counter}")
print("RESULT", n, m, t.GetEntries())
"""
    code, out, err = run(sys.executable, "-c", program)
    result = [line.split()[1:] for line in out.splitlines() if line.startswith("RESULT")]
    good = code == 0 and result and result[0][0] == "0" and result[0][1] == result[0][2]
    report(name, "" if good else f"{result} {err.strip()[-200:]}")


def check_scores(tools, name, source, ours, model, layout, tree, prefix):
    """Our logits against those of the Python pipeline (uproot, numpy, onnxruntime) on the same file."""
    peer = ROOT / "target" / "ci" / "peer.root"
    code, _, err = run(sys.executable, tools / "peer_pipeline.py", source, peer, model, "--layout", layout)
    if code:
        report(name, err.strip()[-300:])
        return
    column = f"{prefix}_qgLogit"
    a = ak.to_numpy(ak.flatten(uproot.open(ours)[tree][column].array(), axis=None))
    b = ak.to_numpy(ak.flatten(uproot.open(peer)[tree][column].array(), axis=None))
    if len(a) != len(b):
        report(name, f"{len(a)} jets instead of {len(b)}")
        return
    worst = float(np.max(np.abs(a - b)))
    report(f"{name} ({len(a)} jets, largest difference of the logits {worst:.2g})",
           "" if np.allclose(a, b, rtol=2e-5, atol=2e-5) else "too far apart")


def root_program(name):
    """A program of ROOT's own, from the package or the path."""
    spec = importlib.util.find_spec("ROOT")
    beside = pathlib.Path(spec.origin).parent / "bin" / name if spec and spec.origin else None
    return beside if beside and beside.exists() else shutil.which(name)


def check_hadd(name, out, file, *options, skip=()):
    """ROOT merges the file with itself without a complaint, and uproot finds every column twice."""
    hadd = root_program("hadd")
    if not hadd:
        print(f"skipped: {name}: there is no hadd")
        return
    code, said, err = run(hadd, "-f", *options, out, file, file)
    harmless = ("compression settings", "Merging RNTuples is experimental", "hadd merging will be slower")
    complaints = [line for line in (said + err).splitlines()
                  if ("Warning" in line or "Error" in line) and not any(h in line for h in harmless)]
    if code or complaints:
        report(name, f"exit code {code}: " + "; ".join(complaints)[:300])
        return
    with uproot.open(file) as a, uproot.open(out) as b:
        for key in a.keys(filter_classname=["TTree", "ROOT::RNTuple"]):
            one, two = a[key], b[key]
            if two.num_entries != 2 * one.num_entries:
                report(name, f"{key}: {two.num_entries} entries from twice {one.num_entries}")
                return
            for column in one.keys(recursive=False):
                if column not in skip:
                    x, y = one[column].array(), two[column].array()
                    n = one.num_entries
                    if not (ak.array_equal(x, y[:n], equal_nan=True) and ak.array_equal(x, y[n:], equal_nan=True)):
                        report(name, f"{key}: {column} differs")
                        return
    report(name, "")


def check_rootcp(name, out, file, path):
    """ROOT copies a tree out of the file; all columns are still there."""
    rootcp = root_program("rootcp")
    if not rootcp:
        print(f"skipped: {name}: there is no rootcp")
        return
    out.unlink(missing_ok=True)
    code, said, err = run(rootcp, f"{file}:{path}", out)
    if code or (said + err).strip():
        report(name, f"exit code {code}: {(said + err).strip()[-300:]}")
        return
    with uproot.open(file) as a, uproot.open(out) as b:
        one, two = a[path], b[path]
        same = one.keys() == two.keys() and all(
            ak.array_equal(one[c].array(), two[c].array(), equal_nan=True) for c in one.keys())
    report(name, "" if same else "columns differ")


def main():
    cli = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    cli.add_argument("--tools", type=pathlib.Path, required=True)
    cli.add_argument("--data", type=pathlib.Path, required=True)
    cli.add_argument("--models", type=pathlib.Path, required=True)
    args = cli.parse_args()
    tools, data, models = args.tools.resolve(), args.data.resolve(), args.models.resolve()
    out = ROOT / "target" / "ci" / "peers"
    out.mkdir(parents=True, exist_ok=True)

    sample = ROOT / "samples" / "events_sample.root"
    bitbeam("demo runs", "demo", "--output", out / "demo")
    check_file(tools, "enriched sample holds all columns of its input", out / "demo" / sample.name, sample)

    events = data / "events" / "events_ttree.root"
    for mode, extra in (("friend", []), ("enriched", []), ("slim", ["--keep", "event,Jet_*,MET_*"])):
        bitbeam(f"tag events, {mode}", "tag", "--input", events, "--output", out / mode, "--model", "pfn", "--mode", mode, *extra)
        check_file(tools, f"{mode} events are read by uproot and ROOT", out / mode / events.name, events if mode == "enriched" else None)
    check_friend("friend has the entries and counts of its parent", events, out / "friend" / events.name, "Events", "nJet")
    check_friend_in_root("ROOT joins friend and parent", events, out / "friend" / events.name, "Events", "nJet")
    check_scores(tools, "scores of events are those of the Python pipeline", events, out / "friend" / events.name,
                 models / "pfn", "pfnano", "Events", "Jet")

    ntuple = data / "events" / "events_rntuple.root"
    bitbeam("tag an RNTuple, enriched", "tag", "--input", ntuple, "--output", out / "ntuple", "--model", "pfn", "--mode", "enriched")
    check_file(tools, "enriched RNTuple holds all fields of its input", out / "ntuple" / ntuple.name, ntuple)

    jets = data / "qg" / "test.root"
    bitbeam("tag jets", "tag", "--input", jets, "--output", out / "jets", "--model", "pfn")
    check_file(tools, "scored jets are read by uproot and ROOT", out / "jets" / jets.name)
    check_friend("scored jets have the entries of their parent", jets, out / "jets" / jets.name, "jets", None)
    check_scores(tools, "scores of jets are those of the Python pipeline", jets, out / "jets" / jets.name,
                 models / "pfn", "jets", "jets", "jet")

    made = sorted((ROOT / "io-root" / "target" / "peer-files").glob("*.root"))
    report(f"io-root's tests left files to look at ({len(made)})", "" if made else "none; run ./mvnw verify first")
    for file in made:
        original = file.name.removeprefix("copy_")
        source = ROOT / "io-root" / "src" / "test" / "resources" / "written" / original
        check_file(tools, f"peer file {file.name}", file, source if file.name.startswith("copy_") else None)

    peers = ROOT / "io-root" / "target" / "peer-files"
    # Behind ROOT's own slow merging uproot misreads TLeafC strings of 255 bytes and more, in ROOT's files too.
    check_hadd("hadd merges a tree of ours", out / "hadd.root", peers / "every_kind_zlib_1.root", skip=("text",))
    check_hadd("hadd merges a tree of ours without decompressing", out / "hadd.root", peers / "every_kind_zstd_5.root", "-ff")
    check_hadd("hadd merges vectors of ours", out / "hadd.root", peers / "vectors.root")
    check_hadd("hadd merges an ntuple of ours", out / "hadd.root", peers / "every_field_zstd_5.root")
    check_hadd("hadd merges an ntuple of ours without decompressing", out / "hadd.root", peers / "every_field_lz4_4.root", "-ff")
    check_rootcp("rootcp copies a tree of ours", out / "rootcp.root", peers / "every_kind_zstd_5.root", "folder/Events")
    check_rootcp("rootcp copies vectors of ours", out / "rootcp.root", peers / "vectors.root", "Events")

    events_tree = data / "events" / "events_ttree.root"
    bitbeam("convert a tree to an ntuple", "convert", events_tree, "--output", out / "ntuple.root")
    check_file(tools, "the ntuple has the columns of the tree", out / "ntuple.root", events_tree)
    bitbeam("convert it back", "convert", out / "ntuple.root", "--output", out / "tree.root", "--format", "ttree")
    check_file(tools, "the tree has the columns of the ntuple", out / "tree.root", out / "ntuple.root")

    print(f"peer checks: {'FAILED: ' + ', '.join(FAILED) if FAILED else 'all passed'}")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
