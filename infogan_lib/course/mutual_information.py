"""The checks of notebook 2's exercises."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from infogan_lib import objectives
from infogan_lib.course.checks import attempt, check, fault, first_fault, slope_fault
from infogan_lib.course.checks import compare as compare  # the notebook calls it with the checks

CEILING = math.log(2) - objectives.HALF_LOG_2PI  # of a continuous code's L_I with σ = 1


# --- the course's own answers, which the notebook uses until the learner's are right ----------------------------------


def category_bound(logits: Tensor, codes: Tensor) -> Tensor:
    """L_I of a categorical code with a uniform prior (equation 5), in nats."""
    return math.log(logits.shape[1]) - F.cross_entropy(logits, codes)


def one_per_code(logits: list[Tensor], categories: Tensor, mean: Tensor, log_std: Tensor, values: Tensor) -> Tensor:
    """L_I of every code (equation 5) in nats, categorical codes first → (number of codes,)."""
    categorical = [category_bound(scores, drawn) for scores, drawn in zip(logits, categories.T, strict=True)]
    continuous = objectives.gaussian_log_density(values, mean, log_std).mean(dim=0) + math.log(2)
    return torch.cat([torch.stack(categorical), continuous]) if categorical else continuous


def error_from_bound(bound: Tensor | float) -> Tensor | float:
    """Q's mean squared error of a continuous code, from its L_I in nats at σ = 1."""
    return 2 * (CEILING - bound)


def smallest_batch(spread: float, error: float) -> int:
    """The smallest n with spread / √n ≤ error."""
    return math.ceil((spread / error) ** 2)


# --- the checks -----------------------------------------------------------------------------------------------------


@check(
    "return L_I in nats from Q's logits and the codes",
    "L_I is at most log K, and 0 if Q only knows the prior",
    category_bound,
)
def categorical_bound(answer: Callable) -> str:
    """answer(logits (n, K), codes (n,)) → mean log Q(c|x) + log K."""
    logits = torch.tensor([[2.0, 0.0, -1.0], [0.5, 1.5, 0.0], [1.0, 0.0, 3.0], [0.0, 2.0, 0.0]])
    five = torch.tensor([[1.0, 0.0, 0.0, 2.0, -1.0], [0.0, 3.0, 0.5, 0.0, 0.0]])
    sure = torch.tensor([[150.0, 0.0, 0.0, 0.0], [0.0, 150.0, 0.0, 0.0]])
    codes = torch.tensor([0, 1, 0, 2])
    for scores, drawn, case in (
        (logits, codes, "Four images with K = 3"),
        (five, codes[:2], "Two images with K = 5"),
        (sure, codes[[0, 0]], "Two images with K = 4 and a logit of 150"),
    ):
        wrong = fault(
            attempt(case, answer, scores, drawn), category_bound(scores, drawn), case, category_mistakes(scores, drawn)
        )
        if wrong:
            return wrong
    return slope_fault(answer, category_bound, logits, codes) or slope_fault(
        answer, category_bound, sure, codes[[0, 0]]
    )


def category_mistakes(logits: Tensor, codes: Tensor) -> dict[str, Tensor | float]:
    """What the usual mistakes give for L_I of a category."""
    n, k = logits.shape
    truth, top = category_bound(logits, codes), math.log(k)
    q, columns = logits.softmax(1), logits.log_softmax(0).gather(1, codes[:, None])
    picked, raw = q.gather(1, codes[:, None]), logits.gather(1, codes[:, None])
    log_q = logits.log_softmax(1)
    return {
        "log_q[:, codes] pairs every image with every code. Take one entry for each image, by gather.": (
            log_q[:, codes].mean() + top
        ),
        "log_q[codes] picks rows. Take from each row the entry of its code, by gather or cross_entropy.": (
            log_q[codes].mean() + top
        ),
        "The code has K categories, and K isn't always 10: use logits.shape[1].": truth - top + math.log(10),
        "H(c) = log K is missing: that is E[log Q] alone.": truth - top,
        "The sign of the first term is wrong: cross-entropy is −E[log Q].": 2 * top - truth,
        "That is the cross-entropy. The bound is H(c) minus the cross-entropy.": top - truth,
        "The softmax is applied twice: log_softmax and cross_entropy take logits.": category_bound(q, codes),
        "That averages Q instead of log Q.": picked.mean() + top,
        "That averages Q before it takes the logarithm.": picked.mean().log() + top,
        "The log of a softmax is −∞ where float32 rounds a probability to 0. Use log_softmax.": picked.log().mean()
        + top,
        "The softmax runs over the images: normalise each row, with dim=1.": columns.mean() + top,
        "That picks the logit without a softmax: a row of logits isn't log Q yet.": raw.mean() + top,
        "That averages over all K codes. Take log Q of the code that made the image.": logits.log_softmax(1).mean()
        + top,
        "H(c) is in bits there. Use math.log.": truth - top + math.log2(k),
        "That is in bits. Use natural logarithms.": truth / math.log(2),
        "H(c) is log K, and K is the number of columns.": truth - top + math.log(n),
        "Take K from the logits: here it isn't 3.": truth - top + math.log(3),
        "That sums log Q over the batch. Take the mean.": (truth - top) * n + top,
        "Divide by the number of images, which isn't always 4.": (truth - top) * n / 4 + top,
    }


