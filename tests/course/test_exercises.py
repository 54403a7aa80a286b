"""The check of each exercise, tried on the notebook's stub and solution and on wrong answers."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from pathlib import Path

import jupytext
import pytest

NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"
IMPORTS = """
import copy
import math
import numpy as np
import torch
import torch.nn.functional as F
from infogan_lib import objectives
from infogan_lib.course.architecture import q_layers
from infogan_lib.course.mutual_information import category_bound as categorical_bound
from infogan_lib.course.mutual_information import one_per_code as ours
from infogan_lib.objectives import discriminator_loss, gaussian_log_density, generator_loss
from torch import nn
from infogan_lib.evaluation import spearman
from infogan_lib.modes import statistics_untouched
from scipy.optimize import linear_sum_assignment
CASE = 9
def within(code, measured, category, correlate=spearman):
    return np.array([correlate(code[category == k], measured[category == k]) for k in np.unique(category)])
def log_normal(error):
    return -0.5 * (math.log(2 * math.pi) + error.square())
def entropy(p):
    p = np.asarray(p)
    return float(-np.sum(p[p > 0] * np.log(p[p > 0])))
def stamps(x, kernel, stride, add=True):
    out = torch.zeros((len(x) - 1) * stride + len(kernel))
    for i, value in enumerate(x):
        part = out[stride * i : stride * i + len(kernel)]
        part.copy_(part * add + value * kernel)
    return out
"""


@dataclass
class Exercise:
    name: str  # the check's name in its module
    module: str  # the module of infogan_lib.course that the notebook imports as `exercises`
    stub: str
    solution: str

    def run(self, answer: str, capsys: pytest.CaptureFixture) -> str:
        """What the check prints for an answer."""
        names = {"exercises": importlib.import_module(f"infogan_lib.course.{self.module}")}
        exec(IMPORTS, names)
        exec(answer.replace(self.call, ""), names)
        capsys.readouterr()
        exec(self.call, names)
        return capsys.readouterr().out

    def whole(self, answer: str) -> str:
        """The answer as a cell: an expression is given the name that the check is called with."""
        argument = re.search(r"exercises\.\w+\((\w+)\)", self.call)[1]
        return answer if "\n" in answer else f"{argument} = {answer}"

    @property
    def call(self) -> str:
        return self.stub.strip().splitlines()[-1]


def exercises_of(path: Path) -> list[Exercise]:
    """Each cell tagged `exercise`, with the solution from the text cell after it."""
    cells = jupytext.read(path).cells
    module = re.search(r"^from infogan_lib\.course import (\w+) as exercises$", path.read_text(), re.M)[1]
    found = []
    for cell, after in zip(cells, [*cells[1:], None], strict=True):
        if "exercise" in cell.metadata.get("tags", []):
            solution = re.search(r"<details><summary>Solution</summary>\n\n```python\n(.*?)```", after.source, re.S)
            name = re.search(r"exercises\.(\w+)\(", cell.source)
            found.append(Exercise(name[1], module, cell.source, solution[1]))
    return found


ALL = {e.name: e for path in sorted(NOTEBOOKS.glob("0[1-5]_*.py")) for e in exercises_of(path)}


# One file for each notebook; an answer is an expression, or several lines that define the answer's name
WRONG = [
    case
    for module in sorted({e.module for e in ALL.values()})
    for case in importlib.import_module(f"tests.course.wrong_answers.{module}").WRONG
]


# Right answers that another formula, another type or another layout sets apart from the solution
RIGHT = [
    ("optimal_discriminator", "lambda p, q: torch.as_tensor(1 / (1 + q / p))"),
    ("generator_loss", "lambda l: (torch.relu(-l) + torch.log1p(torch.exp(-l.abs()))).mean()"),
    (
        "update",
        ALL["update"].solution.replace("loss_d.item(), loss_g.item()", "loss_d.detach().numpy(), float(loss_g)"),
    ),
    ("mutual_information", "lambda j: entropy(j.sum(1)) + entropy(j.sum(0)) - entropy(j)"),
    ("squared_error", "lambda b: math.log(2 / math.pi) - 2 * b"),
    ("one_to_one_accuracy", "lambda n: float(n.T[linear_sum_assignment(n.max() - n.T)].sum()) / n.sum()"),
    ("strength_within", "lambda c, m, k: sum(abs(spearman(c[k == j], m[k == j])) for j in set(k)) / len(set(k))"),
    ("slopes", "lambda m, f: np.linalg.lstsq(np.stack([f, np.ones(len(f))], 1), m, rcond=None)[0][0]"),
    ("guided_term", "lambda c, d, m: c.shape[1] * torch.distributions.Normal(m - d, 1.0).log_prob(c).mean()"),
    (
        "mutual_information_gap",
        "lambda i, h: sum((np.sort(a)[-1] - np.sort(a)[-2]) / b for a, b in zip(i.T, h)) / len(h)",
    ),
]


def test_each_notebook_has_three_to_six_exercises() -> None:
    for path in sorted(NOTEBOOKS.glob("0[1-5]_*.py")):
        assert 3 <= len(exercises_of(path)) <= 6, path.name
    assert {name for name, _, _ in WRONG} == set(ALL)


@pytest.mark.parametrize("name", ALL)
def test_stub_is_not_done_yet(name: str, capsys: pytest.CaptureFixture) -> None:
    out = ALL[name].run(ALL[name].stub, capsys)
    assert out.startswith("○ Not done yet: ") and out.count("\n") == 1


@pytest.mark.parametrize(("name", "answer"), [*((name, ALL[name].solution) for name in ALL), *RIGHT])
def test_right_answer_is_right(name: str, answer: str, capsys: pytest.CaptureFixture) -> None:
    out = ALL[name].run(ALL[name].whole(answer), capsys)
    assert out.startswith("✓ Right") and out.count("\n") == 1, out


def test_an_answer_that_changes_its_argument_spoils_nothing(capsys: pytest.CaptureFixture) -> None:
    changing = "def mutual_information(j):\n    j[j == 0] = 1e-12\n    return np.sum(j * np.log(j / {0}))"
    keeping = "def mutual_information(j):\n    return np.sum(j * np.log(j / {0}))"
    for answer, says in ((changing, "changes its argument"), (keeping, "with zero cells")):
        independent = "(j.sum(1, keepdims=True) * j.sum(0, keepdims=True))"
        assert says in ALL["mutual_information"].run(answer.format(independent), capsys)


@pytest.mark.parametrize(("name", "answer", "says"), WRONG)
def test_wrong_answer_is_named(name: str, answer: str, says: str, capsys: pytest.CaptureFixture) -> None:
    out = ALL[name].run(ALL[name].whole(answer), capsys)
    assert out.startswith("✗") and says in out and out.count("\n") == 1, out
