"""Starting is quick, because packages that take long to import are imported only when they are used."""

from __future__ import annotations

import subprocess
import sys

import pytest

LATER = {"IPython", "accelerate", "ipywidgets", "matplotlib", "mlxtend", "pandas", "scipy", "sklearn", "tensorboard"}
# What a user does first, with no time spent on what comes later; one process alone needs no Accelerate
FIRST_STEPS = """
import contextlib
import infogan_lib
from infogan_lib import Trainer, TrainConfig, fit, train
from infogan_lib.runs.processes import Processes
infogan_lib.load_pretrained("mnist")
Processes()
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
        ("import infogan_lib", {"infogan_lib"}, {*LATER, "torch", "numpy"}),
        ("import infogan_lib.train, infogan_lib.evaluate", {"infogan_lib"}, {*LATER, "torch", "numpy"}),
        (FIRST_STEPS, {"torch", "safetensors", "tyro"}, LATER),
    ],
    ids=["library", "commands", "first steps"],
)
def test_imported_when_used(code: str, used: set[str], unused: set[str]) -> None:
    packages = imported(code)
    assert used <= packages
    assert not unused & packages
