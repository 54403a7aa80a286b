from pathlib import Path

import pytest

from infogan_lib.course.pace import folder, steps


def test_notebooks_compute_little_only_where_a_variable_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("INFOGAN_FAST", "CI"):
        monkeypatch.delenv(name, raising=False)
    assert steps(300, fast=8) == 300
    monkeypatch.setenv("INFOGAN_FAST", "1")
    assert steps(300, fast=8) == 8


def test_only_a_reader_gets_a_folder_that_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("INFOGAN_FAST", "CI"):
        monkeypatch.delenv(name, raising=False)
    assert folder("runs") == Path("runs")
    monkeypatch.setenv("CI", "1")
    assert folder("runs").is_absolute() and folder("runs").is_dir() and folder("runs") != folder("runs")
