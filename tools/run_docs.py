#!/usr/bin/env python3
"""Runs the code of README.md and docs/, page by page, each in an empty folder.

python tools/run_docs.py [--work DIR] [PAGE ...]

A block's first line says what it is: `bash` and `python` are run as they stand, in the order of the page, in one folder per page that holds
links to bitbeam, mvnw, samples, models and tools; `json` and `yaml` must be readable; `java` is compiled and run by GuideTest and DocsTest; `text`
is output or a drawing. Behind the language may stand
  not run: REASON                     a block that cannot be run here
  needs PACKAGE, needs FOLDER/...     a Python package, or a folder of this checkout that not every build makes; without it the block is left out
  smaller: OLD => NEW; OLD => NEW     a block that takes too long as it stands: it is run with each OLD, which must be in it, replaced by NEW
the last two also together, in this order. What was left out is printed. What a page takes for granted (files of the reader) is made by a
comment `<!-- before: COMMANDS -->` in front of the block.

Needs bash, a built BitBeam and, for python blocks, uproot, awkward and matplotlib in the Python that runs this.
"""
import argparse
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"<!-- before:\s(?P<before>.*?)-->|^```(?P<language>[a-z]*)(?P<note>[^\n]*)\n(?P<code>.*?)^```$", re.S | re.M)
NOTE = re.compile(r"not run: (?P<reason>.+)|(?:needs (?P<needed>\S+))?\s*(?:smaller: (?P<smaller>.+))?")
SECONDS = 1200  # a block that hangs; pages run beside other work


def folder_of(page, work):
    folder = work / page.stem
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, command in (("bitbeam", f'exec "{HOME}/bitbeam"'), ("mvnw", f'cd "{HOME}" && exec ./mvnw')):
        (folder / name).write_text(f'#!/bin/sh\n{command} "$@"\n')  # they look for their home beside themselves
        (folder / name).chmod(0o755)
    for name in ("samples", "models", "tools"):
        (folder / name).symlink_to(HOME / name)
    return folder


def is_there(needed):
    return (HOME / needed).exists() if "/" in needed else importlib.util.find_spec(needed) is not None


def smaller(code, substitutions):
    """The code with OLD => NEW; OLD => NEW, one after the other."""
    for substitution in substitutions.split(";"):
        old, arrow, new = map(str.strip, substitution.partition("=>"))
        if not arrow or not old or old not in code:
            raise ValueError(f"not in the block, or not OLD => NEW: {substitution.strip()}")
        code = code.replace(old, new)
    return code


def run(command, code, folder):
    environment = dict(os.environ, PATH=f"{folder}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    done = subprocess.run(command, input=code, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=SECONDS)
    return done.returncode, done.stdout


def check(language, code, folder):
    """Why a block is not in order, or nothing."""
    if language == "bash":
        status, output = run(["bash", "-euo", "pipefail", "-s"], code, folder)
    elif language == "python":
        status, output = run([sys.executable, "-"], code, folder)
    elif language == "json":
        try:
            json.loads(code)
        except ValueError as e:
            return str(e)
        return None
    else:
        return f"a block must say what it is: {language or 'nothing'} is none of bash, python, java, json, yaml, xml, text"
    return None if status == 0 else f"exit {status}\n{output[-2000:]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", type=Path, help="all of README.md and docs/ unless given")
    parser.add_argument("--work", type=Path, default=HOME / "target" / "docs", help="where the pages' folders are made")
    options = parser.parse_args()
    pages = options.pages or [HOME / "README.md", *sorted((HOME / "docs").rglob("*.md"))]

    passed, failed, left_out = 0, 0, 0
    options.work.mkdir(parents=True, exist_ok=True)
    for page in pages:
        text = page.read_text()
        folder = folder_of(page, options.work.resolve())
        for block in BLOCK.finditer(text):
            line = text[: block.start()].count("\n") + 1
            where = f"{page.name}:{line}"
            language = block["language"]
            if block["before"] is not None:
                language, code = "bash", block["before"]
            else:
                code = block["code"]
            if language in ("java", "text", "yaml", "xml"):
                continue
            note = NOTE.fullmatch((block["note"] or "").strip())
            if note and (note["reason"] or (note["needed"] and not is_there(note["needed"]))):
                print(f"{where}: " + (note[0] if note["reason"] else f"needs {note['needed']}, which is not here"))
                left_out += 1
                continue
            start = time.monotonic()
            try:
                if not note:
                    raise ValueError(f"neither not run, needs nor smaller: {block['note'].strip()}")
                why = check(language, smaller(code, note["smaller"]) if note["smaller"] else code, folder)
            except ValueError as e:
                why = str(e)
            except subprocess.TimeoutExpired:
                why = f"longer than {SECONDS} s"
            if why:
                failed += 1
                print(f"{where}: FAILED: {why}")
            else:
                passed += 1
                print(f"{where}: {language}{', smaller' if note['smaller'] else ''}, {time.monotonic() - start:.1f} s")
            sys.stdout.flush()
    print(f"{passed} passed, {failed} failed, {left_out} not run (their reasons are above)")
    sys.exit(failed > 0 or passed == 0)


if __name__ == "__main__":
    main()