@check(
    "return log N(value; mean, σ²) from log σ",
    "torch.distributions.Normal and the library give the same values",
    objectives.gaussian_log_density,
)
def gaussian_log_density(answer: Callable) -> str:
    """answer(value, mean, log_std) → elementwise log density, in nats."""
    value = torch.tensor([[0.5, -0.2], [0.9, 0.1], [-0.7, 0.4]])
    mean = torch.tensor([[0.0, 0.3], [0.6, -0.5], [-0.2, 0.0]])
    log_std = torch.tensor([[-1.0, 0.5], [0.3, -0.4], [-2.0, 0.8]])
    one = [part[0] for part in (value, mean, log_std)]
    cases = (
        ("value [0.5, −0.2], mean [0, 0.3], log σ [−1, 0.5]", one),
        ("Three images with two codes", [value, mean, log_std]),
    )
    for case, parts in cases:
        truth = objectives.gaussian_log_density(*parts)
        wrong = fault(attempt(case, answer, *parts), truth, case, density_mistakes(*parts))
        if wrong:
            return wrong
    ours = objectives.gaussian_log_density
    return slope_fault(lambda s: answer(*one[:2], s), lambda s: ours(*one[:2], s), one[2]) or slope_fault(
        lambda m: answer(one[0], m, one[2]), lambda m: ours(one[0], m, one[2]), one[1]
    )


def density_mistakes(value: Tensor, mean: Tensor, log_std: Tensor) -> dict[str, Tensor]:
    """What the usual mistakes give for the Gaussian log density."""
    truth, half = objectives.gaussian_log_density(value, mean, log_std), objectives.HALF_LOG_2PI
    error, precision = (value - mean) ** 2, torch.exp(-2 * log_std)
    straight = (value - mean).abs() * torch.exp(-log_std)
    return {
        "The term −log σ is missing. Without it a wide Q costs nothing.": truth + log_std,
        "The constant −½ log 2π is missing. Training works without it, but the nats are wrong.": truth + half,
        "The constant is −½ log 2π: the ½ is missing.": truth - half,
        "The squared error needs a factor ½.": truth - 0.5 * error * precision,
        "The error must be squared.": truth + 0.5 * straight**2 - 0.5 * straight,
        "The squared error is divided by σ instead of σ²: a standard deviation is used as a variance.": truth
        + 0.5 * error * (precision - torch.exp(-log_std)),
        "The squared error isn't divided by σ².": truth + 0.5 * error * (precision - 1),
        "That reads the argument as log σ². It is log σ, so σ² = exp(2 log_std).": -half
        - 0.5 * log_std
        - 0.5 * error * torch.exp(-log_std),
        "The term with log σ has the wrong sign: a wide Gaussian is low.": truth + 2 * log_std,
        "The squared error has the wrong sign: the density falls away from the mean.": truth + error * precision,
        "log σ is used in place of σ. Apply exp first.": -half - log_std - 0.5 * error / log_std**2,
        "σ is used in place of log σ.": truth + log_std - log_std.exp(),
        "That is the density. Take its logarithm.": truth.exp(),
        "That is in bits. Use natural logarithms.": truth / math.log(2),
        "The sign is wrong: that is the loss.": -truth,
        "That is the sum over the codes. Return one value for each.": truth.sum(),
        "That is the mean over the codes. Return one value for each.": truth.mean(),
    }


