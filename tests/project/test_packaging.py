"""The lists of dependencies agree, and what a visitor reads first names what exists."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from packaging.requirements import Requirement

from tests.project.test_rooms import CORE

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10, where pytest brings tomli
    import tomli as tomllib

ROOT = Path(__file__).parent.parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONDA_NAMES = {"pytorch": "torch"}


def conda() -> dict:
    return yaml.safe_load((ROOT / "environment.yml").read_text())


def test_conda_environment_agrees_with_the_package():
    ours = {r.name: r.specifier for r in map(Requirement, PROJECT["dependencies"])}
    lines = [d for d in conda()["dependencies"] if isinstance(d, str)]
    theirs = [Requirement(d) for d in lines if not d.startswith(("python=", "pip"))]
    assert theirs, "the environment names the large packages itself"
    for requirement in theirs:
        name = CONDA_NAMES.get(requirement.name, requirement.name)
        assert ours[name] == requirement.specifier, name


def test_conda_environment_takes_one_channel_and_the_rest_from_the_package():
    environment = conda()
    assert environment["channels"] == ["conda-forge"]
    assert environment["dependencies"][-1] == {"pip": ["-e .[dev]"]}
    python = next(d for d in environment["dependencies"] if str(d).startswith("python="))
    assert tuple(map(int, python.removeprefix("python=").split("."))) >= (3, 10)


def test_no_ceilings_that_would_make_colab_reinstall():
    for requirement in map(Requirement, PROJECT["dependencies"]):
        operators = {s.operator for s in requirement.specifier}
        assert operators <= ({">=", "<"} if requirement.name == "ipywidgets" else {">="}), requirement


def test_colab_need_reinstall_nothing():
    lines = (ROOT / ".ci" / "colab-packages.txt").read_text().splitlines()
    theirs = {r.name: r.specifier for r in (Requirement(line) for line in lines if not line.startswith("#"))}
    ours = {r.name: r.specifier for r in map(Requirement, PROJECT["dependencies"])}
    assert {"torch", "torchvision", "numpy", "matplotlib", "ipywidgets"} <= ours.keys() & theirs.keys()
    for name in ours.keys() & theirs.keys():
        (exact,) = theirs[name]
        assert exact.operator == "==" and exact.version.removesuffix(".*") in ours[name], name


def test_readme_names_existing_files_and_targets():
    readme, makefile = (ROOT / "README.md").read_text(), (ROOT / "Makefile").read_text()
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", readme) if "://" not in link]
    assert links and all((ROOT / link).exists() for link in links), links
    targets = set(re.findall(r"(?:`|^)make ([a-z-]+)", readme, re.M))
    assert {"lab", "test", "train"} <= targets
    assert all(re.search(rf"^{target}:", makefile, re.M) for target in targets), targets


def test_readme_shows_every_file_and_room_of_the_library_and_the_core_in_reading_order():
    (tree,) = re.findall(r"^infogan_lib/\n(.+?)^```", (ROOT / "README.md").read_text(), re.M | re.S)
    names = [line.split()[0].rstrip("/") for line in tree.splitlines()]
    assert set(names) == {path.name for path in (ROOT / "infogan_lib").iterdir() if not path.name.startswith("__")}
    assert names[: len(CORE)] == [f"{name}.py" for name in CORE]


def test_the_workflow_runs_targets_on_every_python_that_the_package_names():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    job, makefile = workflow["jobs"]["test"], (ROOT / "Makefile").read_text()
    named = {c.rpartition(" ")[2] for c in PROJECT["classifiers"] if re.search(r":: Python :: \d\.", c)}
    matrix = set(job["strategy"]["matrix"]["python"])
    assert matrix == {"3.10", "3.11", "3.12", "3.13"} and named and named <= matrix
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert all(re.search(rf"^{command.split()[1]}:", makefile, re.M) for command in commands)
    here = {line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line.startswith("make ")}
    assert here - {"make test-browser"} <= set(commands)
    pages = yaml.safe_load((ROOT / ".github" / "workflows" / "pages.yml").read_text())
    assert any(step.get("run", "").startswith("make test-browser") for step in pages["jobs"]["build"]["steps"])


def test_citation_names_the_address_and_the_paper():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["repository-code"] == PROJECT["urls"]["Repository"]
    assert "1606.03657" in str(citation["references"])


def test_every_picture_of_the_readme_has_alt_text():
    pictures = re.findall(r"!\[([^\]]*)\]\(", (ROOT / "README.md").read_text())
    assert pictures and all(len(alt) > 20 for alt in pictures)
