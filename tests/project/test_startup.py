"""Starting is quick, because packages that take long to import are imported only when they are used."""

from __future__ import annotations

import subprocess
import sys

import pytest

LATER = {"IPython", "accelerate", "ipywidgets", "matplotlib", "mlxtend", "pandas", "scipy", "sklearn", "tensorboard"}
HELP = """
import contextlib
from infogan_lib import train
with contextlib.suppress(SystemExit):
    train.main(["--help"])
"""


def imported(code: str) -> set[str]:
    """The packages that a fresh Python has imported after it ran the code."""
    command = [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}


@pytest.mark.parametrize(
    ("code", "used", "unused"),
    [
        ("import infogan_lib", "infogan_lib", {*LATER, "torch", "numpy"}),
        ("import infogan_lib.train, infogan_lib.evaluate", "tyro", {*LATER, "torch", "numpy"}),
        ("from infogan_lib import Trainer, TrainConfig, fit", "torch", LATER),
        ("import infogan_lib; infogan_lib.load_pretrained('mnist')", "safetensors", LATER),
        (HELP, "tyro", LATER),
    ],
    ids=["library", "commands", "trainer", "pretrained", "help"],
)
def test_imported_when_used(code: str, used: str, unused: set[str]) -> None:
    packages = imported(code)
    assert used in packages
    assert not unused & packages