@check("return one bound per code", "the library computes the same numbers at every update", one_per_code)
def code_bounds(answer: Callable) -> str:
    """answer(logits, categories, mean, log_std, values) → (number of codes,), in nats."""
    cases = (
        ("Six images, categories with K = 3 and K = 5, c1 and c2", (3, 5), 2, 6),
        ("Four images, one category with K = 2, c1, c2 and c3", (2,), 3, 4),
        ("Five images, no category, only c1", (), 1, 5),
    )
    for seed, (case, categories, continuous, n) in enumerate(cases):
        parts = random_codes(seed, categories, continuous, n)
        wrong = fault(attempt(case, answer, *parts), one_per_code(*parts), case, code_mistakes(*parts))
        if wrong:
            return wrong
    parts = random_codes(0, (3, 5), 2, 6)
    return next(filter(None, (code_slope(answer, parts, place) for place in range(4))), "")


def random_codes(seed: int, sizes: tuple[int, ...], continuous: int, n: int) -> tuple:
    """Random arguments of `code_bounds`: the answers of some Q and the codes that were drawn."""
    random = torch.Generator().manual_seed(seed)
    logits = [torch.randn(n, k, generator=random) for k in sizes]
    drawn = [torch.randint(0, k, (n,), generator=random) for k in sizes]
    categories = torch.stack(drawn, dim=1) if drawn else torch.zeros(n, 0, dtype=torch.long)
    mean, log_std = (0.4 * torch.randn(n, continuous, generator=random) for _ in range(2))
    return logits, categories, mean, log_std, torch.rand(n, continuous, generator=random) * 2 - 1


def code_slope(answer: Callable, parts: tuple, place: int) -> str:
    """What is wrong with the gradient of one code's bound: places 0 and 1 are categories, 2 the means, 3 the log σ."""
    logits, categories, mean, log_std, values = parts

    def with_input(function: Callable) -> Callable:
        def of(x: Tensor) -> Tensor:
            scores = [x if i == place else score for i, score in enumerate(logits)]
            return function(scores, categories, x if place == 2 else mean, x if place == 3 else log_std, values)

        return of

    name = ("the first category's logits", "the second category's logits", "the means", "log σ")[place]
    inputs = (*logits, mean, log_std)[place]
    wrong = slope_fault(with_input(answer), with_input(one_per_code), inputs)
    return f"Gradient for {name}: {wrong[0].lower()}{wrong[1:]}" if wrong else ""


def code_mistakes(
    logits: list[Tensor], categories: Tensor, mean: Tensor, log_std: Tensor, values: Tensor
) -> dict[str, Tensor | float]:
    """What the usual mistakes give for the bounds of several codes."""
    truth, n, discrete = one_per_code(logits, categories, mean, log_std, values), len(mean), len(logits)
    continuous = torch.tensor([0.0] * discrete + [1.0] * mean.shape[1])
    entropy = torch.tensor([math.log(scores.shape[1]) for scores in logits] + [math.log(2)] * mean.shape[1])
    ten = torch.tensor([math.log(10)] * discrete + [math.log(2)] * mean.shape[1])
    squashed = one_per_code([scores.softmax(1) for scores in logits], categories, mean, log_std, values)
    density = objectives.gaussian_log_density(values, mean, log_std)
    return {
        "That is E[log Q] alone: add the entropy of each code.": truth - entropy,
        "These are losses, E[−log Q]. The bound is H(c) minus the loss.": entropy - truth,
        "The signs of E[log Q] are wrong.": 2 * entropy - truth,
        "That is the sum over the codes. Return one bound for each code.": truth.sum(),
        "That is the mean over the codes. Return one bound for each code.": truth.mean(),
        "The entropy of a continuous code, log 2, is missing.": truth - entropy * continuous,
        "The entropy of U(−1, 1) is log 2, not −log 2 = log ½.": truth - 2 * entropy * continuous,
        "Here K isn't 10. Each categorical code has its own log K.": truth - entropy + ten,
        "Each categorical code has its own log K.": truth - entropy + torch.where(continuous > 0, entropy, entropy[0]),
        "The entropies are in bits there. Use math.log.": truth - entropy + entropy / math.log(2),
        "That is in bits. Use natural logarithms.": truth / math.log(2),
        "The categorical codes come first, the continuous codes last.": torch.cat([truth[discrete:], truth[:discrete]]),
        "The softmax is applied twice: log_softmax and cross_entropy take logits.": squashed,
        "log_std is log σ, not log σ².": one_per_code(logits, categories, mean, log_std / 2, values),
        "log_std is left out: this Q gives a σ of its own to each image.": one_per_code(
            logits, categories, mean, torch.zeros_like(mean), values
        ),
        "The constant −½ log 2π of the Gaussian is missing.": truth + continuous * objectives.HALF_LOG_2PI,
        "That sums log Q over the images. Take the mean.": (truth - entropy) * n + entropy,
        "That averages over the codes. Average over the images, dimension 0.": torch.cat(
            [truth[:discrete], density.mean(1) + math.log(2)]
        ),
    }


