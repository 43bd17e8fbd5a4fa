#!/usr/bin/env python3
"""Speed of io-root beside uproot and ROOT: same files, same run, one core, samples in turn.

    ./mvnw -q -Pquick -pl benchmarks -am package
    python tools/bench_root.py --peers DIR/bench_root_peers.py --data DIR [--quick] [--rows REGEX] [--rounds 9]

--peers is the script with the other readers (uproot, RDataFrame, and "bulk": GetBulkRead for trees, RNTupleReader for
ntuples); --data the folder that make_big_nanoaod.py filled (events_zlib.root ...); wide.root with 1,500 branches is made
there when it is missing. Every reader is a process of its own that stays warm, all of them on one core (taskset); io-root
first repeats each row of reading for ten seconds, since its just-in-time compiler takes processor time until then. A round
asks each of them once, and a row shows the median of the ratios of its rounds: above 1 is faster than the peer. Sums
of all values must agree. Rows "decompression alone" time only that of the baskets that the row above takes, beside all that
the peers do for it: the highest ratio that a reader with the same decompressor can reach. "cpu" rows compare processor time, which other programs disturb less than wall time.
Rows "whole process" start everything anew each time. Needs uproot, awkward and ROOT from PyPI.
"""
import argparse
import importlib.util
import json
import math
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
NUMERIC = "run,luminosityBlock,event,MET_pt,MET_phi,genWeight"
JAGGED = "Jet_pt,Jet_eta,Jet_phi,Jet_mass,Jet_nConstituents,Muon_pt,GenPart_pt,GenPart_pdgId"
WIDE = "Group3_x1,Group50_x2,Group99_x3"
ALL = 1 << 62
WARM_SECONDS = 10

MAKE_WIDE = r"""
#include <TFile.h>
#include <TRandom3.h>
#include <TTree.h>
void MakeWide(const char *path, int groups, int events) {
   TFile f(path, "RECREATE", "", 505); TTree t("Events", "1,500 branches"); TRandom3 random(7); const int kMax = 16, kEach = 14;
   std::vector<int> n(groups); std::vector<std::array<float, kMax>> x(groups * kEach);
   for (int g = 0; g < groups; ++g) {
      t.Branch(Form("nGroup%d", g), &n[g], Form("nGroup%d/I", g))->SetTitle(Form("number of items of group %d", g));
      for (int k = 0; k < kEach; ++k)
         t.Branch(Form("Group%d_x%d", g, k), x[g * kEach + k].data(), Form("Group%d_x%d[nGroup%d]/F", g, k, g))->SetTitle(Form("quantity %d of the items of group %d", k, g));
   }
   for (int e = 0; e < events; ++e) {
      for (auto &m : n) m = std::min(kMax, (int)random.Poisson(1.5));
      for (auto &a : x) for (int k = 0; k < 4; ++k) a[k] = (int)(random.Rndm() * 1024) / 32.f;
      t.Fill();
   }
   t.Write();
}
"""

# Codecs at the same effort: ROOT (and io-root) double the level for Zstandard, uproot does not.
UPROOT_CODECS = {"zlib:1": ("ZLIB", 1), "zstd:5": ("ZSTD", 10)}


def java(*arguments):
    home = os.environ.get("JAVA_HOME")
    # The young generation holds all that one read makes; else a collection amid it copies whole columns.
    return [f"{home}/bin/java" if home else "java", "-XX:+UseSerialGC", "-Xmx2g", "-Xmn1300m", "-cp", f"{ROOT}/benchmarks/target/*:{ROOT}/benchmarks/target/lib/*",
            "org.bitbeam.benchmarks.Samples", *arguments]


