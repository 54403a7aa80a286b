"""How much each code changes the picture, whatever the picture shows: this needs no data and no measurements of ink."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from infogan_lib.evaluation.information import Estimate

if TYPE_CHECKING:
    from infogan_lib.latents import CodeSpec, Latents
    from infogan_lib.models import InfoGAN

LEVELS = 255 / 2  # grey levels per unit of a pixel in [−1, 1]


def pixel_changes(model: InfoGAN, n: int = 500, seed: int = 0) -> dict[str, Estimate]:
    """How much pixels change when one code is drawn anew and all else stays: the mean |difference|, in grey levels.

    Args:
        model: Any InfoGAN.
        n: Pairs of images, at least 2.
        seed: For the draws.

    Returns:
        Estimates in 0…255 by the names of the codes, then ``noise``, and then ``everything``, which compares images
        that have nothing in common. If that is near 0, all images are alike.

    Raises:
        ValueError: There are fewer than 2 pairs.
    """
    if n < 2:
        raise ValueError(f"an estimate with a standard error needs at least 2 pairs of images, got n={n}")
    generator = torch.Generator().manual_seed(seed)
    first, second = (model.codes.sample(n, generator) for _ in range(2))
    images = model.generate_from(first)
    changed = {name: one_changed(model.codes, first, second, i) for i, name in enumerate(model.codes.names)}
    changed |= {"noise": dataclasses.replace(first, noise=second.noise), "everything": second}
    return {name: difference(images, model.generate_from(latents)) for name, latents in changed.items()}


def one_changed(codes: CodeSpec, first: Latents, second: Latents, code: int) -> Latents:
    """The first latents with one code of the second; a category that is the same in both becomes the next one."""
    categorical, continuous = first.categorical.clone(), first.continuous.clone()
    j = code - len(codes.categorical)
    if j >= 0:
        continuous[:, j] = second.continuous[:, j]
    else:
        same = categorical[:, code] == second.categorical[:, code]
        categorical[:, code] = (second.categorical[:, code] + same) % codes.categorical[code]
    return dataclasses.replace(first, categorical=categorical, continuous=continuous)


def difference(images: Tensor, others: Tensor) -> Estimate:
    """The mean |difference| of the pixels of two batches, with its standard error over the pairs."""
    each = (images - others).abs().flatten(1).mean(1).double() * LEVELS
    return Estimate(float(each.mean()), float(each.std() / len(each) ** 0.5))
