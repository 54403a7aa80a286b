"""The notebooks' setup cell, in a Python that has torch but not the library."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
spec = importlib.util.spec_from_file_location("notebook_tools", ROOT / ".ci" / "notebooks.py")
tools = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tools)

AFTER = """
import json, infogan_lib, numpy
from importlib.metadata import version
packages = {name: version(name) for name in ("torch", "torchvision", "numpy", "ipywidgets", "matplotlib")}
print("RESULT", json.dumps({"home": infogan_lib.__file__, "packages": packages, "numpy": numpy.__file__}))
"""
COLAB = "import sys, types; sys.modules['google.colab'] = types.ModuleType('google.colab')\n"


@pytest.fixture(scope="module")
def colab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an empty environment that sees this one's packages, as Colab has them, but not the library."""
    home = tmp_path_factory.mktemp("colab") / "env"
    venv.create(home, symlinks=True)
    site = next(home.glob("lib/python*/site-packages"))
    for package in {Path(p) for p in sys.path if p.endswith("site-packages")}:
        for item in package.iterdir():  # links, without what would make the library importable
            if "infogan" not in item.name and item.suffix != ".pth":
                (site / item.name).symlink_to(item)
    return home / "bin" / "python"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the library to install, so that building leaves nothing in the working tree."""
    copy = tmp_path_factory.mktemp("source") / "infogan-course"
    shutil.copytree(ROOT / "infogan_lib", copy / "infogan_lib", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, copy) if (ROOT / name).exists() else (copy / name).write_text("")
    return copy


def run(python: Path, code: str, folder: Path, **variables: str) -> subprocess.CompletedProcess:
    # No index: what Colab has must be enough. (PIP_NO_BUILD_ISOLATION=0 is how pip spells "no isolation".)
    offline = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    keep = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "INFOGAN_SOURCE")}
    return subprocess.run(
        [python, "-c", code], cwd=folder, env=keep | offline | variables, capture_output=True, text=True, timeout=240
    )


def result(done: subprocess.CompletedProcess) -> dict:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.split("RESULT", 1)[1])


def test_setup_installs_the_library_and_nothing_else(colab: Path, checkout: Path, tmp_path: Path) -> None:
    before = run(colab, "import infogan_lib", tmp_path)
    assert "No module named 'infogan_lib'" in before.stderr

    listing = {path.name for path in colab.parent.parent.glob("lib/python*/site-packages/*")}
    after = result(run(colab, tools.setup_text(ROOT) + AFTER, tmp_path, INFOGAN_SOURCE=str(checkout)))
    new = {path.name for path in colab.parent.parent.glob("lib/python*/site-packages/*")} - listing
    assert Path(after["home"]).is_relative_to(colab.parent.parent)
    assert {name.partition("-")[0] for name in new} <= {"infogan_lib"}, f"also installed: {new}"
    here = {name: importlib.metadata.version(name) for name in after["packages"]}
    assert after["packages"] == here


def test_setup_does_nothing_where_the_library_is(tmp_path: Path) -> None:
    refuse = "import subprocess; subprocess.run = lambda *a, **k: 1 / 0\n"
    done = run(Path(sys.executable), refuse + tools.setup_text(ROOT), tmp_path, PYTHONPATH=str(ROOT))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_setup_says_how_to_get_a_gpu_in_colab_and_goes_on(tmp_path: Path) -> None:
    code = COLAB + tools.setup_text(ROOT) + "\nprint('went on')"
    done = run(Path(sys.executable), code, tmp_path, PYTHONPATH=str(ROOT), CUDA_VISIBLE_DEVICES="")
    first, last = done.stdout.splitlines()
    assert "No GPU" in first and "Change runtime type" in first and last == "went on"


def test_setup_asks_for_the_tagged_course_otherwise(tmp_path: Path) -> None:
    fake = (
        "import importlib.util, subprocess\n"
        "importlib.util.find_spec = lambda name: None if name == 'infogan_lib' else 'there'\n"
        "subprocess.run = lambda command, check: print(*command[1:])\n"
    )
    done = run(Path(sys.executable), fake + tools.setup_text(ROOT), tmp_path)
    address, tag = tools.course_address(ROOT)
    archive = f"{address}/archive/refs/tags/{tag}.zip"
    keep = [f"{name}=={importlib.metadata.version(name)}" for name in ("torch", "torchvision", "numpy")]
    assert done.stdout.split() == ["-m", "pip", "install", "--quiet", archive, *keep]
