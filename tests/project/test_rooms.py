"""The layout of the library: who may import whom, no cycles, and a core that stays small."""

from __future__ import annotations

import ast
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent.parent / "infogan_lib"
CORE = ("latents", "architectures", "models", "modes", "objectives", "batches", "training")
GROUND = ("errors", "files", "command_line", "pretrained")
# Each room, and the other rooms that it may import; CONTRIBUTING.md has the same table
MAY_IMPORT = {
    "errors": set(),
    "files": {"errors"},
    "command_line": {"errors"},
    "core": {"errors", "files"},
    "pretrained": {"core", "errors", "files"},
    "data": {"core", "ground"},
    "figures": {"core", "ground"},
    "guided": {"core", "data"},
    "runs": {"guided", "data", "figures", "core", "ground"},
    "evaluation": {"data", "figures", "core", "ground"},
    "explorer": {"evaluation", "data", "figures", "core", "ground"},
    "course": {"explorer", "evaluation", "runs", "guided", "data", "figures", "core", "ground"},
    "train": {"explorer", "evaluation", "runs", "guided", "data", "figures", "core", "ground"},
    "evaluate": {"explorer", "evaluation", "runs", "guided", "data", "figures", "core", "ground"},
}
FILES = sorted(PACKAGE.rglob("*.py"))


def module_of(path: Path) -> str:
    """A file's dotted name inside the package: ``runs.fitting``; a room's __init__ is the room's name."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): path for path in FILES if path != PACKAGE / "__init__.py"}


def room_of(module: str) -> str:
    first = module.split(".")[0]
    return "core" if first in CORE else first


@cache
def imported(path: Path) -> frozenset[str]:
    """The modules of the package that a file imports: anywhere in it, for type checking only too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "infogan_lib":
            inside = node.module.removeprefix("infogan_lib").removeprefix(".")
            names = [f"{inside}.{alias.name}".removeprefix(".") for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [a.name.removeprefix("infogan_lib.") for a in node.names if a.name.startswith("infogan_lib.")]
        for name in names:  # a name that is no module belongs to the module that it is imported from
            found.add(name if name in MODULES else name.rpartition(".")[0])
    return frozenset(found - {""})


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_room_imports_only_what_the_table_allows(module):
    here = room_of(module)
    allowed = {here} | MAY_IMPORT[here] | (set(GROUND) if "ground" in MAY_IMPORT[here] else set())
    assert {room_of(name) for name in imported(MODULES[module])} <= allowed


def test_there_are_no_cycles():
    graph = {module: imported(path) - {module} for module, path in MODULES.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"these import each other: {' → '.join(error.args[1])}")


def test_every_room_is_in_the_table_and_one_level_deep():
    assert {room_of(module) for module in MODULES} == set(MAY_IMPORT)
    assert all(len(path.relative_to(PACKAGE).parts) <= 2 for path in FILES)


def test_the_core_is_small():
    sizes = {name: len(MODULES[name].read_text().splitlines()) for name in CORE}
    assert len(sizes) <= 7 and sum(sizes.values()) <= 1000, sizes


def lengths(path: Path) -> dict[str, int]:
    """Lines of each function's body and signature, its docstring left out."""
    found = {}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            first = node.body[0]
            doc = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            documented = first.end_lineno - first.lineno + 1 if doc else 0
            found[f"{module_of(path)}.{node.name}"] = node.end_lineno - node.lineno + 1 - documented
    return found


def test_functions_are_short():
    every = {name: n for path in FILES for name, n in lengths(path).items()}
    assert {name: n for name, n in every.items() if n > 40} == {}
    assert sorted(every.values())[len(every) // 2] <= 12
