#!/usr/bin/env python3
"""The licences of what BitBeam brings along at run time, from the bills of materials of a release build.

python tools/licences.py [--write docs/licences.md] pipelines/target/bom.json training/target/bom.json

Fails when a library has no licence that may be passed on with Apache-2.0 software, or none at all; with --write the table between
the marks of that page is replaced, without it the page's table must be this one (--check PAGE).
"""
import argparse
import json
import re
import sys
from pathlib import Path

# SPDX names, and the names of licences that have none in the bills.
ALLOWED = {"Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Zlib", "EPL-2.0", "CDDL-1.0", "Public Domain", "Go License",
           "Unicode/ICU License"}
BEGIN, END = "<!-- begin: tools/licences.py -->", "<!-- end -->"


def licences(component):
    """Names of a component's licences; where there are several, one may choose, or its parts have one each."""
    names = []
    for entry in component.get("licenses", []):
        if "expression" in entry:
            names += [name for name in re.split(r"\s+OR\s+|[()]", entry["expression"]) if name.strip()]
        else:
            names.append(entry["license"].get("id") or entry["license"].get("name"))
    return sorted(names)


def read(files):
    libraries = {}
    for file in files:
        bill = json.loads(Path(file).read_text())
        where = bill["metadata"]["component"]["name"].removeprefix("bitbeam-")
        for component in bill["components"]:
            if component.get("group") == "org.bitbeam":
                continue
            name = f"{component.get('group', '')}:{component['name']}"
            entry = libraries.setdefault(name, {"version": component["version"], "licences": licences(component), "in": []})
            entry["in"].append(where)
    return libraries


def table(libraries):
    lines = ["| library | version | licence | comes with |", "| --- | --- | --- | --- |"]
    for name, entry in sorted(libraries.items()):
        lines.append(f"| {name} | {entry['version']} | {', '.join(entry['licences'])} | {', '.join(entry['in'])} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bills", nargs="+", help="bom.json of modules, from ./mvnw -Prelease package")
    parser.add_argument("--write", metavar="PAGE", help="put the table into this page")
    parser.add_argument("--check", metavar="PAGE", help="fail unless this page holds the table")
    options = parser.parse_args()

    libraries = read(options.bills)
    bad = {name: entry["licences"] for name, entry in libraries.items() if not ALLOWED.intersection(entry["licences"])}
    for name, found in sorted(bad.items()):
        print(f"{name}: {', '.join(found) or 'no licence is named'}", file=sys.stderr)
    if bad:
        sys.exit(f"{len(bad)} libraries cannot be passed on")
    page = options.write or options.check
    if page:
        text = Path(page).read_text()
        before, rest = text.split(BEGIN)
        after = rest.split(END, 1)[1]
        made = f"{before}{BEGIN}\n{table(libraries)}\n{END}{after}"
        if options.write:
            Path(page).write_text(made)
        elif made != text:
            sys.exit(f"{page} is not what these bills say; run this with --write {page}")
    print(f"{len(libraries)} libraries, each with a licence that may be passed on")


if __name__ == "__main__":
    main()
