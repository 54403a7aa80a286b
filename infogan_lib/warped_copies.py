"""What Q has to read on a warped copy of a picture: the category as before, c1 and c2 moved by what the warp did."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from infogan_lib.models import InfoGAN
from infogan_lib.objectives import Posterior, gaussian_log_density
from infogan_lib.warps import code_shifts, warp

SURE = 0.95  # a category of Q's own is held to only where Q gave it more than this (FixMatch, Sohn et al. 2020)


def read_copy(model: InfoGAN, images: Tensor, matrices: Tensor) -> Posterior:
    """Q(c|w(x)) for images (n, channels, height, width) warped by matrices (n, 2, 3)."""
    return model.recognition(model.discriminator.trunk(warp(images, matrices)))


def followed(copy: Posterior, continuous: Tensor, matrices: Tensor) -> Tensor:
    """How well Q read c1 and c2 as moved by the warp: mean of log Q(c + δ(w)|w(x)), in nats.

    Args:
        copy: Q's reading of n warped images.
        continuous: (n, at least 2), the codes of the images before the warp.
        matrices: (n, 2, 3), the warps.
    """
    moved = continuous[:, :2] + code_shifts(matrices)
    return gaussian_log_density(moved, copy.mean[:, :2], copy.log_std[:, :2]).sum(dim=1).mean()


def agreed(own: Posterior, copy: Posterior, matrices: Tensor) -> Tensor:
    """How well Q's reading of n warped real images follows its own reading of the images, in nats.

    For a real image nobody knows the codes: what Q read before the warp stands for them, the categories only where Q
    was surer of them than SURE. No gradient may lead to `own`.
    """
    total = followed(copy, own.mean, matrices)
    for before, after in zip(own.logits, copy.logits, strict=True):
        probability, category = before.softmax(dim=1).max(dim=1)
        kept = -F.cross_entropy(after, category, reduction="none")
        total = total + torch.where(probability > SURE, kept, 0.0).mean()
    return total
