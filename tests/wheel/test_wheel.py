"""The wheel in an empty environment: the commands, the shipped models, the explorer page and a check of an exercise."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project.environments import bare_environment, copy_of_the_source, run, site_packages

MODELS = """
import infogan_lib
print(infogan_lib.__file__)
for name in ("mnist", "mnist-plain", "mnist-gan"):
    print(tuple(infogan_lib.load_pretrained(name).generate(n=2).shape))
"""
EXERCISE = "from infogan_lib.course import theory; theory.half_information(0.11)"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_the_source(tmp_path_factory.mktemp("source"))


@pytest.fixture(scope="module")
def python(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment into which the wheel was installed."""
    wheels, home = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("environment") / "env"
    python = bare_environment(home)
    output(python, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(wheels), str(source), folder=wheels)
    (wheel,) = wheels.glob("infogan_lib-*.whl")
    assert not site_packages(home).joinpath("infogan_lib").exists()
    output(python, "-m", "pip", "install", str(wheel), folder=wheels)
    return python


def output(python: Path, *arguments: str, folder: Path) -> str:
    """What Python printed; it must have ended well."""
    done = run(python, *arguments, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_file_of_the_library_is_installed(python: Path, source: Path) -> None:
    installed = site_packages(python.parent.parent)
    files = {path.relative_to(source) for path in (source / "infogan_lib").rglob("*") if path.is_file()}
    assert {str(file) for file in files if not (installed / file).is_file()} == set()


def test_the_shipped_models_load(python: Path, tmp_path: Path) -> None:
    home, *shapes = output(python, "-c", MODELS, folder=tmp_path).splitlines()
    assert Path(home).is_relative_to(python.parent.parent)
    assert shapes == ["(2, 1, 28, 28)"] * 3


def test_training_and_evaluating(python: Path, tmp_path: Path) -> None:
    options = ["--dataset", "mnist-5k", "--width", "0.25", "--max_steps", "5", "--batch_size", "32"]
    output(python, "-m", "infogan_lib.train", *options, folder=tmp_path)
    (folder,) = tmp_path.glob("trained_model_*")
    assert {"model.safetensors", "c1.gif", "mutual_information.png"} <= {path.name for path in folder.iterdir()}
    assert "model.safetensors" in output(python, "-m", "infogan_lib.evaluate", "--help", folder=tmp_path)


def test_the_explorer_page_is_written(python: Path, tmp_path: Path) -> None:
    output(python, "-m", "infogan_lib.explorer", folder=tmp_path)
    assert (tmp_path / "explorer.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_an_exercise_is_checked(python: Path, tmp_path: Path) -> None:
    assert output(python, "-c", EXERCISE, folder=tmp_path).startswith("✓")