def peer_side(script, reader):
    """Runs in the process of a peer: a job a line, as org.bitbeam.benchmarks.Samples does."""
    spec = importlib.util.spec_from_file_location("peers", script)
    peers = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(peers)
    read = {"uproot": peers.read_uproot, "rdataframe": peers.read_rdataframe, "bulk": peers.read_bulk}[reader]
    loaded = {}

    def write(path, tree, columns, target, kind, codec):
        import uproot

        if (path, columns) not in loaded:
            loaded.clear()
            arrays = uproot.open(path)[tree].arrays(columns.split(","))
            loaded[path, columns] = {name: arrays[name] for name in columns.split(",")}
        algorithm, level = UPROOT_CODECS[codec]
        start = time.perf_counter()
        with uproot.recreate(target, compression=getattr(uproot, algorithm)(level)) as file:
            (file.mktree if kind == "ttree" else file.mkrntuple)("Events", loaded[path, columns])
        return time.perf_counter() - start, 0

    for line in sys.stdin:
        job, *words = line.rstrip("\n").split("\t")
        try:
            if job == "read":
                start = time.perf_counter()
                total = read(words[0], words[1], words[2].split(","))[3]
                answer = {"wall_s": time.perf_counter() - start, "sum": total}
            else:
                seconds, total = write(*words)
                answer = {"wall_s": seconds, "sum": total}
        except Exception as error:  # a peer that cannot do a row is left out of it
            answer = {"error": str(error).strip().splitlines()[-1][:200]}
        print(json.dumps(answer), flush=True)


