"""Numbers for InfoGAN's claims: how much a code says, which digit each category is, what each continuous code moves.

How real the images look, and which digit a classifier sees in them, is in `infogan_lib.evaluation.sample_quality`.
"""

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

from infogan_lib.evaluation.morphometry import Morphometry, measure
from infogan_lib.models import FORWARD_IMAGES
from infogan_lib.modes import evaluating
from infogan_lib.objectives import log_likelihoods

if TYPE_CHECKING:
    from infogan_lib.models import InfoGAN

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
        for start in range(0, n, FORWARD_IMAGES):
            cut = slice(start, start + FORWARD_IMAGES)
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

    Raises:
        ValueError: No rows, or rows that aren't distributions.
    """
    p = probabilities.double()
    if p.ndim != 2 or not len(p) or not ((p >= 0).all() and (p.sum(dim=1) - 1).abs().max() < 1e-3):
        raise ValueError(f"probabilities have shape {tuple(p.shape)}: expected (n, K), rows ≥ 0 that add up to 1")
    entropy = torch.special.entr(p).sum(dim=1).mean()
    return float(torch.special.entr(p.mean(dim=0)).sum() - entropy)


@dataclass(frozen=True)
class CategoryReport:
    """How well the categories, found without labels, agree with the classes of real images.

    Attributes:
        accuracy: One-to-one accuracy in [0, 1]: each category stands for one class, by the matching that agrees most
            (Kuhn's Hungarian method); paper, section 7.2.
        accuracy_standard_error: Binomial, of n images drawn at random; the model itself, one seed, varies far more.
        nmi: Normalised mutual information, arithmetic mean of the entropies below the line, in [0, 1].
        ari: Adjusted Rand index, 1 for perfect agreement and about 0 for none.
        confusion: (categories, classes) counts.
        class_of_category: For each category the class matched to it, or −1 if there are more categories than classes.
    """

    accuracy: float
    accuracy_standard_error: float
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
        ValueError: Lengths that differ, no integers, values outside their range, or fewer images than categories.
    """
    predicted, labels = np.asarray(predicted), np.asarray(labels)
    if not (np.issubdtype(predicted.dtype, np.integer) and np.issubdtype(labels.dtype, np.integer)):
        raise ValueError(f"categories are {predicted.dtype} and labels {labels.dtype}: expected integers from 0")
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
    accuracy = float(confusion[rows, columns].sum() / len(labels))
    return CategoryReport(
        accuracy=accuracy,
        accuracy_standard_error=float(np.sqrt(accuracy * (1 - accuracy) / len(labels))),
        nmi=float(normalized_mutual_info_score(labels, predicted)),
        ari=float(adjusted_rand_score(labels, predicted)),
        confusion=confusion,
        class_of_category=tuple(matched.get(k, -1) for k in range(categories)),
    )


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's rank correlation of two (n,) arrays, over the pairs that are numbers.

    NaN if fewer than 3 pairs are numbers, or one side of them is constant.

    Raises:
        ValueError: Arrays of other shapes.
    """
    if np.ndim(a) != 1 or np.shape(a) != np.shape(b):
        raise ValueError(f"a rank correlation needs two lists of one length, got {np.shape(a)} and {np.shape(b)}")
    numbers = np.isfinite(a) & np.isfinite(b)
    if numbers.sum() < 3 or np.ptp(a[numbers]) == 0 or np.ptp(b[numbers]) == 0:
        return float("nan")
    return float(np.corrcoef(rankdata(a[numbers]), rankdata(b[numbers]))[0, 1])


def continuous_correlations(model: InfoGAN, per_category: int = 500, seed: int = 0) -> dict[str, dict[str, np.ndarray]]:
    """Spearman's correlation of each continuous code with each measurement of the image, within each category.

    The codes are drawn from −2…2, the range of the paper's figure 2, and z from its prior.

    Args:
        model: One that draws single-channel images.
        per_category: Images measured in each category, at least 4.
        seed: Of the draws.

    Returns:
        By code and measurement (`MEASUREMENTS`), (categories,) correlations; one if the model has no categorical code.
        NaN where a measurement doesn't change or can't be had, as of constant images.

    Raises:
        ValueError: Too few images, or images that have no one grey channel.
    """
    if per_category < 4:
        raise ValueError(f"a rank correlation needs at least 4 images in each category, got {per_category}")
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


def correlation_error(correlations: np.ndarray, n: int) -> np.ndarray:
    """Standard errors of Spearman correlations, each of n pairs, n ≥ 4 (Bonett and Wright 2000, by Fisher's z)."""
    return (1 - correlations**2) * np.sqrt((1 + correlations**2 / 2) / (n - 3))


def sign_consistency(correlations: np.ndarray) -> float:
    """Share of categories in which the correlation has its commoner sign, 0.5…1; NaN if none is a number.

    1 says that the code does the same in every category, which `mean_strength` doesn't.
    """
    numbers = correlations[np.isfinite(correlations)]
    return float(max(np.mean(numbers > 0), np.mean(numbers < 0))) if len(numbers) else float("nan")


def glyph_scores(model: InfoGAN, n: int = 5000, seed: int = 0) -> dict[str, float]:
    """Scores of disentanglement of what Q says of n `glyphs`: printed digits whose factors are known.

    The factors are digit, slant, width and thickness; the font is a nuisance, drawn at random and not asked for. The
    codes are the likeliest category and the means of the continuous codes. A model of MNIST has never seen print: its
    scores say how far its codes carry over, too, and can't be compared with those of a model trained on glyphs.

    Args:
        model: One of 28×28 images with at least two codes.
        n: Glyphs; a thousand at least, for the rarest factor level needs some.
        seed: Of the glyphs and the scores.

    Returns:
        As `disentanglement.all_scores`. DCI's importances come from a random forest, one of its paper's choices, for
        the reference's boosted trees take ten times as long; scores by different predictors can't be compared.

    Raises:
        ValueError: Too few glyphs or codes, or images of another shape.
    """
    from sklearn.ensemble import RandomForestClassifier

    from infogan_lib import data
    from infogan_lib.data import glyphs
    from infogan_lib.evaluation.codes import disentanglement

    drawn = glyphs.sample_glyphs(n, seed)
    inferred = model.infer(data.to_float(torch.from_numpy(drawn.images)))
    categories = [p.argmax(1, keepdim=True) for p in inferred.categorical]
    codes = torch.cat([*categories, inferred.continuous_mean], dim=1).cpu().numpy()
    forest = RandomForestClassifier(50, min_samples_leaf=10, max_features=None)
    continuous = [name != "digit" for name in glyphs.SCORED]
    return disentanglement.all_scores(codes, drawn.factors[:, : len(continuous)], continuous, forest, seed)
