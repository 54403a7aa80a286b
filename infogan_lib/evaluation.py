"""Numbers for InfoGAN's claims: how much a code says, which digit each category is, what each continuous code moves."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from scipy.stats import rankdata
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from torch import Tensor

from infogan_lib.models import evaluating
from infogan_lib.morphometry import Morphometry, measure
from infogan_lib.objectives import log_likelihoods

if TYPE_CHECKING:
    from infogan_lib.models import InfoGAN

CHUNK = 1000
MEASUREMENTS = tuple(field.name for field in dataclasses.fields(Morphometry))


@dataclass(frozen=True)
class Estimate:
    """A mean over independent draws and its standard error, in the same unit."""

    value: float
    standard_error: float


@torch.no_grad()
def bound(model: InfoGAN, n: int = 10_000, seed: int = 0) -> dict[str, Estimate]:
    """L_I of each code (equation 5) on n generated images, by running statistics, in nats, by `CodeSpec.names`.

    Args:
        model: On any device, in any mode.
        n: Independent draws of (z, c), at least 2.
        seed: Of the draws.

    Raises:
        ValueError: n below 2, which has no standard error.
    """
    if n < 2:
        raise ValueError(f"an estimate with a standard error needs at least 2 images, got n={n}")
    latents = model.codes.sample(n, torch.Generator().manual_seed(seed)).to(model.device)
    vectors = latents.vector(model.codes)
    parts = []
    with evaluating(model):
        for start in range(0, n, CHUNK):
            cut = slice(start, start + CHUNK)
            features = model.discriminator.trunk(model.generator(vectors[cut]))
            chunk = type(latents)(latents.categorical[cut], latents.continuous[cut], latents.noise[cut])
            parts.append(log_likelihoods(model.recognition(features), chunk))
    likelihoods = torch.cat(parts).double().cpu().numpy()
    values = likelihoods.mean(axis=0) + np.array(model.codes.entropies)
    errors = likelihoods.std(axis=0, ddof=1) / np.sqrt(n)
    return {name: Estimate(float(v), float(e)) for name, v, e in zip(model.codes.names, values, errors, strict=True)}


def information_on_real(probabilities: Tensor) -> float:
    """I(category; real image) by Q, in nats: H(mean of Q(c|x)) − mean of H(Q(c|x)) over real images. Needs no label.

    High only if Q is sure of each image and uses all categories alike. It ranks runs without looking at labels.

    Args:
        probabilities: (n, K), each row a distribution, as `InfoGAN.infer` gives.
    """
    p = probabilities.double()
    entropy = torch.special.entr(p).sum(dim=1).mean()
    return float(torch.special.entr(p.mean(dim=0)).sum() - entropy)


@dataclass(frozen=True)
class CategoryReport:
    """How well the categories, found without labels, agree with the classes of real images.

    Attributes:
        accuracy: One-to-one accuracy in [0, 1]: each category stands for one class, by the matching that agrees most
            (Kuhn's Hungarian method); paper, section 7.2.
        nmi: Normalised mutual information, arithmetic mean of the entropies below the line, in [0, 1].
        ari: Adjusted Rand index, 1 for perfect agreement and about 0 for none.
        confusion: (categories, classes) counts.
        class_of_category: For each category the class matched to it, or −1 if there are more categories than classes.
    """

    accuracy: float
    nmi: float
    ari: float
    confusion: np.ndarray
    class_of_category: tuple[int, ...]


def judge_categories(predicted: Tensor | np.ndarray, labels: Tensor | np.ndarray, categories: int) -> CategoryReport:
    """Compare predicted categories with labels.

    Args:
        predicted: (n,) integers in 0…categories−1.
        labels: (n,) integers from 0.
        categories: How many categories there are.

    Raises:
        ValueError: Lengths that differ, values outside their range, or fewer images than categories.
    """
    predicted, labels = np.asarray(predicted), np.asarray(labels)
    if predicted.ndim != 1 or predicted.shape != labels.shape:
        raise ValueError(f"one category and one label an image are needed, got {predicted.shape} and {labels.shape}")
    if len(predicted) < categories:
        raise ValueError(f"{len(predicted)} images are too few to tell {categories} categories apart")
    if predicted.min() < 0 or predicted.max() >= categories or labels.min() < 0:
        raise ValueError(f"categories must be in 0…{categories - 1} and labels at least 0")
    confusion = np.zeros((categories, int(labels.max()) + 1), dtype=np.int64)
    np.add.at(confusion, (predicted, labels), 1)
    rows, columns = linear_sum_assignment(-confusion)
    matched = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    return CategoryReport(
        accuracy=float(confusion[rows, columns].sum() / len(labels)),
        nmi=float(normalized_mutual_info_score(labels, predicted)),
        ari=float(adjusted_rand_score(labels, predicted)),
        confusion=confusion,
        class_of_category=tuple(matched.get(k, -1) for k in range(categories)),
    )


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's rank correlation of two (n,) arrays, over the pairs that are numbers; NaN if one is constant."""
    numbers = np.isfinite(a) & np.isfinite(b)
    if numbers.sum() < 3 or np.ptp(a[numbers]) == 0 or np.ptp(b[numbers]) == 0:
        return float("nan")
    return float(np.corrcoef(rankdata(a[numbers]), rankdata(b[numbers]))[0, 1])


def continuous_correlations(model: InfoGAN, per_category: int = 500, seed: int = 0) -> dict[str, dict[str, np.ndarray]]:
    """Spearman's correlation of each continuous code with each measurement of the image, within each category.

    The codes are drawn from −2…2, the range of the paper's figure 2, and z from its prior.

    Returns:
        By code and measurement (`MEASUREMENTS`), (categories,) correlations; one if the model has no categorical code.
    """
    codes = model.codes
    rows = codes.categorical[0] if codes.categorical else 1
    latents = codes.sample(rows * per_category, torch.Generator().manual_seed(seed))
    if codes.categorical:
        latents.categorical[:, 0] = torch.arange(rows).repeat_interleave(per_category)
    continuous = latents.continuous * 2
    images = model.generate(categorical=latents.categorical, continuous=continuous, noise=latents.noise)
    measured = dataclasses.asdict(measure(images.cpu()))
    groups = np.arange(rows * per_category).reshape(rows, per_category)
    return {
        f"c{j + 1}": {
            name: np.array([spearman(continuous[g, j].numpy(), values[g]) for g in groups])
            for name, values in measured.items()
        }
        for j in range(codes.continuous)
    }


def mean_strength(correlations: np.ndarray) -> float:
    """The mean of |correlation| over categories: a code may slant one digit left and another right. NaN if none is."""
    numbers = correlations[np.isfinite(correlations)]
    return float(np.abs(numbers).mean()) if len(numbers) else float("nan")
