"""What a classifier of real images sees in generated ones: how real they look, and whether a code changes the digit.

The classifier (`evaluation.classifier`) was trained with labels, for measuring only; no InfoGAN learns from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from infogan_lib.evaluation.classifier import IMAGE_SHAPE, Classifier
from infogan_lib.evaluation.codes import Estimate
from infogan_lib.latents import TRAVERSAL_RANGE, Latents, traverse
from infogan_lib.models import FORWARD_IMAGES, check_images

if TYPE_CHECKING:
    from infogan_lib.models import InfoGAN

COLUMNS = 11  # values of a code in a sweep from −2 to 2, 0 among them


@dataclass(frozen=True)
class FrechetDistance:
    """Fréchet distances between the classifier's features of n images and of n others; lower is more alike, 0 the same.

    Attributes:
        generated: Generated against real images: the mean of two distances, each to another half of the real images,
            and the standard error of that mean, which two values tell only roughly.
        real_against_real: Between the two halves: what perfect samples would reach with as many images.
        n: Images on each side. The distance falls as n grows, so compare only values of the same n.
    """

    generated: Estimate
    real_against_real: float
    n: int


def frechet_distance(model: InfoGAN, real: Tensor, classifier: Classifier, seed: int = 0) -> FrechetDistance:
    """FID (Heusel et al. 2017, arXiv 1706.08500, equation 6) with the classifier's 64 features instead of Inception's.

    Values can't be compared with those of other networks' features, such as published FIDs. `real` had better be the
    test part of MNIST: the shipped classifier was trained on the training part, of which mnist-5k is a piece.

    Args:
        model: Draws images for the comparison from its prior.
        real: (2n, 1, 28, 28) or one more, in [−1, 1]; they are split at random, for MNIST's test part is in an order.
        classifier: Gives the features.
        seed: Of the split and the draws.

    Raises:
        ValueError: Images of another shape, dtype or range, or no more in a half than there are features, which leaves
            the covariance without full rank.
    """
    check_images(real, IMAGE_SHAPE)
    n, features = len(real) // 2, classifier.features.num_features
    if n <= features:
        raise ValueError(f"{len(real)} real images are too few: each half needs more than the {features} features")
    order = torch.randperm(len(real), generator=torch.Generator().manual_seed(seed))
    halves = real[order[:n]], real[order[n : 2 * n]]
    fakes = model.generate(2 * n, seed=seed).split(n)
    a, b = (distance(classifier, fake, half) for fake, half in zip(fakes, halves, strict=True))
    return FrechetDistance(Estimate((a + b) / 2, abs(a - b) / 2), distance(classifier, *halves), n)


def distance(classifier: Classifier, images: Tensor, others: Tensor) -> float:
    """The Fréchet distance of the features of two sets of images in [−1, 1], in eval mode."""
    from torchmetrics.image.fid import FrechetInceptionDistance

    metric = FrechetInceptionDistance(classifier.features.eval())
    for real, collection in ((False, images), (True, others)):
        for chunk in collection.split(FORWARD_IMAGES):
            metric.update(chunk.float().cpu(), real=real)
    return float(metric.compute())


def seen_classes(model: InfoGAN, classifier: Classifier, per_category: int = 500, seed: int = 0) -> np.ndarray:
    """How often the classifier sees each class in images of each category, codes drawn from the prior.

    Returns:
        (categories, classes) counts; one row if the model has no categorical code.

    Raises:
        ValueError: Fewer than one image a category, or a model of images that the classifier doesn't take.
    """
    if per_category < 1:
        raise ValueError(f"at least 1 image is needed in each category, got {per_category}")
    rows = model.codes.categorical[0] if model.codes.categorical else 1
    latents = model.codes.sample(rows * per_category, torch.Generator().manual_seed(seed))
    categories = torch.arange(rows).repeat_interleave(per_category)
    if model.codes.categorical:
        latents.categorical[:, 0] = categories
    counts = np.zeros((rows, classifier.head.out_features), dtype=np.int64)
    np.add.at(counts, (categories.numpy(), classifier.classify(draw(model, latents)).numpy()), 1)
    return counts


def draw(model: InfoGAN, latents: Latents) -> Tensor:
    """The images of these latents → (n, channels, height, width) on the CPU."""
    images = model.generate(categorical=latents.categorical, continuous=latents.continuous, noise=latents.noise)
    return images.cpu()


def sweep(model: InfoGAN, code: int, styles: int, values: Tensor, seed: int = 0) -> Tensor:
    """Move one continuous code over `values` in every category, for several styles: z and the other codes, at random.

    Args:
        model: Any with continuous codes.
        code: 0 for c1.
        styles: How many; each is the same in all categories.
        values: (V,) values of the code.
        seed: Of the styles.

    Returns:
        (styles, categories, V, channels, height, width) in [−1, 1], on the CPU.

    Raises:
        ValueError: No such code, or no styles.
    """
    if not 0 <= code < model.codes.continuous or styles < 1:
        raise ValueError(f"no code c{code + 1} in {model.codes.names}, or {styles} styles: expected at least 1")
    prior = model.codes.sample(styles, torch.Generator().manual_seed(seed))
    grids = [
        draw(model, traverse(model.codes, code, values, Latents(*parts)))
        for parts in zip(prior.categorical.split(1), prior.continuous.split(1), prior.noise.split(1), strict=True)
    ]
    return torch.stack(grids).unflatten(1, (-1, len(values)))


@dataclass(frozen=True)
class Leakage:
    """How often a continuous code that should only change the style changes the digit, by the classifier's eyes.

    A row is one style (z and the other codes) in one category, with the code at −2…2; its digit is the one seen at 0.

    Attributes:
        rows: Share of rows in which another digit is seen anywhere; the standard error is over styles.
        cells: Share of the images beside those at 0 in which another digit is seen than at 0.
        values: The code's values along a row.
        by_value: Share of rows with another digit at each of them. Training drew the code from −1…1 only.
        styles: How many styles.
    """

    rows: Estimate
    cells: Estimate
    values: tuple[float, ...]
    by_value: tuple[float, ...]
    styles: int


def leakage(
    model: InfoGAN, classifier: Classifier, styles: int = 50, columns: int = COLUMNS, seed: int = 0
) -> dict[str, Leakage]:
    """`Leakage` of each continuous code, by ``c1``, ``c2``, …

    Some of it is the classifier's own doubt: it sees another digit too where no code moved but the image is odd.

    Raises:
        ValueError: Fewer than 2 styles, an even number of columns, which has none at 0, or a model of images that the
            classifier doesn't take.
    """
    if styles < 2 or columns < 3 or columns % 2 == 0:
        raise ValueError(f"leakage needs at least 2 styles and an odd number of columns ≥ 3, got {styles}, {columns}")
    values = code_values(columns)
    result = {}
    for j in range(model.codes.continuous):
        images = sweep(model, j, styles, values, seed)
        seen = classifier.classify(images.flatten(0, 2)).view(images.shape[:3]).numpy()
        changed = seen != seen[:, :, [columns // 2]]  # (styles, categories, columns)
        rows, cells = changed.any(2).mean(1), changed.sum(2).mean(1) / (columns - 1)
        by_value = tuple(changed.mean((0, 1)).tolist())
        result[f"c{j + 1}"] = Leakage(mean(rows), mean(cells), tuple(values.tolist()), by_value, styles)
    return result


def code_values(columns: int = COLUMNS) -> Tensor:
    """Values from −2 to 2 → (columns,), float64, for in float32 the one in the middle isn't exactly 0."""
    return torch.linspace(-TRAVERSAL_RANGE, TRAVERSAL_RANGE, columns, dtype=torch.float64)


def mean(values: np.ndarray) -> Estimate:
    """The mean of independent (n ≥ 2,) values with its standard error."""
    return Estimate(float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values))))
