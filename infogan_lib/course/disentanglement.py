"""The checks of notebook 5's exercises."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from infogan_lib.course.checks import attempt, check, fault, list_fault, slope_fault
from infogan_lib.evaluation.codes import spearman
from infogan_lib.objectives import gaussian_log_density


def best_matching(counts: np.ndarray) -> float:
    """The share of all counts (categories, classes) on the best one-to-one matching; the course's own answer."""
    return counts[linear_sum_assignment(counts, maximize=True)].sum() / counts.sum()


@check(
    "return the one-to-one accuracy from the table of counts",
    "each category stands for one digit, and no digit is taken twice",
    best_matching,
)
def one_to_one_accuracy(answer: Callable) -> str:
    """answer(counts (categories, digits)) → the largest share of images on a one-to-one matching of rows to columns."""
    counts = np.array([[7, 0, 3], [6, 0, 1], [5, 8, 5]])
    mistakes = {
        "That is the purity: each category takes its commonest digit, so that two take the same one.": 21 / 35,
        "That gives each digit its commonest category, so that one category serves two digits.": 20 / 35,
        "That takes counts one after the other and never gives one back. Another matching has more images.": 16 / 35,
        "That is the diagonal, but category 0 needn't be the digit 0.": 12 / 35,
        "That is the worst matching: linear_sum_assignment minimises a cost, so give it −counts.": 6 / 35,
        "That is a count. Divide by the number of images.": 17.0,
        "That is in percent. Return a share between 0 and 1.": 1700 / 35,
    }
    more, often = np.array([[4, 0], [3, 1], [0, 2]]), np.array([[60, 50], [4, 0]])
    rare = "Match by the counts. By shares of a category, for example, a rare one has as much say as a frequent one."
    for table, truth, case, usual in (
        (counts, 17 / 35, f"The counts {counts.tolist()}", mistakes),
        (more, 0.6, f"Three categories for two digits, {more.tolist()}", {}),
        (often, 60 / 114, f"A rare category, {often.tolist()}", {rare: 54 / 114}),
    ):
        wrong = fault(attempt(case, answer, table), truth, case, usual)
        if wrong:
            return wrong
    return ""


def mean_within(code: np.ndarray, measured: np.ndarray, category: np.ndarray) -> float:
    """The mean over categories of |ρ| of code and measured, (n,) each; the course's own answer."""
    groups = [category == k for k in np.unique(category)]
    return np.mean([abs(spearman(code[g], measured[g])) for g in groups])


@check(
    "return the mean |ρ| within a category",
    "a code is strong if it acts in each category, in either direction",
    mean_within,
)
def strength_within(answer: Callable) -> str:
    """answer(code, measured, category), (n,) each → mean over categories of |Spearman's ρ| of code and measured."""
    rising, jumbled = np.array([0.0, 1.0, 2.0, 4.0, 90.0]), np.array([12.0, 11.0, 15.0, 13.0, 14.0])
    code, category = np.tile([-2.0, -1.0, 0.0, 1.0, 2.0], 3), np.repeat([0, 1, 2], 5)
    measured = np.concatenate([rising, 30 - rising, jumbled])
    groups = [category == k for k in range(3)]
    rho = np.array([spearman(code[g], measured[g]) for g in groups])
    straight = np.array([np.corrcoef(code[g], measured[g])[0, 1] for g in groups])
    pooled = abs(spearman(code, measured))
    empty = "ρ of an empty or a constant list is nan. Take the categories that occur from np.unique(category)."
    mistakes = {
        empty: np.nan,
        "That pools the categories, which draw different digits. Correlate within each category.": pooled,
        "The signs cancel: a code may lean one digit left and another right. Average |ρ| instead of ρ.": rho.mean(),
        "That is Pearson's correlation, which asks for a straight line. Use spearman.": abs(straight).mean(),
        "That is ρ². Take |ρ|.": (rho**2).mean(),
        "That is the sum over categories. Take the mean.": abs(rho).sum(),
        "That is one value per category. Take the mean.": abs(rho),
    }
    case = "Three categories, one rising, one falling, one jumbled"
    wrong = fault(attempt(case, answer, code, measured, category), abs(rho).mean(), case, mistakes)
    if wrong:
        return wrong
    few = np.array([3.0, 1.0, 2.0, 5.0, 4.0, 6.0, 6.5, 9.0])  # category 7 has five images, category 2 has three
    code, category = np.array([1.0, 0.5, -1.0, 2.0, 1.5, 0.0, 2.0, 1.0]), np.array([7, 2, 7, 7, 2, 7, 2, 7])
    groups = [category == k for k in (2, 7)]
    strengths = np.array([abs(spearman(code[g], few[g])) for g in groups])
    by_size = "Each category counts once, however many images it has."

    def pearsons(rank: Callable) -> np.floating:
        return np.mean([abs(np.corrcoef(rank(code[g]), rank(few[g]))[0, 1]) for g in groups])

    usual = {
        empty: np.nan,
        by_size: np.average(strengths, weights=[g.sum() for g in groups]),
        "Use spearman for ρ: a single argsort gives the order, not the ranks.": pearsons(np.argsort),
        "Use spearman for ρ: equal values share a rank.": pearsons(lambda values: values.argsort().argsort()),
    }
    case = "Two categories, 2 and 7, of 3 and 5 images"
    return fault(attempt(case, answer, code, few, category), strengths.mean(), case, usual)


