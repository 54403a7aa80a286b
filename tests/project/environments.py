"""Python environments that have the packages of this one, but not the library: what an installation starts from."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
# No index: the packages that are here must be enough. PIP_NO_BUILD_ISOLATION=0 is how pip spells "no isolation".
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def bare_environment(home: Path) -> Path:
    """Create an environment in `home` that sees this one's packages, but not the library → its Python."""
    venv.create(home, symlinks=True)
    site = site_packages(home)
    for package in {Path(p) for p in sys.path if p.endswith("site-packages")}:
        for item in package.iterdir():  # links, without those by which the checkout would be imported
            if "infogan" not in item.name and item.suffix != ".pth":
                (site / item.name).symlink_to(item)
    return home / "bin" / "python"


def site_packages(home: Path) -> Path:
    return next(home.glob("lib/python*/site-packages"))


def copy_of_the_source(folder: Path) -> Path:
    """Copy what a build needs, because building writes into the source → the copy."""
    copy = folder / "infogan-course"
    shutil.copytree(ROOT / "infogan_lib", copy / "infogan_lib", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, copy)
    return copy


def run(python: Path, *arguments: str, folder: Path, **variables: str) -> subprocess.CompletedProcess:
    """Run Python in a folder, with nothing that could point to the checkout among its variables."""
    keep = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "INFOGAN_SOURCE")}
    command, env = [python, *arguments], keep | OFFLINE | variables
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=240)