@check(
    "return Q's mean squared error from L_I at σ = 1",
    "with σ fixed, L_I and the squared error are the same measurement",
    error_from_bound,
)
def squared_error(answer: Callable) -> str:
    """answer(bound) → e², from L_I = log 2 − ½ log 2π − e²/2."""
    mistakes = {
        "Something is rounded. Write log 2 − ½ log 2π for −0.226, and don't round the result.": lambda b: (
            2 * (-0.226 - b)
        ),
        "That is the error. The squared error was asked for.": lambda b: error_from_bound(b) ** 0.5,
        "In L_I the squared error has a factor ½, so the result needs a factor 2.": lambda b: CEILING - b,
        "The factor ½ of the squared error is applied the wrong way round.": lambda b: (CEILING - b) / 2,
        "The sign is wrong: a squared error is never negative.": lambda b: -error_from_bound(b),
        "The entropy of the prior, log 2, is missing.": lambda b: 2 * (-objectives.HALF_LOG_2PI - b),
        "The entropy of U(−1, 1) is +log 2.": lambda b: 2 * (-math.log(2) - objectives.HALF_LOG_2PI - b),
        "The constant −½ log 2π is missing.": lambda b: 2 * (math.log(2) - b),
        "The Gaussian's constant is −½ log 2π: the ½ is missing.": lambda b: (
            2 * (math.log(2) - math.log(2 * math.pi) - b)
        ),
        "Use natural logarithms, math.log.": lambda b: 2 * (math.log10(2) - 0.5 * math.log10(2 * math.pi) - b),
        "The constants are in bits. Use natural logarithms, math.log.": lambda b: (
            2 * (1 - 0.5 * math.log2(2 * math.pi) - b)
        ),
    }
    wrong = first_fault(answer, "bound", (-0.3, -0.8, CEILING - 1 / 6), error_from_bound, mistakes)
    bounds, case = torch.tensor([-0.24, -0.31]), "It should also work on one tensor with the bounds of two codes"
    return wrong or fault(attempt(case, answer, bounds), error_from_bound(bounds), case, {})


@check(
    "return the smallest batch whose standard error is small enough",
    "half the error takes four times the batch",
    smallest_batch,
)
def batch_needed(answer: Callable) -> str:
    """answer(spread, error) → the smallest n with spread / √n ≤ error."""
    for spread, error in ((0.73, 0.05), (1.0, 0.5), (0.2, 0.3)):
        ratio, case = spread / error, f"Spread {spread:g} nats, error {error:g} nats"
        mistakes = {
            "The error falls as 1/√n, so the ratio must be squared.": math.ceil(ratio),
            "The ratio is upside down: a wider spread needs a larger batch.": math.ceil(1 / ratio**2),
            "Square the spread and the error.": math.ceil(spread**2 / error),
            "Round up: with this batch the error is still a little too large.": math.floor(ratio**2),
            "A batch is a whole number of images. Round up.": ratio**2,
            "A smaller batch is enough: round up, but don't add one.": math.floor(ratio**2) + 1,
            "That takes the square root. Solve spread / √n = error for n by squaring.": math.ceil(ratio**0.5),
        }
        wrong = fault(attempt(case, answer, spread, error), float(smallest_batch(spread, error)), case, mistakes)
        if wrong:
            return wrong
    return ""
