"""What the scripts that write tables of docs/zoo.md share: BitBeam's commands, what bundles say of their training, tables."""
import json
import statistics
import subprocess
from os.path import commonprefix
from pathlib import Path


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
    if "composed" in record:
        return "composed"
    words = ["scratch"] if "startSha256" not in settings else ["warm start"]
    if "solverSteps" in settings:
        words.append(f"distilled to {settings['solverSteps']} steps")
    elif "teacherSha256" in settings:
        words.append(f"distilled {settings['options']['distillation']:g}")
    if settings["plan"].get("subNorm"):
        words.append("normalised inputs")
    if settings["options"].get("anneal"):
        words.append(f"annealed {settings['options']['anneal']:g}")
    return ", ".join(words)


def size(bundle):
    return f"{(bundle / 'model.onnx').stat().st_size / 1000:.0f}"


def table(heads, rows):
    return "".join("| " + " | ".join(map(str, cells)) + " |\n" for cells in (heads, ["---"] * len(heads), *rows))


def place(text, script):
    """Where the script's text stands in a document."""
    begin = f"<!-- begin: tools/{script} -->"
    start = text.index(begin) + len(begin)
    return start, text.index("<!-- end -->", start)


def put(text, script, document):
    """Prints it, and puts it between the script's marks of the document if there is one."""
    if document:
        old = document.read_text()
        start, end = place(old, script)
        document.write_text(old[:start] + "\n" + text + old[end:])
    print(text, end="")


def written(script, document):
    """The script's text in the document, before its table, and the rows of the table."""
    old = document.read_text()
    start, end = place(old, script)
    lines = old[start:end].strip().split("\n")
    first = next(i for i, line in enumerate(lines) if line.startswith("|"))
    return "\n".join(lines[:first]), [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines[first + 2 :]]


def merged(old, new):
    """Rows with those of the same name replaced, others put before the last."""
    rows = {row[0]: row for row in old}
    last = old[-1][0]
    rows |= {row[0]: row for row in new}
    rows[last] = rows.pop(last)
    return list(rows.values())


def seconds(record, cpus):
    """Seconds of a training, marked by the place of its CPU in the list, which grows."""
    if "composed" in record:
        return ""
    if record["cpu"] not in cpus:
        cpus.append(record["cpu"])
    return f"{record['seconds']}{'†' * cpus.index(record['cpu'])}"


def of_cpus(cpus):
    return "".join(f"; {'†' * i}: of an \"{cpu}\"" if i else f"of an \"{cpu}\" with much other work beside" for i, cpu in enumerate(cpus))


def with_seeds(text):
    """Bundles of an argument: one, or with commas between them trainings of one kind with other seeds."""
    return [Path(name) for name in text.split(",")]


def trainings(bundles, describe, cpus):
    """Of bundles that differ by their seeds: what they have in common of their names, what `describe` says of them, seeds, seconds."""
    records = [training(bundle) for bundle in bundles]
    cells = [describe(bundle) for bundle in bundles]
    if any(other != cells[0] for other in cells):
        raise SystemExit(f"{[bundle.name for bundle in bundles]} differ by more than the seed: {cells}")
    seeds = ", ".join(str(record["settings"]["options"]["seed"]) for record in records)
    took = ", ".join(filter(None, (seconds(record, cpus) for record in records)))
    return commonprefix([bundle.name for bundle in bundles]).rstrip("-"), cells[0], seeds, took


def spread(values, form):
    """A value, or mean and standard deviation of those of several seeds."""
    mean = format(statistics.fmean(values), form)
    return mean if len(values) == 1 else f"{mean} ± {statistics.stdev(values):{form.lstrip('+')}}"


def figure(path, panels):
    """Writes an SVG file of panels, two in a row: (title, horizontal, vertical, scale of the vertical axis, [(label, x, y, style)])."""
    import matplotlib

    matplotlib.use("svg")
    # The same numbers give the same bytes.
    matplotlib.rcParams.update({"svg.hashsalt": "bitbeam", "svg.fonttype": "none", "font.size": 9, "path.simplify": True})
    from matplotlib import pyplot

    rows = (len(panels) + 1) // 2
    picture, axes = pyplot.subplots(rows, 2, figsize=(9, 3.4 * rows + 0.6))
    labels = {}
    for axis, (title, horizontal, vertical, scale, lines) in zip(axes.flat, panels):
        for label, x, y, style in lines:
            color = style.get("color", f"C{len([l for l in labels if l != 'generator'])}" if label not in labels else labels[label].get_color())
            line = axis.plot(x, y, label=label, linewidth=1.2, **{**style, "color": color})[0]
            labels.setdefault(label, line)
        axis.set(title=title, xlabel=horizontal, ylabel=vertical, yscale=scale)
        axis.grid(alpha=0.3)
    picture.legend(labels.values(), labels, loc="lower center", ncols=4, fontsize=8)
    picture.tight_layout(rect=(0, 0.6 / (3.4 * rows + 0.6), 1, 1))
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.savefig(path, format="svg", metadata={"Date": None}, facecolor="white")
    pyplot.close(picture)


def curves(bundles, validation, vertical, scale="linear"):
    """A panel: what validation said after each epoch of the trainings of bundles."""
    lines = []
    for bundle in bundles:
        curve = training(bundle).get("curve", [])
        lines.append((bundle.name, [c["epoch"] + 1 for c in curve], [c[validation] for c in curve], {"marker": "."}))
    return "Training", "epoch", vertical, scale, lines


def steps(values, edges, label, style=None):
    """A line of a panel: a histogram of density 1."""
    import numpy as np

    counts, _ = np.histogram(values, edges, density=True)
    return label, np.repeat(edges, 2)[1:-1], np.repeat(counts, 2), style or {}
