"""What the scripts of docs/zoo.md share: running BitBeam's commands, and putting tables into the document."""
import subprocess


def run(program, *words):
    """Standard output of a command of BitBeam."""
    done = subprocess.run([*program, *map(str, words)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{words}: {done.stderr}")
    return done.stdout


def training(settings, options):
    """How a bundle was trained, in words."""
    how = ["scratch"] if "startSha256" not in settings else ["warm start"]
    if "teacherSha256" in settings:
        how.append(f"distilled {options['distillation']:g}")
    return ", ".join(how)


def table(heads, rows):
    return "".join("| " + " | ".join(map(str, cells)) + " |\n" for cells in (heads, ["---"] * len(heads), *rows))


def publish(text, script, document):
    """Prints the text, and puts it between the marks of the script if there is a document."""
    if document:
        begin, end = f"<!-- begin: {script} -->", "<!-- end -->"
        old = document.read_text()
        start = old.index(begin) + len(begin)
        document.write_text(old[:start] + "\n" + text + old[old.index(end, start) :])
    print(text, end="")
