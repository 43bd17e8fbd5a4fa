"""What the scripts that write tables of docs/zoo.md share: BitBeam's commands, what bundles say of their training, tables."""
import json
import subprocess


def run(program, *words):
    done = subprocess.run([*program, *map(str, words)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{words}: {done.stderr}")
    return done.stdout


def training(bundle):
    """The record of a bundle's training."""
    return json.loads((bundle / "bundle.json").read_text())["training"]


def how(record):
    """Words for what a training started and learnt from."""
    settings = record["settings"]
    words = ["scratch"] if "startSha256" not in settings else ["warm start"]
    if "teacherSha256" in settings:
        words.append(f"distilled {settings['options']['distillation']:g}")
    return ", ".join(words)


def size(bundle):
    return f"{(bundle / 'model.onnx').stat().st_size / 1000:.0f}"


def table(heads, rows):
    return "".join("| " + " | ".join(map(str, cells)) + " |\n" for cells in (heads, ["---"] * len(heads), *rows))


def put(text, script, document):
    """Prints it, and puts it between the script's marks of the document if there is one."""
    if document:
        old = document.read_text()
        begin = f"<!-- begin: tools/{script} -->"
        start = old.index(begin) + len(begin)
        document.write_text(old[:start] + "\n" + text + old[old.index("<!-- end -->", start) :])
    print(text, end="")