class Reader:
    """A warm process that answers jobs; measures the processor time of all of its threads."""

    def __init__(self, name, command, core):
        self.name = name
        environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", PYTHONWARNINGS="ignore")
        self.process = subprocess.Popen(["taskset", "-c", str(core), *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, env=environment)

    def cpu(self):
        total = 0
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            try:
                total += int((task / "schedstat").read_text().split()[0])
            except (FileNotFoundError, ProcessLookupError):
                pass  # a thread that has just ended
        return total / 1e9

    def run(self, job):
        before = self.cpu()
        self.process.stdin.write("\t".join(map(str, job)) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended at {job}")
        answer = json.loads(line)
        answer["cpu_s"] = self.cpu() - before
        return answer


def rows(data, scratch):
    for codec in ("zlib", "lz4", "zstd", "lzma"):
        for kind, columns in (("numeric", NUMERIC), ("jagged", JAGGED)):
            words = (data / f"events_{codec}.root", "Events", columns, ALL)
            yield f"read TTree {codec} {kind}", ("read", *words), ("uproot", "rdataframe", "bulk")
            yield f"TTree {codec} {kind}: decompression alone", ("decompress", *words), ("uproot", "rdataframe", "bulk")
    for kind, columns in (("numeric", NUMERIC), ("jagged", JAGGED)):
        yield f"read RNTuple zstd {kind}", ("read", data / "events_rntuple_zstd.root", "Events", columns, ALL), ("uproot", "rdataframe", "bulk")
    yield "open 1,500 branches, read 3", ("read", data / "wide.root", "Events", WIDE, ALL), ("uproot", "rdataframe", "bulk")
    source = (data / "events_zstd.root", "Events", f"{NUMERIC},{JAGGED}")
    for kind, codec in (("ttree", "zlib:1"), ("ttree", "zstd:5"), ("rntuple", "zstd:5")):
        yield f"write {kind} {codec}", ("write", *source, scratch / "written.root", kind, codec), ("uproot",)


def same(a, b):
    return math.isclose(a, b, rel_tol=1e-6) or a == b


def compare(name, job, peers, readers, rounds):
    ours = readers["io-root"]
    theirs = ("read", *job[1:]) if job[0] == "decompress" else job
    runs, until = (2, 0) if job[0] == "write" else (12, time.time() + WARM_SECONDS)
    while runs > 0 or time.time() < until:
        first = ours.run(job)
        runs -= 1
    live = {}
    for peer in peers:
        answer = readers[peer].run(theirs)
        if "error" in answer:
            print(f"  {name}: {peer} cannot: {answer['error']}", flush=True)
        elif job[0] == "read" and not same(answer["sum"], first["sum"]):
            raise SystemExit(f"{name}: the sum of {peer} is {answer['sum']}, ours {first['sum']}")
        else:
            live[peer] = []
    mine = []
    for _ in range((rounds + 1) // 2 if job[0] == "write" else rounds):
        mine.append(ours.run(job))
        for peer in live:
            live[peer].append(readers[peer].run(theirs))
    report(name, mine, live)


def report(name, mine, live):
    for clock in ("wall_s", "cpu_s"):
        cells = [f"{statistics.median(m[clock] for m in mine) * 1e3:9.1f}"]
        for peer in ("uproot", "rdataframe", "bulk"):
            ratios = [p[clock] / m[clock] for p, m in zip(live.get(peer, []), mine)]
            cells.append(f"{statistics.median(ratios):9.2f}" if ratios else f"{'-':>9}")
        print(f"{name:42} {clock[:-2]:5} {' '.join(cells)}", flush=True)


def whole_processes(args, data, rounds):
    job = ["read", str(data / "wide.root"), "Events", WIDE, str(ALL)]
    code = {"uproot": f"import uproot, awkward as ak; a = uproot.open({job[1]!r})['Events'].arrays({WIDE.split(',')!r}); print(sum(float(ak.sum(a[n])) for n in a.fields))",
            "rdataframe": f"import ROOT; d = ROOT.RDataFrame('Events', {job[1]!r}); s = [d.Define('s%d' % i, 'double s = 0; for (auto x : ' + n + ') s += x; return s;').Sum('s%d' % i)"
                          f" for i, n in enumerate({WIDE.split(',')!r})]; print(sum(x.GetValue() for x in s))"}
    commands = {"io-root": java(*job), **{peer: [sys.executable, "-W", "ignore", "-c", text] for peer, text in code.items()}}
    samples = {peer: [] for peer in commands}
    for k in range(rounds + 1):
        for peer, command in commands.items():
            before, start = os.times(), time.perf_counter()
            subprocess.run(["taskset", "-c", str(args.core), *command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            after = os.times()
            if k > 0:  # the first fills the file cache
                samples[peer].append({"wall_s": time.perf_counter() - start, "cpu_s": after[2] + after[3] - before[2] - before[3]})
    report("  the same, whole process", samples.pop("io-root"), samples)


def cpu_name():
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown CPU"


def main():
    cli = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    cli.add_argument("--peers", type=pathlib.Path, required=True)
    cli.add_argument("--data", type=pathlib.Path)
    cli.add_argument("--rounds", type=int)
    cli.add_argument("--rows", default="", help="only rows whose name this regular expression is found in")
    cli.add_argument("--quick", action="store_true", help="few rounds, no LZMA")
    cli.add_argument("--core", type=int, default=0)
    cli.add_argument("--peer-side", help=argparse.SUPPRESS)
    args = cli.parse_args()
    if args.peer_side:
        peer_side(args.peers, args.peer_side)
        return
    data = args.data.resolve()
    wide = data / "wide.root"
    if not wide.exists():
        subprocess.run([sys.executable, "-W", "ignore", "-c", f"import ROOT; ROOT.gInterpreter.Declare({MAKE_WIDE!r}); ROOT.MakeWide({str(wide)!r}, 100, 5000)"], check=True)
    rounds = args.rounds or (5 if args.quick else 11)
    whole = 3 if args.quick else 7
    load = os.getloadavg()[0]
    print(f"one core of {cpu_name()}; load before the start {load:.1f}; median of {rounds} rounds (writing: half as many); milliseconds of io-root, then its speed over that of the peer")
    print(f"{'':42} {'':5} {'io-root':>9} {'uproot':>9} {'RDataFr.':>9} {'bulk':>9}")
    readers = {"io-root": Reader("io-root", java(), args.core)}
    for peer in ("uproot", "rdataframe", "bulk"):
        readers[peer] = Reader(peer, [sys.executable, "-W", "ignore", __file__, "--peers", str(args.peers), "--peer-side", peer], args.core)
    with tempfile.TemporaryDirectory() as scratch:
        for name, job, peers in rows(data, pathlib.Path(scratch)):
            if re.search(args.rows, name) and not (args.quick and "lzma" in name):
                compare(name, job, peers, readers, rounds)
    for reader in readers.values():
        reader.process.stdin.close()
        reader.process.wait()
    if re.search(args.rows, "open whole process"):
        whole_processes(args, data, whole)


if __name__ == "__main__":
    main()
