"""Keep the notebooks' two forms in step: ``python .ci/notebooks.py sync|check|render|handout [names…]``.

notebooks/NN_name.py is the source of truth, and notebooks/NN_name.ipynb is what Colab and GitHub open, with outputs.

sync    writes the generated parts (badge, setup cell) into each .py, then brings the .ipynb in step, keeping outputs
check   prints one line for each thing that is out of step, and fails if there is any
render  syncs, runs in full, and stores the outputs, with a fingerprint of the code that made them
handout writes copies without the folded solutions into handout/, for a class
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import jupytext
import nbformat
from jupytext.combine import combine_inputs_with_outputs
from jupytext.config import load_jupytext_config
from nbclient import NotebookClient
from nbformat import NotebookNode

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10, where pytest brings tomli
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
LARGEST = 1_500_000  # bytes of an .ipynb: GitHub stops drawing larger pages
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"  # without its state, GitHub says "Invalid Notebook"
METADATA = {
    "accelerator": "GPU",  # Colab then starts a machine with one
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
}
SOLUTION = re.compile(r"\n*<details><summary>Solution</summary>.*?</details>", re.DOTALL)
ANSWER = re.compile(r"\n*<details><summary>Answer</summary>.*?</details>", re.DOTALL)  # to a question to think about
BADGE = "[![Open this notebook in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
SETUP = """
# Setup. Where the library is missing, as in Colab, this fetches it and leaves torch and numpy as they are.
import importlib.metadata
import importlib.util
import os
import subprocess
import sys

COURSE = "{archive}"
if importlib.util.find_spec("infogan_lib") is None:
    source = os.environ.get("INFOGAN_SOURCE") or COURSE
    present = [name for name in ("torch", "torchvision", "numpy") if importlib.util.find_spec(name)]
    keep = [f"{{name}}=={{importlib.metadata.version(name)}}" for name in present]
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", source, *keep], check=True)
    importlib.invalidate_caches()

import torch

if "google.colab" in sys.modules and not torch.cuda.is_available():
    print("No GPU here; all works without, more slowly. To get one: Runtime > Change runtime type > T4 GPU.")
""".strip()


# --- the generated parts -------------------------------------------------------------------------------------------


def course_address(root: Path) -> tuple[str, str]:
    """The course's GitHub address and the tag of this version, from pyproject.toml and the library."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = re.search(r'^__version__ = "(.+)"', (root / "infogan_lib/__init__.py").read_text(encoding="utf-8"), re.M)
    return project["urls"]["Repository"].rstrip("/"), f"v{version[1]}"


def badge_text(root: Path, name: str) -> str:
    address, tag = course_address(root)
    path = address.removeprefix("https://github.com/")
    colab = f"https://colab.research.google.com/github/{path}/blob/{tag}/notebooks/{name}.ipynb"
    return f"{BADGE}({colab}) · {glossary_text(root)}"


def glossary_text(root: Path) -> str:
    address, tag = course_address(root)
    return f"[Glossary and notation]({address}/blob/{tag}/docs/glossary.md)"


def setup_text(root: Path) -> str:
    address, tag = course_address(root)
    return SETUP.format(archive=f"{address}/archive/refs/tags/{tag}.zip")


def is_setup(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and "setup" in cell.metadata.get("tags", [])


def generate(notebook: NotebookNode, root: Path, name: str) -> None:
    """Put the badge (first cell), the setup cell (before other code) and the metadata into a notebook."""
    if not notebook.cells or not notebook.cells[0].source.startswith(BADGE[:20]):
        notebook.cells.insert(0, nbformat.v4.new_markdown_cell())
    notebook.cells[0].source = badge_text(root, name)
    if not any(is_setup(cell) for cell in notebook.cells):
        first = next((i for i, c in enumerate(notebook.cells) if c.cell_type == "code"), len(notebook.cells))
        notebook.cells.insert(first, nbformat.v4.new_code_cell(metadata={"tags": ["setup"]}))
    next(cell for cell in notebook.cells if is_setup(cell)).source = setup_text(root)
    notebook.metadata.update(METADATA)


# --- the pair ------------------------------------------------------------------------------------------------------


def read_text(source: Path) -> NotebookNode:
    return jupytext.read(source, config=load_jupytext_config(str(source)))


def combined(source: Path) -> NotebookNode:
    """The .py's cells with the .ipynb's outputs and ids, as ``jupytext --to ipynb --update`` makes them."""
    text, stored = read_text(source), source.with_suffix(".ipynb")
    return combine_inputs_with_outputs(text, nbformat.read(stored, 4), "py:percent") if stored.exists() else text


def write(notebook: NotebookNode, path: Path) -> None:
    """Write a .py or an .ipynb if it would change; says so."""
    text = jupytext.writes(notebook, path.suffix[1:], config=load_jupytext_config(str(path))).rstrip("\n") + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.parent.name}/{path.name}")


