#!/usr/bin/env python3
"""Puts the numbers of several `bitbeam bench study` into one page's tables.

    tools/study_tables.py STUDY.json... [--write docs/study.md]

Times of later files replace those of the same network, batch and cores.
"""
import argparse
import json
import pathlib

from zoo import put, table

ENGINES = ["bit", "ort fp32", "ort int8", "torch fp32"]
BYTES = ["fp32", "int8", "2 bit", "1.6 bit"]


def order(name):
    """Bundles by name, then networks of the published sizes as they were measured."""
    return (1, "") if name.startswith("published/") else (0, name)


def counts(network):
    metrics = ", ".join(f"{name} {value:.4g}" for name, value in network["metrics"].items())
    share = 100 * network["bitMacs"] / network["macs"]
    numbers = [network["flops"], network["intOps"], *(network["bytes"][kind] for kind in BYTES), network["bytesOfEvent"]]
    return [network["name"], f"{network['parameters']:,}", f"{network['macs']:,}", f"{share:.1f}", *(f"{n:,}" for n in numbers), metrics]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("studies", type=pathlib.Path, nargs="+")
    parser.add_argument("--write", type=pathlib.Path)
    arguments = parser.parse_args()
    studies = [json.loads(path.read_text()) for path in arguments.studies]

    networks, times, omitted = {}, {}, {}
    for study in studies:
        for network in study["networks"]:
            name = network["name"]
            networks[name] = network
            for time in network["times"]:
                times.setdefault((name, time["batch"], time["cores"]), {})[time["engine"]] = time["millisecondsPerEvent"]
            for words in network["omitted"]:
                subject, reason = words.split(": ", 1)
                omitted[name, subject] = reason
    names = sorted(networks, key=order)

    machines = [study["machine"] for study in studies]
    facts = {key: sorted({machine[key] for machine in machines if key in machine}) for key in ("processor", "jdk", "PyTorch", "energy")}
    loads = [float(machine["load average"]) for machine in machines]
    best = {key: max(study["peaks"][key] for study in studies) for key in studies[0]["peaks"]}
    text = "; ".join(f"{key}: {', '.join(values)}" for key, values in facts.items() if values)
    text += f"; {machines[0]['processors']} cores, load before the commands {min(loads):.1f} to {max(loads):.1f}.\n"
    text += f"One core's peaks, the best of these commands: {best['gigaflops']:.0f} Gflop/s, {best['gigaIntOps']:.0f} G ternary additions/s, {best['gigabytes']:.0f} GB/s.\n"
    text += "\nCounts of one event; bytes of weights. Of whole showers those of one pass of the networks.\n\n"
    heads = ["network", "parameters", "MAC", "ternary or binary, %", "float ops", "integer ops", *BYTES, "in and out", "quality"]
    text += table(heads, [counts(networks[name]) for name in names if "(" not in name])
    text += "\nMilliseconds an event; 1 core: processor time, 2 cores: wall time.\n\n"
    rows = []
    for name in names:
        for key in sorted(key for key in times if key[0] == name):
            cells = [f"{times[key][engine]:.4g}" if engine in times[key] else "" for engine in ENGINES]
            rows.append([*key, *cells])
    text += table(["network", "batch", "cores", *ENGINES], rows)
    skipped = {}
    for (name, subject), reason in sorted(omitted.items()):
        batch = int(subject.split()[1]) if subject.startswith("batch ") and "," not in subject else 0
        if (name, batch, 1) not in times:
            skipped.setdefault((subject, reason if not batch else "seconds that a pass of the slowest engine would take"), []).append(
                f"`{name}` ({reason.split()[4]})" if batch else f"`{name}`"
            )
    text += "\nNot measured:\n\n" if skipped else ""
    for (subject, reason), of in sorted(skipped.items()):
        text += f"* {subject}, {reason}: {', '.join(of)}\n"
    put(text, "study_tables.py", arguments.write)


if __name__ == "__main__":
    main()
