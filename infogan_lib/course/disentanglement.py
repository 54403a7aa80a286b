"""The checks of notebook 5's exercises."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch

from infogan_lib.course.checks import check, fault, result
from infogan_lib.evaluation.codes import spearman


@check(
    "return the one-to-one accuracy from the table of counts",
    "each category stands for one digit, and no digit is taken twice",
)
def one_to_one_accuracy(answer: Callable) -> str:
    """answer(counts (categories, digits)) → the largest share of images on a one-to-one matching of rows to columns."""
    counts = torch.tensor([[7, 6, 0], [6, 0, 1], [0, 5, 3]])
    mistakes = {
        "That is the purity: each category takes its commonest digit, so that two take the same one.": 18 / 28,
        "That gives each digit its commonest category, so that one category serves two digits.": 16 / 28,
        "That takes the largest count first and never takes it back. Another matching covers more images.": 13 / 28,
        "That is the diagonal, but category 0 needn't be the digit 0.": 10 / 28,
        "That is the worst matching: linear_sum_assignment minimises a cost, so give it −counts.": 0.0,
        "That is a count. Divide by the number of images.": 15.0,
    }
    wrong = fault(result(answer, counts.numpy()), 15 / 28, f"The counts {counts.tolist()}", mistakes)
    if wrong:
        return wrong
    more = torch.tensor([[4, 0], [3, 1], [0, 2]])
    wrong = fault(result(answer, more.numpy()), 0.6, f"Three categories for two digits, {more.tolist()}", {})
    often = torch.tensor([[60, 50], [4, 0]])  # a frequent category and a rare one
    normalised = "Match by counts. Shares of a category give a rare category as much say as a frequent one."
    return wrong or fault(
        result(answer, often.numpy()), 60 / 114, f"A rare category, {often.tolist()}", {normalised: 54 / 114}
    )


@check("return the mean |ρ| within a category", "a code is strong if it acts in each category, in either direction")
def strength_within(answer: Callable) -> str:
    """answer(code, measured, category), (n,) each → mean over categories of |Spearman's ρ| of code and measured."""
    rising, jumbled = np.array([0.0, 1.0, 2.0, 4.0, 90.0]), np.array([12.0, 11.0, 15.0, 13.0, 14.0])
    code, category = np.tile([-2.0, -1.0, 0.0, 1.0, 2.0], 3), np.repeat([0, 1, 2], 5)
    measured = np.concatenate([rising, 30 - rising, jumbled])
    groups = [category == k for k in range(3)]
    rho = np.array([spearman(code[g], measured[g]) for g in groups])
    straight = np.array([np.corrcoef(code[g], measured[g])[0, 1] for g in groups])
    pooled = abs(spearman(code, measured))
    mistakes = {
        "That pools the categories, which draw different digits. Correlate within each category.": pooled,
        "The signs cancel: a code may lean one digit left and another right. Average |ρ| instead of ρ.": rho.mean(),
        "That is Pearson's correlation, which asks for a straight line. Use spearman.": abs(straight).mean(),
        "That is ρ². Take |ρ|.": (rho**2).mean(),
        "That is one value per category. Take the mean.": abs(rho),
    }
    case = "Three categories, one rising, one falling, one jumbled"
    wrong = fault(result(answer, code, measured, category), abs(rho).mean(), case, mistakes)
    few = np.array([3.0, 1.0, 2.0, 5.0, 4.0, 6.0, 6.5, 9.0])  # category 7 has five images, category 2 has three
    code, category = np.array([1.0, 0.5, -1.0, 2.0, 1.5, 0.0, 2.0, 1.0]), np.array([7, 2, 7, 7, 2, 7, 2, 7])
    groups = [category == k for k in (2, 7)]
    strengths = np.array([abs(spearman(code[g], few[g])) for g in groups])
    by_size = "Each category counts once, however many images it has."
    ranks = "Use spearman for ρ: a single argsort gives the order, not the ranks."
    by_order = np.mean([abs(np.corrcoef(code[g].argsort(), few[g].argsort())[0, 1]) for g in groups])
    usual = {by_size: np.average(strengths, weights=[g.sum() for g in groups]), ranks: by_order}
    return wrong or fault(
        result(answer, code, few, category), strengths.mean(), "Two categories of 3 and 5 images", usual
    )


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
        "That is the slope between the two ends. Use all the points.": (measured[-1] - measured[0])
        / (first[-1] - first[0]),
        "That is the correlation, which has no unit. A slope is in units of the measurement.": np.array(
            [np.corrcoef(first, column)[0, 1] for column in measured.T]
        ),
        "The sign is wrong.": -truth,
        "That is the mean. Return one slope for each column.": truth.mean(),
    }
    case = "first = [−1, 0.5, 1, 2] and a table of 4 rows and 3 columns"
    return fault(result(answer, measured, first), torch.from_numpy(truth), case, mistakes)


