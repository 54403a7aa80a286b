"""The notebooks' setup cell, in a Python that has torch but not the library."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project import environments
from tests.project.environments import ROOT, bare_environment, copy_of_the_source, site_packages

spec = importlib.util.spec_from_file_location("notebook_tools", ROOT / ".ci" / "notebooks.py")
tools = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tools)

AFTER = """
import json, infogan_lib, numpy
from importlib.metadata import version
packages = {name: version(name) for name in ("torch", "torchvision", "numpy", "ipywidgets", "matplotlib")}
print("RESULT", json.dumps({"home": infogan_lib.__file__, "packages": packages, "numpy": numpy.__file__}))
"""
# In place of PyTorch, which takes seconds to import
NO_GPU = "from types import SimpleNamespace\ncuda = SimpleNamespace(is_available=lambda: False)\n"
COLAB = "import sys, types; sys.modules['google.colab'] = types.ModuleType('google.colab')\n"


@pytest.fixture(scope="module")
def colab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has packages but not the library, as Colab does."""
    return bare_environment(tmp_path_factory.mktemp("colab") / "env")


def run(python: Path, code: str, folder: Path, **variables: str) -> subprocess.CompletedProcess:
    return environments.run(python, "-c", code, folder=folder, **variables)


def result(done: subprocess.CompletedProcess) -> dict:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.split("RESULT", 1)[1])


def test_setup_installs_the_library_and_nothing_else(colab: Path, tmp_path: Path) -> None:
    before = run(colab, "import infogan_lib", tmp_path)
    assert "No module named 'infogan_lib'" in before.stderr

    home, source = colab.parent.parent, str(copy_of_the_source(tmp_path))
    listing = {path.name for path in site_packages(home).iterdir()}
    after = result(run(colab, tools.setup_text(ROOT) + AFTER, tmp_path, INFOGAN_SOURCE=source))
    new = {path.name for path in site_packages(home).iterdir()} - listing
    assert Path(after["home"]).is_relative_to(home)
    assert {name.partition("-")[0] for name in new} <= {"infogan_lib"}, f"also installed: {new}"
    here = {name: importlib.metadata.version(name) for name in after["packages"]}
    assert after["packages"] == here


def test_setup_does_nothing_where_the_library_is(tmp_path: Path) -> None:
    refuse = "import subprocess; subprocess.run = lambda *a, **k: 1 / 0\n"
    (tmp_path / "torch.py").write_text(NO_GPU)
    done = run(Path(sys.executable), refuse + tools.setup_text(ROOT), tmp_path, PYTHONPATH=str(ROOT))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_setup_says_how_to_get_a_gpu_in_colab_and_goes_on(tmp_path: Path) -> None:
    code = COLAB + tools.setup_text(ROOT) + "\nprint('went on')"
    (tmp_path / "torch.py").write_text(NO_GPU)
    done = run(Path(sys.executable), code, tmp_path, PYTHONPATH=str(ROOT))
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
