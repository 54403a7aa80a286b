"""The checks of the notebooks' exercises: each prints one line, which says what is wrong or that it is right.

A check never stops the notebook. It tries an answer on a case whose truth is known; where the answer is wrong, it
compares it with what the usual mistakes give, and names the mistake.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

TOLERANCE = 1e-4


class NotDone(Exception):  # noqa: N818 (nothing has gone wrong)
    """The answer is still the stub."""


def check(task: str, praise: str) -> Callable[[Callable], Callable]:
    """Turn a function that says what is wrong with an answer ("" for nothing) into a check that prints one line.

    Args:
        task: What is asked, shown while the answer is still the stub.
        praise: What a right answer has shown.
    """

    def decorate(find_fault: Callable) -> Callable:
        @functools.wraps(find_fault)
        def checked(answer: object) -> None:
            try:
                fault = find_fault(answer)
            except NotDone:
                print(f"○ Not done yet: {task}.")
            except Exception as error:
                print(f"✗ Your code stopped with {type(error).__name__}: {error}")
            else:
                print(f"✗ {fault}" if fault else f"✓ Right: {praise}.")

        return checked

    return decorate


def given(answer: object) -> object:
    """The answer itself, unless it is still the stub's `...` or None."""
    if answer is None or answer is Ellipsis:
        raise NotDone
    return answer


def result(answer: Callable, *arguments: object) -> Tensor:
    """What the learner's function returns, as a tensor of doubles."""
    return torch.as_tensor(given(given(answer)(*arguments)), dtype=torch.float64).detach()


def fault(got: Tensor, truth: Tensor | float, case: str, mistakes: dict[str, Tensor | float]) -> str:
    """Say in words how `got` differs from the truth, or return "".

    Args:
        got: The learner's value.
        truth: The right one.
        case: On which input.
        mistakes: What usual mistakes give, by their description.
    """
    truth = torch.as_tensor(truth, dtype=torch.float64)
    if same(got, truth):
        return ""
    wrong = f"{case} should give {text(truth)}, yours gives {text(got)}."
    if got.shape != truth.shape:
        wrong = f"{case}: the result should have shape {tuple(truth.shape)}, yours has {tuple(got.shape)}."
    names = [name for name, value in mistakes.items() if same(got, torch.as_tensor(value, dtype=torch.float64))]
    return " ".join([wrong, *names[:1]])