@check("return the codes in the turned coordinates", "a rotation keeps lengths, and with them Q's squared error")
def turn_codes(answer: Callable) -> str:
    """answer(codes (n, 2), degrees) → (n, 2): how far along the direction at that angle from c1, and across it."""
    codes, angle = torch.tensor([[1.0, 0.0], [0.0, 1.0], [2.0, -1.0]]), math.radians(30)
    cos, sin = math.cos(angle), math.sin(angle)
    truth = codes @ torch.tensor([[cos, -sin], [sin, cos]])
    mistakes = {
        "That turns the other way: a code on the direction itself should have 0 across it.": codes
        @ torch.tensor([[cos, sin], [-sin, cos]]),
        "cos and sin take radians. Use math.radians.": codes
        @ torch.tensor([[math.cos(30), -math.sin(30)], [math.sin(30), math.cos(30)]]),
        "The second axis is reversed: that is a mirror image, not a rotation.": truth * torch.tensor([1.0, -1.0]),
        "The two columns are swapped: the distance along the direction comes first.": truth.flip(1),
        "That is the first column alone. Return both.": truth[:, 0],
        "That is one column per code. Return one row per code, (n, 2).": truth.T,
    }
    return fault(result(answer, codes, 30), truth, "The codes (1, 0), (0, 1), (2, −1) at 30 degrees", mistakes)


@check("return MIG from the table of information", "it says by how much the best code for each factor beats the second")
def mutual_information_gap(answer: Callable) -> str:
    """answer(information (codes, factors), entropy (factors,)) → mean of (largest − second) / H over factors."""
    information = torch.tensor([[2.0, 0.1], [0.5, 0.6], [0.3, 0.4]], dtype=torch.float64)
    entropy = torch.tensor([2.0, 1.0], dtype=torch.float64)
    top = information.sort(dim=0, descending=True)[0]
    by_code = information.sort(dim=1, descending=True)[0]
    gaps = (top[0] - top[1]) / entropy
    mistakes = {
        "The gap isn't divided by the factor's entropy.": (top[0] - top[1]).mean(),
        "That is the largest alone. Subtract the second largest.": (top[0] / entropy).mean(),
        "That subtracts the smallest instead of the second largest.": ((top[0] - top[-1]) / entropy).mean(),
        "That compares the factors of each code. Compare the codes of each factor, down the columns.": (
            by_code[:, 0] - by_code[:, 1]
        ).mean(),
        "That is one value per factor. Take the mean.": gaps,
        "The sign is wrong: the best code minus the second.": -gaps.mean(),
        "That is the gap between the two smallest. np.sort goes upwards, so the largest are at the end.": (
            (top[-2] - top[-1]) / entropy
        ).mean(),
        "That is the sum over the factors. Take the mean.": gaps.sum(),
    }
    case = "The information [[2, 0.1], [0.5, 0.6], [0.3, 0.4]] with entropies [2, 1]"
    return fault(result(answer, information.numpy(), entropy.numpy()), gaps.mean(), case, mistakes)
