"""The checks of notebook 2's exercises."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F

from infogan_lib.course.checks import check, fault, first_fault, result


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
    return fault(result(answer, logits, codes), likelihood + top, "Four images with K = 3", mistakes)


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
        "log σ is used in place of σ. Apply exp first.": -0.5 * log_2pi - log_std - 0.5 * error / log_std**2,
        "The sign is wrong: that is the loss.": -truth,
        "That is the sum over the codes. Return one value for each.": truth.sum(),
    }
    case = "value [0.5, −0.2], mean [0, 0.3], log σ [−1, 0.5]"
    return fault(result(answer, value, mean, log_std), truth, case, mistakes)


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
    return first_fault(answer, "std", (0.25, 1.0), lambda s: math.log(2) - half - math.log(s), mistakes)


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
