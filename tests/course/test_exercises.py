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
import math
import numpy as np
import torch
import torch.nn.functional as F
from infogan_lib import objectives
from infogan_lib.evaluation import spearman
from scipy.optimize import linear_sum_assignment
CASE = 9
def within(code, measured, category, correlate=spearman):
    return np.array([correlate(code[category == k], measured[category == k]) for k in np.unique(category)])
def turned(codes, angle, sign=1):
    cos, sin = math.cos(angle), sign * math.sin(angle)
    return codes @ torch.tensor([[cos, -sin], [sin, cos]])
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
        exec(answer, names)
        capsys.readouterr()
        exec(self.call, names)
        return capsys.readouterr().out

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

# The check, a wrong answer, and what the printed line must say
WRONG = [
    ("optimal_discriminator", "lambda p, q: q / (p + q)", "generated"),
    ("optimal_discriminator", "lambda p, q: p / q", "ratio"),
    (
        "optimal_discriminator",
        "lambda p, q: p / (p + q + 0.1)",
        "should be 0.7500, 0.5000, 0.1667, but yours is 0.6667,",
    ),
    ("generator_loss", "lambda l: F.logsigmoid(-l).mean()", "saturates"),
    ("generator_loss", "lambda l: F.softplus(-l).sum()", "Take the mean"),
    ("generator_loss", "lambda l: F.softplus(-l)", "should be one number, but yours is an array of shape (3,)"),
    ("generator_loss", "lambda l: -F.logsigmoid(torch.sigmoid(l)).mean()", "sigmoid is applied twice"),
    ("generator_loss", "lambda l: -torch.log(torch.sigmoid(l)).mean()", "infinite"),
    ("generator_loss", "lambda l: undefined", "NameError"),
    ("mutual_information", "lambda j: sum(j.ravel() * np.log2(j / np.outer(j.sum(1), j.sum(0))).ravel())", "bits"),
    ("mutual_information", "lambda j: entropy(j.sum(1))", "H(c) alone"),
    ("mutual_information", "lambda j: np.sum(j * np.log(j / np.outer(j.sum(1), j.sum(0))))", "zero cells"),
    ("half_information", "0.25", "too large"),
    ("half_information", "0.05", "too small"),
    ("half_information", "0.7", "between 0 and 0.5"),
    ("categorical_bound", "lambda l, c: -F.cross_entropy(l, c)", "H(c) = log K is missing"),
    ("categorical_bound", "lambda l, c: F.cross_entropy(l, c) + math.log(3)", "sign"),
    ("categorical_bound", "lambda l, c: math.log(3) - F.cross_entropy(l.softmax(1), c)", "softmax is applied twice"),
    ("gaussian_log_density", "lambda v, m, s: -0.919 - s - 0.5 * (v - m) ** 2 / s.exp()", "should be"),
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
    ("latent_vector", "lambda z, k, c: torch.cat([z, k[:, None], c], 1)", "a single number"),
    ("latent_vector", "lambda z, k, c: torch.cat([z, c, F.one_hot(k, 10)], 1)", "in another order"),
    ("latent_vector", "lambda z, k, c: torch.cat([c, z, F.one_hot(k, 10)], 1)", "in another order"),
    ("latent_vector", "lambda z, k, c: torch.cat([z, F.one_hot(k, 10)], 1)", "continuous codes are missing"),
    (
        "latent_vector",
        "lambda z, k, c: torch.zeros(3, 74)",
        "at [0, 0]: the result should be 0.2500, but yours is 0.0000",
    ),
    (
        "latent_vector",
        "lambda z, k, c: torch.cat([z, 2 * F.one_hot(k, 10), c], 1)",
        "at [0, 62]: the result should be 1.0000",
    ),
    ("latent_vector", "lambda z, k, c: torch.zeros(3)", "should be an array of shape (3, 74)"),
    ("transposed_convolution", "lambda x, k, s, p: stamps(x, k, s)", "aren't cut"),
    ("transposed_convolution", "lambda x, k, s, p: stamps(x, k, s, add=False)[p:-p]", "overwritten"),
    ("transposed_convolution", "lambda x, k, s, p: stamps(x, k.flip(0), s)[p:-p]", "reversed"),
    ("transposed_convolution", "lambda x, k, s, p: stamps(x, k, 1)[p:-p]", "one step apart"),
    ("transposed_convolution", "lambda x, k, s, p: stamps(x, k, 2)[1:-1]", "use the arguments"),
    ("transposed_convolution", "lambda x, k, s, p: stamps(x, k, s)[p:-p]", "For padding 0 your result is empty"),
    ("update_cost", "lambda g, d: g + 3 * d", "only the forward passes"),
    ("update_cost", "lambda g, d: 3 * g + 9 * d", "D's weights don't learn"),
    ("update_cost", "lambda g, d: 3 * g + 6 * d", "also goes through D"),
    ("update_cost", "lambda g, d: 38", "should be 803.0000"),
    ("output_std", "lambda s, n, r: s**2 * n * r**2", "Take its square root"),
    ("output_std", "lambda s, n, r: s * n * r", "standard deviations don't"),
    ("output_std", "lambda s, n, r: 0.2", "should be 1.5"),
    ("batch_norm", "lambda x: (x - x.mean(0)) / torch.sqrt(x.var(0, correction=0) + 1e-5)", "each pixel separately"),
    ("batch_norm", "lambda x: (x - x.mean()) / torch.sqrt(x.var(correction=0) + 1e-5)", "Each needs its own"),
    ("batch_norm", "lambda x: torch.nn.functional.instance_norm(x)", "each image separately"),
    (
        "batch_norm",
        "lambda x: (x - (m := x.mean((0, 2, 3), keepdim=True))) / ((x - m) ** 2).mean()",
        "at [0, 0, 0, 0]: the result should be",
    ),
    ("generator_step_loss", "lambda l, b, w: F.softplus(-l).mean() + (w * b).sum()", "teaches G to hide"),
    ("generator_step_loss", "lambda l, b, w: F.softplus(-l).mean() - b.sum()", "λ are missing"),
    ("generator_step_loss", "lambda l, b, w: F.softplus(-l).mean() - (w * b).mean()", "averaged over the codes"),
    ("generator_step_loss", "lambda l, b, w: F.softplus(-l).mean() - w * b", "one value per code"),
    ("generator_step_loss", "lambda l, b, w: F.softplus(-l).mean()", "a plain GAN"),
    ("generator_step_loss", "lambda l, b, w: F.softplus(l).mean() - (w * b).sum()", "D's loss"),
    ("double_softmax_ceiling", "lambda k: math.log(1 + (k - 1) / math.e)", "the loss that remains"),
    ("double_softmax_ceiling", "lambda k: math.e / (math.e + k - 1)", "a probability"),
    ("double_softmax_ceiling", "lambda k: 1 + math.log(k) - math.log(math.e + k)", "not K"),
    ("double_softmax_ceiling", "lambda k: math.log(k)", "a single softmax"),
    ("double_softmax_ceiling", "lambda k: math.log(10) - math.log(1 + 9 / math.e)", "K = 3"),
    ("diagnosis", '(9, "double softmax")', "end at 0.84 nats"),
    ("diagnosis", '(9, "none")', "σ close to Q's real error"),
    ("diagnosis", '(9, "bad luck")', "no bug called 'bad luck'"),
    ("checkpoint_parts", '"ABDE"', "Without Adam's moments (C)"),
    ("checkpoint_parts", '"ACDE"', "running statistics (B)"),
    ("checkpoint_parts", '"ABCDEG"', "G isn't needed"),
    ("checkpoint_parts", '"ABCDEX"', "no part X"),
    ("one_to_one_accuracy", "lambda n: n.max(1).sum() / n.sum()", "purity"),
    ("one_to_one_accuracy", "lambda n: n.max(0).sum() / n.sum()", "serves two digits"),
    ("one_to_one_accuracy", "lambda n: np.trace(n) / n.sum()", "diagonal"),
    ("one_to_one_accuracy", "lambda n: n[linear_sum_assignment(n)].sum() / n.sum()", "worst matching"),
    ("one_to_one_accuracy", "lambda n: n[linear_sum_assignment(-n)].sum()", "Divide by the number"),
    ("one_to_one_accuracy", "lambda n: 13 / 28", "never takes it back"),
    ("one_to_one_accuracy", "lambda n: 15 / 28", "Three categories for two digits"),
    ("strength_within", "lambda c, m, k: abs(spearman(c, m))", "pools the categories"),
    ("strength_within", "lambda c, m, k: within(c, m, k).mean()", "signs cancel"),
    (
        "strength_within",
        "lambda c, m, k: abs(within(c, m, k, lambda a, b: np.corrcoef(a, b)[0, 1])).mean()",
        "Pearson's",
    ),
    ("strength_within", "lambda c, m, k: (within(c, m, k) ** 2).mean()", "Take |ρ|"),
    ("strength_within", "lambda c, m, k: abs(within(c, m, k))", "one value per category"),
    ("turn_codes", "lambda c, d: turned(c, math.radians(d), -1)", "the other way"),
    ("turn_codes", "lambda c, d: turned(c, d)", "radians"),
    ("turn_codes", "lambda c, d: turned(c, math.radians(d)) * torch.tensor([1, -1])", "mirror image"),
    ("turn_codes", "lambda c, d: turned(c, math.radians(d)).flip(1)", "swapped"),
    ("turn_codes", "lambda c, d: turned(c, math.radians(d))[:, 0]", "Return both"),
    ("mutual_information_gap", "lambda i, h: np.mean(np.diff(np.sort(i, 0), axis=0)[-1])", "factor's entropy"),
    ("mutual_information_gap", "lambda i, h: np.mean(i.max(0) / h)", "Subtract the second"),
    ("mutual_information_gap", "lambda i, h: np.mean(np.ptp(i, axis=0) / h)", "subtracts the smallest"),
    ("mutual_information_gap", "lambda i, h: np.mean(np.diff(np.sort(i, 1), axis=1)[:, -1])", "down the columns"),
    ("mutual_information_gap", "lambda i, h: np.diff(np.sort(i, 0), axis=0)[-1] / h", "Take the mean"),
]


def test_each_notebook_has_three_to_five_exercises() -> None:
    for path in sorted(NOTEBOOKS.glob("0[1-5]_*.py")):
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
