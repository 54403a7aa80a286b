"""Each exercise's check, on the stub and the solution as the notebooks print them, and on wrong answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import jupytext
import pytest

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
IMPORTS = """
import math
import numpy as np
import torch
import torch.nn.functional as F
from infogan_lib import exercises
def entropy(p):
    p = np.asarray(p)
    return float(-np.sum(p[p > 0] * np.log(p[p > 0])))
"""


@dataclass
class Exercise:
    name: str  # the check's name in infogan_lib.exercises
    stub: str
    solution: str

    def run(self, answer: str, capsys: pytest.CaptureFixture) -> str:
        """What the check prints for an answer."""
        names = {}
        exec(IMPORTS, names)
        exec(answer, names)
        capsys.readouterr()
        exec(self.call, names)
        return capsys.readouterr().out

    @property
    def call(self) -> str:
        return self.stub.strip().splitlines()[-1]


def exercises_of(path: Path) -> list[Exercise]:
    """Each cell tagged `exercise`, with the first Python block in the text cell after it."""
    cells = jupytext.read(path).cells
    found = []
    for cell, after in zip(cells, [*cells[1:], None], strict=True):
        if "exercise" in cell.metadata.get("tags", []):
            solution = re.search(r"<details><summary>Solution</summary>\n\n```python\n(.*?)```", after.source, re.S)
            name = re.search(r"exercises\.(\w+)\(", cell.source)
            found.append(Exercise(name[1], cell.source, solution[1]))
    return found


ALL = {e.name: e for path in sorted(NOTEBOOKS.glob("0[12]_*.py")) for e in exercises_of(path)}

# check, wrong answer, what its line must say
WRONG = [
    ("optimal_discriminator", "lambda p, q: q / (p + q)", "generated"),
    ("optimal_discriminator", "lambda p, q: p / q", "ratio"),
    ("optimal_discriminator", "lambda p, q: p / (p + q + 0.1)", "should give"),
    ("generator_loss", "lambda l: F.logsigmoid(-l).mean()", "saturates"),
    ("generator_loss", "lambda l: F.softplus(-l).sum()", "take the mean"),
    ("generator_loss", "lambda l: F.softplus(-l)", "shape"),
    ("generator_loss", "lambda l: -F.logsigmoid(torch.sigmoid(l)).mean()", "sigmoid too many"),
    ("generator_loss", "lambda l: -torch.log(torch.sigmoid(l)).mean()", "infinity"),
    ("generator_loss", "lambda l: undefined", "NameError"),
    ("mutual_information", "lambda j: sum(j.ravel() * np.log2(j / np.outer(j.sum(1), j.sum(0))).ravel())", "bits"),
    ("mutual_information", "lambda j: entropy(j.sum(1))", "H(c) alone"),
    ("mutual_information", "lambda j: np.sum(j * np.log(j / np.outer(j.sum(1), j.sum(0))))", "zero cells"),
    ("half_information", "0.25", "too large"),
    ("half_information", "0.05", "too small"),
    ("half_information", "0.7", "between 0 and 0.5"),
    ("categorical_bound", "lambda l, c: -F.cross_entropy(l, c)", "H(c) = log K is missing"),
    ("categorical_bound", "lambda l, c: F.cross_entropy(l, c) + math.log(3)", "sign"),
    ("categorical_bound", "lambda l, c: math.log(3) - F.cross_entropy(l.softmax(1), c)", "softmax too many"),
    ("gaussian_log_density", "lambda v, m, s: -0.919 - s - 0.5 * (v - m) ** 2 / s.exp()", "should give"),
    ("gaussian_log_density", "lambda v, m, s: torch.distributions.Normal(m, (s / 2).exp()).log_prob(v) - s / 2", "σ²"),
    (
        "gaussian_log_density",
        "lambda v, m, s: torch.distributions.Normal(m, s.exp()).log_prob(v) + s",
        "−log σ is missing",
    ),
    ("gaussian_log_density", "lambda v, m, s: -s - 0.5 * ((v - m) / s.exp()) ** 2", "constant"),
    ("fixed_std_ceiling", "lambda s: -0.5 * math.log(2 * math.pi) - math.log(s)", "entropy of the prior"),
    ("fixed_std_ceiling", "lambda s: math.log(2)", "isn't the ceiling"),
    ("fixed_std_ceiling", "lambda s: math.log(2) - 0.5 * math.log(2 * math.pi) + math.log(s)", "wrong sign"),
    ("batch_needed", "lambda s, e: math.ceil(s / e)", "squared"),
    ("batch_needed", "lambda s, e: int((s / e) ** 2)", "Round up"),
]


def test_each_notebook_has_three_to_five_exercises() -> None:
    for path in sorted(NOTEBOOKS.glob("0[12]_*.py")):
        assert 3 <= len(exercises_of(path)) <= 5, path.name
    assert {name for name, _, _ in WRONG} == set(ALL)


@pytest.mark.parametrize("name", ALL)
def test_stub_is_not_done_yet(name: str, capsys: pytest.CaptureFixture) -> None:
    out = ALL[name].run(ALL[name].stub, capsys)
    assert out.startswith("○ Not done yet: ") and out.count("\n") == 1


@pytest.mark.parametrize("name", ALL)
def test_solution_is_right(name: str, capsys: pytest.CaptureFixture) -> None:
    out = ALL[name].run(ALL[name].solution, capsys)
    assert out.startswith("✓ Right") and out.count("\n") == 1


@pytest.mark.parametrize(("name", "answer", "says"), WRONG)
def test_wrong_answer_is_named(name: str, answer: str, says: str, capsys: pytest.CaptureFixture) -> None:
    argument = re.search(rf"exercises\.{name}\((\w+)\)", ALL[name].call)[1]
    out = ALL[name].run(f"{argument} = {answer}", capsys)
    assert out.startswith("✗") and says in out and out.count("\n") == 1, out
