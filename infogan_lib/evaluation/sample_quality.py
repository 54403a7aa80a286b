"""What a classifier of real digits sees in generated images: how real they look, and whether a code changes the digit.

The classifier (`evaluation.classifier`) was trained with labels, for measuring only. No InfoGAN learns from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from infogan_lib.evaluation.classifier import DIGIT_SHAPE, Classifier
from infogan_lib.evaluation.codes import contingency, each_category
from infogan_lib.evaluation.information import Estimate
from infogan_lib.latents import TRAVERSAL_RANGE, traverse
from infogan_lib.models import FORWARD_IMAGES, check_images

if TYPE_CHECKING:
    from infogan_lib.models import InfoGAN

# By NumPy, because the middle value of torch.linspace isn't exactly 0
CODE_VALUES = torch.from_numpy(np.linspace(-TRAVERSAL_RANGE, TRAVERSAL_RANGE, 11))


@dataclass(frozen=True)
class FrechetDistance:
    """Fréchet distances between the classifier's features of two sets of images: 0 if they have the same statistics.

    Attributes:
        generated: Generated against real images. The mean of two distances, each to another half of the real images,
            and its standard error, which is only rough because it comes from two values.
        real_against_real: Between the two halves: what perfect samples would reach with as many images.
        n: Images on each side. The distance falls as n grows, so only compare values with the same n.
    """

    generated: Estimate
    real_against_real: float
    n: int


def frechet_distance(model: InfoGAN, real: Tensor, classifier: Classifier, seed: int = 0) -> FrechetDistance:
    """FID (Heusel et al. 2017, arXiv 1706.08500, equation 6) with the classifier's 64 features instead of Inception's.

    Values of other features, such as published FIDs, can't be compared with these. Pass MNIST's test set as `real`: the
    shipped classifier was trained on the training set, which includes mnist-5k.

    Args:
        model: It draws the images to compare from its prior.
        real: (2n, 1, 28, 28), or one more, in [−1, 1]. They are split at random, because MNIST's test set is ordered.
        classifier: It computes the features.
        seed: For the split and the draws.

    Raises:
        ValueError: The images have another shape, dtype or range, or half of them aren't more than there are features,
            so that the covariance wouldn't have full rank.
    """
    check_images(real, DIGIT_SHAPE)
    n, features = len(real) // 2, classifier.features.num_features
    if n <= features:
        raise ValueError(f"{len(real)} real images are too few: each half needs more than the {features} features")
    order = torch.randperm(len(real), generator=torch.Generator().manual_seed(seed))
    halves = real[order[:n]], real[order[n : 2 * n]]
    fakes = model.generate(2 * n, seed=seed).split(n)
    a, b = (distance(classifier, fake, half) for fake, half in zip(fakes, halves, strict=True))
    return FrechetDistance(Estimate((a + b) / 2, abs(a - b) / 2), distance(classifier, *halves), n)


def distance(classifier: Classifier, images: Tensor, others: Tensor) -> float:
    """The Fréchet distance between the features of two sets of images in [−1, 1], in eval mode."""
    from torchmetrics.image.fid import FrechetInceptionDistance

    metric = FrechetInceptionDistance(classifier.features.eval())
    for real, collection in ((False, images), (True, others)):
        for chunk in collection.split(FORWARD_IMAGES):
            metric.update(chunk.float().cpu(), real=real)
    return float(metric.compute())


def seen_classes(model: InfoGAN, classifier: Classifier, per_category: int = 500, seed: int = 0) -> np.ndarray:
    """How often the classifier sees each class in the images of each category; all else is drawn from the prior.

    Returns:
        (categories, classes) counts; one row if the model has no categorical code.

    Raises:
        ValueError: There is less than one image per category, or the model's images don't fit the classifier.
    """
    if per_category < 1:
        raise ValueError(f"each category needs at least 1 image, got {per_category}")
    latents = each_category(model.codes, per_category, seed)
    seen = classifier.classify(model.generate_from(latents)).numpy()
    categories = np.arange(len(latents)) // per_category
    return contingency(categories, seen, len(latents) // per_category, classifier.head.out_features)


def traversal_images(model: InfoGAN, code: int, styles: int, values: Tensor, seed: int = 0) -> Tensor:
    """Images in which one continuous code takes each of `values`, in every category, for several random styles.

    Args:
        model: Any InfoGAN with continuous codes.
        code: 0 for c1.
        styles: How many draws of z and the other codes. Each style is the same in all categories.
        values: (V,) values of the code.
        seed: For the styles.

    Returns:
        (styles, categories, V, channels, height, width) in [−1, 1], on the CPU.

    Raises:
        ValueError: The code doesn't exist, or there are no styles.
    """
    if not 0 <= code < model.codes.continuous or styles < 1:
        raise ValueError(f"no code c{code + 1} in {model.codes.names}, or {styles} styles: expected at least 1")
    drawn = model.codes.sample(styles, torch.Generator().manual_seed(seed))
    cells = [traverse(model.codes, code, values, drawn[i : i + 1]) for i in range(styles)]
    grids = torch.stack([model.generate_from(grid).cpu() for grid in cells])  # (styles, categories·V, …)
    return grids.unflatten(1, (-1, len(values)))


@dataclass(frozen=True)
class Leakage:
    """How often a continuous code, which should only change the style, changes the digit that the classifier sees.

    In a row, the code goes from −2 to 2 while the category, z and the other codes stay the same. The digit of a row is
    the one seen where the code is 0.

    Attributes:
        rows: The share of rows in which another digit is seen anywhere. The standard error is over styles.
        cells: The share of images in which another digit is seen, not counting those at 0.
        values: The code's values along a row.
        by_value: The share of rows with another digit at each of the values. Training drew only from −1…1.
        styles: The number of styles.
    """

    rows: Estimate
    cells: Estimate
    values: tuple[float, ...]
    by_value: tuple[float, ...]
    styles: int


def leakage(model: InfoGAN, classifier: Classifier, styles: int = 50, seed: int = 0) -> dict[str, Leakage]:
    """`Leakage` of each continuous code, by ``c1``, ``c2``, …

    The classifier contributes to it: on odd-looking images, its answer may change although the digit doesn't.

    Raises:
        ValueError: There are fewer than 2 styles, or the model's images don't fit the classifier.
    """
    if styles < 2:
        raise ValueError(f"leakage with a standard error needs at least 2 styles, got {styles}")
    result = {}
    for j in range(model.codes.continuous):
        images = traversal_images(model, j, styles, CODE_VALUES, seed)
        seen = classifier.classify(images.flatten(0, 2)).view(images.shape[:3]).numpy()
        changed = seen != seen[:, :, [len(CODE_VALUES) // 2]]  # (styles, categories, V)
        rows, cells = changed.any(2).mean(1), changed.sum(2).mean(1) / (len(CODE_VALUES) - 1)
        by_value = tuple(changed.mean((0, 1)).tolist())
        result[f"c{j + 1}"] = Leakage(mean(rows), mean(cells), tuple(CODE_VALUES.tolist()), by_value, styles)
    return result


def mean(values: np.ndarray) -> Estimate:
    """The mean of (n ≥ 2,) independent values, with its standard error."""
    return Estimate(float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values))))
