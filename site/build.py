"""Build the course as static HTML in site/_build/html: ``python site/build.py EXPLORER_PAGE`` (`make site` runs it).

The pages come from the committed notebooks, which are not run, and from the Markdown files in docs/ and
infogan_lib/weights/. Scripts of other projects are fetched by npm, compared with the hashes in packages.json, and
become part of the site, so that a reader's browser asks no other address for anything.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
from html import unescape
from pathlib import Path

import nbformat
import yaml
from nbformat import NotebookNode

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10, where Sphinx brings tomli
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "site"
BUILD = SITE / "_build"
SOURCE = BUILD / "source"
# The parts of the table of contents; a page that doesn't exist is left out, and a page that is new comes last
PARTS = {
    "Notebooks": ["notebooks/[0-9][0-9]_*.ipynb"],
    "Help": ["docs/glossary.md", "docs/teaching.md", "docs/own_data.md"],
    "Results": ["docs/results/runs.md", "docs/results/*.md", "docs/*.md", "infogan_lib/weights/*.md"],
}
LINK = re.compile(r"\]\((?!https?:|mailto:|#|attachment:|data:)([^)#\s]+)(#[^)\s]*)?\)")
ALT_LENGTH = 300  # characters


def pages() -> dict[str, list[Path]]:
    """The sources of each part, relative to the root, each in the first part that names it."""
    seen: dict[Path, str] = {}
    for part, patterns in PARTS.items():
        for pattern in patterns:
            for path in sorted(ROOT.glob(pattern)):
                seen.setdefault(path.relative_to(ROOT), part)
    return {part: [path for path, where in seen.items() if where == part] for part in PARTS}


def course_address() -> tuple[str, str]:
    """The course's address and the tag of this version; badges and setup cells are made from the same two."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = re.search(r'^__version__ = "(.+)"', (ROOT / "infogan_lib/__init__.py").read_text(encoding="utf-8"), re.M)
    return project["urls"]["Repository"].rstrip("/"), f"v{version[1]}"


# --- text ----------------------------------------------------------------------------------------------------------


def with_links(text: str, page: Path, known: set[Path]) -> str:
    """The text of a page whose links stay in the site where they can; the others go to the repository."""
    address, tag = course_address()

    def link(match: re.Match) -> str:
        target = (ROOT / page.parent / match[1]).resolve()
        inside = target.relative_to(ROOT) if target.is_relative_to(ROOT) else None
        if inside is None or not target.exists():
            sys.exit(f"error: {page} links to {match[1]}, which doesn't exist")
        if inside in known or target.suffix in (".png", ".gif", ".jpg"):
            return match[0]
        return f"]({address}/{'tree' if target.is_dir() else 'blob'}/{tag}/{inside.as_posix()}{match[2] or ''})"

    up = "../" * len(page.parent.parts)
    text = text.replace(f"{address}/blob/{tag}/docs/glossary.md", f"{up}docs/glossary.md")
    return LINK.sub(link, text)


