"""The checks of notebook 2's exercises."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from infogan_lib import objectives
from infogan_lib.course.checks import check, fault, first_fault, result, slope_fault


@check("return L_I in nats from Q's logits and the codes", "L_I is at most log K, and 0 if Q only knows the prior")
def categorical_bound(answer: Callable) -> str:
    """answer(logits (n, K), codes (n,)) → mean log Q(c|x) + log K."""
    logits = torch.tensor([[2.0, 0.0, -1.0], [0.5, 1.5, 0.0], [1.0, 0.0, 3.0], [0.0, 2.0, 0.0]])
    codes = torch.tensor([0, 1, 0, 2])
    likelihood, top = -F.cross_entropy(logits, codes), math.log(3)
    twice = -F.cross_entropy(logits.softmax(1), codes)
    mistakes = {
        "H(c) = log K is missing: that is E[log Q] alone.": likelihood,
        "The sign of the first term is wrong: cross-entropy is −E[log Q].": -likelihood + top,
        "That is the cross-entropy. The bound is H(c) minus the cross-entropy.": -likelihood,
        "The softmax is applied twice: log_softmax and cross_entropy take logits.": twice + top,
        "That averages Q instead of log Q.": logits.softmax(1).gather(1, codes[:, None]).mean() + top,
        "H(c) is in bits there. Use math.log.": likelihood + math.log2(3),
        "That sums log Q over the batch. Take the mean.": likelihood * len(codes) + top,
    }
    wrong = fault(result(answer, logits, codes), likelihood + top, "Four images with K = 3", mistakes)
    five = torch.tensor([[1.0, 0.0, 0.0, 2.0, -1.0], [0.0, 3.0, 0.5, 0.0, 0.0]])
    return (
        wrong
        or fault(
            result(answer, five, codes[:2]),
            truth_of(five, codes[:2]),
            "Two images with K = 5",
            {"Take K from the logits: here it isn't 3.": truth_of(five, codes[:2]) + math.log(3 / 5)},
        )
        or slope_fault(answer, truth_of, logits, codes)
    )


def truth_of(logits: Tensor, codes: Tensor) -> Tensor:
    """L_I of a categorical code with a uniform prior (equation 5), in nats."""
    return math.log(logits.shape[1]) - F.cross_entropy(logits, codes)


def one_per_code(logits: list[Tensor], categories: Tensor, mean: Tensor, log_std: Tensor, values: Tensor) -> Tensor:
    """L_I of every code (equation 5) in nats, categorical codes first; the course's own answer."""
    categorical = [truth_of(scores, drawn) for scores, drawn in zip(logits, categories.T, strict=True)]
    continuous = objectives.gaussian_log_density(values, mean, log_std).mean(dim=0) + math.log(2)
    return torch.cat([torch.tensor(categorical) if not categorical else torch.stack(categorical), continuous])


@check("return one bound per code", "the bounds of independent codes add up to L_I", one_per_code)
def code_bounds(answer: Callable) -> str:
    """answer(logits, categories, mean, log_std, values) → (number of codes,), in nats."""
    random = torch.Generator().manual_seed(0)
    logits = [torch.randn(6, k, generator=random) for k in (3, 5)]
    categories = torch.stack([torch.randint(0, k, (6,), generator=random) for k in (3, 5)], dim=1)
    mean, log_std = (0.4 * torch.randn(6, 2, generator=random) for _ in range(2))
    values = torch.rand(6, 2, generator=random) * 2 - 1
    others = (categories, mean, log_std, values)
    truth = one_per_code(logits, *others)
    entropy = torch.tensor([math.log(3), math.log(5), math.log(2), math.log(2)])
    mistakes = {
        "That is E[log Q] alone: add the entropy of each code.": truth - entropy,
        "That is their sum. Return one bound for each code.": truth.sum(),
        "The entropy of a continuous code, log 2, is missing.": truth - entropy * torch.tensor([0, 0, 1, 1]),
        "Each categorical code has its own log K.": truth + torch.tensor([0, math.log(3 / 5), 0, 0]),
        "The continuous codes come last.": truth.roll(2),
        "The signs of E[log Q] are wrong: these are losses.": 2 * entropy - truth,
        "σ is exp(log_std).": one_per_code(logits, categories, mean, log_std / 2, values),
    }
    wrong = fault(result(answer, logits, *others), truth, "Six images, codes with K = 3 and K = 5, c1 and c2", mistakes)
    return wrong or slope_fault(
        lambda m: answer(logits, categories, m, log_std, values),
        lambda m: one_per_code(logits, categories, m, log_std, values),
        mean,
    )


