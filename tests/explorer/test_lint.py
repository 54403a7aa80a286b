"""The scripts as the browser gets them, joined, so that a name that one file uses and another lacks is found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from infogan_lib.explorer.page import HERE, SCRIPTS, WORKER

PLANE, SHEET = ("plane.js", "plane_widget.js"), ("digits.js", "pen.js", "sheet_widget.js")
ROOT = Path(__file__).parents[2]


def lint(path: Path) -> str:
    """What the linter says about a file; empty if it finds nothing."""
    command = [Path(sys.executable).with_name("oxlint"), "--config", ROOT / ".oxlintrc.json", path]
    done = subprocess.run(command, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout


@pytest.mark.parametrize("names", [WORKER, SCRIPTS, PLANE, SHEET, ("names.js",)])
def test_scripts_are_clean(names, tmp_path):
    (tmp_path / "joined.js").write_text("\n".join((HERE / name).read_text(encoding="utf-8") for name in names))
    assert lint(tmp_path / "joined.js") == ""


@pytest.mark.parametrize(("fault", "rule"), [("missing();", "no-undef"), ("const idle = 1;", "no-unused-vars")])
def test_the_linter_sees_names_that_are_missing_or_idle(fault, rule, tmp_path):
    (tmp_path / "joined.js").write_text(fault)
    assert rule in lint(tmp_path / "joined.js")
