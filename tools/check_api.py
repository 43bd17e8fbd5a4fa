#!/usr/bin/env python3
"""Compares the public API of built jars with a baseline in the repository, so that an incompatible change is made on purpose.

    python3 tools/check_api.py [JAR ...]            fails when something of the baseline is gone or changed, or there is more to implement
    python3 tools/check_api.py --write [JAR ...]    makes what is there the baseline: at a release, or when a break is meant (CHANGELOG.md)

Without jars: those in */target of this checkout. Needs the javap of a JDK. Looked at are public and protected members of public classes,
but not packages without a promise (docs/releasing.md): internal, cli, report. Module native-kernels is built by JDK 22 and newer only: where its jar is not
among those given, its lines are not compared, and that is printed; where it is the only one, the others are not. A line is a class with what it is, or one of its members;
a new member that is abstract breaks those who implement the type, unless it is sealed. Values of constants are not compared.
"""
import argparse
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
BASELINE = HOME / "tools" / "api.txt"
JAVAP = str(Path(os.environ["JAVA_HOME"], "bin", "javap")) if os.environ.get("JAVA_HOME") else "javap"
NATIVE = "org.bitbeam.runtime.natives."
NO_PROMISE = re.compile(r"org\.bitbeam(\.[a-z0-9]+)*\.(internal|cli|report)(\.|$)|org\.bitbeam\.benchmarks\.")


def parts(text):
    """Comma-separated types; commas of type arguments are none."""
    found, depth, start = [], 0, 0
    for i, c in enumerate(text + ","):
        depth += (c == "<") - (c == ">")
        if c == "," and depth == 0:
            found.append(text[start:i].strip())
            start = i + 1
    return found


def header(line):
    """`public final class A<T> extends B implements C, D` as lines of their own."""
    head = re.match(r"((?:public|protected|abstract|final|static|sealed|non-sealed) )*(class|interface|enum|@interface) (\S+?)(?=<| |$)", line)
    if not head:
        return None, []
    rest, depth, end = line[head.end():], 0, 0
    if rest.startswith("<"):
        for end, c in enumerate(rest, 1):
            depth += (c == "<") - (c == ">")
            if depth == 0:
                break
    lines = [head.group(0) + rest[:end]]
    for word, types in re.findall(r"(extends|implements|permits) (.*?)(?= (?:extends|implements|permits) |$)", rest[end:]):
        if word != "permits":
            lines += ["%s %s" % (word, t) for t in parts(types)]
    return head.group(3), lines


def sealed_classes(names, jars):
    """Those with the attribute PermittedSubclasses, which javap prints only with -v."""
    out = subprocess.run([JAVAP, "-v", "-cp", os.pathsep.join(jars)] + names, capture_output=True, text=True, check=True).stdout
    found, current = set(), ""
    for line in out.splitlines():
        match = re.match(r"  this_class: #\d+ +// (\S+)", line)
        if match:
            current = match.group(1).strip('"').replace("/", ".")
        if line.startswith("PermittedSubclasses:"):
            found.add(current)
    return found


def api(jars):
    names = []
    for jar in jars:
        with zipfile.ZipFile(jar) as archive:
            for entry in archive.namelist():
                name = entry[:-6].replace("/", ".")
                if entry.endswith(".class") and name.startswith("org.bitbeam.") and not NO_PROMISE.match(name) and not re.search(r"\$\d|-info$", name):
                    names.append(name)
    out = subprocess.run([JAVAP, "-protected", "-cp", os.pathsep.join(jars)] + names, capture_output=True, text=True, check=True).stdout
    classes, current = {}, None
    for line in out.splitlines():
        text = line.strip().rstrip("{").strip()
        if not line.startswith(" ") and line.endswith("{"):
            current, lines = header(text)
            if current is None or not text.startswith(("public", "protected")):
                current = None
                continue
            classes[current] = set(lines)
        elif line.startswith(" ") and current and text:
            member = text.rstrip(";").replace("java.lang.", "")
            if not re.search(r" (hashCode\(\)|toString\(\)|equals\(Object\))$", member):
                classes[current].add(member)
    for name in list(classes):
        outer = name
        while "$" in outer:
            outer = outer.rpartition("$")[0]
            if outer not in classes:
                del classes[name]
                break
    sealed = sealed_classes(sorted(classes), jars)
    return {"%s: %s" % (name, line) for name, lines in classes.items() for line in lines | ({"is sealed"} if name in sealed else set())}


def broken(old, new):
    """Lines of the baseline that are gone, and new ones that implementations lack."""
    known = {line.split(": ")[0] for line in old}
    sealed = {line.split(": ")[0] for line in new if line.endswith(": is sealed")}
    # A type that is opened, or is no longer final, breaks nobody.
    gone = sorted(line for line in old - new if not line.endswith(": is sealed") and line.replace(" final ", " ") not in new)
    needed = sorted(line for line in new - old if " abstract " in line + " " and "(" in line and line.split(": ")[0] in known - sealed)
    return ["gone or changed: " + line for line in gone] + ["to implement: " + line for line in needed]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("jars", nargs="*")
    arguments.add_argument("--write", action="store_true")
    arguments.add_argument("--baseline", type=Path, default=BASELINE)
    given = arguments.parse_args()
    jars = given.jars or sorted(str(p) for p in HOME.glob("*/target/bitbeam-*.jar"))
    jars = [j for j in jars if not re.search(r"-(sources|javadoc|tests)\.jar$", j)]
    if not jars:
        sys.exit("no jars: build them first (./mvnw -Pquick package)")
    found = api(jars)
    old = set(given.baseline.read_text().splitlines()) if given.baseline.is_file() else set()
    native = ["bitbeam-native-kernels" in Path(jar).name for jar in jars]
    apart = set()
    if not any(native):
        apart = {line for line in old if line.startswith(NATIVE)}
        print("not among the jars, so not compared: native-kernels, %d lines" % len(apart))
    elif all(native):
        apart = {line for line in old if not line.startswith(NATIVE)}
        print("only native-kernels is compared")
    if given.write:
        lines = sorted(found | apart)
        given.baseline.write_text("".join(line + "\n" for line in lines))
        print("%d lines of public API written to %s" % (len(lines), given.baseline))
        return
    old -= apart
    problems = broken(old, found)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        sys.exit("public API: %d incompatible changes; if they are meant, say so in CHANGELOG.md and run tools/check_api.py --write" % len(problems))
    print("public API: %d lines, all there; %d are new" % (len(old), len(found - old)))


if __name__ == "__main__":
    main()