def same(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and torch.allclose(a, b, atol=TOLERANCE, rtol=0, equal_nan=True)


def text(value: Tensor) -> str:
    return ", ".join(f"{v:.4f}" for v in value.flatten().tolist()[:4]).replace("-", "−")


# --- notebook 1 ----------------------------------------------------------------------------------------------------


@check("return D*(x) from the two densities", "this D reaches −log 4 + 2·JSD, and none reaches more")
def optimal_discriminator(answer: Callable) -> str:
    """answer(p_data, p_model) → D*(x) = p_data / (p_data + p_model)."""
    data, model = torch.tensor([0.6, 0.3, 0.1]), torch.tensor([0.2, 0.3, 0.5])
    mistakes = {
        "That is the probability of “generated”: D answers “real?”.": model / (data + model),
        "That is the ratio of the densities, which can pass 1: a probability is asked.": data / model,
        "That is the logit; D is its sigmoid.": torch.log(data / model),
    }
    case = "p_data = [0.6, 0.3, 0.1] with p_model = [0.2, 0.3, 0.5]"
    return fault(result(answer, data, model), data / (data + model), case, mistakes)


@check("return the non-saturating loss from D's logits", "its slope stays near −1 where D is sure that it sees a fake")
def generator_loss(answer: Callable) -> str:
    """answer(fake_logits) → E[−log D(G(z))], with D = sigmoid(logit)."""
    logits = torch.tensor([-2.0, 0.0, 1.0])
    likelihoods = F.logsigmoid(logits)
    mistakes = {
        "That is the game's own term log(1 − D), which saturates: use −log D.": F.logsigmoid(-logits).mean(),
        "The sign is turned: this loss would teach G to be found out.": likelihoods.mean(),
        "That is D's loss on generated samples: G wants the opposite.": F.softplus(logits).mean(),
        "That is the sum: take the mean, or the step grows with the batch.": -likelihoods.sum(),
        "There is a sigmoid too many: logsigmoid and softplus take logits.": -F.logsigmoid(
            torch.sigmoid(logits)
        ).mean(),
        "That is one value a sample: take the mean.": -likelihoods,
    }
    wrong = fault(result(answer, logits), -likelihoods.mean(), "Logits [−2, 0, 1]", mistakes)
    if not wrong and not torch.isfinite(result(answer, torch.tensor([-200.0]))):
        return "At logit −200 it gives infinity: sigmoid rounds to 0 and its log is −∞. Use F.softplus or F.logsigmoid."
    return wrong


@check("return I(c; x) in nats from the joint table", "zero cells, independence and the noiseless channel all come out")
def mutual_information(answer: Callable) -> str:
    """answer(joint), joint (K, X) summing to 1 → Σ p(c, x) log p(c, x) / (p(c) p(x))."""
    noisy = torch.tensor([[0.40, 0.10], [0.15, 0.35]], dtype=torch.float64)
    c, x = entropy(noisy.sum(1)), entropy(noisy.sum(0))
    truth = c + x - entropy(noisy)
    mistakes = {
        "That is the answer in bits: use the natural logarithm.": truth / math.log(2),
        "That is H(c) alone.": c,
        "That is the joint entropy H(c, x).": entropy(noisy),
        "That is the conditional entropy H(c|x): subtract it from H(c).": c - truth,
        "The sign is turned.": -truth,
    }
    wrong = fault(result(answer, noisy.numpy()), truth, "The table [[0.40, 0.10], [0.15, 0.35]]", mistakes)
    if not wrong and not torch.isfinite(result(answer, (torch.eye(2, dtype=torch.float64) / 2).numpy())):
        return "A table with zero cells gives NaN: 0·log 0 counts as 0, so leave those cells out of the sum."
    return wrong


@check("give the flip rate that halves the information", "eleven flips in a hundred cost half of the information")
def half_information(answer: object) -> str:
    """answer: the flip rate e < 1/2 of a symmetric channel with even prior at which I = ½ log 2."""
    rate = float(given(answer))
    if not 0 <= rate <= 0.5:
        return f"A flip rate between 0 and 0.5 is asked, yours is {rate:g}."
    left = math.log(2) - entropy(torch.tensor([rate, 1 - rate], dtype=torch.float64)).item()
    if abs(rate - 0.11) <= 0.0021:
        return ""
    where = "too large" if rate > 0.11 else "too small"
    hint = " Half of the flip rate 0.5 is not half of the information." if abs(rate - 0.25) < 0.001 else ""
    return f"{rate:g} is {where}: {left:.3f} nats are left there, and half of log 2 is {math.log(2) / 2:.3f}.{hint}"


def entropy(p: Tensor) -> Tensor:
    """H of a table of probabilities, in nats, with 0·log 0 = 0."""
    return -torch.xlogy(p, p).sum()


# --- notebook 2 ----------------------------------------------------------------------------------------------------


@check("return L_I in nats from Q's logits and the codes", "at most log K, and 0 for a Q that only knows the prior")
def categorical_bound(answer: Callable) -> str:
    """answer(logits (n, K), codes (n,)) → mean log Q(c|x) + log K."""
    logits = torch.tensor([[2.0, 0.0, -1.0], [0.5, 1.5, 0.0], [1.0, 0.0, 3.0], [0.0, 2.0, 0.0]])
    codes = torch.tensor([0, 1, 0, 2])
    likelihood, top = -F.cross_entropy(logits, codes), math.log(3)
    twice = -F.cross_entropy(logits.softmax(1), codes)
    mistakes = {
        "H(c) = log K is missing: that is E[log Q] alone.": likelihood,
        "The sign of the first term is turned: cross-entropy is −E[log Q].": -likelihood + top,
        "That is the cross-entropy, a loss: the bound is H(c) minus it.": -likelihood,
        "There is a softmax too many: log_softmax and cross_entropy apply it themselves.": twice + top,
        "That averages Q, not log Q.": logits.softmax(1).gather(1, codes[:, None]).mean() + top,
        "H(c) is in bits there: use math.log.": likelihood + math.log2(3),
        "That is the sum over the batch: take the mean.": likelihood * len(codes) + top,
    }
    return fault(result(answer, logits, codes), likelihood + top, "Four images with K = 3", mistakes)


@check("return log N(value; mean, σ²) from log σ", "the same as torch.distributions.Normal, and as the library's")
def gaussian_log_density(answer: Callable) -> str:
    """answer(value, mean, log_std) → elementwise log density, in nats."""
    value, mean, log_std = torch.tensor([0.5, -0.2]), torch.tensor([0.0, 0.3]), torch.tensor([-1.0, 0.5])
    error, log_2pi = (value - mean) ** 2, math.log(2 * math.pi)
    truth = -0.5 * log_2pi - log_std - 0.5 * error * torch.exp(-2 * log_std)
    mistakes = {
        "The term −log σ is missing: without it a wide Q costs nothing.": truth + log_std,
        "The constant −½ log 2π is missing: the loss works without, the nats don't.": truth + 0.5 * log_2pi,
        "The error is divided by σ, not by σ²: a std is used as a variance.": truth
        + 0.5 * error * (torch.exp(-2 * log_std) - torch.exp(-log_std)),
        "log σ is used where σ is meant: take exp first.": -0.5 * log_2pi - log_std - 0.5 * error / log_std**2,
        "The sign is turned: that is the loss.": -truth,
        "That is the sum over the codes: give one value for each.": truth.sum(),
    }
    return fault(result(answer, value, mean, log_std), truth, "value [0.5, −0.2] with log σ [−1, 0.5]", mistakes)


@check("return the highest L_I that a fixed std allows", "−0.226 at std 1: a negative bound may be a perfect Q")
def fixed_std_ceiling(answer: Callable) -> str:
    """answer(std) → log 2 − ½ log 2π − log std, the bound when Q's mean is the code itself."""
    half, stds = 0.5 * math.log(2 * math.pi), (1.0, 0.25)
    mistakes = {
        "log std has the wrong sign: a narrow Gaussian is a high one.": lambda s: math.log(2) - half + math.log(s),
        "The entropy of the prior, log 2, is missing.": lambda s: -half - math.log(s),
        "log σ is missing.": lambda s: math.log(2) - half,
        "That is H(c): it isn't the ceiling of a continuous code's bound.": lambda s: math.log(2),
        "The prior is U(−1, 1), not N(0, 1).": lambda s: 0.5 * math.log(2 * math.pi * math.e) - half - math.log(s),
        "The entropy of U(−1, 1) is the log of its length 2, not of its density ½.": lambda s: (
            -math.log(2) - half - math.log(s)
        ),
    }
    for std in stds[::-1]:
        truth = math.log(2) - half - math.log(std)
        usual = {name: mistake(std) for name, mistake in mistakes.items()}
        wrong = fault(result(answer, std), truth, f"std {std:g}", usual)
        if wrong:
            return wrong
    return ""


@check("return the smallest batch whose standard error is small enough", "half the error costs four times the batch")
def batch_needed(answer: Callable) -> str:
    """answer(spread, error) → the smallest n with spread / √n ≤ error."""
    mistakes = {
        "The error falls as 1/√n, so the ratio must be squared.": math.ceil(0.73 / 0.05),
        "Round up: with one image fewer the error is still too large.": math.floor((0.73 / 0.05) ** 2),
        "A batch is a whole number: round up.": (0.73 / 0.05) ** 2,
    }
    wrong = fault(result(answer, 0.73, 0.05), 214.0, "Spread 0.73 nats, error 0.05 nats", mistakes)
    return wrong or fault(
        result(answer, 1.0, 0.5), 4.0, "Spread 1 nat, error 0.5 nats", {"4 is enough: 1/√4 = 0.5.": 5.0}
    )