def sync(source: Path, root: Path) -> None:
    notebook = read_text(source)
    generate(notebook, root, source.stem)
    write(notebook, source)
    write(combined(source), source.with_suffix(".ipynb"))


# --- running -------------------------------------------------------------------------------------------------------


def fingerprints(notebook: NotebookNode) -> list[str]:
    """One short hash for each code cell; the setup cell, whose text follows the version, has an empty one."""
    cells = [c for c in notebook.cells if c.cell_type == "code"]
    return ["" if is_setup(c) else hashlib.sha256(c.source.encode()).hexdigest()[:8] for c in cells]


def is_junk(output: NotebookNode) -> bool:
    """Views of widgets without a still picture, which are nothing without a kernel, stills of them, progress bars."""
    bar = output.output_type == "stream" and output.name == "stderr" and re.search(r"\d%\|", output.text)
    data = output.get("data", {})
    still = output.get("metadata", {}).get("infogan") == "still"  # JupyterLab needs it, GitHub doesn't
    return bool(bar) or still or (WIDGET_VIEW in data and "image/png" not in data)


def strip(notebook: NotebookNode) -> None:
    """Leave what a page on GitHub can show, and nothing that differs between two runs without reason."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not is_junk(output)]
            for output in cell.outputs:
                output.get("data", {}).pop(WIDGET_VIEW, None)
                if "image/png" in output.get("data", {}):
                    output.data.pop("image/jpeg", None)  # Pillow shows each picture in both forms


def full_mode() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in ("INFOGAN_FAST", "CI")}


def render(source: Path, root: Path) -> None:
    """Run in full mode, in the notebook's folder, and store the outputs; an error ends it with nothing stored."""
    sync(source, root)
    path, start = source.with_suffix(".ipynb"), time.perf_counter()
    notebook = nbformat.read(path, 4)
    resources = {"metadata": {"path": str(source.parent)}}
    client = NotebookClient(notebook, timeout=900, kernel_name="python3", resources=resources, record_timing=False)
    client.execute(env=full_mode())
    strip(notebook)
    notebook.metadata["infogan"] = {"rendered": fingerprints(notebook)}
    write(notebook, path)
    print(f"{source.stem}: {time.perf_counter() - start:.0f} s")


# --- for a class ---------------------------------------------------------------------------------------------------


def handout(source: Path, root: Path) -> None:
    """Copy into handout/ without the solutions, and without the badge, which opens the notebook that has them."""
    notebook = combined(source)
    generate(notebook, root, source.stem)
    notebook.cells[0].source = glossary_text(root)
    exercises = sum("exercise" in cell.metadata.get("tags", []) for cell in notebook.cells)
    solutions = 0
    for cell in notebook.cells:
        cell.source, found = SOLUTION.subn("", ANSWER.sub("", cell.source))
        solutions += found
    if solutions != exercises:
        sys.exit(f"error: {source.stem} has {exercises} exercises and {solutions} folded solutions (CONTRIBUTING.md)")
    (root / "handout").mkdir(exist_ok=True)
    write(notebook, root / "handout" / f"{source.stem}.ipynb")


# --- checking: each function yields what is wrong, in words --------------------------------------------------------


def label(cell: NotebookNode, index: int) -> str:
    return f"cell {index} ({cell.source.strip().splitlines()[0][:50] if cell.source.strip() else 'empty'})"


def check_generated(text: NotebookNode, root: Path, name: str) -> Iterator[str]:
    if not text.cells or text.cells[0].source != badge_text(root, name):
        yield "the badge is not what pyproject.toml says: run make sync"
    if [c.source for c in text.cells if is_setup(c)] != [setup_text(root)]:
        yield "the setup cell is not the generated one: run make sync"
    if any(text.metadata.get(key) != value for key, value in METADATA.items()):
        yield "the metadata lacks accelerator or kernelspec: run make sync"