@check("return log N(value; mean, σ²) from log σ", "torch.distributions.Normal and the library give the same values")
def gaussian_log_density(answer: Callable) -> str:
    """answer(value, mean, log_std) → elementwise log density, in nats."""
    value, mean, log_std = torch.tensor([0.5, -0.2]), torch.tensor([0.0, 0.3]), torch.tensor([-1.0, 0.5])
    error, log_2pi = (value - mean) ** 2, math.log(2 * math.pi)
    truth = -0.5 * log_2pi - log_std - 0.5 * error * torch.exp(-2 * log_std)
    mistakes = {
        "The term −log σ is missing. Without it a wide Q costs nothing.": truth + log_std,
        "The constant −½ log 2π is missing. Training works without it, but the nats are wrong.": truth + 0.5 * log_2pi,
        "The squared error is divided by σ instead of σ²: a standard deviation is used as a variance.": truth
        + 0.5 * error * (torch.exp(-2 * log_std) - torch.exp(-log_std)),
        "That reads the argument as log σ². It is log σ, so σ² = exp(2 log_std).": -0.5 * log_2pi
        - 0.5 * log_std
        - 0.5 * error * torch.exp(-log_std),
        "The term with log σ has the wrong sign: a wide Gaussian is low.": truth + 2 * log_std,
        "log σ is used in place of σ. Apply exp first.": -0.5 * log_2pi - log_std - 0.5 * error / log_std**2,
        "The sign is wrong: that is the loss.": -truth,
        "That is the sum over the codes. Return one value for each.": truth.sum(),
    }
    case = "value [0.5, −0.2], mean [0, 0.3], log σ [−1, 0.5]"
    wrong = fault(result(answer, value, mean, log_std), truth, case, mistakes)
    return wrong or slope_fault(
        lambda s: answer(value, mean, s), lambda s: objectives.gaussian_log_density(value, mean, s), log_std
    )


@check(
    "return the highest L_I that a fixed std allows",
    "it is −0.226 nats at std 1, so that even a perfect Q has a negative bound",
)
def fixed_std_ceiling(answer: Callable) -> str:
    """answer(std) → log 2 − ½ log 2π − log std, the bound when Q's mean is the code itself."""
    half = 0.5 * math.log(2 * math.pi)
    mistakes = {
        "log std has the wrong sign: the narrower a Gaussian, the higher its top.": lambda s: (
            math.log(2) - half + math.log(s)
        ),
        "The entropy of the prior, log 2, is missing.": lambda s: -half - math.log(s),
        "The term −log std is missing.": lambda s: math.log(2) - half,
        "That is H(c). It isn't the ceiling of a continuous code's bound.": lambda s: math.log(2),
        "The prior is U(−1, 1), not N(0, 1).": lambda s: 0.5 * math.log(2 * math.pi * math.e) - half - math.log(s),
        "The entropy of U(−1, 1) is the log of its length 2, not of its density ½.": lambda s: (
            -math.log(2) - half - math.log(s)
        ),
    }
    return first_fault(answer, "std", (0.3, 1.0), lambda s: math.log(2) - half - math.log(s), mistakes)


@check("return the smallest batch whose standard error is small enough", "half the error takes four times the batch")
def batch_needed(answer: Callable) -> str:
    """answer(spread, error) → the smallest n with spread / √n ≤ error."""
    mistakes = {
        "The error falls as 1/√n, so the ratio must be squared.": math.ceil(0.73 / 0.05),
        "Round up: with this batch the error is still a little too large.": math.floor((0.73 / 0.05) ** 2),
        "A batch is a whole number of images. Round up.": (0.73 / 0.05) ** 2,
    }
    wrong = fault(result(answer, 0.73, 0.05), 214.0, "Spread 0.73 nats, error 0.05 nats", mistakes)
    enough = {"4 is enough: 1/√4 = 0.5.": 5.0}
    return wrong or fault(result(answer, 1.0, 0.5), 4.0, "Spread 1 nat, error 0.5 nats", enough)