def plain(markdown: str) -> str:
    """The first paragraph of a text without its marks, as far as it is short enough to be read aloud."""
    paragraph = re.split(r"\n\s*\n", markdown.strip())[0]
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)|<[^>]+>|[*`$#_]", r"\1", paragraph)
    words = unescape(" ".join(words.split()))
    return words if len(words) <= ALT_LENGTH else words[:ALT_LENGTH].rsplit(" ", 1)[0] + " …"


def frame(up: str) -> str:
    """The living page inside another page, with a link to it."""
    return (
        f'<iframe class="infogan-page" src="{up}_static/explorer.html" loading="lazy" '
        f'title="The explorer: move the codes of a trained InfoGAN"></iframe>\n'
        f'<p><a href="{up}_static/explorer.html">Open the explorer on a page of its own</a></p>'
    )


# --- notebooks -----------------------------------------------------------------------------------------------------


def has_picture(cell: NotebookNode) -> bool:
    return any(mime.startswith("image/") for output in cell.get("outputs", []) for mime in output.get("data", {}))


def note(text: str) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(text)


def stand_in(cell: NotebookNode) -> list[NotebookNode]:
    """What follows a cell of sliders, which need a kernel: the living page, or a word on where its picture is."""
    if cell.cell_type != "code":
        return []
    if re.search(r"^pictures\.show_with_sliders\(", cell.source, re.M):
        return [note("*These sliders move when the notebook runs. Here, the next figure is a still picture of them.*")]
    if re.search(r"\bexplore\(\w+\)", cell.source):
        still = "*Above: the explorer as a still picture. Below: the same model as a living page.*\n\n"
        return [note(still + frame("../"))]
    if re.search(r"\bexplore\(", cell.source):
        return [note("*The explorer as a still picture; when the notebook runs, its sliders move.*")]
    return []


def colab_link(page: Path) -> str:
    address, tag = course_address()
    there = address.replace("https://github.com", "https://colab.research.google.com/github")
    return f'<a class="open-in-colab" href="{there}/blob/{tag}/{page.as_posix()}">Open this notebook in Colab</a>'


def for_the_site(notebook: NotebookNode, page: Path, known: set[Path]) -> None:
    """Give a notebook links inside the site, alternative texts, and something to see in place of its widgets."""
    cells = notebook.cells
    # The badge is a picture on another server
    cells[0].source = re.sub(r"\[!\[[^\]]*\]\([^)]*\)\]\([^)]*\)", lambda _: colab_link(page), cells[0].source)
    opening = cells[0].source
    title, _, rest = cells[1].source.partition("\n")
    cells[1].source = f"{title}\n\n{opening}\n{rest}"  # a page begins with its title
    new: list[NotebookNode] = []
    for cell, after in zip(cells[1:], [*cells[2:], note("")], strict=True):
        if cell.cell_type == "markdown":
            cell.source = with_links(cell.source, page, known)
        elif has_picture(cell):
            cell.metadata["mystnb"] = {"image": {"alt": "Figure. " + plain(after.source)}}
        new += [cell, *stand_in(cell)]
    notebook.cells = new


# --- building ------------------------------------------------------------------------------------------------------


def copy_sources() -> None:
    """Write all pages, with the pictures that they show, into the folder that Jupyter Book reads."""
    known = {page for part in pages().values() for page in part}
    for page in known:
        target = SOURCE / page
        target.parent.mkdir(parents=True, exist_ok=True)
        if page.suffix == ".ipynb":
            notebook = nbformat.read(ROOT / page, 4)
            for_the_site(notebook, page, known)
            nbformat.write(notebook, target)
        else:
            target.write_text(with_links((ROOT / page).read_text(encoding="utf-8"), page, known), encoding="utf-8")
        for picture in (ROOT / page.parent).glob("*.png"):
            shutil.copy(picture, target.parent)
    index = (SITE / "index.md").read_text(encoding="utf-8")
    index = index.replace("EXPLORER", frame("")).replace("REPOSITORY", course_address()[0])
    (SOURCE / "index.md").write_text(index, encoding="utf-8")


def write_settings() -> None:
    address, tag = course_address()
    config = yaml.safe_load((SITE / "_config.yml").read_text(encoding="utf-8"))
    config["repository"] = {"url": address, "branch": tag, "path_to_book": ""}
    (SOURCE / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    parts = [
        {"caption": part, "chapters": [{"file": page.with_suffix("").as_posix()} for page in found]}
        for part, found in pages().items()
    ]
    toc = {"format": "jb-book", "root": "index", "parts": parts}
    (SOURCE / "_toc.yml").write_text(yaml.safe_dump(toc, sort_keys=False), encoding="utf-8")


def fetch(name: str, version: str, integrity: str, files: list[str], folder: Path) -> None:
    """Put some files of an npm package into a folder, or end with an error if the package isn't the one expected."""
    command = ["npm", "pack", "--silent", f"{name}@{version}"]
    done = subprocess.run(command, cwd=BUILD, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"error: {' '.join(command)} failed; it needs npm and its registry")
    archive = BUILD / done.stdout.split()[-1]
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != integrity:
        sys.exit(f"error: {archive.name} is not the file that site/packages.json expects: its hash is {found}")
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as package:
        for file in files:
            (folder / Path(file).name).write_bytes(package.extractfile(f"package/{file}").read())


def collect_static(explorer: Path) -> None:
    """Put the living page, the style sheet and the scripts where Jupyter Book looks for them."""
    static = SOURCE / "_static"
    static.mkdir(parents=True)
    shutil.copy(explorer, static / "explorer.html")
    shutil.copy(SITE / "site.css", static)
    for name, package in json.loads((SITE / "packages.json").read_text(encoding="utf-8")).items():
        fetch(name, **package, folder=static / name)


def without_double_scripts(html: str) -> str:
    """A page without Thebe, which would fetch kernels from elsewhere, and with each other script only once.

    Jupyter Book 1 writes Thebe's settings and MathJax twice into the pages, which is an error in the browser.
    """
    html = re.sub(r"<script[^>]*>const THEBE_JS_URL.*?</script>|<script[^>]*sphinx-thebe[^>]*></script>", "", html)
    seen: set[str] = set()

    def once(match: re.Match) -> str:
        new = match[1] not in seen
        seen.add(match[1])
        return match[0] if new else ""

    return re.sub(r'<script[^>]*\bsrc="([^"]+)"[^>]*></script>', once, html)


def main(explorer: Path) -> None:
    for old in (SOURCE, BUILD / "book", BUILD / "html"):
        shutil.rmtree(old, ignore_errors=True)
    collect_static(explorer)
    copy_sources()
    write_settings()
    book = [str(Path(sys.executable).parent / "jupyter-book"), "build", str(SOURCE)]
    subprocess.run([*book, "--path-output", str(BUILD / "book"), "--warningiserror", "--keep-going"], check=True)
    for page in (BUILD / "book" / "_build" / "html").rglob("*.html"):
        page.write_text(without_double_scripts(page.read_text(encoding="utf-8")), encoding="utf-8")
    shutil.move(BUILD / "book" / "_build" / "html", BUILD / "html")
    print(f"Wrote {BUILD / 'html' / 'index.html'}. Open it in a browser.")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