def check_drift(stored: NotebookNode, wanted: NotebookNode) -> Iterator[str]:
    pairs = [[(c.cell_type, c.source, c.metadata.get("tags", [])) for c in n.cells] for n in (stored, wanted)]
    changed = [i for i, (a, b) in enumerate(zip(*pairs, strict=False)) if a != b]
    if changed:
        yield f"{label(wanted.cells[changed[0]], changed[0])} differs between .py and .ipynb: run make sync"
    elif len(pairs[0]) != len(pairs[1]):
        yield f".py has {len(pairs[1])} cells, .ipynb has {len(pairs[0])}: run make sync"
    if any(stored.metadata.get(key) != wanted.metadata.get(key) for key in METADATA):
        yield "the metadata differs between .py and .ipynb: run make sync"


def check_outputs(stored: NotebookNode) -> Iterator[str]:
    """Every code cell has run, in order, without an error, and with the code that stands there now."""
    cells = [(i, c) for i, c in enumerate(stored.cells) if c.cell_type == "code"]
    rendered = stored.metadata.get("infogan", {}).get("rendered", [])
    if not rendered:
        yield "has never been rendered: run make render"
        return
    if len(rendered) != len(cells):
        yield f"outputs are stale: rendered with {len(rendered)} code cells, now {len(cells)}: run make render"
    for position, (i, cell) in enumerate(cells, start=1):
        if cell.execution_count != position:
            yield f"{label(cell, i)} ran as number {cell.execution_count}, not {position}: run make render"
        if any(output.output_type == "error" for output in cell.outputs):
            yield f"{label(cell, i)} ended with an error"
    for (i, cell), old, new in zip(cells, rendered, fingerprints(stored), strict=False):
        if old != new:
            yield f"{label(cell, i)} has changed since its output was made: run make render"


def has_picture(cell: NotebookNode) -> bool:
    return any(mime.startswith("image/") for o in cell.get("outputs", []) for mime in o.get("data", {}))


def check_pictures(stored: NotebookNode) -> Iterator[str]:
    following = [*stored.cells[1:], nbformat.v4.new_code_cell()]
    for i, (cell, after) in enumerate(zip(stored.cells, following, strict=True)):
        if cell.cell_type == "markdown":
            html = [tag for tag in re.findall(r"<img\b[^>]*>", cell.source) if not re.search(r"alt=.[^\s'\"]", tag)]
            if html or re.search(r"!\[\s*\]\(", cell.source):
                yield f"{label(cell, i)} has an image without alt text"
        if has_picture(cell) and (after.cell_type != "markdown" or after.source.startswith("#")):
            yield f"{label(cell, i)} draws a figure, but no text about it follows"


def check_page(stored: NotebookNode, path: Path) -> Iterator[str]:
    """What keeps GitHub from showing the page."""
    if "widgets" in stored.metadata:
        yield "has metadata.widgets: run make render"
    for i, cell in enumerate(stored.cells):
        if any(WIDGET_VIEW in output.get("data", {}) for output in cell.get("outputs", [])):
            yield f"{label(cell, i)} has a widget view among its outputs: run make render"
    if path.stat().st_size > LARGEST:
        yield f"the .ipynb has {path.stat().st_size / 1e6:.1f} MB, more than {LARGEST / 1e6:.1f}"


def check(source: Path, root: Path) -> list[str]:
    """Everything that is wrong with one pair."""
    text, path = read_text(source), source.with_suffix(".ipynb")
    findings = list(check_generated(text, root, source.stem))
    if not path.exists():
        return [*findings, "there is no .ipynb: run make sync"]
    stored = nbformat.read(path, 4)
    findings += check_drift(stored, combined(source))
    return [*findings, *check_outputs(stored), *check_pictures(stored), *check_page(stored, path)]


# --- the command line ----------------------------------------------------------------------------------------------


def chosen(root: Path, names: list[str]) -> list[Path]:
    """The sources named (01_theory, 01_theory.py, notebooks/01_theory.ipynb, …), or all of them."""
    folder = root / "notebooks"
    sources = [folder / f"{Path(name).stem}.py" for name in names] or sorted(folder.glob("[0-9][0-9]_*.py"))
    missing = [str(source) for source in sources if not source.exists()]
    if missing:
        sys.exit(f"error: no such notebook: {', '.join(missing)}")
    return sources


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["sync", "check", "render", "handout"])
    parser.add_argument("notebooks", nargs="*", help="names such as 01_theory; all of them if left out")
    options = parser.parse_args(arguments)
    findings = 0
    for source in chosen(root, options.notebooks):
        if options.command == "check":
            lines = check(source, root)
            findings += len(lines)
            print("\n".join(f"{source.stem}: {line}" for line in lines) or f"{source.stem}: in step")
        else:
            {"sync": sync, "render": render, "handout": handout}[options.command](source, root)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