def least_squares_slopes(measured: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The slope of each column's least-squares line over `first`, (I, J) and (I,) → (J,); the course's own answer."""
    centred = first - first.mean()
    return centred @ measured / (centred @ centred)


@check(
    "return one slope per value of the second code", "a code acts alone if all of them are equal", least_squares_slopes
)
def slopes(answer: Callable) -> str:
    """answer(measured (I, J), first (I,)) → (J,), the least-squares slope of each column over `first`."""
    first = np.array([-1.0, 0.5, 1.0, 2.0])
    measured = np.array([[0.2, 1.0, -0.3], [0.5, 1.2, 0.4], [1.1, 0.9, 0.0], [1.3, 2.0, 0.8]])
    truth = least_squares_slopes(measured, first)
    centred = first - first.mean()
    mistakes = {
        "That line is forced through 0. Subtract the mean of `first`.": first @ measured / (first @ first),
        "Divide by the sum of squares of the centred `first`.": centred @ measured,
        "np.cov divides by n − 1, but np.var by n. Let both divide by the same.": truth * len(first) / (len(first) - 1),
        "That is the intercept. np.polyfit returns the slope before it.": measured.mean(0) - truth * first.mean(),
        "That is the slope of `first` over the measurement. Exchange the two.": (
            (centred @ measured) / ((measured - measured.mean(0)) ** 2).sum(0)
        ),
        "That is the slope between the two ends. Use all the points.": (measured[-1] - measured[0])
        / (first[-1] - first[0]),
        "That is the correlation, which has no unit. A slope is in units of the measurement.": np.array(
            [np.corrcoef(first, column)[0, 1] for column in measured.T]
        ),
        "The sign is wrong.": -truth,
        "That is the mean. Return one slope for each column.": truth.mean(),
    }
    case = "first = [−1, 0.5, 1, 2] and a table of 4 rows and 3 columns"
    wrong = fault(attempt(case, answer, measured, first), torch.from_numpy(truth), case, mistakes)
    if wrong:
        return wrong
    square, case = np.array([[1.0, 5.0], [3.0, 4.0]]), "first = [0, 4] and the table [[1, 5], [3, 4]]"
    wrong = fault(attempt(case, answer, square, np.array([0.0, 4.0])), torch.tensor([0.5, -0.25]), case, {})
    return wrong or list_fault(answer(measured, first))


def log_density_of_moved_codes(codes: Tensor, shifts: Tensor, mean: Tensor) -> Tensor:
    """The mean over images of log N(codes + shifts; mean, 1), summed over codes; the course's own answer."""
    return gaussian_log_density(codes + shifts, mean, torch.zeros_like(mean)).sum(1).mean()


@check(
    "return the guide's term from codes, shifts and Q's means",
    "it is highest where Q reads each code moved by what the warp did, and its gradient reaches Q",
    log_density_of_moved_codes,
)
def guided_term(answer: Callable) -> str:
    """answer(codes, shifts, mean), (n, C) each → the mean over images of log N(codes + shifts; mean, 1), in nats."""
    random = torch.Generator().manual_seed(0)
    for n, count in ((4, 3), (3, 2)):
        parts = codes, shifts, mean = [torch.randn(n, count, generator=random) for _ in range(3)]
        density = gaussian_log_density(codes + shifts, mean, torch.zeros_like(mean))
        truth, squares = log_density_of_moved_codes(*parts), (codes + shifts - mean).square()
        mistakes = {
            "The shift has the wrong sign: the copy was moved by +δ.": log_density_of_moved_codes(codes, -shifts, mean),
            "The shift is missing: on the copy, Q should read the codes as moved by δ.": log_density_of_moved_codes(
                codes, torch.zeros_like(shifts), mean
            ),
            "Sum over the codes, as log densities of independent codes add. Take the mean over images only.": (
                density.mean()
            ),
            "That is the sum over the images. Take their mean.": density.sum(),
            "Sum over the codes, axis 1, before you take the mean over images.": density.sum(0).mean(),
            "That is one value per image. Take the mean.": density.sum(1),
            "The sign is wrong: this is a term to be maximised, not a loss.": -truth,
            "The squared error needs a factor ½.": truth - 0.5 * squares.sum(1).mean(),
            "The constant −½ log 2π of each code is missing.": -0.5 * squares.sum(1).mean(),
            "That is the density. Return its logarithm.": density.exp().prod(1).mean(),
            "That is in bits. Use the natural logarithm.": truth / np.log(2),
            "σ = 1 means log σ = 0, so log_std is torch.zeros_like(mean).": (
                gaussian_log_density(codes + shifts, mean, torch.ones_like(mean)).sum(1).mean()
            ),
        }
        case = f"{n} images with {count} codes each"
        usual = mistakes if n == 4 else {}  # an answer that fails only later has fixed numbers for the sizes
        wrong = fault(attempt(case, answer, *parts), truth, case, usual)
        if wrong:
            return wrong
    return slope_fault(
        lambda m, c, d: answer(c, d, m), lambda m, c, d: log_density_of_moved_codes(c, d, m), mean, codes, shifts
    )


def mean_gap(information: np.ndarray, entropy: np.ndarray) -> float:
    """MIG from (codes, factors) and (factors,); the course's own answer."""
    ordered = np.sort(information, axis=0)
    return np.mean((ordered[-1] - ordered[-2]) / entropy)


@check(
    "return MIG from the table of information",
    "it says by how much the best code for each factor beats the second",
    mean_gap,
)
def mutual_information_gap(answer: Callable) -> str:
    """answer(information (codes, factors), entropy (factors,)) → mean of (largest − second) / H over factors."""
    information = torch.tensor([[0.2, 0.9, 1.1], [1.1, 0.5, 0.7], [1.2, 0.2, 0.4]], dtype=torch.float64)
    entropy = torch.tensor([2.0, 1.0, 1.6], dtype=torch.float64)
    top = information.sort(dim=0, descending=True)[0]
    rows = information.sort()[0]
    by_code = information.sort(dim=1, descending=True)[0]
    gaps = (top[0] - top[1]) / entropy
    mistakes = {
        "The gap isn't divided by the factor's entropy.": (top[0] - top[1]).mean(),
        "That is the largest alone. Subtract the second largest.": (top[0] / entropy).mean(),
        "That subtracts the smallest instead of the second largest.": ((top[0] - top[-1]) / entropy).mean(),
        "That compares the factors of each code. Compare the codes of each factor, down the columns.": (
            by_code[:, 0] - by_code[:, 1]
        ).mean(),
        "That sorts along the rows. Compare the codes of each factor, down the columns.": (
            (by_code[:, 0] - by_code[:, 1]) / entropy
        ).mean(),
        "Divide each gap by its own factor's entropy before taking the mean.": (
            (top[0] - top[1]).mean() / entropy.mean()
        ),
        "That is in bits. A ratio of two informations has no unit.": gaps.mean() / np.log(2),
        "That is one value per factor. Take the mean.": gaps,
        "The sign is wrong: the best code minus the second.": -gaps.mean(),
        "That is the gap between the two smallest. np.sort goes upwards, so the largest are at the end.": (
            (top[-2] - top[-1]) / entropy
        ).mean(),
        "np.sort goes upwards: its first two are the smallest.": ((top[-1] - top[-2]) / entropy).mean(),
        "np.sort sorts along the rows if it isn't given axis=0.": ((rows[-1] - rows[-2]) / entropy).mean(),
        "That is the sum over the factors. Take the mean.": gaps.sum(),
    }
    case = f"The information {information.tolist()} with entropies [2, 1, 1.6]"
    wrong = fault(attempt(case, answer, information.numpy(), entropy.numpy()), gaps.mean(), case, mistakes)
    if wrong:
        return wrong
    wide = np.array([[0.2, 0.9, 0.4, 0.5], [0.8, 0.1, 0.4, 0.1]])
    case = f"Two codes and four factors, {wide.tolist()} with entropies [1, 2, 0.5, 0.8]"
    return fault(attempt(case, answer, wide, np.array([1.0, 2.0, 0.5, 0.8])), 0.375, case, {})
