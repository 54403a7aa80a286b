"""What the codes do: which class each category agrees with, and what each continuous code changes in the image.

The module `sample_quality` has what a classifier sees in generated images.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score, confusion_matrix, normalized_mutual_info_score
from torch import Tensor

from infogan_lib.evaluation.morphometry import Morphometry, measure
from infogan_lib.latents import TRAVERSAL_RANGE

if TYPE_CHECKING:
    from infogan_lib.latents import CodeSpec, Latents
    from infogan_lib.models import InfoGAN

AGREEMENT = 0.5  # share of the images that must agree before a category is called by a class
PART = 0.25  # share of a category's images, or of a class's, that is worth mentioning
MEASUREMENTS = tuple(field.name for field in dataclasses.fields(Morphometry))


@dataclass(frozen=True)
class CategoryReport:
    """How well the categories, which were found without labels, agree with the classes of real images.

    Attributes:
        accuracy: One-to-one accuracy in [0, 1] (paper, section 7.2). Each category stands for at most one class and
            each class for one category, matched so that most images agree (Kuhn's Hungarian method).
        accuracy_standard_error: Binomial, for n images drawn at random. Seeds of the training vary far more.
        nmi: Normalised mutual information in [0, 1], divided by the arithmetic mean of the two entropies.
        ari: Adjusted Rand index: 1 for perfect agreement, about 0 for none.
        confusion: (categories, classes) counts.
        class_of_category: For each category the class matched to it, or −1 if there are more categories than classes.
        named: For each category the class that it may be called by, or None: the matched class, if at least half of the
            category's images, and half of all images, agree with the matching. So neither a plain GAN's categories get
            names, nor those of a model of other images.
        mixed: Each category of which at least two classes make up a quarter each, with these classes.
        split: Each class of which at least two categories have a quarter each, with these categories.
    """

    accuracy: float
    accuracy_standard_error: float
    nmi: float
    ari: float
    confusion: np.ndarray
    class_of_category: tuple[int, ...]
    named: tuple[int | None, ...]
    mixed: list[tuple[int, list[int]]]
    split: list[tuple[int, list[int]]]


def judge_categories(predicted: Tensor | np.ndarray, labels: Tensor | np.ndarray, categories: int) -> CategoryReport:
    """Compare predicted categories with labels.

    Args:
        predicted: (n,) integers in 0…categories−1.
        labels: (n,) integers from 0.
        categories: How many categories there are.

    Raises:
        ValueError: The lengths differ, values aren't integers or are out of range, or there are fewer images than
            categories.
    """
    predicted, labels = np.asarray(predicted), np.asarray(labels)
    check_categories(predicted, labels, categories)
    confusion = contingency(predicted, labels, categories, int(labels.max()) + 1)
    rows, columns = linear_sum_assignment(confusion, maximize=True)
    matched = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    accuracy = float(confusion[rows, columns].sum() / len(labels))
    classes = [matched.get(k, -1) for k in range(categories)]
    agreeing = [d >= 0 and row[d] >= AGREEMENT * max(1, row.sum()) for d, row in zip(classes, confusion, strict=True)]
    return CategoryReport(
        accuracy=accuracy,
        accuracy_standard_error=float(np.sqrt(accuracy * (1 - accuracy) / len(labels))),
        nmi=float(normalized_mutual_info_score(labels, predicted)),
        ari=float(adjusted_rand_score(labels, predicted)),
        confusion=confusion,
        class_of_category=tuple(classes),
        named=tuple(d if sure and accuracy >= AGREEMENT else None for d, sure in zip(classes, agreeing, strict=True)),
        mixed=large_shares(confusion),
        split=large_shares(confusion.T),
    )


def large_shares(counts: np.ndarray) -> list[tuple[int, list[int]]]:
    """The rows of (n, m) counts in which several columns have at least the share `PART`, with these columns."""
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    found = [(k, np.flatnonzero(row >= PART).tolist()) for k, row in enumerate(shares)]
    return [(k, columns) for k, columns in found if len(columns) > 1]


def check_categories(predicted: np.ndarray, labels: np.ndarray, categories: int) -> None:
    """Raise ValueError unless the arguments are as `judge_categories` describes them."""
    if not (np.issubdtype(predicted.dtype, np.integer) and np.issubdtype(labels.dtype, np.integer)):
        raise ValueError(f"categories are {predicted.dtype} and labels {labels.dtype}: expected integers from 0")
    if predicted.ndim != 1 or predicted.shape != labels.shape:
        raise ValueError(f"expected one category and one label per image, got {predicted.shape} and {labels.shape}")
    if len(predicted) < categories:
        raise ValueError(f"{len(predicted)} images are too few to distinguish {categories} categories")
    if predicted.min() < 0 or predicted.max() >= categories or labels.min() < 0:
        raise ValueError(f"categories must be in 0…{categories - 1} and labels at least 0")


def contingency(first: np.ndarray, second: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """How often each pair of values of two (n,) arrays occurs together → (rows, columns) of int64."""
    return confusion_matrix(first, second, labels=range(max(rows, columns)))[:rows, :columns]


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's rank correlation of two (n,) arrays, over the pairs in which both are finite.

    NaN if there are fewer than 3 such pairs, or if one array is constant over them.

    Raises:
        ValueError: The arrays aren't one-dimensional or differ in length.
    """
    from scipy.stats import spearmanr

    if np.ndim(a) != 1 or np.shape(a) != np.shape(b):
        raise ValueError(f"a rank correlation needs two lists of equal length, got {np.shape(a)} and {np.shape(b)}")
    finite = np.isfinite(a) & np.isfinite(b)
    if finite.sum() < 3 or np.ptp(a[finite]) == 0 or np.ptp(b[finite]) == 0:
        return float("nan")
    return float(spearmanr(a[finite], b[finite]).statistic)


def continuous_correlations(model: InfoGAN, per_category: int = 500, seed: int = 0) -> dict[str, dict[str, np.ndarray]]:
    """Spearman's correlation of each continuous code with each measurement of the image, within each category.

    The codes are drawn from −2…2, the range of the paper's figure 2, and z from its prior.

    Args:
        model: One that draws single-channel images.
        per_category: Images to measure in each category, at least 4.
        seed: For the draws.

    Returns:
        By code and measurement (`MEASUREMENTS`), (categories,) correlations; a single one if the model has no
        categorical code. NaN where a measurement is constant or can't be made, as on constant images.

    Raises:
        ValueError: There are too few images, or they have more than one channel.
    """
    if per_category < 4:
        raise ValueError(f"a rank correlation needs at least 4 images in each category, got {per_category}")
    latents = each_category(model.codes, per_category, seed)
    latents = dataclasses.replace(latents, continuous=latents.continuous * TRAVERSAL_RANGE)
    measured = dataclasses.asdict(measure(model.generate_from(latents).cpu()))
    groups = np.arange(len(latents)).reshape(-1, per_category)
    return {
        f"c{j + 1}": {
            name: np.array([spearman(latents.continuous[g, j].numpy(), values[g]) for g in groups])
            for name, values in measured.items()
        }
        for j in range(model.codes.continuous)
    }


def each_category(codes: CodeSpec, per_category: int, seed: int) -> Latents:
    """Draws from the prior with the first categorical code in order: `per_category` of category 0, then of 1, ….

    Without categorical codes there are `per_category` draws.
    """
    rows = codes.categorical[0] if codes.categorical else 1
    latents = codes.sample(rows * per_category, torch.Generator().manual_seed(seed))
    if codes.categorical:
        latents.categorical[:, 0] = torch.arange(rows).repeat_interleave(per_category)
    return latents


def mean_strength(correlations: np.ndarray) -> float:
    """The mean of |correlation| over categories, NaN left out; NaN if none is a number.

    Signs don't count, because a code may slant one digit to the left and another to the right.
    """
    numbers = correlations[np.isfinite(correlations)]
    return float(np.abs(numbers).mean()) if len(numbers) else float("nan")


def correlation_error(correlations: np.ndarray, n: int) -> np.ndarray:
    """Standard errors of Spearman correlations of n ≥ 4 pairs each (Bonett and Wright 2000, by Fisher's z)."""
    return (1 - correlations**2) * np.sqrt((1 + correlations**2 / 2) / (n - 3))


def sign_consistency(correlations: np.ndarray) -> float:
    """The share of categories whose correlation has the more common sign, 0.5…1; NaN if none is a number.

    Together with a high `mean_strength`, 1 means that the code does the same in every category.
    """
    numbers = correlations[np.isfinite(correlations)]
    return float(max(np.mean(numbers > 0), np.mean(numbers < 0))) if len(numbers) else float("nan")
